"""Open: a variant of the reader's own, which must follow a state: is the number of ones so far odd?"""

import numpy as np

from unrolled.autodiff.ops import sigmoid, split, tanh
from unrolled.cells.variants import over_steps
from unrolled.data import tasks
from unrolled.exercises.banks.own_cell import arguments_of_a_step, check_on_tape
from unrolled.exercises.exercise import Exercise, Wrong
from unrolled.layers.dense import linear
from unrolled.layers.initializers import dense, glorot, in_blocks, orthogonal
from unrolled.layers.losses import cross_entropy
from unrolled.learning.fit import fit
from unrolled.learning.optimizers import Adam, clip_by_norm

T, N, H = 12, 32, 16


def variant(x, h_prev, W_xh, W_hh, b_h):
    """h = z h_prev + (1 - z) n, z and n see x and h_prev: a GRU without a reset gate"""
    z, n = split(x @ W_xh + h_prev @ W_hh + b_h, parts=2)
    z, n = sigmoid(z), tanh(n)
    return z * h_prev + (1 - z) * n


def right_at_the_end(function, steps):
    """The share of right answers about the parity of 12 bits, after so many steps of training."""
    rng = np.random.default_rng(1)
    W_hh = in_blocks(orthogonal, rng, (H, H), 2)
    params = {"cell": {"W_xh": glorot(rng, (1, 2 * H)), "W_hh": W_hh, "b_h": np.zeros(2 * H)}}
    params["readout"] = dense(rng, H, 2)

    def logits(params, xs):
        step = lambda x, h, **weights: (function(x, h, **weights),)
        hs, _ = over_steps(step, xs, (np.zeros((xs.shape[1], H)),), params["cell"])
        return linear(hs, **params["readout"])

    loss = lambda params, xs, targets: cross_entropy(logits(params, xs), targets)
    batches = (tasks.parity(rng, N, T) for _ in range(steps))
    clip = lambda grads: clip_by_norm(grads, 1.0)
    *_, last = fit(loss, params, batches, Adam(1e-2), clip=clip, threads=1, progress=False)
    xs, targets = tasks.parity(rng, 500, T)
    return np.mean(logits(last.params, xs)[-1].argmax(-1) == targets[-1])


def _use_variant(function, arguments, steps):
    check_on_tape(function, arguments, used=("x", "h_prev"))
    right = right_at_the_end(function, steps)
    if not right > 0.9:
        raise Wrong(
            f"it loses count: after {steps} steps of training {right:.2f} of its answers after {T} bits are right; "
            "more than 0.9 are asked for, and a guess has 0.50"
        )
    return ()


VARIANT = Exercise(
    name="variant",
    statement="Open: invent a variant, on the tape, that can say of 12 bits whether the number of ones is odd.",
    reference=variant,
    case=lambda rng: {"arguments": arguments_of_a_step(), "steps": 300},
    results=(),
    use=_use_variant,
    seconds=60,
    hints=(
        "At a one the state has to turn round, at a zero it has to stay. What in your law can turn it round?",
        "Either what comes in sees h_prev, as a GRU's candidate does; or a gate that sees x alone may be negative.",
        "z, n = ops.split(x @ W_xh + b_h, parts=2), z = ops.tanh(z), and then z * h_prev + (1 - z) * n.",
    ),
)

EXERCISES = (VARIANT,)
