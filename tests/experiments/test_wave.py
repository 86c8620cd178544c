"""The clockwork's experiments at a tiny size: equal weights, the wave as it is said to be, and what each change is."""

import numpy as np
import pytest

from unrolled.autodiff.trees import leaves
from unrolled.cells.clockwork import blocks
from unrolled.cells.rnn import rnn
from unrolled.experiments import wave

TINY = {"T": 64, "blocks": 5, "parameters": 500, "steps": 120, "max_norm": 1.0}
ORDER = {"T": 30, "N": 32, "blocks": 5, "parameters": 1200, "steps": 400, "max_norm": 1.0, "test_size": 400}
TEXT = {"D": 8, "T": 32, "N": 16, "blocks": 5, "parameters": 2500, "steps": 60, "max_norm": 1.0}
ALL = (*wave.NETWORKS, *wave.TOLD, *list(wave.CLOCKWORKS)[1:])


def rng(seed=1):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("network", (*wave.NETWORKS, *wave.TOLD))
def test_networks_have_as_many_weights_as_they_may(network):
    H = wave.width(network, 2, 3, 5, 1500)
    params = wave.init(rng(), network, 2, 3, 5, 1500)
    assert params["readout"]["W"].shape == (H, 3)
    stored = sum(W.size for _, W in leaves(params))
    unread = sum(range(5)) * (H // 5) ** 2 if network == "clockwork" else 0  # 4 + 3 + 2 + 1 pairs of blocks
    assert wave.size(network, 2, H, 3, 5) == stored - unread <= 1500
    assert wave.size(network, 2, H + (5 if network == "clockwork" else 1), 3, 5) > 1500


def test_changed_clockworks_have_its_width():
    assert {wave.width(network, 1, 1, 5, 500) for network in wave.CLOCKWORKS} == {wave.width("clockwork", 1, 1, 5, 500)}


def test_all_start_orthogonal_a_clockwork_within_each_block():
    for network in ALL:
        W = wave.init(rng(), network, 1, 1, 5, 500)["cell"]["W_hh"].astype(float)
        H, columns = W.shape
        width = H // 5 if network in wave.CLOCKWORKS else H
        for start in range(0, H if network in wave.CLOCKWORKS else columns, width):
            rows = slice(start, start + width) if network in wave.CLOCKWORKS else slice(None)
            block = W[rows, start : start + width]
            np.testing.assert_allclose(block @ block.T, np.eye(width), atol=1e-5)


def test_the_fast_block_alone_is_a_plain_network_of_its_width():
    H = wave.width("clockwork", 6, 4, 5, 2000)
    params = wave.init(rng(), wave.FAST, 6, 4, 5, 2000)
    assert {len(params["readout"]["W"]), *params["cell"]["W_hh"].shape} == {H // 5}
    xs = rng().standard_normal((7, 2, 6)).astype(np.float32)
    hs = rnn(xs, np.repeat(params["start"][0], 2, axis=0), **params["cell"])
    theirs = hs @ params["readout"]["W"] + params["readout"]["b"]
    np.testing.assert_allclose(wave.answers(params, xs, wave.FAST, 5), theirs, atol=1e-6)


def test_who_is_told_the_step_reads_its_binary_digits():
    bits = wave.inputs("gru, bits of t", 64, 5)
    assert bits.shape == (64, 1, 5)
    np.testing.assert_array_equal(bits[:, 0] @ 2 ** np.arange(5), np.arange(64) % 32)
    for network in ("gru", "clockwork", "no clock"):
        np.testing.assert_array_equal(wave.inputs(network, 64, 5), np.ones((64, 1, 1)))


def test_what_is_missing_of_each_sine():
    ys = wave.wave(rng(), 320)
    np.testing.assert_allclose(wave.missing(ys, ys), 0, atol=1e-9)
    np.testing.assert_allclose(wave.missing(0 * ys, ys), 1)
    np.testing.assert_allclose(wave.missing(0.5 * ys, ys), 0.25, rtol=1e-4)
    fast = np.sin(2 * np.pi * np.arange(320) / 8)[:, None, None]
    assert np.argmax(np.abs(wave.missing(ys + fast, ys))) == 0, "of the first sine alone something is wrong"
    np.testing.assert_allclose(wave.missing(ys + fast, ys)[1:], 0, atol=1e-6)


def test_a_wave_is_five_sines_and_another_for_each_seed():
    ys, others = wave.wave(rng(), 320)[:, 0, 0], wave.wave(rng(2), 320)[:, 0, 0]
    assert np.abs(ys).max() == 1
    angles = 2 * np.pi * np.arange(320)[:, None] / wave.PERIODS
    basis = np.concatenate([np.sin(angles), np.cos(angles)], axis=1)
    weights, *_ = np.linalg.lstsq(basis, ys.astype(float))
    assert np.abs(basis @ weights - ys).max() < 1e-5
    amplitudes = np.hypot(*weights.reshape(2, 5))
    np.testing.assert_allclose(amplitudes, amplitudes[0], rtol=1e-3)
    assert np.abs(ys - others).max() > 0.1


def test_without_a_clock_it_is_a_plain_network_with_a_triangle_of_weights():
    params = wave.init(rng(), "no clock", 1, 1, 5, 500)
    params["start"] = (rng(3).standard_normal(params["start"][0].shape).astype(np.float32),)
    W = params["cell"]["W_hh"].copy()
    for block in blocks(len(W), (1,) * 5):
        W[: block.own.start, block.own] = 0
    xs = rng().standard_normal((6, 2, 1)).astype(np.float32)
    hs = rnn(xs, np.repeat(params["start"][0], 2, axis=0), **params["cell"] | {"W_hh": W})
    theirs = hs @ params["readout"]["W"] + params["readout"]["b"]
    np.testing.assert_allclose(wave.answers(params, xs, "no clock", 5), theirs, atol=1e-6)
    found = {name: wave.answers(params, xs, name, 5)[-1, 0, 0] for name in wave.CLOCKWORKS}
    assert len(set(found.values())) == 4, "each of them is another network"


@pytest.mark.slow
def test_the_clock_generates_and_what_is_read_is_the_error_over_the_variance():
    tried = ("clockwork", "no clock", "rnn", "rnn, bits of t")
    found = {name: wave.measure(rng(), name, 1e-2, early=40, **TINY) for name in tried}
    assert found["clockwork"]["error"] < 0.1 * min(found[name]["error"] for name in ("no clock", "rnn"))
    assert found["clockwork"]["error"] < found["clockwork"]["error_early"] < 1.1
    training, ys = wave.generate(rng(), "rnn", learning_rate=1e-2, **TINY)
    losses = [step.loss for step in training]
    assert found["rnn"]["error"] == pytest.approx(np.mean(losses[110:]) / ys.var())
    assert found["rnn"]["error_early"] == pytest.approx(np.mean(losses[30:40]) / ys.var())


@pytest.mark.parametrize("network", ALL)
def test_the_first_state_is_learnt(network):
    params = wave.init(rng(), network, wave.inputs(network, 64, 5).shape[-1], 1, 5, 500)
    *_, last = wave.generate(rng(), network, learning_rate=1e-2, **TINY | {"steps": 2})[0]
    moved = [np.any(after != before) for before, after in zip(params["start"], last.params["start"], strict=True)]
    assert moved == [True] * (2 if wave.cell_name(network) == "lstm" else 1)


@pytest.mark.slow
def test_signals_are_caught_in_stretches_sooner_than_anywhere():
    found = {
        where: wave.measure_order(rng(), "all arrows", 1e-2, where, **ORDER) for where in ("stretches", "anywhere")
    }
    assert found["stretches"]["right"] > 0.98 > found["anywhere"]["right"] > 0.4
    assert wave.measure_order(rng(), wave.FAST, 1e-2, "stretches", **ORDER)["H"] == found["anywhere"]["H"] // 5


def test_a_text_is_learnt_from_and_what_is_held_out_is_read():
    found = wave.measure_text(rng(), "rnn", 1e-2, **TEXT)
    more = wave.measure_text(rng(), "rnn", 1e-2, **TEXT | {"steps": 240})
    assert found["held_out"] < 3.1, "who knows how frequent each letter is has 3.1 nats"
    assert more["held_out"] < found["held_out"] - 0.1
    assert found["weights"] <= 2500
    gated = wave.measure_text(rng(), "lstm", 1e-2, **TEXT | {"steps": 5})
    assert gated["H"] < found["H"]
