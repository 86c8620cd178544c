"""The network of these experiments: an Elman RNN with a linear read-out, and its loss, many to many or many to one."""

from functools import partial

import numpy as np

from unrolled.cells.rnn import rnn
from unrolled.cells.table import init_cell
from unrolled.layers.dense import linear
from unrolled.layers.initializers import dense, gaussian, glorot
from unrolled.layers.losses import cross_entropy


def elman(rng, D, H, V, *, std=None, recurrent_std=None, dtype=np.float64):
    """Parameters {"rnn": {W_xh, W_hh, b_h}, "readout": {W, b}}, D inputs, H units, V outputs; biases 0.

    Weights are Glorot's. std: all weights ~ N(0, std^2) instead; recurrent_std: W_hh alone.
    """
    normal = lambda std: glorot if std is None else partial(gaussian, std=std)
    W, W_hh = normal(std), normal(std if recurrent_std is None else recurrent_std)
    cell = init_cell(rng, "rnn", D, H, W_xh=W, W_hh=W_hh, dtype=dtype)
    return {"rnn": cell, "readout": dense(rng, H, V, W=W, dtype=dtype)}


def split(params, trained):
    """(what is learnt, what stays as it was drawn)        trained "all", or "read-out": W_xh, W_hh and b_h stay"""
    if trained not in ("all", "read-out"):
        raise ValueError(f'trained must be "all" or "read-out", got {trained!r}')
    if trained == "all":
        return params, {}
    return {"readout": params["readout"]}, {"rnn": params["rnn"]}


def zero_state(params, N):
    """h_0 = 0 (N, H), of the parameters' dtype."""
    b_h = params["rnn"]["b_h"]
    return np.zeros((N, *b_h.shape), b_h.dtype)


def stream_loss(params, xs, targets, h0, *, reduction="mean", activation="tanh"):
    """A target at every step -> (loss, last state).        xs (T, N, D), targets (T, N) int, h0 (N, H)"""
    hs = rnn(xs, h0, **params["rnn"], activation=activation)
    return cross_entropy(linear(hs, **params["readout"]), targets, reduction=reduction), hs[-1]


def answer_loss(params, xs, targets, h0):
    """One target, after the last step -> loss.        xs (T, N, D), targets (N,) int, h0 (N, H)"""
    return cross_entropy(linear(rnn(xs, h0, **params["rnn"])[-1], **params["readout"]), targets)
