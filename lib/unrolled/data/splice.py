"""Splice junctions of primate genes: 60 bases, and in their middle the end of an exon, its start, or neither.

Source: Primate splice-junction gene sequences (G. Towell, M. Noordewier, J. Shavlik; UCI Machine Learning Repository,
1992), from Genbank 64.1, without the 4 sequences that have a base which is not known.
"""

from typing import NamedTuple

import numpy as np

from unrolled.autodiff.checks import check_rng
from unrolled.data import folder
from unrolled.data.text import one_hot

BASES, KINDS = "ACGT", ("neither", "exon → intron", "intron → exon")
T, JUNCTION = 60, 30  # the junction lies before the base at place 30


class Part(NamedTuple):
    """bases (T, N) int, places in BASES, time-major; labels (N,) int, places in KINDS."""

    bases: np.ndarray
    labels: np.ndarray


def load():
    """All 3,186 sequences in the order of the source, repeats and all -> Part."""
    with np.load(folder() / "splice.npz", allow_pickle=False) as file:
        return Part(file["bases"].T.astype(int), file["labels"].astype(int))


def distinct(part):
    """The sequences of a part, each once: the first of those that are the same."""
    _, first = np.unique(part.bases, axis=1, return_index=True)
    return Part(part.bases[:, np.sort(first)], part.labels[np.sort(first)])


def parts(rng, validation=400, test=600):
    """The different sequences in random order -> three Parts: to learn from, to validate on, to test on."""
    check_rng(rng)
    whole = distinct(load())
    order = rng.permutation(len(whole.labels))
    cut = np.split(order, [len(order) - validation - test, len(order) - test])
    return tuple(Part(whole.bases[:, places], whole.labels[places]) for places in cut)


def near(bases, other, differ=6):
    """(N,) bool: which of bases (T, N) differ in at most so many places from one of other (T, M)."""
    flat = lambda rows: one_hot(rows.T, len(BASES), dtype=np.float32).reshape(rows.shape[1], -1)
    alike = flat(bases) @ flat(other).T  # (N, M): at how many places they are the same
    return alike.max(1) >= len(bases) - differ


def by_two_letters(bases):
    """GT behind the junction: an exon ends; AG before it: one begins; else neither. bases (T, N) -> (N,) int."""
    stands = lambda text, place: (bases[place] == BASES.index(text[0])) & (bases[place + 1] == BASES.index(text[1]))
    return np.where(stands("GT", JUNCTION), 1, np.where(stands("AG", JUNCTION - 2), 2, 0))


def counts(part, pseudo=1.0):
    """ln p(base at a place | kind): how often each base stands at each place, (kinds, T, bases); `pseudo` is added."""
    seen = np.zeros((len(KINDS), T, len(BASES)))
    for kind in range(len(KINDS)):
        rows = part.bases[:, part.labels == kind]
        seen[kind] = (rows[..., None] == np.arange(len(BASES))).sum(1)
    return np.log((seen + pseudo) / (seen + pseudo).sum(-1, keepdims=True))


def naive_bayes(learn, bases, pseudo=1.0):
    """The kind that is the most likely where each place counts for itself: bases (T, N) -> (N,) int."""
    prior = np.log(np.bincount(learn.labels, minlength=len(KINDS)) / len(learn.labels))
    scores = counts(learn, pseudo)[:, np.arange(T)[:, None], bases].sum(1)  # (kinds, N)
    return (scores + prior[:, None]).argmax(0)
