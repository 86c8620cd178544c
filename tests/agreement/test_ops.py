"""Every elementary operation against finite differences and PyTorch, over shapes that hypothesis chooses."""

from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, basic_indices, mutually_broadcastable_shapes

from unrolled.autodiff import ops
from unrolled.autodiff.gradcheck import gradcheck
from unrolled.autodiff.tape import Var, backward

shapes = array_shapes(min_dims=0, max_dims=3, max_side=3)
solid = array_shapes(min_dims=1, max_dims=3, max_side=3)  # with at least one axis
rngs = st.integers(0, 2**32 - 1).map(np.random.default_rng)


class Call(NamedTuple):
    """One call of an operation, and the same in PyTorch."""

    f: Any
    arrays: tuple
    config: dict
    twin: Any  # twin(torch, *tensors)


def normal(rng, shape):
    """Between 0.1 and 3 in size, of both signs: away from relu's kink and from the poles of 1/x."""
    return np.asarray(rng.choice([-1, 1], shape) * rng.uniform(0.1, 3, shape))


def positive(rng, shape):
    return np.asarray(rng.uniform(0.1, 3, shape))


def unary(f, twin, values=normal, **config):
    return st.builds(lambda shape, rng: Call(f, (values(rng, shape),), config, twin), shapes, rngs)


def broadcast(f, twin):
    pairs = mutually_broadcastable_shapes(num_shapes=2, min_dims=0, max_dims=3, max_side=3)
    return st.builds(lambda p, rng: Call(f, tuple(normal(rng, s) for s in p.input_shapes), {}, twin), pairs, rngs)


@st.composite
def along(draw, f, twin):
    """An operation along one axis, counted from the front or from the back."""
    shape = draw(solid)
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    return Call(f, (normal(draw(rngs), shape),), {"axis": axis}, lambda torch, x: twin(torch, x, axis))


@st.composite
def reduction(draw, f, name):
    shape = draw(shapes)
    one = st.integers(-len(shape), len(shape) - 1)
    several = st.lists(st.integers(0, len(shape) - 1), unique=True, min_size=1).map(tuple)
    axis = draw(st.none() | one | several if shape else st.none())
    keepdims = draw(st.booleans())

    def twin(torch, x):
        every = tuple(range(len(shape)))
        return getattr(torch, name)(x, every if axis is None else axis, keepdims) if shape else x

    return Call(f, (normal(draw(rngs), shape),), {"axis": axis, "keepdims": keepdims}, twin)


@st.composite
def power(draw):
    exponent = draw(st.sampled_from([2, 3, 0.5, -1, -1.5, 1]))
    return Call(ops.power, (positive(draw(rngs), draw(shapes)),), {"exponent": exponent}, lambda _, x: x**exponent)


@st.composite
def matmul(draw):
    pair = draw(mutually_broadcastable_shapes(signature="(n,k),(k,m)->(n,m)", max_dims=2, max_side=3))
    return Call(ops.matmul, tuple(normal(draw(rngs), s) for s in pair.input_shapes), {}, lambda torch, a, b: a @ b)


@st.composite
def index(draw):
    x = normal(draw(rngs), draw(solid))
    key = draw(basic_indices(x.shape, allow_newaxis=True) | st.lists(st.integers(-len(x), len(x) - 1), max_size=5))
    backwards = any(isinstance(k, slice) and (k.step or 1) < 0 for k in (key if isinstance(key, tuple) else (key,)))
    return Call(ops.index, (x,), {"key": key}, None if backwards else lambda _, t: t[key])  # PyTorch has no x[::-1]


@st.composite
def mask_index(draw):
    rng = draw(rngs)
    x = normal(rng, draw(solid))
    mask = rng.random(x.shape) < 0.5
    return Call(ops.index, (x,), {"key": mask}, lambda torch, t: t[torch.tensor(mask)])


@st.composite
def where(draw):
    rng = draw(rngs)
    c, a, b = draw(mutually_broadcastable_shapes(num_shapes=3, min_dims=0, max_dims=3, max_side=3)).input_shapes
    condition = np.asarray(rng.random(c) < 0.5)
    arrays = condition, normal(rng, a), normal(rng, b)
    return Call(ops.where, arrays, {}, lambda torch, c, a, b: torch.where(c, a, b))


@st.composite
def reshape(draw):
    x = normal(draw(rngs), draw(shapes))
    shape = draw(st.sampled_from([(-1,), (1, -1), x.shape[::-1], (x.size, 1), x.size]))
    return Call(ops.reshape, (x,), {"shape": shape}, lambda _, t: t.reshape(shape))


@st.composite
def transpose(draw):
    x = normal(draw(rngs), draw(shapes))
    order = draw(st.permutations(range(x.ndim)))
    axes = draw(st.sampled_from([None, tuple(i - x.ndim * draw(st.booleans()) for i in order)]))
    return Call(ops.transpose, (x,), {"axes": axes}, lambda _, t: t.permute(axes or tuple(range(x.ndim))[::-1]))


@st.composite
def joined(draw, f):
    """concatenate with pieces of several lengths, stack with pieces of one."""
    shape = draw(shapes if f is ops.stack else solid)
    rng, pieces = draw(rngs), []
    axes = len(shape) + (f is ops.stack)
    axis = draw(st.integers(-axes, axes - 1))
    for n in draw(st.lists(st.integers(1, 3), min_size=1, max_size=4)):
        piece = list(shape)
        if f is ops.concatenate:
            piece[axis] = n
        pieces.append(normal(rng, piece))
    name = f.__name__
    return Call(f, tuple(pieces), {"axis": axis}, lambda torch, *ts: getattr(torch, name)(ts, axis))


@st.composite
def total(draw):
    shape, rng = draw(shapes), draw(rngs)
    pieces = tuple(normal(rng, shape) for _ in range(draw(st.integers(1, 4))))
    return Call(ops.total, pieces, {}, lambda torch, *ts: torch.stack(ts).sum(0))


@st.composite
def split(draw):
    x = normal(draw(rngs), draw(solid))
    axis = draw(st.integers(-x.ndim, x.ndim - 1))
    parts = draw(st.sampled_from([p for p in (1, 2, 3) if x.shape[axis] % p == 0]))
    return Call(ops.split, (x,), {"parts": parts, "axis": axis}, lambda torch, t: torch.chunk(t, parts, axis))


CALLS = {
    "add": broadcast(ops.add, lambda _, a, b: a + b),
    "subtract": broadcast(ops.subtract, lambda _, a, b: a - b),
    "multiply": broadcast(ops.multiply, lambda _, a, b: a * b),
    "divide": broadcast(ops.divide, lambda _, a, b: a / b),
    "negative": unary(ops.negative, lambda _, x: -x),
    "power": power(),
    "matmul": matmul(),
    "index": index(),
    "index by a mask": mask_index(),
    "tanh": unary(ops.tanh, lambda torch, x: torch.tanh(x)),
    "sigmoid": unary(ops.sigmoid, lambda torch, x: torch.sigmoid(x)),
    "relu": unary(ops.relu, lambda torch, x: torch.relu(x)),
    "exp": unary(ops.exp, lambda torch, x: torch.exp(x)),
    "log": unary(ops.log, lambda torch, x: torch.log(x), positive),
    "softmax": along(ops.softmax, lambda torch, x, axis: torch.softmax(x, axis)),
    "sum": reduction(ops.sum, "sum"),
    "total": total(),
    "mean": reduction(ops.mean, "mean"),
    "where": where(),
    "reshape": reshape(),
    "transpose": transpose(),
    "concatenate": joined(ops.concatenate),
    "stack": joined(ops.stack),
    "unstack": along(ops.unstack, lambda torch, x, axis: torch.unbind(x, axis)),
    "split": split(),
}
each_operation = pytest.mark.parametrize("name", CALLS)


def test_no_operation_is_left_out():
    assert {name.split()[0] for name in CALLS} == set(ops.__all__)


@pytest.mark.slow
@each_operation
@given(st.data())
@settings(max_examples=25)
def test_gradients_agree_with_finite_differences(name, data):
    call = data.draw(CALLS[name])
    gradcheck(call.f, *call.arrays, tolerance=1e-7, **call.config)


@pytest.mark.slow
@each_operation
@given(st.data())
@settings(max_examples=25)
def test_values_and_gradients_agree_with_pytorch(torch, name, data):
    call = data.draw(CALLS[name])
    if call.twin is None:
        return
    values, gradients, cotangents = run(call, np.float64)
    tensors = [torch.tensor(x, requires_grad=x.dtype.kind == "f") for x in call.arrays]
    theirs = call.twin(torch, *tensors)
    theirs = theirs if isinstance(theirs, tuple | list) else [theirs]
    torch.autograd.backward(theirs, [torch.tensor(c) for c in cotangents])
    assert len(values) == len(theirs)
    for value, other in zip(values, theirs):
        np.testing.assert_allclose(value, other.detach().numpy(), rtol=1e-12, atol=1e-12, strict=True)
    for gradient, tensor in zip(gradients, tensors):
        if gradient is not None:
            np.testing.assert_allclose(gradient, tensor.grad.numpy(), rtol=1e-12, atol=1e-12, strict=True)


@each_operation
@given(st.data())
@settings(max_examples=10)
def test_float32_stays_float32_and_close_and_plain_arrays_stay_plain(name, data):
    call = data.draw(CALLS[name])
    narrow, wide = run(call, np.float32), run(call, np.float64)
    plain = call.f(*call.arrays, **call.config)
    for value, other in zip(wide.values, plain if isinstance(plain, tuple) else (plain,), strict=True):
        assert not isinstance(other, Var)
        np.testing.assert_array_equal(value, other)
    for ours, exact in zip((*narrow.values, *narrow.gradients), (*wide.values, *wide.gradients)):
        if exact is not None:
            assert ours.dtype == np.float32
            np.testing.assert_allclose(ours, exact, rtol=1e-4, atol=1e-4)


class Run(NamedTuple):
    values: list
    gradients: list
    cotangents: list


def run(call, dtype):
    """Values and gradients on the tape, for cotangents that are the same in every dtype."""
    variables = [Var(x.astype(dtype)) if x.dtype.kind == "f" else x for x in call.arrays]
    made = call.f(*variables, **call.config)
    made = made if isinstance(made, tuple) else (made,)
    rng = np.random.default_rng(0)
    cotangents = [np.asarray(rng.standard_normal(v.shape), dtype) for v in made]
    gradients = [np.zeros_like(v.value) if isinstance(v, Var) else None for v in variables]
    for value, cotangent in zip(made, cotangents):
        backward(value, cotangent)
        gradients = [v.grad + g if isinstance(v, Var) else None for v, g in zip(variables, gradients)]
    return Run([v.value for v in made], gradients, cotangents)
