"""The plain recurrent network: h_t = f(x_t W_xh + h_{t-1} W_hh + b_h).

Elman (1990), "Finding structure in time", feeds the state back; Jordan (1986) feeds the output back.
All arrays share one floating dtype. Shapes that disagree raise ValueError, other dtypes TypeError.
"""

import numpy as np

from unrolled.checks import check_arrays
from unrolled.tape import differentiable

# The activation f, and its local derivative written with the state that it gave.
ACTIVATIONS = {
    "tanh": (np.tanh, lambda h: 1 - h**2),
    "relu": (lambda z: np.maximum(z, 0), lambda h: (h > 0).astype(h.dtype)),
    "identity": (lambda z: z, np.ones_like),
}


@differentiable
def rnn_step(x, h_prev, W_xh, W_hh, b_h, *, activation="tanh"):
    """h = f(x W_xh + h_prev W_hh + b_h)        x (N, D), h_prev (N, H) -> h (N, H)

    W_xh (D, H), W_hh (H, H), b_h (H,); f is tanh, relu or identity.
    """
    check_arrays(x=(x, "N D"), W_hh=(W_hh, "H H"), W_xh=(W_xh, "D H"), b_h=(b_h, "H"), h_prev=(h_prev, "N H"))
    f, local = _activation(activation)
    h = f(x @ W_xh + h_prev @ W_hh + b_h)

    def pullback(dh):
        dz = dh * local(h)
        return dz @ W_xh.T, dz @ W_hh.T, x.T @ dz, h_prev.T @ dz, dz.sum(0)

    return h, pullback


@differentiable
def rnn(xs, h0, W_xh, W_hh, b_h, *, activation="tanh"):
    """h_t = f(x_t W_xh + h_{t-1} W_hh + b_h)        xs (T, N, D), h0 (N, H) -> hs (T, N, H)

    W_xh (D, H), W_hh (H, H), b_h (H,); f is tanh, relu or identity. The last state is hs[-1].
    """
    check_arrays(xs=(xs, "T N D"), W_hh=(W_hh, "H H"), W_xh=(W_xh, "D H"), b_h=(b_h, "H"), h0=(h0, "N H"))
    f, local = _activation(activation)
    T, (N, H) = len(xs), h0.shape
    hs = np.empty((T + 1, N, H), xs.dtype)
    hs[0] = h0
    zs = (_flat(xs) @ W_xh + b_h).reshape(T, N, H)  # every time step in one matrix product
    for t in range(T):
        hs[t + 1] = f(zs[t] + hs[t] @ W_hh)

    def pullback(dhs):
        dzs, dh = np.empty_like(zs), np.zeros_like(h0)
        for t in reversed(range(T)):
            dzs[t] = (dhs[t] + dh) * local(hs[t + 1])  # the gradient from this step's use of h_t, and from step t+1
            dh = dzs[t] @ W_hh.T
        dW_xh, dW_hh = _flat(xs).T @ _flat(dzs), _flat(hs[:-1]).T @ _flat(dzs)
        return (_flat(dzs) @ W_xh.T).reshape(xs.shape), dh, dW_xh, dW_hh, _flat(dzs).sum(0)

    return hs[1:], pullback


@differentiable
def jordan(xs, y0, W_xh, W_yh, b_h, W_hy, b_y):
    """h_t = tanh(x_t W_xh + y_{t-1} W_yh + b_h), y_t = h_t W_hy + b_y        xs (T, N, D), y0 (N, O) -> ys (T, N, O)

    The output is fed back, not the state: what y does not show is forgotten.
    W_xh (D, H), W_yh (O, H), b_h (H,), W_hy (H, O), b_y (O,). Source: Jordan (1986), "Serial order".
    """
    check_arrays(xs=(xs, "T N D"), W_xh=(W_xh, "D H"), b_h=(b_h, "H"), W_hy=(W_hy, "H O"))
    check_arrays(W_hy=(W_hy, "H O"), W_yh=(W_yh, "O H"), b_y=(b_y, "O"), xs=(xs, "T N D"), y0=(y0, "N O"))
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
        dW_xh, dW_yh = _flat(xs).T @ _flat(dzs), _flat(ys[:-1]).T @ _flat(dzs)
        dW_hy, dxs = _flat(hs).T @ _flat(dys_all), (_flat(dzs) @ W_xh.T).reshape(xs.shape)
        return dxs, dy, dW_xh, dW_yh, _flat(dzs).sum(0), dW_hy, _flat(dys_all).sum(0)

    return ys[1:], pullback


def _flat(xs):
    """(T, N, H) -> (T N, H): all time steps as rows of one matrix."""
    return xs.reshape(-1, xs.shape[-1])


def _activation(name):
    if name not in ACTIVATIONS:
        raise ValueError(f"activation must be one of {', '.join(ACTIVATIONS)}, got {name!r}")
    return ACTIVATIONS[name]
