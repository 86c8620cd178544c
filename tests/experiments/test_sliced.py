"""The sliced RNN's experiments at a tiny size: equal weights, one slice is the GRU, and what is counted."""

import numpy as np
import pytest

from unrolled.autodiff.trees import leaves
from unrolled.cells.gru import gru
from unrolled.data.text import one_hot
from unrolled.experiments import sliced
from unrolled.layers.initializers import dense

SIZES = {"n": 3, "levels": 2, "parameters": 1500, "N": 32, "steps": 250, "early": 50, "max_norm": 1.0, "test_size": 400}


def rng(seed=1):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("layers", [1, 3])
def test_both_have_as_many_weights_as_they_may(layers):
    D, M = 6, 4
    for more, few in ((0, True), (1, False)):
        H = sliced.width(D, M, layers, 8000) + more
        params = {"layers": sliced.init(rng(), D, H, layers), "readout": dense(rng(), H, M)}
        assert (sum(W.size for _, W in leaves(params)) <= 8000) == few


def test_the_narrow_gru_has_the_width_of_the_slices():
    few = SIZES | {"steps": 1, "early": 1}
    found = {name: sliced.measure(rng(), "lift", name, 1e-2, **few)["H"] for name in sliced.NETWORKS}
    assert found["narrow gru"] == found["sliced"] < found["gru"]


def test_one_slice_is_the_gru():
    (weights,) = sliced.init(rng(), 3, 5, 1)
    params = {"layers": (weights,), "readout": dense(rng(), 5, 2, dtype=np.float32)}
    tokens = rng().integers(3, size=(6, 4))
    hs = gru(one_hot(tokens, 3, dtype=np.float32), np.zeros((4, 5), np.float32), **weights)
    theirs = hs[-1] @ params["readout"]["W"] + params["readout"]["b"]
    np.testing.assert_allclose(sliced.logits(params, tokens, (6,)), theirs, atol=1e-6)


def test_what_the_slices_save_is_not_steps_of_a_cell():
    """64 steps in slices of 4: 64 + 16 + 4 steps of a cell, 4 + 4 + 4 of them in turn."""
    found = sliced.measure_speed(rng(), 64, 2, n=4, D=3, H=4, repeats=1)
    assert found["cell_steps"] == pytest.approx(84 / 64)
    assert found["in_turn"] == 12
    assert min(found["gru_ms"], found["sliced_ms"]) > 0


@pytest.mark.slow
def test_a_lift_is_followed_from_floor_to_floor_and_not_from_slice_to_slice():
    """3 slices of 3, of 5 floors: who starts at 0 each time cannot know, or has to say it for every floor."""
    found = {network: sliced.measure(rng(), "lift", network, 1e-2, **SIZES) for network in ("gru", "sliced")}
    assert found["gru"]["right"] > max(found["sliced"]["right"], found["gru"]["right_early"], 0.9)
    assert found["gru"]["H"] > found["sliced"]["H"]


@pytest.mark.slow
def test_the_order_of_signals_is_learnt_in_slices():
    found = sliced.measure(rng(), "temporal order", "sliced", 1e-2, **SIZES)
    assert found["right"] > 0.9
