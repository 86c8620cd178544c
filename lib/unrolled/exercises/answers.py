"""What a function makes of an exercise's cases: run safely, and, where the function is our own, run only once."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from unrolled.exercises.exercise import Wrong, describe_type
from unrolled.exercises.guard import TooLong, allow, call_safely

TOLERANCE = 1e-6
EXERCISES_REMEMBERED = 8  # about a lesson's: a few MB at most


class Answer(NamedTuple):
    """What a function made of one case: its results, or what is wrong with them; the argument that it wrote into."""

    results: tuple | None
    trouble: str = ""
    error: type | None = None
    damaged: str | None = None
    printed: str = ""


def run_case(exercise, function, arguments, budget=None):
    """The Answer of a function to one case, which it cannot harm."""
    given = {name: _copy(value) for name, value in arguments.items()}
    call = lambda: _to_results(exercise, exercise.use(function, *given.values()))
    value, error, words, printed = call_safely(call, budget or allow(exercise.seconds))
    if isinstance(error, Wrong):
        words = str(error)
    elif isinstance(error, TooLong):
        words = (
            f"it was stopped, because the check had taken {exercise.seconds:g} seconds: is there a loop without an end?"
        )
    elif isinstance(error, MemoryError):
        words = "it asked for more than a gigabyte of memory"
    elif error is not None:
        words = f"it raised {words}"
    damaged = [name for name, value in arguments.items() if not is_equal(value, given[name])]
    return Answer(value, words, type(error) if error else None, damaged[0] if damaged else None, printed)


class Memory:
    """The cases of an exercise, and what our own functions answer to them, each computed once.

    No answer can damage it: a function gets copies of the arguments, and all arrays here are read-only.
    """

    def __init__(self, exercise, given=None):
        self.exercise, self.cases, self._answers = exercise, list(exercise.cases(given)), {}
        if not given:  # what a reader brings stays writeable
            _freeze([arguments for _, arguments in self.cases])

    def recall(self, function, n, budget):
        """The Answer of our own function to case n. What NumPy, overwritten, makes of the reference is not kept."""
        found = self._answers.get((function, n))
        if found is None:
            found = run_case(self.exercise, function, self.cases[n][1], budget.renew(self.exercise.seconds))
            _freeze(found.results or ())
            if function is not self.exercise.reference or not found.trouble:
                self._answers[function, n] = found
        return found


remember = lru_cache(maxsize=EXERCISES_REMEMBERED)(Memory)


def is_same(mine, theirs, at=None):
    """Whether two answers have the same results, up to rounding; at: only the result with this number."""
    pairs = list(zip(mine.results, theirs.results))
    pairs = pairs if at is None else [pairs[at]]
    return all(m.shape == t.shape and _is_close(m, t) for m, t in pairs)


def _is_close(m, t):
    """np.allclose where NaN equals NaN, in a fifth of its time: a check compares thousands of small arrays."""
    with np.errstate(invalid="ignore"):
        near = np.abs(np.subtract(m, t, dtype=float)) <= 1e-9 + TOLERANCE * np.abs(t)
    return bool(near.all()) or bool((near | (m == t) | ((m != m) & (t != t))).all())


def to_array(name, value):
    """A copy of value as an array of numbers; Wrong where it is none."""
    try:
        array = np.array(value)
    except ValueError:
        array = np.array(None)
    if array.dtype.kind not in "fiub":
        raise Wrong(f"{name} must be an array of numbers, got {type(value).__name__}")
    return array


def is_equal(before, after):
    """Whether an argument is, to the last digit, as it was before."""
    if isinstance(before, dict):
        return list(before) == list(after) and all(is_equal(before[key], after[key]) for key in before)
    if isinstance(before, np.ndarray):
        return isinstance(after, np.ndarray) and np.array_equal(before, after, equal_nan=before.dtype.kind == "f")
    return True


def _to_results(exercise, value):
    """What an answer returned, as a tuple of arrays of its own; Wrong where it is nothing of that kind."""
    names = exercise.results
    if value is None and names:
        raise Wrong("it returned None: is there a return?")
    if len(names) == 1:
        value = (value,)
    elif not isinstance(value, tuple | list) or len(value) != len(names):
        raise Wrong(f"it must return {len(names)} things ({', '.join(names)}), got {describe_type(value)}")
    return tuple(to_array(name, v) for name, v in zip(names, value))


def _copy(value):
    if isinstance(value, dict):
        return {key: _copy(v) for key, v in value.items()}
    return value.copy() if isinstance(value, np.ndarray) else value


def _freeze(values):
    """Make the arrays read-only, also those in dicts."""
    for value in values:
        if isinstance(value, np.ndarray):
            value.setflags(write=False)
        elif isinstance(value, dict):
            _freeze(value.values())
