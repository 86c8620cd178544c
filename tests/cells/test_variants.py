"""Every variant beside its formula in plain NumPy, its gradients beside finite differences, and what it must equal."""

import numpy as np
import pytest

from unrolled.autodiff.gradcheck import gradcheck
from unrolled.cells.gru import gru, gru_reset_before
from unrolled.cells.lstm import lstm, lstm_peephole
from unrolled.cells.variants import VARIANTS, coupled, initial, mut1, over_steps, with_forget_gate, zero_states

T, N, H = 4, 3, 2
SHOWS_ALL = "NOG", "carousel", "+ input gate", "forget and input", "forget alone"  # no output gate


def sigma(z):
    return 1 / (1 + np.exp(-z))


def setup(name, D=H):
    """xs, states and weights, all of them random: a zero hides a forgotten term."""
    rng = np.random.default_rng(7)
    noisy = lambda array: array + 0.5 * rng.standard_normal(array.shape)
    weights = {key: noisy(W) for key, W in initial(rng, name, D, H).items()}
    return rng.standard_normal((T, N, D)), tuple(map(noisy, zero_states(name, N, H))), weights


def lstm_law(name, x, h, c, gates, w):
    """One step of the LSTM with everything in it, and what a name takes away."""
    p_i, p_f, p_o = np.split(w["p"], 3) if "p" in w else (0, 0, 0)
    r = np.split(gates @ w["R"], 3, axis=1) if "R" in w else (0, 0, 0)
    z = [x @ w["W_xh"][:, k : k + H] + h @ w["W_hh"][:, k : k + H] + w["b_h"][k : k + H] for k in range(0, 4 * H, H)]
    i, f = sigma(z[0] + p_i * c + r[0]), sigma(z[1] + p_f * c + r[1])
    g = z[3] if name == "NIAF" else np.tanh(z[3])
    i = np.ones_like(i) if name in ("NIG", "carousel", "forget alone") else i
    f = np.ones_like(f) if name in ("NFG", "carousel", "+ input gate", "+ output gate") else f
    f = 1 - i if name == "CIFG" else f
    c = f * c + i * g
    o = np.ones_like(c) if name in SHOWS_ALL else sigma(z[2] + p_o * c + r[2])
    return o * (c if name == "NOAF" else np.tanh(c)), c, np.concatenate([i, f, o], axis=1)


def other_law(name, x, h, w):
    """MUT1–3 from their paper, the minGRU, and the leaky integrator."""
    if name == "leaky integrator":
        return w["z"] * h + (1 - w["z"]) * np.tanh(x @ w["W_xh"] + h @ w["W_hh"] + w["b_h"])
    if name == "minGRU":
        z, n = np.split(x @ w["W_xh"] + w["b_h"], 2, axis=1)
        return sigma(z) * h + sigma(-z) * n
    in_z = {"MUT1": lambda: 0, "MUT2": lambda: h @ w["U_z"], "MUT3": lambda: np.tanh(h) @ w["U_z"]}[name]()
    z = sigma(x @ w["W_z"] + in_z + w["b_z"])
    r = sigma((x if name == "MUT2" else x @ w["W_r"]) + h @ w["U_r"] + w["b_r"])
    n = np.tanh((r * h) @ w["U"] + (np.tanh(x) if name == "MUT1" else x @ w["W"]) + w["b"])
    return n * z + h * (1 - z)


@pytest.mark.parametrize("name", [name for name in VARIANTS if name != "GRU"])
def test_a_variant_is_its_formula(name):
    xs, states, weights = setup(name)
    hs, last = over_steps(VARIANTS[name].step, xs, states, weights)
    h, c, gates = (*states, 0, 0)[:3]
    for x, ours in zip(xs, hs, strict=True):
        if len(states) == 1:
            h = other_law(name, x, h, weights)
        else:
            h, c, gates = lstm_law(name, x, h, c, gates, weights)
        np.testing.assert_allclose(ours, h, rtol=1e-12)
    for ours, theirs in zip(last, (h, c, gates)):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("name", VARIANTS)
def test_a_variants_gradients_are_those_of_finite_differences(name):
    run = lambda xs, states, weights: over_steps(VARIANTS[name].step, xs, states, weights)[0]
    gradcheck(run, *setup(name), tolerance=1e-6)


@pytest.mark.parametrize(
    "name, kernel", [("+ forget gate", lstm), ("NP", lstm), ("vanilla", lstm_peephole), ("GRU", gru)]
)
def test_the_full_forms_are_the_kernels(name, kernel):
    xs, states, weights = setup(name, D=5)
    hs = kernel(xs, *states, **weights)
    hs = hs[0] if isinstance(hs, tuple) else hs
    np.testing.assert_allclose(over_steps(VARIANTS[name].step, xs, states, weights)[0], hs, rtol=1e-12)


def test_a_leaky_integrator_is_a_gru_with_a_constant_gate():
    """The reset stands open, z hears nothing: sigmoid(40) is 1, and the bias of z is logit(z)."""
    xs, states, weights = setup("leaky integrator", D=5)
    weights["z"] = np.array([0.3, 0.9])
    W_xh, W_hh = (np.concatenate([0 * W, 0 * W, W], axis=1) for W in (weights["W_xh"], weights["W_hh"]))
    b_h = np.concatenate([[40.0, 40.0], np.log(weights["z"] / (1 - weights["z"])), weights["b_h"]])
    ours = over_steps(VARIANTS["leaky integrator"].step, xs, states, weights)[0]
    np.testing.assert_allclose(ours, gru_reset_before(xs, *states, W_xh, W_hh, b_h), rtol=1e-12)


@pytest.mark.parametrize("name, unused", [("carousel", "ifo"), ("+ input gate", "fo"), ("+ output gate", "f")])
def test_a_gate_that_is_not_there_has_no_gradient(name, unused):
    xs, states, weights = setup(name)
    for gate in unused:
        k = "ifog".index(gate) * H
        changed = {key: W.copy() for key, W in weights.items()}
        for W in changed.values():
            W[..., k : k + H] += 1
        step = VARIANTS[name].step
        np.testing.assert_array_equal(
            over_steps(step, xs, states, changed)[0], over_steps(step, xs, states, weights)[0]
        )


def test_first_weights():
    rng = np.random.default_rng(0)
    weights = initial(rng, "FGR", 5, 3, forget=2.0, dtype=np.float32)
    assert {k: W.shape for k, W in weights.items()} == {
        "W_xh": (5, 12), "W_hh": (3, 12), "b_h": (12,), "p": (9,), "R": (9, 9),
    }  # fmt: skip
    assert {W.dtype for W in weights.values()} == {np.dtype(np.float32)}
    np.testing.assert_array_equal(weights["b_h"], [0] * 3 + [2] * 3 + [0] * 6)
    assert (initial(rng, "MUT3", 5, 3)["b_z"] < 0).all()
    assert [s.shape for s in zero_states("FGR", 2, 3)] == [(2, 3), (2, 3), (2, 9)]
    with pytest.raises(ValueError, match="D must be H = 3, got 5"):
        initial(rng, "MUT1", 5, 3)
    with pytest.raises(ValueError, match="the variant must be one of carousel, .*, got 'MUT4'"):
        initial(rng, "MUT4", 3, 3)


def test_the_formulas_stand_apart():
    """The comparison has power: a neighbour's law is not this one's."""
    xs, states, weights = setup("CIFG")
    h, *_ = coupled(xs[0], *states, **weights)
    del weights["p"]
    assert np.abs(h - with_forget_gate(xs[0], *states, **weights)[0]).max() > 0.01
    xs, states, weights = setup("MUT1")
    assert np.abs(mut1(xs[0], *states, **weights)[0] - other_law("MUT1", xs[0], *states, weights)).max() < 1e-12
