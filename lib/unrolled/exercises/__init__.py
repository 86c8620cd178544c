"""Exercises: `check` says what is wrong with an answer, `hint` helps, `solution` shows ours, `progress` counts.

    check.rnn_step(my_rnn_step)     hint("rnn_step")     solution("rnn_step")     progress()

`hint` and `solution` without a name mean the exercise that was checked last. While nbgrader marks a notebook, an answer
that is not right raises, because that is how nbgrader knows; and nobody's progress is written.
"""

import inspect
import os
from difflib import get_close_matches
from types import MappingProxyType

from unrolled.exercises import (
    lesson_00,
    lesson_01,
    lesson_02,
    lesson_02_graph,
    lesson_03,
    lesson_03_sound,
    lesson_03_training,
    lesson_04,
    lesson_04_open,
    lesson_04_text,
    lesson_05,
    lesson_06,
    lesson_07,
    lesson_07_open,
    progress_file,
)
from unrolled.exercises.diagnose import diagnose

LESSONS = MappingProxyType(
    {
        "00": lesson_00.EXERCISES,
        "01": lesson_01.EXERCISES,
        "02": lesson_02.EXERCISES + lesson_02_graph.EXERCISES,
        "03": lesson_03.EXERCISES + lesson_03_training.EXERCISES + lesson_03_sound.EXERCISES,
        "04": lesson_04.EXERCISES + lesson_04_text.EXERCISES + lesson_04_open.EXERCISES,
        "05": lesson_05.EXERCISES,
        "06": lesson_06.EXERCISES,
        "07": lesson_07.EXERCISES + lesson_07_open.EXERCISES,
    }
)
EXERCISES = MappingProxyType({exercise.name: exercise for lesson in LESSONS.values() for exercise in lesson})
_state = {"last": None, "hints": {}}  # of this session


class _Check:
    """check.<exercise>(my_function) prints what is wrong with an answer, "Right.", or "Not attempted."."""

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        exercise = _find(name, AttributeError)

        def check_one(function, **given):
            _check(exercise, function, given)

        check_one.__name__, check_one.__doc__ = name, exercise.statement
        return check_one

    def __dir__(self):
        return list(EXERCISES)


check = _Check()


def _check(exercise, function, given):
    _state["last"] = exercise.name
    if unknown := set(given) - set(next(exercise.cases())[1]):
        raise TypeError(f"{exercise.name} takes no {', '.join(sorted(unknown))}")
    found = diagnose(exercise, function, given)
    said = _verdict(exercise, found, given)
    if os.environ.get("NBGRADER_EXECUTION"):
        if not found.attempted or found.sentence:
            raise AssertionError(said)
    elif found.attempted:
        progress_file.note(exercise.name, right=found.sentence is None)
    print(said)


def _verdict(exercise, found, given):
    if not found.attempted:
        return f'Not attempted. hint("{exercise.name}") helps, solution("{exercise.name}") shows ours.'
    if found.sentence is None:
        sizes = len(list(exercise.cases(given)))
        return "Right." if sizes == 1 else f"Right, for all {sizes} combinations of sizes that were tried."
    printed = f"\nIt printed: {found.printed.strip()}" if found.printed.strip() else ""
    return f"Not yet: {found.sentence}.{printed}"


def hint(exercise=None):
    """Print the next hint to an exercise, by its name or your function: each call goes one level on, to the third."""
    exercise = _named(exercise)
    level = min(_state["hints"].get(exercise.name, 0) + 1, len(exercise.hints))
    _state["hints"][exercise.name] = level
    print(f"Hint {level} of {len(exercise.hints)} to {exercise.name}: {exercise.hints[level - 1]}")


def solution(exercise=None):
    """Print the reference's source, of an exercise by its name or your function."""
    print(inspect.getsource(inspect.unwrap(_named(exercise).reference)).rstrip())


def progress():
    """Print one line: how many exercises of each lesson are right."""
    done = progress_file.load()
    parts = [
        f"{number}: {sum(done.get(e.name, False) for e in lesson)}/{len(lesson)}" for number, lesson in LESSONS.items()
    ]
    right = sum(done.get(name, False) for name in EXERCISES)
    print(f"Right so far: {right} of {len(EXERCISES)} exercises (lesson {', '.join(parts)})")


def _named(exercise):
    name = _state["last"] if exercise is None else getattr(exercise, "__name__", exercise)
    if name is None:
        raise ValueError(f'name an exercise, hint("{next(iter(EXERCISES))}"): none was checked yet')
    return _find(str(name).removeprefix("my_"), ValueError)


def _find(name, error):
    if name not in EXERCISES:
        near = get_close_matches(name, EXERCISES, n=1, cutoff=0.5)
        meant = f"; did you mean {near[0]}?" if near else ""
        raise error(f"there is no exercise {name!r}{meant} There are: {', '.join(EXERCISES)}")
    return EXERCISES[name]
