"""Gradient flow, truncation and clipping at a tiny size: laws that must hold exactly, and directions that must show."""

import numpy as np
import pytest

from unrolled.autodiff.tape import value_and_grad
from unrolled.autodiff.trees import leaves, tree_map
from unrolled.cells.rnn import rnn
from unrolled.experiments import clipping, gradient_flow, truncation
from unrolled.experiments.networks import elman, stream_loss, zero_state
from unrolled.layers.dense import linear
from unrolled.layers.losses import cross_entropy
from unrolled.learning.optimizers import global_norm
from unrolled.probes.gradients import cosine, largest_singular_value, spectral_radius

SIZES = {"T": 40, "N": 3}


def rng(seed=1):
    return np.random.default_rng(seed)


def test_the_matrix_has_the_singular_value_that_was_asked_for():
    for kind in ("orthogonal", "gaussian"):
        W = gradient_flow.recurrent_matrix(rng(), kind, 1.5, 16)
        assert largest_singular_value(W) == pytest.approx(1.5)
    assert np.allclose(np.linalg.svd(gradient_flow.recurrent_matrix(rng(), "orthogonal", 1.5, 16))[1], 1.5)
    assert spectral_radius(gradient_flow.recurrent_matrix(rng(), "gaussian", 1.5, 64)) < 0.95
    with pytest.raises(ValueError, match='must be "orthogonal" or "gaussian", got \'unit\''):
        gradient_flow.recurrent_matrix(rng(), "unit", 1.5, 16)


@pytest.mark.parametrize("activation, inputs", [("identity", "zero"), ("identity", "normal"), ("tanh", "zero")])
def test_where_the_local_derivative_is_1_the_gradient_is_a_power_of_the_matrix(activation, inputs):
    W = gradient_flow.recurrent_matrix(rng(), "gaussian", 2.0, 16)
    norms = gradient_flow.backward_norms(rng(2), W, activation=activation, inputs=inputs, **SIZES)
    draw = rng(2)
    draw.standard_normal((16, 16))
    G = draw.standard_normal((3, 16))
    expected = [np.linalg.norm(G @ np.linalg.matrix_power(W.T, 40 - t)) for t in range(41)]
    assert np.allclose(norms, expected, rtol=1e-9)


def test_tanh_that_hears_inputs_loses_more_than_the_linear_recurrence():
    W = gradient_flow.recurrent_matrix(rng(), "orthogonal", 1.1, 16)
    linear, tanh = (
        gradient_flow.backward_norms(rng(), W, activation=activation, inputs="normal", **SIZES)
        for activation in ("identity", "tanh")
    )
    assert linear[0] / linear[-1] == pytest.approx(1.1**40)
    assert tanh[0] / tanh[-1] < 1e-3
    with pytest.raises(ValueError, match='must be "zero" or "normal", got \'none\''):
        gradient_flow.backward_norms(rng(), W, activation="tanh", inputs="none", **SIZES)


def test_a_sigmoid_flattens_at_least_fourfold():
    W = gradient_flow.recurrent_matrix(rng(), "orthogonal", 3.9, 16)
    norms = gradient_flow.backward_norms(rng(2), W, activation="sigmoid", inputs="normal", **SIZES)
    assert np.all(norms[:-1] <= 3.9 / 4 * norms[1:])
    draw = rng(2)
    W_xh, G, xs = draw.normal(0, 1 / 4, (16, 16)), draw.standard_normal((3, 16)), draw.standard_normal((40, 3, 16))
    h = np.zeros((3, 16))
    for x in xs:
        h = 1 / (1 + np.exp(-(x @ W_xh + h @ W)))
    assert norms[-2] == pytest.approx(np.linalg.norm((G * h * (1 - h)) @ W.T))


def test_the_slope_is_per_step_back():
    assert gradient_flow.log_slope(0.9 ** np.arange(30)[::-1]) == pytest.approx(np.log(0.9))
    assert gradient_flow.log_slope(1.5 ** np.arange(30)[::-1]) == pytest.approx(np.log(1.5))


def test_a_gaussian_matrix_above_1_vanishes_at_the_rate_of_its_radius():
    found = gradient_flow.measure(rng(), "gaussian", 1.5, "identity", "normal", H=64, T=99, N=4)
    assert found["radius"] < 1
    assert found["ratio"] < 1e-5
    assert found["slope"] == pytest.approx(found["log_radius"], abs=0.02)


def stream(T=12, N=4, H=8):
    params = truncation.init(rng(), 0.9, H)
    return params, *truncation.sequences(rng(), T, N, "random", 3)


def test_the_window_of_the_whole_sequence_gives_the_full_gradient():
    params, xs, targets = stream()
    loss = lambda params: stream_loss(params, xs, targets, zero_state(params, 4), reduction="batch")[0]
    _, full = value_and_grad(loss)(params)
    for k in (12, 20):
        found = truncation.gradient(params, xs, targets, k)
        assert [path for path, _ in leaves(found)] == [path for path, _ in leaves(full)]
        assert all(np.allclose(a, b, rtol=1e-12) for (_, a), (_, b) in zip(leaves(found), leaves(full)))


def test_a_window_of_one_step_carries_the_state_and_no_gradient():
    params, xs, targets = stream()
    found = truncation.gradient(params, xs, targets, 1)
    state, total = zero_state(params, 4), 0
    for t in range(12):
        x, h_prev = xs[t], state
        state = np.tanh(x @ params["rnn"]["W_xh"] + h_prev @ params["rnn"]["W_hh"])
        logits = state @ params["readout"]["W"]
        p = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
        dz = ((p - np.eye(2)[targets[t]]) / 4) @ params["readout"]["W"].T * (1 - state**2)
        total = total + h_prev.T @ dz
    assert np.allclose(found["rnn"]["W_hh"], total, rtol=1e-12)


def test_a_longer_window_points_nearer_to_the_full_gradient():
    sizes = {"targets": "echo", "W_hh": "glorot", "H": 16, "N": 16, "T": 30, "delay": 3}
    for kind in ("chunks", "sliding"):
        found = [truncation.measure_cosine(rng(), kind, k=k, **sizes)["cosine"] for k in (1, 7, 30)]
        assert found[0] < found[1] < found[2] == pytest.approx(1)


def test_a_sliding_window_sends_each_loss_k_steps_back():
    """Beside one run for each loss, from the state before its window, which is an array."""
    k, (params, xs, targets) = 3, stream()
    hs = rnn(xs, zero_state(params, 4), **params["rnn"])
    total = tree_map(np.zeros_like, params)
    for t in range(12):
        start = max(0, t - k + 1)
        h = hs[start - 1] if start else zero_state(params, 4)
        mask = np.zeros((t + 1 - start, 4), bool)
        mask[-1] = True

        def loss(params, window=slice(start, t + 1), h=h, mask=mask):
            logits = linear(rnn(xs[window], h, **params["rnn"]), **params["readout"])
            return cross_entropy(logits, targets[window], mask)

        total = tree_map(np.add, total, value_and_grad(loss)(params)[1])
    found = truncation.sliding_gradient(params, xs, targets, k)
    assert [path for path, _ in leaves(found)] == [path for path, _ in leaves(total)]
    assert all(np.allclose(a, b, rtol=1e-12) for (_, a), (_, b) in zip(leaves(found), leaves(total)))


def test_one_step_is_the_same_in_chunks_and_in_a_sliding_window():
    found, chunks = (cut(*stream(), 1) for cut in (truncation.sliding_gradient, truncation.gradient))
    assert all(np.allclose(a, b, rtol=1e-12) for (_, a), (_, b) in zip(leaves(found), leaves(chunks)))


def test_averaging_cures_the_noise_of_sgd_and_not_the_bias_of_truncation():
    sizes = {"H": 16, "T": 30, "delay": 3, "sequences_in_all": 512}
    few, many = (truncation.measure_bias(rng(), 30, n, **sizes)["cosine"] for n in (1, 128))
    truncated = truncation.measure_bias(rng(), 1, 128, **sizes)["cosine"]
    assert few < many
    assert many > 0.995
    assert truncated < 0.95


def test_memory_grows_with_T_in_full_and_not_in_chunks():
    sizes = {"H": 64, "N": 32, "k": 25, "delay": 3, "repeats": 1}
    short, long = (truncation.measure_cost(rng(), T, **sizes) for T in (100, 1600))
    assert 12 < long["memory_full_MB"] / short["memory_full_MB"] < 17
    assert long["memory_truncated_MB"] < 1.1 * short["memory_truncated_MB"], "not even the stream is held"
    assert all(value > 0 for value in long.values())


def test_sequences_are_what_they_are_called():
    xs, targets = truncation.sequences(rng(), 20, 4, "echo", 3)
    assert np.array_equal(targets[3:], xs[:-3, :, 0])
    xs, targets = truncation.sequences(rng(), 200, 4, "random", 3)
    assert abs(np.mean(targets[3:] == xs[:-3, :, 0]) - 0.5) < 0.1
    with pytest.raises(ValueError, match='must be "echo" or "random", got \'xor\''):
        truncation.sequences(rng(), 20, 4, "xor", 3)


def test_clipping_of_two_numbers_by_hand():
    found = clipping.compare({"layer": {"W": np.array([3.0, 0.5])}}, 1)
    assert found["norm"] == pytest.approx(np.hypot(3, 0.5))
    assert found["cosine_norm"] == pytest.approx(1)
    assert found["norm_value"] == pytest.approx(np.hypot(1, 0.5))
    assert found["cosine_value"] == pytest.approx((3 * 1 + 0.5 * 0.5) / np.hypot(3, 0.5) / np.hypot(1, 0.5))
    assert found["share_clipped"] == 0.5


def test_gradients_explode_where_they_are_said_to():
    small, large = (clipping.exploding_gradient(rng(), T=20, H=16, N=4, gain=gain) for gain in (1.0, 3.0))
    assert global_norm(large) > 100 * global_norm(small)
    found = clipping.compare(large, 1.0)
    assert found["cosine_norm"] == pytest.approx(1)
    assert found["cosine_value"] < 0.9


def test_the_largest_gradient_of_a_run_is_kept_as_it_was_before_the_clip():
    sizes = {"T": 10, "H": 10, "N": 5, "std": 0.5, "learning_rate": 0.1, "max_norm": 1e-3}
    first = clipping.largest_gradient(rng(), **sizes, steps=1)
    largest = clipping.largest_gradient(rng(), **sizes, steps=30)
    assert global_norm(first) > 1e-2, "raw, not clipped"
    assert global_norm(largest) > global_norm(first)
    assert cosine(first, largest) < 0.999


def test_weights_are_drawn_as_asked():
    params = elman(rng(), 3, 200, 5, std=0.1, dtype=np.float32)
    assert {leaf.dtype for _, leaf in leaves(params)} == {np.dtype(np.float32)}
    assert np.std(params["rnn"]["W_hh"]) == pytest.approx(0.1, rel=0.05)
    params = elman(rng(), 3, 200, 5, recurrent_std=0.01)
    assert np.std(params["rnn"]["W_hh"]) == pytest.approx(0.01, rel=0.05)
    assert np.std(params["readout"]["W"]) > 0.05
    assert [leaf.shape for _, leaf in leaves(params)] == [(3, 200), (200, 200), (200,), (200, 5), (5,)]
