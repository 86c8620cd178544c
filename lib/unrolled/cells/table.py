"""The cells that a model may be made of, by name. A new cell is one entry: models and experiments read this table."""

from typing import NamedTuple

import numpy as np

from unrolled.cells.gru import gru, gru_recurrence, gru_step
from unrolled.cells.lstm import lstm, lstm_bias, lstm_recurrence, lstm_step
from unrolled.cells.rnn import rnn, rnn_recurrence, rnn_step
from unrolled.layers.initializers import glorot, in_blocks


class Cell(NamedTuple):
    """kernel(xs, *states, **weights) runs a whole sequence, step(x, *states, **weights) one step of it.

    recurrence(zs, *states, W_hh, …) is the kernel without its first product, zs = xs W_xh + b_h; a cell of your own may
    do without it.
    gates: how many blocks of H columns W_xh, W_hh and b_h have; states: how many arrays (N, H) are carried, h first.
    bias(H, forget=…, dtype=…) gives the first b_h, where it is not 0; extra: the names of further biases (H,).
    """

    kernel: object
    step: object
    gates: int
    states: int
    bias: object = None
    extra: tuple = ()
    recurrence: object = None


CELLS = {
    "rnn": Cell(rnn, rnn_step, gates=1, states=1, recurrence=rnn_recurrence),
    "lstm": Cell(lstm, lstm_step, gates=4, states=2, bias=lstm_bias, recurrence=lstm_recurrence),
    "gru": Cell(gru, gru_step, gates=3, states=1, extra=("b_hn",), recurrence=gru_recurrence),
}


def find_cell(name):
    """The entry of a cell. ValueError: there is none of this name."""
    if name not in CELLS:
        raise ValueError(f"cell must be one of {', '.join(CELLS)}, got {name!r}")
    return CELLS[name]


def cell_of(params):
    """The name of the cell whose weights stand in a model's parameters: {"lstm": …, "readout": …} -> "lstm"."""
    return next(name for name in CELLS if name in params)


def init_cell(rng, name, D, H, *, W_xh=glorot, W_hh=glorot, forget=1.0, recurrent_first=False, dtype=np.float64):
    """First weights {"W_xh": (D, gates H), "W_hh": (H, gates H), "b_h": (gates H,), …} for D inputs and H units.

    W_xh, W_hh: initializers, (rng, shape, dtype=…) -> array; they draw each gate's block on its own, as if it were the
    only one. Biases are 0, but `forget` for the LSTM's forget gate. recurrent_first: W_hh is drawn before W_xh, which
    gives other numbers from the same rng. ValueError: no such cell.
    """
    cell = find_cell(name)
    draw = {
        "W_xh": lambda: in_blocks(W_xh, rng, (D, H), cell.gates, dtype=dtype),
        "W_hh": lambda: in_blocks(W_hh, rng, (H, H), cell.gates, dtype=dtype),
    }
    weights = {key: draw[key]() for key in (reversed(draw) if recurrent_first else draw)}
    b_h = cell.bias(H, forget=forget, dtype=dtype) if cell.bias else np.zeros(cell.gates * H, dtype)
    return {key: weights[key] for key in draw} | {"b_h": b_h} | {key: np.zeros(H, dtype) for key in cell.extra}


def cell_size(name, D, H):
    """How many numbers `init_cell` gives: gates H (D + H + 1), and H for each further bias."""
    cell = find_cell(name)
    return cell.gates * H * (D + H + 1) + len(cell.extra) * H


def init_states(name, N, H, *, dtype=np.float64):
    """The states before the first step: a tuple of zeros (N, H), h first."""
    return tuple(np.zeros((N, H), dtype) for _ in range(find_cell(name).states))
