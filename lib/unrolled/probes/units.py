"""What the units of a trained network follow: compared with features of what it reads, and taken away one by one."""

from typing import NamedTuple

import numpy as np


def correlations(cs, features):
    """|r| of each unit with each feature: cs (T, H), features {name: (T,) of numbers or bool} -> {name: (H,)}.

    Pearson's r; for a bool feature that is the point-biserial correlation. Above 0 and below, a unit tells as much, so
    the sign is dropped. A unit that never changes has 0. ValueError: other shapes, a feature that never changes.
    """
    cs = np.asarray(cs, np.float64)
    features = {name: _feature(cs, feature, name) for name, feature in features.items()}
    centred = cs - cs.mean(0)
    norms = np.linalg.norm(centred, axis=0)
    norms[norms <= 1e-12 * (1 + np.abs(cs).max(0)) * np.sqrt(len(cs))] = np.inf  # it varies by rounding alone: r = 0
    found = {}
    for name, feature in features.items():
        feature = feature - feature.mean()
        found[name] = np.abs(feature @ centred) / (norms * np.linalg.norm(feature))
    return found


class Threshold(NamedTuple):
    """accuracy: the share of steps at which (c > threshold), or (c <= threshold) if not `above`, is the feature."""

    accuracy: float
    threshold: float
    above: bool


def best_threshold(c, feature):
    """The threshold by which one unit tells a bool feature best: c (T,), feature (T,) bool -> Threshold.

    Compare the accuracy with that of always saying the more frequent answer. ValueError: shapes, or no bool.
    """
    c, feature = np.asarray(c, np.float64), np.asarray(feature)
    if feature.dtype != bool or feature.shape != c.shape or c.ndim != 1:
        raise ValueError(
            f"c and feature must be (T,), feature of bool, got {c.shape} and {feature.dtype} {feature.shape}"
        )
    order = np.argsort(c)
    values = np.concatenate([[-np.inf], c[order]])
    # right[k]: how many are right if the k lowest are taken as below; cuts only where the value changes
    true_below = np.concatenate([[0], np.cumsum(feature[order])])
    right = np.arange(len(c) + 1) - true_below + (feature.sum() - true_below)
    right = np.where(np.append(values[1:] > values[:-1], True), right, len(c) / 2)
    above = bool(right.max() >= len(c) - right.min())
    k = int(right.argmax() if above else right.argmin())
    return Threshold(float((right[k] if above else len(c) - right[k]) / len(c)), float(values[k]), above)


class LinearProbe(NamedTuple):
    """score: R^2 for numbers, accuracy for bool, on held-out steps; always: that of one constant answer; W (H,), b."""

    score: float
    always: float
    W: np.ndarray
    b: float


def linear_probe(cs, feature, *, ridge=1e-3, held_out=0.25):
    """How well a linear map of all units tells a feature: cs (T, H), feature (T,) -> LinearProbe.

    W, b minimise the mean of (z W + b - feature)^2 + ridge |W|^2 over the first steps, with z the units scaled to
    deviation 1; the score is on the last `held_out` share of steps. A bool feature is fitted as 0 and 1, and
    predicted to hold above 1/2. W and b are for cs as it is.
    ValueError: shapes, a feature that never changes on one side.
    """
    cs = np.asarray(cs, np.float64)
    feature = _feature(cs, feature, "feature")
    if not 0 < held_out < 1:
        raise ValueError(f"held_out must be above 0 and below 1, got {held_out}")
    cut = len(cs) - round(held_out * len(cs))
    for side, part in (("fitted", feature[:cut]), ("held-out", feature[cut:])):
        if len(np.unique(part)) < 2:
            raise ValueError(f"the feature must take two values or more among the {side} steps, got {len(part)} steps")
    y, mean = feature[:cut].astype(float), cs[:cut].mean(0)
    deviation = cs[:cut].std(0)
    deviation[deviation <= 1e-12] = 1
    z = (cs[:cut] - mean) / deviation
    W = np.linalg.solve(z.T @ z / cut + ridge * np.eye(cs.shape[1]), z.T @ (y - y.mean()) / cut) / deviation
    b = float(y.mean() - mean @ W)
    predicted, truth = cs[cut:] @ W + b, feature[cut:]
    if feature.dtype == bool:
        always = truth.mean() if y.mean() > 0.5 else 1 - truth.mean()
        return LinearProbe(float(((predicted > 0.5) == truth).mean()), float(always), W, b)
    spread = ((truth - truth.mean()) ** 2).mean()
    r2 = lambda answer: float(1 - ((answer - truth) ** 2).mean() / spread)
    return LinearProbe(r2(predicted), r2(y.mean()), W, b)


def ablate(weights, units):
    """One layer's weights (of rnn, lstm or gru) with units that stay at 0, in h and in c, once they are there.

    A unit's new value, the last block of the weights' columns (g of the LSTM, n of the GRU), gets the weight 0 from
    everything, so tanh gives 0; gates do not bring it back. Start from a state that is 0 there, or set it.
    The weights that are given stay as they are. ValueError: a unit outside 0 … H-1.
    """
    H = len(weights["W_hh"])
    units = np.atleast_1d(units)
    if units.dtype.kind not in "iu" or not ((units >= 0) & (units < H)).all():
        raise ValueError(f"units must be whole numbers from 0 to H - 1 = {H - 1}, got {units}")
    ablated = {name: W.copy() for name, W in weights.items()}
    for W in ablated.values():
        W[..., W.shape[-1] - H + units] = 0
    return ablated


def _feature(cs, feature, name):
    feature = np.asarray(feature)
    if cs.ndim != 2 or feature.shape != (len(cs),):
        raise ValueError(f"cs must be (T, H) and {name} (T,), got {cs.shape} and {feature.shape}")
    if len(np.unique(feature)) < 2:
        raise ValueError(f"{name} must change somewhere, got one value at all {len(cs)} steps")
    return feature
