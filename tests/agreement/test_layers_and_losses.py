"""linear, embedding, cross_entropy and squared_error against finite differences and PyTorch."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes

from unrolled.autodiff.gradcheck import gradcheck
from unrolled.layers.dense import embedding, linear
from unrolled.layers.losses import cross_entropy, squared_error

leading = array_shapes(min_dims=0, max_dims=3, max_side=4)  # the axes before the last one
steps = array_shapes(min_dims=2, max_dims=3, max_side=4)  # (T, N, …)
sizes = st.integers(1, 5)
rngs = st.integers(0, 2**32 - 1).map(np.random.default_rng)
each_reduction = pytest.mark.parametrize("reduction", ["mean", "sum", "batch"])


def assert_agree(ours, theirs):
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b.detach().numpy(), rtol=1e-12, atol=1e-12)


def some_mask(rng, shape):
    """A mask that lets at least one entry through, or none at all."""
    mask = rng.random(shape) < 0.7
    mask.flat[rng.integers(mask.size)] = True
    return mask if rng.random() < 0.8 else None


def reduced(losses, mask, reduction):
    """The law of the reductions, from the loss of each entry (a NumPy array or a tensor)."""
    total = losses.sum() if mask is None else losses[mask].sum()
    counted = np.prod(losses.shape) if mask is None else mask.sum()
    return total / {"mean": int(counted), "sum": 1, "batch": losses.shape[1]}[reduction]


@given(leading, sizes, sizes, rngs)
@settings(max_examples=40)
def test_linear_agrees_with_finite_differences(lead, D, M, rng):
    gradcheck(linear, *(rng.standard_normal(s) for s in ((*lead, D), (D, M), (M,))), tolerance=1e-7)


@given(leading, sizes, sizes, rngs)
@settings(max_examples=40)
def test_linear_agrees_with_pytorch(torch, lead, D, M, rng):
    x, W, b, dy = (rng.standard_normal(s) for s in ((*lead, D), (D, M), (M,), (*lead, M)))
    y, pullback = linear.with_pullback(x, W, b)
    tensors = [torch.tensor(a, requires_grad=True) for a in (x, W.T.copy(), b)]
    theirs = torch.nn.functional.linear(*tensors)
    theirs.backward(torch.tensor(dy))
    dx, dW, db = pullback(dy)
    assert_agree([y, dx, dW.T, db], [theirs, *(t.grad for t in tensors)])


@given(leading, sizes, sizes, rngs)
@settings(max_examples=40)
def test_embedding_agrees_with_finite_differences(shape, V, D, rng):
    """So few rows that ids repeat."""
    gradcheck(embedding, rng.integers(V, size=shape), rng.standard_normal((V, D)), tolerance=1e-7)


@given(leading, sizes, sizes, rngs)
@settings(max_examples=40)
def test_embedding_agrees_with_pytorch_and_with_one_hot_vectors(torch, shape, V, D, rng):
    tokens, W, dy = rng.integers(V, size=shape), rng.standard_normal((V, D)), rng.standard_normal((*shape, D))
    y, pullback = embedding.with_pullback(tokens, W)
    nothing, dW = pullback(dy)
    assert nothing is None
    theirs = torch.tensor(W, requires_grad=True)
    value = torch.nn.functional.embedding(torch.tensor(tokens), theirs)
    value.backward(torch.tensor(dy))
    assert_agree([y, dW], [value, theirs.grad])
    one_hot = np.eye(V)[tokens].reshape(-1, V)
    np.testing.assert_allclose(dW, one_hot.T @ dy.reshape(-1, D), rtol=1e-12, atol=1e-12)


@each_reduction
@given(steps, sizes, rngs)
@settings(max_examples=25)
def test_cross_entropy_agrees_with_finite_differences(reduction, shape, V, rng):
    logits, targets = 2 * rng.standard_normal((*shape, V)), rng.integers(V, size=shape)
    gradcheck(cross_entropy, logits, targets, some_mask(rng, shape), reduction=reduction, tolerance=1e-7)


@each_reduction
@given(steps, sizes, rngs)
@settings(max_examples=25)
def test_cross_entropy_agrees_with_pytorch(torch, reduction, shape, V, rng):
    logits, targets, mask = 9 * rng.standard_normal((*shape, V)), rng.integers(V, size=shape), some_mask(rng, shape)
    loss, pullback = cross_entropy.with_pullback(logits, targets, mask, reduction=reduction)
    theirs = torch.tensor(logits, requires_grad=True)
    flat = torch.nn.functional.cross_entropy(theirs.reshape(-1, V), torch.tensor(targets).ravel(), reduction="none")
    value = reduced(flat.reshape(shape), mask, reduction)
    (3 * value).backward()
    dlogits, *nothing = pullback(3.0)
    assert nothing == [None, None]
    assert_agree([loss, dlogits], [value, theirs.grad])


@each_reduction
@given(steps, rngs)
@settings(max_examples=25)
def test_squared_error_agrees_with_finite_differences(reduction, shape, rng):
    ys, targets = rng.standard_normal((2, *shape))
    gradcheck(squared_error, ys, targets, some_mask(rng, shape), reduction=reduction, tolerance=1e-7)


@each_reduction
@given(steps, rngs)
@settings(max_examples=25)
def test_squared_error_agrees_with_pytorch(torch, reduction, shape, rng):
    ys, targets = rng.standard_normal((2, *shape))
    mask = some_mask(rng, shape)
    loss, pullback = squared_error.with_pullback(ys, targets, mask, reduction=reduction)
    tensors = [torch.tensor(a, requires_grad=True) for a in (ys, targets)]
    value = reduced(torch.nn.functional.mse_loss(*tensors, reduction="none"), mask, reduction)
    (3 * value).backward()
    dys, dtargets, nothing = pullback(3.0)
    assert nothing is None
    assert_agree([loss, dys, dtargets], [value, *(t.grad for t in tensors)])
