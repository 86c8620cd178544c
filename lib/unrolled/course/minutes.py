"""The minutes that a class takes for cells of a notebook: to read, to look, to answer. Cells are nbformat's."""

import re

WORD, LINE, FIGURE, QUESTION, EXERCISE, WIDGET = 1 / 130, 4 / 60, 1 / 2, 1, 5, 2  # for one of each
MOVES = re.compile(r"^(?:widgets\.)?(?:explore|stepper|text_heat)\(", re.MULTILINE)
DRAWN = re.compile(r"plots\.show\(|^diagram\(", re.MULTILINE)  # a figure, or lesson 04's function that shows one


def by_section(cells):
    """(section, cell) of each cell: 0 before the first section, None from the recap on."""
    section = 0
    for cell in cells:
        if heading := re.match(r"## (\d+)\.", cell["source"]):
            section = int(heading[1])
        elif cell["source"].startswith("## Recap"):
            section = None
        yield section, cell


def slide_type(cell):
    """The cell's slide type, or None."""
    return cell["metadata"].get("slideshow", {}).get("slide_type")


def estimate(cells, exercises=0):
    """Minutes for what stands on slides, and for so many exercises: a class does one a lesson, a reader alone more."""
    cells = [cell for cell in cells if slide_type(cell) not in ("skip", "notes")]
    words = sum(len(cell["source"].split()) for cell in cells if cell["cell_type"] == "markdown")
    questions = sum("predict" in cell["metadata"].get("tags", []) for cell in cells)
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    folded = [cell for cell in code if cell["metadata"].get("jupyter", {}).get("source_hidden")]
    lines = sum(bool(line.strip()) for cell in code if cell not in folded for line in cell["source"].splitlines())
    figures = sum("plots.show(" in cell["source"] for cell in folded)  # their code is not read, but they are looked at
    return words * WORD + lines * LINE + figures * FIGURE + questions * QUESTION + exercises * EXERCISE


def estimate_lecture(cells):
    """Minutes for slides of the lecture: as in a class, and a speaker plays each widget and speaks to each figure."""
    cells = [cell for cell in cells if slide_type(cell) not in ("skip", "notes")]
    shown = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
    counted = sum("plots.show(" in source for source in shown)  # estimate has their minutes
    figures = sum(bool(DRAWN.search(source)) for source in shown)
    return estimate(cells) + (figures - counted) * FIGURE + _widgets(shown) * WIDGET


def estimate_pictures(cells):
    """Minutes for the pictures alone: to look at each figure, and to play with each widget that moves."""
    code = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
    return sum("plots.show(" in source for source in code) * FIGURE + _widgets(code) * WIDGET


def _widgets(sources):
    return sum(len(MOVES.findall(source)) for source in sources)
