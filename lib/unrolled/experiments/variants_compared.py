"""Cells that differ by one gate or one function, from the same sizes and the same number of steps.

Claims: Greff et al. (2015): without the forget gate or the output activation an LSTM gets worse, without peepholes or
with coupled gates it does not; Jozefowicz, Zaremba & Sutskever (2015): MUT1–3 are no worse than the LSTM.
"""

import numpy as np

from unrolled.cells.variants import VARIANTS, initial, over_steps, zero_states
from unrolled.data import corpora, tasks, text
from unrolled.layers.dense import embedding, linear
from unrolled.layers.initializers import dense, gaussian
from unrolled.layers.losses import cross_entropy, squared_error
from unrolled.learning.fit import fit
from unrolled.learning.optimizers import Adam, clip_by_norm

DTYPE = np.float32


def train(loss, params, batches, *, steps, learning_rate, max_norm, carry=None):
    """The losses of all steps, and the last step."""
    clip, losses, step = lambda grads: clip_by_norm(grads, max_norm), [], None
    for step in fit(
        loss, params, batches, Adam(learning_rate), steps=steps, clip=clip, carry=carry, threads=1, progress=False
    ):
        losses.append(step.loss)
    return np.array(losses), step


def on_adding(rng, name, *, T, H, N, **settings):
    """Losses of the adding problem: one answer, after T steps, from a state of 0."""
    params = {"cell": initial(rng, name, 2, H, dtype=DTYPE), "readout": dense(rng, H, 1, dtype=DTYPE)}
    params["readout"]["b"] += 1
    zero = zero_states(name, N, H, dtype=DTYPE)

    def loss(params, xs, targets):
        _, (h, *_) = over_steps(VARIANTS[name].step, xs, zero, params["cell"])
        return squared_error(linear(h, **params["readout"]), targets)

    def batches():
        while True:
            yield tasks.adding(rng, N, T, dtype=DTYPE)

    return train(loss, params, batches(), **settings)[0]


def on_echo(rng, name, *, T, H, N, delay=5, **settings):
    """Losses of the echo task, an unending stream: chunks of T steps, the state carried on."""
    params = {"cell": initial(rng, name, 1, H, dtype=DTYPE), "readout": dense(rng, H, 2, dtype=DTYPE)}

    def loss(params, xs, targets, states):
        hs, last = over_steps(VARIANTS[name].step, xs, states, params["cell"])
        return cross_entropy(linear(hs, **params["readout"]), targets), last

    stream = tasks.echo(rng, N, T, delay, dtype=DTYPE)
    return train(loss, params, stream, carry=zero_states(name, N, H, dtype=DTYPE), **settings)[0]


def measure_gates(rng, cell, task, **sizes):
    """The mean loss of the last 50 steps, as a share of the loss of the best answer that remembers nothing."""
    losses = (on_adding if task == "adding" else on_echo)(rng, cell, **sizes)
    return {"share": losses[-50:].mean() / (1 / 6 if task == "adding" else np.log(2))}


def tales():
    """V, and the tokens of data/tales.txt: those to train on, and the tenth at the end that is held out."""
    whole = corpora.corpus("tales").text
    symbols, encode, _ = text.vocabulary(whole)
    return len(symbols), *text.split(encode(whole))


def train_on_text(rng, step, draw, states, *, T, steps, **settings):
    """(losses, params, held-out loss in nats per character) of a character model on data/tales.txt.

    step(x, *states, **weights) is one step of its cell, draw(rng) the first weights, states the first states, h first.
    """
    V, tokens, tail = tales()
    N, H = states[0].shape
    params = {
        "embedding": {"W": gaussian(rng, (V, H), 0.3, dtype=DTYPE)},
        "cell": draw(rng),
        "readout": dense(rng, H, V, dtype=DTYPE),
    }

    def loss(params, tokens, targets, states):
        hs, last = over_steps(step, embedding(tokens, **params["embedding"]), states, params["cell"])
        return cross_entropy(linear(hs, **params["readout"]), targets), last

    losses, last = train(loss, params, text.batches(tokens, T, N), steps=steps, carry=states, **settings)
    held_out, chunks = [], (len(tail) // N - 1) // T
    for _, (xs, targets) in zip(range(chunks), text.batches(tail, T, N)):
        value, states = loss(last.params, xs, targets, states)
        held_out.append(float(value))
    return losses, last.params, np.mean(held_out)


def on_text(rng, name, *, H, N, **settings):
    """`train_on_text` with one of VARIANTS, from a state of 0."""
    draw = lambda rng: initial(rng, name, H, H, dtype=DTYPE)
    return train_on_text(rng, VARIANTS[name].step, draw, zero_states(name, N, H, dtype=DTYPE), **settings)


def measure_text(rng, cell, **sizes):
    """nats per character, held out and over the last 50 steps; how many numbers the cell has."""
    losses, params, held_out = on_text(rng, cell, **sizes)
    return {
        "held_out": held_out,
        "train": losses[-50:].mean(),
        "parameters": sum(array.size for array in params["cell"].values()),
    }
