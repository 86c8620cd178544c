"""The sunspot forecasts at a small size: the linear model is least squares, and nothing of the test years leaks in."""

import numpy as np
import pytest

from unrolled.data import series
from unrolled.experiments import sunspots

SIZES = {"steps": 20, "learning_rate": 1e-2}


@pytest.fixture
def cycle():
    t = np.arange(120)
    return 80 + 50 * np.sin(2 * np.pi * t / 11) + np.random.default_rng(1).standard_normal(120)


def test_the_linear_model_finds_a_recurrence_that_is_there():
    values = [1.0, 3.0]
    for _ in range(60):
        values.append(2 + 1.5 * values[-1] - 0.8 * values[-2])
    values = np.array(values)
    a, forecast = sunspots.autoregression(values, 2, slice(0, 40))
    np.testing.assert_allclose(a, [2, 1.5, -0.8])
    assert np.isnan(forecast[:2]).all()
    np.testing.assert_allclose(forecast[2:], values[2:])
    alone = sunspots.linear_alone(a, values, 50)
    assert len(alone) == sunspots.ALONE
    np.testing.assert_allclose(alone[:12], values[50:])


def test_neither_model_sees_a_year_before_its_forecast(cycle):
    train, validation, _ = series.split_by_time(120, validation=30, test=30)
    changed = cycle.copy()
    changed[100:] += 40
    for values in (cycle, changed):
        rng = np.random.default_rng(1)
        params, forecast = sunspots.learn(rng, values, train, validation, H=4, gain=0.5, **SIZES)
        linear = sunspots.autoregression(values, 3, train)[1]
        alone = sunspots.rnn_alone(params, values, train, 90)
        if values is cycle:
            before = forecast, linear, alone
    np.testing.assert_array_equal(before[0][:101], forecast[:101])
    np.testing.assert_array_equal(before[1][:101], linear[:101])
    np.testing.assert_array_equal(before[2], alone)
    assert abs(before[0][101] - forecast[101]) > 1e-3, "the year 100 is read for the forecast of 101"


def test_a_network_left_alone_reads_its_own_forecast(cycle):
    train, validation, _ = series.split_by_time(120, validation=30, test=30)
    params, forecast = sunspots.learn(np.random.default_rng(1), cycle, train, validation, H=4, gain=0.5, **SIZES)
    alone = sunspots.rnn_alone(params, cycle, train, 90)
    assert alone[0] == pytest.approx(forecast[90])
    own = np.append(cycle[:90], alone[:1])
    assert sunspots.rnn_alone(params, own, train, 91)[0] == pytest.approx(alone[1])


def test_the_step_that_validates_best_is_kept(cycle):
    train, validation, _ = series.split_by_time(120, validation=30, test=30)
    error = lambda steps: sunspots.rmse(
        sunspots.learn(
            np.random.default_rng(1), cycle, train, validation, H=4, gain=0.5, steps=steps, learning_rate=1e-2
        )[1],
        cycle,
        validation,
    )
    assert error(60) <= error(20) <= error(1)


def test_what_is_measured_is_all_there():
    found = sunspots.measure(np.random.default_rng(1), 1919, 4, 0.5, orders=3, season=11, **SIZES)
    models = "rnn", "linear", "naive", "seasonal"
    assert set(found) == {"p", "rnn_swing", "linear_swing"} | {
        f"{m}_{p}" for m in models for p in ("validation", "test")
    }
    years, values = series.sunspots()
    values = values[years <= 1919]
    train, validation, _ = series.split_by_time(len(values), validation=sunspots.PART, test=sunspots.PART)
    fits = [sunspots.autoregression(values, p, train)[1] for p in (1, 2, 3)]
    errors = [sunspots.rmse(forecast, values, validation) for forecast in fits]
    assert (found["p"], found["linear_validation"]) == (1 + np.argmin(errors), pytest.approx(min(errors)))
    assert np.isfinite(list(found.values())).all()
