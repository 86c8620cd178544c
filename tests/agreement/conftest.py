"""What the tests of agreement share: PyTorch, where it is installed, and copies of the library with a mistake in it."""

import inspect
import sys

import pytest


@pytest.fixture(scope="session")
def torch():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed (an extra of its own: make test TORCH=1)")
    torch.set_num_threads(1)
    return torch


@pytest.fixture(scope="session")
def mutant():
    """mutant(thing, old, new): a copy of a function or class of the library, in which `old` reads `new`."""

    def make(thing, old, new):
        source = inspect.getsource(thing)
        assert source.count(old) == 1, f"{old!r} must stand once in {thing.__name__}"
        scope = dict(vars(sys.modules[thing.__module__]))
        exec(source.replace(old, new), scope)
        return scope[thing.__name__]

    return make
