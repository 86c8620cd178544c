"""What the data's functions ask of their arguments, said once: the law and the value."""

import numpy as np


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
