"""An RNN reads T numbers between 0 and 1, and learns to say their sum."""

import numpy as np

from unrolled.autodiff import ops
from unrolled.cells import init_cell
from unrolled.cells.rnn import rnn
from unrolled.exercises.clinic.training import learn
from unrolled.layers import linear
from unrolled.layers.initializers import dense

T, N, H = 8, 32, 16


def batches(rng):
    """Numbers (T, N), and the N sums, without end"""
    while True:
        numbers = rng.random((T, N))
        yield numbers, numbers.sum(axis=0)


def loss(params, numbers, sums):
    """The mean square of the errors, in one number for each sequence"""
    hs = rnn(numbers[:, :, None], np.zeros((N, H)), **params["rnn"])
    said = linear(hs[-1], **params["readout"])
    return ops.mean((said[:, 0] - sums) ** 2)


def train():
    """The loss at each step"""
    rng = np.random.default_rng(0)
    params = {"rnn": init_cell(rng, "rnn", 1, H), "readout": dense(rng, H, 1)}
    return learn(loss, params, batches(rng), steps=400)
