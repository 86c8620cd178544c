"""What the gates of an LSTM do: a run whose gates can be held, and how much of a gradient its cells carry back."""

from typing import NamedTuple

import numpy as np

from unrolled.autodiff.ops import sum as total
from unrolled.autodiff.tape import Var, backward
from unrolled.cells.lstm import lstm, lstm_step
from unrolled.cells.sequence import sigmoid

GATES = ("i", "f", "o")


class Trace(NamedTuple):
    """All that an LSTM computed: the gates i, f, o, the candidate g, the cell c and the state h, each (T, N, H)."""

    i: np.ndarray
    f: np.ndarray
    o: np.ndarray
    g: np.ndarray
    c: np.ndarray
    h: np.ndarray


def trace(xs, h0, c0, W_xh, W_hh, b_h, *, hold=None, silent=()):
    """Run `lstm` step by step with interventions -> Trace.        xs (T, N, D), h0, c0 (N, H)

    hold    {"f": 1.0}: every unit's gate i, f or o stands at this number between 0 and 1, whatever the weights give
    silent  units whose cell is 0 at every step, the first state's too
    With neither, hs and cs are those of `lstm`. What is held acts on all later steps, as in a real network.
    ValueError: no such gate, a number outside 0 … 1, a unit outside 0 … H-1.
    """
    hold, H = dict(hold or {}), len(W_hh)
    for gate, value in hold.items():
        if gate not in GATES or not 0 <= value <= 1:
            raise ValueError(f"hold takes gates i, f, o with a number from 0 to 1, got {gate!r}: {value}")
    units = np.atleast_1d(np.array(silent, int)) if len(np.atleast_1d(silent)) else np.empty(0, int)
    if ((units < 0) | (units >= H)).any():
        raise ValueError(f"silent units must be from 0 to H - 1 = {H - 1}, got {units}")
    h, c, steps = h0, c0.copy(), []
    c[:, units] = 0
    for x in xs:
        z = np.split(x @ W_xh + h @ W_hh + b_h, 4, axis=1)
        i, f, o = (np.full_like(z_k, hold[k]) if k in hold else sigmoid(z_k) for k, z_k in zip(GATES, z))
        g = np.tanh(z[3])
        c = f * c + i * g
        c[:, units] = 0
        h = o * np.tanh(c)
        steps.append((i, f, o, g, c, h))
    return Trace(*(np.stack(arrays) for arrays in zip(*steps)))


class Paths(NamedTuple):
    """direct: the product of the forget gates, as the diagonal matrix (H, H) it is; whole: dc_T/dc_0 (H, H)."""

    direct: np.ndarray
    whole: np.ndarray


def paths(xs, h0, c0, W_xh, W_hh, b_h):
    """dc_T/dc_0 of one sequence, and its direct path, which meets no weight -> Paths.    xs (T, 1, D), h0, c0 (1, H)

    Row j is the gradient of cell j of c_T. The rest of `whole` goes through h, hence through W_hh and the gates.
    ValueError: more than one sequence.
    """
    if len(h0) != 1:
        raise ValueError(f"the Jacobian is that of one sequence: h0 must be (1, H), got {h0.shape}")
    H, weights = len(W_hh), (W_xh, W_hh, b_h)
    copies = (np.repeat(xs, H, axis=1), np.repeat(h0, H, axis=0), np.repeat(c0, H, axis=0))
    (hs, cs), pullback = lstm.with_pullback(*copies, *weights)
    dcs = np.zeros_like(cs)
    dcs[-1] = np.eye(H)  # one sequence for each cell of c_T
    whole = pullback(np.zeros_like(hs), dcs)[2]
    return Paths(np.diag(trace(xs, h0, c0, *weights).f.prod(0)[0]), whole)


def cell_gradient_norms(G, xs, h0, c0, W_xh, W_hh, b_h):
    """||dL/dc_t|| for t = 0 … T, where L = <G, c_T>: G (N, H) is sent back along every path.        -> (T + 1,)"""
    h, cs = h0, [Var(c0, name="c_0")]
    for t, x in enumerate(xs):
        h, c = lstm_step(x, h, cs[-1], W_xh, W_hh, b_h)
        c.name = f"c_{t + 1}"
        cs.append(c)
    backward(total(cs[-1] * G))
    return np.array([np.linalg.norm(c.grad) for c in cs])
