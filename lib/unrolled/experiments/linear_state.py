"""Linear recurrences: a loop and a scan by size, and what a state without a function around it cannot follow.

Claims: minGRU trains in parallel (Feng et al. 2024); state-space models cannot follow a state as an RNN can (Merrill,
Petty & Sabharwal 2024, "The illusion of state").
"""

import time
from functools import partial
from itertools import repeat

import numpy as np

from unrolled.autodiff.ops import sigmoid, tanh
from unrolled.cells.linear_recurrence import by_loop, by_scan, min_gru
from unrolled.cells.stacks import one_direction
from unrolled.cells.table import CELLS, cell_size, init_cell
from unrolled.cells.variants import initial
from unrolled.data import tasks
from unrolled.data.text import one_hot
from unrolled.experiments.directions import learn
from unrolled.layers.dense import linear
from unrolled.layers.initializers import dense, orthogonal
from unrolled.layers.losses import cross_entropy

DTYPE = np.float32
TASKS = {  # inputs, classes
    "parity": (tasks.parity, 1, 2),
    "latch": (tasks.latch, 1, 2),
    "3 cups": (partial(tasks.cups, count=3), 2, 3),
    "4 cups": (partial(tasks.cups, count=4), 3, 4),
    "5 cups": (tasks.cups, 4, 5),
}
# layers, gate: a published minGRU's is the sigmoid; tanh lets the state change its sign
MIN_GRUS = {"minGRU 1": (1, sigmoid), "minGRU 2": (2, sigmoid), "signed 1": (1, tanh), "signed 2": (2, tanh)}
NETWORKS = ("rnn", "gru", *MIN_GRUS)


def measure_scan(rng, T, size, *, repeats):
    """loop_ms, scan_ms: processor time over T steps of `size` numbers, the shortest of `repeats`, float32."""
    a, b = rng.uniform(0.5, 1, (T, size)).astype(DTYPE), rng.standard_normal((T, size)).astype(DTYPE)
    runs = {"loop_ms": by_loop, "scan_ms": by_scan}
    times = {name: [] for name in runs}
    for _ in range(repeats + 1):  # in turns, so that a slow moment of the machine hits both; the first warms up
        for name, run in runs.items():
            start = time.process_time()
            run(a, b)
            times[name].append(1e3 * (time.process_time() - start))
    return {name: min(spent[1:]) for name, spent in times.items()}


def size(network, D, H, M):
    """How many weights there are, with D inputs and M classes. A minGRU's layer ends with tanh(h W + b)."""
    if network in CELLS:
        return cell_size(network, D, H) + H * M + M
    per_layer = lambda D: 2 * H * (D + 1) + H * (H + 1)
    return per_layer(D) + (MIN_GRUS[network][0] - 1) * per_layer(H) + H * M + M


def width(network, D, M, parameters):
    """The largest H at which they are at most so many."""
    return max(H for H in range(1, 1000) if size(network, D, H, M) <= parameters)


def init(rng, network, D, M, parameters):
    """{"layers": weights of each, "readout": {W, b}}"""
    H = width(network, D, M, parameters)
    if network in CELLS:
        layers = (init_cell(rng, network, D, H, W_hh=orthogonal, dtype=DTYPE),)
    else:
        draw = lambda D: {"cell": initial(rng, "minGRU", D, H, dtype=DTYPE), "mix": dense(rng, H, H, dtype=DTYPE)}
        layers = tuple(draw(H if layer else D) for layer in range(MIN_GRUS[network][0]))
    return {"layers": layers, "readout": dense(rng, H, M, dtype=DTYPE)}


def logits(params, xs, network):
    """The answers at every step: xs (T, N, D) -> (T, N, M). All states start from 0."""
    zero = np.zeros((xs.shape[1], len(params["readout"]["W"])), DTYPE)
    if network in CELLS:
        xs, _ = one_direction(CELLS[network].kernel, xs, (zero,), params["layers"][0])
    else:
        for layer in params["layers"]:
            hs = min_gru(xs, zero, **layer["cell"], gate=MIN_GRUS[network][1])
            xs = tanh(linear(hs, **layer["mix"]))
    return linear(xs, **params["readout"])


def sequences(rng, task, N, T):
    """xs (T, N, D), tokens as one-hot vectors; targets (T, N) int."""
    draw, D, _ = TASKS[task]
    xs, targets = draw(rng, N, T)
    return (one_hot(xs, D) if xs.ndim == 2 else xs).astype(DTYPE), targets


def measure(rng, task, network, learning_rate, *, parameters, T, N, test_size, **training):
    """right_2, right_8, right_T: shares of right answers at these steps, on sequences never trained on."""
    loss = lambda params, xs, targets: cross_entropy(logits(params, xs, network), targets)
    params = init(rng, network, *TASKS[task][1:], parameters)
    batches = (sequences(rng, task, N, T) for _ in repeat(None))
    *_, last = learn(loss, params, batches, learning_rate=learning_rate, **training)
    xs, targets = sequences(rng, task, test_size, T)
    right = (logits(last.params, xs, network).argmax(-1) == targets).mean(1)
    return {"right_2": right[1], "right_8": right[7], f"right_{T}": right[-1]}
