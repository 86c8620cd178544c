"""`make colab`: notebooks that install the course where it is missing, and do nothing where it is."""

import ast
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tools import try_colab, try_wheel

ROOT = Path(__file__).parents[2]
STORED = sorted((ROOT / "notebooks").glob("*.ipynb"))
needs_hatchling = pytest.mark.skipif(not importlib.util.find_spec("hatchling"), reason="hatchling is not installed")
needs_links = pytest.mark.skipif(os.name == "nt", reason="the place is made of symbolic links")


def export(folder, *options):
    command = [sys.executable, "-m", "tools.colab", *options, "--to", str(folder)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8")


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("colab")
    assert export(folder, "owner/na.me").returncode == 0
    return folder


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
def test_a_notebook_gets_badges_and_one_cell_and_is_else_as_it_was(path, exported):
    stored, written = nbformat.read(path, 4), nbformat.read(exported / path.name, 4)
    nbformat.validate(written)
    head, install, *others = written.cells
    place = f"github/owner/na.me/blob/colab/{path.name}"
    assert f"colab-badge.svg)](https://colab.research.google.com/{place})" in head.source
    assert f"src=https://github.com/owner/na.me/blob/colab/{path.name})" in head.source
    assert head.source.startswith(stored.cells[0].source.partition("](")[0])
    assert [cell.id for cell in others] == [cell.id for cell in stored.cells[1:]]
    assert [c.source for c in others if c.cell_type == "code"] == [
        c.source for c in stored.cells if c.cell_type == "code"
    ]
    assert [c.metadata for c in others] == [c.metadata for c in stored.cells[1:]]
    assert not any("](" + other.name in cell.source for other in STORED for cell in written.cells), (
        "a link into nowhere"
    )
    *_, guard = ast.parse(install.source).body
    assert isinstance(guard, ast.If), "all that installs is guarded"
    assert ast.unparse(guard.test) == "importlib.util.find_spec('unrolled') is None"
    assert '"--depth", "1"' in install.source
    assert not any(word in install.source for word in ("drive", "rmtree", "rm -", "shell=True"))


def test_the_repository_itself_has_no_badge():
    """Its address is not known in it."""
    assert not [path.name for path in (*STORED, ROOT / "README.md") if "colab-badge" in path.read_text("utf-8")]


@pytest.mark.parametrize("repository", ["name", "https://github.com/owner/name", "owner/name/more", "owner name/x"])
def test_a_repository_is_owner_and_name(repository, tmp_path):
    done = export(tmp_path, repository)
    assert done.returncode == 2
    assert f"repository must be owner/name, got {repository!r}" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """An environment without the course."""
    return try_colab.Place(tmp_path_factory.mktemp("place").resolve())


@pytest.mark.slow
@needs_hatchling
@needs_links
def test_from_a_wheel_a_notebook_runs_where_the_course_is_missing_and_where_it_is(place, tmp_path):
    wheel = try_wheel.build(tmp_path / "wheel")
    assert export(tmp_path / "colab", "owner/name", "--wheel", str(wheel)).returncode == 0
    try_colab.run_twice(place, tmp_path / "colab" / "00_start_here.ipynb", wheel.unlink)
    ran = nbformat.read(place.folder / "executed" / "00_start_here.ipynb", 4)
    assert ran.cells[1].outputs == [], "where the course is, the cell does and says nothing"


@pytest.mark.slow
@needs_hatchling
@needs_links
@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="no checkout by Git, of which there could be a clone")
def test_from_the_repository_it_is_cloned_and_installed(place, exported, tmp_path):
    """GitHub's address is turned to this checkout: nothing is fetched."""
    place.forget()
    cell = nbformat.read(exported / "00_start_here.ipynb", 4).cells[1].source
    here = {
        "GIT_CONFIG_KEY_0": f"url.{ROOT.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.com/owner/na.me",
    }
    more = {"GIT_CONFIG_KEY_1": "safe.directory", "GIT_CONFIG_VALUE_1": "*", "GIT_CONFIG_COUNT": "2"}
    place.run("-c", cell, TMPDIR=str(tmp_path), **here, **more)
    assert place.has_the_course()
    assert list(tmp_path.iterdir()) == [], "the clone does not stay"
    place.run("-c", cell, PATH="")  # no git, nothing to clone: and nothing to do
