"""The paths through the course: each leads to sections that are there, and takes about the minutes that it says."""

import re

import nbformat
import pytest

from tests.structure.test_minutes import evening
from unrolled import data
from unrolled.course import notebooks
from unrolled.course.lessons import LESSONS
from unrolled.course.minutes import EXERCISE, by_section, estimate, estimate_pictures
from unrolled.course.paths import PATHS, RECAP, Path, Stage, Visit

TOLERANCE = 0.1
STAGES = [(name, stage) for name, path in PATHS.items() for stage in path.stages]
MEASURED = [(name, stage) for name, stage in STAGES if name != "lecture"]  # tests/course/test_lecture.py measures that
EACH_STAGE = pytest.mark.parametrize("name, stage", STAGES, ids=lambda part: getattr(part, "title", part))


def cells_of(visit):
    cells = nbformat.read(notebooks.folder() / f"{visit.name}.ipynb", 4).cells
    return [cell for section, cell in by_section(cells) if visit.covers(section)]


def minutes_of(visit, exercises):
    """Of a whole notebook, what its head says, with an exercise; of sections, an estimate with their exercises."""
    if visit.first == 0:
        return int(re.search(r"About (\d+) minutes", cells_of(visit)[0].source)[1])
    theirs = [number for lesson, number in (exercise.split(".") for exercise in exercises) if lesson == visit.name[:2]]
    return estimate(cells_of(visit), len(set(theirs) & exercises_in(visit)))


def exercises_in(visit):
    """The numbers of the exercises in the sections of a visit."""
    return {number for cell in cells_of(visit) for number in re.findall(r"^### Exercise (\d+)", cell.source, re.M)}


def measured(name, stage):
    if name == "pictures":
        return sum(estimate_pictures(cells_of(visit)) for visit in stage.visits)
    return sum(minutes_of(visit, stage.exercises) for visit in stage.visits)


@pytest.mark.parametrize("name, stage", MEASURED, ids=lambda part: getattr(part, "title", part))
def test_a_stage_takes_the_minutes_that_it_says(name, stage):
    assert abs(measured(name, stage) - stage.minutes) <= max(1, TOLERANCE * stage.minutes)


@pytest.mark.parametrize("name, most", [("evening", 120), ("pictures", 40)])
def test_a_path_is_no_longer_than_its_name(name, most):
    assert PATHS[name].minutes <= most
    assert sum(measured(name, stage) for stage in PATHS[name].stages) <= most


def test_a_meeting_of_the_course_has_at_most_ninety_minutes():
    assert len(PATHS["course"].stages) == 8
    for stage in PATHS["course"].stages:
        assert stage.minutes <= 90
        assert measured("course", stage) <= 90


def test_the_course_visits_each_section_of_a_class_once():
    """A lesson in two halves has no gap between them, and it is cut at its own place to stop."""
    visits = [visit for stage in PATHS["course"].stages for visit in stage.visits]
    parts = {}
    for visit in visits:
        parts.setdefault(visit.name, []).append((visit.first, visit.last))
    assert {lesson.name for lesson in LESSONS} <= set(parts)
    in_part = {"12_variants": [(1, 2)], "13_applications": [(1, 0), (10, 0)]}  # as the path says
    assert {name: parts.pop(name) for name in in_part} == in_part
    assert parts.pop("before_and_after") == [(0, 0)] * 2, "in the first hour and in the last"
    halved = {name: spans for name, spans in parts.items() if spans != [(0, 0)]}
    assert halved
    for name, ((first, last), (following, end)) in halved.items():
        assert (first, following, end) == (1, last + 1, max(sections_of(name) - evening(read(name))))
        assert last in stops_after(name)
    assert 2 in stops_after("12_variants")


def read(name):
    return nbformat.read(notebooks.folder() / f"{name}.ipynb", 4)


def sections_of(name):
    return {section for section, _ in by_section(read(name).cells) if section}


def stops_after(name):
    """The sections of a lesson after which a class can stop: such a cell ends one, or begins the next."""
    stops = [(s, cell) for s, cell in by_section(read(name).cells) if "stop" in cell.metadata.get("tags", [])]
    return {section - cell.source.startswith(f"## {section}.") for section, cell in stops}


@EACH_STAGE
def test_its_exercises_are_there(name, stage):
    asked = [*stage.exercises, *stage.at_home]
    assert len(asked) == len(set(asked))
    there = {f"{v.name[:2]}.{n}" for v in stage.visits for n in exercises_in(Visit(v.name, v.first or 1, 99))}
    assert set(asked) <= there, "an exercise of the notebooks that the stage visits"


def test_the_course_names_no_exercise_twice():
    named = [e for stage in PATHS["course"].stages for e in (*stage.exercises, *stage.at_home)]
    assert len(named) == len(set(named))


@EACH_STAGE
def test_it_leads_to_sections_that_are_there(name, stage):
    for visit in stage.visits:
        assert re.fullmatch(r"\w+\.ipynb(#(\d+\.|Recap).*)?", visit.link())
        assert cells_of(visit)


def test_the_tables_say_what_the_paths_hold():
    for path in PATHS.values():
        html = path._repr_html_()
        assert html.count("<tr>") == len(path.stages) + 1
        assert html.count("<a href=") == sum(len(stage.visits) for stage in path.stages)
        assert f"{path.title}, {path.minutes} minutes." in html
        assert len(repr(path).splitlines()) == len(path.stages) + 1
    assert "<td" in PATHS["course"]._repr_html_()
    assert "at home: 01.2, 01.3" in PATHS["course"]._repr_html_()
    assert "exercises" not in PATHS["lecture"]._repr_html_()


def test_lesson_00_shows_each_path():
    cells = nbformat.read(notebooks.folder() / "00_start_here.ipynb", 4).cells
    shown = [cell.source for cell in cells if cell.source.startswith("PATHS[")]
    assert shown == [f'PATHS["{name}"]' for name in PATHS]


def test_what_is_not_there_yet_is_no_link(tmp_path, monkeypatch):
    monkeypatch.setattr(data, "folder", lambda: tmp_path / "data")
    path = Path("A path", "It waits.", (Stage("One", 10, (Visit("03_bptt", 2),)),))
    assert "<a " not in path._repr_html_()
    assert "03, section 2 (not yet here)" in path._repr_html_()


def test_a_visit_covers_its_sections():
    assert [k for k in (0, 1, 2, 3, RECAP) if Visit("03_bptt", 2).covers(k)] == [2]
    assert [k for k in (1, 2, 3, 4, RECAP) if Visit("03_bptt", 2, 3).covers(k)] == [2, 3]
    assert [k for k in (1, 2, RECAP) if Visit("03_bptt", RECAP).covers(k)] == [RECAP]
    assert str(Visit("03_bptt", 2, 3)) == "03, sections 2 to 3"
    assert str(Visit("03_bptt", RECAP)) == "03, recap"


def test_minutes_are_counted_as_they_are_spent():
    code = nbformat.v4.new_code_cell("plots.show(fig)\nwidgets.explore(f)")
    assert estimate_pictures([code]) == 2.5
    assert estimate([nbformat.v4.new_markdown_cell("word " * 130)], exercises=1) == 1 + EXERCISE
