"""Lesson 13: each of its eight cards runs alone, after the imports and the cell below them."""

import matplotlib.pyplot as plt
import nbformat
import pytest

from unrolled.course import notebooks
from unrolled.course.minutes import by_section
from unrolled.figures import plots


@pytest.fixture(scope="module")
def sections():
    """{section: the sources of its code cells}; 0: the imports and the cell below them."""
    cells = nbformat.read(notebooks.folder() / "13_applications.ipynb", as_version=4).cells
    found = {}
    for section, cell in by_section(cells):
        if cell.cell_type == "code":
            found.setdefault(section, []).append(cell.source)
    return found


def run_card(sections, card):
    names = {"__name__": "lesson"}
    for source in sections[0] + sections[card]:
        exec(source, names)


@pytest.mark.slow
@pytest.mark.parametrize("card", range(1, 9))
def test_a_card_runs_alone(monkeypatch, sections, card):
    shown = []
    monkeypatch.setattr(plots, "show", lambda fig, alt: (shown.append(alt), plt.close(fig)))
    run_card(sections, card)  # its asserts are the lesson's
    assert shown, "a card shows what it found"


def test_a_card_that_leans_on_another_is_caught():
    with pytest.raises(NameError):
        run_card({0: ["start = 1"], 1: ["words = start"], 2: ["print(words)"]}, 2)
