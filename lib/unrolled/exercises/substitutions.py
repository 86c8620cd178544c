"""The right answer to other arguments: one of them as zero, turned, transposed, in another's place."""

from functools import partial
from itertools import combinations, permutations

import numpy as np

FLOATS = {
    "{name} has no part in it: yours is right for {name} = 0": lambda v: 0 * v,
    "the sign of {name} is turned": lambda v: -v,
    "{name} counts twice": lambda v: 2 * v,
    "{name} counts half": lambda v: v / 2,
    "tanh is taken of {name} on its way in": np.tanh,
    "the sigmoid is taken of {name} on its way in": lambda v: 1 / (1 + np.exp(-v)),
    "{name} is squared": np.square,
    "1 is added to {name}": lambda v: v + 1,
    "{name} is turned round along its first axis": lambda v: v[::-1],
    "{name} is turned round along its last axis": lambda v: v[..., ::-1],
    "the first row of {name} stands in every row": lambda v: v[:1] + 0 * v,
    "the last row of {name} stands in every row": lambda v: v[-1:] + 0 * v,
    "the mean of {name} over its first axis stands in every row": lambda v: v.mean(0) + 0 * v,
    "{name}[i + 1] is read where {name}[i] belongs": lambda v: np.roll(v, -1, axis=0),
    "{name}[i - 1] is read where {name}[i] belongs": lambda v: np.roll(v, 1, axis=0),
    "ones stand where {name} belongs": np.ones_like,
    "{name} is divided by its largest number": lambda v: v / np.max(v),
    "the mean of {name} is taken off": lambda v: v - np.mean(v),
}


def _transpose(v):
    return v.T


SQUARE = {"{name} stands transposed": _transpose}
BOTH = {
    "{name} and {other} stand transposed": _transpose,
    "{name} and {other} have no part in it: yours is right for {name} = 0 and {other} = 0": lambda v: 0 * v,
    "the signs of {name} and {other} are turned": lambda v: -v,
}
WHOLE = {
    "1 is added to {name}": lambda v: v + 1,
    "1 is taken off {name}": lambda v: v - 1,
    "{name} is turned round": lambda v: v[::-1],
    "{name}[i + 1] is read where {name}[i] belongs": lambda v: np.roll(v, -1),
    "{name}[i - 1] is read where {name}[i] belongs": lambda v: np.roll(v, 1),
    "yours is right for {name} = 0: {name} has no part in it": lambda v: 0 * v,
    "each number of {name} counts once: only whether it is above 0 is read": lambda v: np.minimum(v, 1),
    "{name} is sorted": np.sort,
}
TRUTHS = {
    "{name} is turned round: True and False have changed places": np.logical_not,
    "{name} is not used: yours is right where all of it is True": np.ones_like,
}
SCALARS = {
    "{name} has no part in it: yours is right for {name} = 1": lambda v: type(v)(1),
    "yours is right for {name} = 0: {name} has no part in it": lambda v: type(v)(0),
    "1 is added to {name}": lambda v: v + 1,
    "1 is taken off {name}": lambda v: v - 1,
    "{name} counts twice": lambda v: 2 * v,
    "{name} is squared": lambda v: v**2,
    "{name} stands upside down, as 1/{name}": lambda v: 1 / v,
    "the root is taken of {name}": lambda v: v**0.5,
    "the sign of {name} is turned": lambda v: -v,
}
TEXTS = {
    "each different word of {name} counts once": lambda v: " ".join(dict.fromkeys(v.split())),
    "{name} is read letter by letter: split() makes words": lambda v: " ".join(v.replace(" ", "_")),
    "the last word of {name} is left out": lambda v: v.rpartition(" ")[0],
    "the first word of {name} is left out": lambda v: v.partition(" ")[2],
}


def substitutions(exercise, reference, arguments):
    """Yields (what is wrong, the reference to which it happens); arguments: those of a case, which say their kinds."""
    names = exercise.parameters
    kinds = {name: _find_changes(arguments[name]) for name in names if name in arguments}
    for k, name in enumerate(names):
        for words, change in kinds.get(name, {}).items():
            yield words.format(name=name), partial(_with, reference, {k: (k, change)})
    for k, j in permutations(range(len(names)), 2):
        name, other = names[k], names[j]
        if _are_alike(arguments.get(name), arguments.get(other)):
            yield f"{other} stands where {name} belongs", partial(_with, reference, {k: (j, _same)})
    for k, j in combinations(range(len(names)), 2):
        name, other = names[k], names[j]
        if _are_alike(arguments.get(name), arguments.get(other)):
            swapped = {k: (j, _same), j: (k, _same)}
            yield f"{name} and {other} have changed places", partial(_with, reference, swapped)
            for words, change in BOTH.items():
                if change is not _transpose or np.ndim(arguments[name]) == np.ndim(arguments[other]) == 2:
                    both = partial(_with, reference, {k: (k, change), j: (j, change)})
                    yield words.format(name=name, other=other), both


def _are_alike(value, other):
    return value is not None and type(value) is type(other) and not isinstance(value, dict)


def _find_changes(value):
    if isinstance(value, bool | str | dict) or callable(value):
        return TEXTS if isinstance(value, str) else {}
    if not isinstance(value, np.ndarray):
        return SCALARS
    if value.dtype.kind == "b":
        return TRUTHS
    if value.dtype.kind in "iu":
        return WHOLE
    return FLOATS | (SQUARE if value.ndim == 2 else {})


def _with(function, changed, *arguments):
    """The function of other arguments; changed: {number: (the number of the one in its place, what is done to it)}."""
    given = list(arguments)
    for k, (j, change) in changed.items():
        given[k] = change(arguments[j])
    return function(*given)


def _same(value):
    return value
