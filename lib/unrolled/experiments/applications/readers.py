"""What the cards on music, handwriting, video and glimpses have in common: the reader of `ends`, a GRU that is trained
for so many steps, and what it says at each."""

from unrolled.experiments.applications import ends
from unrolled.experiments.directions import learn
from unrolled.layers.dense import linear
from unrolled.layers.losses import cross_entropy

DTYPE, init_layers = ends.DTYPE, ends.init_layers


def init_reader(rng, D, H, M):
    """{"gru", "readout"}: weights of a GRU of D inputs and H units, with a read-out of M outputs."""
    params = ends.init(rng, "gru", D, H, M)
    return {"gru": params["reader"], "readout": params["readout"]}


def states(params, xs):
    """xs (T, N, D) -> hs (T, N, H), from the state 0."""
    return ends.run(params["gru"], xs, "gru")[0]


def read(params, xs):
    """The answer after the last step: xs (T, N, D) -> logits (N, M)"""
    return linear(ends.last(params["gru"], xs, "gru"), **params["readout"])


def train(logits, params, batches, **training):
    """The weights after training on batches (xs, targets) by cross-entropy."""
    loss = lambda params, xs, targets: cross_entropy(logits(params, xs), targets)
    *_, last = learn(loss, params, batches, **training)
    return last.params


def right(logits, params, xs, targets):
    """The share of right answers."""
    return ends.right(logits(params, xs), targets)
