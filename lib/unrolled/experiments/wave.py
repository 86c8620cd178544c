"""The Clockwork RNN at equal weights: a wave that it has to generate, and signals that it has to catch in time.

Claim: it beats the simple RNN and the LSTM at generating audio (Koutník, Greff, Gomez & Schmidhuber 2014, abstract).
"""

from functools import partial
from itertools import repeat

import numpy as np

from unrolled.cells.clockwork import clockwork, clockwork_size
from unrolled.cells.table import CELLS, cell_size, init_cell, init_states
from unrolled.data import tasks
from unrolled.data.text import one_hot
from unrolled.experiments.directions import learn
from unrolled.layers.dense import linear
from unrolled.layers.initializers import dense
from unrolled.layers.losses import cross_entropy, squared_error

DTYPE = np.float32
SYMBOLS, CLASSES = 6, 4  # of the temporal order task
PERIODS = 8, 20, 50, 130, 300  # steps: the sines that a wave is the sum of
# What is taken from the clockwork, or turned in it: the arrows, and whether there is a clock.
CLOCKWORKS = {
    "clockwork": ("slow to fast", True),
    "arrows reversed": ("fast to slow", True),
    "all arrows": ("all", True),
    "no clock": ("slow to fast", False),
}
NETWORKS = ("clockwork", *CELLS)


def cell_in(network, blocks):
    """The cell of one of NETWORKS or CLOCKWORKS, as a function of a sequence; periods 1, 2, 4, …"""
    if network not in CLOCKWORKS:
        return CELLS[network].kernel
    arrows, clock = CLOCKWORKS[network]
    return partial(clockwork, periods=doubling(blocks) if clock else (1,) * blocks, arrows=arrows)


def doubling(blocks):
    """The periods 1, 2, 4, … of so many blocks."""
    return tuple(2**k for k in range(blocks))


def size(network, D, H, M, blocks):
    """How many weights are read, with D inputs, a first state that is learnt, and a read-out of M outputs."""
    if network in CLOCKWORKS:
        return clockwork_size(D, H, doubling(blocks), CLOCKWORKS[network][0]) + H + H * M + M
    return cell_size(network, D, H) + CELLS[network].states * H + H * M + M


def width(network, D, M, blocks, parameters):
    """The largest H at which they are at most so many. The clockwork's for all CLOCKWORKS: they differ by one thing."""
    network, step = ("clockwork", blocks) if network in CLOCKWORKS else (network, 1)
    return max(H for H in range(step, 1000, step) if size(network, D, H, M, blocks) <= parameters)


def init(rng, network, D, M, blocks, parameters):
    """{"cell": weights, "start": (h0, …), "readout": {W, b}}; the first state is 0, and learnt."""
    cell, H = ("rnn" if network in CLOCKWORKS else network), width(network, D, M, blocks, parameters)
    return {
        "cell": init_cell(rng, cell, D, H, dtype=DTYPE),
        "start": init_states(cell, 1, H, dtype=DTYPE),
        "readout": dense(rng, H, M, dtype=DTYPE),
    }


def answers(params, xs, network, blocks):
    """The read-out at every step: xs (T, N, D) -> (T, N, M). All sequences of a batch start from the state learnt."""
    ones = np.ones((xs.shape[1], 1), DTYPE)
    found = cell_in(network, blocks)(xs, *(ones @ h for h in params["start"]), **params["cell"])
    return linear(found[0] if isinstance(found, tuple) else found, **params["readout"])


def wave(rng, T):
    """The sum of five sines with the periods PERIODS and random phases, scaled to 1 at its highest -> (T, 1, 1)"""
    t = np.arange(T)[:, None]
    ys = np.sin(2 * np.pi * (t / PERIODS + rng.random(len(PERIODS)))).sum(1)
    return (ys / np.abs(ys).max()).astype(DTYPE)[:, None, None]


def generate(rng, network, *, T, blocks, parameters, **training):
    """The steps of a training, as `fit` yields them, and the wave. The only input is a constant 1.

    A step's loss over the wave's variance is 1 for whoever says its mean.
    """
    ys = wave(rng, T)
    loss = lambda params, xs, ys: squared_error(answers(params, xs, network, blocks), ys)
    params = init(rng, network, 1, 1, blocks, parameters)
    return learn(loss, params, repeat((np.ones_like(ys), ys)), **training), ys


def measure(rng, network, learning_rate, *, early, **sizes):
    """error, error_early: squared error over the wave's variance, at the end and after so many steps; weights, H."""
    training, ys = generate(rng, network, learning_rate=learning_rate, **sizes)
    losses = np.array([step.loss for step in training])
    H = width(network, 1, 1, sizes["blocks"], sizes["parameters"])
    share = lambda losses: losses.mean() / ys.var()
    found = {"error_early": share(losses[early - 10 : early]), "error": share(losses[-10:])}
    return found | {"H": H, "weights": size(network, 1, H, 1, sizes["blocks"])}


def measure_order(rng, network, learning_rate, *, T, N, blocks, parameters, test_size, **training):
    """right: the share of right answers about the order of two signals (`tasks.temporal_order`), on fresh sequences."""

    def draw(N):
        tokens, targets = tasks.temporal_order(rng, N, T)
        return one_hot(tokens, SYMBOLS, dtype=DTYPE), targets

    logits = lambda params, xs: answers(params, xs, network, blocks)[-1]
    loss = lambda params, xs, targets: cross_entropy(logits(params, xs), targets)
    params = init(rng, network, SYMBOLS, CLASSES, blocks, parameters)
    *_, last = learn(loss, params, (draw(N) for _ in repeat(None)), learning_rate=learning_rate, **training)
    xs, targets = draw(test_size)
    return {"right": (logits(last.params, xs).argmax(-1) == targets).mean()}
