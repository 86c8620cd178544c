"""Opinions with "not" and "but", and spam: a bag of words, a bag of words and of pairs, and networks that read on.

Claim: Joulin et al. (2016), a bag of n-grams is often on par with deep networks on reviews. Here the truth is known.
"""

import numpy as np

from unrolled.autodiff import ops
from unrolled.data import opinions
from unrolled.experiments.applications import ends
from unrolled.layers.dense import embedding
from unrolled.layers.initializers import gaussian
from unrolled.layers.losses import cross_entropy

TASKS = {"opinions": (opinions.draw, opinions.WORDS), "spam": (opinions.draw_messages, opinions.MESSAGE_WORDS)}
NETWORKS = ["bag of words", "bag of pairs", "rnn", "gru"]


def init(rng, network, V, *, E, parameters):
    """First weights: vectors of the words (and of pairs of them), and a hidden layer or a cell of so many weights."""
    params = {"words": gaussian(rng, (V, E), 0.5, dtype=ends.DTYPE)}
    if network in ("rnn", "gru"):
        return params | ends.init(rng, network, E, ends.width(network, E, 2, parameters), 2)
    if network == "bag of pairs":
        params["pairs"] = gaussian(rng, (V * V, E), 0.5, dtype=ends.DTYPE)
    return params | ends.init_hidden(rng, E, 2, parameters)


def logits(params, tokens, lengths, network):
    """tokens (T, N) -> good or bad, spam or not (N, 2)"""
    xs = embedding(tokens, params["words"])
    if network in ("rnn", "gru"):
        return ends.answer(params, xs, network, lengths)
    inside = (np.arange(len(tokens))[:, None] < lengths)[..., None].astype(ends.DTYPE)
    bag = ops.sum(xs * inside, axis=0)
    if network == "bag of pairs":
        pairs = embedding(tokens[:-1] * len(params["words"]) + tokens[1:], params["pairs"])
        bag = bag + ops.sum(pairs * inside[1:], axis=0)
    return ends.through_hidden(params, bag)


def train(rng, task, network, *, E, parameters, N, test_size, **how):
    """(parameters, share right on validation texts) of the step that is best there."""
    draw, words = TASKS[task]
    loss = lambda params, texts: cross_entropy(logits(params, texts.tokens, texts.lengths, network), texts.targets)
    held = draw(rng, test_size)
    params = init(rng, network, len(words), E=E, parameters=parameters)
    score = lambda params: ends.right(logits(params, held.tokens, held.lengths, network), held.targets)
    return ends.learn(loss, params, lambda: (draw(rng, N),), score, **how)[:2]


def measure(rng, task, network, *, test_size, **sizes):
    """The shares of right answers on validation and on test texts, and the most that can be had.

    ceiling  of opinions: of a bag of words; of spam: of the odds of the phrases, on the same test texts
    """
    params, validation = train(rng, task, network, test_size=test_size, **sizes)
    test = TASKS[task][0](rng, test_size)
    guessed = (opinions.best_guess(test) == test.targets).mean() if task == "spam" else opinions.bag_ceiling()
    right = ends.right(logits(params, test.tokens, test.lengths, network), test.targets)
    return {"validation": validation, "test": right, "ceiling": guessed}
