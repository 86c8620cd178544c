"""A character model reads N windows of the tales side by side, and learns to say each next letter."""

import numpy as np

from unrolled.autodiff import ops
from unrolled.cells import init_cell, rnn_step
from unrolled.exercises.clinic.training import learn, tales
from unrolled.layers import cross_entropy, embedding, linear
from unrolled.layers.initializers import dense

T, N, H = 16, 24, 32


def batches(rng, tokens):
    """T + 1 rows of N letters: a window is a column"""
    while True:
        places = rng.integers(len(tokens) - T, size=N)
        yield (tokens[places + np.arange(T + 1)[:, None]],)


def loss(params, letters):
    """The mean nats of all letters but the first, which nobody can know"""
    h, hs = np.zeros((N, H)), []
    for inputs in letters[:-1]:
        h = rnn_step(embedding(inputs, params["embedding"]), h, **params["rnn"])
        hs.append(h)
    return cross_entropy(linear(ops.stack(*hs), **params["readout"]), letters[1:])


def train():
    """The loss at each step"""
    rng, (tokens, V) = np.random.default_rng(1), tales()
    cell = {"embedding": rng.standard_normal((V, H)), "rnn": init_cell(rng, "rnn", H, H)}
    return learn(loss, cell | {"readout": dense(rng, H, V)}, batches(rng, tokens), steps=100)
