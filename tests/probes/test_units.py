"""What units follow, with planted answers: each probe finds what was put there, and says so where there is nothing."""

import numpy as np
import pytest

from unrolled.cells.gru import gru
from unrolled.cells.lstm import lstm
from unrolled.cells.rnn import rnn
from unrolled.probes.units import ablate, best_threshold, correlations, linear_probe

T, H = 4000, 6
RNG = np.random.default_rng(0)
QUOTE = np.cumsum(RNG.random(T) < 0.06) % 2 == 1
POSITION = np.arange(T) % 40
FEATURES = {"quote": QUOTE, "position": POSITION}


def planted():
    """Units of noise, but 2 follows the quote, upside down, and 4 the position; 5 never changes."""
    cs = RNG.standard_normal((T, H))
    cs[:, 2] = 3 - 4 * QUOTE + 0.3 * RNG.standard_normal(T)
    cs[:, 4] = POSITION / 10 + 0.5 * RNG.standard_normal(T)
    cs[:, 5] = 0.1
    return cs


CS = planted()


def test_correlations_are_pearsons():
    found = correlations(CS, FEATURES)
    for name, feature in FEATURES.items():
        expected = [abs(np.corrcoef(CS[:, j], feature)[0, 1]) for j in range(H - 1)]
        np.testing.assert_allclose(found[name], [*expected, 0], atol=1e-12)


def test_the_planted_units_are_found():
    found = correlations(CS.astype(np.float32), FEATURES)
    assert found["quote"].argmax() == 2
    assert found["position"].argmax() == 4
    assert found["quote"][2] > 0.98
    assert found["position"][4] > 0.85
    assert max(np.delete(found["quote"], 2)) < 0.1
    assert found["quote"][5] == 0


def test_the_point_biserial_formula():
    """(mean where it holds - mean where not) / deviation · sqrt(p (1 - p))"""
    c, p = CS[:, 2], QUOTE.mean()
    expected = abs(c[QUOTE].mean() - c[~QUOTE].mean()) / c.std() * np.sqrt(p * (1 - p))
    assert correlations(CS, {"quote": QUOTE})["quote"][2] == pytest.approx(expected)


@pytest.mark.parametrize("sign", [1, -1])
def test_the_best_threshold_by_trying_all(sign):
    c, feature = np.round(RNG.standard_normal(60), 1), RNG.random(60) < 0.5  # rounded: some values are equal
    feature |= sign * c > 0.8
    found = best_threshold(c, feature)
    cuts = [-np.inf, *c]
    best = max(max(((c > cut) == feature).mean(), ((c <= cut) == feature).mean()) for cut in cuts)
    assert found.accuracy == pytest.approx(best)
    said = c > found.threshold if found.above else c <= found.threshold
    assert (said == feature).mean() == pytest.approx(best)


def test_a_threshold_tells_the_planted_quote_and_is_chance_elsewhere():
    found = best_threshold(CS[:, 2], QUOTE)
    assert found.accuracy > 0.999
    assert not found.above
    assert -0.5 < found.threshold < 2.5
    always = max(QUOTE.mean(), 1 - QUOTE.mean())
    assert best_threshold(CS[:, 0], QUOTE).accuracy < always + 0.03
    assert best_threshold(CS[:, 5], QUOTE).accuracy == pytest.approx(always)


def test_a_linear_probe_finds_what_is_spread_over_units():
    rng, mixed = np.random.default_rng(1), CS @ RNG.standard_normal((H, H))
    probe = linear_probe(mixed, POSITION)
    assert probe.score == pytest.approx(1.333 / (1.333 + 0.25), abs=0.03)  # the variance planted, and with its noise
    assert probe.always == pytest.approx(0, abs=0.01)
    assert np.abs(mixed @ probe.W + probe.b - POSITION).mean() < 5
    quote = linear_probe(mixed, QUOTE)
    assert quote.score > 0.99
    assert 0.3 < quote.always < 0.7
    noise = rng.standard_normal((T, H))
    assert linear_probe(noise, POSITION).score < 0.05
    assert linear_probe(noise, QUOTE).score < quote.always + 0.1


def test_the_score_is_on_what_was_not_fitted():
    """As many units as steps: the fit is perfect, and worth nothing."""
    rng = np.random.default_rng(2)
    cs, feature = rng.standard_normal((100, 90)), rng.standard_normal(100)
    probe = linear_probe(cs, feature, ridge=1e-9)
    fitted = cs[:75] @ probe.W + probe.b
    assert ((fitted - feature[:75]) ** 2).mean() < 1e-6
    assert probe.score < 0


def test_the_ridge_is_the_minimum_that_it_says():
    cs, ridge = CS[:, :5], 0.1
    probe = linear_probe(cs, POSITION, ridge=ridge)
    z, y, deviation = cs[:3000], POSITION[:3000], cs[:3000].std(0)

    def cost(W, b):
        return ((z @ W + b - y) ** 2).mean() + ridge * ((W * deviation) ** 2).sum()

    least = cost(probe.W, probe.b)
    for j in range(5):
        for step in (1e-3, -1e-3):
            assert cost(probe.W + step * np.eye(5)[j], probe.b) > least
    assert cost(probe.W, probe.b + 1e-3) > least
    assert cost(probe.W, probe.b - 1e-3) > least


@pytest.mark.parametrize("cell, blocks, states", [(rnn, 1, 1), (lstm, 4, 2), (gru, 3, 1)])
def test_an_ablated_unit_is_zero_from_a_state_that_is_zero_there(cell, blocks, states):
    rng, D, units = np.random.default_rng(0), 3, 5
    weights = {"W_xh": rng.standard_normal((D, blocks * units)), "W_hh": rng.standard_normal((units, blocks * units))}
    weights["b_h"] = rng.standard_normal(blocks * units)
    if cell is gru:
        weights["b_hn"] = rng.standard_normal(units)
    start = [rng.standard_normal((2, units)) for _ in range(states)]
    for state in start:
        state[:, 3] = 0
    found = cell(rng.standard_normal((30, 2, D)), *start, **ablate(weights, 3))
    for sequence in found if isinstance(found, tuple) else (found,):
        assert (sequence[..., 3] == 0).all()
        assert (np.delete(sequence, 3, -1) != 0).all()


@pytest.mark.parametrize(
    "call, said",
    [
        (lambda: correlations(CS, {"a": QUOTE[1:]}), "cs must be (T, H) and a (T,), got (4000, 6) and (3999,)"),
        (lambda: correlations(CS, {"a": np.ones(T)}), "a must change somewhere, got one value at all 4000 steps"),
        (lambda: correlations(CS[0], {"a": QUOTE}), "cs must be (T, H) and a (T,), got (6,) and (4000,)"),
        (lambda: best_threshold(CS[:, 0], POSITION), "feature of bool, got (4000,) and int64 (4000,)"),
        (lambda: linear_probe(CS, np.arange(T) < 100), "two values or more among the held-out steps"),
        (lambda: linear_probe(CS, QUOTE, held_out=0), "held_out must be above 0 and below 1, got 0"),
    ],
)
def test_bad_calls(call, said):
    with pytest.raises(ValueError) as error:
        call()
    assert said in str(error.value)
