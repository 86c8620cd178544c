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
from unrolled.data import text
from unrolled.experiments.variants_compared import DTYPE, tales, train_on_text
from unrolled.layers.dense import embedding
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


def step(cell, x, h, weights, c=None):
    """h' (N, H) of one Cell.        x, h (N, H)

    c (N, H): the state that is kept, where the products read another, h; then the result is c'.
    """

    def total(row, r=None):
        s = weights[row]["b"]
        for term in getattr(cell, row):
            s = TERMS[term](x, h, r, weights[row].get(term)) + s
        return s

    r = sigmoid(total("r")) if cell.r else None
    z = sigmoid(total("z")) if cell.z else None
    return MIXES[cell.mix](h if c is None else c, z, FUNCTIONS[cell.function](total("n", r)))


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


def nth(candidate):
    """The candidate-th drawn Cell, from 1; 0 is the GRU."""
    return [GRU, *cells(int(candidate))][int(candidate)]


def measure(rng, candidate, **sizes):
    """`on_text` of the candidate-th Cell; nan where the loss was not finite."""
    cell = nth(candidate)
    try:
        return on_text(rng, cell, **sizes)
    except FloatingPointError:
        return {"held_out": np.nan, "parameters": cell.parameters(sizes["H"])}


READS = "h", "tanh(h)", "o h", "o tanh(h)"


def measure_read(rng, candidate, read, *, H, N, **settings):
    """Nats per character of the candidate-th Cell, and the largest |state| on the held-out text; nan where it failed.

    read: what the products and the read-out get of the state. "h": the state itself. "tanh(h)". "o h" and "o tanh(h)":
    the same through an output gate o = sigmoid(x W + h W + b), as in an LSTM.
    """
    cell = nth(candidate)
    zeros = (np.zeros((N, H), DTYPE),) * (1 if read == "h" else 2)

    def draw(rng):
        return initial(rng, cell, H) | ({"o": initial(rng, RNN, H)["n"]} if read[0] == "o" else {})

    def run(x, h, c=None, o=None, **weights):
        kept = step(cell, x, h, weights, c)
        if read == "h":
            return kept
        shown = kept if read == "o h" else tanh(kept)
        return (sigmoid(x @ o["x W"] + h @ o["h W"] + o["b"]) * shown if o else shown), kept

    with np.errstate(all="ignore"):
        try:
            _, params, held_out = train_on_text(rng, run, draw, zeros, **settings)
        except FloatingPointError:
            return {"held_out": np.nan, "largest": np.nan}
        return {"held_out": held_out, "largest": _largest(run, params, zeros)}


def measure_forgetting(rng, candidate, **sizes):
    """`on_text` of the candidate-th Cell with the GRU's law h' = z h + (1 - z) n in place of its own."""
    return on_text(rng, nth(candidate)._replace(mix=GRU.mix), **sizes)


def _largest(run, params, states):
    """The largest |state| while N streams read the held-out text, from a state of 0; NaN where a state became that."""
    *_, tail = tales()
    tokens, _ = next(text.batches(tail, len(tail) // len(states[0]) - 1, len(states[0])))
    largest = 0.0
    for x in embedding(tokens, **params["embedding"]):
        states = run(x, *states, **params["cell"])
        states = states if isinstance(states, tuple) else (states,)
        largest = np.maximum(largest, np.abs(states[-1]).max())
    return float(largest)


def _one(rng, choices):
    return list(choices)[rng.integers(len(choices))]


def _some(rng):
    """A choice of the terms of a gate, at least one: each such choice is equally likely."""
    kept = rng.integers(1, 2 ** len(IN_A_GATE))
    return tuple(compress(IN_A_GATE, (kept >> k & 1 for k in range(len(IN_A_GATE)))))
