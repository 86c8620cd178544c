"""nbgrader itself releases an assignment, and marks thirty submissions: right, wrong, crashing, hanging."""

import csv
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tests.patience import patience
from tools.grade_cells import add_marks
from unrolled.exercises import EXERCISES

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
RIGHT = {
    "first_step": "def my_first_step(x, h_prev):\n    return np.tanh(x + h_prev)",
    "bits": "def my_bits(nats, n):\n    return nats * n / np.log(2)",
    "pairs": "def my_pairs(tokens, at, T):\n    return tokens[at : at + T], tokens[at + 1 : at + T + 1]",
}
WRONG = {
    "first_step": "def my_first_step(x, h_prev):\n    return np.tanh(x) + h_prev",
    "bits": "def my_bits(nats, n):\n    return nats * n * np.log(2)",
    "pairs": "def my_pairs(tokens, at, T):\n    return tokens[at : at + T], tokens[at : at + T]",
}
STUB = {
    name: f"def my_{name}({', '.join(EXERCISES[name].parameters)}):\n    raise NotImplementedError" for name in RIGHT
}
# In place of the first answer; the two others are right.
CRASHES = {
    "crash-1": ("import os\nos._exit(1)", 0),  # the kernel is gone, and nothing can be marked any more
    "crash-2": ("def my_first_step(x,:", 2),
    "crash-3": ("raise SystemExit(3)", 2),
    "hang": ("while True:\n    pass", 2),
}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_check_carries_what_nbgrader_needs(path):
    notebook = nbformat.read(path, as_version=4)
    before = [dict(cell.metadata.get("nbgrader", {})) for cell in notebook.cells]
    after = [dict(cell.metadata.get("nbgrader", {})) for cell in add_marks(notebook).cells]
    assert before == after, "run python -m tools.grade_cells"
    assert all(mark["grade_id"] in EXERCISES for mark in after if mark)


def notebook_of(answers):
    """The imports, and for each exercise an answer and its check."""
    sources = ["import numpy as np\n\nfrom unrolled.exercises import check"]
    for name, answer in answers.items():
        sources += [answer, f"check.{name}(my_{name})"]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = new_notebook(cells=[new_code_cell(s) for s in sources], metadata={"kernelspec": kernel})
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"  # a submission is the same notebook, filled in
    return add_marks(notebook)


def submissions():
    """{student: (answers, points)}: 26 with each exercise right, wrong or a stub, three that crash, one that hangs."""
    made = {}
    for number in range(26):
        kinds = [number % 3, number // 3 % 3, number // 9 % 3]
        answers = {name: (RIGHT, WRONG, STUB)[kind][name] for name, kind in zip(RIGHT, kinds)}
        made[f"student-{number:02}"] = answers, kinds.count(0)
    return made | {name: (RIGHT | {"first_step": cell}, points) for name, (cell, points) in CRASHES.items()}


def nbgrader(course, *arguments):
    """What nbgrader says. It calls alembic by its name, so the folder of this Python comes first on the path."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    environment = os.environ | {"PATH": path, "OMP_NUM_THREADS": "1"}
    environment |= {"UNROLLED_PROGRESS": str(course / "progress.json")}
    command = [sys.executable, "-m", "nbgrader", *arguments]
    return subprocess.run(
        command, cwd=course, env=environment, capture_output=True, text=True, timeout=900 * patience()
    )


def test_nbgrader_releases_and_marks_thirty_submissions(tmp_path):
    pytest.importorskip("nbgrader", reason="nbgrader is an extra for teachers: pip install .[teach]")
    source = tmp_path / "source" / "first"
    source.mkdir(parents=True)
    nbformat.write(notebook_of(STUB), source / "first.ipynb")
    made = nbgrader(tmp_path, "generate_assignment", "first")
    assert made.returncode == 0, made.stderr
    released = nbformat.read(tmp_path / "release" / "first" / "first.ipynb", as_version=4)
    assert [cell.source for cell in released.cells] == [cell.source for cell in notebook_of(STUB).cells]
    expected = submissions()
    for student, (answers, _) in expected.items():
        folder = tmp_path / "submitted" / student / "first"
        folder.mkdir(parents=True)
        nbformat.write(notebook_of(answers), folder / "first.ipynb")
    marked = nbgrader(tmp_path, "autograde", "first", "--Execute.timeout=10")
    failed = re.findall(r"There was an error processing assignment 'first' for student '(.*)'", marked.stderr)
    assert failed == ["crash-1"], marked.stderr  # the one whose kernel is gone, and no other
    assert nbgrader(tmp_path, "export").returncode == 0
    rows = list(csv.DictReader((tmp_path / "grades.csv").read_text("utf-8").splitlines()))
    assert len(rows) == len(expected) == 30
    assert {row["student_id"]: float(row["score"]) for row in rows} == {s: p for s, (_, p) in expected.items()}
    assert {float(row["max_score"]) for row in rows} == {3.0}
    assert not (tmp_path / "progress.json").exists(), "marking is nobody's progress"
