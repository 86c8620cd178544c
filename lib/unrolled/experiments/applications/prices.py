"""Prices of tomorrow by a GRU, from levels and from returns, beside today's price: made ones, and a real share.

Claim: networks forecast prices "with an R^2 of .95". Here is what that number says.
"""

import numpy as np

from unrolled.data import prices, series
from unrolled.experiments.applications import ends
from unrolled.layers.losses import squared_error

SERIES = {"random walk": 0.0, "returns that follow": 0.3}  # phi: how much of a return the next one holds


def load(rng, name, days):
    """(T,) prices. RuntimeError: matplotlib's sample is not installed, so there is no table of it."""
    if name in SERIES:
        return prices.made(rng, days, SERIES[name])
    found = prices.google()
    if found is None:
        raise RuntimeError("matplotlib's sample goog.npz must be installed to measure this row")
    return found[1]


def parts(values):
    """Slices of the values: three fifths to learn, a fifth to validate, the last fifth to test."""
    fifth = len(values) // 5
    return series.split_by_time(len(values), fifth, fifth)


def train(rng, values, target, *, T, H, N, **how):
    """(forecasts of the prices of the test part, the same of the validation part)

    target "level": from the last T prices to the next; "return": from the last T returns to the next.
    """
    values = np.asarray(values, float)
    rows = values[1:] if target == "level" else prices.returns(values)  # one for each day but the first
    scaled, mean, std = series.standardise(rows, slice(0, parts(values)[0].stop - 1))
    xs, ys = series.windows(scaled.astype(ends.DTYPE), T)  # window n holds rows n … n + T - 1, and asks for n + T
    ys, days = ys[-1], np.arange(T + 1, len(values))  # the day of each answer
    learnt, held, test = (np.flatnonzero((part.start <= days) & (days < part.stop)) for part in parts(values))

    def draw():
        places = rng.choice(learnt, N)
        return xs[:, places], ys[places]

    def forecasts(params, part):
        outputs = np.asarray(ends.answer(params, xs[:, part], "gru"))[:, 0] * std + mean
        return outputs if target == "level" else values[days[part] - 1] * np.exp(outputs)

    loss = lambda params, xs, ys: squared_error(ends.answer(params, xs, "gru"), ys)
    score = lambda params: -ends.rmse(forecasts(params, held), values[days[held]])
    params, *_ = ends.learn(loss, ends.init(rng, "gru", 1, H, 1), draw, score, **how)
    return forecasts(params, test), forecasts(params, held)


def follow(values, learnt):
    """The one coefficient with which a return follows the one before, by least squares on the learnt part."""
    news = prices.returns(values[learnt])
    return news[:-1] @ news[1:] / (news[:-1] @ news[:-1])


def one_coefficient(values):
    """The ratio of `follow` on the test part: its error over that of today's price."""
    learnt, _, test = parts(values)
    today = values[test.start - 1 : test.stop - 1]
    again = np.log(today / values[test.start - 2 : test.stop - 2])
    told = today * np.exp(follow(values, learnt) * again)
    return ends.rmse(told, values[test]) / ends.rmse(today, values[test])


def grades(forecast, truth, today):
    """r_squared; ratio: its error over that of today's price; up_down: how often the direction is right, and one_way:
    how often it is if the more frequent one of these days is said each time."""
    up = np.mean(truth > today)
    return {
        "r_squared": 1 - np.mean((forecast - truth) ** 2) / truth.var(),
        "ratio": ends.rmse(forecast, truth) / ends.rmse(today, truth),
        "up_down": np.mean((forecast > today) == (truth > today)),
        "one_way": max(up, 1 - up),
    }


def measure(rng, name, target, *, days, **sizes):
    """`grades` on the last fifth; validation: the ratio on the fifth before; one_number: that of one coefficient."""
    values = load(rng, name, days)
    _, held, test = parts(values)
    forecast, checked = train(rng, values, target, **sizes)
    before = lambda part: values[part.start - 1 : part.stop - 1]
    return {
        "validation": ends.rmse(checked, values[held]) / ends.rmse(before(held), values[held]),
        **grades(forecast, values[test], before(test)),
        "one_number": one_coefficient(values),
        "today_r_squared": grades(before(test), values[test], before(test))["r_squared"],
    }
