"""What a function makes of an exercise's cases: run safely, and, where the function is our own, run only once."""

from decimal import Decimal
from functools import lru_cache
from numbers import Real
from typing import NamedTuple

import numpy as np

from unrolled.exercises.exercise import Wrong, describe_type
from unrolled.exercises.guard import TooLong, allow, call_safely

TOLERANCE = 1e-6
SINGLE = 2e-4  # the same for float32, which rounds to 6e-8 and adds that up
EXERCISES_REMEMBERED = 8  # about a lesson's: a few MB at most


class Answer(NamedTuple):
    """What a function made of one case: its results, or what is wrong with them; the argument that it wrote into.

    parts: the arrays that it returned, where they are not as many as are asked for.
    """

    results: tuple | None
    trouble: str = ""
    error: type | None = None
    damaged: str | None = None
    printed: str = ""
    parts: tuple = ()


def run_case(exercise, function, arguments, budget=None):
    """The Answer of a function to one case, which it cannot harm."""
    given = {name: _copy(value) for name, value in arguments.items()}
    call = lambda: _read(exercise, exercise.use(function, *given.values()))
    value, error, words, printed, text = call_safely(call, budget or allow(exercise.seconds))
    results, misfit, parts = value or (None, "", ())
    if misfit:
        error, words = Wrong(), misfit
    elif isinstance(error, Wrong):
        words = text
    elif isinstance(error, TooLong):
        words = (
            f"it was stopped, because the check had taken {exercise.seconds:g} seconds: is there a loop without an end?"
        )
    elif isinstance(error, MemoryError):
        words = "it asked for more than a gigabyte of memory"
    elif error is not None:
        words = f"it raised {words}"
    damaged = [name for name, value in arguments.items() if not is_equal(value, given[name])]
    return Answer(results, words, type(error) if error else None, damaged[0] if damaged else None, printed, parts)


class Memory:
    """The cases of an exercise, and what our own functions answer to them, each computed once.

    No answer can damage it: a function gets copies of the arguments, and all arrays here are read-only.
    """

    def __init__(self, exercise, given=None):
        self.exercise, self.cases, self._answers = exercise, list(exercise.cases(given)), {}
        self._made = {}
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

    def try_out(self, function, n):
        """The Answer of a changed copy of our own function to case n, without the guard, which takes longest."""
        found = self._answers.get((function, n))
        if found is None:
            try:
                with np.errstate(all="ignore"):
                    value = self.exercise.use(function, *self.cases[n][1].values())
                    results, words, _ = _read(self.exercise, value)
                found = Answer(results, words, Wrong if words else None)
            except Exception as error:
                found = Answer(None, f"it raised {type(error).__name__}: {str(error)[:200]}", type(error))
            _freeze(found.results or ())
            self._answers[function, n] = found
        return found

    def keep(self, key, make):
        """What make() gives, made once: the functions that are wrong in one thing take longer than their answers."""
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]


remember = lru_cache(maxsize=EXERCISES_REMEMBERED)(Memory)


def is_same(mine, theirs, at=None):
    """Whether two answers have the same results, up to rounding; at: only the result with this number."""
    pairs = list(zip(mine.results, theirs.results))
    pairs = pairs if at is None else [pairs[at]]
    return all(m.shape == t.shape and is_close(m, t) for m, t in pairs)


def is_close(m, t, least=1e-9):
    """np.allclose where NaN equals NaN, in a fifth of its time: a check compares thousands of small arrays.

    least: a difference that is none, however small the numbers are. Single precision has a tolerance of its own.
    """
    with np.errstate(invalid="ignore"):
        size, tolerance = np.abs(t), TOLERANCE
        if m.dtype in (np.float32, np.float16) and size.size:
            tolerance, least = SINGLE, max(least, 0.1 * SINGLE * np.max(size, where=np.isfinite(size), initial=0))
        near = (np.abs(np.subtract(m, t, dtype=float)) <= least + tolerance * size) & (size < np.inf)
    return bool(near.all()) or bool((near | (m == t) | ((m != m) & (t != t))).all())


def to_array(name, value):
    """A copy of value as an array of numbers; Wrong where it is none."""
    try:
        array = np.array(value)
        if array.dtype == object and all(isinstance(v, Real | Decimal) for v in array.flat):
            array = array.astype(float)
    except ValueError:
        array = np.array(None)
    if array.dtype.kind == "c":
        raise Wrong(f"{name} must hold real numbers, got complex ones")
    if array.dtype.kind not in "fiub":
        raise Wrong(f"{name} must be a number or an array of numbers, got {describe_type(value)}")
    return array


def is_equal(before, after):
    """Whether an argument is, to the last digit, as it was before."""
    if isinstance(before, dict):
        return list(before) == list(after) and all(is_equal(before[key], after[key]) for key in before)
    if isinstance(before, np.ndarray):
        return isinstance(after, np.ndarray) and np.array_equal(before, after, equal_nan=before.dtype.kind == "f")
    return True


def _read(exercise, value):
    """(its results as a tuple of arrays, or None; what is wrong with them; their arrays, where they are too many)."""
    names = exercise.results
    if value is None and names:
        return None, "it returned None: is there a return?", ()
    if len(names) == 1:
        try:
            return (to_array(names[0], value),), "", _to_arrays(value) if isinstance(value, tuple) else ()
        except Wrong as wrong:
            several = isinstance(value, tuple)
            words = f"it must return {names[0]} alone, got {describe_type(value)}" if several else str(wrong)
            return None, words, _to_arrays(value) if several else ()
    if isinstance(value, np.ndarray) and value.shape[:1] == (len(names),):
        value = tuple(value)  # it unpacks into as many
    if not isinstance(value, tuple | list) or len(value) != len(names):
        words = f"it must return {len(names)} things ({', '.join(names)}), got {describe_type(value)}"
        return None, words, _to_arrays(value if isinstance(value, tuple | list) else (value,))
    return tuple(to_array(name, v) for name, v in zip(names, value)), "", ()


def _to_arrays(values):
    """Each value as an array, an empty one where it is none."""
    made = []
    for value in values:
        try:
            made.append(to_array("it", value))
        except Wrong:
            made.append(np.empty(0))
    return tuple(made)


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
