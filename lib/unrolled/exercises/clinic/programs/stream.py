"""A network reads one long stream of bits, and must say the bit of two steps ago.

The stream is read in N rows side by side, T steps at a time, and the state goes on from chunk to chunk.
"""

import numpy as np

from unrolled.autodiff import value_and_grad
from unrolled.cells import init_cell
from unrolled.cells.rnn import rnn
from unrolled.layers import cross_entropy, linear
from unrolled.layers.initializers import dense
from unrolled.learning.optimizers import Adam

N, T, H, CHUNKS = 32, 4, 16, 200


def chunks(stream):
    """CHUNKS pieces (T, N) of a stream of CHUNKS N T numbers"""
    rows = stream.reshape(N, CHUNKS, T)
    return rows.transpose(1, 2, 0)


def loss(params, bits, targets, h):
    """The loss of one chunk, and its last state"""
    hs = rnn(bits[:, :, None].astype(float), h, **params["rnn"])
    return cross_entropy(linear(hs, **params["readout"]), targets), hs[-1]


def train():
    """The loss at each step"""
    rng, optimizer = np.random.default_rng(1), Adam(1e-2)
    bits = rng.integers(2, size=CHUNKS * N * T)
    params = {"rnn": init_cell(rng, "rnn", 1, H), "readout": dense(rng, H, 2)}
    h, losses, opt_state = np.zeros((N, H)), [], optimizer.init(params)
    for inputs, targets in zip(chunks(bits), chunks(np.roll(bits, 2))):
        (L, h), grads = value_and_grad(loss, has_aux=True)(params, inputs, targets, h)
        optimizer.update(params, grads, opt_state)
        losses.append(float(L))
    return losses
