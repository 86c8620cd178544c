"""Optimizers and clipping: what changes, what stays, and what they say to mistakes. Their laws: tests/agreement."""

import numpy as np
import pytest

from unrolled.autodiff.trees import leaves
from unrolled.learning.optimizers import SGD, Adagrad, Adam, RMSProp, clip_by_norm, clip_by_value, global_norm

each = pytest.mark.parametrize("optimizer", [SGD(), SGD(momentum=0.5), Adagrad(), RMSProp(), Adam()], ids=repr)


def params():
    return {"rnn": {"W": np.array([[1.0, -2.0]]), "b": np.array([0.5])}, "pair": (np.array(3.0), np.ones(2))}


def ones(tree):
    return {"rnn": {k: np.ones_like(v) for k, v in tree["rnn"].items()}, "pair": (np.array(1.0), np.ones(2))}


@pytest.mark.parametrize(
    "optimizer, first, second",  # where p = 1 goes by the gradients 2 and then -4, by hand from the law
    [
        (SGD(0.1), 0.8, 1.2),
        (SGD(0.1, momentum=0.5), 0.8, 1.1),
        (Adagrad(0.1, eps=0), 0.9, 0.9 + 0.1 * 4 / 20**0.5),
        (RMSProp(0.1, decay=0.5, eps=0), 1 - 0.1 * 2**0.5, 1 - 0.1 * 2**0.5 + 0.1 * 4 / 3),
        (Adam(0.1, beta1=0.5, beta2=0.5, eps=0), 0.9, 0.9 + 0.1 * 2 / 12**0.5),
    ],
    ids=lambda value: repr(value),
)
def test_two_updates_by_hand(optimizer, first, second):
    p = {"p": np.array([1.0])}
    state = optimizer.init(p)
    for gradient, expected in [(2.0, first), (-4.0, second)]:
        optimizer.update(p, {"p": np.array([gradient])}, state)
        np.testing.assert_allclose(p["p"], [expected], rtol=1e-12)


@each
def test_an_update_goes_downhill_in_place(optimizer):
    p = params()
    arrays = [leaf for _, leaf in leaves(p)]
    before = [leaf.copy() for leaf in arrays]
    state = optimizer.init(p)
    kept = leaves(state)
    grads = ones(p)
    optimizer.update(p, grads, state)
    for (_, leaf), array, old in zip(leaves(p), arrays, before, strict=True):
        assert leaf is array
        assert (array < old).all()
    for (path, leaf), (_, array) in zip(leaves(state), kept, strict=True):
        assert leaf is array, path
    assert state["t"] == 1
    for _, g in leaves(grads):
        np.testing.assert_array_equal(g, 1)


@each
def test_an_optimizer_remembers_nothing_itself(optimizer):
    """Two runs share it; each has its own state."""
    together, alone = params(), params()
    state, other, own = optimizer.init(together), optimizer.init(together), optimizer.init(alone)
    for _ in range(3):
        optimizer.update(together, ones(together), state)
        optimizer.update(params(), ones(alone), other)
        optimizer.update(alone, ones(alone), own)
    for (_, a), (_, b) in zip(leaves(together), leaves(alone), strict=True):
        np.testing.assert_array_equal(a, b)
    assert hash(optimizer) == hash(type(optimizer)(**vars(optimizer)))  # frozen


@pytest.mark.parametrize(
    "mistake, said",
    [
        (lambda: SGD(0.0), "the learning rate must be > 0, got 0.0"),
        (lambda: Adam(-1e-3), "the learning rate must be > 0, got -0.001"),
        (lambda: RMSProp(np.nan), "the learning rate must be > 0, got nan"),
        (lambda: SGD(momentum=1.0), "momentum must be at least 0 and below 1, got 1.0"),
        (lambda: RMSProp(decay=-0.1), "decay must be at least 0 and below 1, got -0.1"),
        (lambda: Adam(beta1=1), "beta1 must be at least 0 and below 1, got 1"),
        (lambda: Adam(beta2=1.5), "beta2 must be at least 0 and below 1, got 1.5"),
        (lambda: clip_by_norm({}, 0), "max_norm must be > 0, got 0"),
        (lambda: clip_by_norm({}, np.nan), "max_norm must be > 0, got nan"),
        (lambda: clip_by_value({}, -1), "limit must be > 0, got -1"),
    ],
)
def test_a_setting_that_cannot_work_is_named(mistake, said):
    with pytest.raises(ValueError) as error:
        mistake()
    assert str(error.value) == said


@pytest.mark.parametrize(
    "wrong, said",
    [
        (lambda g: g["rnn"].pop("b"), "trees must have the same keys, got ['W', 'b'] and ['W']"),
        (lambda g: g["rnn"].update(b=np.array(1.0)), "a gradient must have its parameter's shape (1,), got ()"),
        (lambda g: g["rnn"].update(b={"b": np.ones(1)}), "trees must have the same keys, got a leaf and ['b']"),
        (lambda g: g.update(pair=(np.array(1.0), np.ones((2, 2)))), "parameter's shape (2,), got (2, 2)"),
    ],
)
@each
def test_gradients_of_another_nest_or_shape_change_nothing(optimizer, wrong, said):
    """A bias whose gradient was summed to one number would else be broadcast, and train to nonsense."""
    p = params()
    state, grads = optimizer.init(p), ones(p)
    wrong(grads)
    with pytest.raises(ValueError) as error:
        optimizer.update(p, grads, state)
    assert said in str(error.value)
    for (_, leaf), (_, old) in zip(leaves(p), leaves(params()), strict=True):
        np.testing.assert_array_equal(leaf, old)
    assert not any(leaf.any() for _, leaf in leaves(state))


def test_clip_by_norm_shortens_and_keeps_the_direction():
    grads = {"a": np.array([3.0, 0.0]), "b": (np.array(4.0),)}
    assert global_norm(grads) == 5
    clipped = clip_by_norm(grads, 1.0)
    np.testing.assert_allclose(clipped["a"], [0.6, 0])
    np.testing.assert_allclose(clipped["b"][0], 0.8)
    assert clip_by_norm(grads, 5.0) is grads
    np.testing.assert_array_equal(grads["a"], [3, 0])


def test_clip_by_value_cuts_each_number():
    grads = {"a": np.array([3.0, -0.5]), "b": (np.array(-4.0),)}
    clipped = clip_by_value(grads, 1.0)
    np.testing.assert_array_equal(clipped["a"], [1, -0.5])
    assert clipped["b"][0] == -1
    np.testing.assert_array_equal(grads["a"], [3, -0.5])


def test_the_norm_of_float32_gradients_neither_overflows_nor_vanishes():
    """A gradient that explodes is what clipping is for."""
    for size in (1e30, 1e-30):
        grads = {"a": np.full(4, size, np.float32)}
        np.testing.assert_allclose(global_norm(grads), 2 * size, rtol=1e-6)
    clipped = clip_by_norm({"a": np.full(4, 1e30, np.float32)}, 1.0)["a"]
    np.testing.assert_allclose(clipped, 0.5, rtol=1e-6)
    assert clipped.dtype == np.float32
