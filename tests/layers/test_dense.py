"""linear, embedding and dropout: values and mistakes. Gradients: tests/agreement."""

import numpy as np
import pytest

from unrolled.autodiff.gradcheck import gradcheck
from unrolled.autodiff.tape import Var, backward
from unrolled.layers.dense import dropout, embedding, linear

X, W, B = np.arange(12.0).reshape(2, 2, 3), np.arange(6.0).reshape(3, 2), np.array([10.0, 20.0])


@pytest.mark.parametrize("x", [X, X[0], X[0, 0], X[None], X[:0]], ids=lambda x: str(x.shape))
def test_linear_works_on_any_leading_axes(x):
    y = linear(x, W, B)
    assert y.shape == (*x.shape[:-1], 2)
    np.testing.assert_array_equal(y, x @ W + B)
    _, pullback = linear.with_pullback(x, W, B)
    assert [g.shape for g in pullback(y)] == [x.shape, W.shape, B.shape]


def test_embedding_picks_rows_as_one_hot_vectors_would():
    tokens = np.array([[2, 0], [2, 2]])
    np.testing.assert_array_equal(embedding(tokens, W), np.eye(3)[tokens] @ W)
    np.testing.assert_array_equal(embedding(1, W), W[1])
    assert embedding(np.zeros((0, 4), int), W).shape == (0, 4, 2)


def test_a_row_picked_twice_adds_its_gradients():
    table = Var(W)
    backward(embedding([2, 0, 2], table), np.array([[1.0, 2], [3, 4], [10, 20]]))
    np.testing.assert_array_equal(table.grad, [[3, 4], [0, 0], [11, 22]])


def test_rows_are_copies():
    rows = embedding([0], W)
    rows += 1
    assert W[0, 0] == 0


@pytest.mark.parametrize(
    "mistake, error, said",
    [
        (lambda: linear(X, W.T, B), ValueError, "W must be (D, M) = (3, 3), got (2, 3)"),
        (lambda: linear(X, W, np.zeros(3)), ValueError, "b must be (M,) = (2,), got (3,)"),
        (lambda: linear(X, W, B[None]), ValueError, "b must be (M,) = (2,), got (1, 2)"),
        (lambda: linear(X.astype(int), W, B), TypeError, "x must be an array of floats, got dtype int64"),
        (lambda: linear(X, W.astype("f"), B), TypeError, "all arrays must have one dtype: x is float64, W is float32"),
        (lambda: embedding([0, 3], W), ValueError, "tokens must be integers from 0 to 2, got 3"),
        (lambda: embedding([0, -1], W), ValueError, "tokens must be integers from 0 to 2, got -1"),
        (lambda: embedding([0.0], W), TypeError, "tokens must be integers from 0 to 2, got dtype float64"),
        (lambda: embedding([0], W[0]), ValueError, "W must be (V, D)"),
        (lambda: embedding(W, [0]), TypeError, "W must be an array of floats, got list"),
    ],
)
def test_a_mistake_is_named(mistake, error, said):
    with pytest.raises(error) as raised:
        mistake()
    assert said in str(raised.value)


def test_dropout_leaves_out_a_share_and_keeps_the_mean():
    x = np.random.default_rng(0).standard_normal((40, 50, 3))
    y = dropout(x, rng=np.random.default_rng(1), share=0.3)
    assert np.mean(y == 0) == pytest.approx(0.3, abs=0.02)
    np.testing.assert_allclose(y[y != 0], x[y != 0] / 0.7)
    np.testing.assert_array_equal(dropout(x, rng=np.random.default_rng(1), share=0), x)
    assert dropout(x.astype(np.float32), rng=np.random.default_rng(1), share=0.3).dtype == np.float32


def test_dropout_sends_its_gradient_through_what_was_kept():
    x = np.random.default_rng(0).standard_normal((4, 5))
    gradcheck(lambda x: dropout(x, rng=np.random.default_rng(1), share=0.5), x)


@pytest.mark.parametrize("share", [-0.1, 1])
def test_dropout_names_a_share_that_is_none(share):
    with pytest.raises(ValueError, match=f"at least 0 and below 1, got {share}"):
        dropout(np.ones(3), rng=np.random.default_rng(1), share=share)
