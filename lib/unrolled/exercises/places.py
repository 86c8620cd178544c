"""Where an answer is wrong, and what would make it right: by its numbers, and by calling it with changed arguments."""

from itertools import combinations, product

import numpy as np

from unrolled.exercises.answers import is_close
from unrolled.exercises.evidence import is_right
from unrolled.exercises.forms import join

GATES = {4: ("quarter", "ifog"), 3: ("third", "rzn")}
AXES = {"T": "step", "N": "row", "n": "row", "K": "row", "V": "row"}
MOST = 3  # facts in one sentence


def find_place(evidence, probe):
    """The facts about where an answer is wrong, as a list of sentences; probe(function of arguments) calls it again."""
    at = evidence.place
    damaged = next((answer.damaged for answer in evidence.mine if answer.damaged), None)
    facts = [f"it writes into its argument {damaged}"] if damaged else []
    if at is not None and all(m.size and np.isnan(m).all() for m, _ in evidence.pairs(at)):
        return [*facts, f"every number of {evidence.exercise.results[at]} is nan, as 0 / 0, inf - inf and 0 * inf are"]
    if at is not None:
        facts += _name_results(evidence)
        facts += _find_part(evidence, at)
    facts += _find_sizes(evidence, at, probe)
    if at is not None or probe.raises:
        facts += probe.find_remedy()
        facts += probe.find_deaf()
    return facts[:MOST]


def _name_results(evidence):
    names = evidence.exercise.results
    wrong = [name for j, name in enumerate(names) if evidence.find_wrong(j)]
    if len(names) == 1:
        return []
    right = [name for name in names if name not in wrong]
    if len(wrong) == 1:
        return [f"only {wrong[0]} is wrong"]
    return [f"{join(right)} {'is' if len(right) == 1 else 'are'} right"] if right else []


def _find_part(evidence, at):
    """Along which axis, and in which part of it, a result is wrong in every case."""
    shown = [n for n in range(len(evidence.cases)) if evidence.mine[n].results]
    masks = []
    for n in shown:
        m, r = evidence.mine[n].results[at], evidence.right[n].results[at]
        if m.shape != r.shape or m.ndim == 0:
            return []
        scale = 1e-6 + 1e-6 * np.abs(r)
        with np.errstate(invalid="ignore"):
            masks.append((evidence.cases[n][0], ~((np.abs(m - 1.0 * r) <= scale) | ((m != m) & (r != r)))))
    if len(masks) < 3:
        return []
    name, facts = evidence.exercise.results[at], []
    for axis in range(masks[0][1].ndim):
        label, times = _label(masks, axis)
        others = lambda w, axis=axis: w.any(tuple(k for k in range(w.ndim) if k != axis))
        lines = [(sizes, others(w)) for sizes, w in masks]
        if times in GATES:
            facts += _name_gates(name, [w.reshape(times, -1).any(1) for _, w in lines], times)
        else:
            facts += _name_lines(name, lines, AXES.get(label) or _name_axis(axis, masks[0][1].ndim))
        if facts:
            return facts[:1]
    if masks[0][1].ndim == 2 and all(w.shape[0] == w.shape[1] for _, w in masks):
        large = [w for _, w in masks if len(w) > 1]
        if large and all(not np.diag(w).any() for w in large) and any(w.any() for w in large):
            return [f"the diagonal of {name} is right"]
    return []


def _name_axis(axis, ndim):
    """What stands along an axis whose size has no name: a sequence is time-major."""
    if axis == 0:
        return "step" if ndim == 3 else "number"
    return "column"


def _label(masks, axis):
    """(the size that an axis has in every case, how many times); (None, 1) where several fit, or none."""
    found = [(s, k) for s in masks[0][0] for k in (1, 3, 4) if all(w.shape[axis] == k * sizes[s] for sizes, w in masks)]
    return found[0] if len(found) == 1 else (None, 1)


def _name_gates(name, wrong, times):
    """The parts of a packed result that are wrong, where some are right in every case."""
    part, letters = GATES[times]
    seen = np.any(wrong, axis=0)
    if seen.all() or not seen.any():
        return []
    which = [letters[k] for k in range(times) if seen[k]]
    return [f"of {name}, the {part} of {which[0]} alone is wrong" if len(which) == 1 else
            f"of {name}, the {part}s of {' and '.join(which)} are wrong, the others right"]  # fmt: skip


def _name_lines(name, lines, word):
    """Which steps, rows or columns are wrong, where that is the same in every case of two and more."""
    long = [w for _, w in lines if len(w) > 1]
    short = [w for _, w in lines if len(w) == 1]
    wrong = [w for w in long if w.any()]
    if len(wrong) < 3 or all(w.all() for w in long):
        return []
    first = lambda w: w[0] and not w[1:].any()
    last = lambda w: w[-1] and not w[:-1].any()
    patterns = {f"only the first {word} of {name} is wrong": first, f"only the last {word} of {name} is wrong": last}
    for words, holds in patterns.items():
        if all(holds(w) for w in wrong):
            return [words]
    if all(not w[0] for w in long) and not any(w.any() for w in short):
        right = min(int(np.argmax(w)) for w in wrong)
        starts = {(int(np.argmax(w)), tuple(sizes.items())) for sizes, w in lines if w.any()}
        for size in lines[0][0]:
            if (
                size != "case"
                and len(starts) > 2
                and all(start == dict(sizes)[size] for start, sizes in starts)
                and len({s for s, _ in starts}) > 1
            ):
                return [f"the first {size} {word}s of {name} are right, and it is wrong from there on"]
        return [
            f"the first {word if right == 1 else f'{right} {word}s'} of {name} {'is' if right == 1 else 'are'} right"
        ]
    if all(not w[-1] for w in long):
        return [f"the last {word} of {name} is right"]
    return []


def _find_sizes(evidence, at, probe):
    """For which sizes the answer is right, where one is 1 or two are the same, and at larger sizes, too."""
    right = [
        evidence.is_right[n][at] if at is not None else not evidence.mine[n].trouble for n in range(len(evidence.cases))
    ]
    names = [s for s in evidence.cases[0][0] if s != "case"]
    if not any(right) or all(right):
        return []
    conditions = {f"for {s} = 1": lambda sizes, s=s: sizes[s] == 1 for s in names}
    conditions |= {f"where {a} = {b}": lambda sizes, a=a, b=b: sizes[a] == sizes[b] for a, b in combinations(names, 2)}
    conditions |= {
        f"where {a} is not above {b}": lambda sizes, a=a, b=b: sizes[a] <= sizes[b]
        for a in names
        for b in names
        if a != b
    }
    conditions |= {
        f"for {a} = 1 and {b} = 1": lambda sizes, a=a, b=b: sizes[a] == sizes[b] == 1 for a, b in combinations(names, 2)
    }
    verb = "is right" if at is not None else "runs"
    for words, holds in conditions.items():
        fits = [holds(sizes) for sizes, _ in evidence.cases]
        if fits == right:  # right there, and nowhere else
            return [f"yours {verb} {words}, and nowhere else"] if probe.holds(holds) else []
    for words, holds in conditions.items():
        fits = [r for (sizes, _), r in zip(evidence.cases, right) if holds(sizes)]
        if len(fits) > (2 if len(names) > 1 else 0) and all(fits) and probe.holds(holds):
            return [f"yours {verb} {words}"]
    return []


class Probe:
    """Calls the reader's function and the reference with changed arguments, in the cases that tell most."""

    def __init__(self, evidence, call, cases=3):
        """call(function or None for the reader's, arguments) -> Answer."""
        self.evidence, self.call = evidence, call
        at = evidence.place
        wrong = evidence.find_wrong(at) if at is not None else [n for n, m in enumerate(evidence.mine) if m.trouble]
        self.chosen, self.raises = wrong[::-1][:cases], at is None
        self.at = at or 0

    def holds(self, condition):
        """Whether the answer is right at larger sizes, of which the condition is true."""
        exercise = self.evidence.exercise
        names = list(self.evidence.cases[0][0])
        tried = [dict(zip(names, sizes)) for sizes in product((5, 4, 3, 1), repeat=len(names))]
        tried = [sizes for sizes in tried if condition(sizes)][:3]
        for seed, sizes in enumerate(2 * tried):
            arguments = exercise.case(np.random.default_rng(100 + seed), **sizes)
            m, r = self.call(None, arguments), self.call(exercise.reference, arguments)
            if not m.results or (not self.raises and not is_right(m.results[self.at], r.results[self.at])):
                return False
        return True

    def _change(self, n, change):
        return {name: change(name, value) for name, value in self.evidence.cases[n][1].items()}

    def _both(self, n, change):
        changed = self._change(n, change)
        return self.call(None, changed), self.call(self.evidence.exercise.reference, changed)

    def _is_mended(self, change):
        """Whether the answer is right once the arguments are changed, and that says something: its result is not 0."""
        for n in self.chosen:
            changed = self._change(n, change)
            r = self.call(self.evidence.exercise.reference, changed)
            if not r.results or not np.isfinite(r.results[self.at]).all() or not np.any(r.results[self.at]):
                return False
            m = self.call(None, changed)
            if not m.results or not is_right(m.results[self.at], r.results[self.at]):
                return False
        return bool(self.chosen)

    def find_remedy(self):
        """Which argument, once it is 0 or 1 or simple, leaves nothing wrong; or which two."""
        if not any(m.results for m in self.evidence.mine):
            return []  # it stops everywhere: the line in which it does says more
        sizes, arguments = self.evidence.cases[0]
        free = [name for name in arguments if name not in sizes]  # what holds for a size is said already
        simple = [(name, *made) for name in free for made in _simplify(name, arguments[name]).items()]
        found = []
        for name, words, change in simple:
            if self._is_mended(lambda k, v, name=name, change=change: change(v) if k == name else v):
                found.append(words)
        if small := [words for words in found if words.startswith("small")]:
            found = small
        if not found:
            zeros = [(name, change) for name, words, change in simple if words.endswith("= 0")]
            for (a, f), (b, g) in combinations(zeros, 2):
                both = {a: f, b: g}
                if self._is_mended(lambda k, v, both=both: both[k](v) if k in both else v):
                    return [f"with {a} = 0 and {b} = 0 yours is right"]
        return [f"with {' or with '.join(found[:2])} yours is right"] if found else []

    def find_deaf(self):
        """Which argument the answer does not hear, where the right result moves with it."""
        deaf = []
        for name, value in self.evidence.cases[0][1].items():
            if self._is_deaf(name, _nudge(value)):
                deaf.append(name)
        return [f"yours does not change with {' or '.join(deaf[:2])}, and it should"] if deaf else []

    def _is_deaf(self, name, nudge):
        if nudge is None or self.raises:
            return False
        for n in self.chosen:
            m, r = self._both(n, lambda k, v: nudge(v) if k == name else v)
            before, right = self.evidence.mine[n].results, self.evidence.right[n].results
            if not m.results or not r.results or not before:
                return False
            same = lambda a, b: a.shape == b.shape and is_close(a, b)
            if not same(m.results[self.at], before[self.at]) or same(r.results[self.at], right[self.at]):
                return False
        return bool(self.chosen)


def _simplify(name, value):
    """{words: what makes an argument simple}."""
    if isinstance(value, str):
        return {f"no word of {name} twice": lambda v: " ".join(dict.fromkeys(v.split()))}
    if isinstance(value, bool | dict | tuple) or callable(value):
        return {}
    if not isinstance(value, np.ndarray):
        large = {f"a large {name}": lambda v: 1e3 * v} if isinstance(value, float) else {}
        return {f"{name} = {k}": lambda v, k=k: type(v)(k) for k in (1, 0)} | large
    if value.dtype.kind == "b":
        return {f"{name} all True": np.ones_like}
    if value.dtype.kind in "iu":
        return {}
    made = {f"{name} = 0": lambda v: 0 * v, f"small {name}": lambda v: 1e-2 * v / max(1, np.abs(v).max())}
    if (value > 0).all() and (value < 1).all():  # a gate
        made[f"every number of {name} 1"] = np.ones_like
    if value.ndim == 2:
        made[f"the rows of {name} all alike"] = lambda v: v[:1] + 0 * v
        made[f"a symmetric {name}"] = lambda v: (v + v.T) / 2 if v.shape[0] == v.shape[1] else v + np.nan
    return made


def _nudge(value):
    """What moves an argument a little; None where nothing does."""
    if isinstance(value, bool | str | dict | tuple) or callable(value):
        return None
    if not isinstance(value, np.ndarray):
        return lambda v: v + 1
    if value.dtype.kind == "b":
        return None
    return lambda v: v + 1 if v.dtype.kind in "iu" else v + 0.1 + 0.3 * np.sin(1.0 + np.arange(v.size)).reshape(v.shape)
