"""Elementary operations: their values, their edges and what they say to mistakes. Gradients: tests/agreement."""

import numpy as np
import pytest

from unrolled.autodiff import ops
from unrolled.autodiff.gradcheck import gradcheck
from unrolled.autodiff.tape import Var, backward

X = np.array([[1.0, -2.0, 0.5], [0.0, 3.0, -1.0]])


@pytest.mark.parametrize(
    "value, expected",
    [
        (ops.add(X, 1), X + 1),
        (ops.subtract(1, X), 1 - X),
        (ops.multiply(X, X), X**2),
        (ops.divide(X, 2), X / 2),
        (ops.negative(X), -X),
        (ops.power(X, exponent=3), X**3),
        (ops.matmul(X, X.T), X @ X.T),
        (ops.index(X, key=(0, 1)), -2.0),
        (ops.tanh(X), np.tanh(X)),
        (ops.sigmoid(X), 1 / (1 + np.exp(-X))),
        (ops.relu(X), np.where(X > 0, X, 0)),
        (ops.exp(X), np.exp(X)),
        (ops.log(X**2 + 1), np.log(X**2 + 1)),
        (ops.softmax(X), np.exp(X) / np.exp(X).sum(1, keepdims=True)),
        (ops.softmax(X, axis=0), np.exp(X) / np.exp(X).sum(0)),
        (ops.sum(X), X.sum()),
        (ops.sum(X, axis=(0, -1), keepdims=True), X.sum().reshape(1, 1)),
        (ops.total(X, X, X), 3 * X),
        (ops.mean(X, axis=-1), X.sum(1) / 3),
        (ops.where(X > 0, X, 7.0), np.where(X > 0, X, 7)),
        (ops.where([[True], [False]], X, 7.0), np.stack([X[0], [7, 7, 7]])),
        (ops.reshape(X, shape=(3, -1)), X.reshape(3, 2)),
        (ops.transpose(X), X.T),
        (ops.transpose(X[None], axes=(-1, 0, 1)), X.T[:, None]),
        (ops.concatenate(X, X[:, :1]), np.hstack([X, X[:, :1]])),
        (ops.concatenate(X, X, axis=0), np.vstack([X, X])),
        (ops.stack(X, X, axis=-1), np.dstack([X, X])),
        (ops.stack(*ops.unstack(X, axis=1), axis=1), X),
        (ops.unstack(X, axis=-1)[2], X[:, 2]),
        (ops.split(X, parts=3)[1], X[:, 1:2]),
        (ops.split(X, parts=2, axis=0)[0], X[:1]),
    ],
)
def test_values_are_those_of_their_laws(value, expected):
    np.testing.assert_allclose(value, expected, rtol=1e-15, atol=1e-15)
    assert np.shape(value) == np.shape(expected)


def test_far_out_nothing_overflows():
    """RuntimeWarnings of the library are errors in these tests."""
    x = np.array([-1e4, -800.0, 0.0, 800.0, 1e4])
    np.testing.assert_array_equal(ops.sigmoid(x), [0, 0, 0.5, 1, 1])
    np.testing.assert_array_equal(ops.tanh(x), [-1, -1, 0, 1, 1])
    np.testing.assert_array_equal(ops.softmax(x), [0, 0, 0, 0, 1])
    for f in (ops.sigmoid, ops.tanh, ops.softmax):
        v = Var(x)
        backward(f(v), np.ones(5))
        assert np.isfinite(v.grad).all()


def test_softmax_sums_to_1_and_does_not_feel_a_shift():
    y = ops.softmax(X)
    np.testing.assert_allclose(y.sum(-1), 1, rtol=1e-15)
    np.testing.assert_allclose(ops.softmax(X + 1000), y, rtol=1e-12)


def test_tanh_is_a_sigmoid_of_twice_the_input():
    np.testing.assert_allclose(ops.tanh(X), 2 * ops.sigmoid(2 * X) - 1, rtol=1e-15, atol=1e-15)


def test_relu_takes_slope_0_at_its_kink():
    v = Var(np.array([-1.0, 0.0, 1.0]))
    backward(ops.relu(v), np.ones(3))
    np.testing.assert_array_equal(v.grad, [0, 0, 1])


def test_where_lets_each_side_have_its_own_gradient():
    """With NaN on the side that was not taken."""
    a, b = Var(np.array([1.0, np.nan])), Var(np.array(5.0))
    backward(ops.where(np.array([True, False]), a, b), np.array([3.0, 4.0]))
    np.testing.assert_array_equal(a.grad, [3, 0])
    assert b.grad == 4


def test_a_pick_of_the_same_element_twice_adds():
    v = Var(np.arange(3.0))
    backward(v[[2, 0, 2]], np.array([1.0, 10.0, 100.0]))
    np.testing.assert_array_equal(v.grad, [10, 0, 101])


def test_one_matrix_for_a_batch_of_any_shape():
    """The short way through one product gives what the sum over the batch would."""
    a, b, d = np.ones((2, 3, 4, 5)) * np.arange(5), np.arange(10.0).reshape(5, 2), np.ones((2, 3, 4, 2))
    _, pullback = ops.matmul.with_pullback(a, b)
    da, db = pullback(d)
    np.testing.assert_allclose(da, d @ b.T)
    np.testing.assert_allclose(db, np.einsum("abij,abik->jk", a, d))


@pytest.mark.parametrize("axes", [(0, -1, 1), (-1, 0, 1), (-2, -1, 0), (2, 0, 1)])
def test_transposing_back_where_axes_are_counted_from_both_ends(axes):
    assert gradcheck(ops.transpose, np.arange(27.0).reshape(3, 3, 3), axes=axes).worst < 1e-7


@pytest.mark.parametrize("axis", [0, -2, 1])
def test_sequences_of_no_step(axis):
    empty = np.zeros((0, 3) if axis != 1 else (3, 0))
    assert ops.unstack(empty, axis=axis) == ()
    assert ops.sum(empty) == 0
    assert gradcheck(ops.unstack, empty, axis=axis).worst == 0
    assert gradcheck(ops.sum, empty, axis=axis).worst == 0


@pytest.mark.parametrize(
    "mistake, error, said",
    [
        (lambda: ops.log(np.array([1.0, 0.0])), ValueError, "log(x) needs x > 0, got 0.0"),
        (lambda: ops.log(np.array([np.nan])), ValueError, "log(x) needs x > 0, got nan"),
        (lambda: ops.log(Var(X)), ValueError, "log(x) needs x > 0, got -2.0"),
        (lambda: ops.mean(np.zeros((2, 0))), ValueError, "the mean needs at least one element, got shape (2, 0)"),
        (lambda: ops.split(X, parts=2), ValueError, "axis -1 must divide into 2 parts, got size 3"),
        (lambda: ops.where(X, X, X), TypeError, "the condition must be bool, got dtype float64"),
        (lambda: ops.where(np.array([1, 0, 1]), X, X), TypeError, "the condition must be bool, got dtype int64"),
        (lambda: ops.matmul(X, X), ValueError, "a @ b must be (…, n, k) @ (…, k, m), got (2, 3) @ (2, 3)"),
        (lambda: ops.matmul(X[0], X.T), ValueError, "got (3,) @ (3, 2)"),
        (lambda: ops.stack([X, X]), TypeError, "each array is an argument of its own: write stack(*hs)"),
        (lambda: ops.stack([Var(X), Var(X)]), TypeError, "each array is an argument of its own"),
        (lambda: ops.concatenate((Var(X), Var(X))), TypeError, "each array is an argument of its own"),
        (lambda: ops.add(Var(X), np.ones(2)), ValueError, "shapes (2,3) (2,)"),
        (lambda: ops.reshape(Var(X), shape=(4,)), ValueError, "shape (4,)"),
        (lambda: Var(X)[5], IndexError, "index 5 is out of bounds"),
    ],
)
def test_a_mistake_is_named(mistake, error, said):
    with pytest.raises(error) as raised:
        mistake()
    assert said in str(raised.value)
