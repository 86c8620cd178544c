"""nbgrader itself, by its own exchange: a class of 25 from release to feedback, with all that a class hands in."""

import csv
import json
import os
import re
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import nbformat
import pytest

from tests.exercises import handed_in
from tests.exercises.handed_in import FIRST, NAMES, NOTEBOOKS, RIGHT, answered, lesson
from tests.patience import patience
from tools.grade_cells import add_marks
from unrolled.exercises import EXERCISES, submissions

ROOT = Path(__file__).parents[2]
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
STUB = {name: f"def my_{name}(*given):\n    raise NotImplementedError" for name in NAMES}
WRONG = {name: f"def my_{name}(*given):\n    return given" for name in NAMES}
# In place of the first answer; the two others are right.
CRASHES = {
    "crash-1": ("import os\nos._exit(1)", 0),  # the kernel is gone, and nothing can be marked any more
    "crash-2": ("def my_step_backward(x,:", 2),
    "crash-3": ("raise SystemExit(3)", 2),
    "hang": ("while True:\n    pass", 2),
}
DAMAGED = [  # each by a student of its own, all of whose answers are right
    *(handed_in.copied, handed_in.without_metadata, handed_in.answered_in_the_check, handed_in.merged),
    *(handed_in.deleted_all, handed_in.answer_as_raw, handed_in.answer_below, handed_in.with_empty_mark),
    *(handed_in.without_points, handed_in.without_imports, handed_in.of_nbformat_3),
]


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_every_check_carries_what_nbgrader_needs(path):
    notebook = nbformat.read(path, as_version=4)
    before = [dict(cell.metadata.get("nbgrader", {})) for cell in notebook.cells]
    after = [dict(cell.metadata.get("nbgrader", {})) for cell in add_marks(notebook).cells]
    assert before == after, "run python -m tools.grade_cells"
    assert all(mark["grade_id"] in EXERCISES for mark in after if mark)


class Student:
    """What one hands in: {exercise: answer}, a damage to the notebook or to its folder; and the points that it gets."""

    def __init__(self, answers, points, damage=None, folder=None):
        self.answers, self.points, self.damage, self.folder = answers, points, damage, folder

    def work(self, folder):
        path = folder / "first.ipynb"
        notebook = answered(json.loads(nbformat.writes(nbformat.read(path, 4), split_lines=False)), self.answers)
        if self.damage:
            self.damage(notebook)
        path.write_text(json.dumps(notebook), "utf-8")
        if self.folder:
            self.folder(folder)


def a_class():
    """{student: Student}: 7 with each exercise right, wrong or a stub, three that crash, one that hangs, 14 damaged."""
    made = {}
    for number in range(7):
        kinds = [number % 3, number // 3 % 3, (number + 1) % 3]
        answers = {name: (RIGHT, WRONG, STUB)[kind][name] for name, kind in zip(NAMES, kinds)}
        made[f"student-{number}"] = Student(answers, kinds.count(0))
    for name, (cell, points) in CRASHES.items():
        made[name] = Student(RIGHT | {FIRST: cell}, points)
    for damage in DAMAGED:
        made[f"damage-{damage.__name__}"] = Student(RIGHT, 3, damage)
    made["김 민수"] = Student(RIGHT, 3, folder=handed_in.renamed)
    made["too deep"] = Student(RIGHT, 3, folder=lambda folder: handed_in.moved(folder, "first"))
    made["two files"] = Student(RIGHT, 3, folder=handed_in.with_a_stub_in_its_place)
    return made


def nbgrader(course, *arguments):
    """What nbgrader says. It calls alembic by its name, so the folder of this Python comes first on the path."""
    return run(course, [sys.executable, "-m", "nbgrader", *arguments])


def run(course, command, **more):
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    environment = os.environ | {"PATH": path, "OMP_NUM_THREADS": "1"}
    environment |= {"UNROLLED_PROGRESS": str(course / "progress.json")}
    return subprocess.run(
        command, cwd=course, env=environment, capture_output=True, text=True, timeout=900 * patience(), **more
    )


# nbgrader's own commands, each student's with a home, a folder and a cache of notebooks of her own; in one process,
# because each takes seconds to start.
STUDENTS = """
import json, os, sys
from nbgrader.apps import FetchAssignmentApp, FetchFeedbackApp, SubmitApp
app = {"fetch": FetchAssignmentApp, "submit": SubmitApp, "feedback": FetchFeedbackApp}[sys.argv[1]]
for student in json.loads(sys.argv[3]):
    home = os.path.join(sys.argv[2], "homes", student)
    os.makedirs(home, exist_ok=True)
    os.chdir(home)
    os.environ |= {"HOME": home, "JUPYTER_DATA_DIR": os.path.join(home, "data")}
    one = app()
    root = "--Exchange.root=" + os.path.join(sys.argv[2], "exchange")
    one.initialize(["first", "--course=unrolled", "--student=" + student, root])
    one.start()
"""


def students(place, step, names):
    done = run(place, [sys.executable, "-c", STUDENTS, step, str(place), json.dumps(list(names))])
    assert done.returncode == 0, done.stderr


def test_a_class_goes_through_nbgraders_exchange(tmp_path, capsys):
    pytest.importorskip("nbgrader", reason="nbgrader is an extra for teachers, and make test-nbgrader installs it")
    course, place = tmp_path / "course", ["--course=unrolled", f"--Exchange.root={tmp_path / 'exchange'}"]
    (course / "source" / "first").mkdir(parents=True)
    (course / "source" / "first" / "first.ipynb").write_text(json.dumps(lesson()), "utf-8")
    for step in "generate_assignment", "release_assignment":
        made = nbgrader(course, step, "first", *place)
        assert made.returncode == 0, made.stderr
    expected = a_class()
    assert len(expected) == 25
    students(tmp_path, "fetch", expected)
    for name, student in expected.items():
        student.work(tmp_path / "homes" / name / "first")
    students(tmp_path, "submit", expected)
    assert nbgrader(course, "collect", "first", *place).returncode == 0
    assert sorted(path.name for path in (course / "submitted").iterdir()) == sorted(expected)

    assert submissions.main([str(course)]) == 0
    said = capsys.readouterr().out
    mended = {name for name, student in expected.items() if student.damage or student.folder}
    assert {line.partition(",")[0] for line in said.splitlines()[:-1]} == mended, said
    assert all(NOTEBOOKS[damage] in said for damage in DAMAGED)

    option = "--CourseDirectory.submitted_directory=submitted-corrected"
    assert said.endswith(f"nbgrader autograde first {option}\n")
    marked = nbgrader(course, "autograde", "first", option, f"--Execute.timeout={int(15 * patience())}")
    failed = re.findall(r"There was an error processing assignment 'first' for student '(.*)'", marked.stderr)
    assert failed == ["crash-1"], marked.stderr  # the one whose kernel is gone, and no other
    assert nbgrader(course, "export").returncode == 0
    rows = list(csv.DictReader((course / "grades.csv").read_text("utf-8").splitlines()))
    assert {row["student_id"]: float(row["score"]) for row in rows} == {n: s.points for n, s in expected.items()}
    assert {float(row["max_score"]) for row in rows} == {3.0}
    assert not (course / "progress.json").exists(), "marking is nobody's progress"

    for step in "generate_feedback", "release_feedback":
        done = nbgrader(course, step, "first", *place)
        assert done.returncode == 0, done.stderr
    students(tmp_path, "feedback", expected)
    pages = {name: [*(tmp_path / "homes" / name / "first" / "feedback").rglob("*.html")] for name in expected}
    assert {name for name in expected if not pages[name]} == {"crash-1", "김 민수", "too deep"}
    (page,) = pages["student-1"]
    assert f"Not yet, {FIRST}: it must return 5 things" in page.read_text("utf-8")


@pytest.mark.parametrize("damage", NOTEBOOKS, ids=lambda damage: damage.__name__)
def test_nbgrader_takes_every_mended_notebook(damage):
    """Its own steps before a notebook is run, but for those that ask the database."""
    pytest.importorskip("nbgrader", reason="nbgrader is an extra for teachers, and make test-nbgrader installs it")
    from nbgrader.nbgraderformat import MetadataValidator
    from nbgrader.preprocessors import CheckCellMetadata, DeduplicateIds

    from tests.exercises.test_submissions import damaged

    _, corrected, _ = damaged(damage)
    notebook = nbformat.from_dict(deepcopy(corrected))
    nbformat.validate(notebook)
    for step in DeduplicateIds, CheckCellMetadata:
        notebook, _ = step().preprocess(notebook, {})
    MetadataValidator().validate_nb(notebook)
    assert [handed_in.check_of(notebook, name) for name in NAMES]
