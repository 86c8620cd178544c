"""Scores for captions: exact match, BLEU, one slot at a time, and where attention points. Captions are sentences."""

from collections import Counter
from math import exp, isqrt, log

import numpy as np

from unrolled.data.scenes import scenes


def exact_match(captions, right):
    """The share that is right to the letter, 0 … 1: captions [sentence], right [sentence or [sentence, …]].

    Where several are right, as `scenes.captions_true` gives them, any one of them will do.
    """
    _check(captions, right)
    return float(np.mean([sentence in _as_list(those) for sentence, those in zip(captions, right)]))


def bleu(captions, right, n=4):
    """BLEU-n of a whole corpus, 0 … 1: captions [sentence], right [sentence or [sentence, …]].

    BLEU = min(1, e^(1 - r/c)) (p_1 p_2 … p_n)^(1/n): p_k is the share of their k-grams that a right caption has,
    each counted at most as often as there; c counts their words, r those of the right captions nearest in length.
    0 where some p_k is 0. Source: Papineni, Roukos, Ward & Zhu (2002).
    """
    _check(captions, right)
    matches, totals, c, r = np.zeros(n), np.zeros(n), 0, 0
    for sentence, those in zip(captions, right):
        words, references = sentence.split(), [reference.split() for reference in _as_list(those)]
        c += len(words)
        r += min((abs(len(reference) - len(words)), len(reference)) for reference in references)[1]
        for k in range(n):
            grams, most = _grams(words, k + 1), Counter()
            for reference in references:
                most |= _grams(reference, k + 1)  # of each gram the largest count
            matches[k] += (grams & most).total()
            totals[k] += grams.total()
    if not matches.all():
        return 0.0
    return min(1.0, exp(1 - r / c)) * exp(sum(log(p) for p in matches / totals) / n)


def slot_accuracy(captions, right):
    """{slot: share that is right} for size, colour, shape, relation (or count), and "all" of them together.

    captions, right: [sentence], right the canonical ones. A sentence that breaks the grammar has no slot right.
    """
    _check(captions, right)
    hits = {}
    for sentence, reference in zip(captions, right):
        truth, got = scenes.parse(reference), _slots(sentence)
        for slot, word in truth.items():
            hits.setdefault(slot.split()[0], []).append(got.get(slot) == word)
    shares = {slot: float(np.mean(those)) for slot, those in hits.items()}
    return shares | {"all": float(np.mean([hit for those in hits.values() for hit in those]))}


def pointing(alphas, tokens, masks, *, least=0.25):
    """How often the highest weight lies on the object that is named -> {"size": (share, chance), …, "phrase": …}.

    alphas (T, N, K): where the model looked when it said tokens (T, N); K cells, a square grid row by row
    masks  (N, M, size, size) bool, as in `scenes.Batch`;   least: see `cells`
    "phrase" takes the sum of the weights over all words that name an object. chance is the share of cells that lie on
    that object, which is what a weight set down at random would reach. NaN where no word of a kind was said.
    """
    tokens, N = np.asarray(tokens), len(masks)
    if np.ndim(alphas) != 3 or np.shape(alphas)[:2] != tokens.shape or tokens.shape[1] != N:
        shapes = f"{np.shape(alphas)}, {tokens.shape} and {np.shape(masks)}"
        raise ValueError(f"alphas, tokens, masks must be (T, N, K), (T, N), (N, M, size, size), got {shapes}")
    on = cells(masks, np.shape(alphas)[2], least=least)
    names = scenes.find_objects(tokens)
    names = np.where(names < masks.shape[1], names, -1)  # a sentence with too many objects
    rows = np.arange(N)
    hit = on[rows, np.maximum(names, 0), np.argmax(alphas, -1)]
    chance = on.mean(-1)[rows, np.maximum(names, 0)]
    found = {}
    for kind, words in (("size", scenes.SIZES), ("colour", scenes.COLOURS), ("shape", scenes.SHAPES)):
        named = np.isin(tokens, [scenes.WORDS.index(word) for word in words]) & (names >= 0)
        found[kind] = _mean(hit[named]), _mean(chance[named])
    hits, chances = [], []
    for m in range(masks.shape[1]):
        named = names == m
        best = np.where(named[..., None], alphas, 0).sum(0).argmax(-1)
        there = named.any(0)
        hits.append(on[rows, m, best][there])
        chances.append(on[:, m].mean(-1)[there])
    return found | {"phrase": (_mean(np.concatenate(hits)), _mean(np.concatenate(chances)))}


def cells(masks, K, *, least=0.25):
    """Which cells of a square grid lie on each object: masks (N, M, size, size) -> (N, M, K) bool.

    A cell lies on an object that fills this share of it at least (0: that shows in it at all); the cell with most of
    its pixels always does.
    ValueError: K is no square, or its side does not divide the picture's.
    """
    size, side = masks.shape[-1], isqrt(K)
    if side * side != K or size % side:
        raise ValueError(f"K must be a square whose side divides the picture's {size}, got {K}")
    blocks = masks.reshape(*masks.shape[:2], side, size // side, side, size // side)
    filled = blocks.mean((3, 5)).reshape(*masks.shape[:2], K)
    most = filled.max(-1, keepdims=True)
    return (filled > 0) & ((filled >= least) | (filled == most))


def _grams(words, n):
    return Counter(zip(*(words[k:] for k in range(n))))


def _as_list(those):
    return [those] if isinstance(those, str) else list(those)


def _slots(sentence):
    try:
        return scenes.parse(sentence)
    except ValueError:
        return {}


def _mean(values):
    return float(np.mean(values)) if np.size(values) else float("nan")


def _check(captions, right):
    if isinstance(captions, str) or len(captions) != len(right) or not len(captions):
        got = "a string" if isinstance(captions, str) else f"{len(captions)} and {len(right)}"
        raise ValueError(f"captions and right must be lists of the same length, at least 1, got {got}")
