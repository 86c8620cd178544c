"""Any cell can run again after the whole notebook has run: a reader scrolls back, changes something, and runs on.

Each lesson runs from the top, then from its middle to its end, then from the top once more, in one kernel. A name that
is used for two things, or a state that a cell uses up, fails one of the later runs. `make test-lessons` asks for it.
"""

import os
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tests.patience import patience
from tools.execute import execute

LESSONS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
SECONDS = 120  # for one cell


def run_twice(sources, folder):
    """The cells from the top, from the middle, and from the top: None, or what failed where."""
    order = [*range(len(sources)), *range(len(sources) // 2, len(sources)), *range(len(sources))]
    path = folder / "twice.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(sources[k]) for k in order]), path)
    _, seconds, error = execute(path, round(SECONDS * patience()), {"UNROLLED_STILLS": "0"})
    return error and f"run {len(seconds)} of {len(order)} cells, code cell {order[len(seconds) - 1]}: {error}"


@pytest.mark.skipif(os.environ.get("UNROLLED_LESSONS") != "all", reason="make test-lessons runs it: minutes a lesson")
@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_any_cell_runs_again(path, tmp_path):
    cells = nbformat.read(path, as_version=4).cells
    failed = run_twice([cell.source for cell in cells if cell.cell_type == "code"], tmp_path)
    assert failed is None, failed


@pytest.mark.slow
@pytest.mark.parametrize(
    "sources",
    [
        ["start = 1", "assert start == 1", "for start in range(3): pass"],  # a name for two things
        ["draws = iter(range(3))", "pass", "assert next(draws) == 0"],  # what one run uses up
        ["seen = []", "assert not seen", "seen.append(1)", "assert len(seen) == 1"],
    ],
)
def test_what_a_later_run_finds_changed_is_named(sources, tmp_path):
    assert "AssertionError" in run_twice(sources, tmp_path)


@pytest.mark.slow
def test_what_each_run_makes_anew_passes(tmp_path):
    assert run_twice(["draw = lambda: iter(range(3))", "first = next(draw())", "assert first == 0"], tmp_path) is None
