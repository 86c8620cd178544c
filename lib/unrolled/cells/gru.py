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
from unrolled.cells.sequence import by_gate, carry_through_padding, flat, scan, sigmoid, zero_padding


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
    (T, N, _), H, dtype = xs.shape, len(W_hh), xs.dtype
    xs = zero_padding(xs, lengths)
    zs, W = _input_share(xs, W_xh, b_h, H), by_gate(W_hh * _halves(H, dtype), 3).copy()
    gates, us, hs = np.empty((T, 3, N, H), dtype), np.empty((T, N, H), dtype), np.empty((T + 1, N, H), dtype)
    hs[0] = h0
    b_u = np.tile(b_hn, (N, 1))  # a row for each of the batch: to broadcast one takes twice as long
    for t in range(T):
        (r, z, n), r_z, h = gates[t], gates[t, :2], hs[t + 1]
        np.matmul(hs[t], W, out=gates[t])  # each result has its place: no step allocates
        r_z += zs[t, :2]
        _sigmoid(r_z)
        np.multiply(r, np.add(n, b_u, out=us[t]), out=n)
        n += zs[t, 2]
        np.tanh(n, out=n)
        np.subtract(hs[t], n, out=h)  # h = n + z (h_prev - n)
        h *= z
        h += n

    def pullback(dhs):
        r, z, n = gates.swapaxes(0, 1)
        local_r, local_z, local_n = _local(gates, us, hs)
        # Four gradients side by side: the input's weights take the first three, the state's the last three.
        dh, dn, through_W = np.zeros((3, N, H), dtype)
        dzs, W_T = np.empty((T, N, 4 * H), dtype), W_hh.T.copy()  # a transposed view is slower in some products
        dzs_by_gate = by_gate(dzs, 4)
        for t in reversed(range(T)):
            dz = dzs_by_gate[t]
            dh += dhs[t]  # from this step's use of h_t, and from step t+1
            dz[0] = np.multiply(dh, local_n[t], out=dn)
            np.multiply(dn, local_r[t], out=dz[1])
            np.multiply(dh, local_z[t], out=dz[2])
            np.multiply(dn, r[t], out=dz[3])
            dh *= z[t]
            dh += dzs[t, :, H:].dot(W_T, through_W)
        dz = flat(dzs)  # one matrix product for each weight's gradient
        x_side, h_side = dz[:, : 3 * H], dz[:, H:]
        db = np.ones(len(dz), dtype) @ dz  # the sum over rows, in half of sum's time
        W_nrz = np.roll(W_xh, H, axis=1)  # the input's three stand in the order n, r, z
        dW_xh, db_h = np.roll(flat(xs).T @ x_side, -H, axis=1), np.roll(db[: 3 * H], -H)
        dxs = (x_side @ W_nrz.T).reshape(xs.shape)
        return dxs, dh, dW_xh, flat(hs[:-1]).T @ h_side, db_h, db[3 * H :]

    return carry_through_padding(lengths, (h0,), hs[1:], pullback)


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
def gru_reset_before_reference(xs, h0, W_xh, W_hh, b_h, *, lengths=None):
    """`gru_reset_before` by the book: one `gru_reset_before_step` after the other, and their pullbacks in reverse."""
    return scan(gru_reset_before_step, xs, (h0,), (W_xh, W_hh, b_h), lengths)


@differentiable
def gru_reset_before(xs, h0, W_xh, W_hh, b_h, *, lengths=None):
    """n = tanh(x_t W_n + b_n + (r h_{t-1}) U_n), h_t = z h_{t-1} + (1 - z) n    xs (T, N, D), h0 (N, H) -> hs (T, N, H)

    lengths as for `gru`. It needs two products a step, one after the other, where `gru` needs one.
    The same as `gru_reset_before_reference`, in a fraction of the time.
    """
    check_arrays("xs T N D, W_hh H 3H, W_xh D 3H, b_h 3H, h0 N H", xs, W_hh, W_xh, b_h, h0)
    (T, N, _), H, dtype = xs.shape, len(W_hh), xs.dtype
    xs = zero_padding(xs, lengths)
    zs, U_n = _input_share(xs, W_xh, b_h, H), W_hh[:, 2 * H :].copy()
    U_rz = by_gate(W_hh[:, : 2 * H] * dtype.type(0.5), 2).copy()
    gates, rhs, hs = np.empty((T, 3, N, H), dtype), np.empty((T, N, H), dtype), np.empty((T + 1, N, H), dtype)
    hs[0] = h0
    for t in range(T):
        (r, z, n), r_z, h = gates[t], gates[t, :2], hs[t + 1]
        np.matmul(hs[t], U_rz, out=r_z)  # each result has its place: no step allocates
        r_z += zs[t, :2]
        _sigmoid(r_z)
        np.matmul(np.multiply(r, hs[t], out=rhs[t]), U_n, out=n)
        n += zs[t, 2]
        np.tanh(n, out=n)
        np.subtract(hs[t], n, out=h)  # h = n + z (h_prev - n)
        h *= z
        h += n

    def pullback(dhs):
        r, z, n = gates.swapaxes(0, 1)
        local_r, local_z, local_n = _local(gates, hs[:-1], hs)
        dh, dn, drh, through_U = np.zeros((4, N, H), dtype)
        dzs, U_rz_T, U_n_T = np.empty((T, N, 3 * H), dtype), W_hh[:, : 2 * H].T.copy(), W_hh[:, 2 * H :].T.copy()
        dzs_by_gate = by_gate(dzs, 3)
        for t in reversed(range(T)):
            dz = dzs_by_gate[t]
            dh += dhs[t]  # from this step's use of h_t, and from step t+1
            dz[2] = np.multiply(dh, local_n[t], out=dn)
            dn.dot(U_n_T, drh)  # the gradient of r h_{t-1}
            np.multiply(drh, local_r[t], out=dz[0])
            np.multiply(dh, local_z[t], out=dz[1])
            dh *= z[t]
            drh *= r[t]
            dh += drh
            dh += dzs[t, :, : 2 * H].dot(U_rz_T, through_U)
        dz = flat(dzs)
        dW_hh = np.concatenate([flat(hs[:-1]).T @ dz[:, : 2 * H], flat(rhs).T @ dz[:, 2 * H :]], axis=1)
        db_h = np.ones(len(dz), dtype) @ dz  # the sum over rows, in half of sum's time
        return (dz @ W_xh.T).reshape(xs.shape), dh, flat(xs).T @ dz, dW_hh, db_h

    return carry_through_padding(lengths, (h0,), hs[1:], pullback)


def _halves(H, dtype):
    """sigmoid(z) = (1 + tanh(z/2)) / 2: the halves of r and z are put into the weights, once."""
    return np.repeat(np.array([0.5, 0.5, 1], dtype), H)


def _sigmoid(z):
    """The rest of it, in place: z is halved already."""
    np.tanh(z, out=z)
    z *= 0.5
    z += 0.5


def _input_share(xs, W_xh, b_h, H):
    """x_t W_xh + b_h of every step in one product, as a view (T, 3, N, H); a step's gates lie one after the other."""
    half = _halves(H, xs.dtype)
    zs = flat(xs) @ (W_xh * half)
    zs += b_h * half
    return by_gate(zs.reshape(*xs.shape[:2], 3 * H), 3)


def _local(gates, reset, hs):
    """The local derivatives of r, z and n, which do not depend on the gradient, of all steps at once: three (T, N, H).

    dr = local_r (the gradient of what r scales), dz = local_z dh, dn = local_n dh.
    """
    r, z, n = gates.swapaxes(0, 1)
    local = 1 - gates
    local[:, 2] *= 1 + n  # 1 - n^2
    local[:, 2] *= local[:, 1]
    local[:, :2] *= gates[:, :2]
    local[:, 0] *= reset
    local[:, 1] *= hs[:-1] - n
    return local.swapaxes(0, 1)
