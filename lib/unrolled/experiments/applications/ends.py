"""What the cards share: a cell that reads a sequence and answers at its end, and a training that keeps its best."""

from itertools import repeat

import numpy as np

from unrolled.autodiff import ops
from unrolled.autodiff.trees import tree_map
from unrolled.cells.stacks import one_direction
from unrolled.cells.table import CELLS, init_cell, init_states
from unrolled.experiments import directions
from unrolled.layers.dense import linear
from unrolled.layers.initializers import dense, orthogonal

DTYPE = directions.DTYPE


def width(cell, D, M, parameters):
    """The largest H at which a cell of D inputs and its read-out of M numbers have at most so many weights."""
    return directions.width(cell, "forward", D, M, parameters)


def init(rng, cell, D, H, M):
    """{"reader": weights of the cell, W_hh orthogonal, "readout": {W, b}}"""
    reader = init_cell(rng, cell, D, H, W_hh=orthogonal, dtype=DTYPE)
    return {"reader": reader, "readout": dense(rng, H, M, dtype=DTYPE)}


def run(reader, xs, cell, lengths=None):
    """From the state 0: xs (T, N, D) -> hs (T, N, H), and the states behind the last step of each sequence"""
    zero = init_states(cell, xs.shape[1], len(reader["W_hh"]), dtype=DTYPE)
    return one_direction(CELLS[cell].kernel, xs, zero, reader, lengths=lengths)


def last(reader, xs, cell, lengths=None):
    """The state behind the last step of each sequence: xs (T, N, D) -> (N, H)"""
    return run(reader, xs, cell, lengths)[1][0]


def answer(params, xs, cell, lengths=None):
    """What is read out behind the last step: xs (T, N, D) -> (N, M)"""
    return linear(last(params["reader"], xs, cell, lengths), **params["readout"])


def init_hidden(rng, D, M, parameters):
    """`init_layers`, as wide as so many weights allow."""
    return init_layers(rng, D, (parameters - M) // (D + 1 + M), M)


def init_layers(rng, D, H, M):
    """{"hidden", "readout"}: one hidden layer of D inputs, H units and M outputs, which knows no steps."""
    return {"hidden": dense(rng, D, H, dtype=DTYPE), "readout": dense(rng, H, M, dtype=DTYPE)}


def through_hidden(params, x):
    """x (N, D) -> (N, M)"""
    return linear(ops.tanh(linear(x, **params["hidden"])), **params["readout"])


def learn(loss, params, draw, score, *, steps, check_every, learning_rate, max_norm=1.0):
    """(parameters, score, number) of the step with the highest score on validation; draw() -> the next batch."""
    how = {"steps": steps, "learning_rate": learning_rate, "max_norm": max_norm}
    best, kept, at = -np.inf, None, 0
    for step in directions.learn(loss, params, (draw() for _ in repeat(None)), **how):
        if step.step % check_every == 0 and (found := score(step.params)) > best:
            best, kept, at = found, tree_map(np.copy, step.params), step.step
    return kept, best, at


def right(logits, targets):
    """The share of right answers: logits (N, M), targets (N,)"""
    return (np.asarray(logits).argmax(-1) == targets).mean()


def rmse(forecast, truth):
    """The root of the mean squared error, in the unit of the truth."""
    return np.sqrt(np.mean((forecast - truth) ** 2))
