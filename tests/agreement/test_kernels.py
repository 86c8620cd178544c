"""The gated cells: steps = reference = fast kernel = tape of elementary operations = finite differences = PyTorch."""

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unrolled.autodiff import ops
from unrolled.autodiff.gradcheck import gradcheck
from unrolled.autodiff.tape import Var, backward
from unrolled.cells import gru as gru_module
from unrolled.cells import lstm as lstm_module
from unrolled.cells.convert import flip_update_gate, from_torch, to_torch
from unrolled.cells.rnn import rnn, rnn_reference, rnn_step
from unrolled.cells.sequence import scan

sizes = st.tuples(*[st.integers(1, 4)] * 3)  # N, D, H
rngs = st.integers(0, 2**32 - 1).map(np.random.default_rng)
few = settings(max_examples=15)


def lstm_law(x, h, c, W_xh, W_hh, b_h):
    i, f, o, g = ops.split(x @ W_xh + h @ W_hh + b_h, parts=4)
    c = ops.sigmoid(f) * c + ops.sigmoid(i) * ops.tanh(g)
    return ops.sigmoid(o) * ops.tanh(c), c


def peephole_law(x, h, c, W_xh, W_hh, b_h, p):
    (i, f, o, g), (p_i, p_f, p_o) = ops.split(x @ W_xh + h @ W_hh + b_h, parts=4), ops.split(p, parts=3)
    c_next = ops.sigmoid(f + p_f * c) * c + ops.sigmoid(i + p_i * c) * ops.tanh(g)
    return ops.sigmoid(o + p_o * c_next) * ops.tanh(c_next), c_next


def gru_law(x, h, W_xh, W_hh, b_h, b_hn):
    (x_r, x_z, x_n), (h_r, h_z, h_n) = ops.split(x @ W_xh + b_h, parts=3), ops.split(h @ W_hh, parts=3)
    r, z = ops.sigmoid(x_r + h_r), ops.sigmoid(x_z + h_z)
    return (z * h + (1.0 - z) * ops.tanh(x_n + r * (h_n + b_hn)),)


def gru_reset_before_law(x, h, W_xh, W_hh, b_h):
    (x_r, x_z, x_n), (U_r, U_z, U_n) = ops.split(x @ W_xh + b_h, parts=3), ops.split(W_hh, parts=3)
    r, z = ops.sigmoid(x_r + h @ U_r), ops.sigmoid(x_z + h @ U_z)
    return (z * h + (1.0 - z) * ops.tanh(x_n + (r * h) @ U_n),)


class Cell(NamedTuple):
    """A cell in all its readings. extra: the shapes of weights beyond W_xh, W_hh, b_h, in multiples of H."""

    gates: int
    states: int
    extra: tuple
    step: object
    kernels: tuple
    law: object

    def draw(self, rng, T, N, D, H, dtype=np.float64, scale=0.7):
        """The arguments of the kernel, and a gradient for each of its values."""
        weights = (D, self.gates * H), (H, self.gates * H), (self.gates * H,), *((k * H,) for k in self.extra)
        shapes = (T, N, D), *[(N, H)] * self.states, *weights, *[(T, N, H)] * self.states
        arrays = [(scale * rng.standard_normal(shape)).astype(dtype) for shape in shapes]
        return arrays[: -self.states], arrays[-self.states :]


L, G = lstm_module, gru_module
CELLS = {
    "lstm": Cell(4, 2, (), L.lstm_step, (L.lstm, L.lstm_reference), lstm_law),
    "peephole": Cell(4, 2, (3,), L.lstm_peephole_step, (L.lstm_peephole,), peephole_law),
    "gru": Cell(3, 1, (1,), G.gru_step, (G.gru, G.gru_reference), gru_law),
    "gru reset before": Cell(3, 1, (), G.gru_reset_before_step, (G.gru_reset_before,), gru_reset_before_law),
    "rnn": Cell(1, 1, (), rnn_step, (rnn,), lambda x, h, W_xh, W_hh, b_h: (ops.tanh(x @ W_xh + h @ W_hh + b_h),)),
}
every_cell = pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
KERNELS = {kernel.__name__: (cell, kernel) for cell in CELLS.values() for kernel in cell.kernels}
every_kernel = pytest.mark.parametrize("cell, kernel", KERNELS.values(), ids=KERNELS)


def several(values):
    return values if isinstance(values, tuple) else (values,)


def run(kernel, arguments, cotangents, **config):
    """The values and all gradients, by the pullback."""
    values, pullback = kernel.with_pullback(*arguments, **config)
    return [*several(values), *pullback(*cotangents)]


def on_the_tape(step, cell, arguments, cotangents, lengths):
    """The same by the tape of a step: one value after the other, a padded step left out by `where`."""
    variables = [Var(a) for a in arguments]
    xs, states, weights = variables[0], variables[1 : 1 + cell.states], variables[1 + cell.states :]
    rows = []
    for t, x in enumerate(ops.unstack(xs)):
        new = several(step(x, *states, *weights))
        running = (t < lengths)[:, None]
        states = [ops.where(running, a, b) for a, b in zip(new, states)]
        rows.append(states)
    sequences = [ops.stack(*column) for column in zip(*rows)]
    loss = ops.sum(sequences[0] * cotangents[0])
    for sequence, cotangent in zip(sequences[1:], cotangents[1:]):
        loss = loss + ops.sum(sequence * cotangent)
    backward(loss)
    return [s.value for s in sequences] + [np.zeros_like(v.value) if v.grad is None else v.grad for v in variables]


def assert_agree(ours, theirs, tolerance, gradient_tolerance=None, values=1):
    for k, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        limit = tolerance if k < values else gradient_tolerance or tolerance
        np.testing.assert_allclose(a, b, rtol=limit, atol=limit, strict=True)


@every_cell
@given(st.integers(1, 5), sizes, rngs, st.booleans())
@settings(max_examples=25)
def test_steps_kernels_and_elementary_operations_agree(cell, T, size, rng, ragged):
    arguments, cotangents = cell.draw(rng, T, *size)
    lengths = rng.integers(0, T + 1, size[0]) if ragged else None
    exact = on_the_tape(cell.law, cell, arguments, cotangents, np.full(size[0], T) if lengths is None else lengths)
    steps = on_the_tape(cell.step, cell, arguments, cotangents, np.full(size[0], T) if lengths is None else lengths)
    for other in (steps, *(run(kernel, arguments, cotangents, lengths=lengths) for kernel in cell.kernels)):
        assert_agree(other, exact, 1e-10)


@pytest.mark.parametrize("activation", ["tanh", "relu", "identity"])
@given(st.integers(0, 5), sizes, rngs)
@few
def test_the_plain_rnn_agrees_with_its_reference(activation, T, size, rng):
    arguments, cotangents = CELLS["rnn"].draw(rng, T, *size)
    ours = run(rnn, arguments, cotangents, activation=activation)
    assert_agree(ours, run(rnn_reference, arguments, cotangents, activation=activation), 1e-10)


@every_kernel
@given(st.integers(0, 4), sizes, rngs, st.booleans())
@few
def test_a_kernel_agrees_with_finite_differences(cell, kernel, T, size, rng, ragged):
    arguments, _ = cell.draw(rng, T, *size)
    gradcheck(kernel, *arguments, lengths=rng.integers(0, T + 1, size[0]) if ragged else None, tolerance=1e-7)


@every_cell
@given(sizes, rngs)
@few
def test_a_step_agrees_with_finite_differences(cell, size, rng):
    (xs, *rest), _ = cell.draw(rng, 1, *size)
    gradcheck(cell.step, xs[0], *rest, tolerance=1e-7)


@every_kernel
@given(st.integers(1, 6), sizes, rngs)
@few
def test_a_batch_of_lengths_is_each_sequence_alone(cell, kernel, T, size, rng):
    """Values, gradients of inputs and first states one by one; gradients of the weights are the sum."""
    arguments, cotangents = cell.draw(rng, T, *size)
    lengths = rng.integers(0, T + 1, size[0])
    states, weights = arguments[1 : 1 + cell.states], arguments[1 + cell.states :]
    together = run(kernel, arguments, cotangents, lengths=lengths)
    dweights = [np.zeros_like(W) for W in weights]
    for n, length in enumerate(lengths):
        row = slice(n, n + 1)
        given_back = [d[:length, row].copy() for d in cotangents]
        for d, whole in zip(given_back, cotangents):
            d[-1:] += whole[length:, row].sum(0)  # what came back to copies of the last state
        alone = run(kernel, [arguments[0][:length, row], *(s[row] for s in states), *weights], given_back)
        sequences, dxs = alone[: cell.states], alone[cell.states]
        dstates = alone[cell.states + 1 : 2 * cell.states + 1]
        for k, (state, sequence) in enumerate(zip(states, sequences)):
            np.testing.assert_allclose(together[k][:length, row], sequence, atol=1e-10)
            last = sequence[-1] if length else state[row]
            np.testing.assert_array_equal(
                together[k][length:, row], np.broadcast_to(together[k][-1:, row], (T - length, *last.shape))
            )
            np.testing.assert_allclose(together[k][-1, row], last, atol=1e-10)
            past = 0 if length else cotangents[k][:, row].sum(0)
            np.testing.assert_allclose(together[cell.states + 1 + k][row], dstates[k] + past, atol=1e-10)
        np.testing.assert_allclose(together[cell.states][:length, row], dxs, atol=1e-10)
        assert not together[cell.states][length:, row].any()
        for total, d in zip(dweights, alone[2 * cell.states + 1 :]):
            total += d
    for a, b in zip(together[2 * cell.states + 1 :], dweights, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-10)


MODULES = {"lstm": ("LSTM", CELLS["lstm"]), "gru": ("GRU", CELLS["gru"]), "rnn": ("RNN", CELLS["rnn"])}
DTYPES = {"float32": (np.float32, 1e-5, 1e-4), "float64": (np.float64, 1e-10, 1e-10)}


def in_pytorch(torch, name, arguments, cotangents, lengths):
    """The values and all gradients by torch.nn, in our order and shapes."""
    module, cell = MODULES[name]
    states, weights = arguments[1 : 1 + cell.states], arguments[1 + cell.states :]
    names = ["W_xh", "W_hh", "b_h", "b_hn"][: len(weights)]
    theirs = getattr(torch.nn, module)(len(weights[0]), len(weights[1])).to(torch.tensor(arguments[0]).dtype)
    state = to_torch(name, (dict(zip(names, weights)),))
    theirs.load_state_dict({key: torch.tensor(array) for key, array in state.items()})
    inputs = [torch.tensor(a, requires_grad=True) for a in (arguments[0], *(s[None] for s in states))]
    xs = inputs[0]
    if lengths is not None:
        xs = torch.nn.utils.rnn.pack_padded_sequence(xs, torch.tensor(lengths), enforce_sorted=False)
    first = tuple(inputs[1:]) if cell.states == 2 else inputs[1]
    output, last = theirs(xs, first)
    if lengths is not None:
        output, _ = torch.nn.utils.rnn.pad_packed_sequence(output, total_length=len(arguments[0]))
    last = several(last)
    torch.autograd.backward([output, *last], [torch.tensor(c) for c in cotangents])
    gradient = {key: parameter.grad.numpy() for key, parameter in theirs.named_parameters()}
    gradient["bias_hh_l0"][: 2 * len(weights[1]) if name == "gru" else None] = 0  # b_h stands there a second time
    (dweights,) = from_torch(name, gradient)
    values = [output.detach().numpy(), *(h.detach().numpy()[0] for h in last)]
    return values + [inputs[0].grad.numpy(), *(s.grad.numpy()[0] for s in inputs[1:]), *dweights.values()]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", MODULES)
@given(st.integers(1, 5), sizes, rngs, st.booleans())
@few
def test_kernels_agree_with_pytorch(torch, name, dtype, T, size, rng, ragged):
    dtype, tolerance, gradient_tolerance = DTYPES[dtype]
    _, cell = MODULES[name]
    arguments, _ = cell.draw(rng, T, *size, dtype=dtype)
    N, _, H = size
    lengths = rng.integers(1, T + 1, N) if ragged else None
    dhs, *dlast = (rng.standard_normal(shape).astype(dtype) for shape in [(T, N, H), *[(N, H)] * cell.states])
    outside = np.arange(T)[:, None, None] >= (np.full(N, T) if lengths is None else lengths)[:, None]
    dhs[np.broadcast_to(outside, dhs.shape)] = 0  # PyTorch's padding holds zeros, not the state: no gradient from there
    theirs = in_pytorch(torch, name, arguments, [dhs, *(d[None] for d in dlast)], lengths)
    ours = [np.zeros_like(dhs) for _ in range(cell.states)]
    ours[0] += dhs
    for d, last in zip(ours, dlast):
        d[-1] += last  # what comes back to the last state, on its own
    for kernel in cell.kernels:
        found = run(kernel, arguments, ours, lengths=lengths)
        values, gradients = found[: cell.states], found[cell.states :]
        mine = [np.where(outside, 0, values[0]), *(s[-1] for s in values), *gradients]
        assert_agree(mine, theirs, tolerance, gradient_tolerance, values=1 + cell.states)


@given(st.integers(1, 5), sizes, rngs)
@few
def test_reset_before_agrees_with_a_loop_in_pytorch(torch, T, size, rng):
    arguments, (dhs,) = CELLS["gru reset before"].draw(rng, T, *size)
    tensors = [torch.tensor(a, requires_grad=True) for a in arguments]
    xs, h, W_xh, W_hh, b_h = tensors
    hs = []
    for x in xs:
        (x_r, x_z, x_n), (U_r, U_z, U_n) = torch.chunk(x @ W_xh + b_h, 3, 1), torch.chunk(W_hh, 3, 1)
        r, z = torch.sigmoid(x_r + h @ U_r), torch.sigmoid(x_z + h @ U_z)
        h = z * h + (1 - z) * torch.tanh(x_n + (r * h) @ U_n)
        hs.append(h)
    value = torch.stack(hs)
    value.backward(torch.tensor(dhs))
    theirs = [value.detach().numpy(), *(t.grad.numpy() for t in tensors)]
    assert_agree(run(gru_module.gru_reset_before, arguments, [dhs]), theirs, 1e-10)


@given(st.integers(1, 4), sizes, rngs)
@few
def test_both_conventions_of_z_agree(T, size, rng):
    """With z and 1 - z changed over, in the law and in the weights, the states are the same."""

    def flipped_law(x, h, W_xh, W_hh, b_h, b_hn):
        (x_r, x_z, x_n), (h_r, h_z, h_n) = ops.split(x @ W_xh + b_h, parts=3), ops.split(h @ W_hh, parts=3)
        r, z = ops.sigmoid(x_r + h_r), ops.sigmoid(x_z + h_z)
        return (1 - z) * h + z * ops.tanh(x_n + r * (h_n + b_hn))

    (xs, h, *weights), _ = CELLS["gru"].draw(rng, T, *size)
    names = ("W_xh", "W_hh", "b_h", "b_hn")
    flipped = flip_update_gate(dict(zip(names, weights)))
    for x, expected in zip(xs, gru_module.gru(xs, h, *weights)):
        h = flipped_law(x, h, **flipped)
        np.testing.assert_allclose(h, expected, atol=1e-12)
    for name, back in flip_update_gate(flipped).items():
        np.testing.assert_array_equal(back, dict(zip(names, weights))[name])


@every_kernel
@given(st.integers(0, 5), sizes, rngs, st.booleans())
@few
def test_float32_stays_float32_and_close(cell, kernel, T, size, rng, ragged):
    arguments, cotangents = cell.draw(rng, T, *size)
    lengths = rng.integers(0, T + 1, size[0]) if ragged else None
    exact = run(kernel, arguments, cotangents, lengths=lengths)
    narrow = ([a.astype(np.float32) for a in arrays] for arrays in (arguments, cotangents))
    for ours, theirs in zip(run(kernel, *narrow, lengths=lengths), exact, strict=True):
        assert ours.dtype == np.float32
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4)


def test_bptt_by_the_book_runs_any_step():
    """`scan` knows of no cell: here the plain RNN's step, against the kernel."""
    arguments, (dhs,) = CELLS["rnn"].draw(np.random.default_rng(0), 4, 3, 2, 5)
    xs, h0, *weights = arguments
    hs, pullback = scan(rnn_step, xs, (h0,), weights, lengths=[4, 0, 2])
    assert_agree([hs, *pullback(dhs)], run(rnn, arguments, [dhs], lengths=[4, 0, 2]), 1e-10)
