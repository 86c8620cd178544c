"""띄어쓰기: where are the spaces of a Korean text whose spaces were taken out? A label for each symbol, and a table."""

from typing import NamedTuple

import numpy as np

from unrolled.autodiff.checks import check_count, check_rng

RARE = 0  # the token of a symbol that the learnt part has at most once


class Part(NamedTuple):
    """A stretch of a text without its spaces: tokens (length,) int, and spaces (length,) int: 1 where one follows."""

    tokens: np.ndarray
    spaces: np.ndarray


class Spacing(NamedTuple):
    """symbols: the V known ones, of which the first stands for all rare ones; learn, validate, test: a Part each."""

    symbols: list
    learn: Part
    validate: Part
    test: Part


def strip(text):
    """The text without its spaces, and a 1 for each symbol that a space follows: strip("새 집") == ("새집", [1, 0]).

    A line break is a space, several spaces are one.
    """
    words = text.split()
    labels = [int(k == len(word) - 1) for word in words for k in range(len(word))]
    return "".join(words), labels[:-1] + [0] * bool(labels)


def restore(symbols, spaces):
    """The text with its spaces: restore("새집", [1, 0]) == "새 집"."""
    return "".join(symbol + " " * int(space) for symbol, space in zip(symbols, spaces)).rstrip()


def spacing(text, *, held_out=0.1):
    """A text as a Spacing: a share `held_out` at its end to test on, as much before it to validate on.

    Which symbols are known is read from the learnt part alone.
    """
    stripped, labels = strip(text)
    tail = round(held_out * len(stripped))
    learnt = stripped[: -2 * tail]
    symbols = ["�", *sorted(symbol for symbol in set(learnt) if learnt.count(symbol) > 1)]
    known = {symbol: token for token, symbol in enumerate(symbols)}
    whole = Part(np.array([known.get(symbol, RARE) for symbol in stripped]), np.array(labels))
    cut = lambda start, stop: Part(*(row[start:stop] for row in whole))
    return Spacing(symbols, cut(0, -2 * tail), cut(-2 * tail, -tail), cut(-tail, None))


def windows(rng, part, T, N):
    """Yields, without end, tokens (T, N) and spaces (T, N): N windows of T symbols, wherever they begin."""
    check_rng(rng)
    check_count(T=T, N=N)
    while True:
        steps = rng.integers(len(part.tokens) - T + 1, size=N) + np.arange(T)[:, None]
        yield part.tokens[steps], part.spaces[steps]


def f1(answers, spaces):
    """2 hits / (answered + there): 1 where each space is found and no other is set.        (…) 0 or 1, (…) 0 or 1"""
    hits = np.sum(np.logical_and(answers, spaces))
    return 2 * hits / (np.sum(answers) + np.sum(spaces))


def table(learn, part, *, after):
    """The answers of a table of counts to a part: a space where more than half of what was learnt had one.

    after   0: it sees the symbol alone; 1: also the next one, -1: also the one before; where it never saw the two, the
            symbol alone
    """
    counts = {}
    for key, space in _keys(learn, after):
        counts.setdefault(key, [0, 0])[space] += 1
    rarer = table(learn, part, after=0) if after else np.zeros(len(part.tokens), int)
    found = (counts.get(key) for key, _ in _keys(part, after))
    return np.array([fallback if seen is None else int(seen[1] > seen[0]) for seen, fallback in zip(found, rarer)])


def _keys(part, after):
    """(what the table sees, its label) of each symbol; beyond the ends of the part there is none."""
    symbols = part.tokens.tolist()
    other = {0: symbols, 1: [*symbols[1:], None], -1: [None, *symbols[:-1]]}[after]
    return zip(zip(symbols, other), part.spaces.tolist())
