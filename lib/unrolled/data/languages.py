"""A generated language whose laws are known, so that a hunt for cells that follow them can be right or wrong.

abcd "ABD(C[A])" dab …        letters, large within quotation marks
a line break at every 40th symbol, wherever that falls
brackets ( [ {, up to three deep; only the kind that was opened last can be closed
"""

from typing import NamedTuple

import numpy as np

from unrolled.autodiff.checks import check_count, check_rng

WIDTH, DEEPEST = 40, 3
QUOTE, OPEN, CLOSE = 0.06, 0.08, 0.08  # how likely each is where it may stand; the rest is shared by four letters
LETTERS = "abcd"
PAIRS = {"(": ")", "[": "]", "{": "}"}


class Stream(NamedTuple):
    """text: T symbols. features: {name: (T,)}, what holds after each symbol has been read:

    quote     bool, within quotation marks
    position  int, how many symbols this line has so far, 0 after the line break
    depth     int, how many brackets are open
    nats (T,): -log p of each symbol under the laws. No model can have a lower loss than their mean, in the long run.
    """

    text: str
    features: dict
    nats: np.ndarray


def draw_toggles(rng, T):
    """A Stream of T symbols. Where a line break is not due: a quotation mark with p = .06, an opening bracket with .08
    where fewer than three are open (each kind a third of it), the closing one with .08 where one is open, else one of
    four letters, all alike."""
    check_rng(rng)
    check_count(T=T)
    symbols, nats, states = [], [], []
    quote, position, opened = False, 0, []
    draws, kinds, letters = rng.random(T), rng.integers(len(PAIRS), size=T), rng.integers(len(LETTERS), size=T)
    for t in range(T):
        opening = OPEN * (len(opened) < DEEPEST)
        closing = CLOSE * bool(opened)
        if position == WIDTH - 1:
            symbol, p = "\n", 1.0
        elif draws[t] < QUOTE:
            symbol, p, quote = '"', QUOTE, not quote
        elif draws[t] < QUOTE + opening:
            symbol, p = list(PAIRS)[kinds[t]], opening / len(PAIRS)
            opened.append(symbol)
        elif draws[t] < QUOTE + opening + closing:
            symbol, p = PAIRS[opened.pop()], closing
        else:
            symbol, p = LETTERS[letters[t]], (1 - QUOTE - opening - closing) / len(LETTERS)
            symbol = symbol.upper() if quote else symbol
        position = 0 if symbol == "\n" else position + 1
        symbols.append(symbol)
        nats.append(-np.log(p))
        states.append((quote, position, len(opened)))
    quotes, positions, depths = zip(*states)
    features = {"quote": np.array(quotes), "position": np.array(positions), "depth": np.array(depths)}
    return Stream("".join(symbols), features, np.array(nats))


def broken(text):
    """How often a text breaks each law: {name: share of its chances}, nan where there was no chance.

    quote     letters whose case does not follow from the letter before and the quotation marks between the two; so a
              text may begin within a quotation
    position  lines, each with its line break, that are not 40 symbols long; the unfinished last one if it is longer
    depth     closing brackets of a kind other than the last one that is open, or with none open (which close none)
    """
    large, opened, letters, wrong_letters, closed, wrong_closed = None, [], 0, 0, 0, 0
    for symbol in text:
        if symbol == '"':
            large = large if large is None else not large
        elif symbol.lower() in LETTERS:
            letters += large is not None
            wrong_letters += large not in (None, symbol.isupper())
            large = symbol.isupper()
        elif symbol in PAIRS:
            opened.append(symbol)
        elif symbol in PAIRS.values():
            closed += 1
            right = bool(opened) and PAIRS[opened[-1]] == symbol
            wrong_closed += not right
            if right:
                opened.pop()
    *lines, rest = text.split("\n")
    lengths = [len(line) + 1 for line in lines] + ([len(rest)] if len(rest) > WIDTH else [])
    share = lambda wrong, chances: wrong / chances if chances else float("nan")
    return {
        "quote": share(wrong_letters, letters),
        "position": share(sum(length != WIDTH for length in lengths), len(lengths)),
        "depth": share(wrong_closed, closed),
    }
