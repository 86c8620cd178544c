"""The LSTM: a cell c that is added to, and three gates, i, f, o, that open and close it.

    i, f, o = sigmoid(x W_xh + h_prev W_hh + b_h), g = tanh(the same), each with its own quarter of the weights
    c = f c_prev + i g
    h = o tanh(c)

The quarters stand in the order i, f, o, g: W_xh (D, 4H), W_hh (H, 4H), b_h (4H,). All arrays share one floating dtype.
Shapes that disagree raise ValueError, other dtypes TypeError.
Source: Hochreiter & Schmidhuber (1997); the forget gate is that of Gers, Schmidhuber & Cummins (2000).
"""

import numpy as np

from unrolled.autodiff.checks import check_arrays
from unrolled.autodiff.tape import differentiable
from unrolled.cells.sequence import after_linear, by_gate, flat, scan, sigmoid


def lstm_bias(H, *, forget=1.0, dtype=np.float64):
    """b_h (4H,): zeros, but `forget` for the forget gate, which so starts open: sigmoid(1) = 0.73 of c is kept.

    Source: Gers, Schmidhuber & Cummins (2000); Jozefowicz, Zaremba & Sutskever (2015).
    """
    b_h = np.zeros((4, H), dtype)
    b_h[1] = forget
    return b_h.ravel()


@differentiable
def lstm_step(x, h_prev, c_prev, W_xh, W_hh, b_h):
    """c = f c_prev + i g, h = o tanh(c)        x (N, D), h_prev (N, H), c_prev (N, H) -> h (N, H), c (N, H)

    It takes the weights as they are: to generate step by step allocates no weights.
    """
    check_arrays("x N D, W_hh H 4H, W_xh D 4H, b_h 4H, h_prev N H, c_prev N H", x, W_hh, W_xh, b_h, h_prev, c_prev)
    z_i, z_f, z_o, z_g = np.split(x @ W_xh + h_prev @ W_hh + b_h, 4, axis=1)
    i, f, o, g = sigmoid(z_i), sigmoid(z_f), sigmoid(z_o), np.tanh(z_g)
    c = f * c_prev + i * g
    tanh_c = np.tanh(c)

    def pullback(dh, dc):
        dc = dc + dh * o * (1 - tanh_c**2)  # c is used twice: by the next step, and by h
        di, df, do, dg = dc * g, dc * c_prev, dh * tanh_c, dc * i
        dz = np.concatenate([di * i * (1 - i), df * f * (1 - f), do * o * (1 - o), dg * (1 - g**2)], axis=1)
        return dz @ W_xh.T, dz @ W_hh.T, dc * f, x.T @ dz, h_prev.T @ dz, dz.sum(0)

    return (o * tanh_c, c), pullback


@differentiable
def lstm_reference(xs, h0, c0, W_xh, W_hh, b_h, *, lengths=None):
    """`lstm` by the book: one `lstm_step` after the other, and their pullbacks in reverse."""
    return scan(lstm_step, xs, (h0, c0), (W_xh, W_hh, b_h), lengths)


@differentiable
def lstm(xs, h0, c0, W_xh, W_hh, b_h, *, lengths=None):
    """c_t = f c_{t-1} + i g, h_t = o tanh(c_t)        xs (T, N, D), h0 (N, H), c0 (N, H) -> hs (T, N, H), cs (T, N, H)

    lengths (N,) int: how many steps each sequence has, T by default. A step after the end copies the state, so hs[-1]
    is the last state of each, and neither its input nor the weights get gradient from it.
    The same as `lstm_reference`, in a fraction of the time. While the pullback lives it holds 7 T N H numbers; hs alone
    holds itself.
    """
    check_arrays("xs T N D, W_hh H 4H, W_xh D 4H, b_h 4H, h0 N H, c0 N H", xs, W_hh, W_xh, b_h, h0, c0)
    return after_linear(lstm_recurrence, xs, (h0, c0), W_xh, W_hh, b_h, lengths=lengths)


@differentiable
def lstm_recurrence(zs, h0, c0, W_hh):
    """`lstm` of z_t = x_t W_xh + b_h        zs (T, N, 4H), h0 (N, H), c0 (N, H), W_hh (H, 4H) -> hs (T, N, H), cs"""
    check_arrays("W_hh H 4H, zs T N 4H, h0 N H, c0 N H", W_hh, zs, h0, c0)
    (T, N, _), H, dtype = zs.shape, len(W_hh), zs.dtype
    # Work arrays hold a step's gates one after the other, (4, N, H): NumPy is fastest where memory has no gaps.
    zs, W = by_gate(zs, 4), by_gate(W_hh, 4).copy()
    gates, tanh_cs = np.empty((T, 4, N, H), dtype), np.empty((T, N, H), dtype)
    hs, cs = np.empty((T + 1, N, H), dtype), np.empty((T + 1, N, H), dtype)
    hs[0], cs[0] = h0, c0
    i_g = np.empty((N, H), dtype)  # each result has its place: no step allocates
    for t in range(T):
        z, sigmoids, c = gates[t], gates[t, :3], cs[t + 1]
        np.matmul(hs[t], W, out=z)
        z += zs[t]
        sigmoids *= 0.5  # sigmoid(z) = (1 + tanh(z/2)) / 2: one tanh serves all gates
        np.tanh(z, out=z)
        sigmoids *= 0.5
        sigmoids += 0.5
        i, f, o, g = z
        np.multiply(f, cs[t], out=c)
        c += np.multiply(i, g, out=i_g)
        np.multiply(o, np.tanh(c, out=tanh_cs[t]), out=hs[t + 1])

    def pullback(dhs, dcs):
        i, f, o, g = gates.swapaxes(0, 1)
        # The local derivatives do not depend on the gradient, so all steps are done at once: dz_o = local dh, the
        # others are local dc.
        local = 1 - gates
        local *= gates
        local[:, 0] *= g
        local[:, 1] *= cs[:-1]
        local[:, 2] *= tanh_cs
        np.multiply(1 - g * g, i, out=local[:, 3])
        dc_dh = (1 - tanh_cs * tanh_cs) * o
        dh, dc, through_h = np.zeros((3, N, H), dtype)
        dzs, W_T = np.empty((T, N, 4 * H), dtype), W_hh.T.copy()  # a transposed view is slower in some products
        dzs_by_gate = by_gate(dzs, 4)
        for t in reversed(range(T)):
            dz, l = dzs_by_gate[t], local[t]
            dh += dhs[t]  # from this step's use of h_t, and from step t+1
            dc += dcs[t]
            dc += np.multiply(dh, dc_dh[t], out=through_h)
            np.multiply(l, dc, out=dz)  # one call for all takes less time than one for i, f and one for g
            np.multiply(l[2], dh, out=dz[2])
            dc *= f[t]
            dzs[t].dot(W_T, dh)
        return dzs, dh, dc, flat(hs[:-1]).T @ flat(dzs)  # one matrix product for the weights' gradient

    return (hs[1:], cs[1:]), pullback


@differentiable
def lstm_peephole_step(x, h_prev, c_prev, W_xh, W_hh, b_h, p):
    """`lstm_step` whose gates see the cell: i and f add p_i c_prev and p_f c_prev, o adds p_o c        p (3H,): i, f, o

    Source: Gers & Schmidhuber (2000), "Recurrent nets that time and count".
    """
    check_arrays(
        "x N D, W_hh H 4H, W_xh D 4H, b_h 4H, p 3H, h_prev N H, c_prev N H", x, W_hh, W_xh, b_h, p, h_prev, c_prev
    )
    z_i, z_f, z_o, z_g = np.split(x @ W_xh + h_prev @ W_hh + b_h, 4, axis=1)
    p_i, p_f, p_o = np.split(p, 3)
    i, f, g = sigmoid(z_i + p_i * c_prev), sigmoid(z_f + p_f * c_prev), np.tanh(z_g)
    c = f * c_prev + i * g
    o, tanh_c = sigmoid(z_o + p_o * c), np.tanh(c)

    def pullback(dh, dc):
        do = dh * tanh_c * o * (1 - o)
        dc = dc + dh * o * (1 - tanh_c**2) + do * p_o  # c is used three times: by the next step, by h, and by o
        di, df, dg = dc * g * i * (1 - i), dc * c_prev * f * (1 - f), dc * i * (1 - g**2)
        dz = np.concatenate([di, df, do, dg], axis=1)
        dc_prev = dc * f + di * p_i + df * p_f
        dp = np.concatenate([(di * c_prev).sum(0), (df * c_prev).sum(0), (do * c).sum(0)])
        return dz @ W_xh.T, dz @ W_hh.T, dc_prev, x.T @ dz, h_prev.T @ dz, dz.sum(0), dp

    return (o * tanh_c, c), pullback


@differentiable
def lstm_peephole(xs, h0, c0, W_xh, W_hh, b_h, p, *, lengths=None):
    """An LSTM with peepholes, by the book: one `lstm_peephole_step` after the other, and their pullbacks in reverse."""
    return scan(lstm_peephole_step, xs, (h0, c0), (W_xh, W_hh, b_h, p), lengths)
