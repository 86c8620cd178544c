"""The plain recurrent network: h_t = f(x_t W_xh + h_{t-1} W_hh + b_h).

Elman (1990), "Finding structure in time", feeds the state back; Jordan (1986) feeds the output back.
All arrays share one floating dtype. Shapes that disagree raise ValueError, other dtypes TypeError.
"""

import numpy as np

from unrolled.autodiff.checks import check_arrays
from unrolled.autodiff.tape import differentiable
from unrolled.cells.sequence import after_linear, flat

# The activation f, and its local derivative written with the state that it gave.
ACTIVATIONS = {
    "tanh": (np.tanh, lambda h: 1 - h**2),
    "relu": (lambda z, out=None: np.maximum(z, 0, out=out), lambda h: (h > 0).astype(h.dtype)),
    "identity": (lambda z, out=None: np.positive(z, out=out), np.ones_like),
}


@differentiable
def rnn_step(x, h_prev, W_xh, W_hh, b_h, *, activation="tanh"):
    """h = f(x W_xh + h_prev W_hh + b_h)        x (N, D), h_prev (N, H) -> h (N, H)

    W_xh (D, H), W_hh (H, H), b_h (H,); f is tanh, relu or identity.
    """
    check_arrays("x N D, W_hh H H, W_xh D H, b_h H, h_prev N H", x, W_hh, W_xh, b_h, h_prev)
    f, local = _activation(activation)
    h = f(x @ W_xh + h_prev @ W_hh + b_h)

    def pullback(dh):
        dz = dh * local(h)
        return dz @ W_xh.T, dz @ W_hh.T, x.T @ dz, h_prev.T @ dz, dz.sum(0)

    return h, pullback


@differentiable
def rnn_reference(xs, h0, W_xh, W_hh, b_h, *, activation="tanh"):
    """`rnn` by the book, for sequences of one length.        xs (T, N, D), h0 (N, H) -> hs (T, N, H)"""
    check_arrays("xs T N D, W_hh H H, W_xh D H, b_h H, h0 N H", xs, W_hh, W_xh, b_h, h0)
    f, local = _activation(activation)
    T, (N, H) = len(xs), h0.shape
    hs = np.empty((T + 1, N, H), xs.dtype)
    hs[0] = h0
    zs = (flat(xs) @ W_xh + b_h).reshape(T, N, H)  # every time step in one matrix product
    for t in range(T):
        hs[t + 1] = f(zs[t] + hs[t] @ W_hh)

    def pullback(dhs):
        dzs, dh = np.empty_like(hs[1:]), np.zeros_like(h0)
        for t in reversed(range(T)):
            dzs[t] = (dhs[t] + dh) * local(hs[t + 1])  # the gradient from this step's use of h_t, and from step t+1
            dh = dzs[t] @ W_hh.T
        dW_xh, dW_hh = flat(xs).T @ flat(dzs), flat(hs[:-1]).T @ flat(dzs)
        return (flat(dzs) @ W_xh.T).reshape(xs.shape), dh, dW_xh, dW_hh, flat(dzs).sum(0)

    return hs[1:], pullback


@differentiable
def rnn(xs, h0, W_xh, W_hh, b_h, *, activation="tanh", lengths=None):
    """h_t = f(x_t W_xh + h_{t-1} W_hh + b_h)        xs (T, N, D), h0 (N, H) -> hs (T, N, H)

    W_xh (D, H), W_hh (H, H), b_h (H,); f is tanh, relu or identity. lengths (N,) int: how many steps each sequence has,
    T by default. A step after the end copies the state, so hs[-1] is the last state of each, and neither its input nor
    the weights get gradient from it. The same as `rnn_reference`, in less time.
    """
    check_arrays("xs T N D, W_hh H H, W_xh D H, b_h H, h0 N H", xs, W_hh, W_xh, b_h, h0)
    return after_linear(rnn_recurrence, xs, (h0,), W_xh, W_hh, b_h, activation=activation, lengths=lengths)


@differentiable
def rnn_recurrence(zs, h0, W_hh, *, activation="tanh"):
    """h_t = f(z_t + h_{t-1} W_hh), z_t = x_t W_xh + b_h        zs (T, N, H), h0 (N, H), W_hh (H, H) -> hs (T, N, H)"""
    check_arrays("W_hh H H, zs T N H, h0 N H", W_hh, zs, h0)
    f, local = _activation(activation)
    hs = np.empty((len(zs) + 1, *h0.shape), zs.dtype)
    hs[0] = h0
    for z, h_prev, h in zip(zs, hs, hs[1:]):
        h_prev.dot(W_hh, h)  # each result has its place: no step allocates. dot: matmul's product, half its overhead
        h += z
        f(h, h)

    def pullback(dhs):
        dzs, dh = local(hs[1:]), np.zeros(h0.shape, hs.dtype)  # f' of all steps at once
        W_T = W_hh.T.copy()  # a transposed view is slower in some products
        for dh_t, dz in zip(dhs[::-1], dzs[::-1]):
            dh += dh_t  # from this step's use of h_t, and from step t+1
            dz *= dh
            dz.dot(W_T, dh)
        return dzs, dh, flat(hs[:-1]).T @ flat(dzs)  # one matrix product for the weights' gradient

    return hs[1:], pullback


@differentiable
def jordan(xs, y0, W_xh, W_yh, b_h, W_hy, b_y):
    """h_t = tanh(x_t W_xh + y_{t-1} W_yh + b_h), y_t = h_t W_hy + b_y        xs (T, N, D), y0 (N, O) -> ys (T, N, O)

    The output is fed back, not the state: what y does not show is forgotten.
    W_xh (D, H), W_yh (O, H), b_h (H,), W_hy (H, O), b_y (O,). Source: Jordan (1986), "Serial order".
    """
    check_arrays("xs T N D, W_xh D H, b_h H, W_hy H O, W_yh O H, b_y O, y0 N O", xs, W_xh, b_h, W_hy, W_yh, b_y, y0)
    T, N, H = len(xs), len(y0), len(b_h)
    hs, ys = np.empty((T, N, H), xs.dtype), np.empty((T + 1, *y0.shape), xs.dtype)
    ys[0] = y0
    for t in range(T):
        hs[t] = np.tanh(xs[t] @ W_xh + ys[t] @ W_yh + b_h)
        ys[t + 1] = hs[t] @ W_hy + b_y

    def pullback(dys):
        dzs, dys_all, dy = np.empty_like(hs), np.empty_like(ys[1:]), np.zeros_like(y0)
        for t in reversed(range(T)):
            dys_all[t] = dys[t] + dy  # the gradient from this step's use of y_t, and from step t+1
            dzs[t] = (dys_all[t] @ W_hy.T) * (1 - hs[t] ** 2)
            dy = dzs[t] @ W_yh.T
        dW_xh, dW_yh = flat(xs).T @ flat(dzs), flat(ys[:-1]).T @ flat(dzs)
        dW_hy, dxs = flat(hs).T @ flat(dys_all), (flat(dzs) @ W_xh.T).reshape(xs.shape)
        return dxs, dy, dW_xh, dW_yh, flat(dzs).sum(0), dW_hy, flat(dys_all).sum(0)

    return ys[1:], pullback


def _activation(name):
    if name not in ACTIVATIONS:
        raise ValueError(f"activation must be one of {', '.join(ACTIVATIONS)}, got {name!r}")
    return ACTIVATIONS[name]
