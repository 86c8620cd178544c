"""What the programs of the clinic have in common, and is right in all of them: a task, a model, a loop."""

from itertools import islice

import numpy as np

from unrolled.autodiff.tape import differentiable
from unrolled.cells.sequence import scan
from unrolled.data import text
from unrolled.data.corpora import corpus
from unrolled.layers.dense import linear
from unrolled.layers.initializers import dense, glorot, in_blocks, orthogonal
from unrolled.layers.losses import cross_entropy
from unrolled.learning.fit import fit
from unrolled.learning.optimizers import Adam

SYMBOLS, H = 4, 16


def recall(rng, lag, T=8, N=16):
    """Say the symbol of `lag` steps ago. Yields xs (T, N, H), each symbol a vector, and targets (T, N), without end.

    Without memory the loss cannot be below ln 4 = 1.386 nats.
    """
    vectors = rng.standard_normal((SYMBOLS, H))
    while True:
        tokens = rng.integers(SYMBOLS, size=(T + lag, N))
        yield vectors[tokens[lag:]], tokens[:T], np.arange(T)[:, None] >= lag


def tales(length=6000):
    """The beginning of the course's tales as tokens, and how many symbols there are."""
    beginning = corpus("tales").text[:length]
    symbols, encode, _ = text.vocabulary(beginning)
    return encode(beginning), len(symbols)


def learn(loss, params, batches, steps=120, learning_rate=1e-2):
    """The loss at each step, by Adam."""
    run = fit(loss, params, batches, Adam(learning_rate), threads=1, progress=False)
    return [step.loss for step in islice(run, steps)]


def along(step, states):
    """A layer (xs, *states, *weights) -> the states h of all steps, made of one step."""

    @differentiable
    def layer(xs, *arguments):
        values, pullback = scan(step, xs, arguments[:states], arguments[states:])
        if states == 1:
            return values, pullback
        return values[0], lambda dhs: pullback(dhs, np.zeros_like(dhs))

    return layer


def first_weights(rng, blocks=1, extra=()):
    """W_xh, W_hh and b_h of a layer with so many blocks of H columns, and more biases under the names `extra`."""
    W_hh = in_blocks(orthogonal, rng, (H, H), blocks)
    cell = {"W_xh": glorot(rng, (H, blocks * H)), "W_hh": W_hh, "b_h": np.zeros(blocks * H)}
    return cell | {name: np.zeros(H) for name in extra}


def train_layer(layer, cell, *, states=1, lag=2, T=8, steps=120, learning_rate=1e-2):
    """The loss at each step of a network that learns `recall` with this layer."""
    rng = np.random.default_rng(1)
    params = {"cell": cell, "readout": dense(rng, H, SYMBOLS)}

    def loss(params, xs, targets, heard):
        zeros = [np.zeros((xs.shape[1], H))] * states
        ys = linear(layer(xs, *zeros, *params["cell"].values()), **params["readout"])
        return cross_entropy(ys, targets, np.broadcast_to(heard, targets.shape))

    return learn(loss, params, recall(rng, lag, T), steps, learning_rate)
