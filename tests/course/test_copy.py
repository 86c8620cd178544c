"""`python -m unrolled.course copy`: what is missing is written, what is there is never overwritten."""

import subprocess
import sys
from pathlib import Path

import pytest

from unrolled import data
from unrolled.course import notebooks
from unrolled.course.__main__ import main


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course of two notebooks."""
    (tmp_path / "course" / "notebooks").mkdir(parents=True)
    for name in ("01_a.ipynb", "02_b.ipynb", ".ruff.toml"):
        (tmp_path / "course" / "notebooks" / name).write_text(name, "utf-8")
    monkeypatch.setattr(data, "folder", lambda: tmp_path / "course" / "data")
    return tmp_path / "course" / "notebooks"


def test_only_what_is_missing_is_written(course, tmp_path):
    mine = tmp_path / "a" / "mine"
    assert notebooks.copy(mine) == {"01_a.ipynb": "written", "02_b.ipynb": "written"}
    assert sorted(path.name for path in mine.iterdir()) == ["01_a.ipynb", "02_b.ipynb"]
    (mine / "01_a.ipynb").write_text("my answers", "utf-8")
    assert notebooks.copy(mine) == {"01_a.ipynb": "changed", "02_b.ipynb": "there already"}
    assert (mine / "01_a.ipynb").read_text("utf-8") == "my answers"
    (mine / "02_b.ipynb").unlink()
    assert notebooks.copy(mine) == {"01_a.ipynb": "changed", "02_b.ipynb": "written"}
    assert (mine / "02_b.ipynb").read_bytes() == (course / "02_b.ipynb").read_bytes()


def run(folder):
    command = [sys.executable, "-m", "unrolled.course", "copy", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=folder.parent)


def test_the_command_names_what_it_leaves(tmp_path):
    mine = tmp_path / "mine"
    first = run(mine)
    names = [path.name for path in sorted(notebooks.folder().glob("*.ipynb"))]
    assert (first.returncode, first.stderr) == (0, "")
    *written, last = first.stdout.splitlines()
    assert written == [f"written: {name}" for name in names]
    assert last == f"Open them: {sys.executable} -m jupyterlab {mine}"
    assert [path.name for path in sorted(mine.iterdir())] == names
    (mine / names[1]).write_text("{}", "utf-8")
    again = run(mine)
    assert again.returncode == 1
    assert again.stderr.startswith(f"Not as the course has it, and left as it is in {mine}: {names[1]}. Rename")
    assert (mine / names[1]).read_text("utf-8") == "{}"


def test_the_command_to_open_them_needs_no_activated_environment(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "executable", str(Path.cwd() / ".venv" / "bin" / "python"))
    monkeypatch.setattr(sys, "argv", ["course", "copy", "my course"])
    main()
    opened = f'{Path(".venv", "bin", "python")} -m jupyterlab "my course"'
    assert capsys.readouterr().out.splitlines()[-1] == f"Open them: {opened}"


def test_a_folder_that_cannot_be_made_is_an_error_in_words(tmp_path):
    (tmp_path / "file").touch()
    done = run(tmp_path / "file")
    assert done.returncode == 1
    assert done.stderr == f"the notebooks cannot be written: {tmp_path / 'file'} is a file\n"
