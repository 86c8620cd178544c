"""Open: a recurrent cell of the reader's own, on the tape. Any law will do that remembers."""

import numpy as np

from unrolled.autodiff import ops
from unrolled.autodiff.gradcheck import GradientError, gradcheck
from unrolled.autodiff.tape import Var, backward, differentiable
from unrolled.exercises.clinic.training import along, first_weights, train_layer
from unrolled.exercises.exercise import Exercise, Wrong

GUESS = np.log(4)  # nats, of four symbols


def cell(x, h_prev, W_xh, W_hh, b_h):
    """A GRU without a reset gate: h = z h_prev + (1 - z) n, the weights of z and n side by side"""
    z, n = ops.split(x @ W_xh + h_prev @ W_hh + b_h, parts=2)
    z, n = ops.sigmoid(z), ops.tanh(n)
    return z * h_prev + (1 - z) * n


def arguments_of_a_step():
    """x, h_prev, W_xh, W_hh and b_h of two blocks: N = 2, D = 3, H = 4."""
    rng = np.random.default_rng(1)
    return [rng.standard_normal(s) for s in ((2, 3), (2, 4), (3, 8), (4, 8), 8)]


def _by_tape(function):
    """The cell as a step with a pullback, which the tape makes."""

    @differentiable
    def step(x, h_prev, W_xh, W_hh, b_h):
        leaves = [Var(a) for a in (x, h_prev, W_xh, W_hh, b_h)]
        h = function(*leaves)

        def pullback(dh):
            for leaf in leaves:
                leaf.grad = None
            backward(h, dh)
            return tuple(np.zeros(leaf.shape) if leaf.grad is None else leaf.grad for leaf in leaves)

        return h.value, pullback

    return step


NAMES = "x", "h_prev", "W_xh", "W_hh", "b_h"


def check_on_tape(function, arguments, used=NAMES):
    """Wrong where a cell leaves the tape, gives another shape than h_prev's, or has no gradient for one of `used`."""
    leaves = [Var(a, name) for name, a in zip(NAMES, arguments)]
    h = function(*leaves)
    if not isinstance(h, Var):
        raise Wrong(
            f"it must return a Var, got {type(h).__name__}: stay on the tape, with operators and unrolled.autodiff.ops"
        )
    if h.shape != (2, 4):
        raise Wrong(f"h must have the shape of h_prev, (2, 4), got {h.shape}")
    if not np.isfinite(h.value).all():
        raise Wrong("h holds numbers that are not finite")
    backward(h, np.ones(h.shape))
    for leaf in leaves:
        if leaf.name in used and (leaf.grad is None or not leaf.grad.any()):
            raise Wrong(f"no gradient comes back to {leaf.name}: it is not used, or the tape was left on its way")
    try:
        gradcheck(function, *arguments, names=NAMES)
    except GradientError as error:
        raise Wrong(f"it leaves the tape somewhere, and a part of the gradient is lost: {error}") from None


def _use_cell(function, arguments, steps):
    check_on_tape(function, arguments)
    layer, rng = along(_by_tape(function), 1), np.random.default_rng(2)
    weights = first_weights(rng, 2)
    h, x = np.zeros((1, 16)), rng.standard_normal((1, 16))
    for _ in range(200):
        h = function(*(Var(a) for a in (x, h, *weights.values()))).value
    if not np.abs(h).max() < 100:
        raise Wrong("the state grows without end: after 200 steps of the same input it is above 100")
    reached = np.mean(train_layer(layer, weights, lag=2, steps=steps)[-10:])
    if not reached < 0.5 * GUESS:
        cost = f"costs {reached:.2f} nats after {steps} steps, a guess {GUESS:.2f}"
        raise Wrong(f"it forgets: the symbol of two steps ago {cost}")
    return ()


CELL = Exercise(
    name="cell",
    statement="Open: invent a cell, on the tape. It gets weights for two blocks of H, and must remember two steps.",
    reference=cell,
    case=lambda rng: {"arguments": arguments_of_a_step(), "steps": 120},
    results=(),
    use=_use_cell,
    seconds=60,
    hints=(
        "One half of the numbers can say how much is kept, the other half what comes in.",
        "ops.split(x @ W_xh + h_prev @ W_hh + b_h, parts=2) gives both; ops.sigmoid makes a gate of one.",
        "With a gate z and a candidate n: z * h_prev + (1 - z) * n. That is a GRU without a reset.",
    ),
)  # fmt: skip

EXERCISES = (CELL,)
