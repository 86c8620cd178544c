"""`submissions` finds what nbgrader would not mark as it should, and writes what it marks beside what was handed in."""

import json
import os
import shutil
import subprocess
import sys
import unicodedata
from contextlib import suppress
from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.exercises import handed_in
from tests.exercises.handed_in import FILES, FIRST, NOTEBOOKS, RIGHT, answered, check_of, code, lesson
from tests.patience import patience
from unrolled.exercises import submissions
from unrolled.exercises.check_cells import mend
from unrolled.exercises.notebook_files import read

RELEASED = lesson()


def parsed(notebook):
    return read(json.dumps(notebook).encode())


def damaged(*damages):
    """(the notebook after these damages, what was said of it and mended, before and after the comparison)"""
    notebook = answered(RELEASED, RIGHT)
    for damage in damages:
        damage(notebook)
    whole, faults = parsed(notebook)
    corrected, more = mend(whole, RELEASED)
    return whole, corrected, [fault.what for fault in faults + more]


def unmarkable(notebook):
    """Why nbgrader would not mark a notebook as it should, by its own laws; [] where it does."""
    cells = notebook["cells"]
    marks = [cell for cell in RELEASED["cells"] if "nbgrader" in cell["metadata"]]
    given = {cell["metadata"]["nbgrader"]["grade_id"]: cell for cell in marks}
    marked = [cell for cell in cells if "nbgrader" in cell["metadata"]]
    wrong = [f"{len(marked)} checks"] if len(marked) != len(given) else []
    for cell in marked:
        name = cell["metadata"]["nbgrader"].get("grade_id")
        original = given.pop(name, {})
        wrong += [key for key in ("cell_type", "source") if cell[key] != original.get(key)]
        wrong += [name] if cell["metadata"]["nbgrader"] != original.get("metadata", {}).get("nbgrader") else []
        own = [cell["source"] if cell["cell_type"] == "code" else "" for cell in cells]
        answers = [i for i, said in enumerate(own) if f"def my_{name}(" in said and "NotImplementedError" not in said]
        wrong += [] if answers and min(answers) < cells.index(cell) else [f"no answer above {name}"]
    ids = [cell["id"] for cell in cells if "id" in cell]
    return wrong + ["an id twice"] * (len(set(ids)) < len(ids))


def words(notebook):
    return {line.strip() for cell in notebook["cells"] for line in cell["source"].splitlines()}


def test_an_answered_notebook_has_no_fault_and_stays_as_it_is():
    whole, corrected, said = damaged()
    assert said == []
    assert corrected is whole
    assert unmarkable(whole) == []


@pytest.mark.parametrize("damage", NOTEBOOKS, ids=lambda damage: damage.__name__)
def test_a_damage_is_named_and_mended(damage):
    whole, corrected, said = damaged(damage)
    assert any(NOTEBOOKS[damage] in one for one in said), said
    assert unmarkable(corrected) == []
    assert words(whole) <= words(corrected), "what the student wrote is there"
    assert mend(*map(deepcopy, (corrected, RELEASED))) == (corrected, []), "once mended, there is nothing more to mend"


@pytest.mark.parametrize(
    "name", ["copied", "without_metadata", "deleted", "edited", "check_as_markdown", "answer_below"]
)
def test_the_law_of_this_file_is_broken_by_a_damage(name):
    notebook = answered(RELEASED, RIGHT)
    getattr(handed_in, name)(notebook)
    assert unmarkable(notebook) != []


def test_of_two_copies_the_last_counts_as_nbgrader_means_to():
    notebook = answered(RELEASED, RIGHT | {FIRST: f"def my_{FIRST}(*given):\n    return given"})
    notebook["cells"].append(code(RIGHT[FIRST], "again"))
    handed_in.copied(notebook, len(notebook["cells"]))
    corrected, _ = mend(parsed(notebook)[0], RELEASED)
    assert check_of(corrected, FIRST) == len(corrected["cells"]) - 1, "below the second answer"


@pytest.mark.parametrize("damage", [handed_in.deleted, handed_in.merged, handed_in.without_metadata_and_ids])
def test_a_check_is_put_back_where_it_stood(damage):
    notebook = answered(RELEASED, RIGHT)
    damage(notebook)
    corrected, _ = mend(parsed(notebook)[0], RELEASED)
    answer = next(at for at, cell in enumerate(corrected["cells"]) if f"def my_{FIRST}(" in cell["source"])
    assert check_of(corrected, FIRST) == answer + 1


def test_a_teachers_own_check_without_a_stub_goes_back_to_its_place():
    own = {"grade": True, "grade_id": "own", "locked": True, "points": 2, "schema_version": 3, "solution": False}
    cells = [code("x = 1 + 1", "a"), code("assert x == 2", "b") | {"metadata": {"nbgrader": own}}, code("del x", "c")]
    released = parsed({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})[0]
    corrected, _ = mend(released | {"cells": [cells[0], cells[2]]}, released)
    assert [cell["id"] for cell in corrected["cells"]] == ["a", "b", "c"]


def test_an_answer_of_another_name_is_left_to_the_teacher():
    notebook = answered(RELEASED, RIGHT)
    at = check_of(notebook, FIRST)
    for cell in notebook["cells"][at - 1 : at + 1]:
        cell["source"] = cell["source"].replace(f"my_{FIRST}", "mine")
    _, faults = mend(parsed(notebook)[0], RELEASED)
    assert [fault.what for fault in faults if not fault.mended] == [
        f"my_{FIRST} must be bound by the answer, and no cell binds it; the check was edited"
    ]


MENDABLE = sorted((d for d in NOTEBOOKS if d.__name__ not in ("of_nbformat_3",)), key=lambda d: d.__name__)


@pytest.mark.slow
@given(st.lists(st.sampled_from(MENDABLE), min_size=2, max_size=4, unique=True))
def test_several_damages_at_once_are_mended(damages):
    try:
        whole, corrected, said = damaged(*damages)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        return  # the second finds nothing more to damage
    assert said
    assert [one for one in unmarkable(corrected) if "no answer" not in one] == []
    assert words(whole) <= words(corrected)
    assert mend(*map(deepcopy, (corrected, RELEASED)))[1] == []


@pytest.fixture
def course(tmp_path):
    """A course's folder with the release; hand_in(student) makes the folder of an answered notebook."""
    release = tmp_path / "course" / "release" / "first"
    release.mkdir(parents=True)
    (release / "first.ipynb").write_text(json.dumps(RELEASED), "utf-8")
    return release.parents[1]


def hand_in(course, student, notebook=None, assignment="first"):
    folder = course / "submitted" / student / assignment
    folder.mkdir(parents=True)
    (folder / "first.ipynb").write_text(json.dumps(notebook or answered(RELEASED, RIGHT)), "utf-8")
    (folder / "timestamp.txt").write_text("2026-11-28 12:00:00 UTC", "utf-8")
    return folder


def tree(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def look(course, capsys, *more):
    """(exit status, what is said), and the folder as it was handed in is as it was."""
    before = tree(course / "submitted")
    status = submissions.main([str(course), *more])
    assert tree(course / "submitted") == before, "what was handed in is never changed"
    return status, capsys.readouterr().out


def corrected(course, student, name="first.ipynb"):
    """The notebook that nbgrader is to read."""
    return read((course / "submitted-corrected" / student / "first" / name).read_bytes())[0]


def test_with_nothing_to_mend_nothing_is_written(course, capsys):
    hand_in(course, "kim")
    hand_in(course, "lee", deepcopy(RELEASED))
    said = "first: 2 students, 0 of them mended, 0 left to you. Now: nbgrader autograde first\n"
    assert look(course, capsys) == (0, said)
    assert sorted(path.name for path in course.iterdir()) == ["release", "submitted"]


@pytest.mark.parametrize("damage", FILES)
def test_the_notebook_is_found_wherever_it_lies_whatever_its_name(course, capsys, damage):
    change, said = FILES[damage]
    whole = (hand_in(course, "lee") / "first.ipynb").read_bytes()
    folder = hand_in(course, "kim")
    (folder / "series.csv").write_text("1,2", "utf-8")
    change(folder)
    status, out = look(course, capsys)
    assert (status, said in out, "kim, " in out, "lee" in out) == (0, True, True, False), out
    assert unmarkable(corrected(course, "kim")) == []
    target = course / "submitted-corrected"
    assert (target / "lee" / "first" / "first.ipynb").read_bytes() == whole, "of the others, what they handed in"
    assert (target / "kim" / "first" / "series.csv").read_text("utf-8") == "1,2"
    assert (target / "kim" / "first" / "timestamp.txt").is_file()
    assert [path.suffix for path in (target / "kim" / "first").iterdir()].count(".ipynb") == 1
    once = tree(target)
    assert look(course, capsys)[1] == out
    assert tree(target) == once, "the same run again changes nothing"


def empty(path):
    path.write_bytes(b"")


def half(path):
    path.write_bytes(path.read_bytes()[:3000])


def page(path):
    path.write_text("<!DOCTYPE html><html><body>first</body></html>", "utf-8")


def packed(path):
    shutil.make_archive(str(path.with_suffix("")), "zip", path.parent, path.name)
    path.unlink()


def another_lesson(path):
    path.write_text(json.dumps(RELEASED | {"cells": [code("print(1)", "own")]}), "utf-8")


def of_a_later_format(path):
    path.write_text(json.dumps({"worksheets": [{"cells": 1}], "nbformat": 3}), "utf-8")


def korean(path):
    path.write_bytes(path.read_text("utf-8").replace("import", "# 과제\nimport").encode("cp949", "ignore"))


@pytest.mark.parametrize(
    "damage, said",
    [
        (empty, "must be a notebook, got an empty file (0 bytes). Left to you: ask for it again"),
        (half, "must be a notebook, got no JSON, or a part of it alone (3000 bytes)"),
        (page, "must be a notebook, got a web page"),
        (packed, "must be there, with checks of the release, got first.zip (an archive (.zip)"),
        (another_lesson, "must be there, with checks of the release, got first.ipynb"),
        (of_a_later_format, "must be a notebook, got one of nbformat 3"),
        (os.remove, "must be there, with checks of the release, got nothing"),
    ],
)
def test_what_cannot_be_mended_is_left_to_the_teacher(course, capsys, damage, said):
    hand_in(course, "lee", damaged_copy := answered(RELEASED, RIGHT))
    handed_in.copied(damaged_copy)
    folder = hand_in(course, "kim")
    damage(folder / "first.ipynb")
    (folder / ".ipynb_checkpoints").mkdir()
    (folder / ".ipynb_checkpoints" / "first-checkpoint.ipynb").write_text("{}", "utf-8")
    status, out = look(course, capsys)
    assert status == 1
    assert said in out
    assert "first-checkpoint.ipynb, which Jupyter kept" in out
    assert unmarkable(corrected(course, "lee")) == [], "the others are marked all the same"
    assert "2 students" in out
    assert "1 left to you" in out


def test_of_two_files_none_is_chosen_in_silence(course, capsys):
    for student, other in ("kim", "first-Copy1.ipynb"), ("lee", "first (1).ipynb"):
        folder = hand_in(course, student)
        second = answered(RELEASED, RIGHT | {FIRST: f"def my_{FIRST}(*given):\n    return given"})
        (folder / other).write_text(json.dumps(second), "utf-8")
    (folder / "first.ipynb").rename(folder / "first (2).ipynb")
    same = hand_in(course, "park")
    shutil.copy(same / "first.ipynb", same / "first-Copy1.ipynb")
    status, out = look(course, capsys)
    assert status == 1
    assert (
        "kim, first/first.ipynb: one file must be first/first.ipynb, got 2: first.ipynb, first-Copy1.ipynb. Left" in out
    )
    assert (
        "lee, first/first.ipynb: one file must be first/first.ipynb, got 2: first (1).ipynb, first (2).ipynb. L" in out
    )
    assert "park" not in out, "two that say the same are one"
    assert corrected(course, "kim") == read((course / "submitted/kim/first/first.ipynb").read_bytes())[0]
    assert not (course / "submitted-corrected/lee/first/first.ipynb").exists()


@pytest.mark.parametrize("name", [unicodedata.normalize("NFD", "김민수"), "kim [2]", " kim"])
def test_a_student_gets_a_name_that_nbgrader_finds(course, capsys, name):
    hand_in(course, name)
    status, out = look(course, capsys)
    (found,) = (course / "submitted-corrected").iterdir()
    assert (status, found.name) == (0, {"k": "kim (2)", " ": "kim"}.get(name[0], "김민수"))
    assert f"got {ascii(name)}" in out


def test_names_with_spaces_and_hangul_are_as_good_as_any(course, capsys):
    hand_in(course, "김 민수")
    assert look(course, capsys)[0] == 0
    assert not (course / "submitted-corrected").exists()


@pytest.mark.parametrize("place", ["submitted/kim/first", "first/kim", "first/kim/first", "kim"])
def test_a_folder_too_many_or_too_few(course, capsys, place):
    folder = hand_in(course, "lee")
    target = course / "submitted" / place
    target.mkdir(parents=True)
    shutil.copy(folder / "first.ipynb", target)
    status, out = look(course, capsys)
    assert status == 0, out
    assert unmarkable(corrected(course, "kim")) == []


def test_a_file_in_no_students_folder_is_left(course, capsys):
    folder = hand_in(course, "lee")
    shutil.copy(folder / "first.ipynb", course / "submitted" / "kim.ipynb")
    shutil.make_archive(str(course / "submitted" / "park"), "zip", folder)
    (course / "submitted" / "list.txt").write_text("kim, lee, park", "utf-8")
    status, out = look(course, capsys)
    assert status == 1
    assert "kim.ipynb: must lie in a student's folder, lies in none. Left to you: put it into STUDENT/" in out
    assert "park.zip: must lie in a student's folder, lies in none (an archive (.zip)" in out
    assert "list.txt" not in out


def test_each_assignment_has_its_own_notebooks(course, capsys):
    other = json.loads(json.dumps(lesson(("is_sound",))))
    (course / "release" / "second").mkdir()
    (course / "release" / "second" / "second.ipynb").write_text(json.dumps(other), "utf-8")
    folder = hand_in(course, "kim")
    (folder / "second (1).ipynb").write_text(json.dumps(other), "utf-8")
    status, out = look(course, capsys)
    assert "kim, first/second (1).ipynb: must lie at second/second.ipynb" in out
    assert (course / "submitted-corrected/kim/second/second.ipynb").is_file()
    assert [path.name for path in (course / "submitted-corrected/kim/first").glob("*.ipynb")] == ["first.ipynb"]
    shutil.rmtree(course / "submitted-corrected")
    assert look(course, capsys, "--assignment", "first")[1].endswith("Now: nbgrader autograde first\n")


def test_one_students_trouble_is_no_others(course, capsys, monkeypatch):
    handed_in.renamed(hand_in(course, "kim"))
    hand_in(course, "lee")
    broken = hand_in(course, "park")
    real = type(broken).iterdir

    def iterdir(path):
        if path == broken:
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(type(broken), "iterdir", iterdir)
    status = submissions.main([str(course)])
    out = capsys.readouterr().out
    assert status == 1
    assert "park, park: its files cannot be read: [Errno 13] Permission denied" in out
    assert unmarkable(corrected(course, "kim")) == unmarkable(corrected(course, "lee")) == []


def test_what_stood_in_the_copy_is_kept(course, capsys):
    folder = hand_in(course, "kim")
    renamed = folder / "first (1).ipynb"
    (folder / "first.ipynb").rename(renamed)
    assert look(course, capsys)[0] == 0
    path = course / "submitted-corrected/kim/first/first.ipynb"
    for number in 1, 2:
        by_hand = path.read_bytes() + b" " * number
        path.write_bytes(by_hand)
        assert f"first.ipynb.{number}: was there before" in look(course, capsys)[1]
        assert path.with_name(f"first.ipynb.{number}").read_bytes() == by_hand
        assert path.read_bytes() == renamed.read_bytes()
    hand_in(course, "lee")
    shutil.rmtree(course / "submitted" / "kim")
    status, out = look(course, capsys)
    assert status == 1
    assert "kim/first: what it is a copy of is there no more. Left to you" in out


def test_whatever_is_killed_when_nothing_is_lost(course, capsys, monkeypatch):
    for student in "kim", "lee":
        handed_in.renamed(hand_in(course, student))
    target = course / "submitted-corrected"
    assert look(course, capsys)[0] == 0
    whole = tree(target)
    (target / "lee" / "first" / "first.ipynb").write_text("by hand", "utf-8")
    started = tree(target)
    real, kept = os.replace, {**whole, "lee/first/first.ipynb.1": b"by hand"}
    for steps in range(8):
        shutil.rmtree(target)
        for name, raw in started.items() if steps % 2 else ():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_bytes(raw)
        left = iter(range(steps // 2))

        def replace(source, aim, left=left):
            if next(left, None) is None:
                raise KeyboardInterrupt
            real(source, aim)

        monkeypatch.setattr(os, "replace", replace)
        with suppress(KeyboardInterrupt):  # the last is not killed
            look(course, capsys)
        monkeypatch.setattr(os, "replace", real)
        for name, raw in tree(target).items():
            assert name.endswith(".part") or raw in (*whole.values(), b"by hand"), "whole or not at all"
        assert look(course, capsys)[0] == 0
        assert tree(target) == (kept if steps % 2 else whole)


@pytest.mark.parametrize(
    "where, more, said",
    [
        ("nowhere", [], "FOLDER must be a course's folder or its submitted/, and there is no folder"),
        ("", [], "nothing was handed in: there is no"),
        ("submitted", ["--assignment", "third"], "there is no third/*.ipynb in"),
        ("submitted", ["--release", "elsewhere"], "there is no ASSIGNMENT/*.ipynb in elsewhere"),
        ("submitted", [], "must hold STUDENT/first/"),
    ],
)
def test_where_there_is_nothing_to_look_at(course, capsys, where, more, said):
    if where == "submitted":
        (course / "submitted").mkdir()
    with pytest.raises(SystemExit) as error:
        submissions.main([str(course / where), *more])
    assert error.value.code == 2
    assert said in capsys.readouterr().err


@pytest.mark.slow
def test_the_command_on_a_console_of_another_encoding(course):
    handed_in.renamed(hand_in(course, "김민수"))
    done = subprocess.run(
        [sys.executable, "-m", "unrolled.exercises", "submissions", str(course / "submitted")],
        env=os.environ | {"PYTHONIOENCODING": "ascii", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=120 * patience(),
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Mended: copied to its place" in done.stdout
    assert unmarkable(corrected(course, "김민수")) == []
