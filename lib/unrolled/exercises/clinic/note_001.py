"""The derivation of BPTT in the course's note 001, corrected; another line can be put in the place of each.

The note's symbols, as row vectors: input x, state s, output y, target d; weights V (D, H) from x to s, U (H, H) from s
to s, W (H, O) from s to y. Elsewhere in the course these are x, h, y, target and W_xh, W_hh, W_hy.

    s(t) = tanh(x(t) V + s(t-1) U),    y(t) = s(t) W,    L = 1/2 sum_t |d(t) - y(t)|^2

The note's errors are minus gradients, e_o(t) = -dL/dy(t) and e_h(t) = -dL/dnet(t), and its updates are added.
"""

import numpy as np

from unrolled.autodiff.tape import differentiable

CORRECTED = {
    "slope": lambda s: 1 - s**2,
    "from_output": lambda e_o, V, W: e_o @ W.T,
    "from_next": lambda e_h, U: e_h @ U.T,
    "join": lambda local, later: local + later,
    "dU": lambda x_prev, s_prev, e_h: s_prev.T @ e_h,
}


@differentiable
def loss(V, U, W, b_s, b_y, *, xs, ds, lines=CORRECTED):
    """L = 1/2 sum_t |d(t) - y(t)|^2, with gradients by the note's lines        xs (T, N, D), ds (T, N, O) -> scalar

    b_s (T, N, H) and b_y (T, N, O) are added to net(t) and y(t). They are 0 but for one use: their gradients are
    -e_h(t) and -e_o(t), so that a gradient check sees every line. s(0) = 0.
    lines: CORRECTED, or with others in their place, as in CORRECTED | {"from_next": lambda e_h, U: e_h @ U}
    """
    T, N = xs.shape[:2]
    s, x = np.zeros((T + 1, N, len(U))), np.concatenate([np.zeros_like(xs[:1]), xs])  # x[t] is the note's x(t)
    for t in range(1, T + 1):
        s[t] = np.tanh(x[t] @ V + s[t - 1] @ U + b_s[t - 1])
    e_o = ds - (s[1:] @ W + b_y)

    def pullback(dL):
        e_h, later = np.empty_like(s[1:]), None
        dV, dU, dW = np.zeros_like(V), np.zeros_like(U), np.zeros_like(W)
        for t in range(T, 0, -1):
            local = lines["from_output"](e_o[t - 1], V, W)
            error = local if later is None else lines["join"](local, later)
            e_h[t - 1] = lines["slope"](s[t]) * error
            later = lines["from_next"](e_h[t - 1], U)
            dW = dW + s[t].T @ e_o[t - 1]
            dV = dV + x[t].T @ e_h[t - 1]
            dU = dU + lines["dU"](x[t - 1], s[t - 1], e_h[t - 1])
        return tuple(-dL * update for update in (dV, dU, dW, e_h, e_o))

    return (e_o**2).sum() / 2, pullback
