"""The sliced RNN beside a GRU: what it saves, by length and batch, and what a slice that knows no past can learn.

Claims: up to 136 times as fast, and better (Yu & Liu 2018, abstract). Of the lift, predicted beforehand: worse, because
a slice starts from 0, and where a lift goes depends on where it was.
"""

import time
from functools import partial
from itertools import repeat

import numpy as np

from unrolled.autodiff import ops
from unrolled.autodiff.tape import value_and_grad
from unrolled.cells.gru import gru
from unrolled.cells.stacks import sliced
from unrolled.cells.table import cell_size, init_cell
from unrolled.data import tasks
from unrolled.data.text import one_hot
from unrolled.experiments.directions import learn
from unrolled.layers.dense import linear
from unrolled.layers.initializers import dense, orthogonal
from unrolled.layers.losses import cross_entropy

DTYPE = np.float32
TASKS = {  # symbols, classes
    "temporal order": (tasks.temporal_order, 6, 4),
    "order anywhere": (partial(tasks.temporal_order, anywhere=True), 6, 4),
    "lift": (tasks.lift, 3, 5),
}
NETWORKS = ("gru", "narrow gru", "sliced")  # the narrow one has the width of the slices, so fewer weights


def init(rng, D, H, layers):
    """Weights of GRUs, the lowest with D inputs, the others with H."""
    draw = lambda D: init_cell(rng, "gru", D, H, W_hh=orthogonal, dtype=DTYPE)
    return tuple(draw(H if layer else D) for layer in range(layers))


def last_state(xs, layers, slices):
    """xs (T, N, D) -> h (N, H): by slices; of one slice, slices=(T,), it is the GRU."""
    return sliced(gru, xs, layers, slices=slices)


def measure_speed(rng, T, N, *, n, D, H, repeats):
    """gru_ms, sliced_ms: processor time of a last state and its gradients, the shortest of `repeats`; T is a power
    of n.

    cell_steps: how many steps of a cell the slices take, for each one of the GRU; in_turn: how many come one after the
    other.
    """
    slices = (n,) * round(np.log(T) / np.log(n))
    xs = rng.standard_normal((T, N, D)).astype(DTYPE)
    runs = {"gru": (T,), "sliced": slices}
    params = {name: init(rng, D, H, len(slices)) for name, slices in runs.items()}
    times = {name: [] for name in runs}
    for _ in range(repeats + 1):  # in turns, so that a slow moment of the machine hits both; the first warms up
        for name, slices in runs.items():
            loss = value_and_grad(lambda layers, slices=slices: ops.sum(last_state(xs, layers, slices)))
            start = time.process_time()
            loss(params[name])
            times[name].append(1e3 * (time.process_time() - start))
    found = {f"{name}_ms": min(spent[1:]) for name, spent in times.items()}
    levels = np.cumprod((1, *runs["sliced"][:-1]))
    return found | {"cell_steps": np.sum(1 / levels), "in_turn": sum(runs["sliced"])}


def width(D, M, layers, parameters):
    """The largest H at which so many layers and a read-out of M outputs have at most so many weights."""
    size = lambda H: cell_size("gru", D, H) + (layers - 1) * cell_size("gru", H, H) + H * M + M
    return max(H for H in range(1, 1000) if size(H) <= parameters)


def train(rng, task, slices, H, *, N, **training):
    """The steps of one training, as `fit` yields them: fresh sequences of T = prod(slices) symbols, one answer."""
    draw, D, M = TASKS[task]
    params = {"layers": init(rng, D, H, len(slices)), "readout": dense(rng, H, M, dtype=DTYPE)}
    loss = lambda params, tokens, targets: cross_entropy(logits(params, tokens, slices), targets)
    return learn(loss, params, (draw(rng, N, np.prod(slices)) for _ in repeat(None)), **training)


def logits(params, tokens, slices):
    """The answer after the last step: tokens (T, N) int -> (N, M)"""
    xs = one_hot(tokens, params["layers"][0]["W_xh"].shape[0], dtype=DTYPE)
    return linear(last_state(xs, params["layers"], slices), **params["readout"])


def measure(rng, task, network, learning_rate, *, n, levels, parameters, early, test_size, **training):
    """Shares of right answers on fresh sequences of n^levels symbols, after `early` steps and at the end."""
    slices = (n,) * levels if network == "sliced" else (n**levels,)
    draw, D, M = TASKS[task]
    H = width(D, M, 1 if network == "gru" else levels, parameters)
    xs, targets = draw(rng, test_size, n**levels)
    right = lambda params: (logits(params, xs, slices).argmax(-1) == targets).mean()
    for step in train(rng, task, slices, H, learning_rate=learning_rate, **training):
        if step.step == early:
            at_first = right(step.params)
    return {"right_early": at_first, "right": right(step.params), "H": H}
