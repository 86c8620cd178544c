"""What a function asks of its arrays, said once: the law and the value, where the mistake enters."""

from functools import lru_cache

import numpy as np


def check_arrays(law, *arrays):
    """check_arrays("xs T N D, h0 N H", xs, h0): shapes that agree by letter, and one floating dtype.

    A letter is bound where it first stands, so list first the arrays that set the sizes. 4H is four times H, which
    stands before it.
    Returns the sizes as a dict. TypeError: no floating array, or two dtypes. ValueError: a shape that breaks the law.
    """
    sizes, laws = {}, _parse(law)
    for (name, axes), array in zip(laws, arrays, strict=True):
        if not isinstance(array, np.ndarray) or array.dtype.kind != "f":
            raise TypeError(f"{name} must be an array of floats, got {_kind(array)}")
        if array.dtype != arrays[0].dtype:
            first = f"{laws[0][0]} is {arrays[0].dtype}"
            raise TypeError(f"all arrays must have one dtype: {first}, {name} is {array.dtype}")
        for axis, size in zip(axes, array.shape, strict=False):
            sizes.setdefault(axis, int(axis[0]) * sizes[axis[1:]] if axis[0].isdigit() else size)
        if len(axes) != array.ndim or array.shape != tuple(sizes[axis] for axis in axes):
            end = "," if len(axes) == 1 else ""
            letters, numbers = ", ".join(axes) + end, ", ".join(str(sizes.get(axis, axis)) for axis in axes) + end
            raise ValueError(f"{name} must be ({letters}) = ({numbers}), got {array.shape}")
    return sizes


@lru_cache
def _parse(law):
    """A name and its axes for each array; every law is read once, because a step is called for each symbol."""
    return [(name, axes) for name, *axes in map(str.split, law.split(","))]


def check_integers(name, array, below):
    """Whole numbers from 0 to below - 1: token ids, class targets."""
    array = np.asarray(array)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} must be integers from 0 to {below - 1}, got dtype {array.dtype}")
    if array.size and not 0 <= array.min() <= array.max() < below:
        wrong = array[(array < 0) | (array >= below)].flat[0]
        raise ValueError(f"{name} must be integers from 0 to {below - 1}, got {wrong}")
    return array


def check_count(least=1, **counts):
    """Whole numbers >= least: check_count(N=N, T=T). ValueError names the first that is not."""
    for name, value in counts.items():
        whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
        if not whole or value < least:
            raise ValueError(f"{name} must be a whole number >= {least}, got {value!r}")


def check_rng(rng):
    """A generator of its own, passed in, so that a run can be repeated. TypeError: anything else, such as a seed."""
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng must be a numpy.random.Generator, as np.random.default_rng(1) makes one, got {rng!r}")


def _kind(value):
    return f"dtype {value.dtype}" if isinstance(value, np.ndarray) else type(value).__name__
