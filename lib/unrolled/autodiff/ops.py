"""Elementary differentiable functions, each with its pullback. The operators of a Var stand in tape.py.

In every pullback, d is the gradient of the value; what is returned is d times the local derivative.
"""

import numpy as np

from unrolled.autodiff.tape import (
    add,
    differentiable,
    divide,
    index,
    matmul,
    multiply,
    negative,
    power,
    subtract,
    unbroadcast,
)

# fmt: off
__all__ = [
    "add", "subtract", "multiply", "divide", "negative", "power", "matmul", "index",
    "tanh", "sigmoid", "relu", "exp", "log", "softmax", "sum", "total", "mean", "where",
    "reshape", "transpose", "concatenate", "stack", "unstack", "split",
]
# fmt: on


@differentiable
def tanh(x):
    """tanh(x); local derivative 1 - tanh(x)^2."""
    y = np.tanh(x)
    return y, lambda d: (d * (1 - y**2),)


@differentiable
def sigmoid(x):
    """1 / (1 + e^-x); local derivative y (1 - y). Through tanh, which cannot overflow: (1 + tanh(x/2)) / 2."""
    y = (1 + np.tanh(x / 2)) / 2
    return y, lambda d: (d * y * (1 - y),)


@differentiable
def relu(x):
    """max(0, x); local derivative 1 where x > 0, else 0. At the kink, x = 0, we take 0."""
    return np.maximum(x, 0), lambda d: (d * (x > 0),)


@differentiable
def exp(x):
    """e^x; its own local derivative."""
    y = np.exp(x)
    return y, lambda d: (d * y,)


@differentiable
def log(x):
    """The natural logarithm; local derivative 1/x. ValueError: x must be positive."""
    if not np.all(np.asarray(x) > 0):
        raise ValueError(f"log(x) needs x > 0, got {np.min(x)}")
    return np.log(x), lambda d: (d / x,)


@differentiable
def softmax(x, *, axis=-1):
    """e^x_i / sum_j e^x_j along an axis. The largest x is taken off first, which changes nothing but the overflow."""
    y = np.exp(x - x.max(axis=axis, keepdims=True))
    y /= y.sum(axis=axis, keepdims=True)
    return y, lambda d: (y * (d - (d * y).sum(axis=axis, keepdims=True)),)


@differentiable
def sum(x, *, axis=None, keepdims=False):
    """The sum over some axes (all by default). Every summand gets the whole gradient."""

    def pullback(d):
        if axis is not None and not keepdims:
            d = np.expand_dims(d, axis)
        return (np.broadcast_to(d, x.shape).copy(),)

    return x.sum(axis=axis, keepdims=keepdims), pullback


@differentiable
def total(*xs):
    """x_1 + x_2 + …, arrays of one shape, as one record of the tape: the losses of all steps."""
    _check_not_a_list(xs)
    return np.sum(xs, axis=0), lambda d: (d,) * len(xs)


@differentiable
def mean(x, *, axis=None, keepdims=False):
    """The mean over some axes (all by default). Every summand gets 1/n of the gradient. ValueError: no element."""
    total, pullback = sum.with_pullback(x, axis=axis, keepdims=keepdims)
    if x.size == 0:
        raise ValueError(f"the mean needs at least one element, got shape {x.shape}")
    n = x.size // total.size
    return total / n, lambda d: pullback(d / n)


@differentiable
def where(condition, a, b):
    """a where the condition holds, else b; the gradient goes to the one that was taken. TypeError: it is not bool."""
    condition = np.asarray(condition)
    if condition.dtype != bool:
        raise TypeError(f"the condition must be bool, got dtype {condition.dtype}")

    def pullback(d):
        return None, unbroadcast(d * condition, np.shape(a)), unbroadcast(d * ~condition, np.shape(b))

    return np.where(condition, a, b), pullback


@differentiable
def reshape(x, *, shape):
    """The same elements in another shape."""
    return x.reshape(shape), lambda d: (d.reshape(x.shape),)


@differentiable
def transpose(x, *, axes=None):
    """Axes in another order (reversed by default)."""
    back = None if axes is None else np.argsort(np.mod(axes, x.ndim))  # mod: axis -1 is the last one
    return x.transpose(axes), lambda d: (d.transpose(back),)


@differentiable
def concatenate(*xs, axis=-1):
    """Arrays one after another along an axis that is there already; the gradient is cut at the same places."""
    _check_not_a_list(xs)
    ends = np.cumsum([x.shape[axis] for x in xs])[:-1]
    return np.concatenate(xs, axis), lambda d: tuple(np.split(d, ends, axis))


@differentiable
def stack(*xs, axis=0):
    """Arrays of one shape along a new axis: T states (N, H) -> (T, N, H)."""
    _check_not_a_list(xs)
    return np.stack(xs, axis), lambda d: tuple(np.moveaxis(d, axis, 0))


@differentiable
def unstack(x, *, axis=0):
    """All steps at once: (T, N, H) -> T arrays (N, H). T indexings would cost T^2, as each fills an array of zeros."""
    return tuple(np.moveaxis(x, axis, 0)), lambda *ds: (np.stack(ds, axis) if ds else np.zeros_like(x),)


@differentiable
def split(x, *, parts, axis=-1):
    """Cut an axis into equal parts: packed gates (N, 4H) -> four (N, H). ValueError: it does not divide."""
    if x.shape[axis] % parts:
        raise ValueError(f"axis {axis} must divide into {parts} parts, got size {x.shape[axis]}")
    return tuple(np.split(x, parts, axis)), lambda *ds: (np.concatenate(ds, axis),)


def _check_not_a_list(xs):
    if any(isinstance(x, list | tuple) for x in xs):
        raise TypeError("each array is an argument of its own: write stack(*hs) or concatenate(a, b), not a list")
