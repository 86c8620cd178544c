"""Tasks that need memory, learnt by plain and gated networks: who solves what, and after how many steps.

Claims: gates bridge lags where tanh fails (Hochreiter & Schmidhuber 1997); so does the identity with relu, the IRNN
(Le, Jaitly & Hinton 2015); the LSTM needs a forget bias of 1 or more (Jozefowicz, Zaremba & Sutskever 2015).
"""

from functools import partial
from typing import NamedTuple

import numpy as np

from unrolled.cells.rnn import rnn
from unrolled.cells.stacks import one_direction
from unrolled.cells.table import CELLS, init_cell, init_states
from unrolled.data import tasks
from unrolled.data.text import one_hot
from unrolled.layers.dense import linear
from unrolled.layers.initializers import dense, gaussian, orthogonal, scaled_identity
from unrolled.layers.losses import cross_entropy, squared_error
from unrolled.learning.fit import fit
from unrolled.learning.optimizers import Adam, clip_by_norm

DTYPE = np.float32
SIZES = {"adding": (2, 1), "copy": (10, 10), "temporal order": (6, 4)}  # inputs, outputs
NETWORKS = ("tanh", "orthogonal", "IRNN", "LSTM 0", "LSTM 1", "LSTM 3", "GRU")  # LSTM b_f
SHARE = 0.06  # solved: the loss is below this share of the loss of the best answer that remembers nothing


class Run(NamedTuple):
    """solved: the step at which it was solved, nan if never; losses of every step; params."""

    solved: float
    losses: np.ndarray
    params: dict


def baseline(task, T, S=5):
    """The loss of the best answer that remembers nothing (see `unrolled.data.tasks`)."""
    return {"adding": 1 / 6, "copy": S * np.log(8) / (T + 2 * S), "temporal order": np.log(4)}[task]


def batches(rng, task, N, T, S=5):
    """Yields, without end, fresh xs (steps, N, D) and targets of one of the three tasks."""
    while True:
        if task == "adding":
            yield tasks.adding(rng, N, T, dtype=DTYPE)
        else:
            tokens, targets = tasks.copy_memory(rng, N, T, S) if task == "copy" else tasks.temporal_order(rng, N, T)
            yield one_hot(tokens, SIZES[task][0], dtype=DTYPE), targets


def network(rng, name, D, H, M):
    """Parameters {"cell": …, "readout": …} of one of NETWORKS; biases are 0 but the LSTM's forget bias."""
    if name not in NETWORKS:
        raise ValueError(f"the network must be one of {', '.join(NETWORKS)}, got {name!r}")
    forget = float(name.removeprefix("LSTM")) if name.startswith("LSTM") else 0.0
    cell = init_cell(rng, cell_in(name), D, H, forget=forget, dtype=DTYPE)
    if name == "orthogonal":
        cell["W_hh"] = orthogonal(rng, (H, H), dtype=DTYPE)
    elif name == "IRNN":
        cell |= {"W_hh": scaled_identity(H, dtype=DTYPE), "W_xh": gaussian(rng, (D, H), 0.001, dtype=DTYPE)}
    return {"cell": cell, "readout": dense(rng, H, M, dtype=DTYPE)}


def cell_in(name):
    """The cell of one of NETWORKS: "LSTM 3" -> "lstm"; all but LSTM and GRU are plain."""
    kind = name.partition(" ")[0].lower()
    return kind if kind in CELLS else "rnn"


def states(name, params, xs):
    """hs (T, N, H) of a network that starts at 0."""
    cell = cell_in(name)
    kernel = partial(rnn, activation="relu") if name == "IRNN" else CELLS[cell].kernel
    zeros = init_states(cell, xs.shape[1], len(params["cell"]["W_hh"]), dtype=DTYPE)
    return one_direction(kernel, xs, zeros, params["cell"])[0]


def loss_of(task, name):
    """loss(params, xs, targets): at every step of the copy task, after the last step of the others."""

    def loss(params, xs, targets):
        hs = states(name, params, xs)
        ys = linear(hs if task == "copy" else hs[-1], **params["readout"])
        return squared_error(ys, targets) if task == "adding" else cross_entropy(ys, targets)

    return loss


def train(rng, task, name, T, *, steps, H, N, learning_rate, max_norm, window=50):
    """Adam on fresh sequences until the mean loss of the last `window` steps is below SHARE of the baseline -> Run."""
    params = network(rng, name, SIZES[task][0], H, SIZES[task][1])
    if task == "adding":
        params["readout"]["b"] += 1  # the answer that remembers nothing: all start from the baseline
    clip = lambda grads: clip_by_norm(grads, max_norm)
    stream, losses, step = batches(rng, task, N, T), [], None
    run = fit(
        loss_of(task, name), params, stream, Adam(learning_rate), steps=steps, clip=clip, threads=1, progress=False
    )
    for step in run:
        losses.append(step.loss)
        if step.step % window == 0 and np.mean(losses[-window:]) < SHARE * baseline(task, T):
            return Run(step.step, np.array(losses), step.params)
    return Run(np.nan, np.array(losses), step.params)


def measure(rng, task, T, steps, network, **sizes):
    """The step at which it was solved, and the mean loss of the last 50 steps as a share of the baseline."""
    run = train(rng, task, network, T, steps=steps, **sizes)
    return {"solved": run.solved, "share": run.losses[-50:].mean() / baseline(task, T)}
