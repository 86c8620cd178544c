"""Open ones: "hello" without a teacher, and the cell that follows the quotes."""

from itertools import islice, repeat

import numpy as np

from unrolled.autodiff.trees import leaves
from unrolled.cells.rnn import rnn_step
from unrolled.data import text
from unrolled.exercises.exercise import Exercise, Wrong, call
from unrolled.layers import dense
from unrolled.layers.losses import cross_entropy
from unrolled.learning.fit import fit
from unrolled.learning.optimizers import SGD
from unrolled.probes.units import best_threshold, correlations

SYMBOLS, ENCODE, DECODE = text.vocabulary(text.HELLO)


def own_letters(params, length=4):
    """From "h" on, each letter that it says is the next that it reads: yields the scores (1, V), Vars under a tape."""
    h, k = np.zeros((1, len(params["rnn"]["W_hh"]))), ENCODE("h")[0]
    for _ in range(length):
        h = rnn_step(text.one_hot([k], len(SYMBOLS)), h, **params["rnn"])
        y = dense.linear(h, **params["readout"])
        k = int(np.argmax(getattr(y, "value", y)))
        yield y


def hello(params):
    """Gradient descent on the loss of the network's own run: the next input is the letter that it chose"""

    def loss(params):
        return sum(cross_entropy(y, ENCODE(letter)) for y, letter in zip(own_letters(params), "ello"))

    for step in islice(fit(loss, params, repeat(()), SGD(0.3), progress=False), 120):
        last = step
    return last.params


def first_parameters(rng, H=3):
    """Small random weights, biases of 0, for the four letters."""
    V, W = len(SYMBOLS), lambda *shape: 0.5 * rng.standard_normal(shape)
    cell = {"W_xh": W(V, H), "W_hh": W(H, H), "b_h": np.zeros(H)}
    return {"rnn": cell, "readout": {"W": W(H, V), "b": np.zeros(V)}}


def _use_hello(function, params):
    o = ENCODE("o")[0]  # no right letter before the last is an o: who reads one has said it
    reads_o, row = o in [y.argmax() for y in own_letters(params, 3)], params["rnn"]["W_xh"][o].copy()
    trained = function(params)
    if not isinstance(trained, dict):
        raise Wrong(f"it must return the trained parameters, a dict as it came in, got {type(trained).__name__}")
    for part, arrays in params.items():
        mine = trained.get(part)
        if not isinstance(mine, dict) or set(mine) != set(arrays):
            raise Wrong(f'"{part}" must be a dict with {", ".join(arrays)}')
        for name, array in arrays.items():
            if np.shape(mine[name]) != np.shape(array):
                raise Wrong(f'"{name}" of "{part}" must have shape {np.shape(array)}, got {np.shape(mine[name])}')
            if not np.isfinite(mine[name]).all():
                raise Wrong(f'"{name}" of "{part}" holds numbers that are not finite: the steps are too large')
    arrays = lambda tree: [array for _, array in leaves(tree)]
    said = DECODE(np.array([int(y.argmax()) for y in own_letters(trained)]))
    if said == "ello":
        other = function(first_parameters(np.random.default_rng(2)))
        if all(np.array_equal(a, b) for a, b in zip(arrays(trained), arrays(other))):
            raise Wrong("it gives the same parameters wherever it starts: train those that come in")
        if reads_o and np.array_equal(trained["rnn"]["W_xh"][o], row):
            raise Wrong('W_xh of "o" is as it came, though it says "o" at first: it read right letters, not its own')
        return ()
    first = next(k for k in range(4) if said[k] != "ello"[k])
    reads = "from there on it reads its own mistake" if first < 3 else "all four count"
    raise Wrong(f'from "h" it says {said!r}: letter {first + 1} is wrong, and {reads}')


HELLO = Exercise(
    name="hello",
    statement='Open: train such that the network reads its own letters from step 1 on, until "h" gives "ello".',
    reference=hello,
    case=lambda rng: {"params": first_parameters(np.random.default_rng(1))},
    results=(),
    use=_use_hello,
    seconds=60,
    hints=(
        "Build the loss step by step: the scores of a step say which letter the next step reads.",
        "The choice of a letter has no gradient, and needs none: the loss of each step has one, through the state.",
        "k = int(y.value.argmax()) on the tape, then text.one_hot([k], 4) is the next x; the layers.cross_entropy(y, "
        "target) of the four add up; fit(loss, params, [()] * 120, learning.SGD(0.3)) trains.",
    ),
)  # fmt: skip


def quote_cell(cells, inside):
    """cells (T, H), inside (T,) of bool -> the number of the cell whose |r| with the quotes is the largest"""
    return int(correlations(cells, {"quote": inside})["quote"].argmax())


def _quote_case(rng, case):
    """The cell that follows, one that does so the other way round but less, loud ones, one that is high, a clock."""
    T = 120
    inside = np.cumsum(rng.random(T) < 0.1) % 2 == 1
    inside[:30], inside[-20:], inside[2:4] = True, False, False
    side, noise = np.where(inside, 1.0, -1.0), lambda size: size * rng.standard_normal(T)
    way = 1 if case % 2 else -1
    made = [-0.2 * way * side + noise(0.02), way * side + noise(1.0), 9 * way * side + noise(20.0), noise(40.0)]
    made += [3 + noise(0.1), np.arange(T) / T + noise(0.01)]
    cells = np.stack([noise(1.0) for _ in range(case)] + [made[k] for k in rng.permutation(6)], axis=1)
    return {"cells": cells, "inside": inside}


NEAR = 0.02  # of |r|, and half of it of a threshold's accuracy: a cell as good as the best one is right, too


def _use_quote(function, cells, inside):
    k = call(function, cells, inside)
    if isinstance(k, bool | np.bool_) or not isinstance(k, int | np.integer):
        raise Wrong(f"it must return the number of a cell, got {type(k).__name__}")
    if not 0 <= k < cells.shape[1]:
        raise Wrong(f"the cells have the numbers 0 to {cells.shape[1] - 1}, got {k}")
    r = correlations(cells, {"quote": inside})["quote"]
    right = np.array([best_threshold(cell, inside).accuracy for cell in cells.T])
    follows = r[k] > r.max() - NEAR or right[k] > right.max() - NEAR / 2
    return int(r.argmax()) if follows else int(k)


def _by(score):
    return lambda cells, inside: int(np.argmax(score(cells, inside)))


_r = lambda cells, y: (cells - cells.mean(0)).T @ (y - y.mean()) / (cells.std(0) * y.std() * len(y))
_step = lambda cells, inside: np.abs(cells[inside].mean(0) - cells[~inside].mean(0))
QUOTE_CELL = Exercise(
    name="quote_cell",
    statement="Open: find the cell that follows the quotes best. Any measure will do that finds it.",
    reference=quote_cell,
    case=_quote_case,
    results=("the cell",),
    use=_use_quote,
    hints=(
        "A cell that is low inside of quotes and high outside tells as much as one the other way round.",
        "Loud cells differ more, and need not follow more closely: divide by how much a cell varies.",
        "np.abs of the correlation of each column with `inside`, then argmax; probes.correlations does it.",
    ),
    wrong={
        "the sign counts here: a cell that is low inside of quotes tells as much, so take |r|": _by(_r),
        "it takes the cell whose mean differs most: a loud cell differs more; divide by how much it varies": _by(_step),
        "it takes the cell that varies most: it need not follow the quotes": _by(lambda cells, y: cells.std(0)),
        "it takes the cell that is highest inside of quotes: compare with what it is outside":
            _by(lambda cells, y: cells[y].mean(0) / cells.std(0)),
        "it takes the cell whose mean inside of quotes is the highest: compare with what it is outside":
            _by(lambda cells, y: cells[y].mean(0)),
        "it takes the step that is loudest: the cells are the columns": _by(lambda cells, y: np.abs(cells).max(1)),
        "it takes the cell that follows the quotes least": _by(lambda cells, y: -np.abs(_r(cells, y))),
        "it takes the most negative correlation: the sign says nothing": _by(lambda cells, y: -_r(cells, -1.0 * ~y)),
        "it takes the cell that follows the clock: correlate with the quotes":
            _by(lambda cells, y: np.abs(_r(cells, 1.0 * np.arange(len(y))))),
    },
)  # fmt: skip

EXERCISES = HELLO, QUOTE_CELL
