"""A character model reads the tales in N rows side by side, T letters at a time; the state is carried on.

Each row begins at a place of its own in the text.
"""

from itertools import islice

import numpy as np

from unrolled.autodiff import value_and_grad
from unrolled.cells import init_cell
from unrolled.cells.rnn import rnn
from unrolled.exercises.clinic.training import tales
from unrolled.layers import cross_entropy, embedding, linear
from unrolled.layers.initializers import dense
from unrolled.learning.optimizers import Adam

N, T, H = 24, 12, 32


def chunks(tokens, places):
    """(T + 1, N) letters, without end: the last row of a chunk is the first of the next, where it is an input"""
    while True:
        yield tokens[(places + np.arange(T + 1)[:, None]) % len(tokens)]
        places = places + T


def loss(params, letters, h):
    """The loss of one chunk, and its last state"""
    hs = rnn(embedding(letters[:-1], params["embedding"]), h, **params["rnn"])
    return cross_entropy(linear(hs, **params["readout"]), letters[1:]), hs[-1]


def train(steps=120):
    """The loss at each step"""
    rng, (tokens, V), optimizer = np.random.default_rng(0), tales(), Adam(1e-2)
    params = {"embedding": rng.standard_normal((V, H)), "rnn": init_cell(rng, "rnn", H, H), "readout": dense(rng, H, V)}
    h, losses, opt_state = np.zeros((N, H)), [], optimizer.init(params)
    for letters in islice(chunks(tokens, rng.integers(len(tokens), size=N)), steps):
        (L, h), grads = value_and_grad(loss, has_aux=True)(params, letters, h)
        optimizer.update(params, grads, opt_state)
        losses.append(float(L))
    return losses
