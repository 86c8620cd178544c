"""What the cards have in common: a GRU that reads, a network without order, and their training."""

from unrolled.autodiff import ops
from unrolled.cells.gru import gru
from unrolled.cells.stacks import one_direction
from unrolled.cells.table import init_cell, init_states
from unrolled.experiments.directions import learn
from unrolled.layers.dense import linear
from unrolled.layers.initializers import dense, orthogonal
from unrolled.layers.losses import cross_entropy

DTYPE = "float32"


def init_reader(rng, D, H, M):
    """Weights of a GRU of D inputs and H units, with a read-out of M outputs."""
    return {"gru": init_cell(rng, "gru", D, H, W_hh=orthogonal, dtype=DTYPE), "readout": dense(rng, H, M, dtype=DTYPE)}


def states(params, xs):
    """xs (T, N, D) -> hs (T, N, H), from the state 0."""
    zero = init_states("gru", xs.shape[1], len(params["gru"]["W_hh"]), dtype=DTYPE)
    return one_direction(gru, xs, zero, params["gru"])[0]


def read(params, xs):
    """The answer after the last step: xs (T, N, D) -> logits (N, M)"""
    return linear(ops.index(states(params, xs), key=-1), **params["readout"])


def init_layers(rng, D, H, M):
    """Weights of a network of one hidden layer, which knows no steps."""
    return {"hidden": dense(rng, D, H, dtype=DTYPE), "readout": dense(rng, H, M, dtype=DTYPE)}


def see(params, x):
    """x (N, D) -> logits (N, M)"""
    return linear(ops.tanh(linear(x, **params["hidden"])), **params["readout"])


def train(logits, params, batches, **training):
    """The weights after training on batches (xs, targets) by cross-entropy."""
    loss = lambda params, xs, targets: cross_entropy(logits(params, xs), targets)
    *_, last = learn(loss, params, batches, **training)
    return last.params


def right(logits, params, xs, targets):
    """The share of right answers."""
    return (logits(params, xs).argmax(-1) == targets).mean()
