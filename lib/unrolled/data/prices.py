"""Prices: a real one that the installed matplotlib ships as a sample, read where it lies; made ones; and returns."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np

from unrolled.autodiff.checks import check_count, check_rng


def google():
    """Daily closing prices of a share of Google, 2004-08-19 to 2008-10-14 -> days (1047,) dates, prices (1047,) in $.

    Matplotlib's sample names finance.yahoo.com as its source and no licence, so the course ships no copy of it.
    None where the file is not there: some systems pack matplotlib's samples apart.
    """
    spec = find_spec("matplotlib")
    for root in (spec and spec.submodule_search_locations) or ():
        path = Path(root) / "mpl-data" / "sample_data" / "goog.npz"
        if path.is_file():
            with np.load(path, allow_pickle=False) as file:
                table = file["price_data"]
            return table["date"], table["close"].astype(float)
    return None


def made(rng, T, phi=0.0):
    """T steps of a made price: its returns have a spread of .01, and each holds phi of the one before -> (T,) from 100.

    With phi = 0 it is a random walk: nothing in the past says where it goes.
    """
    check_rng(rng)
    check_count(T=T)
    if not -1 < phi < 1:
        raise ValueError(f"phi must lie between -1 and 1, got {phi}")
    news = 0.01 * rng.standard_normal(T - 1)
    for t in range(1, T - 1):
        news[t] += phi * news[t - 1]
    return from_returns(100.0, news)


def returns(prices):
    """ln(today / yesterday): prices (T,) -> (T - 1,). ValueError: a price that is not above 0."""
    prices = np.asarray(prices, float)
    if not (prices > 0).all():
        raise ValueError(f"prices must be above 0, got {prices.min()}")
    return np.diff(np.log(prices))


def from_returns(first, returns):
    """The prices that begin at `first` and have these returns: (T - 1,) -> (T,)"""
    return first * np.exp(np.concatenate([[0.0], np.cumsum(returns)]))
