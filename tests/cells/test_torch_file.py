"""data/torch_gru.npz: PyTorch's weights give PyTorch's numbers here, where PyTorch is not installed."""

import numpy as np
import pytest

from unrolled.cells.convert import from_torch
from unrolled.cells.gru import gru
from unrolled.cells.lstm import lstm
from unrolled.data import folder


def load(cell):
    """xs, the state dict, and the output of PyTorch's module."""
    with np.load(folder() / "torch_gru.npz", allow_pickle=False) as file:
        found = {key.removeprefix(f"{cell}."): file[key] for key in file.files if key.startswith(f"{cell}.")}
        return file["xs"], found, found.pop("output")


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_the_shipped_weights_give_the_shipped_output(cell):
    xs, state, output = load(cell)
    (weights,) = from_torch(cell, state)
    zero = np.zeros(output.shape[1:])
    hs = gru(xs, zero, **weights) if cell == "gru" else lstm(xs, zero, zero, **weights)[0]
    np.testing.assert_allclose(hs, output, atol=1e-12)


def test_another_order_of_the_gates_gives_other_numbers():
    xs, state, output = load("gru")
    swapped = {key: np.roll(array, 5, axis=0) for key, array in state.items()}
    (weights,) = from_torch("gru", swapped)
    assert np.abs(gru(xs, np.zeros(output.shape[1:]), **weights) - output).max() > 0.1
