"""Convolution and attention: slow definitions, finite differences, PyTorch. Broken copies: test_mutants.py."""

import numpy as np
import pytest

from unrolled.autodiff import ops
from unrolled.autodiff.gradcheck import gradcheck
from unrolled.autodiff.tape import value_and_grad
from unrolled.layers.attention import additive_attention, attention, weighted_mean
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
STEPS = np.tril(np.ones((3, 5), bool), 1) & MASK[:, None] | np.eye(3, 5, dtype=bool)  # (2, 3, 5): each step its own
EVERY = pytest.mark.parametrize("mask", [None, MASK, STEPS])


def by_step(mask):
    """Of whatever mask, the one of each step: (2, 3, 5)"""
    whole = True if mask is None else mask if mask.ndim == 3 else mask[:, None]
    return np.broadcast_to(whole, (2, 3, 5))


@EVERY
def test_attention_is_its_formula(mask):
    queries, keys, values = looks()
    contexts, alphas = attention(queries, keys, values, mask)
    for t, n in np.ndindex(3, 2):
        weight = np.exp(keys[n] @ queries[t, n] / 2) * by_step(mask)[n, t]
        assert np.allclose(alphas[t, n], weight / weight.sum())
        assert np.allclose(contexts[t, n], weight @ values[n] / weight.sum())


def test_large_scores_do_not_overflow():
    queries, keys, values = looks()
    contexts, alphas = attention(1e4 * queries, keys, values)
    best = np.argmax(np.einsum("tna,nka->tnk", queries, keys), -1)
    assert np.allclose(alphas.max(-1), 1)
    assert np.array_equal(alphas.argmax(-1), best)
    assert np.allclose(contexts, values[np.arange(2), best])


@EVERY
def test_the_gradients_of_attention(mask):
    gradcheck(lambda q, k, v: attention(q, k, v, mask), *looks())


@pytest.mark.parametrize("mask", [MASK, STEPS])
def test_attention_is_pytorchs(mask):
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle: pip install -e .[torch]")
    queries, keys, values = looks()
    (contexts, _), pullback = attention.with_pullback(queries, keys, values, mask)
    leaves = [torch.tensor(a, requires_grad=True) for a in (queries.transpose(1, 0, 2), keys, values)]
    theirs = torch.nn.functional.scaled_dot_product_attention(*leaves, attn_mask=torch.tensor(by_step(mask).copy()))
    assert np.allclose(theirs.detach().numpy().transpose(1, 0, 2), contexts)
    d = rng.normal(size=contexts.shape)
    theirs.backward(torch.tensor(d.transpose(1, 0, 2)))
    dq, dk, dv, _ = pullback(d, np.zeros((3, 2, 5)))
    for mine, leaf in zip((dq.transpose(1, 0, 2), dk, dv), leaves):
        assert np.allclose(mine, leaf.grad.numpy())


def test_without_a_scale_the_product_is_luongs_dot_and_general():
    queries, keys, values = looks()
    W_a = rng.normal(size=(3, 4))
    for scored in (keys, values @ W_a):  # "dot"; "general": h_t · (h_s W_a)
        alphas = attention(queries, scored, values, scale=1)[1]
        for t, n in np.ndindex(3, 2):
            weight = np.exp(scored[n] @ queries[t, n])
            assert np.allclose(alphas[t, n], weight / weight.sum())
    gradcheck(lambda q, k, v: attention(q, k, v, MASK, scale=1.5), queries, keys, values)


@EVERY
def test_additive_attention_is_its_formula(mask):
    queries, keys, values = looks()
    w = rng.normal(size=4)
    contexts, alphas = additive_attention(queries, keys, values, w, mask)
    for t, n in np.ndindex(3, 2):
        weight = np.exp([np.tanh(queries[t, n] + key) @ w for key in keys[n]]) * by_step(mask)[n, t]
        assert np.allclose(alphas[t, n], weight / weight.sum())
        assert np.allclose(contexts[t, n], weight @ values[n] / weight.sum())


@EVERY
def test_the_gradients_of_additive_attention(mask):
    gradcheck(lambda q, k, v, w: additive_attention(q, k, v, w, mask), *looks(), rng.normal(size=4))


def of_elementary_ops(queries, keys, values, w, mask):
    """Additive attention line by line, for the tape to differentiate."""
    T, N, M = queries.shape
    hidden = ops.tanh(ops.reshape(queries, shape=(T, N, 1, M)) + keys)
    scores = ops.where(by_step(mask).swapaxes(0, 1), ops.sum(hidden * w, axis=3), np.float64(-1e9))
    alphas = ops.softmax(scores)
    return ops.sum(ops.reshape(alphas, shape=(*alphas.shape, 1)) * values, axis=2), alphas


@pytest.mark.parametrize("mask", [MASK, STEPS])
def test_additive_attention_is_the_tape_of_elementary_ops(mask):
    args = {"queries": looks()[0], "keys": looks()[1], "values": looks()[2], "w": rng.normal(size=4)}
    weights = rng.normal(size=(3, 2, 3)), rng.normal(size=(3, 2, 5))

    def loss(params, form):
        contexts, alphas = form(**params, mask=mask)
        return ops.sum(contexts * weights[0]) + ops.sum(alphas * weights[1])

    mine, theirs = (value_and_grad(loss)(args, form) for form in (additive_attention, of_elementary_ops))
    assert mine[0] == pytest.approx(theirs[0])
    for name in args:
        np.testing.assert_allclose(mine[1][name], theirs[1][name], atol=1e-12)


@pytest.mark.parametrize("mask", [MASK, STEPS])
def test_additive_attention_is_pytorchs(torch, mask):
    queries, keys, values, w = (*looks(), rng.normal(size=4))
    (contexts, alphas), pullback = additive_attention.with_pullback(queries, keys, values, w, mask)
    q, k, v, w_ = leaves = [torch.tensor(a, requires_grad=True) for a in (queries, keys, values, w)]
    scores = (torch.tanh(q[:, :, None] + k) @ w_).transpose(0, 1)
    weights = torch.softmax(scores.masked_fill(~torch.tensor(by_step(mask).copy()), -torch.inf), -1)
    weights = weights.transpose(0, 1)
    theirs = torch.einsum("tnk,nkb->tnb", weights, v)
    assert np.allclose(theirs.detach().numpy(), contexts)
    assert np.allclose(weights.detach().numpy(), alphas)
    d, da = rng.normal(size=contexts.shape), rng.normal(size=alphas.shape)
    torch.autograd.backward([theirs, weights], [torch.tensor(d), torch.tensor(da)])
    for mine, leaf in zip(pullback(d, da), leaves):
        assert np.allclose(mine, leaf.grad.numpy())


def test_what_the_mask_shuts_out_changes_nothing():
    queries, keys, values = looks()
    w, other = rng.normal(size=4), [a + 100 * ~MASK[..., None] for a in (keys, values)]
    for form in (attention, lambda q, k, v, mask: additive_attention(q, k, v, w, mask)):
        for before, after in zip(form(queries, keys, values, MASK), form(queries, *other, MASK)):
            assert np.array_equal(before, after)


def self_attention(xs, W_q, W_k, W_v, mask=None):
    """A sequence that attends to itself: xs (T, N, D) -> contexts (T, N, D)"""
    annotations = xs.transpose(1, 0, 2)
    return attention(xs @ W_q, annotations @ W_k, annotations @ W_v, mask)[0]


def test_under_a_causal_mask_a_step_knows_nothing_of_later_ones():
    xs, weights = rng.normal(size=(5, 2, 4)), rng.normal(size=(3, 4, 4))
    causal = np.broadcast_to(np.tril(np.ones((5, 5), bool)), (2, 5, 5))
    before = self_attention(xs, *weights, causal)
    for t in range(4):
        after = self_attention(np.concatenate([xs[: t + 1], rng.normal(size=(4 - t, 2, 4))]), *weights, causal)
        assert np.array_equal(before[: t + 1], after[: t + 1])
        assert not np.isclose(before[t + 1 :], after[t + 1 :]).all(-1).any()
    for t in range(5):  # and it is what the steps up to it give alone
        assert np.allclose(before[t], self_attention(xs[: t + 1], *weights)[t])


def test_without_positions_the_order_of_a_sequence_is_lost_and_with_them_it_is_not():
    xs, weights, order = rng.normal(size=(5, 2, 4)), rng.normal(size=(3, 4, 4)), [2, 0, 4, 1, 3]
    places = rng.normal(size=(5, 1, 4))
    assert np.allclose(self_attention(xs[order], *weights), self_attention(xs, *weights)[order])
    with_places = self_attention(xs + places, *weights)
    assert not np.allclose(self_attention(xs[order] + places, *weights), with_places[order])
    causal = np.broadcast_to(np.tril(np.ones((5, 5), bool)), (2, 5, 5))
    same_end = [xs[[0, 1, 2, 3, 4]], xs[[3, 1, 0, 2, 4]]]  # the last step sees a set of earlier ones
    assert np.allclose(*(self_attention(each, *weights, causal)[-1] for each in same_end))


def test_additive_attention_refuses_shapes_that_disagree():
    queries, keys, values = looks()
    for wrong, name in (((queries, keys[:1], values, queries[0, 0]), "keys"),
                        ((queries, keys, values[:, :4], queries[0, 0]), "values"),
                        ((queries, keys, values, queries[0]), "w")):  # fmt: skip
        with pytest.raises(ValueError, match=f"{name} must be"):
            additive_attention(*wrong)


@pytest.mark.parametrize(
    "wrong, law",
    [
        (lambda: conv2d(np.zeros((1, 2, 2, 3)), np.zeros((3, 3, 3, 1)), np.zeros(1)), "within the picture"),
        (lambda: conv2d(np.zeros((1, 4, 4, 3)), np.zeros((3, 3, 2, 1)), np.zeros(1)), "W must be"),
        (lambda: conv2d(np.zeros((1, 4, 4, 3)), np.zeros((3, 3, 3, 1)), np.zeros(1), stride=0), "stride >= 1"),
        (lambda: attention(*looks(), np.zeros((2, 5), bool)), "a True in each row"),
        (lambda: attention(*looks(), np.ones((2, 4), bool)), r"mask must be bool \(2, 5\) or \(2, 3, 5\)"),
        (lambda: attention(*looks(), np.ones((3, 5), bool)), r"got bool \(3, 5\)"),
        (lambda: attention(*looks(), np.arange(3)[:, None] > np.zeros((2, 1, 5))), "a True in each row"),
        (lambda: attention(looks()[0][..., :2], *looks()[1:]), "keys must be"),
        (lambda: additive_attention(*looks(), np.ones(4), np.zeros((2, 5), bool)), "a True in each row"),
        (lambda: weighted_mean(np.zeros((2, 3, 4)), looks()[2]), "scores must be"),
    ],
)
def test_bad_input(wrong, law):
    with pytest.raises(ValueError, match=law):
        wrong()
