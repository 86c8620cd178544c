"""Open: an operation of the reader's own."""

import numpy as np

from unrolled.exercises.answers import to_array
from unrolled.exercises.banks.pullbacks import use_pullback
from unrolled.exercises.exercise import Exercise, Wrong


def operation(x):
    """Softplus, log(1 + e^x), whose slope is the sigmoid"""
    return np.log1p(np.exp(x)), lambda d: (d / (1 + np.exp(-x)),)


KNOWN = {"x itself": lambda x: x, "tanh": np.tanh, "relu": lambda x: np.maximum(x, 0)}
KNOWN |= {"the sigmoid": lambda x: 1 / (1 + np.exp(-x))}


def _slope(function, x, d, step=1e-5):
    """dL/dx of L = sum(d * value), by finite differences, number by number."""
    dx = np.empty_like(x)
    for place in np.ndindex(x.shape):
        nudge = np.zeros_like(x)
        nudge[place] = step
        dx[place] = np.sum(d * (function(x + nudge)[0] - function(x - nudge)[0])) / (2 * step)
    return dx


def _use_operation(function, x):
    """The pullback of any operation, beside finite differences."""
    made = function(x.copy())
    value = to_array("the value", made[0] if isinstance(made, tuple | list) and made else None)
    d = np.random.default_rng(0).standard_normal(value.shape)
    _, dx = use_pullback(function, x.copy(), d)
    dx, right = to_array("dx", dx), _slope(function, x, d)
    close = lambda a, b: np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=1e-4, atol=1e-6)
    if not np.isfinite(right).all():
        raise Wrong("the value must be a number for every x, also for negative ones")
    if dx.shape != x.shape:
        raise Wrong(f"dx must have the shape of x, {x.shape}, got {dx.shape}")
    if close(right, 0 * x):
        raise Wrong("the value does not move with x at all: that is no operation to learn through")
    if known := [name for name, law in KNOWN.items() if close(value, law(x))]:
        raise Wrong(f"this is {known[0]}, which the library has: choose another")
    if close(dx, right):
        return ()
    if close(dx, -right):
        raise Wrong("the sign of dx is turned")
    if close(dx, _slope(function, x, np.ones_like(d))):
        raise Wrong("this dx is the slope alone: it is d times the slope")
    if close(dx, d):
        raise Wrong("this dx is d itself: it is d times the slope")
    where = tuple(int(i) for i in np.unravel_index(np.argmax(np.abs(dx - right)), x.shape))
    raise Wrong(f"dx{list(where)} is {dx[where]:.6g}, and finite differences say {right[where]:.6g}")


OPERATION = Exercise(
    name="operation",
    statement="Open: an operation that the library lacks, as a value and its pullback, for x of shape (3, 4).",
    reference=operation,
    case=lambda rng: {"x": rng.standard_normal((3, 4))},
    results=(),
    use=_use_operation,
    hints=(
        "Sine, softplus log(1 + e^x), the maximum along a row: choose one, and find its slope.",
        "dx = d times the slope at x, in a tuple of one: (dx,).",
        "For sine: return np.sin(x), lambda d: (d * np.cos(x),)",
    ),
)  # fmt: skip

EXERCISES = (OPERATION,)
