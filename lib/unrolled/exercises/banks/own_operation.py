"""Open: an operation of the reader's own."""

import inspect
from itertools import product

import numpy as np

from unrolled.autodiff import ops, tape
from unrolled.exercises.answers import to_array
from unrolled.exercises.banks.pullbacks import use_pullback
from unrolled.exercises.exercise import Exercise, Wrong


def operation(x):
    """Softplus, log(1 + e^x), whose slope is the sigmoid"""
    return np.log1p(np.exp(x)), lambda d: (d / (1 + np.exp(-x)),)


WIDER = 9  # times x: two functions that agree there, too, are the same, and not just alike near 0


def _library(x, shape):
    """(what it is, its value) of each call of the library that takes x alone; shape: that of the answer's value.

    Powers are left out: x * x is a fair first choice.
    """
    cut = lambda n: [*range(n), *(slice(i, j) for i in range(n) for j in range(i + 1, n + 1))]
    options = {"axis": (None, *range(x.ndim)), "keepdims": (False, True), "axes": (None,), "shape": (shape,)}
    options |= {"parts": range(2, max(x.shape) + 1), "key": [*product(*map(cut, x.shape))], "exponent": ()}
    for function in (f for f in (vars(tape) | vars(ops)).values() if hasattr(f, "with_pullback")):
        parameters = list(inspect.signature(function).parameters.values())
        several, names = parameters[0].kind is parameters[0].VAR_POSITIONAL, [p.name for p in parameters[1:]]
        if any(p.kind is not p.KEYWORD_ONLY for p in parameters[1:]):
            continue
        for chosen in product(*(options[name] for name in names)):
            try:
                made = function(*[x] * (1 + several), **dict(zip(names, chosen)))
            except (TypeError, ValueError):
                continue  # x cannot be cut or shaped so
            for part in made if isinstance(made, tuple) else (made,):
                yield "x[…]" if function is tape.index else function.__name__, part


def _find_known(function, x, value):
    """What the library calls the answer, which gives value for x; None where it has nothing like it."""
    if value.shape == x.shape:
        a, b = np.polyfit(x.ravel(), value.ravel(), 1)
        if _close(value, a * x + b) and _close(function(WIDER * x)[0], a * WIDER * x + b):
            return f"a straight line, {a:.4g} x + {abs(b.round(6)):.4g}".replace("+", "+" if b > -1e-6 else "-")
    for k, (name, known) in enumerate(_library(x, value.shape)):
        if _close(value, known):
            wider = [part for _, part in _library(WIDER * x, value.shape)][k]
            if _close(function(WIDER * x)[0], wider):
                return name
    return None


def _close(a, b):
    return np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=1e-4, atol=1e-6)


def _slope(function, x, d, step=1e-5):
    """dL/dx of L = sum(d * value), by finite differences, number by number."""
    dx = np.empty_like(x)
    for place in np.ndindex(x.shape):
        nudge = np.zeros_like(x)
        nudge[place] = step
        dx[place] = np.sum(d * (function(x + nudge)[0] - function(x - nudge)[0])) / (2 * step)
    return dx


def _use_operation(function, x):
    """The pullback of any operation, beside finite differences, near 0 and further away."""
    given = x.copy()
    made = function(given)
    value = to_array("the value", made[0] if isinstance(made, tuple | list) and made else None)
    if not np.array_equal(given, x):
        raise Wrong("it writes into its argument x: work on a copy, or make a new array")
    if not np.allclose(value, function(x.copy())[0], equal_nan=True):
        raise Wrong("a second call with the same x gives another value: its slope cannot be checked, nor can its law")
    _check_slope(function, x)
    if known := _find_known(function, x, value):
        raise Wrong(f"this is {known}, which the library has: choose another")
    wide = _slope(function, 3 * x, np.random.default_rng(1).standard_normal(value.shape))
    if np.isfinite(wide).all() and not _close(wide, 0 * x):
        _check_slope(function, 3 * x)
    return ()


def _check_slope(function, x):
    """Raise Wrong where dx is not d times the slope at x."""
    given = x.copy()
    made = function(given)
    d = np.random.default_rng(0).standard_normal(np.shape(made[0]))
    sent = d.copy()
    _, dx = use_pullback(lambda x: made, given, sent)
    dx, right = to_array("dx", dx), _slope(function, x, d)
    if not np.isfinite(right).all():
        raise Wrong("the value must be a number for every x, also for negative ones")
    if not (np.array_equal(given, x) and np.array_equal(sent, d)):
        raise Wrong("the pullback writes into x or d: it must make a new array")
    if dx.shape != x.shape:
        raise Wrong(f"dx must have the shape of x, {x.shape}, got {dx.shape}")
    if _close(right, 0 * x):
        raise Wrong("the value does not move with x at all: that is no operation to learn through")
    if _close(dx, right):
        return
    if _close(dx, -right):
        raise Wrong("the sign of dx is turned")
    if _close(dx, _slope(function, x, np.ones_like(d))):
        raise Wrong("this dx is the slope alone: it is d times the slope")
    if _close(dx, d):
        raise Wrong("this dx is d itself: it is d times the slope")
    where = tuple(int(i) for i in np.unravel_index(np.argmax(np.abs(dx - right)), x.shape))
    at = f"where x is {x[where]:.4g}, dx{list(where)}"
    raise Wrong(f"{at} is {dx[where]:.6g}, and finite differences say {right[where]:.6g}")


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
