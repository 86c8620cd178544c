"""Held gates, the direct path and the cell's gradient: beside the kernel, finite differences, and closed forms."""

import numpy as np
import pytest

from unrolled.cells.lstm import lstm
from unrolled.cells.variants import initial
from unrolled.probes.gates import cell_gradient_norms, paths, trace

T, H = 6, 3


@pytest.fixture
def run():
    rng = np.random.default_rng(3)
    weights = initial(rng, "NP", H, H)
    weights = {key: W + 0.5 * rng.standard_normal(W.shape) for key, W in weights.items()}
    return rng.standard_normal((T, 1, H)), *rng.standard_normal((2, 1, H)), *weights.values()


def test_a_trace_without_interventions_is_the_kernels_run(run):
    found, (hs, cs) = trace(*run), lstm(*run)
    np.testing.assert_allclose(found.h, hs, rtol=1e-12)
    np.testing.assert_allclose(found.c, cs, rtol=1e-12)
    np.testing.assert_allclose(found.h, found.o * np.tanh(found.c), rtol=1e-12)


@pytest.mark.parametrize("gate", ["i", "f", "o"])
@pytest.mark.parametrize("value", [0.0, 0.25, 1.0])
def test_a_held_gate_stands(run, gate, value):
    """A bias of ±100 or logit(1/4), with no weights, holds it in the kernel, too."""
    xs, h0, c0, W_xh, W_hh, b_h = run
    k = "ifog".index(gate) * H
    W_xh, W_hh, b_h = W_xh.copy(), W_hh.copy(), b_h.copy()
    W_xh[:, k : k + H], W_hh[:, k : k + H] = 0, 0
    b_h[k : k + H] = {0.0: -100, 0.25: -np.log(3), 1.0: 100}[value]
    found, (hs, cs) = trace(*run, hold={gate: value}), lstm(xs, h0, c0, W_xh, W_hh, b_h)
    assert (getattr(found, gate) == value).all()
    np.testing.assert_allclose(found.h, hs, atol=1e-12)
    np.testing.assert_allclose(found.c, cs, atol=1e-12)


def test_a_silent_cell_is_zero_and_the_others_hear_it(run):
    c0 = run[2].copy()
    found = trace(*run, silent=[1])
    assert (found.c[..., 1] == 0).all()
    assert (found.h[..., 1] == 0).all()
    assert np.abs(found.h - trace(*run).h)[..., [0, 2]].max() > 1e-3
    np.testing.assert_array_equal(run[2], c0)


def test_the_whole_jacobian_is_that_of_finite_differences(run):
    xs, h0, c0, *weights = run
    found = paths(*run)
    for k in range(H):
        up, down = (lstm(xs, h0, c0 + e * np.eye(H)[k], *weights)[1][-1, 0] for e in (1e-6, -1e-6))
        np.testing.assert_allclose(found.whole[:, k], (up - down) / 2e-6, atol=1e-8)
    np.testing.assert_allclose(np.diag(found.direct), trace(*run).f.prod(0)[0])


def test_without_recurrent_weights_the_direct_path_is_all(run):
    xs, h0, c0, W_xh, W_hh, b_h = run
    found = paths(xs, h0, c0, W_xh, 0 * W_hh, b_h)
    np.testing.assert_allclose(found.whole, found.direct, atol=1e-14)


def test_the_cells_gradient_is_the_jacobians(run):
    G = np.random.default_rng(0).standard_normal((1, H))
    norms = cell_gradient_norms(G, *run)
    assert norms.shape == (T + 1,)
    assert norms[0] == pytest.approx(np.linalg.norm(G @ paths(*run).whole))
    assert norms[-1] == pytest.approx(np.linalg.norm(G))


def test_laws(run):
    with pytest.raises(ValueError, match="hold takes gates i, f, o with a number from 0 to 1, got 'g': 1"):
        trace(*run, hold={"g": 1})
    with pytest.raises(ValueError, match="from 0 to 1, got 'f': 2"):
        trace(*run, hold={"f": 2})
    with pytest.raises(ValueError, match=r"silent units must be from 0 to H - 1 = 2, got \[3\]"):
        trace(*run, silent=3)
    xs, h0, c0, *weights = run
    with pytest.raises(ValueError, match=r"h0 must be \(1, H\), got \(2, 3\)"):
        paths(xs, np.zeros((2, H)), c0, *weights)
