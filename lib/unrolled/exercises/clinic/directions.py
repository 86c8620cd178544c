"""The programs of lesson 10: words that are read from both ends. gradcheck finds nothing in any of them."""

import numpy as np

from unrolled.autodiff import ops
from unrolled.cells.rnn import rnn
from unrolled.cells.stacks import reverse
from unrolled.exercises.clinic.case import GRADIENT, SOUND, Case, pick
from unrolled.exercises.clinic.training import SYMBOLS, H, first_weights, learn
from unrolled.layers.dense import linear
from unrolled.layers.initializers import dense
from unrolled.layers.losses import cross_entropy


def know_words(xs, h0, ahead, behind):
    """What two readings know of each word when they have read all of it: xs (T, N, D) -> (N, 2H)"""
    hs = rnn(xs, h0, **ahead)
    back = reverse(rnn(reverse(xs), h0, **behind))
    return ops.concatenate(hs[-1], back[0])


def know_words_unturned(xs, h0, ahead, behind):
    """What two readings know of each word when they have read all of it: xs (T, N, D) -> (N, 2H)"""
    hs = rnn(xs, h0, **ahead)
    back = rnn(reverse(xs), h0, **behind)
    return ops.concatenate(hs[-1], back[-1])


def know_steps(xs, lengths, h0, ahead, behind):
    """At each step of each word what two readings know there: xs (T, N, D), padded -> (T, N, 2H)"""
    hs = rnn(xs, h0, **ahead)
    back = reverse(rnn(reverse(xs, lengths=lengths), h0, **behind), lengths=lengths)
    return ops.concatenate(hs, back)


N, SHORTEST, LONGEST, MOST = 16, 3, 12, 3


def _train(know, batches):
    """The loss at each step; batches(vectors, rng) yields what is read, the targets, and which of them count."""
    rng = np.random.default_rng(2)
    params = {"ahead": first_weights(rng), "behind": first_weights(rng), "readout": dense(rng, 2 * H, SYMBOLS)}

    def loss(params, read, targets, counts):
        known = know(*read, np.zeros((N, H)), params["ahead"], params["behind"])
        return cross_entropy(linear(known, **params["readout"]), targets, counts)

    rng = np.random.default_rng(1)
    return learn(loss, params, batches(rng.standard_normal((SYMBOLS + 1, H)), rng))


def _first_symbols(vectors, rng, T=8):
    """Words of T symbols, and the first symbol of each."""
    while True:
        tokens = rng.integers(SYMBOLS, size=(T, N))
        yield (vectors[tokens],), tokens[0], None


def _how_many_more(vectors, rng):
    """Words of many lengths in one batch, and at each symbol how many come after it, at most MOST."""
    steps = np.arange(LONGEST)[:, None]
    while True:
        lengths, tokens = rng.integers(SHORTEST, LONGEST + 1, N), rng.integers(SYMBOLS, size=(LONGEST, N))
        inside = steps < lengths
        xs = vectors[np.where(inside, tokens, SYMBOLS)]  # the padding has a vector of its own
        yield (xs, lengths), np.clip(lengths - 1 - steps, 0, MOST), inside


def _arguments(*lengths):
    rng = np.random.default_rng(3)
    xs, h0 = rng.standard_normal((5, 2, 4)), rng.standard_normal((2, 3))
    weights = ({"W_xh": rng.standard_normal((4, 3)), "W_hh": rng.standard_normal((3, 3)), "b_h": rng.standard_normal(3)}
               for _ in range(2))  # fmt: skip
    return (xs, *lengths, h0, *weights)


WORDS = (
    "Two readings of words of eight symbols, one from either end. When both have read the whole word, the network says "
    "its first symbol."
)
STEPS = (
    "A batch of words of 3 to 12 symbols, padded to 12. At each symbol the network says how many come after it in its "
    "word: 0, 1, 2, or more."
)
END = "the backward half is that of the wrong end"
AHEAD = "the forward half is that of the wrong end"
PADDING = "the backward reading begins in the padding"
MIXED = "what the backward reading gives is not turned back"
NOT = {
    AHEAD: "hs[-1] has read the whole word from its left end.",
    MIXED: "The outer reverse turns it back: back[t] belongs to step t.",
    GRADIENT: "gradcheck finds nothing: the gradient is that of what is computed. It is not what was meant.",
    SOUND: "Try the law: it does not hold.",
}

CASES = {
    "backward end": Case(
        "The first symbol, from both ends",
        WORDS,
        know_words,
        ("back[0]", "back[-1]"),
        lambda part: _train(part, _first_symbols),
        _arguments,
        "For forty steps its loss is no better than a guess, ln 4 = 1.39. But a reading from the right has just read "
        "the first symbol when it ends: it should know it at once.",
        "It ends near 0, because the forward half carries the first symbol over eight steps. It learns that late, and "
        "a second reading would have known it.",
        (END, "back stands in the order of the word again, so back[-1] is where that reading began: it has read the "
         "last symbol, and nothing else. It ends at the first symbol, with back[0]."),
        pick(NOT, AHEAD, MIXED, SOUND),
    ),
    "its own length": Case(
        "How many symbols are still to come",
        STEPS,
        know_steps,
        ("reverse(rnn(reverse(xs, lengths=lengths), h0, **behind), lengths=lengths)",
         "reverse(rnn(reverse(xs), h0, **behind))"),
        lambda part: _train(part, _how_many_more),
        lambda: _arguments(np.array([5, 3])),
        "Its curve is as good as a right one's: the padding tells where a word ends. No curve of this task could have "
        "told you.",
        "It falls as fast as a right program's, and to the same end. It has learnt with the padding as a mark, and "
        "knows something else of the same word when it stands in another batch.",
        (PADDING, "All 12 steps are turned round, so the padding of a short word comes first, and the state has "
         "changed before the word begins. What a word gets depends on how long the longest word beside it is. Each "
         "word has to be turned round within its own length."),
        pick(NOT, MIXED, GRADIENT, SOUND),
    ),
    "unturned": Case(
        "The first symbol, with one reverse less",
        WORDS,
        know_words_unturned,
        (),
        lambda part: _train(part, _first_symbols),
        _arguments,
        "No curve can prove that. The law can: each half moves with every symbol of the word.",
        "back[-1] stands in a program that was wrong. But there the reading had been turned back, and here it has not.",
        (SOUND, "back stands in the order in which it was read, from the last symbol to the first. So back[-1] is "
         "where that reading ends: it has read the whole word."),
        {END: "back is in the order of reading here: its last row has read the first symbol.",
         AHEAD: NOT[AHEAD],
         "the two readings are not of the same step": "They need not be: each is asked at its own end."},
    ),
}  # fmt: skip

IN_LESSONS = {29: "backward end", 30: "its own length", 31: "unturned"}
