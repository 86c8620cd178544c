"""Pairs of sentences for a translator: which word says which, in which part a pair is kept, and batches of tokens."""

from typing import NamedTuple

import numpy as np

from unrolled.data.text import END, PAD, SPECIAL, START

PARTS = ("train", "validation", "test")


class Pair(NamedTuple):
    """source, target: tuples of words. links: for each word of the target the places of the words in the source that
    say it, a tuple; empty where no word says it alone."""

    source: tuple
    target: tuple
    links: tuple


class Batch(NamedTuple):
    """N pairs as tokens.

    source (S, N) int: the words, then PAD;   lengths (N,) int: how many words each source has
    target (T + 1, N) int: START, the words, END, then PAD
    """

    source: np.ndarray
    lengths: np.ndarray
    target: np.ndarray


def part(key):
    """In which part the pairs of a number are: "train", "validation" or "test", for one number always the same.

    A tenth each for validation and test. 345,678 and 520 (8:40, twenty to nine) are in the test part: what a lesson
    does by hand was never learnt.
    """
    place = (27 * int(key) + 34) % 97
    return "test" if place < 10 else "validation" if place < 20 else "train"


def check_part(name):
    """ValueError: no part has this name."""
    if name not in PARTS:
        raise ValueError(f"part must be one of {', '.join(PARTS)}, got {name!r}")


def batch(pairs, source_words, target_words, *, reverse=False):
    """Pairs -> Batch; the vocabularies are tuples of words, SPECIAL first.

    reverse   each source from its last word to its first, the padding still behind it. Source: Sutskever et al. (2014)
    ValueError: no pair, a sentence without words, a word that the vocabulary does not have.
    """
    if not pairs:
        raise ValueError("pairs must hold at least one pair, got none")
    sources = [encode(pair.source, source_words) for pair in pairs]
    targets = [[START, *encode(pair.target, target_words), END] for pair in pairs]
    lengths = np.array([len(tokens) for tokens in sources])
    return Batch(_columns([tokens[::-1] for tokens in sources] if reverse else sources), lengths, _columns(targets))


def encode(words, vocabulary):
    """Words -> their places in the vocabulary, a list. ValueError: no word, or one that is not in it, with all that
    are."""
    known = {word: k for k, word in enumerate(vocabulary) if word not in SPECIAL}
    unknown = [word for word in words if word not in known]
    if unknown or not words:
        raise ValueError(f"words must be of {', '.join(known)}, got {repr(unknown[0]) if unknown else 'none'}")
    return [known[word] for word in words]


def decode(tokens, vocabulary):
    """Tokens -> the words before the first END, a tuple. A START is left out; a PAD before the END shows as <pad>."""
    tokens = [int(token) for token in tokens]
    tokens = tokens[: tokens.index(END)] if END in tokens else tokens
    return tuple(vocabulary[token] for token in tokens if token != START)


def _columns(rows):
    """Lists of tokens as the columns of one array, with PAD below the shorter ones."""
    columns = np.full((max(map(len, rows)), len(rows)), PAD)
    for n, row in enumerate(rows):
        columns[: len(row), n] = row
    return columns
