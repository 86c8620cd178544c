"""The recurrent cells: step by step = sequence = tape of elementary operations = finite differences = PyTorch."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from unrolled.autodiff import ops
from unrolled.autodiff.gradcheck import gradcheck
from unrolled.autodiff.tape import Var, backward
from unrolled.cells.rnn import jordan, rnn, rnn_step

ACTIVATIONS = {"tanh": ops.tanh, "relu": ops.relu, "identity": lambda z: z}
each_activation = pytest.mark.parametrize("activation", ACTIVATIONS)
sizes = st.tuples(*[st.integers(1, 4)] * 3)  # N, D, H
rngs = st.integers(0, 2**32 - 1).map(np.random.default_rng)


def draw(rng, T, N, D, H, dtype=np.float64):
    """xs, h0, W_xh, W_hh, b_h, and a gradient of hs."""
    shapes = (T, N, D), (N, H), (D, H), (H, H), (H,), (T, N, H)
    return [(0.7 * rng.standard_normal(shape)).astype(dtype) for shape in shapes]


def elementary(xs, h, W_xh, W_hh, b_h, activation):
    """The recurrence as the lecture writes it, of elementary operations."""
    hs = []
    for x in ops.unstack(xs):
        h = ACTIVATIONS[activation](x @ W_xh + h @ W_hh + b_h)
        hs.append(h)
    return ops.stack(*hs)


def on_the_tape(function, arguments, cotangent):
    """The value, and the gradient of every argument, by the tape."""
    variables = [Var(x) for x in arguments]
    value = function(*variables)
    backward(value, cotangent)
    return value.value, [v.grad for v in variables]


def assert_agree(ours, theirs, tolerance):
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance, strict=True)


def far_from_the_kink(xs, h, W_xh, W_hh, b_h):
    for x in xs:
        z = x @ W_xh + h @ W_hh + b_h
        assume(np.abs(z).min() > 1e-3)
        h = np.maximum(z, 0)


@each_activation
@given(st.integers(1, 5), sizes, rngs)
@settings(max_examples=30)
def test_steps_the_sequence_and_elementary_operations_agree(activation, T, size, rng):
    *arguments, dhs = draw(rng, T, *size)
    hs, pullback = rnn.with_pullback(*arguments, activation=activation)
    gradients = pullback(dhs)

    def steps(xs, h, *weights):
        hs = []
        for x in ops.unstack(xs):
            h = rnn_step(x, h, *weights, activation=activation)
            hs.append(h)
        return ops.stack(*hs)

    for function in (steps, lambda *a: elementary(*a, activation), lambda *a: rnn(*a, activation=activation)):
        value, others = on_the_tape(function, arguments, dhs)
        assert_agree([hs, *gradients], [value, *others], 1e-10)
    plain, h = [], arguments[1]
    for x in arguments[0]:
        h = rnn_step(x, h, *arguments[2:], activation=activation)
        plain.append(h)
    assert_agree([hs], [np.stack(plain)], 1e-10)


@each_activation
@given(st.integers(0, 5), sizes, rngs)
@settings(max_examples=25)
def test_the_sequence_agrees_with_finite_differences(activation, T, size, rng):
    *arguments, _ = draw(rng, T, *size)
    if activation == "relu":
        far_from_the_kink(*arguments)
    gradcheck(rnn, *arguments, activation=activation, tolerance=1e-7)


@each_activation
@given(sizes, rngs)
@settings(max_examples=15)
def test_one_step_agrees_with_finite_differences(activation, size, rng):
    xs, *rest, _ = draw(rng, 1, *size)
    if activation == "relu":
        far_from_the_kink(xs, *rest)
    gradcheck(rnn_step, xs[0], *rest, activation=activation, tolerance=1e-7)


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@given(st.integers(1, 5), sizes, rngs)
@settings(max_examples=30)
def test_the_sequence_agrees_with_pytorch(torch, activation, T, size, rng):
    xs, h0, W_xh, W_hh, b_h, dhs = draw(rng, T, *size, dtype=np.float32)
    dh_T = rng.standard_normal(h0.shape).astype(np.float32)  # what comes back to the last state, on its own
    hs, pullback = rnn.with_pullback(xs, h0, W_xh, W_hh, b_h, activation=activation)
    last = np.zeros_like(dhs)
    last[-1] = dh_T
    theirs = torch.nn.RNN(W_xh.shape[0], W_xh.shape[1], nonlinearity=activation)
    with torch.no_grad():  # rows times matrix here, matrix times columns there; PyTorch has two biases
        theirs.weight_ih_l0.copy_(torch.tensor(W_xh.T))
        theirs.weight_hh_l0.copy_(torch.tensor(W_hh.T))
        theirs.bias_ih_l0.copy_(torch.tensor(b_h))
        theirs.bias_hh_l0.zero_()
    inputs = [torch.tensor(a, requires_grad=True) for a in (xs, h0[None])]
    output, h_T = theirs(*inputs)
    torch.autograd.backward([output, h_T], [torch.tensor(dhs), torch.tensor(dh_T[None])])
    dxs, dh0, dW_xh, dW_hh, db_h = pullback(dhs + last)
    ours = [hs, hs[-1], dxs, dh0, dW_xh.T, dW_hh.T, db_h]
    weights = (theirs.weight_ih_l0, theirs.weight_hh_l0, theirs.bias_ih_l0)
    values = [output.detach(), h_T[0].detach(), inputs[0].grad, inputs[1].grad[0], *(w.grad for w in weights)]
    assert_agree(ours, [v.numpy() for v in values], 1e-5)


def draw_jordan(rng, T, N, D, H, O):
    """xs, y0, W_xh, W_yh, b_h, W_hy, b_y, and a gradient of ys."""
    shapes = (T, N, D), (N, O), (D, H), (O, H), (H,), (H, O), (O,), (T, N, O)
    return [0.7 * rng.standard_normal(shape) for shape in shapes]


def jordan_law(xs, y, W_xh, W_yh, b_h, W_hy, b_y, tanh):
    ys = []
    for x in xs:
        y = tanh(x @ W_xh + y @ W_yh + b_h) @ W_hy + b_y
        ys.append(y)
    return ys


@given(st.integers(1, 5), sizes, st.integers(1, 3), rngs)
@settings(max_examples=40)
def test_jordan_agrees_with_elementary_operations(T, size, outputs, rng):
    *arguments, dys = draw_jordan(rng, T, *size, outputs)
    ys, pullback = jordan.with_pullback(*arguments)
    value, gradients = on_the_tape(
        lambda xs, *rest: ops.stack(*jordan_law(ops.unstack(xs), *rest, ops.tanh)), arguments, dys
    )
    assert_agree([ys, *pullback(dys)], [value, *gradients], 1e-10)


@given(st.integers(0, 5), sizes, st.integers(1, 3), rngs)
@settings(max_examples=25)
def test_jordan_agrees_with_finite_differences(T, size, outputs, rng):
    *arguments, _ = draw_jordan(rng, T, *size, outputs)
    gradcheck(jordan, *arguments, tolerance=1e-7)


@given(st.integers(1, 5), sizes, st.integers(1, 3), rngs)
@settings(max_examples=20)
def test_jordan_agrees_with_a_loop_in_pytorch(torch, T, size, outputs, rng):
    *arguments, dys = draw_jordan(rng, T, *size, outputs)
    ys, pullback = jordan.with_pullback(*arguments)
    tensors = [torch.tensor(a, requires_grad=True) for a in arguments]
    value = torch.stack(jordan_law(*tensors, torch.tanh))
    value.backward(torch.tensor(dys))
    assert_agree([ys, *pullback(dys)], [value.detach().numpy(), *(t.grad.numpy() for t in tensors)], 1e-10)
