"""min-char-rnn's iteration (H=100, V=65, T=25, one sequence, clipping at 5, Adagrad) with the library's kernel."""

import numpy as np
from plain import start

from unrolled.cells.rnn import rnn, rnn_recurrence
from unrolled.layers.dense import linear
from unrolled.layers.losses import cross_entropy
from unrolled.learning.fit import fit
from unrolled.learning.optimizers import Adagrad, clip_by_value


def by_hand(tokens, V=65, H=100, T=25, learning_rate=0.1):
    """A generator of losses. `rnn_recurrence.with_pullback` is both loops over time; all else is NumPy.

    The parameters are views of one vector: clipping and Adagrad are then one call each, not five.
    """
    weights = [*start(V, H).values(), np.zeros(H), np.zeros(V)]
    theta = np.concatenate([W.ravel() for W in weights]).astype(np.float32)
    ends = np.cumsum([W.size for W in weights])[:-1]
    W_xh, W_hh, W_hy, b_h, b_y = (a.reshape(W.shape) for a, W in zip(np.split(theta, ends), weights))
    optimizer, gradient = Adagrad(learning_rate, eps=1e-8), np.empty_like(theta)
    opt_state, one_hot, steps = optimizer.init({"theta": theta}), np.eye(V, dtype=np.float32), np.arange(T)
    while True:
        h = np.zeros((1, H), np.float32)
        for place in range(0, len(tokens) - T, T):
            inputs, targets = tokens[place : place + T], tokens[place + 1 : place + T + 1]
            hs, pullback = rnn_recurrence.with_pullback((W_xh + b_h)[inputs][:, None], h, W_hh)
            rows = hs[:, 0]
            p = np.exp(rows @ W_hy + b_y)
            p /= p.sum(axis=1, keepdims=True)
            loss = -np.log(p[steps, targets]).sum()
            p[steps, targets] -= 1  # from here on, dL/dy
            dzs, _, dW_hh = pullback((p @ W_hy.T)[:, None])
            dz = dzs[:, 0]
            gradients = one_hot[inputs].T @ dz, dW_hh, rows.T @ p, dz.sum(axis=0), p.sum(axis=0)
            np.concatenate([g.ravel() for g in gradients], out=gradient)
            np.clip(gradient, -5, 5, out=gradient)
            optimizer.update({"theta": theta}, {"theta": gradient}, opt_state)
            h = hs[-1]
            yield loss


def by_fit(tokens, V=65, H=100, T=25, learning_rate=0.1):
    """A generator of losses: a loss on the tape, and `fit`."""
    W = {name: array.astype(np.float32) for name, array in start(V, H).items()}
    params = {
        "rnn": {"W_xh": W["W_xh"], "W_hh": W["W_hh"], "b_h": np.zeros(H, np.float32)},
        "readout": {"W": W["W_hy"], "b": np.zeros(V, np.float32)},
    }
    one_hot = np.eye(V, dtype=np.float32)

    def batches():
        while True:
            for place in range(0, len(tokens) - T, T):
                inputs, targets = tokens[place : place + T], tokens[place + 1 : place + T + 1]
                yield one_hot[inputs][:, None], targets[:, None]

    def loss(params, xs, targets, h):
        hs = rnn(xs, h, **params["rnn"])
        return cross_entropy(linear(hs, **params["readout"]), targets, reduction="sum"), hs[-1]

    how = {"clip": lambda grads: clip_by_value(grads, 5.0), "carry": np.zeros((1, H), np.float32), "progress": False}
    return (step.loss for step in fit(loss, params, batches(), Adagrad(learning_rate, eps=1e-8), **how))
