"""The minutes that a lesson promises a class, beside an estimate from what there is to read, to run and to answer."""

import re
from pathlib import Path

import nbformat
import pytest

from unrolled.course.lessons import LESSONS

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
WORD, LINE, FIGURE, QUESTION, EXERCISE = (
    1 / 130,
    4 / 60,
    1 / 2,
    1,
    5,
)  # minutes for one of each; a class does one exercise
TOLERANCE = 0.1
MOST_CELLS = 110, 60  # in class, for the evening
IN_CLASS = [lesson for lesson in LESSONS if lesson.name[:2] != "00"]


def evening(notebook):
    """The numbers of the sections that the head names for the evening."""
    at_home = re.search(r"sections? ([\d, toand]+?) (?:is|are) for the evening", notebook.cells[0].source)[1]
    spans = re.findall(r"(\d+)(?: to (\d+))?", at_home)
    return {n for first, last in spans for n in range(int(first), int(last or first) + 1)}


def by_section(notebook):
    """(section, cell) of each cell: 0 before the first section, None from the recap on."""
    section = 0
    for cell in notebook.cells:
        if heading := re.match(r"## (\d+)\.", cell.source):
            section = int(heading[1])
        elif cell.source.startswith("## Recap"):
            section = None
        yield section, cell


def in_class(notebook):
    """The cells for a class: to the recap, without notes, cells on no slide, and the sections for the evening."""
    at_home = {*evening(notebook), None}
    for section, cell in by_section(notebook):
        if section not in at_home and cell.metadata.slideshow.slide_type not in ("skip", "notes"):
            yield cell


def count_cells(notebook):
    """(in class, for the evening): every cell of the notebook, those of the evening's sections apart."""
    at_home = evening(notebook)
    of_evening = sum(section in at_home for section, _ in by_section(notebook))
    return len(notebook.cells) - of_evening, of_evening


def estimate(notebook):
    cells = list(in_class(notebook))
    words = sum(len(c.source.split()) for c in cells if c.cell_type == "markdown")
    questions = sum("predict" in c.metadata.get("tags", []) for c in cells)
    code = [c for c in cells if c.cell_type == "code"]
    folded = [c for c in code if c.metadata.get("jupyter", {}).get("source_hidden")]
    lines = sum(bool(line.strip()) for c in code if c not in folded for line in c.source.splitlines())
    figures = sum("plots.show(" in c.source for c in folded)  # their code is not read, but they are looked at
    return words * WORD + lines * LINE + figures * FIGURE + questions * QUESTION + EXERCISE


@pytest.mark.parametrize("lesson", IN_CLASS, ids=lambda lesson: lesson.name)
def test_a_class_gets_the_minutes_that_it_was_promised(lesson):
    notebook = nbformat.read(NOTEBOOKS / f"{lesson.name}.ipynb", 4)
    assert f"About {lesson.minutes} minutes in class" in notebook.cells[0].source
    assert abs(estimate(notebook) / lesson.minutes - 1) < TOLERANCE


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
