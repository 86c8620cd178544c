"""A "language model" that reads both ways: what it is asked for, the next character, it has already read."""

import numpy as np

from unrolled.data import text
from unrolled.experiments import directions
from unrolled.experiments.char_models import parts
from unrolled.layers.dense import embedding
from unrolled.layers.initializers import gaussian
from unrolled.layers.losses import cross_entropy


def logits(params, tokens, *, cell, direction):
    """Which character comes next? tokens (T, N) -> (T, N, V)"""
    return directions.answers(params, embedding(tokens, params["symbols"]), cell, direction)


def train(rng, V, tokens, direction, *, cell, E, parameters, T, N, **training):
    """The parameters after `directions.learn`, each step on N stretches of T characters that start from the state 0."""
    params = {"symbols": gaussian(rng, (V, E), 0.5, dtype=directions.DTYPE)}
    params |= directions.init(rng, cell, direction, E, V, parameters)
    loss = lambda params, xs, targets: cross_entropy(logits(params, xs, cell=cell, direction=direction), targets)
    *_, last = directions.learn(loss, params, text.batches(tokens, T, N), **training)
    return last.params


def nats(params, tokens, T, **how):
    """(T,) nats at each step of stretches of T characters, over as many of them as a held-out text has."""
    xs, targets = next(text.batches(tokens, T, len(tokens) // T - 1))
    found = logits(params, xs, **how)
    return np.array([cross_entropy(found[t], targets[t]) for t in range(T)])


def measure(rng, direction, **sizes):
    """Nats per character of the test part: over all steps, over those whose next character is in the stretch, and at
    the last step, after which the stretch ends: there is no next character to read."""
    V, learnt, _, test = parts()
    params = train(rng, V, learnt, direction, **sizes)
    found = nats(params, test, sizes["T"], cell=sizes["cell"], direction=direction)
    return {"nats": found.mean(), "inside": found[:-1].mean(), "last": found[-1]}
