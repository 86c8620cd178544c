"""A wheel holds the whole course; installed elsewhere it finds its data. `make test-wheel` runs each notebook so."""

import importlib.util
import zipfile
from pathlib import Path

import pytest

from tools import try_wheel

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(not importlib.util.find_spec("hatchling"), reason="hatchling is not installed")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return try_wheel.build(tmp_path_factory.mktemp("wheel"))


@pytest.mark.slow
def test_it_holds_all_that_a_reader_needs_and_no_more(wheel):
    held = set(zipfile.ZipFile(wheel).namelist())
    stored = {path.relative_to(ROOT / "lib").as_posix() for path in (ROOT / "lib/unrolled").rglob("*.*")}
    stored |= {f"unrolled/_course/notebooks/{path.name}" for path in (ROOT / "notebooks").glob("*.ipynb")}
    stored |= {f"unrolled/_course/{p.relative_to(ROOT).as_posix()}" for p in (ROOT / "data").rglob("*.*")}
    stored = {name for name in stored if "__pycache__" not in name and not name.endswith(".gitattributes")}
    assert {name for name in held if not name.startswith("unrolled-")} == stored
    assert any(name.endswith("licenses/LICENSE") for name in held)
    assert any(name.endswith("overrides.d/unrolled.json") for name in held)


@pytest.mark.slow
def test_installed_elsewhere_it_finds_its_data_and_copies_its_notebooks(wheel, tmp_path):
    variables = try_wheel.install(wheel, tmp_path)
    assert Path(variables["PYTHONPATH"]).is_relative_to(tmp_path.resolve())
    copied = {path.name: path.read_bytes() for path in (tmp_path / "course").iterdir()}
    assert copied == {path.name: path.read_bytes() for path in (ROOT / "notebooks").glob("*.ipynb")}


@pytest.mark.slow
def test_a_package_without_data_is_told(wheel, tmp_path):
    bare = tmp_path / wheel.name
    with zipfile.ZipFile(wheel) as whole, zipfile.ZipFile(bare, "w") as less:
        for name in whole.namelist():
            if "/_course/data/" not in name:
                less.writestr(name, whole.read(name))
    with pytest.raises(Exception, match="returned non-zero exit status"):
        try_wheel.install(bare, tmp_path)
