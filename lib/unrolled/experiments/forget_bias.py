"""How much of the gradient of the last cell arrives at the first, by the forget bias, and how much of it goes straight.

Claims: the note says that the LSTM solves long-term dependency; and that its gradient never meets W.
Source of the bias: Gers, Schmidhuber & Cummins (2000); Jozefowicz, Zaremba & Sutskever (2015).
"""

import numpy as np

from unrolled.cells.table import init_cell
from unrolled.probes.gates import cell_gradient_norms, paths, trace


def init(rng, H, forget, gain=1.0):
    """W_xh, W_hh, b_h of an LSTM with Glorot's weights, each gate's apart, W_hh times gain, and this forget bias."""
    W_xh, W_hh, b_h = init_cell(rng, "lstm", H, H, forget=forget).values()
    return W_xh, gain * W_hh, b_h


def measure(rng, forget, gain, T, H, N):
    """ratio = ||dc_1|| / ||dc_T||; direct, whole: the two of `paths` over T steps, each ||.|| / sqrt(H); f: the mean.

    The identity has ||.|| / sqrt(H) = 1: a direct path that keeps all.
    """
    weights, xs, G = init(rng, H, forget, gain), rng.standard_normal((T, N, H)), rng.standard_normal((N, H))
    zero = np.zeros((N, H))
    norms = cell_gradient_norms(G, xs, zero, zero, *weights)
    found = paths(xs[:, :1], zero[:1], zero[:1], *weights)
    return {
        "ratio": norms[1] / norms[-1],
        "direct": np.linalg.norm(found.direct) / H**0.5,
        "whole": np.linalg.norm(found.whole) / H**0.5,
        "f": trace(xs, zero, zero, *weights).f.mean(),
    }
