"""What is wrong with an answer, in one sentence: the first thing that fails, at the smallest sizes where it does."""

import inspect
import time
from typing import NamedTuple

import numpy as np

from unrolled.exercises import forms
from unrolled.exercises.answers import TOLERANCE, Memory, is_same, remember, run_case
from unrolled.exercises.evidence import Evidence, is_right
from unrolled.exercises.exercise import Named, Wrong
from unrolled.exercises.guard import TooLong, allow, call_safely
from unrolled.exercises.process_state import put_back_after_check
from unrolled.exercises.reasons import Reasons

SLOW, SLOWER = 0.5, 200  # a call that takes longer than SLOW seconds and SLOWER times the reference is too slow
KIND = -1  # the place of a result whose numbers are right, and its dtype is not
LINE, LINES = 100, 14  # what is printed of the smallest input: so long, and so many


class Diagnosis(NamedTuple):
    """What a check found.

    wrong      what is wrong, with both numbers; None where all is right
    reason     why: the mistake that it is, or what is known of it
    named      whether the reason is the mistake
    smallest   the input that shows it, a line for each argument, where it is small
    attempted  False for a stub
    printed    what the answer printed in that call
    """

    wrong: str | None = None
    reason: str = ""
    smallest: str = ""
    attempted: bool = True
    printed: str = ""
    named: bool = False

    @property
    def sentence(self):
        """What is wrong and why, in one sentence; None where all is right."""
        return f"{self.wrong}: {self.reason}" if self.reason else self.wrong


KEEPS = (
    "a second call with the same arguments gives another answer: it keeps something between calls, draws random "
    "numbers, or leaves a part of np.empty unfilled; all that it needs must come in as arguments"
)
NUMPY = dict(vars(np))  # as it is before any answer runs


def diagnose(exercise, function, given=None):
    """The Diagnosis of an answer. given: {name: argument} that stands in the place of the exercise's own."""
    with put_back_after_check():
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
                place, sentence = _compare(self.exercise, mine, right)
            if sentence and place == KIND:
                return Diagnosis(sentence, printed=mine.printed)
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
        changed = [f"np.{name}" for name, value in NUMPY.items() if getattr(np, name, None) is not value]
        cause = f"{' and '.join(changed[:3])} was overwritten" if changed else "something that it uses was overwritten"
        return Diagnosis(f"our own answer {trouble}: {cause}; restart the kernel", printed=self.answers[n].printed)

    def _explain(self, n, place, sentence):
        """The Diagnosis of an answer of which something is wrong in case n: in the result with the number `place`."""
        exercise, mine, (sizes, arguments) = self.exercise, self.answers[n], self.cases[n]
        reason, named = "", False
        if exercise.results:
            self.answers += [self._run(n) for n in range(len(self.answers), len(self.cases))]
        for k in {n, len(self.answers) - 1, len(self.answers) // 2}:
            if (first := self.answers[k]).results and (again := self._run(k)).results and not is_same(first, again):
                return Diagnosis(KEEPS, printed=mine.printed)
        if exercise.results:
            now = self._rerun_reference(n)  # before any wrong answer is remembered
            if now.trouble or not is_same(now, self._recall(exercise.reference, n)):
                return self._report_overwritten(n, now)
            if (
                mine.parts
                and (mine.trouble or len(exercise.results) == 1)
                and (form := forms.find_parts(exercise, mine.parts, now))
            ):
                return Diagnosis(f"{_name_return(exercise, mine)}: {form}", printed=mine.printed)
            reason, named = ("", True) if mine.error is Named else self._find_reason(place)
            if reason == sentence:  # what was returned is of a kind that a bank knows
                reason, named = "", False
        own = exercise.results and not self.given and arguments != sizes
        smallest = format_small(arguments) if own and mine.error not in (Wrong, TooLong, MemoryError) else ""
        clear = smallest and not any(isinstance(value, np.ndarray) for value in arguments.values())
        sizes = {name: size for name, size in sizes.items() if name != "case"}
        sentence += f" (at {_format_sizes(sizes)})" if sizes and not self.given and not clear else ""
        return Diagnosis(sentence, reason, smallest, printed=mine.printed, named=named)

    def _find_reason(self, place):
        """(why it is wrong, whether that names the mistake)."""
        right = [self._recall(self.exercise.reference, n) for n in range(len(self.cases))]
        evidence = Evidence(self.exercise, self.cases, self.answers, right, place)
        reasons = Reasons(evidence, self.memory, self.budget, self._call)
        return call_safely(reasons.find, self.budget.renew(10 * self.exercise.seconds)).value or ("", False)

    def _call(self, function, arguments):
        """The Answer of the reader's function, or of one of ours, to arguments of no case."""
        budget = self.budget if function is None else self.budget.renew(self.exercise.seconds)
        return run_case(self.exercise, function or self.function, arguments, budget)

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


def _compare(exercise, mine, right):
    """(the number of the first result that is wrong, or KIND; what is wrong with it); (None, None): all is right."""
    if mine.trouble:
        return None, mine.trouble
    for i, (name, m, r) in enumerate(zip(exercise.results, mine.results, right.results)):
        if m.shape != r.shape:
            return i, f"you gave {name} with the shape {m.shape}, and it should have {r.shape}"
        if not is_right(m, r):
            wrong = ~np.isclose(m, r, rtol=TOLERANCE, atol=TOLERANCE)
            where = tuple(int(k) for k in np.argwhere(wrong)[0])
            place = f"[{', '.join(map(str, where))}]" if where else ""
            apart = abs(float(m[where]) - float(r[where]))
            close = f" ({apart:.0e} apart: more than rounding does)" if apart < 1e-3 * abs(r[where]) else ""
            return i, f"you gave {name}{place} = {m[where]:.6g}, and it should be {r[where]:.6g}{close}"
    for name, (kinds, why) in exercise.kinds.items():
        if (m := mine.results[exercise.results.index(name)]).dtype.kind not in kinds:
            return KIND, f"the numbers of {name} are right, but you gave them as {m.dtype}: {why}"
    return None, None


def _name_return(exercise, mine):
    return mine.trouble or f"it must return {exercise.results[0]} alone, got a tuple of {len(mine.parts)}"


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
