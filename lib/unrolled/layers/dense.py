"""Layers without memory of time: a linear map, a table of vectors, and dropout."""

import numpy as np

from unrolled.autodiff.checks import check_arrays, check_integers
from unrolled.autodiff.tape import differentiable


@differentiable
def linear(x, W, b):
    """y = x W + b        x (…, D), W (D, M), b (M,) -> y (…, M)"""
    flat = x.reshape(-1, x.shape[-1])  # every row of every step in one matrix product
    check_arrays("x rows D, W D M, b M", flat, W, b)
    y = flat @ W
    y += b

    def pullback(dy):
        dy = dy.reshape(-1, dy.shape[-1])
        db = np.ones(len(dy), dy.dtype) @ dy  # the sum over rows, in half of sum's time
        return (dy @ W.T).reshape(x.shape), flat.T @ dy, db

    return y.reshape(*x.shape[:-1], W.shape[1]), pullback


@differentiable
def embedding(tokens, W):
    """y = W[tokens], the rows that one-hot vectors times W would pick        tokens (…) int, W (V, D) -> y (…, D)

    A row that was picked twice adds its gradients. ValueError: an id outside 0 … V-1; a negative one does not count
    from the end.
    """
    check_arrays("W V D", W)
    tokens = check_integers("tokens", tokens, len(W))

    def pullback(dy):
        dW = np.zeros(W.shape, W.dtype)  # dW[tokens] += dy would keep only the last of each repeated id
        order = np.argsort(tokens, axis=None, kind="stable")  # equal ids side by side: each run of them is added up
        ids, starts = np.unique(tokens.ravel()[order], return_index=True)
        rows, ones = dy.reshape(-1, W.shape[1])[order], np.ones(tokens.size, dy.dtype)
        for k, start, stop in zip(ids, starts, [*starts[1:], len(rows)]):
            ones[start:stop].dot(rows[start:stop], dW[k])  # the sum over rows, as in `linear`
        return None, dW

    return W[tokens], pullback


@differentiable
def dropout(x, *, rng, share):
    """Each number is 0 with the probability `share`, else divided by 1 - share: its mean stays        x (…) -> (…)

    For training alone: what is learnt is used whole. ValueError: share < 0 or >= 1. Source: Srivastava et al. (2014).
    """
    if not 0 <= share < 1:
        raise ValueError(f"the share that dropout leaves out must be at least 0 and below 1, got {share}")
    kept = rng.random(x.shape, np.float32) >= share
    scale = kept.astype(x.dtype) / x.dtype.type(1 - share)
    return x * scale, lambda d: (d * scale,)
