"""The temporal order task with SGD, with and without clipping the norm of the gradient.

Claim: clipping the norm is what lets plain SGD solve it. Source: Pascanu, Mikolov & Bengio (2013), section 4.1.1.
"""

from typing import NamedTuple

import numpy as np

from unrolled.cells.rnn import rnn
from unrolled.data import tasks
from unrolled.data.text import one_hot
from unrolled.experiments.networks import answer_loss, elman, zero_state
from unrolled.layers.dense import linear
from unrolled.learning.fit import fit
from unrolled.learning.optimizers import SGD, clip_by_norm

SYMBOLS, CLASSES, DTYPE = 6, 4, np.float32
SOLVED = 0.01  # the share of wrong answers below which the paper counts a run as solved


class Run(NamedTuple):
    """solved: the step at which the task was solved, nan if never; losses, grad_norms: of every step; params."""

    solved: float
    losses: np.ndarray
    grad_norms: np.ndarray
    params: dict


def batches(rng, N, T):
    """Yields, without end: xs (T, N, 6) one-hot, targets (N,) int."""
    while True:
        tokens, targets = tasks.temporal_order(rng, N, T)
        yield one_hot(tokens, SYMBOLS, dtype=DTYPE), targets


def error(params, xs, targets):
    """The share of sequences whose class is answered wrongly."""
    last = rnn(xs, zero_state(params, xs.shape[1]), **params["rnn"])[-1]
    return np.mean(linear(last, **params["readout"]).argmax(-1) != targets)


def train(rng, T, *, max_norm, learning_rate, steps, H, N, std, check_every, test_size):
    """Train with SGD until the task is solved, or for `steps` steps -> Run.

    max_norm  clip the norm of the gradient to this; None: no clipping
    Solved, as in the paper: less than 1 % wrong of `test_size` sequences that were not trained on, the same ones at
    every check.
    """
    params = elman(rng, SYMBOLS, H, CLASSES, std=std, dtype=DTYPE)
    test_rng, train_rng = rng.spawn(2)
    xs, targets = next(batches(test_rng, test_size, T))
    tenth = slice(0, test_size // 10)

    def solved(params):  # a tenth of the sequences first: most checks end there
        return error(params, xs[:, tenth], targets[tenth]) < 2 * SOLVED and error(params, xs, targets) < SOLVED

    clip = (lambda grads: clip_by_norm(grads, max_norm)) if max_norm else None
    zero = zero_state(params, N)
    loss = lambda params, xs, targets: answer_loss(params, xs, targets, zero)
    losses, grad_norms = [], []
    stream = batches(train_rng, N, T)
    for step in fit(loss, params, stream, SGD(learning_rate), steps=steps, clip=clip, progress=False):
        losses.append(step.loss)
        grad_norms.append(step.grad_norm)
        if step.step % check_every == 0 and solved(step.params):
            return Run(step.step, np.array(losses), np.array(grad_norms), step.params)
    return Run(np.nan, np.array(losses), np.array(grad_norms), step.params)


def measure(rng, T, max_norm, learning_rate, steps, **sizes):
    """The step at which it was solved, the mean loss of the last 100 steps, and the largest gradient norm."""
    run = train(rng, T, max_norm=max_norm, learning_rate=learning_rate, steps=steps, **sizes)
    return {"solved": run.solved, "loss": run.losses[-100:].mean(), "largest_norm": run.grad_norms.max()}
