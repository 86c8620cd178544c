"""A network reads N streams of bits, T steps at a time, and must say the bit of two steps ago.

The state goes on from chunk to chunk; the gradient stays within its chunk.
"""

from itertools import islice

import numpy as np

from unrolled.autodiff import Var, backward, leaves, tree_map
from unrolled.cells import init_cell
from unrolled.cells.rnn import rnn
from unrolled.data.tasks import echo
from unrolled.layers import cross_entropy, linear
from unrolled.layers.initializers import dense

N, T, H, RATE = 32, 4, 16, 0.3


def weights(rng):
    """First weights, as Vars"""
    return tree_map(Var, {"rnn": init_cell(rng, "rnn", 1, H), "readout": dense(rng, H, 2)})


def read(params, bits, targets, h):
    """The loss of one chunk, and the state that the next one begins with"""
    hs = rnn(bits, h, **params["rnn"])
    return cross_entropy(linear(hs, **params["readout"]), targets), hs[-1].value


def train(steps=100):
    """The loss at each step"""
    rng = np.random.default_rng(1)
    params, h, losses = weights(rng), np.zeros((N, H)), []
    for bits, targets in islice(echo(rng, N, T, 2), steps):
        L, h = read(params, bits, targets, h)
        backward(L)
        for _, weight in leaves(params):
            weight.value = weight.value - RATE * weight.grad
            weight.grad = None
        losses.append(float(L.value))
    return losses
