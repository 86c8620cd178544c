"""The Clockwork RNN at equal weights: a wave that it has to generate, a text, and signals that it has to catch in time.

Claim: it beats the simple RNN and the LSTM at generating audio (Koutník, Greff, Gomez & Schmidhuber 2014, abstract).
"""

from functools import partial
from itertools import repeat

import numpy as np

from unrolled.cells.clockwork import clockwork, clockwork_size
from unrolled.cells.table import CELLS, cell_size, init_cell, init_states
from unrolled.data import tasks, text
from unrolled.experiments.directions import learn
from unrolled.experiments.variants_compared import tales, train
from unrolled.layers.dense import embedding, linear
from unrolled.layers.initializers import dense, gaussian, glorot, orthogonal
from unrolled.layers.losses import cross_entropy, squared_error

DTYPE = np.float32
SYMBOLS, CLASSES = 6, 4  # of the temporal order task
PERIODS = 8, 20, 50, 130, 300  # steps: the sines that a wave is the sum of
START = 0.1  # the spread of a first state before it is learnt
# What is taken from the clockwork, or turned in it: the arrows, and whether there is a clock.
CLOCKWORKS = {
    "clockwork": ("slow to fast", True),
    "arrows reversed": ("fast to slow", True),
    "all arrows": ("all", True),
    "no clock": ("slow to fast", False),
}
NETWORKS = ("clockwork", *CELLS)
TOLD = tuple(f"{cell}, bits of t" for cell in CELLS)  # their input says which step it is
FAST = "fast block"  # a plain network as wide as the clockwork's fastest block


def cell_name(network):
    """Whose weights it has, one of CELLS."""
    return "rnn" if network in (*CLOCKWORKS, FAST) else network.removesuffix(", bits of t")


def cell_in(network, blocks):
    """The cell of a network, as a function of a sequence; a clockwork's periods are 1, 2, 4, …"""
    if network not in CLOCKWORKS:
        return CELLS[cell_name(network)].kernel
    arrows, clock = CLOCKWORKS[network]
    return partial(clockwork, periods=doubling(blocks) if clock else (1,) * blocks, arrows=arrows)


def doubling(blocks):
    """The periods 1, 2, 4, … of so many blocks."""
    return tuple(2**k for k in range(blocks))


def size(network, D, H, M, blocks):
    """How many weights are read, with D inputs, a first state that is learnt, and a read-out of M outputs."""
    if network in CLOCKWORKS:
        return clockwork_size(D, H, doubling(blocks), CLOCKWORKS[network][0]) + H + H * M + M
    return cell_size(cell_name(network), D, H) + CELLS[cell_name(network)].states * H + H * M + M


def width(network, D, M, blocks, parameters):
    """The largest H at which they are at most so many. The clockwork's for all CLOCKWORKS: they differ by one thing."""
    if network == FAST:
        return width("clockwork", D, M, blocks, parameters) // blocks
    network, step = ("clockwork", blocks) if network in CLOCKWORKS else (network, 1)
    return max(H for H in range(step, 1000, step) if size(network, D, H, M, blocks) <= parameters)


def init(rng, network, D, M, blocks, parameters):
    """{"cell": weights, "start": (h0, …), "readout": {W, b}}; the first state is small, and learnt.

    W_hh is orthogonal, in a clockwork within each block: no state grows or shrinks before something is learnt.
    """
    cell, H = cell_name(network), width(network, D, M, blocks, parameters)
    W_hh = partial(orthogonal_blocks, blocks=blocks) if network in CLOCKWORKS else orthogonal
    zeros = init_states(cell, 1, H, dtype=DTYPE)
    return {
        "cell": init_cell(rng, cell, D, H, W_hh=W_hh, dtype=DTYPE),
        "start": tuple(gaussian(rng, h.shape, START, dtype=DTYPE) for h in zeros),
        "readout": dense(rng, H, M, dtype=DTYPE),
    }


def orthogonal_blocks(rng, shape, *, blocks, dtype):
    """Glorot's weights between the blocks, orthogonal ones within each."""
    W, width = glorot(rng, shape, dtype=dtype), shape[0] // blocks
    for start in range(0, shape[0], width):
        own = slice(start, start + width)
        W[own, own] = orthogonal(rng, (width, width), dtype=dtype)
    return W


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


def inputs(network, T, blocks):
    """What a network reads while it generates: a constant 1, or as many binary digits of t as there are blocks."""
    bits = np.arange(T)[:, None] // doubling(blocks) % 2
    return (bits if network in TOLD else np.ones((T, 1))).astype(DTYPE)[:, None]


def generate(rng, network, *, T, blocks, parameters, **training):
    """The steps of a training, as `fit` yields them, and the wave.

    A step's loss over the wave's variance is 1 for whoever says its mean.
    """
    xs, ys = inputs(network, T, blocks), wave(rng, T)
    loss = lambda params, xs, ys: squared_error(answers(params, xs, network, blocks), ys)
    params = init(rng, network, xs.shape[-1], 1, blocks, parameters)
    return learn(loss, params, repeat((xs, ys)), **training), ys


def missing(said, ys):
    """Of each of the five sines the energy that is missing: 0, it is there; 1, it might as well not be."""
    angles = 2 * np.pi * np.arange(len(ys))[:, None] / PERIODS
    waves = np.concatenate([np.sin(angles), np.cos(angles)], axis=1)
    energy = lambda curve: np.square(np.linalg.lstsq(waves, curve.ravel())[0]).reshape(2, -1).sum(0)
    return energy(ys - said) / energy(ys)


def measure(rng, network, learning_rate, *, early, T, blocks, parameters, **training):
    """error, error_early: squared error over the wave's variance, at the end and after so many steps; weights, H.

    missing_8 …: of the sine with this period the energy that is missing at the end.
    """
    sizes = {"T": T, "blocks": blocks, "parameters": parameters}
    steps, ys = generate(rng, network, learning_rate=learning_rate, **sizes, **training)
    xs, losses = inputs(network, T, blocks), []
    for step in steps:
        losses.append(step.loss / ys.var())
    left = missing(answers(step.params, xs, network, blocks), ys)
    D, H = xs.shape[-1], len(step.params["readout"]["W"])
    return {
        "error_early": np.mean(losses[early - 10 : early]),
        "error": np.mean(losses[-10:]),
        **{f"missing_{period}": share for period, share in zip(PERIODS, left)},
        "H": H,
        "weights": size(network, D, H, 1, blocks),
    }


def measure_order(rng, network, learning_rate, where, *, T, N, blocks, parameters, test_size, **training):
    """right: the share of right answers about the order of two signals (`tasks.temporal_order`), on fresh sequences.

    where: "stretches", each signal in its own stretch of a tenth of the steps, or "anywhere". H.
    """

    def draw(N):
        tokens, targets = tasks.temporal_order(rng, N, T, anywhere=where == "anywhere")
        return text.one_hot(tokens, SYMBOLS, dtype=DTYPE), targets

    logits = lambda params, xs: answers(params, xs, network, blocks)[-1]
    loss = lambda params, xs, targets: cross_entropy(logits(params, xs), targets)
    params = init(rng, network, SYMBOLS, CLASSES, blocks, parameters)
    *_, last = learn(loss, params, (draw(N) for _ in repeat(None)), learning_rate=learning_rate, **training)
    xs, targets = draw(test_size)
    return {"right": (logits(last.params, xs).argmax(-1) == targets).mean(), "H": len(last.params["readout"]["W"])}


def measure_text(rng, network, learning_rate, *, D, T, N, blocks, parameters, steps, max_norm):
    """held_out: nats per character of data/tales.txt, on its last tenth; H, and weights without the D of each symbol.

    Each chunk of T steps begins with all blocks due, so T is a multiple of the longest period.
    """
    V, tokens, tail = tales()
    params = init(rng, network, D, V, blocks, parameters) | {
        "embedding": {"W": gaussian(rng, (V, D), 0.3, dtype=DTYPE)}
    }
    states = tuple(np.repeat(h, N, axis=0) for h in params.pop("start"))
    cell, H = cell_in(network, blocks), states[0].shape[1]

    def loss(params, tokens, targets, states):
        found = cell(embedding(tokens, **params["embedding"]), *states, **params["cell"])
        found = found if isinstance(found, tuple) else (found,)
        return cross_entropy(linear(found[0], **params["readout"]), targets), tuple(hs[-1] for hs in found)

    how = {"steps": steps, "learning_rate": learning_rate, "max_norm": max_norm, "carry": states}
    _, last = train(loss, params, text.batches(tokens, T, N), **how)
    held_out = []
    for _, (xs, targets) in zip(range((len(tail) // N - 1) // T), text.batches(tail, T, N)):
        value, states = loss(last.params, xs, targets, states)
        held_out.append(float(value))
    return {"held_out": np.mean(held_out), "H": H, "weights": size(network, D, H, V, blocks)}
