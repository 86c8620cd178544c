"""The benchmark compares like with like: the plain programs and the kernels compute the same numbers."""

import sys
from importlib import util
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def load():
    """load(name): a program of benchmarks/, which is a folder of programs, not a package."""

    def from_file(name):
        spec = util.spec_from_file_location(name, BENCHMARKS / f"{name}.py")
        module = sys.modules[name] = util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    names = "plain", "sides", "fast_char_rnn"  # each after those that it imports
    yield lambda name: {n: from_file(n) for n in names}[name]
    for name in names:
        sys.modules.pop(name, None)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_the_plain_program_computes_what_the_kernel_computes(load, cell):
    sides = load("sides")
    shape = 3, 5, 4, 6
    values, dxs, dweights = sides.fast(cell, shape)()
    hs, plain_dxs, gradients, *db_hn = sides.plain(cell, shape)()
    T = shape[1]
    ours = values[0] if cell == "lstm" else values
    np.testing.assert_allclose(ours, np.stack([hs[t] for t in range(T)]), atol=1e-5)
    np.testing.assert_allclose(dxs, plain_dxs, atol=1e-5)
    names = list(gradients)
    for k, packed in enumerate(dweights[:3]):  # W_xi, W_hi, b_i, W_xf, …
        np.testing.assert_allclose(packed, np.concatenate([gradients[n] for n in names[k::3]], axis=-1), atol=1e-5)
    for ours, theirs in zip(dweights[3:], db_hn, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_the_three_character_models_learn_the_same(load):
    tokens = np.random.default_rng(0).integers(9, size=200)
    sizes = {"V": 9, "H": 8, "T": 5}
    losses = [
        list(islice(program(tokens, **sizes), 35))
        for program in (load("plain").min_char_rnn, load("fast_char_rnn").by_hand, load("fast_char_rnn").by_fit)
    ]
    np.testing.assert_allclose(losses[1], losses[0], rtol=1e-3)
    np.testing.assert_allclose(losses[2], losses[0], rtol=1e-3)
    assert np.isclose(losses[0][0], 5 * np.log(9), rtol=1e-2)
