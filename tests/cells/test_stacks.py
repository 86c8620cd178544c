"""Layers one above the other, two directions, any cell: what each part hears of, gradients, and lengths."""

import numpy as np
import pytest

from unrolled.autodiff import ops
from unrolled.autodiff.gradcheck import gradcheck
from unrolled.autodiff.tape import value_and_grad
from unrolled.autodiff.trees import leaves, tree_map
from unrolled.cells.gru import gru, gru_reset_before
from unrolled.cells.lstm import lstm
from unrolled.cells.rnn import rnn
from unrolled.cells.stacks import one_direction, reverse, sliced, stack_layers, two_directions
from unrolled.cells.table import init_cell

T, N, D, H = 4, 3, 2, 3
CELLS = {"rnn": (rnn, 1, 1), "lstm": (lstm, 4, 2), "gru": (gru, 3, 1), "gru reset before": (gru_reset_before, 3, 1)}
every_cell = pytest.mark.parametrize("name", CELLS)
XS = np.random.default_rng(0).standard_normal((T, N, D))


def weights(name, rng, D=D):
    gates = CELLS[name][1]
    shapes = {"W_xh": (D, gates * H), "W_hh": (H, gates * H), "b_h": (gates * H,)}
    shapes |= {"b_hn": (H,)} if name == "gru" else {}
    return {key: rng.standard_normal(shape) for key, shape in shapes.items()}


def network(name, layer):
    """The cell, first states and weights of two layers."""
    rng = np.random.default_rng(1)
    cell, _, states = CELLS[name]
    start = lambda: tuple(rng.standard_normal((N, H)) for _ in range(states))
    if layer is one_direction:
        return cell, (start(), start()), (weights(name, rng), weights(name, rng, H))
    both = lambda D: {"forward": weights(name, rng, D), "backward": weights(name, rng, D)}
    return cell, ((start(), start()), (start(), start())), (both(D), both(2 * H))


@every_cell
def test_a_stack_is_one_cell_after_the_other(name):
    cell, states, layers = network(name, one_direction)
    ys, last = stack_layers(cell, XS, states, layers)
    lower, ends = one_direction(cell, XS, states[0], layers[0])
    upper, tops = one_direction(cell, lower, states[1], layers[1])
    np.testing.assert_array_equal(ys, upper)
    for (_, a), (_, b) in zip(leaves(last), leaves((ends, tops)), strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(tops[0], upper[-1])


@every_cell
def test_the_backward_half_is_the_cell_on_the_reversed_sequence(name):
    cell, ((forward, backward), _), (both, _) = network(name, two_directions)
    ys, (last, last_back) = two_directions(cell, XS, (forward, backward), both)
    assert ys.shape == (T, N, 2 * H)
    np.testing.assert_array_equal(ys[..., :H], one_direction(cell, XS, forward, both["forward"])[0])
    reversed_ys = one_direction(cell, XS[::-1], backward, both["backward"])[0]
    np.testing.assert_allclose(ys[..., H:], reversed_ys[::-1], rtol=1e-12)
    np.testing.assert_array_equal(last[0], ys[-1, :, :H])
    np.testing.assert_array_equal(last_back[0], ys[0, :, H:])  # it has just read the first step


@every_cell
@pytest.mark.parametrize("layer", [one_direction, two_directions])
@pytest.mark.parametrize("lengths", [None, [4, 0, 2]])
def test_gradients_of_every_weight_and_first_state(name, layer, lengths):
    cell, states, layers = network(name, layer)

    def outputs(xs, states, layers):
        ys, last = stack_layers(cell, xs, states, layers, layer=layer, lengths=lengths)
        return ys, *(state for _, state in leaves(last))

    assert gradcheck(outputs, XS, states, layers, names=["xs", "states", "layers"], tolerance=1e-6).worst < 1e-6


@every_cell
@pytest.mark.parametrize("layer", [one_direction, two_directions])
def test_lengths_give_what_each_sequence_gives_alone(name, layer):
    cell, states, layers = network(name, layer)
    lengths = [3, 1, 4]
    ys, last = stack_layers(cell, XS, states, layers, layer=layer, lengths=lengths)
    for n, length in enumerate(lengths):
        row = slice(n, n + 1)
        start = tree_map(lambda state: state[row], states)  # noqa: B023
        alone, ends = stack_layers(cell, XS[:length, row], start, layers, layer=layer)
        np.testing.assert_allclose(ys[:length, row], alone, atol=1e-12)
        for (_, a), (_, b) in zip(leaves(last), leaves(ends), strict=True):
            np.testing.assert_allclose(a[row], b, atol=1e-12)


def test_a_sequence_of_no_step_leaves_the_states_as_they_were():
    cell, states, layers = network("lstm", two_directions)
    ys, last = stack_layers(cell, XS[:0], states, layers, layer=two_directions)
    assert ys.shape == (0, N, 2 * H)
    for (_, a), (_, b) in zip(leaves(last), leaves(states), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_stack_is_trained_as_a_nest_of_parameters():
    cell, states, layers = network("gru", two_directions)

    def loss(params, xs):
        ys, _ = stack_layers(cell, xs, states, params["layers"], layer=two_directions)
        return ops.mean(ys**2)

    _, grads = value_and_grad(loss)({"layers": layers}, XS)
    assert [(path, g.shape) for path, g in leaves(grads)] == [(path, w.shape) for path, w in leaves({"layers": layers})]
    assert all(np.abs(g).max() > 0 for _, g in leaves(grads))


def test_too_few_states_are_named():
    cell, states, layers = network("gru", one_direction)
    with pytest.raises(ValueError, match=r"states must be given for each of the 2 layers, got 1"):
        stack_layers(cell, XS, states[:1], layers)


@pytest.mark.parametrize("lengths", [None, [4, 0, 3], np.array([4, 0, 3], np.uint8)])
def test_reverse_turns_each_sequence_around_and_leaves_its_padding(lengths):
    ys = reverse(XS, lengths=lengths)
    for n, length in enumerate([T] * N if lengths is None else lengths):
        np.testing.assert_array_equal(ys[:length, n], XS[:length, n][::-1])
        np.testing.assert_array_equal(ys[length:, n], XS[length:, n])
    np.testing.assert_array_equal(reverse(ys, lengths=lengths), XS)
    gradcheck(reverse, XS, lengths=lengths)


def test_reverse_names_a_wrong_length():
    with pytest.raises(ValueError, match=r"lengths must be from 0 to T = 4, got 5"):
        reverse(XS, lengths=[5, 1, 1])


def test_residual_layers_of_two_widths_are_named():
    rng = np.random.default_rng(1)
    layers = init_cell(rng, "gru", D, 5), init_cell(rng, "gru", 5, 3)
    with pytest.raises(ValueError, match="residual layers must have one width, got 5 below 3"):
        stack_layers(gru, XS, ((np.zeros((N, 5)),), (np.zeros((N, 3)),)), layers, residual=True)


SLICINGS = [(12,), (3, 4), (4, 3), (2, 3, 2), (2, 2, 3, 1), (1, 12), (12, 1)]


def by_slices(cell, states, x, layers, slices):
    """One sequence x (T, D), slice by slice and level by level -> h (H,): the first states of each slice are 0."""
    vectors = list(x)
    for length, weights in zip(slices, layers):
        last = []
        for start in range(0, len(vectors), length):
            piece = np.stack(vectors[start : start + length])[:, None]
            hs = cell(piece, *(np.zeros((1, H)) for _ in range(states)), **weights)
            last.append((hs[0] if states == 2 else hs)[-1, 0])
        vectors = last
    (h,) = vectors
    return h


@every_cell
@pytest.mark.parametrize("slices", SLICINGS)
def test_slices_side_by_side_are_slices_one_by_one(name, slices):
    rng, (cell, _, states) = np.random.default_rng(1), CELLS[name]
    xs, layers = rng.standard_normal((12, N, D)), tuple(weights(name, rng, H if k else D) for k in range(len(slices)))
    h = sliced(cell, xs, layers, slices=slices, states=states)
    alone = [by_slices(cell, states, xs[:, n], layers, slices) for n in range(N)]
    np.testing.assert_allclose(h, alone, rtol=1e-10)
    run = lambda xs, layers: sliced(cell, xs, layers, slices=slices, states=states)
    assert gradcheck(run, xs, layers).worst < 1e-6


@pytest.mark.parametrize("slices", SLICINGS)
def test_with_linear_activations_the_rnn_is_one_of_the_sliced(slices):
    """Each level reads as it is what a slice ended with, and lets the state decay as over all slices of that slice.

    Source: Yu & Liu (2018), the theorem of their abstract.
    """
    rng = np.random.default_rng(1)
    xs, w = rng.standard_normal((12, N, D)), weights("rnn", rng)
    plain = lambda *args, **how: rnn(*args, **how, activation="identity")
    spans = np.cumprod(slices)[:-1]
    joins = [{"W_xh": np.eye(H), "W_hh": np.linalg.matrix_power(w["W_hh"], s), "b_h": np.zeros(H)} for s in spans]
    whole = plain(xs, np.zeros((N, H)), **w)[-1]
    np.testing.assert_allclose(sliced(plain, xs, (w, *joins), slices=slices), whole, rtol=1e-9)
    if len(slices) > 1 and slices[-1] > 1:
        bent = sliced(rnn, xs, (w, *joins), slices=slices)
        assert np.abs(bent - rnn(xs, np.zeros((N, H)), **w)[-1]).max() > 1e-3, "with tanh they differ"


def test_slices_must_fill_the_sequence():
    with pytest.raises(ValueError, match=r"the product of slices must be T = 4, got \(2, 3\)"):
        sliced(rnn, XS, ({}, {}), slices=(2, 3))
