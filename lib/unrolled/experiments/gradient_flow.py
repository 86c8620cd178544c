"""How much of a gradient arrives, many steps back: the size of W_hh, the activation and the inputs decide.

Claim: for a linear recurrence, a spectral radius < 1 suffices to vanish and > 1 is needed to explode; the largest
singular value alone decides nothing. Where the slope of the activation is at most gamma (tanh 1, sigmoid 1/4), a
largest singular value < 1/gamma suffices to vanish. Source: Pascanu, Mikolov & Bengio (2013), section 2.1.
"""

from functools import partial

import numpy as np

from unrolled.autodiff import ops
from unrolled.cells.rnn import rnn_step
from unrolled.layers.initializers import gaussian, orthogonal
from unrolled.probes.gradients import largest_singular_value, spectral_radius, state_gradient_norms


def recurrent_matrix(rng, kind, singular_value, H):
    """W_hh (H, H) with this largest singular value: "orthogonal" (all are it), or "gaussian" (scaled to it)."""
    if kind == "orthogonal":
        return orthogonal(rng, (H, H), gain=singular_value)
    if kind != "gaussian":
        raise ValueError(f'kind must be "orthogonal" or "gaussian", got {kind!r}')
    W = gaussian(rng, (H, H), 1.0)
    return W * (singular_value / largest_singular_value(W))


def backward_norms(rng, W_hh, *, activation, inputs, T, N):
    """||dL/dh_t|| for t = 0 … T -> (T + 1,)

    L = <G, h_T> with G ~ N(0, 1), so that dL/dh_T = G: a random direction is sent back T steps. h_0 = 0.
    activation  "identity", "relu", "tanh" or "sigmoid"
    inputs      "zero", or "normal": x_t ~ N(0, 1)^H through W_xh ~ N(0, 1/H), so that each unit hears N(0, 1)
    """
    if inputs not in ("zero", "normal"):
        raise ValueError(f'inputs must be "zero" or "normal", got {inputs!r}')
    H = len(W_hh)
    W_xh, G, xs = gaussian(rng, (H, H), H**-0.5), rng.standard_normal((N, H)), rng.standard_normal((T, N, H))
    if inputs == "zero":
        xs = np.zeros_like(xs)
    loss = lambda hs: ops.sum(hs[-1] * G)
    step = sigmoid_step if activation == "sigmoid" else partial(rnn_step, activation=activation)
    return state_gradient_norms(loss, step, xs, np.zeros((N, H)), W_xh, W_hh, np.zeros(H))


def sigmoid_step(x, h_prev, W_xh, W_hh, b_h):
    """h = sigmoid(x W_xh + h_prev W_hh + b_h), which the course's cells do not offer        x (N, D), h (N, H)"""
    return ops.sigmoid(x @ W_xh + h_prev @ W_hh + b_h)


def log_slope(norms):
    """Slope of log ||dL/dh_t|| for each step back, over the earlier half of the steps, where W^k has settled."""
    early = np.log(norms[: len(norms) // 2 + 1])
    return -np.polyfit(np.arange(len(early)), early, 1)[0]


def measure(rng, W_hh, singular_value, activation, inputs, H, T, N):
    """ratio = ||dL/dh_0|| / ||dL/dh_T||, and the slope of the log norm beside the log of the spectral radius."""
    W = recurrent_matrix(rng, W_hh, singular_value, H)
    norms = backward_norms(rng, W, activation=activation, inputs=inputs, T=T, N=N)
    radius = spectral_radius(W)
    return {"ratio": norms[0] / norms[-1], "slope": log_slope(norms), "log_radius": np.log(radius), "radius": radius}
