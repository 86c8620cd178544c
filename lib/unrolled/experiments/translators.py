"""Translators of number words and of times, trained alike, and what is graded of them: for the tables of lesson 11."""

from functools import partial

import numpy as np

from unrolled.autodiff.trees import leaves
from unrolled.data import clock_times, number_words
from unrolled.data.text import PAD
from unrolled.data.translation import batch
from unrolled.learning.fit import fit
from unrolled.learning.optimizers import Adam, clip_by_norm
from unrolled.models import seq2seq

NUMBERS = number_words.ENGLISH, number_words.KOREAN
TIMES = clock_times.ENGLISH, clock_times.KOREAN
# What the tables call a model: the kind of seq2seq, and whether its source is reversed.
MODELS = {"plain": ("plain", False), "reversed": ("plain", True)} | {
    kind: (kind, False) for kind in ("bahdanau", "luong", "fed")
}


def width(vocabularies, kind, parameters, **sizes):
    """The largest H at which a translator has at most so many parameters."""
    draw = lambda H: seq2seq.init(np.random.default_rng(0), tuple(map(len, vocabularies)), kind, H=H, **sizes)
    count = lambda H: sum(array.size for _, array in leaves(draw(H)))
    low, high = 1, 256  # low fits, high does not
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if count(middle) <= parameters else (low, middle)
    return low


def train(rng, vocabularies, draw, kind, *, parameters, E, M, both, reverse, N, steps, learning_rate, max_norm):
    """The parameters after so many steps by Adam with a clipped norm, each on the pairs draw(rng, N)."""
    sizes = {"E": E, "M": M, "both": both}
    H = width(vocabularies, kind, parameters, **sizes)
    params = seq2seq.init(rng, tuple(map(len, vocabularies)), kind, H=H, **sizes)
    batches = (batch(draw(rng, N), *vocabularies, reverse=reverse) for _ in range(steps))
    how = {"clip": lambda grads: clip_by_norm(grads, max_norm), "threads": 1, "progress": False}
    *_, last = fit(partial(seq2seq.loss, kind=kind), params, batches, Adam(learning_rate), steps=steps, **how)
    return last.params


def draw_numbers(rng, N):
    """N pairs of the part to train on, numbers of 1 … 9 digits."""
    return [number_words.pair(n) for n in number_words.draw(rng, N)]


def draw_times(rng, N):
    """N pairs of the part to train on, every phrase as likely."""
    phrases = clock_times.phrases("train")
    return [phrases[k] for k in rng.integers(len(phrases), size=N)]


def numbers(digits, most, kept):
    """At most so many different numbers of one length, of the part `kept`; the same ones for every model and seed."""
    drawn = number_words.draw(np.random.default_rng(digits), most, (digits, digits), kept)
    return list(dict.fromkeys(drawn.tolist()))


def answers(params, pairs, vocabularies, kind, reverse=False):
    """Free running: which pairs are translated right to the word (N,) bool, alphas (T, N, S), and the Batch."""
    asked = batch(pairs, *vocabularies, reverse=reverse)
    tokens, alphas = seq2seq.translate(params, asked.source, asked.lengths, kind=kind, longest=len(asked.target) + 5)
    return seq2seq.exact_match(tokens, asked.target), alphas, asked


def right_words(params, asked, kind):
    """The share of right words, END among them, with teacher forcing and free running: two numbers."""
    said = asked.target[1:]
    forced, _ = seq2seq.forward(params, asked.source, asked.lengths, asked.target[:-1], kind=kind)
    free, _ = seq2seq.translate(params, asked.source, asked.lengths, kind=kind, longest=len(said))
    free = np.concatenate([free, np.full((len(said) - len(free), said.shape[1]), PAD)])
    return tuple(np.mean((tokens == said)[said != PAD]) for tokens in (forced.argmax(-1), free))


def looked_at(alphas, pairs, right):
    """Of the right translations, for each word that is linked: (which word it is, the place with the highest weight,
    the places that say it), a list."""
    return [
        (word, int(alphas[word, n].argmax()), link)
        for n, pair in enumerate(pairs)
        if right[n]
        for word, link in enumerate(pair.links)
        if link
    ]
