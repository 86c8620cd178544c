"""The minutes that a lesson promises a class, beside an estimate from what there is to read, to run and to answer."""

import re
from pathlib import Path

import nbformat
import pytest

from unrolled.course.lessons import LESSONS
from unrolled.course.minutes import EXERCISE, by_section, estimate, estimate_lecture
from unrolled.course.paths import PATHS

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "notebooks"
TOLERANCE = 0.1
MOST_CELLS = 110, 60  # in class, for the evening
IN_CLASS = [lesson for lesson in LESSONS if lesson.name[:2] != "00"]


def evening(notebook):
    """The numbers of the sections that the head names for the evening."""
    at_home = re.search(r"sections? ([\d, toand]+?) (?:is|are) for the evening", notebook.cells[0].source)[1]
    spans = re.findall(r"(\d+)(?: to (\d+))?", at_home)
    return {n for first, last in spans for n in range(int(first), int(last or first) + 1)}


def in_class(notebook):
    """The cells for a class: to the recap, without the sections for the evening."""
    at_home = {*evening(notebook), None}
    return [cell for section, cell in by_section(notebook.cells) if section not in at_home]


def count_cells(notebook):
    """(in class, for the evening): every cell of the notebook, those of the evening's sections apart."""
    at_home = evening(notebook)
    of_evening = sum(section in at_home for section, _ in by_section(notebook.cells))
    return len(notebook.cells) - of_evening, of_evening


@pytest.mark.parametrize("lesson", IN_CLASS, ids=lambda lesson: lesson.name)
def test_a_class_gets_the_minutes_that_it_was_promised(lesson):
    notebook = nbformat.read(NOTEBOOKS / f"{lesson.name}.ipynb", 4)
    assert f"About {lesson.minutes} minutes in class" in notebook.cells[0].source
    assert abs(estimate(in_class(notebook), exercises=1) / lesson.minutes - 1) < TOLERANCE


@pytest.mark.parametrize("lesson", IN_CLASS, ids=lambda lesson: lesson.name)
def test_the_minutes_of_its_sections_add_up(lesson):
    notebook = nbformat.read(NOTEBOOKS / f"{lesson.name}.ipynb", 4)
    [timing] = [found[1] for c in notebook.cells if (found := re.search(r"Timing: (.*?)\.(?:\s|$)", c.source))]
    minutes = [int(re.search(r", (\d+)", part)[1]) for part in timing.split("; ")]
    assert abs(sum(minutes) - lesson.minutes) <= 2, timing


@pytest.mark.parametrize("lesson", IN_CLASS, ids=lambda lesson: lesson.name)
def test_a_lesson_has_no_more_cells_than_it_may(lesson):
    notebook = nbformat.read(NOTEBOOKS / f"{lesson.name}.ipynb", 4)
    for count, most in zip(count_cells(notebook), MOST_CELLS):
        assert count <= most


def test_every_cell_outside_the_evening_counts():
    cells = [
        nbformat.v4.new_markdown_cell(text) for text in ("section 2 is for the evening", "## 1. Now", "## 2. Later")
    ]
    cells += [nbformat.v4.new_code_cell("1"), nbformat.v4.new_markdown_cell("## Recap"), nbformat.v4.new_code_cell("2")]
    assert count_cells(nbformat.v4.new_notebook(cells=cells)) == (4, 2)


def head(name):
    return nbformat.read(NOTEBOOKS / f"{name}.ipynb", 4).cells[0].source


def up_to(name, begins):
    """The cells of a notebook down to the first one that begins so, and without it."""
    cells = nbformat.read(NOTEBOOKS / f"{name}.ipynb", 4).cells
    return cells[: next(k for k, cell in enumerate(cells) if cell.source.startswith(begins))]


def test_lesson_00_takes_the_minutes_that_it_says():
    """For a class a speaker plays its widget; alone there is an exercise more."""
    said = re.search(r"About (\d+) minutes in class, .*; alone about (\d+), ", head("00_start_here"))
    in_class, alone = map(int, said.groups())
    assert abs(estimate_lecture(up_to("00_start_here", "## Four paths")) - in_class) <= 1
    assert abs(estimate_lecture(up_to("00_start_here", "## Korean terms")) + EXERCISE - alone) <= TOLERANCE * alone


def test_the_questions_before_and_after_take_the_minutes_that_they_say():
    minutes = int(re.search(r"About (\d+) minutes each time", head("before_and_after"))[1])
    assert abs(estimate(nbformat.read(NOTEBOOKS / "before_and_after.ipynb", 4).cells) / minutes - 1) < TOLERANCE
    assert f"{minutes} minutes are enough each time" in (ROOT / "docs" / "teaching.md").read_text("utf-8")


def test_notebook_14_takes_less_than_an_hour():
    assert "Less than an hour" in head("14_to_pytorch")
    assert 40 < estimate(nbformat.read(NOTEBOOKS / "14_to_pytorch.ipynb", 4).cells) < 60


def test_the_readme_says_the_minutes_of_each_notebook():
    readme = (ROOT / "README.md").read_text("utf-8")
    said = dict(re.findall(r"^\| \[[^]]+\]\(notebooks/(\w+)\.ipynb\) \|.*\| *(\d*)[^|]*\|$", readme, re.MULTILINE))
    assert {*said} == {path.stem for path in NOTEBOOKS.glob("*.ipynb")}
    cases = int(re.search(r": (\d+) cases.* About two hours in all", head("clinic"))[1])
    assert said.pop("clinic") == f"{cases * EXERCISE}" == "120", "a case takes as long as an exercise"
    heads = {name: re.search(r"About (\d+) minutes", head(name)) for name in said}
    assert said == {name: found[1] if found else "" for name, found in heads.items()}
    assert PATHS["lecture"].minutes <= int(re.search(r"the lecture in (\d+) minutes", readme)[1])
