"""What no file may hold: a machine's path, an index's address, a figure that was not checked, a test left out."""

import os
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOT_OURS = {"build", "korean", "dist", "__pycache__", "node_modules"}  # as in .gitignore
HIDDEN = {".ci", ".devcontainer", ".github", ".gitignore", ".gitattributes"}  # the hidden ones that are ours
FORBIDDEN = {
    # The letters in brackets keep this file from matching itself.
    "a machine's path": r"(?<![\w.~])/(?:w[o]rk|r[o]ot|o[p]t|f[a]rm|t[m]p|h[o]me|U[s]ers)/\w+",
    "an index's address": r"(?:index.url|resolved|registry)\W{1,4}https?://|(?:p[y]pi|p[y]thonhosted|n[p]mjs)\.org",
    "a figure that was recalled, not checked": r"\[R[]]",
}
LEAVES_TESTS_OUT = r"--(?:ignore|deselect|nbval-skip)\b|collect_[i]gnore|(?:^|\s)-k\s"


def files():
    """Every text file of the course, found without git: a released archive has none."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [f for f in folders if f not in NOT_OURS and (f[0] != "." or f in HIDDEN)]
        for name in names:
            path = Path(folder, name)
            if (name[0] != "." or name in HIDDEN) and b"\0" not in path.read_bytes():
                yield path


def text_faults(text):
    """What a text holds that no file may hold."""
    return [f"{what}: {found[0]}" for what, law in FORBIDDEN.items() if (found := re.search(law, text))]


def targets(makefile):
    """What can be made."""
    return set(re.findall(r"^([a-z][a-z-]*):", makefile, re.M))


def commands(markdown):
    """The targets that a text tells its reader to make, in code alone: not "make sure"."""
    code = re.findall(r"`[^`\n]+`|^```.*?^```", markdown, re.M | re.S)
    return set(re.findall(r"\bmake ([a-z][a-z-]*)\b(?!=)", "\n".join(code)))


def test_no_file_holds_what_none_may_hold():
    found = {str(path.relative_to(ROOT)): text_faults(path.read_text("utf-8")) for path in files()}
    assert {name: faults for name, faults in found.items() if faults} == {}
    assert {"README.md", "Makefile", ".ci/run", "lib/unrolled/autodiff/tape.py"} <= set(found), "these are read, too"


TEXTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "data" / "README.md"]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_what_a_text_tells_to_make_can_be_made(path):
    told = commands(path.read_text("utf-8"))
    assert told - targets((ROOT / "Makefile").read_text("utf-8")) == set()


@pytest.mark.parametrize("name", ["Makefile", "pyproject.toml", ".ci/run", "tests/conftest.py"])
def test_no_test_is_left_out(name):
    assert re.findall(LEAVES_TESTS_OUT, (ROOT / name).read_text("utf-8"), re.M) == []


@pytest.mark.parametrize(
    "text",
    [
        "open('/" + "tmp/data.csv')",
        "/" + "home/me/unrolled",
        '"registry": ' + '"https://example.org"',
        "--index-url " + "https://example.org/simple",
        "as in " + "py" + "pi.org/simple",
        "a perplexity of 4.7 [" + "R]",
    ],
)
def test_what_no_file_may_hold_is_caught(text):
    assert len(text_faults(text)) == 1


def test_a_relative_path_and_a_link_are_no_fault():
    assert text_faults("lib/work/x.py, ../tmp/x, ~/root/x, https://example.org/opt/x, [Recap]") == []


def test_a_target_that_does_not_exist_is_caught():
    makefile = "PY := python\nlab: stamp  ## open\n\ntest-fast:\n\tpytest\n.venv/.installed:\n"
    assert targets(makefile) == {"lab", "test-fast"}
    text = (
        "We make sure: `make lab`, `make PYTHON=python3.12 test-fast`.\n\n```\nmake tset\nmake test-fast ARGS=x\n```\n"
    )
    assert commands(text) - targets(makefile) == {"tset"}


@pytest.mark.parametrize("line", ["pytest tests --ig" + "nore=notebooks/05.ipynb", "pytest -k " + "'not slow'"])
def test_a_test_left_out_is_caught(line):
    assert re.search(LEAVES_TESTS_OUT, line)


def links(markdown):
    """The files that a text links to or shows, as relative paths."""
    found = re.findall(r"\]\(([^)\s#]+)", markdown)
    return {link for link in found if not re.match(r"[a-z]+:", link)}


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_every_link_and_picture_leads_to_a_file(path):
    assert {link for link in links(path.read_text("utf-8")) if not (path.parent / link).exists()} == set()


def test_a_link_is_found_where_it_stands():
    assert links("![a](docs/a.png) [b](b.md#part) [c](https://example.org) [d](#here)") == {"docs/a.png", "b.md"}


def test_the_readme_says_why_each_dependency_is_there():
    text = (ROOT / "README.md").read_text("utf-8")
    section = text.partition("## What it stands on")[2].partition("## Licence")[0].lower()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needed = [*project["dependencies"], *sum(project["optional-dependencies"].values(), [])]
    names = {"torch": "pytorch"}
    found = [re.match(r"[a-z0-9-]+", need.lower())[0] for need in needed]
    assert [name for name in found if f"[{names.get(name, name)}](" not in section] == []
