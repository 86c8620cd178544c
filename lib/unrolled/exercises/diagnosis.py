"""What is wrong with an answer, in one sentence: the first thing that fails, at the smallest sizes where it does."""

import inspect
import time
from typing import NamedTuple

import numpy as np

from unrolled.exercises.exercise import Wrong, kind
from unrolled.exercises.guard import TooLong, guarded

TOLERANCE = 1e-6
SLOW, SLOWER = 0.5, 200  # a call that takes longer than SLOW seconds and SLOWER times the reference is too slow
NEARLY = 1e-6  # of the difference: what named terms may leave unexplained
LINE, LINES = 100, 14  # what is printed of the smallest input: so long, and so many


class Diagnosis(NamedTuple):
    """What a check found.

    wrong      what is wrong, with both numbers; None where all is right
    reason     why: the known mistake that it is, or the terms of which the difference is made
    smallest   the input that shows it, a line for each argument, where it is small
    attempted  False for a stub
    printed    what the answer printed in that call
    """

    wrong: str | None = None
    reason: str = ""
    smallest: str = ""
    attempted: bool = True
    printed: str = ""

    @property
    def sentence(self):
        """What is wrong and why, in one sentence; None where all is right."""
        return f"{self.wrong}: {self.reason}" if self.reason else self.wrong


class Answer(NamedTuple):
    """What a function made of one case: its results, or what is wrong with them; the argument that it wrote into."""

    results: tuple | None
    trouble: str = ""
    kind: type | None = None
    damaged: str | None = None
    printed: str = ""


def diagnose(exercise, function, given=None):
    """The Diagnosis of an answer. given: {name: argument} that stands in the place of the exercise's own."""
    cases, end = list(exercise.cases(given)), time.perf_counter() + exercise.seconds
    if sentence := _signature(exercise, function):
        return Diagnosis(sentence)
    answers = []
    for sizes, arguments in cases:
        mine = answer(exercise, function, arguments, end)
        answers.append(mine)
        if mine.kind is NotImplementedError:
            return Diagnosis("it raised NotImplementedError", attempted=False)
        right = answer(exercise, exercise.reference, arguments) if exercise.results else None
        if right and right.trouble:
            return Diagnosis(f"our own answer fails now, because {right.trouble}{OVERWRITTEN}", printed=mine.printed)
        place, sentence = _compare(exercise, mine, right)
        if sentence:
            again = answer(exercise, function, arguments, end) if mine.results else mine
            if again.results and not _same(mine, again):
                return Diagnosis(KEEPS, printed=mine.printed)
            reason = exercise.results and known(exercise, cases, answers, function, place, end)
            reason = reason or _projection(exercise, cases, function, place, end) or ""
            shows = (
                exercise.results and not given and arguments != sizes and mine.kind not in (Wrong, TooLong, MemoryError)
            )
            smallest = small(arguments) if shows else ""
            clear = smallest and not any(isinstance(value, np.ndarray) for value in arguments.values())
            sentence += f" (at {_words(sizes)})" if sizes and not given and not clear else ""
            return Diagnosis(sentence, reason, smallest, printed=mine.printed)
    damaged = [a for a in answers if a.damaged]
    if damaged:
        sentence = f"it writes into its argument {damaged[0].damaged}: work on a copy, or make a new array"
        return Diagnosis(sentence, printed=damaged[0].printed)
    if not exercise.results:  # nothing to compare: a property was asked for, and it holds
        return Diagnosis()
    return Diagnosis(_again_and_in_time(exercise, function, cases[-1][1], answers[-1], end))


KEEPS = (
    "a second call with the same arguments gives another answer: it keeps something between calls, or draws random "
    "numbers; all that it needs must come in as arguments"
)

OVERWRITTEN = ": was a function of NumPy, or of the library, overwritten? Restart the kernel"


def answer(exercise, function, arguments, end=None):
    """The Answer of a function to one case, which it cannot harm. end: the time at which it is stopped."""
    given = {name: _copy(value) for name, value in arguments.items()}
    seconds = exercise.seconds if end is None else max(0.01, end - time.perf_counter())
    call = lambda: _results(exercise, exercise.use(function, *given.values()))
    value, error, words, printed = guarded(call, seconds)
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
    damaged = [name for name, value in arguments.items() if not _equal(value, given[name])]
    return Answer(value, words, type(error) if error else None, damaged[0] if damaged else None, printed)


def _results(exercise, value):
    """What an answer returned, as a tuple of arrays of its own; Wrong where it is nothing of that kind."""
    names = exercise.results
    if value is None and names:
        raise Wrong("it returned None: is there a return?")
    if len(names) == 1:
        value = (value,)
    elif not isinstance(value, tuple | list) or len(value) != len(names):
        raise Wrong(f"it must return {len(names)} things ({', '.join(names)}), got {kind(value)}")
    return tuple(numbers(name, v) for name, v in zip(names, value))


def numbers(name, value):
    """A copy of value as an array of numbers; Wrong where it is none."""
    try:
        array = np.array(value)
    except ValueError:
        array = np.array(None)
    if array.dtype.kind not in "fiub":
        raise Wrong(f"{name} must be an array of numbers, got {type(value).__name__}")
    return array


def _signature(exercise, function):
    names = exercise.parameters
    if not callable(function):
        return f"hand over the function itself, without brackets; got {type(function).__name__}"
    signature = guarded(lambda: inspect.signature(function)).value
    if signature is None:  # a builtin does not tell
        return None
    asked = f"it must take {len(names)} arguments ({', '.join(names)})" if names else "it must take no argument"
    try:
        signature.bind(*names)
    except TypeError:
        return f"{asked}, got ({', '.join(signature.parameters)})"
    mine = list(signature.parameters)[: len(names)]
    if mine != names and set(mine) == set(names):
        return f"{asked} in this order, got ({', '.join(mine)})"
    return None


def _compare(exercise, mine, right):
    """(the number of the first result that is wrong, what is wrong with it); (None, None) where all is right."""
    if mine.trouble or not exercise.results:
        return None, mine.trouble or None
    for i, (name, m, r) in enumerate(zip(exercise.results, mine.results, right.results)):
        if m.shape != r.shape:
            return i, f"you gave {name} with the shape {m.shape}, and it should have {r.shape}"
        if "f" in (r.dtype.kind, m.dtype.kind) and r.dtype.kind != m.dtype.kind:
            kinds = {"f": "floats", "b": "truth values"}
            return i, f"you gave {name} as {m.dtype}, and it should hold {kinds.get(r.dtype.kind, 'whole numbers')}"
        wrong = ~np.isclose(m, r, rtol=TOLERANCE, atol=TOLERANCE)
        if wrong.any():
            where = tuple(int(k) for k in np.argwhere(wrong)[0])
            place = f"[{', '.join(map(str, where))}]" if where else ""
            return i, f"you gave {name}{place} = {m[where]:.6g}, and it should be {r[where]:.6g}"
    return None, None


def known(exercise, cases, answers, function, place, end):
    """The sentence of the one known wrong answer that agrees in every case, or at least in the result that fails first.

    answers: the function's own, as far as they are there; the rest is added.
    """
    answers += [answer(exercise, function, arguments, end) for _, arguments in cases[len(answers) :]]
    rights = [answer(exercise, exercise.reference, arguments) for _, arguments in cases]
    for at in (None, place):
        agree = []
        for sentence, wrong in exercise.wrong.items():
            theirs = (answer(exercise, wrong, arguments) for _, arguments in cases)
            if _agree(answers, theirs, rights, at):
                agree.append(sentence)
        if len(agree) == 1:
            return agree[0]
    return None


def _agree(mine, theirs, rights, at):
    """Whether two wrong functions answered alike: in all results, or in the one with the number `at`.

    Where one raises, or has another shape, the other need not: at some sizes the same mistake broadcasts here and
    stops there. But neither may be right where the other is wrong, and at some sizes both must give the same numbers.
    Where one gives none at any size, the other must say the same words at each.
    """
    if all(m.trouble for m in mine):
        return all(m.trouble == t.trouble for m, t in zip(mine, theirs))
    alike = False
    for m, t, right in zip(mine, theirs, rights):
        m_right, t_right = (bool(x.results) and _same(x, right, at) for x in (m, t))
        comparable = m.results and t.results and _shapes(m, at) == _shapes(t, at)
        if m_right != t_right or (comparable and not _same(m, t, at)):
            return False
        alike = alike or (comparable and not m_right)
    return alike


def _shapes(mine, at):
    return [result.shape for i, result in enumerate(mine.results) if at in (None, i)]


def _same(mine, theirs, at=None):
    pairs = list(zip(mine.results, theirs.results))
    pairs = pairs if at is None else [pairs[at]]
    return all(m.shape == t.shape and np.allclose(m, t, TOLERANCE, 1e-9, equal_nan=True) for m, t in pairs)


def _projection(exercise, cases, function, place, end):
    """The named terms of which the difference is made in every case, with one factor each, by least squares."""
    if exercise.terms is None or place is None:
        return None
    name, differences, columns = exercise.results[place], [], []
    for _, arguments in cases[-4:]:  # the larger ones: a single number is a multiple of anything
        mine, right = answer(exercise, function, arguments, end), answer(exercise, exercise.reference, arguments)
        terms = exercise.terms(*arguments.values()).get(name, {})
        if not terms or not mine.results or mine.results[place].shape != right.results[place].shape:
            return None
        differences.append(np.ravel(mine.results[place] - right.results[place]))
        columns.append(np.stack([np.ravel(term) for term in terms.values()], axis=1))
    difference, columns = np.concatenate(differences), np.concatenate(columns)
    if not np.isfinite(difference).all():
        return None
    factors = np.linalg.lstsq(columns, difference)[0]
    if np.linalg.norm(difference - columns @ factors) > NEARLY * np.linalg.norm(difference):
        return None
    parts = [f"{factor:.2f} times {term}" for factor, term in zip(factors, terms) if abs(factor) > NEARLY]
    return f"the difference from the right answer is {' and '.join(parts)}"


def _again_and_in_time(exercise, function, arguments, first, end):
    """The last stages, at the largest sizes: the same again, and how long it takes."""
    spent = []
    for f in (exercise.reference, function):
        start = time.perf_counter()
        second = answer(exercise, f, arguments, end)
        spent.append(time.perf_counter() - start)
    if second.trouble or not _same(first, second):
        return second.trouble if second.kind is TooLong else KEEPS
    if spent[1] > max(SLOW, SLOWER * spent[0]):
        return f"it is right, but takes {spent[1] / spent[0]:.0f} times as long as the reference"
    return None


def _copy(value):
    if isinstance(value, dict):
        return {key: _copy(v) for key, v in value.items()}
    return value.copy() if isinstance(value, np.ndarray) else value


def _equal(before, after):
    if isinstance(before, dict):
        return list(before) == list(after) and all(_equal(before[key], after[key]) for key in before)
    if isinstance(before, np.ndarray):
        return isinstance(after, np.ndarray) and np.array_equal(before, after, equal_nan=before.dtype.kind == "f")
    return True


def small(arguments):
    """A line for each argument, with its values; nothing where they are many, or are no numbers and words."""
    with np.printoptions(precision=6, suppress=True):
        lines = [f"{name} = {_value(value)}" for name, value in arguments.items()]
    return "\n".join(lines) if all(len(line) <= LINE for line in lines) and len(lines) <= LINES else ""


def _value(value):
    if isinstance(value, np.ndarray):
        return np.array2string(value, separator=", ").replace("\n", "") if value.size <= LINE else " " * LINE
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key!r}: {_value(v)}' for key, v in value.items())}}}"
    return f"{value:.6g}" if isinstance(value, float) else repr(value)


def _words(sizes):
    return ", ".join(f"{name} = {size}" for name, size in sizes.items())
