"""An RNN reads T symbols, and learns to say which of them came first."""

import numpy as np

from unrolled.cells import init_cell
from unrolled.cells.rnn import rnn
from unrolled.exercises.clinic.training import learn
from unrolled.layers import cross_entropy, linear
from unrolled.layers.initializers import dense

T, N, V, H = 4, 32, 4, 16


def batches(rng):
    """Symbols as one-hot vectors (T, N, V), and the first of each sequence, without end"""
    while True:
        tokens = rng.integers(V, size=(T, N))
        yield np.eye(V)[tokens], tokens[0]


def said(params, xs):
    """What the network says of each symbol after it has read all (N, V)"""
    hs = rnn(xs, np.zeros((N, H)), **params["rnn"])
    return linear(hs[-1], **params["readout"])


def loss(params, xs, targets):
    """-log of the probability of the right symbol, in nats"""
    return cross_entropy(said(params, xs), targets)


def train():
    """The loss at each step"""
    rng = np.random.default_rng(0)
    params = {"rnn": init_cell(rng, "rnn", V, H), "readout": dense(rng, H, V)}
    return learn(loss, params, batches(rng), steps=200)
