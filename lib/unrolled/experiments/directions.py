"""A network that reads a sequence forwards, backwards or both ways, and says something at every step of it."""

import numpy as np

from unrolled.cells.stacks import one_direction, reverse, two_directions
from unrolled.cells.table import CELLS, cell_size, init_cell, init_states
from unrolled.layers.dense import linear
from unrolled.layers.initializers import dense, orthogonal
from unrolled.learning.fit import fit
from unrolled.learning.optimizers import Adam, clip_by_norm

DTYPE = np.float32
DIRECTIONS = ("forward", "backward", "both")


def size(cell, direction, D, H, M):
    """How many numbers the reader has, with its read-out of M outputs."""
    readers = 2 if direction == "both" else 1
    return readers * (cell_size(cell, D, H) + H * M) + M


def width(cell, direction, D, M, parameters):
    """The largest H at which they are at most so many."""
    return max(H for H in range(1, 1000) if size(cell, direction, D, H, M) <= parameters)


def init(rng, cell, direction, D, M, parameters):
    """{"reader": weights, "readout": {W, b}} of the width that so many parameters allow; W_hh is orthogonal."""
    if direction not in DIRECTIONS:
        raise ValueError(f"direction must be one of {', '.join(DIRECTIONS)}, got {direction!r}")
    H = width(cell, direction, D, M, parameters)
    draw = lambda: init_cell(rng, cell, D, H, W_hh=orthogonal, dtype=DTYPE)
    reader = {"forward": draw(), "backward": draw()} if direction == "both" else draw()
    return {"reader": reader, "readout": dense(rng, 2 * H if direction == "both" else H, M, dtype=DTYPE)}


def answers(params, xs, cell, direction):
    """The read-out at every step: xs (T, N, D) -> (T, N, M). Each direction starts from the state 0."""
    kernel, reader = CELLS[cell].kernel, params["reader"]
    H = (reader["forward"] if direction == "both" else reader)["W_hh"].shape[0]
    zero = init_states(cell, xs.shape[1], H, dtype=DTYPE)
    if direction == "both":
        hs, _ = two_directions(kernel, xs, (zero, zero), reader)
    elif direction == "backward":
        hs = reverse(one_direction(kernel, reverse(xs), zero, reader)[0])
    else:
        hs, _ = one_direction(kernel, xs, zero, reader)
    return linear(hs, **params["readout"])


def learn(loss, params, batches, *, steps, learning_rate, max_norm):
    """The steps of a training by Adam with a clipped norm, on one thread, as `fit` yields them."""
    how = {"clip": lambda grads: clip_by_norm(grads, max_norm), "threads": 1, "progress": False}
    return fit(loss, params, batches, Adam(learning_rate), steps=steps, **how)
