"""What is wrong with an answer, in one sentence: the first thing that fails, at the smallest sizes where it does."""

import inspect
import time
from typing import NamedTuple

import numpy as np

from unrolled.exercises.answers import TOLERANCE, Memory, is_same, remember, run_case
from unrolled.exercises.exercise import Wrong
from unrolled.exercises.guard import TooLong, allow, call_safely

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


KEEPS = (
    "a second call with the same arguments gives another answer: it keeps something between calls, or draws random "
    "numbers; all that it needs must come in as arguments"
)
OVERWRITTEN = ": was a function of NumPy, or of the library, overwritten? Restart the kernel"


def diagnose(exercise, function, given=None):
    """The Diagnosis of an answer. given: {name: argument} that stands in the place of the exercise's own."""
    return _Check(exercise, function, given).find_mistake()


class _Check:
    """One check: the answers of the reader's function so far, beside ours."""

    def __init__(self, exercise, function, given):
        self.exercise, self.function, self.given = exercise, function, given
        self.memory = Memory(exercise, given) if given or not exercise.results else remember(exercise)
        self.cases, self.budget, self.answers = self.memory.cases, allow(exercise.seconds), []

    def find_mistake(self):
        if sentence := _check_signature(self.exercise, self.function, self.budget):
            return Diagnosis(sentence)
        for n in range(len(self.cases)):
            mine = self._run(n)
            self.answers.append(mine)
            if mine.error is NotImplementedError:
                return Diagnosis("it raised NotImplementedError", attempted=False)
            place, sentence = None, mine.trouble
            if self.exercise.results:
                right = self._recall(self.exercise.reference, n)
                if right.trouble:
                    return self._report_overwritten(n, right)
                place, sentence = _compare(self.exercise.results, mine, right)
            if sentence:
                return self._explain(n, place, sentence)
        if damaged := next((a for a in self.answers if a.damaged), None):
            sentence = f"it writes into its argument {damaged.damaged}: work on a copy, or make a new array"
            return Diagnosis(sentence, printed=damaged.printed)
        # Where there is nothing to compare, a property was asked for, and it holds.
        return self._call_again_and_time() if self.exercise.results else Diagnosis()

    def _run(self, n):
        return run_case(self.exercise, self.function, self.cases[n][1], self.budget)

    def _recall(self, function, n):
        return self.memory.recall(function, n, self.budget)

    def _rerun_reference(self, n):
        """What the reference answers to case n now, and not when it was remembered."""
        budget = self.budget.renew(self.exercise.seconds)
        return run_case(self.exercise, self.exercise.reference, self.cases[n][1], budget)

    def _report_overwritten(self, n, now):
        """The Diagnosis where the reference no longer gives what it gave; what is remembered may be wrong, too."""
        remember.cache_clear()
        trouble = f"fails now, because {now.trouble}" if now.trouble else "gives other numbers now than before"
        return Diagnosis(f"our own answer {trouble}{OVERWRITTEN}", printed=self.answers[n].printed)

    def _explain(self, n, place, sentence):
        """The Diagnosis of an answer of which something is wrong in case n: in the result with the number `place`."""
        exercise, mine, (sizes, arguments) = self.exercise, self.answers[n], self.cases[n]
        again = self._run(n) if mine.results else mine
        if again.results and not is_same(mine, again):
            return Diagnosis(KEEPS, printed=mine.printed)
        reason = ""
        if exercise.results:
            self.answers += [self._run(n) for n in range(len(self.answers), len(self.cases))]
            now = self._rerun_reference(n)  # before any wrong answer is remembered
            if now.trouble or not is_same(now, self._recall(exercise.reference, n)):
                return self._report_overwritten(n, now)
            reason = self._find_known_mistake(place) or self._find_terms(place) or ""
        own = exercise.results and not self.given and arguments != sizes
        smallest = format_small(arguments) if own and mine.error not in (Wrong, TooLong, MemoryError) else ""
        clear = smallest and not any(isinstance(value, np.ndarray) for value in arguments.values())
        sentence += f" (at {_format_sizes(sizes)})" if sizes and not self.given and not clear else ""
        return Diagnosis(sentence, reason, smallest, printed=mine.printed)

    def _find_known_mistake(self, place):
        """The sentence of the one known wrong answer that agrees in every case, or at least in the result `place`."""
        count = len(self.cases)
        rights = [self._recall(self.exercise.reference, n) for n in range(count)]
        for at in dict.fromkeys((None, place)):
            is_right = [bool(m.results) and is_same(m, right, at) for m, right in zip(self.answers, rights)]
            agree = []
            for sentence, wrong in self.exercise.wrong.items():
                theirs = (self._recall(wrong, n) for n in range(count))
                if _agree(self.answers, is_right, theirs, rights, at):
                    agree.append(sentence)
            if len(agree) == 1:
                return agree[0]
        return None

    def _find_terms(self, place):
        """The named terms of which the difference is made in every case, with one factor each, by least squares."""
        if self.exercise.terms is None or place is None:
            return None
        differences, columns = [], []
        for n in range(len(self.cases))[-4:]:  # the larger ones: a single number is a multiple of anything
            mine, right = self.answers[n], self._recall(self.exercise.reference, n)
            terms = self.exercise.terms(*self.cases[n][1].values()).get(self.exercise.results[place], {})
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

    def _call_again_and_time(self):
        """The last stages, at the largest sizes: the same again, and how long it takes."""
        last, first = len(self.cases) - 1, self.answers[-1]
        start = time.perf_counter()
        right = self._rerun_reference(last)
        middle = time.perf_counter()
        again = self._run(last)
        spent = middle - start, time.perf_counter() - middle
        if right.trouble or not is_same(right, self._recall(self.exercise.reference, last)):
            return self._report_overwritten(last, right)
        if again.trouble or not is_same(first, again):
            return Diagnosis(again.trouble if again.error is TooLong else KEEPS)
        if spent[1] > max(SLOW, SLOWER * spent[0]):
            return Diagnosis(f"it is right, but takes {spent[1] / spent[0]:.0f} times as long as the reference")
        return Diagnosis()


def _check_signature(exercise, function, budget):
    names = exercise.parameters
    if not callable(function):
        return f"hand over the function itself, without brackets; got {type(function).__name__}"
    signature = call_safely(lambda: inspect.signature(function), budget).value
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


def _compare(names, mine, right):
    """(the number of the first result that is wrong, what is wrong with it); (None, None) where all is right."""
    if mine.trouble:
        return None, mine.trouble
    for i, (name, m, r) in enumerate(zip(names, mine.results, right.results)):
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


def _agree(mine, is_right, theirs, rights, at):
    """Whether two wrong functions answered alike: in all results, or in the one with the number `at`.

    Where one raises, or has another shape, the other need not: at some sizes the same mistake broadcasts here and
    stops there. But neither may be right where the other is wrong, and at some sizes both must give the same numbers.
    Where one gives none at any size, the other must say the same words at each.
    """
    if all(m.trouble for m in mine):
        return all(m.trouble == t.trouble for m, t in zip(mine, theirs))
    alike = False
    for m, m_right, t, right in zip(mine, is_right, theirs, rights):
        t_right = bool(t.results) and is_same(t, right, at)
        comparable = m.results and t.results and _shapes(m, at) == _shapes(t, at)
        if m_right != t_right or (comparable and not is_same(m, t, at)):
            return False
        alike = alike or (comparable and not m_right)
    return alike


def _shapes(mine, at):
    return [result.shape for i, result in enumerate(mine.results) if at in (None, i)]


def format_small(arguments):
    """A line for each argument, with its values; nothing where they are many, or are no numbers and words."""
    with np.printoptions(precision=6, suppress=True):
        lines = [f"{name} = {_format_value(value)}" for name, value in arguments.items()]
    return "\n".join(lines) if all(len(line) <= LINE for line in lines) and len(lines) <= LINES else ""


def _format_value(value):
    if isinstance(value, np.ndarray):
        return np.array2string(value, separator=", ").replace("\n", "") if value.size <= LINE else " " * LINE
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key!r}: {_format_value(v)}' for key, v in value.items())}}}"
    return f"{value:.6g}" if isinstance(value, float) else repr(value)


def _format_sizes(sizes):
    return ", ".join(f"{name} = {size}" for name, size in sizes.items())
