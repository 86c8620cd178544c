"""The GRU: two gates. z keeps the old state or lets the candidate n in; r scales how much of the old state n reads.

    r, z = sigmoid(x W_xh + h_prev W_hh + b_h), each with its own third of the weights
    n = tanh(x W_n + b_n + r (h_prev U_n + b_hn))    reset after the product: `gru`, as in cuDNN and PyTorch
    n = tanh(x W_n + b_n + (r h_prev) U_n)           reset before it: `gru_reset_before`, as in Cho et al.
    h = z h_prev + (1 - z) n

The thirds stand in the order r, z, n: W_xh (D, 3H) ends in W_n, W_hh (H, 3H) in U_n, b_h (3H,) in b_n. b_hn (H,) is the
bias inside the reset. All arrays share one floating dtype. Shapes that disagree raise ValueError, other dtypes
TypeError. Where z and 1 - z change places (Chung et al. 2014), `cells.convert.flip_update_gate` goes there and back.
Source: Cho et al. (2014), "Learning phrase representations using RNN encoder-decoder".
"""

import numpy as np

from unrolled.autodiff.checks import check_arrays
from unrolled.autodiff.tape import differentiable
from unrolled.cells.sequence import after_linear, by_gate, flat, scan, sigmoid


@differentiable
def gru_step(x, h_prev, W_xh, W_hh, b_h, b_hn):
    """n = tanh(x W_n + b_n + r (h_prev U_n + b_hn)), h = z h_prev + (1 - z) n    x (N, D), h_prev (N, H) -> h (N, H)

    It takes the weights as they are: to generate step by step allocates no weights.
    """
    check_arrays("x N D, W_hh H 3H, W_xh D 3H, b_h 3H, b_hn H, h_prev N H", x, W_hh, W_xh, b_h, b_hn, h_prev)
    x_r, x_z, x_n = np.split(x @ W_xh + b_h, 3, axis=1)
    h_r, h_z, h_n = np.split(h_prev @ W_hh, 3, axis=1)
    r, z, u = sigmoid(x_r + h_r), sigmoid(x_z + h_z), h_n + b_hn
    n = np.tanh(x_n + r * u)

    def pullback(dh):
        dn = dh * (1 - z) * (1 - n**2)
        dr, dz = dn * u * r * (1 - r), dh * (h_prev - n) * z * (1 - z)
        dx_side, dh_side = np.concatenate([dr, dz, dn], axis=1), np.concatenate([dr, dz, dn * r], axis=1)
        dh_prev = dh_side @ W_hh.T + dh * z  # through the gates and the candidate, and past them
        return dx_side @ W_xh.T, dh_prev, x.T @ dx_side, h_prev.T @ dh_side, dx_side.sum(0), (dn * r).sum(0)

    return z * h_prev + (1 - z) * n, pullback


@differentiable
def gru_reference(xs, h0, W_xh, W_hh, b_h, b_hn, *, lengths=None):
    """`gru` by the book: one `gru_step` after the other, and their pullbacks in reverse."""
    return scan(gru_step, xs, (h0,), (W_xh, W_hh, b_h, b_hn), lengths)


@differentiable
def gru(xs, h0, W_xh, W_hh, b_h, b_hn, *, lengths=None):
    """n = tanh(x_t W_n + b_n + r (h_{t-1} U_n + b_hn)), h_t = z h_{t-1} + (1 - z) n    xs (T, N, D), h0 (N, H) -> hs

    hs (T, N, H). lengths (N,) int: how many steps each sequence has, T by default. A step after the end copies the
    state, so hs[-1] is the last state of each, and neither its input nor the weights get gradient from it.
    The same as `gru_reference`, in a fraction of the time. While the pullback lives it holds 5 T N H numbers; hs alone
    holds itself.
    """
    check_arrays("xs T N D, W_hh H 3H, W_xh D 3H, b_h 3H, b_hn H, h0 N H", xs, W_hh, W_xh, b_h, b_hn, h0)
    return after_linear(gru_recurrence, xs, (h0,), W_xh, W_hh, b_h, b_hn, lengths=lengths)


@differentiable
def gru_recurrence(zs, h0, W_hh, b_hn):
    """`gru` of z_t = x_t W_xh + b_h        zs (T, N, 3H), h0 (N, H), W_hh (H, 3H), b_hn (H,) -> hs (T, N, H)"""
    check_arrays("W_hh H 3H, b_hn H, zs T N 3H, h0 N H", W_hh, b_hn, zs, h0)
    (T, N, _), H, dtype = zs.shape, len(W_hh), zs.dtype
    zs, W = by_gate(zs, 3), by_gate(W_hh, 3).copy()
    gates, us, hs = np.empty((T, 3, N, H), dtype), np.empty((T, N, H), dtype), np.empty((T + 1, N, H), dtype)
    hs[0] = h0
    b_u = np.tile(b_hn, (N, 1))  # a row for each of the batch: to broadcast one takes twice as long
    for t in range(T):
        (r, z, n), r_z, h = gates[t], gates[t, :2], hs[t + 1]
        np.matmul(hs[t], W, out=gates[t])  # each result has its place: no step allocates
        r_z += zs[t, :2]
        r_z *= 0.5  # sigmoid(z) = (1 + tanh(z/2)) / 2
        np.tanh(r_z, out=r_z)
        r_z *= 0.5
        r_z += 0.5
        np.multiply(r, np.add(n, b_u, out=us[t]), out=n)
        n += zs[t, 2]
        np.tanh(n, out=n)
        np.subtract(hs[t], n, out=h)  # h = n + z (h_prev - n)
        h *= z
        h += n

    def pullback(dhs):
        r, z, n = gates.swapaxes(0, 1)
        # The local derivatives do not depend on the gradient, so all steps are done at once: dz_z = local dh, dz_n =
        # local dh, dz_r = local dz_n.
        local = 1 - gates
        local[:, 2] *= 1 + n  # 1 - n^2
        local[:, 2] *= local[:, 1]
        local[:, :2] *= gates[:, :2]
        local[:, 0] *= us
        local[:, 1] *= hs[:-1] - n
        # Four gradients side by side, r n, r, z, n: the state's weights take the first three, the input the last three.
        dh, dn, through_W = np.zeros((3, N, H), dtype)
        ds, W_T = np.empty((T, N, 4 * H), dtype), np.roll(W_hh, H, axis=1).T.copy()  # in the order n, r, z
        ds_by_gate = by_gate(ds, 4)
        for t in reversed(range(T)):
            d = ds_by_gate[t]
            dh += dhs[t]  # from this step's use of h_t, and from step t+1
            d[3] = np.multiply(dh, local[t, 2], out=dn)
            np.multiply(dn, r[t], out=d[0])
            np.multiply(dn, local[t, 0], out=d[1])
            np.multiply(dh, local[t, 1], out=d[2])
            dh *= z[t]
            dh += ds[t, :, : 3 * H].dot(W_T, through_W)
        h_side = flat(ds)[:, : 3 * H]  # one matrix product for the weights' gradient
        dW_hh = np.roll(flat(hs[:-1]).T @ h_side, -H, axis=1)
        return ds[:, :, H:], dh, dW_hh, np.ones(T * N, dtype) @ h_side[:, :H]  # the sum over rows, as in `linear`

    return hs[1:], pullback


@differentiable
def gru_reset_before_step(x, h_prev, W_xh, W_hh, b_h):
    """n = tanh(x W_n + b_n + (r h_prev) U_n), h = z h_prev + (1 - z) n        x (N, D), h_prev (N, H) -> h (N, H)"""
    check_arrays("x N D, W_hh H 3H, W_xh D 3H, b_h 3H, h_prev N H", x, W_hh, W_xh, b_h, h_prev)
    H = len(W_hh)
    U_rz, U_n = W_hh[:, : 2 * H], W_hh[:, 2 * H :]
    x_rz, x_n = np.split(x @ W_xh + b_h, [2 * H], axis=1)
    r, z = np.split(sigmoid(x_rz + h_prev @ U_rz), 2, axis=1)
    n = np.tanh(x_n + (r * h_prev) @ U_n)

    def pullback(dh):
        dn = dh * (1 - z) * (1 - n**2)
        drh = dn @ U_n.T  # the gradient of r h_prev
        dr, dz = drh * h_prev * r * (1 - r), dh * (h_prev - n) * z * (1 - z)
        drz = np.concatenate([dr, dz], axis=1)
        d = np.concatenate([drz, dn], axis=1)
        dW_hh = np.concatenate([h_prev.T @ drz, (r * h_prev).T @ dn], axis=1)
        return d @ W_xh.T, dh * z + drh * r + drz @ U_rz.T, x.T @ d, dW_hh, d.sum(0)

    return z * h_prev + (1 - z) * n, pullback


@differentiable
def gru_reset_before(xs, h0, W_xh, W_hh, b_h, *, lengths=None):
    """One `gru_reset_before_step` after the other, and their pullbacks in reverse: xs (T, N, D), h0 (N, H) -> hs

    hs (T, N, H); lengths as for `gru`. A step needs two products with the state, one after the other, where `gru` needs
    one.
    """
    check_arrays("xs T N D, W_hh H 3H, W_xh D 3H, b_h 3H, h0 N H", xs, W_hh, W_xh, b_h, h0)
    return scan(gru_reset_before_step, xs, (h0,), (W_xh, W_hh, b_h), lengths)
