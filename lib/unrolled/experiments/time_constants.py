"""How long the units of a GRU keep what they hold: the update gate as a time constant that is learnt.

Where z is constant, h forgets as z^t = e^(-t / tau), tau = -1 / ln z. Source of the reading: Tallec & Ollivier (2018).
"""

import numpy as np

from unrolled.autodiff.ops import sigmoid
from unrolled.cells.variants import initial
from unrolled.experiments.variants_compared import on_text, tales

READ = 500  # characters of the held-out text over which z is averaged


def update_gates(tokens, params):
    """z (T, H) of a GRU over one text, from a state of 0."""
    cell, H = params["cell"], len(params["cell"]["W_hh"])
    h, zs = np.zeros((1, H), np.float32), []
    for x in params["embedding"]["W"][tokens]:
        a, b = np.split(x @ cell["W_xh"] + cell["b_h"], 3), np.split(h @ cell["W_hh"], 3, axis=1)
        r, z = sigmoid(a[0] + b[0]), sigmoid(a[1] + b[1])
        h = z * h + (1 - z) * np.tanh(a[2] + r * (b[2] + cell["b_hn"]))
        zs.append(z[0])
    return np.array(zs)


def taus(rng, *, steps, H, **settings):
    """tau (H,) of the units of a GRU after so many steps on data/tales.txt; 0: untrained, with random embeddings."""
    V, _, tail = tales()
    if steps:
        params = on_text(rng, "GRU", H=H, steps=steps, **settings)[1]
    else:
        W = (0.3 * rng.standard_normal((V, H))).astype(np.float32)
        params = {"embedding": {"W": W}, "cell": initial(rng, "GRU", H, H, dtype=np.float32)}
    z = update_gates(tail[-READ:], params).mean(0)
    return -1 / np.log(z)


def measure(rng, steps, **sizes):
    """The 10th, 50th and 90th percentile of tau over the units, and the longest, in characters."""
    tau = taus(rng, steps=steps, **sizes)
    tenth, median, ninetieth = np.percentile(tau, [10, 50, 90])
    return {"tenth": tenth, "median": median, "ninetieth": ninetieth, "longest": tau.max()}
