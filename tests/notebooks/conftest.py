"""What the tests of a reader's own data share: a lesson's code, and its names without what it runs."""

import ast
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@pytest.fixture
def code_of():
    """code_of("04_char_rnn"): the sources of the lesson's code cells."""

    def read(lesson):
        cells = nbformat.read(NOTEBOOKS / f"{lesson}.ipynb", as_version=4).cells
        return [cell.source for cell in cells if cell.cell_type == "code"]

    return read


@pytest.fixture
def names_of():
    """names_of(sources, **names): a scope with these names, the lesson's imports and all its functions."""

    def define(sources, **names):
        functions = [node for source in sources for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
        exec(next(source for source in sources if "import numpy as np" in source), names)
        exec(compile(ast.Module(functions, []), "the lesson's functions", "exec"), names)
        return names

    return define
