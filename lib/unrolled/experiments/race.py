"""RNN, LSTM and GRU with equally many parameters, after equally many steps, or after equally many seconds.

Claims: gated cells are far above tanh, LSTM against GRU is undecided (Chung et al. 2014). Seconds are those of the
processor, on one thread: what a machine shows that does nothing else.
"""

import time

import numpy as np

from unrolled.autodiff.tape import value_and_grad
from unrolled.cells.stacks import one_direction
from unrolled.cells.table import CELLS, cell_size, init_cell, init_states
from unrolled.data import corpora, series, tasks, text
from unrolled.experiments.truncation import peak_memory
from unrolled.layers.dense import linear
from unrolled.layers.initializers import dense
from unrolled.layers.losses import cross_entropy, squared_error
from unrolled.learning.fit import fit
from unrolled.learning.optimizers import Adam, clip_by_norm

DTYPE = np.float32
STEPS = {"adding": 50, "sunspots": 24, "text": 32}  # T
RATES = {"adding": 5e-3, "sunspots": 3e-3, "text": 1e-2}


def width(cell, D, M, parameters):
    """The largest H at which cell and read-out have at most so many parameters."""
    return max(H for H in range(1, 1000) if size(cell, D, H, M) <= parameters)


def size(cell, D, H, M):
    """How many numbers a cell with its read-out has."""
    return cell_size(cell, D, H) + H * M + M


def network(rng, cell, D, H, M):
    """{"cell": weights, "readout": {W, b}}, Glorot's, each gate's apart; the forget bias is 1."""
    return {"cell": init_cell(rng, cell, D, H, dtype=DTYPE), "readout": dense(rng, H, M, dtype=DTYPE)}


def outputs(cell, params, xs, *, every):
    """ys at every step (T, N, M), or after the last one (N, M); the state starts at 0."""
    first = init_states(cell, xs.shape[1], len(params["cell"]["W_hh"]), dtype=DTYPE)
    hs, (last, *_) = one_direction(CELLS[cell].kernel, xs, first, params["cell"])
    return linear(hs if every else last, **params["readout"])


def task_of(rng, task, N):
    """(D, M, batches without end, one held-out batch, loss of ys and targets, a target at every step?)"""
    T = STEPS[task]
    if task == "adding":
        draw = lambda n: tasks.adding(rng, n, T, dtype=DTYPE)
        held_out = draw(1000)
        return 2, 1, (draw(N) for _ in iter(int, 1)), held_out, squared_error, False
    if task == "sunspots":
        _, values = series.sunspots()
        train, _, test = series.split_by_time(len(values), 40, 60)
        scaled, _, _ = series.standardise(values, train)
        cut = lambda part: tuple(a.astype(DTYPE) for a in series.windows(part, T))
        xs, targets = cut(scaled[train])

        def draw():
            while True:
                chosen = rng.integers(xs.shape[1], size=N)
                yield xs[:, chosen], targets[-1, chosen]

        test_xs, test_targets = cut(scaled[test.start - T : test.stop])
        return 1, 1, draw(), (test_xs, test_targets[-1]), squared_error, False
    whole = corpora.corpus("tales").text
    symbols, encode, _ = text.vocabulary(whole)
    V = len(symbols)
    tokens, tail = text.split(encode(whole))
    coded = lambda pair: (text.one_hot(pair[0], V, dtype=DTYPE), pair[1])
    held_out = coded(next(iter(text.batches(tail, 100, 80))))
    return V, V, map(coded, text.batches(tokens, T, N)), held_out, cross_entropy, True


def measure(rng, task, budget, cell, parameters, steps, seconds, N, max_norm):
    """held_out loss; the steps and the seconds that it took; and what one step costs.

    operations  multiplications and additions of the forward matrix products, for one step of one sequence
    bytes       the peak of one gradient's memory beside the parameters, for one step of one sequence
    """
    D, M, batches, held_out, loss_function, every = task_of(rng, task, N)
    H = width(cell, D, M, parameters[task])
    params = network(rng, cell, D, H, M)
    loss = lambda params, xs, targets: loss_function(outputs(cell, params, xs, every=every), targets)
    most = steps if budget == "steps" else None
    start, done = time.process_time(), 0
    clip = lambda grads: clip_by_norm(grads, max_norm)
    run = fit(loss, params, batches, Adam(RATES[task]), steps=most, clip=clip, threads=1, progress=False)
    for step in run:
        done = step.step
        if budget == "seconds" and time.process_time() - start > seconds:
            break
    spent = time.process_time() - start
    batch = next(iter(batches))
    return {
        "held_out": float(loss(step.params, *held_out)),
        "updates": done,
        "seconds_spent": spent,
        "H": H,
        "numbers": size(cell, D, H, M),
        "operations": 2 * CELLS[cell].gates * H * (D + H),
        "bytes": 1e6 * peak_memory(lambda: value_and_grad(loss)(step.params, *batch)) / (STEPS[task] * N),
    }
