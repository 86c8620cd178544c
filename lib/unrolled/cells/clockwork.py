"""The Clockwork RNN: blocks of units, each with a period of its own. A block that is not due holds its value.

The H units stand in g equal blocks, the fastest first, with periods T_1 <= … <= T_g. At step t = 0, 1, 2, … those
blocks fire whose period divides t:

    h_i = tanh(x W_xh_i + the sum of h_prev_j W_hh_ji over all j >= i + b_h_i)

All others keep h_i = h_prev_i. A block hears itself and the slower ones: the arrows run from slow to fast. What it does
not hear stands in W_hh and is not read: with rows, h W_hh, the part that is read is the lower triangle of blocks.
Source: Koutník, Greff, Gomez & Schmidhuber (2014), "A clockwork RNN".
"""

from typing import NamedTuple

import numpy as np

from unrolled.autodiff.checks import check_arrays
from unrolled.autodiff.ops import concatenate, tanh
from unrolled.autodiff.tape import differentiable
from unrolled.cells.sequence import carry_through_padding, flat, zero_padding

ARROWS = ("slow to fast", "fast to slow", "all")


class Block(NamedTuple):
    """Which units are its own, and which it hears: two slices of the state."""

    period: int
    own: slice
    heard: slice


def blocks(H, periods, arrows="slow to fast"):
    """The Blocks of H units. arrows: whom a block hears beside itself; the paper's is "slow to fast".

    ValueError: H does not divide into so many blocks, a period < 1, a fast block behind a slow one, other arrows.
    """
    if H % len(periods):
        raise ValueError(f"H must divide into {len(periods)} blocks, one for each period, got {H}")
    if min(periods) < 1 or list(periods) != sorted(periods):
        raise ValueError(f"periods must be >= 1 and stand from fast to slow, got {periods}")
    if arrows not in ARROWS:
        raise ValueError(f"arrows must be one of {', '.join(ARROWS)}, got {arrows!r}")
    starts, width = range(0, H, H // len(periods)), H // len(periods)
    first = lambda start: start if arrows == "slow to fast" else 0
    end = lambda start: start + width if arrows == "fast to slow" else H
    return [
        Block(period, slice(start, start + width), slice(first(start), end(start)))
        for period, start in zip(periods, starts)
    ]


def clockwork_step(x, h_prev, W_xh, W_hh, b_h, *, t, periods, arrows="slow to fast"):
    """The step t, from elementary operations        x (N, D), h_prev (N, H) -> h (N, H)

    W_xh (D, H), W_hh (H, H), b_h (H,).
    """
    h = []
    for period, own, heard in blocks(h_prev.shape[1], periods, arrows):
        if t % period == 0:
            h.append(tanh(x @ W_xh[:, own] + h_prev[:, heard] @ W_hh[heard, own] + b_h[own]))
        else:
            h.append(h_prev[:, own])
    return concatenate(*h)


@differentiable
def clockwork(xs, h0, W_xh, W_hh, b_h, *, periods, arrows="slow to fast", lengths=None):
    """`clockwork_step` at t = 0, 1, … T - 1        xs (T, N, D), h0 (N, H) -> hs (T, N, H)

    All blocks fire at the first step. lengths (N,) int: how many steps each sequence has, T by default; a step after
    the end copies the state.
    """
    check_arrays("xs T N D, W_hh H H, W_xh D H, b_h H, h0 N H", xs, W_hh, W_xh, b_h, h0)
    xs, parts = zero_padding(xs, lengths), blocks(len(W_hh), periods, arrows)
    T, (N, _) = len(xs), h0.shape
    # A block's input is multiplied at its own steps alone, all of them in one product.
    zs = [(flat(xs[::period]) @ W_xh[:, own] + b_h[own]).reshape(-1, N, len(b_h[own])) for period, own, _ in parts]
    Ws = [W_hh[heard, own].copy() for _, own, heard in parts]
    hs = np.empty((T + 1, *h0.shape), xs.dtype)
    hs[0] = h0
    for t in range(T):
        hs[t + 1] = hs[t]
        for (period, own, heard), z, W in zip(parts, zs, Ws):
            if t % period == 0:
                np.tanh(z[t // period] + hs[t][:, heard] @ W, out=hs[t + 1][:, own])

    def pullback(dhs):
        dzs, dh = np.zeros_like(hs[1:]), np.zeros_like(h0)
        for t in reversed(range(T)):
            dh += dhs[t]
            due = [(own, heard, W) for (period, own, heard), W in zip(parts, Ws) if t % period == 0]
            for own, _, _ in due:
                dzs[t][:, own] = dh[:, own] * (1 - hs[t + 1][:, own] ** 2)
                dh[:, own] = 0  # its old value is gone; an idle block's is not, and its gradient passes unchanged
            for own, heard, W in due:
                dh[:, heard] += dzs[t][:, own] @ W.T
        dz, h_prev, dW_hh = flat(dzs), flat(hs[:-1]), np.zeros_like(W_hh)
        for _, own, heard in parts:
            dW_hh[heard, own] = h_prev[:, heard].T @ dz[:, own]
        return (dz @ W_xh.T).reshape(xs.shape), dh, flat(xs).T @ dz, dW_hh, dz.sum(0)

    return carry_through_padding(lengths, (h0,), hs[1:], pullback)


def clockwork_size(D, H, periods, arrows="slow to fast"):
    """How many weights are read: those of W_xh and b_h, and of W_hh what the blocks hear."""
    return H * (D + 1) + sum(_area(part) for part in blocks(H, periods, arrows))


def multiplications(T, D, H, periods, arrows="slow to fast"):
    """Numbers multiplied by a weight in T steps of one sequence. A plain RNN multiplies T H (D + H)."""
    width = H // len(periods)
    return sum(-(-T // part.period) * (D * width + _area(part)) for part in blocks(H, periods, arrows))


def _area(part):
    return (part.own.stop - part.own.start) * (part.heard.stop - part.heard.start)
