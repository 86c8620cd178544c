"""The ten questions of the first and the last hour: the page asks each once, and each answer leads to a section."""

from collections import Counter

import nbformat
import pytest

from unrolled.course import links, notebooks
from unrolled.course.before_and_after import QUESTIONS
from unrolled.widgets import predict

PAGE = "before_and_after.ipynb"


@pytest.fixture
def cells():
    return nbformat.read(notebooks.folder() / PAGE, 4).cells


def answers():
    """(the place of the answer, the lengths of the choices) of each question."""
    for asked in QUESTIONS.values():
        choices = list(asked["choices"])
        yield choices.index(asked["answer"]), [len(choice) for choice in choices]


def test_ten_questions_are_asked_in_order(cells):
    assert len(QUESTIONS) == 10
    assert [cell.source for cell in cells if "predict" in cell.metadata.get("tags", [])] == [
        f'predict(**QUESTIONS["{name}"])' for name in QUESTIONS
    ]
    for asked in QUESTIONS.values():
        assert repr(predict(**asked)).startswith("Predict: ")


def test_each_answer_leads_to_a_section(cells):
    for cell, after in zip(cells, cells[1:]):
        if "predict" in cell.metadata.get("tags", []):
            assert after.source.startswith("<details><summary>Where the course shows it</summary>")
            [first, *_] = links.LINK.findall(after.source)
            assert all(first), "a notebook, and a section of it"
    assert links.find_broken(PAGE) == []


def test_the_form_of_a_question_does_not_tell_its_answer():
    places, sizes = zip(*answers())
    assert all(len(lengths) == 4 for lengths in sizes)
    assert all(2 <= count <= 3 for count in Counter(places).values())
    assert set(places) == set(range(4))
    longest = sum(lengths[place] > sorted(lengths)[-2] for place, lengths in zip(places, sizes))
    assert longest <= 4, "that the longest choice is right is soon noticed"
