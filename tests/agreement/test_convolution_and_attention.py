"""Convolution and attention: slow definitions, finite differences, PyTorch. Broken copies: test_mutants.py."""

import numpy as np
import pytest

from unrolled.autodiff.gradcheck import gradcheck
from unrolled.layers.attention import attention
from unrolled.layers.convolution import conv2d

rng = np.random.default_rng(1)
SHAPES = [(1, 0), (2, 1), (2, 0), (1, 2), (3, 1)]


def picture(k=3):
    return rng.normal(size=(2, 7, 6, 3)), rng.normal(size=(k, k, 3, 4)), rng.normal(size=4)


@pytest.mark.parametrize("stride, padding", SHAPES)
def test_a_convolution_is_its_sum(stride, padding):
    x, W, b = picture()
    padded = np.pad(x, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    y = conv2d(x, W, b, stride=stride, padding=padding)
    for n, i, j, m in np.ndindex(y.shape):
        window = padded[n, stride * i : stride * i + 3, stride * j : stride * j + 3]
        assert y[n, i, j, m] == pytest.approx((window * W[..., m]).sum() + b[m])


@pytest.mark.parametrize("stride, padding", SHAPES)
def test_the_gradients_of_a_convolution(stride, padding):
    gradcheck(conv2d, *picture(), stride=stride, padding=padding)


@pytest.mark.parametrize("stride, padding", SHAPES)
def test_a_convolution_is_pytorchs(stride, padding):
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle: pip install -e .[torch]")
    x, W, b = picture()
    y, pullback = conv2d.with_pullback(x, W, b, stride=stride, padding=padding)
    dy = rng.normal(size=y.shape)
    leaves = [torch.tensor(a, requires_grad=True) for a in (x.transpose(0, 3, 1, 2), W.transpose(3, 2, 0, 1), b)]
    theirs = torch.nn.functional.conv2d(*leaves, stride=stride, padding=padding)
    theirs.backward(torch.tensor(dy.transpose(0, 3, 1, 2)))
    assert np.allclose(theirs.detach().numpy().transpose(0, 2, 3, 1), y)
    dx, dW, db = (leaf.grad.numpy() for leaf in leaves)
    for mine, right in zip(pullback(dy), (dx.transpose(0, 2, 3, 1), dW.transpose(2, 3, 1, 0), db)):
        assert np.allclose(mine, right)


def looks():
    return rng.normal(size=(3, 2, 4)), rng.normal(size=(2, 5, 4)), rng.normal(size=(2, 5, 3))


MASK = np.array([[True, True, False, True, False], [False, True, True, True, True]])


@pytest.mark.parametrize("mask", [None, MASK])
def test_attention_is_its_formula(mask):
    queries, keys, values = looks()
    contexts, alphas = attention(queries, keys, values, mask)
    for t, n in np.ndindex(3, 2):
        weight = np.exp(keys[n] @ queries[t, n] / 2) * (1 if mask is None else mask[n])
        assert np.allclose(alphas[t, n], weight / weight.sum())
        assert np.allclose(contexts[t, n], weight @ values[n] / weight.sum())


def test_large_scores_do_not_overflow():
    queries, keys, values = looks()
    contexts, alphas = attention(1e4 * queries, keys, values)
    best = np.argmax(np.einsum("tna,nka->tnk", queries, keys), -1)
    assert np.allclose(alphas.max(-1), 1)
    assert np.array_equal(alphas.argmax(-1), best)
    assert np.allclose(contexts, values[np.arange(2), best])


@pytest.mark.parametrize("mask", [None, MASK])
def test_the_gradients_of_attention(mask):
    gradcheck(lambda q, k, v: attention(q, k, v, mask), *looks())


def test_attention_is_pytorchs():
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle: pip install -e .[torch]")
    queries, keys, values = looks()
    (contexts, _), pullback = attention.with_pullback(queries, keys, values, MASK)
    leaves = [torch.tensor(a, requires_grad=True) for a in (queries.transpose(1, 0, 2), keys, values)]
    theirs = torch.nn.functional.scaled_dot_product_attention(*leaves, attn_mask=torch.tensor(MASK)[:, None])
    assert np.allclose(theirs.detach().numpy().transpose(1, 0, 2), contexts)
    d = rng.normal(size=contexts.shape)
    theirs.backward(torch.tensor(d.transpose(1, 0, 2)))
    dq, dk, dv, _ = pullback(d, np.zeros((3, 2, 5)))
    for mine, leaf in zip((dq.transpose(1, 0, 2), dk, dv), leaves):
        assert np.allclose(mine, leaf.grad.numpy())


@pytest.mark.parametrize(
    "wrong, law",
    [
        (lambda: conv2d(np.zeros((1, 2, 2, 3)), np.zeros((3, 3, 3, 1)), np.zeros(1)), "within the picture"),
        (lambda: conv2d(np.zeros((1, 4, 4, 3)), np.zeros((3, 3, 2, 1)), np.zeros(1)), "W must be"),
        (lambda: conv2d(np.zeros((1, 4, 4, 3)), np.zeros((3, 3, 3, 1)), np.zeros(1), stride=0), "stride >= 1"),
        (lambda: attention(*looks(), np.zeros((2, 5), bool)), "a True in each row"),
        (lambda: attention(*looks(), np.ones((2, 4), bool)), r"mask must be bool \(2, 5\)"),
        (lambda: attention(looks()[0][..., :2], *looks()[1:]), "keys must be"),
    ],
)
def test_bad_input(wrong, law):
    with pytest.raises(ValueError, match=law):
        wrong()
