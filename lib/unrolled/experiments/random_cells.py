"""Cells drawn at random from a grammar, and how well each learns a text: a small search for a better GRU.

    h' = z h + (1 - z) n  |  z h + n  |  h + z n  |  z n  |  n
    z  = sigmoid(A + b)      r = sigmoid(A + b)      n = f(X + S + b),   f = tanh | relu | linear
    A  = a sum of at least one of  x W,  h W,  tanh(h) W,  x
    X  = x W | tanh(x) | x         S = h W | (r h) W | r (h W)

Each W is a matrix of its own, (H, H), and each b a bias (H,): x is (N, H), an embedding. r is made only where S reads
it, z only where h' does. The plain RNN, both forms of the GRU, and MUT1–3 with 1 - z for z are sentences of it.
Source of the idea: Jozefowicz, Zaremba & Sutskever (2015), who changed one part of a cell after the other.
"""

from itertools import compress
from typing import NamedTuple

import numpy as np

from unrolled.autodiff.ops import relu, sigmoid, tanh
from unrolled.experiments.variants_compared import DTYPE, train_on_text
from unrolled.layers.initializers import glorot

TERMS = {
    "x W": lambda x, h, r, W: x @ W,
    "h W": lambda x, h, r, W: h @ W,
    "tanh(h) W": lambda x, h, r, W: tanh(h) @ W,
    "(r h) W": lambda x, h, r, W: (r * h) @ W,
    "r (h W)": lambda x, h, r, W: r * (h @ W),
    "x": lambda x, h, r, W: x,
    "tanh(x)": lambda x, h, r, W: tanh(x),
}
MIXES = {
    "z h + (1 - z) n": lambda h, z, n: z * h + (1 - z) * n,
    "z h + n": lambda h, z, n: z * h + n,
    "h + z n": lambda h, z, n: h + z * n,
    "z n": lambda h, z, n: z * n,
    "n": lambda h, z, n: n,
}
FUNCTIONS = {"tanh": tanh, "relu": relu, "linear": lambda a: a}
IN_A_GATE = ("x W", "h W", "tanh(h) W", "x")
FROM_X, FROM_H = ("x W", "tanh(x)", "x"), ("h W", "(r h) W", "r (h W)")


class Cell(NamedTuple):
    """A sentence of the grammar; z and r are tuples of terms, empty where the cell does not use the gate."""

    mix: str
    z: tuple
    r: tuple
    n: tuple
    function: str

    def __str__(self):
        lines = [f"h' = {self.mix}", f"n = {self.function}({' + '.join(self.n)} + b)"]
        lines += [f"{gate} = sigmoid({' + '.join(terms)} + b)" for gate, terms in self._gates()]
        return ", ".join(lines)

    def parameters(self, H):
        """How many numbers the cell has."""
        sums = [self.n, *(terms for _, terms in self._gates())]
        return sum(H + sum(H * H for term in terms if "W" in term) for terms in sums)

    def _gates(self):
        return [(gate, getattr(self, gate)) for gate in "zr" if getattr(self, gate)]


RNN = Cell("n", (), (), ("x W", "h W"), "tanh")
GRU = Cell("z h + (1 - z) n", ("x W", "h W"), ("x W", "h W"), ("x W", "r (h W)"), "tanh")
MUT1 = GRU._replace(z=("x W",), n=("tanh(x)", "(r h) W"))
MUT2 = GRU._replace(r=("h W", "x"), n=("x W", "(r h) W"))
MUT3 = GRU._replace(z=("x W", "tanh(h) W"), n=("x W", "(r h) W"))


def draw(rng):
    """One Cell, each choice of the grammar equally likely."""
    mix, n = _one(rng, MIXES), (_one(rng, FROM_X), _one(rng, FROM_H))
    z = _some(rng) if "z" in mix else ()
    r = _some(rng) if "r" in n[1] else ()
    return Cell(mix, z, r, n, _one(rng, FUNCTIONS))


def cells(number, seed=1):
    """So many different Cells; the first are the same for every number."""
    rng, found = np.random.default_rng(seed), {}
    while len(found) < number:
        found[draw(rng)] = None
    return list(found)


def initial(rng, cell, H, *, dtype=DTYPE):
    """{"n": {"x W": (H, H), …, "b": (H,)}, "z": …}: Glorot's matrices, biases 0."""
    rows = {"n": cell.n, "z": cell.z, "r": cell.r}
    return {
        row: {term: glorot(rng, (H, H), dtype=dtype) for term in terms if "W" in term} | {"b": np.zeros(H, dtype)}
        for row, terms in rows.items()
        if terms
    }


def step(cell, x, h, weights):
    """h' (N, H) of one Cell.        x, h (N, H)"""

    def total(row, r=None):
        s = weights[row]["b"]
        for term in getattr(cell, row):
            s = TERMS[term](x, h, r, weights[row].get(term)) + s
        return s

    r = sigmoid(total("r")) if cell.r else None
    z = sigmoid(total("z")) if cell.z else None
    return MIXES[cell.mix](h, z, FUNCTIONS[cell.function](total("n", r)))


def on_text(rng, cell, *, H, N, **settings):
    """{"held_out": nats per character on data/tales.txt, "parameters"}. FloatingPointError: the loss was not finite."""
    run = lambda x, h, **weights: step(cell, x, h, weights)
    with np.errstate(all="ignore"):  # an overflow ends as a loss that is not finite, and that is said
        *_, held_out = train_on_text(
            rng, run, lambda rng: initial(rng, cell, H), (np.zeros((N, H), DTYPE),), **settings
        )
    if not np.isfinite(held_out):
        raise FloatingPointError(f"the held-out loss must be finite, got {held_out}")
    return {"held_out": held_out, "parameters": cell.parameters(H)}


def measure(rng, candidate, **sizes):
    """`on_text` of the candidate-th drawn Cell, from 1 (0 is the GRU); nan where the loss was not finite."""
    cell = [GRU, *cells(int(candidate))][int(candidate)]
    try:
        return on_text(rng, cell, **sizes)
    except FloatingPointError:
        return {"held_out": np.nan, "parameters": cell.parameters(sizes["H"])}


def _one(rng, choices):
    return list(choices)[rng.integers(len(choices))]


def _some(rng):
    """A choice of the terms of a gate, at least one: each such choice is equally likely."""
    kept = rng.integers(1, 2 ** len(IN_A_GATE))
    return tuple(compress(IN_A_GATE, (kept >> k & 1 for k in range(len(IN_A_GATE)))))
