"""The echo task under truncated backpropagation: y_t = x_{t-delay} is learnt only where a window of k steps holds both.

Claim: truncated backpropagation is biased to the short term. Source: Tallec & Ollivier (2017).
"""

import numpy as np

from unrolled.data import tasks
from unrolled.experiments.networks import elman, split, stream_loss, zero_state
from unrolled.learning.fit import fit
from unrolled.learning.optimizers import Adam

DTYPE = np.float32


def losses(rng, k, delay, *, state, recurrent_std, H, N, time_steps, learning_rate, trained="all"):
    """The loss of every update, in nats, over a stream of `time_steps` steps cut into chunks of k -> (time_steps // k,)

    state          "carry": the next chunk goes on from the last state; "reset": it starts from 0
    recurrent_std  W_hh ~ N(0, std^2); None: Glorot's
    trained        "all", or "read-out": W_xh, W_hh and b_h stay as they were drawn
    """
    if state not in ("carry", "reset"):
        raise ValueError(f'state must be "carry" or "reset", got {state!r}')
    params = elman(rng, 1, H, 2, recurrent_std=recurrent_std, dtype=DTYPE)
    learnt, frozen = split(params, trained)
    zero = zero_state(params, N)

    def loss(params, xs, targets, carried):
        return stream_loss({**params, **frozen}, xs, targets, carried if state == "carry" else zero)

    chunks = tasks.echo(rng, N, k, delay, dtype=DTYPE)
    run = fit(loss, learnt, chunks, Adam(learning_rate), steps=time_steps // k, carry=zero, progress=False)
    return np.array([step.loss for step in run])


def final(losses):
    """The mean over the last tenth of the updates."""
    return losses[-max(1, len(losses) // 10) :].mean()


def best(losses):
    """The lowest mean over a fortieth of the updates: how far it came, whatever it lost again."""
    return min(part.mean() for part in np.array_split(losses, min(40, len(losses))))


def measure(rng, k, delay, state, W_hh, **sizes):
    """The loss at the end, and at its best."""
    run = losses(rng, k, delay, state=state, recurrent_std=W_HH[W_hh], **sizes)
    return {"loss": final(run), "best": best(run)}


W_HH = {"glorot": None, "small": 0.01}  # the names that the tables use
