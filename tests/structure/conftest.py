"""What the tests of notebooks share: the template as an example that is right, to be spoilt in one point at a time."""

from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def lesson():
    """A lesson that breaks no rule."""
    return nbformat.read(ROOT / "tools" / "lesson_template.ipynb", as_version=4)


@pytest.fixture
def cell(lesson):
    """cell("claim"): the lesson's cell with this tag."""
    return lambda tag: next(c for c in lesson.cells if tag in c.metadata.get("tags", []))
