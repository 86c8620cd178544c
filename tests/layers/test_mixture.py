"""The mixture density: its gradient, its law written out in full, and that what it draws has its moments."""

import numpy as np
import pytest

from unrolled.autodiff.gradcheck import gradcheck
from unrolled.layers.mixture import draw_move, mixture_nats


def example(M=3, T=4, N=3):
    rng = np.random.default_rng(0)
    mask = rng.random((T, N)) < 0.7
    mask[0] = True
    lifts = (rng.random((T, N)) < 0.5).astype(float)
    return rng.standard_normal((T, N, 6 * M + 1)), rng.standard_normal((T, N, 2)), lifts, mask


def slow_nats(outputs, move, lift):
    """One point, by the formula of the bivariate normal density with its matrix."""
    weights, mu_x, mu_y, log_x, log_y, r = np.split(outputs[:-1], 6)
    pi = np.exp(weights) / np.exp(weights).sum()
    density = 0
    for j in range(len(pi)):
        a, b, rho = np.exp(log_x[j]), np.exp(log_y[j]), np.tanh(r[j])
        S = np.array([[a * a, rho * a * b], [rho * a * b, b * b]])
        off = move - [mu_x[j], mu_y[j]]
        density += pi[j] * np.exp(-off @ np.linalg.inv(S) @ off / 2) / (2 * np.pi * np.sqrt(np.linalg.det(S)))
    chance = 1 / (1 + np.exp(-outputs[-1]))
    return -np.log(density) - np.log(chance if lift else 1 - chance)


@pytest.mark.parametrize("M", [1, 3])
def test_it_is_the_law_and_its_gradient_is_right(M):
    outputs, moves, lifts, mask = example(M)
    slow = [slow_nats(*point) for point in zip(outputs[mask], moves[mask], lifts[mask])]
    assert np.isclose(mixture_nats(outputs, moves, lifts, mask), np.mean(slow))
    gradcheck(mixture_nats, outputs, moves, lifts, mask)


def test_far_away_it_stays_finite():
    outputs, moves, lifts, mask = example()
    value, pullback = mixture_nats.with_pullback(outputs, moves + 1e3, lifts, mask)
    assert np.isfinite(value)
    assert all(np.isfinite(grad).all() for grad in pullback(1.0) if grad is not None)


def test_what_is_drawn_has_the_moments_of_the_law():
    row = np.array([0.0, np.log(3), -3, 1, 2, 0, np.log(0.2), np.log(0.5), 0, np.log(0.1), np.arctanh(0.6), 0, -1.0])
    moves, lifts = draw_move(np.random.default_rng(0), np.tile(row, (40_000, 1)))
    first = moves[:, 0] < -1.5  # mu -3, sigma .2; the other has mu 1, sigma .5
    assert abs(first.mean() - 0.25) < 0.02
    assert np.allclose(moves[first].mean(0), [-3, 2], atol=0.03)
    assert abs(np.corrcoef(moves[first].T)[0, 1] - 0.6) < 0.03
    assert abs(lifts.mean() - 1 / (1 + np.e)) < 0.02
    sharp, _ = draw_move(np.random.default_rng(0), np.tile(row, (40_000, 1)), sharp=1.0)
    assert sharp[sharp[:, 0] > 0, 0].std() < 0.5 * moves[~first, 0].std()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda o, m, f, k: (o[..., :-1], m, f, k),
        lambda o, m, f, k: (o, m[..., :1], f, k),
        lambda o, m, f, k: (o, m, f, k & False),
        lambda o, m, f, k: (o, m, f, k.astype(float)),
    ],
)
def test_a_broken_law_is_refused(spoil):
    with pytest.raises(ValueError):
        mixture_nats(*spoil(*example()))
