"""A trap: a cue at step 0, a question 20 steps later, and a window of 5 steps learns it.

The window cannot carry a gradient from the question to the cue. But the state is carried, and a random W_hh keeps a
trace of the cue in it (a *reservoir*), which the read-out learns to read. So this task does not show what truncation
takes away; the echo task does.
"""

import numpy as np

from unrolled.cells.rnn import rnn
from unrolled.experiments.echo import DTYPE, W_HH, final
from unrolled.experiments.networks import answer_loss, elman, split, zero_state
from unrolled.learning.fit import fit
from unrolled.learning.optimizers import Adam


def cued_bits(rng, N, lag, between):
    """Yields, without end: xs (lag + 1, N, 2), targets (N,) int, the bit that was said at step 0.

    xs[..., 0]  +1 or -1 at step 0, the cue; then "silence" (0), or "bits": other +1 and -1
    xs[..., 1]  1 at step lag, the question
    """
    if between not in ("silence", "bits"):
        raise ValueError(f'between must be "silence" or "bits", got {between!r}')
    while True:
        said = rng.integers(2, size=(lag + 1, N))
        xs = np.zeros((lag + 1, N, 2), DTYPE)
        heard = slice(0, lag if between == "bits" else 1)
        xs[heard, :, 0] = 2 * said[heard] - 1
        xs[lag, :, 1] = 1
        yield xs, said[0]


def losses(rng, *, lag, k, between, state, recurrent_std, trained, H, N, updates, learning_rate):
    """The loss of every update, in nats, with a gradient through the last k steps alone -> (updates,)

    state    "carry": those k steps start from the state that the steps before left; "reset": from 0
    trained  "all", or "read-out": W_xh, W_hh and b_h stay as they were drawn
    """
    if not 0 < k <= lag:
        raise ValueError(f"the window k must be within 1 … lag = {lag}, got {k}")
    if state not in ("carry", "reset"):
        raise ValueError(f'state must be "carry" or "reset", got {state!r}')
    params = elman(rng, 2, H, 2, recurrent_std=recurrent_std, dtype=DTYPE)
    learnt, frozen = split(params, trained)
    zero = zero_state(params, N)

    def loss(params, xs, targets):
        params = {**params, **frozen}
        before = {name: getattr(w, "value", w) for name, w in params["rnn"].items()}  # plain arrays: no gradient
        h = rnn(xs[:-k], zero, **before)[-1] if state == "carry" else zero
        return answer_loss(params, xs[-k:], targets, h)

    batches = cued_bits(rng, N, lag, between)
    run = fit(loss, learnt, batches, Adam(learning_rate), steps=updates, progress=False)
    return np.array([step.loss for step in run])


def measure(rng, between, state, W_hh, trained, **sizes):
    """The loss at the end."""
    run = losses(rng, between=between, state=state, recurrent_std=W_HH[W_hh], trained=trained, **sizes)
    return {"loss": final(run)}
