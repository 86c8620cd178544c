"""RNN, LSTM and GRU with equally many parameters, after equally many steps, beside baselines that do not recur.

Three parts of the data: one trains, one chooses (the learning rate, and the step that is kept), one judges.
Claims: gated cells are far above tanh, LSTM against GRU is undecided (Chung et al. 2014). Seconds are those of the
processor, on one thread: what a machine shows that does nothing else.
"""

import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from unrolled.autodiff.tape import value_and_grad
from unrolled.autodiff.trees import tree_map
from unrolled.cells.stacks import one_direction
from unrolled.cells.table import CELLS, cell_size, init_cell, init_states
from unrolled.data import series, tasks, text
from unrolled.experiments.char_models import ORDERS, parts
from unrolled.experiments.sunspots import autoregression, years_before
from unrolled.experiments.truncation import peak_memory
from unrolled.layers.dense import linear
from unrolled.layers.initializers import dense
from unrolled.layers.losses import cross_entropy, squared_error
from unrolled.learning.fit import fit
from unrolled.learning.optimizers import Adam, clip_by_norm
from unrolled.models import ngram

DTYPE = np.float32
STEPS = {"adding": 50, "sunspots": 24, "text": 32}  # T
HELD_OUT = 1000  # sequences of the adding problem to choose by, and as many to judge by
YEARS = 44  # to choose by, and as many to judge by: four cycles each
ENDS = 1875, 1919, 1963, 2007  # the last years of four stretches to judge by
STRETCH = 100  # characters of held-out text that a network reads in one go


class Task(NamedTuple):
    """What is learnt. A batch is (xs (T, N, D), targets).

    every          a target at every step, or one after the last
    memoryless     the loss on the test part of what sees the last input alone
    without_state  of a model of the same past that is no recurrent network
    """

    D: int
    M: int
    batches: Iterator
    validation: tuple
    test: tuple
    loss: Callable
    every: bool
    memoryless: float
    without_state: float


def adding(rng, N):
    """Memoryless: always 1. Without a state: least squares on all numbers and marks of a sequence."""
    draw = lambda n: tasks.adding(rng, n, STEPS["adding"], dtype=DTYPE)
    validation, test, seen = draw(HELD_OUT), draw(HELD_OUT), draw(10 * HELD_OUT)
    table = lambda xs: np.hstack([np.ones((xs.shape[1], 1)), *xs])
    fitted = table(test[0]) @ np.linalg.lstsq(table(seen[0]), seen[1])[0]
    losses = np.mean((1 - test[1]) ** 2), np.mean((fitted - test[1]) ** 2)
    return Task(2, 1, (draw(N) for _ in iter(int, 1)), validation, test, squared_error, False, *losses)


def sunspots(rng, N, end):
    """One year ahead, in variances of the training years. Memoryless: as this year. Without a state: Yule's linear
    model, of the order that is best on the years to choose by. The years to judge by end at `end`."""
    years, values = series.sunspots()
    values = values[years <= end]
    train, validation, test = series.split_by_time(len(values), YEARS, YEARS)
    scaled, _, _ = series.standardise(values, train)

    def cut(start, stop):
        xs, targets = series.windows(scaled[start:stop].astype(DTYPE), STEPS["sunspots"])
        return xs, targets[-1]

    xs, targets = cut(0, train.stop)

    def batches():
        while True:
            chosen = rng.integers(xs.shape[1], size=N)
            yield xs[:, chosen], targets[chosen]

    error = lambda forecast, part: np.mean((forecast[part] - scaled[part]) ** 2)
    fits = [autoregression(scaled, p, train)[1] for p in range(1, STEPS["sunspots"] + 1)]
    chosen = min(fits, key=lambda forecast: error(forecast, validation))
    held_out = (cut(part.start - STEPS["sunspots"], part.stop) for part in (validation, test))
    losses = error(years_before(scaled, 1), test), error(chosen, test)
    return Task(1, 1, batches(), *held_out, squared_error, False, *losses)


def tales(N):
    """The next character. Memoryless: a 2-gram. Without a state: the n-gram that is best on the part to choose by."""
    V, train, *held_out = parts()
    coded = lambda pair: (text.one_hot(pair[0], V, dtype=DTYPE), pair[1])
    stretches = [next(text.batches(part, STRETCH, len(part) // STRETCH)) for part in held_out]
    counted = ngram.count(train, V, max(ORDERS))

    def nats(order, pair):
        rows = np.vstack([pair[0], pair[1][-1:]]).T  # the same stretches, each read from its beginning
        return float(np.mean([ngram.evaluate(counted, row, order) for row in rows]))

    order = min(ORDERS, key=lambda n: nats(n, stretches[0]))
    losses = nats(2, stretches[1]), nats(order, stretches[1])
    batches = map(coded, text.batches(train, STEPS["text"], N))
    return Task(V, V, batches, *map(coded, stretches), cross_entropy, True, *losses)


def width(cell, D, M, parameters):
    """The H at which cell and read-out come nearest to so many parameters."""
    return min(range(1, 1000), key=lambda H: abs(size(cell, D, H, M) - parameters))


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


def learn(rng, cell, task, H, *, learning_rate, steps, max_norm, check_every):
    """(parameters of the step that is best on the validation part, that step, its loss there, seconds of training)."""
    loss = loss_of(cell, task)
    params = best = network(rng, cell, task.D, H, task.M)
    clip, least, at, spent = lambda grads: clip_by_norm(grads, max_norm), np.inf, 0, 0.0
    start = time.process_time()
    for step in fit(loss, params, task.batches, Adam(learning_rate), steps=steps, clip=clip, threads=1, progress=False):
        if step.step % check_every == 0:
            spent += time.process_time() - start  # without the time of the evaluation
            validation = float(loss(step.params, *task.validation))
            if validation < least:
                least, at, best = validation, step.step, tree_map(np.copy, step.params)
            start = time.process_time()
    return best, at, least, spent


def loss_of(cell, task):
    """loss(params, xs, targets) of a cell on a Task."""
    return lambda params, xs, targets: task.loss(outputs(cell, params, xs, every=task.every), targets)


def measure(rng, task, cell, *, parameters, N, **training):
    """Losses on the validation part, at the step that is best there, and on the test part; what others have there; and
    what a step costs: see `run`."""
    this = adding(rng, N) if task == "adding" else tales(N)
    return run(rng, this, cell, parameters[task], **training)


def measure_sunspots(rng, cell, *, parameters, N, **training):
    """`run`, the mean over four stretches of years. Errors on the test part are shares of the memoryless forecast's."""
    found = [run(rng, sunspots(rng, N, end), cell, parameters, **training) for end in ENDS]
    for one in found:
        for name in ("test", "without_state", "memoryless"):  # the last one by itself
            one[name] /= one["memoryless"]
    return {name: float(np.mean([one[name] for one in found])) for name in found[0]}


def run(rng, task, cell, parameters, **training):
    """A cell of so many parameters learns a Task: what it has learnt, and what it costs.

    operations  multiplications and additions of the forward matrix products, for one step of one sequence
    bytes       the peak of one gradient's memory beside the parameters, for one step of one sequence
    """
    H = width(cell, task.D, task.M, parameters)
    params, step, validation, seconds = learn(rng, cell, task, H, **training)
    loss, batch = loss_of(cell, task), next(task.batches)
    return {
        "validation": validation,
        "step": step,
        "test": float(loss(params, *task.test)),
        "memoryless": task.memoryless,
        "without_state": task.without_state,
        "seconds": seconds,
        "H": H,
        "numbers": size(cell, task.D, H, task.M),
        "operations": 2 * CELLS[cell].gates * H * (task.D + H),
        "bytes": 1e6 * peak_memory(lambda: value_and_grad(loss)(params, *batch)) / np.prod(batch[0].shape[:2]),
    }
