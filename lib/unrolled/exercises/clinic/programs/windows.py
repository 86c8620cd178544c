"""A character model reads N windows of the tales side by side, and learns to say each next letter."""

import numpy as np

from unrolled.cells import init_cell
from unrolled.cells.rnn import rnn
from unrolled.exercises.clinic.training import learn, tales
from unrolled.layers import cross_entropy, embedding, linear
from unrolled.layers.initializers import dense

T, N, H = 16, 24, 32


def batches(rng, tokens):
    """Inputs and targets (T, N): windows of T letters, each from a place of its own"""
    while True:
        places = rng.integers(len(tokens) - T, size=N)
        windows = tokens[places[:, None] + np.arange(T + 1)]
        inputs, targets = windows[:, :-1], windows[:, 1:]
        yield inputs.T, targets.T


def loss(params, inputs, targets):
    """The mean nats of all letters; each window is read from a state of zeros"""
    xs = embedding(inputs, params["embedding"])
    hs = rnn(xs, np.zeros((N, H)), **params["rnn"])
    return cross_entropy(linear(hs, **params["readout"]), targets)


def train():
    """The loss at each step"""
    rng, (tokens, V) = np.random.default_rng(0), tales()
    cell = {"embedding": rng.standard_normal((V, H)), "rnn": init_cell(rng, "rnn", H, H)}
    return learn(loss, cell | {"readout": dense(rng, H, V)}, batches(rng, tokens), steps=150)
