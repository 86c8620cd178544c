"""cross_entropy and squared_error: reductions, masks, extremes and mistakes. Gradients: tests/agreement."""

import numpy as np
import pytest

from unrolled.layers.losses import cross_entropy, squared_error

T, N, V = 4, 3, 5
RNG = np.random.default_rng(0)
LOGITS, TARGETS = RNG.standard_normal((T, N, V)), RNG.integers(V, size=(T, N))
YS, YS_TARGETS = RNG.standard_normal((2, T, N))
MASK = np.array([[1, 1, 1], [1, 0, 1], [0, 0, 1], [0, 0, 0]], bool)  # sequences of length 2, 1 and 3
LOSSES = {
    cross_entropy: (LOGITS, TARGETS, -np.log(np.exp(LOGITS) / np.exp(LOGITS).sum(-1, keepdims=True))),
    squared_error: (YS, YS_TARGETS, None),
}


def entries(loss):
    """The loss of each entry, (T, N), by its law."""
    if loss is squared_error:
        return (YS - YS_TARGETS) ** 2
    surprise = LOSSES[loss][2]
    return np.array([[surprise[t, n, TARGETS[t, n]] for n in range(N)] for t in range(T)])


each_loss = pytest.mark.parametrize("loss", LOSSES, ids=lambda f: f.__name__)


@each_loss
@pytest.mark.parametrize("mask", [None, MASK], ids=["no mask", "mask"])
@pytest.mark.parametrize("reduction", ["mean", "sum", "batch"])
def test_reductions_are_what_they_say(loss, mask, reduction):
    outputs, targets, _ = LOSSES[loss]
    counted = entries(loss)[MASK if mask is not None else np.ones((T, N), bool)]
    expected = counted.sum() / {"mean": len(counted), "sum": 1, "batch": N}[reduction]
    np.testing.assert_allclose(loss(outputs, targets, mask, reduction=reduction), expected, rtol=1e-12)


@each_loss
def test_the_mean_is_the_default(loss):
    outputs, targets, _ = LOSSES[loss]
    np.testing.assert_allclose(loss(outputs, targets), entries(loss).mean())


@each_loss
def test_what_is_masked_has_no_say(loss):
    """Neither in the loss nor in the gradient, whatever target stands there."""
    outputs, targets, _ = LOSSES[loss]
    value, pullback = loss.with_pullback(outputs, targets, MASK)
    padded = np.where(MASK, targets, -100)
    again, pullback_again = loss.with_pullback(outputs, padded, MASK)
    assert value == again
    gradient = pullback(1.0)[0]
    np.testing.assert_array_equal(pullback_again(1.0)[0], gradient)
    assert not gradient[~MASK].any()
    assert gradient[MASK].all()


def test_any_leading_axes():
    np.testing.assert_allclose(cross_entropy(LOGITS[0, 0], TARGETS[0, 0]), entries(cross_entropy)[0, 0])
    np.testing.assert_allclose(cross_entropy(LOGITS[0], TARGETS[0]), entries(cross_entropy)[0].mean())
    np.testing.assert_allclose(squared_error(YS[0, 0, None], YS_TARGETS[0, 0, None]), entries(squared_error)[0, 0])


def test_a_uniform_guess_costs_ln_V_and_a_sure_one_nothing():
    np.testing.assert_allclose(cross_entropy(np.zeros((2, V)), np.array([0, 3])), np.log(V))
    sure = 1e4 * np.eye(V)  # no overflow: RuntimeWarnings of the library are errors in these tests
    assert cross_entropy(sure, np.arange(V)) == 0
    assert cross_entropy(sure, (np.arange(V) + 1) % V) == 1e4


def test_the_gradient_of_the_logits_is_softmax_minus_one_hot():
    _, pullback = cross_entropy.with_pullback(LOGITS, TARGETS, reduction="sum")
    softmax = np.exp(LOGITS) / np.exp(LOGITS).sum(-1, keepdims=True)
    np.testing.assert_allclose(pullback(1.0)[0], softmax - np.eye(V)[TARGETS], atol=1e-12)


@pytest.mark.parametrize(
    "mistake, error, said",
    [
        (lambda: cross_entropy(LOGITS, TARGETS.T), ValueError, "targets must have shape (4, 3), got (3, 4)"),
        (lambda: cross_entropy(LOGITS, TARGETS + 1), ValueError, "targets must be integers from 0 to 4, got 5"),
        (lambda: cross_entropy(LOGITS, TARGETS - 9), ValueError, "targets must be integers from 0 to 4, got -"),
        (lambda: cross_entropy(LOGITS, TARGETS * 1.0), TypeError, "targets must be integers from 0 to 4, got dtype"),
        (lambda: cross_entropy(np.round(LOGITS).astype(int), TARGETS), TypeError, "logits must be an array of floats"),
        (lambda: cross_entropy(LOGITS, TARGETS, MASK * 1), ValueError, "mask must be bool of shape (4, 3), got int64"),
        (lambda: cross_entropy(LOGITS, TARGETS, MASK[0]), ValueError, "got bool of shape (3,)"),
        (lambda: cross_entropy(LOGITS, TARGETS, MASK & False), ValueError, "at least one entry that counts, got none"),
        (lambda: cross_entropy(LOGITS[:0], TARGETS[:0]), ValueError, "at least one entry that counts, got none"),
        (lambda: cross_entropy(LOGITS[0], TARGETS[0], reduction="batch"), ValueError, '"batch" needs axes (T, N, …)'),
        (lambda: cross_entropy(LOGITS, TARGETS, reduction="max"), ValueError, "one of mean, sum, batch, got 'max'"),
        (lambda: squared_error(YS, YS_TARGETS[:, :1]), ValueError, "targets must have shape (4, 3), got (4, 1)"),
        (lambda: squared_error(YS, YS_TARGETS.astype("f")), TypeError, "ys is float64, targets is float32"),
        (lambda: squared_error(YS.astype(int), YS_TARGETS), TypeError, "ys must be an array of floats"),
        (lambda: squared_error(YS, YS_TARGETS, [MASK]), ValueError, "got bool of shape (1, 4, 3)"),
    ],
)
def test_a_mistake_is_named(mistake, error, said):
    with pytest.raises(error) as raised:
        mistake()
    assert said in str(raised.value)
