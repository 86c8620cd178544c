"""The tape: what it records, the walk back, and what it says to mistakes."""

import gc
import weakref

import numpy as np
import pytest

from unrolled.autodiff import ops
from unrolled.autodiff.gradcheck import gradcheck
from unrolled.autodiff.tape import Var, backward, differentiable, history, unbroadcast
from unrolled.layers.dense import embedding

RNG = np.random.default_rng(0)


def normal(*shape):
    return RNG.standard_normal(shape)


# Values and gradients


def test_a_value_used_twice_adds_its_gradients():
    x = Var(np.array([2.0, 3.0]))
    y = x * x + x
    backward(ops.sum(y * x))
    np.testing.assert_allclose(x.grad, 3 * x.value**2 + 2 * x.value)  # d(x^3 + x^2)/dx


def test_a_value_used_by_one_function_in_two_places_adds_both():
    x = Var(normal(3, 3))
    backward(ops.sum(x @ x))
    ones = np.ones((3, 3))
    np.testing.assert_allclose(x.grad, ones @ x.value.T + x.value.T @ ones)


def test_every_var_on_the_way_gets_its_gradient():
    x = Var(np.array(0.5))
    a = ops.exp(x)
    b = a * 3.0
    backward(b)
    assert (b.grad, a.grad) == (1.0, 3.0)
    np.testing.assert_allclose(x.grad, 3 * np.exp(0.5))


def test_a_second_walk_forgets_the_first():
    x = Var(np.array(2.0))
    y = x * x
    z = y * 3.0
    backward(z)
    backward(z)
    assert x.grad == 12.0
    backward(y)
    assert (x.grad, y.grad) == (4.0, 1.0)


def test_a_walk_from_an_array_takes_its_gradient():
    x = Var(normal(2, 3))
    d = normal(2, 3)
    backward(ops.tanh(x), d)
    np.testing.assert_allclose(x.grad, d * (1 - np.tanh(x.value) ** 2))


def test_a_leaf_is_its_own_gradient():
    x = Var(np.array(2.0))
    assert backward(x) == []
    assert x.grad == 1.0


OPERATORS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "@": lambda a, b: a @ b,
}
EXPRESSIONS = {
    "-a": lambda a: -a,
    "a ** 2": lambda a: a**2,
    "a[1]": lambda a: a[1],
    "a[:, 0]": lambda a: a[:, 0],
    "a[::-1]": lambda a: a[::-1],
    "a[[0, 0, 1]]": lambda a: a[[0, 0, 1]],
}


@pytest.mark.parametrize("sign", OPERATORS)
def test_operators_take_a_var_on_either_side(sign):
    f = OPERATORS[sign]
    a, b = normal(3, 3) + 3, normal(3, 3) + 3
    gradcheck(f, a, b, tolerance=1e-7)
    for other in [b] if sign == "@" else [b, 3, 3.0, np.float64(3), b[0], b[:, :1]]:
        for value, expected in [(f(Var(a), other), f(a, other)), (f(other, Var(a)), f(other, a))]:
            assert isinstance(value, Var)
            np.testing.assert_array_equal(value.value, expected)
        gradcheck(lambda x, other=other: f(x, other), a, tolerance=1e-7)
        gradcheck(lambda x, other=other: f(other, x), a, tolerance=1e-7)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_operators_on_one_var(expression):
    f, a = EXPRESSIONS[expression], normal(3, 3)
    np.testing.assert_array_equal(f(Var(a)).value, f(a))
    gradcheck(f, a, tolerance=1e-7)


@pytest.mark.parametrize("shape", [(), (1,), (3,), (1, 3), (2, 1), (2, 3), (1, 1, 1), (4, 1, 3), (4, 2, 3)])
def test_unbroadcast_is_the_transpose_of_broadcasting(shape):
    """<broadcast(x), d> = <x, unbroadcast(d)> for every x."""
    d, x = normal(4, 2, 3), normal(*shape)
    back = unbroadcast(d, shape)
    assert back.shape == shape
    np.testing.assert_allclose(np.vdot(np.broadcast_to(x, d.shape), d), np.vdot(x, back))


# Records


def test_the_records_hold_the_graph():
    x, w = Var(normal(2, 3), name="x"), Var(normal(3, 4), name="w")
    z = x @ w
    y = ops.tanh(z)
    matmul, tanh = history(y)
    assert [matmul.name, tanh.name] == ["matmul", "tanh"]
    assert matmul.inputs == (x, w)
    assert matmul.outputs == tanh.inputs == (z,)
    assert tanh.outputs == (y,)
    assert z.record is matmul
    assert x.record is None
    assert matmul.visit is None
    assert repr(matmul) == "matmul(x(2, 3), w(3, 4)) -> (2, 4)"
    assert (repr(x), repr(y)) == ("Var(x, shape=(2, 3))", "Var(tanh, shape=(2, 4))")


def diamond():
    """A graph in which one value feeds two ways of different length that meet again."""
    x = Var(normal(3))
    a = ops.tanh(x)
    b = ops.exp(ops.exp(ops.sigmoid(a)))
    return x, ops.sum(a * b + x)


def test_history_lists_each_record_once_after_those_it_depends_on():
    _, y = diamond()
    records = history(y)
    assert len(records) == len(set(records)) == 7
    for i, record in enumerate(records):
        assert all(v.record is None or v.record in records[:i] for v in record.inputs)
    assert records[-1] is y.record


def test_history_of_several_vars_is_that_of_all():
    x = Var(normal(3))
    a, b, c = ops.tanh(x), ops.exp(x), ops.relu(x)
    assert history(b, a) == [a.record, b.record]
    assert c.record not in history(a, b)
    assert history(x) == []


def test_the_walk_visits_users_before_what_they_use():
    _, y = diamond()
    visited = backward(y)
    assert visited == history(y)[::-1]
    assert [record.visit for record in visited] == list(range(7))
    for record in visited:
        assert all(v.record is None or v.record.visit > record.visit for v in record.inputs)


def test_what_did_not_lead_to_y_is_not_visited():
    x = Var(normal(3))
    y, aside = ops.sum(x), ops.exp(x)
    backward(y)
    assert aside.record.visit is None
    assert aside.grad is None


# Several outputs


def test_an_output_that_was_not_used_gets_zeros():
    given = []

    @differentiable
    def both(x):
        return (x + 1, np.stack([x, x]).astype(x.dtype)), lambda *ds: (given.append(ds), (ds[0] + ds[1].sum(0),))[1]

    x = Var(np.array([1.0, 2.0], np.float32))
    first, second = both(x)
    del second  # not even kept
    backward(ops.sum(first * 3))
    ((d1, d2),) = given
    np.testing.assert_array_equal(d1, [3, 3])
    np.testing.assert_array_equal(d2, np.zeros((2, 2), np.float32), strict=True)
    np.testing.assert_array_equal(x.grad, [3, 3])
    assert first.record.outputs == (first,)


def test_gradients_of_several_outputs_meet_in_one_call():
    calls = []

    @differentiable
    def both(x):
        return (2 * x, 3 * x), lambda a, b: (calls.append(1), (2 * a + 3 * b,))[1]

    x = Var(normal(4))
    a, b = both(x)
    backward(ops.sum(a * b))
    np.testing.assert_allclose(x.grad, 12 * x.value)
    assert calls == [1]


def test_a_sequence_of_no_step_flows_nothing_back():
    xs = Var(normal(0, 3))
    assert ops.unstack(xs) == ()


# Size and time


@pytest.mark.slow
def test_a_chain_of_5000_steps_does_not_recurse():
    x = Var(np.array(1.0))
    y = x
    for _ in range(5000):
        y = y * 1.0001
    assert len(backward(y)) == 5000
    np.testing.assert_allclose(x.grad, 1.0001**5000)
    del y  # nor does taking it down


def returned(y):
    """How many numbers the pullbacks return in one walk: the work of going back."""
    count = 0

    def counted(pullback):
        def wrapped(*ds):
            nonlocal count
            gradients = pullback(*ds)
            count += sum(g.size for g in gradients if g is not None)
            return gradients

        return wrapped

    for record in history(y):
        record.pullback = counted(record.pullback)
    backward(y)
    return count


def test_unstack_is_linear_in_T_where_indexing_is_quadratic():
    def work(T, steps):
        xs = Var(np.ones((T, 4)))
        return returned(ops.sum(ops.stack(*steps(xs, T))))

    by_index = [work(T, lambda xs, T: [xs[t] for t in range(T)]) for T in (32, 64, 128)]
    by_unstack = [work(T, lambda xs, T: ops.unstack(xs)) for T in (32, 64, 128)]
    assert by_unstack == [3 * 4 * T for T in (32, 64, 128)]  # unstack, stack and sum pass each number once
    assert by_index == [4 * T * T + 2 * 4 * T for T in (32, 64, 128)]


def test_no_cycle_keeps_a_tape_alive():
    """It is gone with its last Var: no training loop may wait for the garbage collector to free its arrays."""
    gc.disable()
    try:
        x = Var(normal(3))
        y = ops.sum(ops.tanh(x) * x)
        (a, b) = ops.split(ops.stack(y, y), parts=2)
        backward(ops.sum(a + b))
        records = [weakref.ref(record) for record in history(a, b)]
        arrays = [weakref.ref(y.value.base if y.value.base is not None else y.value)]
        assert all(ref() is not None for ref in records)
        del y, a, b
        assert [ref() for ref in records + arrays] == [None] * (len(records) + 1)
    finally:
        gc.enable()


# The two faces


@differentiable
def affine(x, a, b=None, *, twice=False):
    """x a + b, once or twice."""
    y = x * a + (0 if b is None else b)
    n = 2 if twice else 1
    return n * y, lambda d: (n * d * a, n * d * x, None if b is None else n * d)


def test_plain_arrays_give_plain_arrays():
    x = normal(3)
    value = affine(x, x)
    assert type(value) is np.ndarray
    value, pullback = affine.with_pullback(x, x)
    assert type(value) is np.ndarray
    assert len(pullback(value)) == 3


@pytest.mark.parametrize("twice", [False, True])
def test_keywords_bind_by_signature(twice):
    x, a, b = normal(3), normal(3), normal(3)
    expected = (1 + twice) * (x * a + b)
    np.testing.assert_array_equal(affine(b=b, a=a, x=x, twice=twice), expected)
    np.testing.assert_array_equal(affine.with_pullback(x, b=b, a=a, twice=twice)[0], expected)
    v = Var(a)
    y = affine(x, b=b, a=v, twice=twice)
    np.testing.assert_array_equal(y.value, expected)
    backward(ops.sum(y))
    np.testing.assert_array_equal(v.grad, (1 + twice) * x)


def test_a_function_keeps_its_name_and_docstring():
    assert affine.__name__ == affine.with_pullback.__name__ == "affine"
    assert affine.__doc__ == affine.with_pullback.__doc__ == "x a + b, once or twice."


def test_integers_and_masks_beside_a_var_get_no_gradient():
    W = Var(normal(3, 2))
    tokens = np.array([0, 0])
    y = embedding(tokens, W)
    assert y.record.inputs == (W,)
    backward(ops.sum(y))
    np.testing.assert_array_equal(W.grad, [[2, 2], [0, 0], [0, 0]])


# Mistakes


@pytest.mark.parametrize(
    "mistake, said",
    [
        (lambda v: Var([1, 2]), "a Var must hold floats, got dtype int64"),
        (lambda v: Var(np.array([True]), name="mask"), "mask must hold floats, got dtype bool"),
        (lambda v: list(v), "a Var is not iterated: unstack(xs) gives all steps at once, xs[t] costs T^2 on the tape"),
        (lambda v: np.asarray(v), "a Var is not an array: use a function of autodiff.ops, or .value, which leaves"),
        (lambda v: np.stack([v, v]), "a Var is not an array"),
        (lambda v: np.tanh(v), "NumPy's tanh takes no Var: use autodiff.ops, or .value to leave the tape"),
        (lambda v: np.sum(v), "NumPy's add takes no Var"),
        (lambda v: np.maximum(v, 0), "NumPy's maximum takes no Var"),
        (lambda v: np.ones(3) > v, "NumPy's greater takes no Var"),
        (lambda v: np.add(np.ones(3), v, out=np.ones(3)), "NumPy's add takes no Var"),
        (lambda v: backward(3.0), "backward needs a Var, got float"),
        (lambda v: ops.sum(v, axis=v), "axis of sum is configuration and takes no gradient, got a Var"),
        (lambda v: v**v, "exponent of power is configuration and takes no gradient, got a Var"),
        (lambda v: v[v], "key of index is configuration and takes no gradient, got a Var"),
        (lambda v: ops.tanh.with_pullback(v), "tanh.with_pullback takes arrays, got a Var: pass its .value"),
        (lambda v: affine.with_pullback(np.ones(3), a=v), "affine.with_pullback takes arrays, got a Var"),
        (lambda v: affine(v), "'a'"),
        (lambda v: embedding(v, np.ones((3, 2))), "tokens must be integers from 0 to 2, got dtype float64"),
    ],
)
def test_a_mistake_in_kind_is_named(mistake, said):
    with pytest.raises(TypeError) as error:
        mistake(Var(normal(3)))
    assert said in str(error.value)


@pytest.mark.parametrize(
    "mistake, said",
    [
        (lambda v: backward(v), "backward needs a scalar, or a gradient of y's shape (3,), got shape ()"),
        (lambda v: backward(v, np.ones(2)), "a gradient of y's shape (3,), got shape (2,)"),
        (lambda v: backward(ops.sum(v), np.ones(3)), "a gradient of y's shape (), got shape (3,)"),
        (lambda v: v @ v, "a @ b must be (…, n, k) @ (…, k, m), got (3,) @ (3,)"),
        (lambda v: np.ones((2, 2)) @ v[None], "a @ b must be (…, n, k) @ (…, k, m), got (2, 2) @ (1, 3)"),
    ],
)
def test_a_mistake_in_shape_is_named(mistake, said):
    with pytest.raises(ValueError) as error:
        mistake(Var(normal(3)))
    assert said in str(error.value)


@pytest.mark.parametrize(
    "pullback, error, said",
    [
        (lambda d: d, TypeError, "the pullback of wrong must return a tuple with one gradient for each parameter"),
        (lambda d: [d, d], TypeError, "must return a tuple"),
        (lambda d: (d,), TypeError, "with one gradient for each parameter"),
        (lambda d: (d, d.sum()), ValueError, "a gradient of shape (3,) for its argument 1, got ()"),
        (lambda d: (d[None], d), ValueError, "a gradient of shape (3,) for its argument 0, got (1, 3)"),
    ],
)
def test_a_wrong_pullback_is_named(pullback, error, said):
    @differentiable
    def wrong(a, b):
        return a + b, pullback

    with pytest.raises(error) as raised:
        backward(ops.sum(wrong(Var(normal(3)), Var(normal(3)))))
    assert said in str(raised.value)


@pytest.mark.parametrize("shape", [(2, 3), (4, 3), (3,), ()])
def test_a_pullback_takes_gradients_of_its_values_shapes_alone(shape):
    """A gradient that is too short would be cut by a zip, a smaller one broadcast: both would pass in silence."""
    _, pullback = ops.tanh.with_pullback(np.ones((3, 3)))
    with pytest.raises(ValueError, match=r"^the pullback of tanh takes gradients of shapes \[\(3, 3\)\], got \["):
        pullback(np.ones(shape))
