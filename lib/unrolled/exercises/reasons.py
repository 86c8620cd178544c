"""Why an answer is wrong: the first of what can be said for certain, from a known mistake to where it is right."""

import inspect
from functools import partial
from itertools import combinations

import numpy as np

from unrolled.exercises import forms
from unrolled.exercises.evidence import is_right
from unrolled.exercises.guard import call_safely
from unrolled.exercises.mistakes import combine
from unrolled.exercises.places import Probe, find_place
from unrolled.exercises.slips import plain, slips
from unrolled.exercises.substitutions import substitutions

NEARLY = 1e-6  # of the difference: what named terms may leave unexplained
SAID = -2, -1, -0.5, 0.5, 1, 2  # the factors of a term that a student would say
ONE_CASE = 3  # with fewer cases than this, too much agrees by chance to search for it


class Reasons:
    """What can be said of one wrong answer, whose Evidence is complete.

    memory holds what our own functions answer; call(function or None for the reader's, arguments) gives an Answer.
    """

    def __init__(self, evidence, memory, budget, call):
        self.evidence, self.memory, self.call = evidence, memory, call
        self.exercise, self.place = evidence.exercise, evidence.place
        self.budget = budget
        self.recall = lambda function, n: memory.recall(function, n, budget)

    def find(self):
        """(why it is wrong, whether that names the mistake)."""
        known, most = self._find_known()
        if known:
            partly = most <= len(self.exercise.results)  # then something else may explain all that is wrong
            search = lambda: self._substitute(None) or self._slip(None)
            whole = self._search(search) if partly else None
            return (whole, True) if whole else _tell(known)
        if self.place is None:
            steps = self._substitute, self._slip, self._find_transposed
        else:
            steps = (self._find_form, self._find_square, self._substitute, self._slip, self._pair, self._find_change)
        for step in steps:
            if found := self._search(step):
                return found if isinstance(found, tuple) else (found, True)
        if self.place is not None and (terms := self._find_terms()):
            return terms, False
        return "; ".join(find_place(self.evidence, Probe(self.evidence, self.call))), False

    def _search(self, step):
        """What a step finds within the time and the memory of a check; None where that is not enough."""
        return call_safely(step, self.budget.renew(self.exercise.seconds)).value

    def _find_known(self, **how):
        """The sentences of the known mistakes that it is, and in how many results they are the same, plus 1."""
        never = self.place is not None and not any(row[self.place] for row in self.evidence.is_right)
        return self._agree(self.exercise.wrong.items(), self.recall, self.place, finite=never, **how)

    def _agree(self, candidates, answer, place, **how):
        """([the sentences of the candidates that are this mistake], in how many results): those that agree in most."""
        found, most = [], 0
        for sentence, function in self._sift(list(candidates), answer, place, **how):
            score = self.evidence.agrees(partial(answer, function), place, **how)
            if score > most:
                found, most = [], score
            if score == most > 0:
                found.append(sentence)
        return found, most

    def _sift(self, candidates, answer, place, finite=False, square=False):
        """The candidates that are the same in the one case that tells most: of a thousand, all at once."""
        if finite and not any(m.results for m in self.evidence.mine):
            return []  # no number to agree with
        at = self.place if place is None else place
        n = self.evidence.order(at)[0] if at is not None else None
        mine = self.evidence.mine[n] if n is not None else None
        if square or mine is None or not mine.results or self.evidence.is_right[n][at]:
            return candidates
        table = self.memory.keep((tuple(f for _, f in candidates), n, at), lambda: _stack(candidates, answer, n, at))
        numbers, t = table.get(mine.results[at].shape, ((), None))
        if not numbers:
            return []
        with np.errstate(all="ignore"):
            m = mine.results[at].astype(float)
            near = (np.abs(t - m) <= 1e-3 * (1 + np.abs(t))) | (t == m) | ((t != t) & (m != m))  # agrees() looks closer
        return [candidates[k] for k, same in zip(numbers, near.reshape(len(numbers), -1).all(1)) if same]

    def _find_form(self):
        for find in (forms.find_shape, forms.find_swap, forms.find_factor):
            if found := find(self.evidence):
                return found
        return None

    def _find_square(self):
        """A known mistake, written in another way, which stops or broadcasts at other sizes."""
        found, _ = self._find_known(square=True)
        return _tell(found) if found else None

    def _substitute(self, *place):
        """What the arguments of the right answer must be for it to give these numbers."""
        if len(self.memory.cases) < ONE_CASE and self.memory.cases[0][0]:
            return None
        reference, arguments = self.exercise.reference, self.memory.cases[-1][1]
        made = self.memory.keep(
            "substitutions", lambda: list(substitutions(self.exercise, plain(reference), arguments))
        )
        found, _ = self._agree(made, self.memory.try_out, *(place or [self.place]), finite=True)
        return found[0] if found else None

    def _find_transposed(self):
        """Weights that are taken as if they stood the other way round, as PyTorch's do, and NumPy stops each time."""
        made = [(words, f) for words, f in self.memory.keep("substitutions", list) if "transposed" in words]
        found, _ = self._agree(made, self.memory.try_out, None)
        return found[0] if found else None

    def _slip(self, *place):
        """The one change of the right answer's source with which it gives these numbers."""
        if len(self.memory.cases) < ONE_CASE and self.memory.cases[0][0]:
            return None
        shown = inspect.unwrap(self.exercise.shown or self.exercise.reference)
        made = [(slip.words, slip.function) for slip in self.memory.keep("slips", lambda: list(slips(shown)))]
        found, _ = self._agree(made, self.memory.try_out, *(place or [self.place]), finite=True)
        return next(filter(None, (words() for words in found)), None)

    def _pair(self):
        """The two known mistakes that give these numbers together."""
        n = next((n for n in self.evidence.order() if self.evidence.mine[n].results), None)
        if n is None:
            return None
        right = self.evidence.right[n].results[self.place]
        moves = lambda f: (made := self.recall(f, n).results) and not is_right(made[self.place], right)
        relevant = [(sentence, wrong) for sentence, wrong in self.exercise.wrong.items() if moves(wrong)]
        pairs = self.memory.keep(("pairs", n, self.place), lambda: list(self._combine(relevant)))
        found, _ = self._agree(pairs, self.memory.try_out, self.place, finite=True)
        return found[0] if found else None

    def _combine(self, known):
        """Yields (both sentences, a function with both mistakes) of all pairs that can stand together."""
        for (one, a), (other, b) in combinations(known, 2):
            if both := self.memory.keep((a, b), lambda a=a, b=b: combine(a, b)):
                yield f"two mistakes at once. The one: {one}. The other: {other}", both

    def _find_change(self):
        return forms.find_change(self.evidence) or forms.find_difference(self.evidence)

    def _find_terms(self):
        """The named terms of which the difference is made in every case, with one factor each, by least squares."""
        name, differences, columns = self.exercise.results[self.place], [], []
        for m, r, (_, arguments) in list(zip(self.evidence.mine, self.evidence.right, self.evidence.cases))[-4:]:
            terms = self.exercise.terms(*arguments.values()).get(name, {}) if self.exercise.terms else {}
            if not terms or not m.results or m.results[self.place].shape != r.results[self.place].shape:
                return None  # the last four are the larger ones: a single number is a multiple of anything
            differences.append(np.ravel(m.results[self.place] - r.results[self.place]))
            columns.append(np.stack([np.ravel(term) for term in terms.values()], axis=1))
        difference, columns = np.concatenate(differences), np.concatenate(columns)
        if not np.isfinite(difference).all():
            return None
        factors = np.linalg.lstsq(columns, difference)[0]
        if np.linalg.norm(difference - columns @ factors) > NEARLY * np.linalg.norm(difference):
            return None
        parts = {term: float(factor) for factor, term in zip(factors, terms) if abs(factor) > NEARLY}
        if not parts or any(min(abs(factor - said) for said in SAID) > NEARLY for factor in parts.values()):
            return None
        return f"the difference from the right answer is {' and '.join(_format_term(*part) for part in parts.items())}"


def _stack(candidates, answer, n, at):
    """{shape: (numbers of candidates, their results in case n as one array)}, of the result with the number `at`."""
    made = {}
    for k, (_, function) in enumerate(candidates):
        if results := answer(function, n).results:
            made.setdefault(results[at].shape, []).append((k, results[at].astype(float)))
    return {shape: ([k for k, _ in rows], np.stack([r for _, r in rows])) for shape, rows in made.items()}


def _tell(sentences):
    """(one sentence, True), or both of two mistakes that are the same here, and False: which one it is stays open."""
    if len(sentences) == 1:
        return sentences[0], True
    return f"two mistakes give these numbers. One: {sentences[0]}. The other: {sentences[1]}", False


def _format_term(term, factor):
    size = "" if abs(abs(factor) - 1) < NEARLY else f"{abs(factor):.3g} times "
    return f"{'minus ' if factor < 0 else ''}{size}{term}"
