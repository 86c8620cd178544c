"""The right numbers in another form: a shape, a tuple, a constant factor, a logarithm, rounded."""

from itertools import permutations, product

import numpy as np

from unrolled.exercises.answers import is_close
from unrolled.exercises.evidence import is_right
from unrolled.exercises.exercise import Wrong

NUMBERS = {2: "twice", 0.5: "half", -1: "minus", 100: "100 times", 0.01: "a hundredth of", 10: "10 times",
           0.1: "0.1 times", 3: "3 times", 4: "4 times", 0.25: "a quarter of", -2: "minus twice"}  # fmt: skip
NUMBERS |= {np.log(2): "ln 2 times", 1 / np.log(2): "1 / ln 2 times", 8: "8 times", 0.125: "an eighth of"}
CUT = "what is asked for, but cut to whole numbers: an array of integers drops what stands behind the point"
CHANGES = {
    "the logarithm of what is asked for": np.log,
    "e to the power of what is asked for": np.exp,
    "the square of what is asked for": np.square,
    "the root of what is asked for": np.sqrt,
    "1 minus what is asked for": lambda r: 1 - r,
    "1 divided by what is asked for": lambda r: 1 / r,
    "the size of what is asked for, without its sign": np.abs,
    "what is asked for, rounded up": np.ceil,
    CUT: np.trunc,
    "what is asked for, rounded to whole numbers": np.round,
    "what is asked for, rounded to 1 place": lambda r: np.round(r, 1),
    "what is asked for, rounded to 2 places": lambda r: np.round(r, 2),
    "what is asked for, rounded to 3 places": lambda r: np.round(r, 3),
    "what is asked for, rounded to 4 places": lambda r: np.round(r, 4),
    "tanh of what is asked for": np.tanh,
    "the sigmoid of what is asked for": lambda r: 1 / (1 + np.exp(-r)),
    "what is asked for, but nothing below 0": lambda r: np.maximum(r, 0),
    "what is asked for, divided by its sum": lambda r: r / r.sum(),
    "what is asked for, without its mean": lambda r: r - r.mean(),
    "what is asked for, the other way round along the first axis": lambda r: r[::-1],
    "what is asked for, the other way round along the last axis": lambda r: r[..., ::-1],
    "what is asked for, moved: place i of the first axis holds what belongs at i - 1": lambda r: np.roll(r, 1, axis=0),
    "what is asked for, moved: place i of the first axis holds what belongs at i + 1": lambda r: np.roll(r, -1, axis=0),
    "the running sum of what is asked for, along the first axis": lambda r: np.cumsum(r, axis=0),
    "the first row of what is asked for, in every row": lambda r: r[:1] + 0 * r,
    "the last row of what is asked for, in every row": lambda r: r[-1:] + 0 * r,
    "the mean over the rows of what is asked for, in every row": lambda r: r.mean(0) + 0 * r,
    "only the sign of what is asked for": np.sign,
}
REDUCED = {
    "summed over the {axis} axis": lambda r, axis: r.sum(axis),
    "the mean over the {axis} axis is taken of it": lambda r, axis: r.mean(axis),
    "only the first along the {axis} axis is left of it": lambda r, axis: np.take(r, 0, axis),
    "only the last along the {axis} axis is left of it": lambda r, axis: np.take(r, -1, axis),
    "multiplied up along the {axis} axis": lambda r, axis: r.prod(axis),
}
FEW = 3  # cases with numbers, of which a form is told
ORDINALS = "first", "second", "third"


def find_parts(exercise, parts, right):
    """What is right among the parts of an answer that returned too many or too few things; None where nothing is."""
    names = exercise.results
    found = [next((name for name, r in zip(names, right.results) if is_right(p, r)), None) for p in parts]
    if len(names) > 1 and not any(found) and _is_paired(parts, right):
        return "the results stand side by side, in pairs: return one whole array after the other"
    if not any(found) or len(parts) == len(names) > 1:
        return None
    if len(names) == 1:
        if len(parts) == 1:
            return "its numbers are right: leave out the comma that makes it a tuple"
        which = ORDINALS[k] if (k := found.index(names[0])) < 3 else f"number {k + 1}"
        return f"the {which} of them is right"
    if len(found) == 1 and any(found):
        return f"{found[0]} alone is there, and right"
    missing, extra = [name for name in names if name not in found], found.count(None)
    if missing and not extra:
        return f"what there is is right, and {join(missing)} {'is' if len(missing) == 1 else 'are'} missing"
    if not missing and extra:
        return f"all that is asked for is among them: leave out the other {'one' if extra == 1 else extra}"
    return f"right among them {'is' if len(set(found) - {None}) == 1 else 'are'} {join([f for f in found if f])}"


def _is_paired(parts, right):
    """Whether the parts, as one array, hold the results along the last axis."""
    if len({p.shape for p in parts}) != 1 or len({r.shape for r in right.results}) != 1:
        return False
    whole = parts[0] if len(parts) == 1 else np.stack(parts)
    return is_right(whole, np.stack(right.results, axis=-1))


def find_shape(evidence):
    """What was done to the shape of a result whose numbers are right in every case; None where that is not it."""
    pairs, name = evidence.pairs(evidence.place), evidence.exercise.results[evidence.place]
    stopped = [m for m in evidence.mine if not m.results]
    if len(pairs) < min(FEW, len(evidence.cases)) or any(
        m.error is not Wrong for m in stopped
    ):  # a list whose parts differ is no array
        return None
    pairs = [(m, r) for m, r in pairs if not is_right(m, r)]
    if all(m.size == r.size and m.shape != r.shape for m, r in pairs):
        (m, r), flat = pairs[-1], all(is_close(m.ravel(), r.ravel(), 1e-6) for m, r in pairs)
        squeezed = lambda a: tuple(size for size in a.shape if size != 1)
        if flat and m.ndim > r.ndim:
            how = "keeps an axis of length 1" if squeezed(m) == squeezed(r) else "has an axis too many"
            tip = ": leave out keepdims=True, or take the axis off with reshape or [0]" if "1" in how else ""
            tip = ": join its parts, as np.concatenate does" if stopped else tip
            return f"the numbers of {name} are right, but it {how}: {_shapes(m, r)}{tip}"
        if flat and all(squeezed(m) == squeezed(r) for m, r in pairs):
            return (
                f"the numbers of {name} are right, but an axis of length 1 was lost, as by np.squeeze: {_shapes(m, r)}"
            )
        if flat:
            return f"the numbers of {name} are right, but they stand in another shape: {_shapes(m, r)}"
    for axes in list(permutations(range(pairs[0][1].ndim)))[1:]:
        if all(m.ndim == r.ndim and is_right(m.transpose(axes), r) for m, r in pairs):
            if stopped:
                return f"{name} is a list of parts of several lengths: it is one array, of the shape that is asked for"
            return f"{name} stands transposed, and its numbers are right: {_shapes(*pairs[-1])}"
    return None


def find_factor(evidence):
    """The one factor between a result and the right one, in every case; None where a student would not say it."""
    at, found = evidence.place, []
    for n in evidence.find_wrong(at):
        m, r = evidence.mine[n], evidence.right[n].results[at]
        if not m.results or m.results[at].shape != r.shape or not np.any(r):
            return None
        m = m.results[at].astype(float)
        k = np.argmax(np.abs(r))
        factor = float(m.flat[k] / r.flat[k])
        if not np.isfinite(factor) or not is_close(m, factor * r):
            return None
        found.append((evidence.cases[n][0], factor))
    name, right = evidence.exercise.results[at], [n for n in range(len(evidence.cases)) if evidence.is_right[n][at]]
    if not found:
        return None
    if all(m.dtype.kind in "iu" for m, _ in evidence.pairs(at)) and _holds(evidence.pairs(at), np.trunc):
        return f"{name} is {CUT}"
    whole = "all of " * (np.size(evidence.right[-1].results[at]) > 1) + name
    if all(factor == 0 for _, factor in found):
        return f"{whole} is zero" if whole != name else f"{name} is always 0"
    silent = all(not np.any(evidence.right[n].results[at]) for n in right)  # nothing times 0 is seen
    sure = len(found) > 1 or np.size(evidence.right[-1].results[at]) > 1
    for number, words in NUMBERS.items():
        if sure and silent and all(abs(factor / number - 1) < 1e-9 for _, factor in found):
            return f"{whole} is {words} what it should be" if number != -1 else f"the sign of {name} is turned"
    for words, law in _size_factors([s for s in found[0][0] if s != "case"]):
        agrees = all(abs(factor / law(sizes) - 1) < 1e-9 for sizes, factor in found)
        rights = all(law(evidence.cases[n][0]) == 1 or not np.any(evidence.right[n].results[at]) for n in right)
        if agrees and rights and len({law(sizes) for sizes, _ in found}) > 1:
            return f"{whole} is {words} what it should be"
    return None


def _size_factors(names):
    """Yields (words, the factor as a function of the sizes)."""
    for a in names:
        yield f"{a} times", lambda s, a=a: s[a]
        yield f"1/{a} of", lambda s, a=a: 1 / s[a]
        yield f"the root of {a} times", lambda s, a=a: s[a] ** 0.5
        yield f"1/√{a} of", lambda s, a=a: s[a] ** -0.5
        for b in names:
            if a < b:
                yield f"{a} {b} times", lambda s, a=a, b=b: s[a] * s[b]
                yield f"1/({a} {b}) of", lambda s, a=a, b=b: 1 / (s[a] * s[b])


def find_change(evidence):
    """What was done to the right numbers after all: a logarithm, a sum over an axis, another order; or None."""
    at = evidence.place
    name, pairs = evidence.exercise.results[at], evidence.pairs(at)
    if len(pairs) < len(evidence.cases):
        return None
    larger = max(np.size(r) for _, r in pairs) > 1
    limit = float(max(np.abs(m[np.isfinite(m)]).max(initial=0) for m, _ in pairs))
    kept = any(((np.abs(r) > 0) & (np.abs(r) < limit)).any() for _, r in pairs)
    if larger and kept and _holds(pairs, lambda r: np.clip(r, -limit, limit)):
        return f"{name} is what is asked for, but clipped: nothing is larger than {limit:.6g}"
    with np.errstate(all="ignore"):
        for words, change in CHANGES.items():
            if ("axis" in words or "row" in words or "sum" in words) and pairs[0][1].ndim == 0:
                continue
            if _holds(pairs, change):
                return f"{name} is {words}"
        for axis in range(pairs[0][1].ndim if larger else 0):
            for words, reduce in REDUCED.items():
                if _holds(pairs, lambda r, axis=axis, reduce=reduce: reduce(r, axis)):
                    words = words.format(axis=ORDINALS[axis])
                    return f"{name} would be right, but {'it is ' * words.startswith(('summed', 'mult'))}{words}"
        if larger and _holds(pairs, np.sum):
            return f"{name} would be right, but all of it is summed up to one number"
    return None


def _holds(pairs, change):
    """Whether the numbers are the change of the right ones in every case; a change that does nothing is none."""
    made = [(m, np.asarray(change(r.astype(float)))) for m, r in pairs]
    return all(m.shape == c.shape and is_close(m, c) for m, c in made) and not all(
        c.shape == r.shape and is_close(c, r) for (_, c), (_, r) in zip(made, pairs)
    )


def find_swap(evidence):
    """Which results stand in each other's place, or which stands where another belongs. None: neither."""
    names, at = evidence.exercise.results, evidence.place
    if not all(m.results for m in evidence.mine):
        return None
    for j, other in enumerate(names):
        takes = lambda i, k: all(is_right(m.results[i], r.results[k]) for m, r in zip(evidence.mine, evidence.right))
        if j != at and takes(at, j):
            if takes(j, at):
                return f"{names[at]} and {other} have changed places"
            return f"{other} stands where {names[at]} belongs"
    return None


def find_difference(evidence):
    """How much too large or too small a single number always is: by a number, or by a product of sizes; or None."""
    at, found = evidence.place, []
    for n, (m, r) in enumerate(evidence.pairs(at)):
        if m.shape != () or r.shape != ():
            return None
        found.append((evidence.cases[n][0], float(m - r)))
    names = [s for s in found[0][0] if s != "case"] if found else []
    if len(found) < len(evidence.cases):
        return None
    for words, law in _products(names):
        for sign, way in ((1, "large"), (-1, "small")):
            if all(abs(difference - sign * law(sizes)) < 1e-6 for sizes, difference in found):
                return f"{evidence.exercise.results[at]} is always {words} too {way}"
    return None


def _products(names):
    """Yields (words, a number or product of sizes): what a count may have too many or too few."""
    terms = {str(k): lambda s, k=k: k for k in range(1, 7)} | {a: lambda s, a=a: s[a] for a in names}
    terms |= {f"2 * {a}": lambda s, a=a: 2 * s[a] for a in names}
    terms |= {f"{a} * {b}": lambda s, a=a, b=b: s[a] * s[b] for a in names for b in names if a <= b}
    yield from terms.items()
    for (a, left), (b, right) in product(terms.items(), repeat=2) if names else ():
        if a > b:
            yield f"{a} + {b}", lambda s, left=left, right=right: left(s) + right(s)
            yield f"{a} - {b}", lambda s, left=left, right=right: left(s) - right(s)
            yield f"{b} - {a}", lambda s, left=left, right=right: right(s) - left(s)


def _shapes(m, r):
    return f"{m.shape}, and it should have {r.shape}"


def join(names):
    """Some names, as one says them: a, b and c."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
