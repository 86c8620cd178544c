"""What the tests of agreement share: PyTorch, where it is installed."""

import pytest


@pytest.fixture(scope="session")
def torch():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed (an extra of its own: make test TORCH=1)")
    torch.set_num_threads(1)
    return torch
