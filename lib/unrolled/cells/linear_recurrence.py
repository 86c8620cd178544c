"""h_t = a_t h_{t-1} + b_t, element by element: a recurrence without a function around the state; and the minGRU.

Where neither a_t nor b_t depends on h, two steps are one step of the same kind, in whatever order they are joined. So
the T steps may be taken one by one (`by_loop`), or as a tree (`by_scan`).
"""

import numpy as np

from unrolled.autodiff.checks import check_arrays
from unrolled.autodiff.ops import sigmoid, split
from unrolled.autodiff.tape import differentiable
from unrolled.layers.dense import linear


def join(first, second):
    """Two steps (a, b) as one: a_2 (a_1 h + b_1) + b_2 = (a_2 a_1) h + (a_2 b_1 + b_2). Associative."""
    (a_1, b_1), (a_2, b_2) = first, second
    return a_2 * a_1, a_2 * b_1 + b_2


def by_loop(a, b):
    """h_t for all t, from h_0 = 0, one step after the other.        a, b (T, …) -> (T, …)"""
    hs = b.copy()
    for t in range(1, len(b)):
        hs[t] += a[t] * hs[t - 1]
    return hs


def by_scan(a, b):
    """The same in log2 T passes over all steps: after k passes each step is joined with the 2^k - 1 before it.

    It multiplies about 2 log2 T times as much: a join is two products, a step of the loop is one. Source: Hillis &
    Steele (1986), "Data parallel algorithms".
    """
    a, b, reach = a.copy(), b.copy(), 1
    while reach < len(b):
        a[reach:], b[reach:] = join((a[:-reach], b[:-reach]), (a[reach:], b[reach:]))
        reach *= 2
    return b


@differentiable
def linear_recurrence(a, b, h0, *, run=by_loop):
    """h_t = a_t h_{t-1} + b_t        a, b (T, N, H), h0 (N, H) -> hs (T, N, H); run: by_loop or by_scan, T >= 1

    Its pullback is a linear recurrence, too, from the last step to the first: db_t = dh_t + a_{t+1} db_{t+1}.
    """
    check_arrays("b T N H, a T N H, h0 N H", b, a, h0)
    start = b.copy()
    start[0] += a[0] * h0
    hs = run(a, start)

    def pullback(dhs):
        a_next = np.concatenate([a[1:], np.zeros_like(a[:1])])
        db = run(a_next[::-1], dhs[::-1])[::-1]
        h_prev = np.concatenate([h0[None], hs[:-1]])
        return db * h_prev, db, db[0] * a[0]

    return hs, pullback


def min_gru_step(x, h, W_xh, b_h, *, gate=sigmoid):
    """h' = z h + (1 - z) n, z = sigmoid(x W_z + b_z), n = x W_n + b_n: a GRU whose gate and candidate do not see h.

    W_xh (D, 2H), b_h (2H,): z, n. The paper's z is 1 - z here, as of every GRU of this course. gate=tanh lets z be
    negative, which no published minGRU does: the state may change its sign.
    Source: Feng et al. (2024), "Were RNNs all we needed?".
    """
    z, n = split(x @ W_xh + b_h, parts=2)
    z = gate(z)
    return (z * h + (1 - z) * n,)


def min_gru(xs, h0, W_xh, b_h, *, gate=sigmoid, run=by_loop):
    """`min_gru_step` for all steps: a linear recurrence, a = z, b = (1 - z) n        xs (T, N, D) -> hs (T, N, H)"""
    z, n = split(linear(xs, W_xh, b_h), parts=2)
    z = gate(z)
    return linear_recurrence(z, (1 - z) * n, h0, run=run)
