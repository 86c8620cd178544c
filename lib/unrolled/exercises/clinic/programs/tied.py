"""A Grid LSTM of six layers reads symbols, and learns to say the one before.

The layers are tied over depth: all six have the weights of one.
"""

import numpy as np

from unrolled.cells import init_cell
from unrolled.cells.over_depth import climb, grid_step
from unrolled.exercises.clinic.training import learn
from unrolled.layers import cross_entropy, embedding, linear
from unrolled.layers.initializers import dense

T, N, V, H = 6, 16, 4, 8
OPTIONS = {"layers": 6, "tied": True}


def weights(rng, options):
    """First weights: a block for each layer, and one for all where they are tied"""
    block = lambda: {name: init_cell(rng, "lstm", H, H) for name in ("time", "depth")}
    blocks = 1 if options["tied"] else options["layers"]
    grid = tuple(block() for _ in range(blocks))
    return {"embedding": rng.standard_normal((V, H)), "grid": grid, "readout": dense(rng, H, V)}


def batches(rng):
    """Symbols (T, N), and the one before each, without end"""
    while True:
        tokens = rng.integers(V, size=(T + 1, N))
        yield tokens[1:], tokens[:-1]


def loss(params, tokens, targets):
    """The mean nats of all steps but the first, before which nothing was read"""
    xs, zero, layers = embedding(tokens, params["embedding"]), np.zeros((N, H)), OPTIONS["layers"]
    grid = params["grid"] * (layers // len(params["grid"]))
    ys, *_ = climb(grid_step, xs, np.zeros((T, N, H)), ((zero, zero),) * layers, grid)
    return cross_entropy(linear(ys[1:], **params["readout"]), targets[1:])


def train():
    """The loss at each step"""
    rng = np.random.default_rng(0)
    return learn(loss, weights(rng, OPTIONS), batches(rng), steps=60, learning_rate=2e-2)
