"""Measurements on a recurrent network: where gradients go and how much of them arrives, and what its units follow.

The first kind unrolls one-step functions (x, h, *weights) -> h on the tape, so that every single state has its
gradient. The second compares what the units of a trained network do with features of what it reads.
"""

from typing import NamedTuple

import numpy as np

from unrolled.tape import Var, backward, value_and_grad
from unrolled.trees import leaves, tree_map


def unroll(step, xs, h0, *weights, **config):
    """The states [h_0, h_1, …, h_T] as Vars, by T calls of step(x_t, h_{t-1}, *weights).        xs (T, N, D), h0 (N, H)

    xs is an array, or T Vars; h0 and the weights are arrays or Vars, and a weight may also be a list of T, one for
    each step (untied).
    """
    hs = [h0 if isinstance(h0, Var) else Var(h0, name="h_0")]
    for t, x in enumerate(xs):
        hs.append(step(x, hs[-1], *(w[t] if isinstance(w, list) else w for w in weights), **config))
        hs[-1].name = f"h_{t + 1}"
    return hs


def state_gradient_norms(loss, step, xs, h0, *weights, **config):
    """||dL/dh_t|| for t = 0 … T        loss(hs) -> scalar Var, of the Vars [h_0, …, h_T] -> (T + 1,)

    It is the total gradient, along every path, in the Frobenius norm over batch and units.
    """
    hs = unroll(step, xs, h0, *weights, **config)
    backward(loss(hs))
    return np.array([0.0 if h.grad is None else np.linalg.norm(h.grad) for h in hs])


def weight_gradient_terms(loss, step, xs, h0, *weights, **config):
    """What each time step adds to each weight's gradient: a list of arrays (T, *W.shape), whose sum over t is dL/dW.

    The network is run untied: step t has its own copy W_t, and term t is dL/dW_t.
    """
    copies = [[Var(w, name=f"W_{t + 1}") for t in range(len(xs))] for w in weights]
    backward(loss(unroll(step, xs, h0, *copies, **config)))
    return [np.stack([np.zeros_like(v.value) if v.grad is None else v.grad for v in copy]) for copy in copies]


def shares(terms):
    """<dW_t, dW> / <dW, dW>, the part of the whole gradient that each step's term makes: (T, …) -> (T,), sum 1."""
    total = terms.sum(0)
    square = np.vdot(total, total)
    if square == 0:
        raise ValueError("the shares of a gradient need one that is not 0")
    return np.array([np.vdot(term, total) for term in terms]) / square


def sensitivity(step, xs, h0, *weights, **config):
    """||dh_T/dx_t|| for t = 1 … T, the Frobenius norm of the Jacobian: how much h_T still hears of each input.

    xs (T, 1, D), h0 (1, H) -> (T,). ValueError: more than one sequence.
    """
    if len(h0) != 1:
        raise ValueError(f"the sensitivity is that of one sequence: h0 must be (1, H), got {h0.shape}")
    inputs = [Var(x) for x in xs]
    last = unroll(step, inputs, h0, *weights, **config)[-1]
    squares = np.zeros(len(inputs))
    for unit in np.eye(last.value.size):
        backward(last, unit.reshape(last.shape))
        squares += [np.vdot(x.grad, x.grad) for x in inputs]
    return np.sqrt(squares)


def truncated_gradients(loss, params, chunks, carry):
    """The gradients of truncated backpropagation: each chunk's own, added up; the state is carried as a number.

    loss(params, *chunk, carry) -> (scalar, next carry); the losses of the chunks must add up to the whole loss.
    One chunk that holds the whole sequence gives the full gradient.
    """
    differentiate = value_and_grad(loss, has_aux=True)
    total = tree_map(np.zeros_like, params)
    for chunk in chunks:
        (_, carry), grads = differentiate(params, *chunk, carry)
        total = tree_map(np.add, total, grads)
    return total


def cosine(a, b):
    """<a, b> / (|a| |b|) over all arrays of two nests: 1 for the same direction, 0 for a right angle."""
    pairs = leaves(tree_map(lambda x, y: np.stack([x, y], dtype=np.float64), a, b))
    flat = np.concatenate([pair.reshape(2, -1) for _, pair in pairs], axis=1)
    norms = np.linalg.norm(flat, axis=1, keepdims=True)
    if not norms.all():
        raise ValueError(f"the cosine needs two vectors that are not 0, got norms {norms[0, 0]:.3g}, {norms[1, 0]:.3g}")
    return float(np.prod(flat / norms, axis=0).sum())


def spectral_radius(W):
    """The largest |eigenvalue| of a square matrix: the rate at which W^t grows or shrinks in the long run."""
    return float(np.abs(np.linalg.eigvals(W)).max())


def largest_singular_value(W):
    """The largest factor by which W can stretch a vector in one step: never below the spectral radius."""
    return float(np.linalg.norm(W, 2))


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
    # right[k]: how many are right if the k lowest are said to be below; cuts only where the value changes
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
    deviation 1; the score is on the last `held_out` share of steps. A bool feature is fitted as 0 and 1, and is said
    to hold above 1/2. W and b are for cs as it is. ValueError: shapes, a feature that never changes on one side.
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
    said, truth = cs[cut:] @ W + b, feature[cut:]
    if feature.dtype == bool:
        always = truth.mean() if y.mean() > 0.5 else 1 - truth.mean()
        return LinearProbe(float(((said > 0.5) == truth).mean()), float(always), W, b)
    spread = ((truth - truth.mean()) ** 2).mean()
    r2 = lambda answer: float(1 - ((answer - truth) ** 2).mean() / spread)
    return LinearProbe(r2(said), r2(y.mean()), W, b)


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
