"""A baseline for the race on the sunspots: Yule's linear model, of an order that is given, not chosen on validation."""

from unrolled.data import series
from unrolled.experiments.race import YEARS
from unrolled.experiments.sunspots import autoregression, rmse, years_before


def share_of_naive(end, p):
    """The mean squared error of AR(p) one year ahead, over the 44 years up to `end`, as a share of `as this year`'s.

    It is fitted to the years that the networks of `race.sunspots` learn. Source: Yule (1927).
    """
    years, values = series.sunspots()
    values = values[years <= end]
    train, _, test = series.split_by_time(len(values), YEARS, YEARS)
    _, forecast = autoregression(values, p, train)
    return (rmse(forecast, values, test) / rmse(years_before(values, 1), values, test)) ** 2
