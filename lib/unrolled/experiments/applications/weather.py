"""The highest temperature of a day in Seattle, one and five days ahead: a GRU, the calendar, one coefficient."""

from collections.abc import Callable
from itertools import repeat
from typing import NamedTuple

import numpy as np

from unrolled.data import folder, series
from unrolled.experiments.applications import ends
from unrolled.experiments.directions import learn
from unrolled.layers.losses import squared_error

COLUMNS = ("temp_max", "temp_min", "precipitation", "wind")
ENDS = {2012: 366, 2013: 731, 2014: 1096, 2015: 1461}  # days from the first on; the last year is the one to test on
DAYS = 731, 1096  # to the end of the second year and the third: settings are chosen on the third, then all is fitted
# to the three anew
HARMONICS, RIDGES = (1, 2, 3), (1.0, 10.0, 100.0, 1000.0)


def load(year=2015):
    """(1461, 4): temp_max and temp_min in °C, precipitation in mm, wind in m/s, each day of four years in a round: from
    the year behind `year` to `year`, which comes last; behind 2015 stands 2012."""
    table = np.stack([series.load_series(folder() / "seattle.csv", name) for name in COLUMNS], axis=1)
    return np.roll(table, -ENDS[year], axis=0)


def season(days, harmonics):
    """1, and sines and cosines of the year and its parts: (T,) -> (T, 2 harmonics + 1)"""
    angles = 2 * np.pi * np.outer(days, np.arange(1, harmonics + 1)) / 365.25
    return np.concatenate([np.ones((len(days), 1)), np.sin(angles), np.cos(angles)], axis=1)


def calendar(warmest, stop, harmonics):
    """What the day of the year says, by least squares on the days before `stop`: (T,) -> (T,)"""
    waves = season(np.arange(len(warmest)), harmonics)
    return waves @ np.linalg.lstsq(waves[:stop], warmest[:stop], rcond=None)[0]


def windows(T, ahead, stop, year=2015):
    """xs (T, n, 6): T days of the columns, scaled by the days before `stop`, and of the season; answers' days (n,)"""
    table = load(year)
    columns = [series.standardise(column, slice(0, stop))[0] for column in table.T]
    rows = np.stack([*columns, *season(np.arange(len(table)), 1).T[1:]], axis=1).astype(ends.DTYPE)
    last = np.arange(T - 1, len(rows) - ahead)
    return rows[last - np.arange(T)[::-1, None]], last + ahead


def usual(warmest, stop=DAYS[1]):
    """The calendar fitted to the days before `stop`: the mean of those with 1, 2 and 3 harmonics, since three years
    hardly tell which is best."""
    return np.mean([calendar(warmest, stop, harmonics) for harmonics in HARMONICS], axis=0)


def one_coefficient(warmest, ahead, stop=DAYS[1]):
    """The calendar, and a share of what today has more than it says, by least squares: (T,) -> (T - ahead,)"""
    curve = usual(warmest, stop)
    off = warmest - curve
    today, then = off[: stop - ahead], off[ahead:stop]
    return curve[ahead:] + today @ then / (today @ today) * off[:-ahead]


def linear(T, ahead, ridge, stop, year=2015):
    """A linear map of all that the network is given: forecasts for the days of `windows`."""
    (xs, days), warmest = windows(T, ahead, stop, year), load(year)[:, 0]
    mean = warmest[:stop].mean()
    flat, learnt = xs.transpose(1, 0, 2).reshape(len(days), -1), days < stop
    square = flat[learnt].T @ flat[learnt] + ridge * np.eye(flat.shape[1])
    return mean + flat @ np.linalg.solve(square, flat[learnt].T @ (warmest[days[learnt]] - mean))


class Years(NamedTuple):
    """What there is to learn before a day: loss(params, xs, ys), draw(rng, N) -> (xs, ys), forecasts(params) -> °C."""

    loss: Callable
    draw: Callable
    forecasts: Callable


def before(stop, ahead, target, T, year=2015):
    """The Years before `stop`. target "level": the temperature; "anomaly": what it has more than the calendar says."""
    (xs, days), warmest = windows(T, ahead, stop, year), load(year)[:, 0]
    curve = usual(warmest, stop) if target == "anomaly" else np.full(len(warmest), warmest[:stop].mean())
    spread = (warmest - curve)[:stop].std()
    ys, learnt = ((warmest - curve)[days] / spread)[:, None].astype(ends.DTYPE), np.flatnonzero(days < stop)

    def draw(rng, N):
        places = rng.choice(learnt, N)
        return xs[:, places], ys[places]

    return Years(
        lambda params, xs, ys: squared_error(ends.answer(params, xs, "gru"), ys),
        draw,
        lambda params: np.asarray(ends.answer(params, xs, "gru"))[:, 0] * spread + curve[days],
    )


def train(rng, ahead, target, *, T, H, N, steps, check_every, learning_rate, year=2015):
    """(days, forecasts in °C, error in the third year): learnt on two years up to the step that is best in the third,
    then anew on all three for as many steps."""
    first = ends.init(rng, "gru", len(COLUMNS) + 2, H, 1)
    warmest, days = load(year)[:, 0], windows(T, ahead, DAYS[0], year)[1]
    held = (days >= DAYS[0]) & (days < DAYS[1])
    two, three = (before(stop, ahead, target, T, year) for stop in DAYS)
    score = lambda params: -ends.rmse(two.forecasts(params)[held], warmest[days[held]])
    how = {"steps": steps, "check_every": check_every, "learning_rate": learning_rate}
    _, best, step = ends.learn(two.loss, first, lambda: two.draw(rng, N), score, **how)
    batches = (three.draw(rng, N) for _ in repeat(None))
    *_, last = learn(three.loss, first, batches, steps=step, learning_rate=learning_rate, max_norm=1.0)
    return days, three.forecasts(last.params), -best


def measure(rng, ahead, target, year, *, T, **sizes):
    """Errors in °C in a year (validation: in the one before it) of the network, and of what needs none; bias_…: how
    much warmer the year was than was said."""
    days, forecast, validation = train(rng, ahead, target, T=T, year=year, **sizes)
    warmest, test = load(year)[:, 0], days >= DAYS[1]
    held, truth = (days >= DAYS[0]) & ~test, warmest[days]
    missed = lambda ridge: ends.rmse(linear(T, ahead, ridge, DAYS[0], year)[held], truth[held])
    ridge = min(RIDGES, key=missed)
    guesses = {
        "network": forecast,
        "today": warmest[days - ahead],
        "calendar": usual(warmest)[days],
        "one_coefficient": one_coefficient(warmest, ahead)[T - 1 :],
        "linear": linear(T, ahead, ridge, DAYS[1], year),
    }
    errors = {name: ends.rmse(guess[test], truth[test]) for name, guess in guesses.items()}
    bias = {f"bias_{name}": (truth - guess)[test].mean() for name, guess in guesses.items()}
    return {"validation": validation} | errors | bias
