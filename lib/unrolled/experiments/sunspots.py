"""Forecasts of the sunspots one year ahead: an RNN beside Yule's linear model, on 44 years that nothing was chosen by.

The years end at `end`: the last 44 test, the 44 before them choose (the order p of the linear model, the step at which
an RNN's training stops), and those before fit. Source of the linear model: Yule (1927).
"""

from itertools import repeat

import numpy as np

from unrolled.autodiff.trees import tree_map
from unrolled.cells.rnn import rnn, rnn_step
from unrolled.data import series
from unrolled.layers.dense import linear
from unrolled.layers.initializers import gaussian, orthogonal
from unrolled.layers.losses import squared_error
from unrolled.learning.fit import fit
from unrolled.learning.optimizers import Adam

PART = 44  # years to choose by, and years to test: four cycles each
ALONE, LAST = 132, 22  # years for which a model reads its own forecasts; the years at the end of them


def years_before(values, k):
    """For each year the value of k years before, nan where there is none: values (T,) -> (T,)."""
    return np.concatenate([np.full(k, np.nan), values[:-k]])


def rmse(forecast, values, part):
    """The root of the mean squared error over a slice of the years."""
    return float(np.sqrt(np.mean((forecast[part] - values[part]) ** 2)))


def autoregression(values, p, train):
    """a (p + 1,) of x_t = a_0 + a_1 x_{t-1} + … + a_p x_{t-p}, fitted to the training years, and forecasts (T,)."""
    past = [years_before(values, k) for k in range(1, p + 1)]
    table, seen = np.stack([np.ones(len(values)), *past], axis=1), slice(p, train.stop)
    a = np.linalg.lstsq(table[seen], values[seen])[0]
    return a, table @ a


def first_weights(rng, H, gain):
    """Small Gaussian weights, biases 0, and a W_hh that is orthogonal, times gain."""
    cell = {"W_xh": gaussian(rng, (1, H), std=0.1), "b_h": np.zeros(H)}
    cell["W_hh"] = orthogonal(rng, (H, H), gain=gain)
    return {"rnn": cell, "readout": {"W": gaussian(rng, (H, 1), std=0.1), "b": np.zeros(1)}}


def model(params, xs):
    """xs (T, 1, 1) -> ys (T, 1, 1): at each year the forecast of the next one; the state starts at 0."""
    h_0 = np.zeros((1, len(params["rnn"]["b_h"])))
    return linear(rnn(xs, h_0, **params["rnn"]), **params["readout"])


def learn(rng, values, train, validation, *, H, gain, steps, learning_rate):
    """(parameters, forecasts (T,)) of an RNN, trained on the training years; the step that validates best is kept."""
    scaled, mean, std = series.standardise(values, train)
    xs, targets, seen = scaled[:-1, None, None], scaled[1:, None, None], train.stop - 1
    forecast = lambda params: np.concatenate([[np.nan], model(params, xs)[:, 0, 0] * std + mean])
    loss = lambda params: squared_error(model(params, xs[:seen]), targets[:seen])
    least, best = np.inf, None
    run = fit(loss, first_weights(rng, H, gain), repeat(()), Adam(learning_rate), steps=steps, progress=False)
    for step in run:
        error = rmse(forecast(step.params), values, validation)
        if error < least:
            least, best = error, tree_map(np.copy, step.params)
    return best, forecast(best)


def rnn_alone(params, values, train, start):
    """(ALONE,) forecasts from the year `start` on, each of which is the next input."""
    scaled, mean, std = series.standardise(values, train)
    h_0, ys = np.zeros((1, len(params["rnn"]["b_h"]))), []
    h = rnn(scaled[:start, None, None], h_0, **params["rnn"])[-1]
    for _ in range(ALONE):
        ys.append(linear(h, **params["readout"]))
        h = rnn_step(ys[-1], h, **params["rnn"])
    return np.array(ys)[:, 0, 0] * std + mean


def linear_alone(a, values, start):
    """The same of the linear model."""
    past = list(values[:start])
    for _ in range(ALONE):
        past.append(a[0] + a[1:] @ past[: -len(a) : -1])
    return np.array(past[start:])


def measure(rng, end, H, gain, orders, season, **training):
    """Errors in sunspot numbers over the validation and the test years: the RNN's, the linear model's, the naive ones.

    swing   the highest less the lowest of the last forecasts of a model that has read its own words for ALONE years
    """
    years, values = series.sunspots()
    values = values[years <= end]
    train, validation, test = series.split_by_time(len(values), validation=PART, test=PART)
    fits = [autoregression(values, p, train) for p in range(1, orders + 1)]
    a, fitted = min(fits, key=lambda fit: rmse(fit[1], values, validation))
    params, forecast = learn(rng, values, train, validation, H=H, gain=gain, **training)
    forecasts = {"rnn": forecast, "linear": fitted}
    forecasts |= {"naive": years_before(values, 1), "seasonal": years_before(values, season)}
    found = {"p": len(a) - 1}
    for name, forecast in forecasts.items():
        found[f"{name}_validation"] = rmse(forecast, values, validation)
        found[f"{name}_test"] = rmse(forecast, values, test)
    alone = {"rnn": rnn_alone(params, values, train, test.start), "linear": linear_alone(a, values, test.start)}
    return found | {f"{name}_swing": float(np.ptp(forecast[-LAST:])) for name, forecast in alone.items()}
