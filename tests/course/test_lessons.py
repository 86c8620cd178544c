"""The map of the course: every lesson has its row and its picture, and a link if its notebook is there."""

import re

import pytest

from unrolled import data
from unrolled.course import korean, thumbnails
from unrolled.course.lessons import LESSONS, CourseMap


@pytest.fixture
def notebooks(tmp_path, monkeypatch):
    """A notebooks/ folder with nothing in it, in a course without Korean."""
    monkeypatch.setattr(korean, "_catalogue", dict)
    (tmp_path / "notebooks").mkdir()
    monkeypatch.setattr(data, "folder", lambda: tmp_path / "data")
    return tmp_path / "notebooks"


PICTURE = r'src="data:image/png;base64,[^"]*"'


def rows():
    """The rows of the table, without the long text of their pictures."""
    return re.findall(r"<tr><td.*?</tr>", re.sub(PICTURE, "src", CourseMap()._repr_html_()))


def test_the_lessons_are_numbered_and_each_has_a_thumbnail():
    numbers = [int(lesson.name[:2]) for lesson in LESSONS]
    assert numbers == sorted(set(numbers))
    assert numbers[0] == 1
    assert set(thumbnails.LESSONS) == {int(lesson.name[:2]) for lesson in LESSONS}
    assert all(re.fullmatch(r"\d\d_[a-z0-9_]+", lesson.name) for lesson in LESSONS)


@pytest.mark.slow
def test_a_lesson_is_a_link_if_its_notebook_is_there(notebooks):
    (notebooks / "02_computational_graph.ipynb").touch()
    (notebooks / "03_other.ipynb").touch()
    for lesson, row in zip(LESSONS, rows(), strict=True):
        here = lesson.name == "02_computational_graph"
        assert (f'<a href="{lesson.name}.ipynb">{lesson.name[:2]} {lesson.title}</a>' in row) == here
        assert ("not yet here" in row) == ("<a " not in row) == (not here)


@pytest.mark.slow
def test_a_row_says_what_the_lesson_shows_and_its_picture_in_words(notebooks):
    for lesson, row in zip(LESSONS, rows(), strict=True):
        assert re.match(r'<tr><td style="text-align:left"><div[^>]*><img alt="([^"]*)"', row)[1] == lesson.picture
        assert f">{lesson.shows}<" in row
        assert f">{lesson.minutes}</td>" in row
    pictures = {hash(picture) for picture in re.findall(PICTURE, CourseMap()._repr_html_())}
    assert len(pictures) == len(LESSONS), "each has its own"


def test_as_text_it_says_the_same(notebooks):
    (notebooks / "01_vanilla_rnn.ipynb").touch()
    lines = repr(CourseMap()).splitlines()
    assert lines[0] == "50 min  01 Vanilla RNN"
    assert lines[8] == "50 min  09 GRU (not yet here)"
    assert len(lines) == len(LESSONS)


def test_nothing_in_the_table_comes_from_elsewhere(notebooks):
    (notebooks / "01_vanilla_rnn.ipynb").touch()
    assert re.findall(r'(?:src|href)="[^"]*"', "".join(rows())) == ['href="01_vanilla_rnn.ipynb"']
