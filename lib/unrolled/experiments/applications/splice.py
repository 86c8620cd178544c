"""Splice junctions: a table of counts by place, and GRUs whose readings end elsewhere, or at the junction."""

import numpy as np

from unrolled.autodiff import ops
from unrolled.data import splice, text
from unrolled.experiments.applications import ends
from unrolled.layers.dense import linear
from unrolled.layers.initializers import dense
from unrolled.layers.losses import cross_entropy

READINGS = ["left to right", "to both ends", "from the junction", "to the junction"]
PSEUDO = (0.3, 1.0, 3.0)


def one_hot(bases):
    """(T, N) -> (T, N, 4)"""
    return text.one_hot(bases, len(splice.BASES), dtype=ends.DTYPE)


def halves(xs, reading, reach):
    """The stretches that are read, each from its first step to its last; those of the junction go `reach` beyond it."""
    before, behind = xs[: splice.JUNCTION + reach], xs[splice.JUNCTION - reach :]
    return {
        "left to right": [xs],
        "to both ends": [xs, xs[::-1]],
        "from the junction": [before[::-1], behind],
        "to the junction": [before, behind[::-1]],
    }[reading]


def init(rng, reading, *, parameters):
    """First weights: a GRU for each stretch, and a read-out of their last states; at most so many weights in all."""
    n = len(halves(np.zeros(splice.T), reading, 0))
    D, M = len(splice.BASES), len(splice.KINDS)
    H = ends.width("gru", D, M, parameters // n)
    cells = {f"reader_{k}": ends.init(rng, "gru", D, H, M)["reader"] for k in range(n)}
    return cells | {"readout": dense(rng, n * H, M, dtype=ends.DTYPE)}


def logits(params, xs, reading, reach):
    """xs (60, N, 4) -> (N, 3)"""
    stretches = halves(xs, reading, reach)
    behind = [ends.last(params[f"reader_{k}"], np.ascontiguousarray(x), "gru") for k, x in enumerate(stretches)]
    return linear(ops.concatenate(*behind, axis=1), **params["readout"])


def train(rng, learnt, held, reading, *, parameters, N, reach, **how):
    """(parameters, share right on the validation part) of the step that is best there."""

    def draw():
        places = rng.integers(len(learnt.labels), size=N)
        return one_hot(learnt.bases[:, places]), learnt.labels[places]

    loss = lambda params, xs, labels: cross_entropy(logits(params, xs, reading, reach), labels)
    score = lambda params: ends.right(logits(params, one_hot(held.bases), reading, reach), held.labels)
    return ends.learn(loss, init(rng, reading, parameters=parameters), draw, score, **how)[:2]


def measure(rng, reading, *, reach, **sizes):
    """Shares of right answers on sequences of which none was learnt; on the same ones table, of naive Bayes,
    two_letters, of the rule of GT and AG, and most_frequent, of saying "neither" always."""
    learnt, held, test = splice.parts(rng)
    params, validation = train(rng, learnt, held, reading, reach=reach, **sizes)
    score = lambda part, pseudo: (splice.naive_bayes(learnt, part.bases, pseudo) == part.labels).mean()
    pseudo = max(PSEUDO, key=lambda pseudo: score(held, pseudo))
    return {
        "validation": validation,
        "test": ends.right(logits(params, one_hot(test.bases), reading, reach), test.labels),
        "table": score(test, pseudo),
        "two_letters": (splice.by_two_letters(test.bases) == test.labels).mean(),
        "most_frequent": (test.labels == 0).mean(),
    }
