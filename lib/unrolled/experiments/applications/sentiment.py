"""Opinions with "not", "but" and "although", and spam: bags of words, and networks that read on.

A bag holds all words, or all pairs of neighbours as well, or the last k words; or there are two bags, of the words of
each half, or of those before the last link and those from it on. A hidden layer reads them.

Claim: Joulin et al. (2016), a bag of features is often on par with deep networks at classifying texts. Here the truth
is known.
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
LAST = {f"last {k} words": k for k in (4, 8, 16)}
BAGS = [*LAST, "two halves", "cut at the link"]  # for opinions alone
LONGER = ["bag of pairs", "cut at the link"]  # the two best bags
LINKS = [opinions.WORDS.index(link) for link in opinions.LINKS]


def init(rng, network, V, *, E, parameters):
    """First weights: vectors of the words (and of pairs of them), and a hidden layer or a cell of so many weights."""
    params = {"words": gaussian(rng, (V, E), 0.5, dtype=ends.DTYPE)}
    if network in ("rnn", "gru"):
        return params | ends.init(rng, network, E, ends.width(network, E, 2, parameters), 2)
    if network == "bag of pairs":
        params["pairs"] = gaussian(rng, (V * V, E), 0.5, dtype=ends.DTYPE)
    bags = 2 if network in ("two halves", "cut at the link") else 1
    return params | ends.init_hidden(rng, bags * E, 2, parameters)


def bags_of(tokens, lengths, network):
    """Which words are in which bag: tokens (T, N) -> (bags, T, N) bool. The padding is in none."""
    steps = np.arange(len(tokens))[:, None]
    inside = steps < lengths
    if network in LAST:
        return (inside & (steps >= lengths - LAST[network]))[None]
    if network not in ("two halves", "cut at the link"):
        return inside[None]
    links = np.where(np.isin(tokens, LINKS), steps, 0).max(0)
    second = steps >= (lengths / 2 if network == "two halves" else links)
    return np.stack([inside & ~second, inside & second])


def logits(params, tokens, lengths, network):
    """tokens (T, N) -> good or bad, spam or not (N, 2)"""
    xs = embedding(tokens, params["words"])
    if network in ("rnn", "gru"):
        return ends.answer(params, xs, network, lengths)
    within = bags_of(tokens, lengths, network)[..., None].astype(ends.DTYPE)
    bag = ops.concatenate(*(ops.sum(xs * words, axis=0) for words in within), axis=1)
    if network == "bag of pairs":
        pairs = embedding(tokens[:-1] * len(params["words"]) + tokens[1:], params["pairs"])
        bag = bag + ops.sum(pairs * within[0, 1:], axis=0)
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
