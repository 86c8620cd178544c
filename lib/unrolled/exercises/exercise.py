"""An exercise is one object: what is asked, the right answer, and the wrong ones that are known."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product

import numpy as np


class Wrong(Exception):
    """What is wrong with an answer, as a sentence: raised by an exercise's `use`."""


class Named(Wrong):
    """A Wrong whose sentence is the mistake itself: no reason is looked for."""


def call(function, *arguments):
    """The plain use of an answer."""
    return function(*arguments)


def describe_type(value):
    """What an answer is, in words: "a tuple of 3", or the name of its type."""
    name = type(value).__name__
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    return f"a {name} of {len(value)}" if isinstance(value, tuple | list | dict) else name


@dataclass(frozen=True, eq=False)  # each is itself alone: what it is remembered by
class Exercise:
    """What `check`, `hint` and `solution` need.

    name       check.<name>
    statement  what is asked, in a sentence
    reference  the right answer; its positional parameters are the signature that is asked for
    case       case(rng, N, D, …) -> {name: argument}; its parameters after rng are the sizes
    results    the names of what it gives, in order
    hints      three, from a nudge to nearly all
    wrong      {sentence: a function that is wrong in just this way}: what it is, and what belongs there
    use        use(function, *arguments) -> results, where they are not just what it returns. It raises Wrong where the
               answer is free and a property is asked for
    shown      what solution prints, where the reference holds more than is asked
    kinds      {result: (kinds of dtype, why)}, where the numbers are not all that is asked for
    terms      terms(*arguments) -> {result: {name: array}}, what the difference of an unknown mistake is made of
    seconds    after which a check is stopped
    """

    name: str
    statement: str
    reference: Callable
    case: Callable
    results: tuple
    hints: tuple
    wrong: dict = field(default_factory=dict)
    use: Callable = call
    shown: Callable | None = None
    kinds: dict = field(default_factory=dict)
    terms: Callable | None = None
    seconds: float = 5.0

    @property
    def parameters(self):
        """The names of the positional parameters that an answer takes."""
        kinds = inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD
        return [p.name for p in inspect.signature(self.reference).parameters.values() if p.kind in kinds]

    def cases(self, given=None):
        """({size: number}, {name: argument}), the smallest first; one alone where the reader gave the arguments.

        First every combination of small sizes; then all equal, where a transpose fits; then all different.
        """
        names = list(inspect.signature(self.case).parameters)[1:]
        small = [sizes for sizes in product((1, 2, 3), repeat=len(names)) if sum(sizes) <= len(names) + 2]
        large = [(2,) * len(names), (3,) * len(names), range(2, len(names) + 2), range(len(names) + 2, 2, -1)]
        for n, sizes in enumerate(dict.fromkeys(map(tuple, [*sorted(small, key=sum), *large]))):
            sizes = dict(zip(names, sizes))
            yield sizes, self.case(np.random.default_rng(n), **sizes) | (given or {})
            if given:
                return
