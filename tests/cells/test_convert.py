"""Weights to and from PyTorch and Keras: the same outputs, there and back, and mistakes named."""

import re

import numpy as np
import pytest

from unrolled.autodiff.trees import leaves
from unrolled.cells.convert import flip_update_gate, from_keras, from_torch, to_keras, to_torch
from unrolled.cells.gru import gru, gru_reset_before
from unrolled.cells.lstm import lstm
from unrolled.cells.rnn import rnn
from unrolled.cells.stacks import stack_layers, two_directions

T, N, D, H = 5, 3, 2, 4
CELLS = {"rnn": (rnn, "RNN", 1), "lstm": (lstm, "LSTM", 2), "gru": (gru, "GRU", 1)}
SHAPES = {"rnn": 1, "lstm": 4, "gru": 3}


def a_state(cell, **changes):
    gates = SHAPES[cell]
    rng = np.random.default_rng(0)
    shapes = {"weight_ih_l0": (gates * H, D), "weight_hh_l0": (gates * H, H)}
    shapes |= {"bias_ih_l0": (gates * H,), "bias_hh_l0": (gates * H,)} | changes
    return {name: rng.standard_normal(shape) for name, shape in shapes.items() if shape}


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("cell", CELLS)
def test_a_module_of_pytorch_gives_the_same_numbers(cell, layers, bidirectional, bias):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed (an extra of its own: make test TORCH=1)")
    kernel, name, states = CELLS[cell]
    torch.manual_seed(0)
    theirs = getattr(torch.nn, name)(D, H, layers, bias=bias, bidirectional=bidirectional).double()
    xs = np.random.default_rng(1).standard_normal((T, N, D))
    first = np.random.default_rng(2).standard_normal((states, layers * (1 + bidirectional), N, H))
    tensors = tuple(map(torch.tensor, first))
    with torch.no_grad():
        output, last = theirs(torch.tensor(xs), tensors if states == 2 else tensors[0])
    weights = from_torch(cell, {key: value.numpy() for key, value in theirs.state_dict().items()})
    start = [tuple(first[:, k]) for k in range(first.shape[1])]
    if bidirectional:
        ys, ours = stack_layers(kernel, xs, tuple(zip(start[::2], start[1::2])), weights, layer=two_directions)
    else:
        ys, ours = stack_layers(kernel, xs, tuple(start), weights)
    np.testing.assert_allclose(ys, output.numpy(), atol=1e-12)
    theirs_last = np.stack([h.numpy() for h in (last if states == 2 else (last,))])
    found = np.stack([leaf for _, leaf in leaves(ours)]).reshape(-1, states, N, H).swapaxes(0, 1)
    np.testing.assert_allclose(found, theirs_last, atol=1e-12)


@pytest.mark.parametrize("cell", CELLS)
def test_a_state_dict_that_we_write_is_taken_by_pytorch(cell):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed (an extra of its own: make test TORCH=1)")
    theirs = getattr(torch.nn, CELLS[cell][1])(D, H, 2, bidirectional=True)
    state = {key: value.numpy() for key, value in theirs.state_dict().items()}
    written = to_torch(cell, from_torch(cell, state))
    assert written.keys() == state.keys()
    assert all(written[key].dtype == np.float32 and written[key].flags.c_contiguous for key in written)
    theirs.load_state_dict({key: torch.tensor(array) for key, array in written.items()})


@pytest.mark.parametrize("cell", CELLS)
def test_there_and_back_is_exact(cell):
    layers = from_torch(cell, a_state(cell))
    again = from_torch(cell, to_torch(cell, layers))
    assert len(layers) == 1
    for (path, a), (other, b) in zip(leaves(layers), leaves(again), strict=True):
        assert path == other
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("cell", CELLS)
def test_what_comes_out_shares_no_memory_with_what_went_in(cell):
    state = a_state(cell)
    layers = from_torch(cell, state)
    for array in state.values():
        array[:] = np.nan
    assert all(np.isfinite(leaf).all() for _, leaf in leaves(layers))
    written = to_torch(cell, layers)
    for _, leaf in leaves(layers):
        leaf[:] = np.nan
    assert all(np.isfinite(array).all() for array in written.values())


def test_the_lstms_last_two_gates_change_places():
    """There i, f, g, o; here i, f, o, g."""
    blocks = np.repeat(np.arange(4.0), H)
    (weights,) = from_torch("lstm", a_state("lstm") | {"bias_ih_l0": blocks, "bias_hh_l0": 0 * blocks})
    np.testing.assert_array_equal(weights["b_h"], np.repeat([0.0, 1.0, 3.0, 2.0], H))


def test_the_grus_bias_of_the_candidate_stays_inside_the_reset():
    ones = np.ones(3 * H)
    (weights,) = from_torch("gru", a_state("gru") | {"bias_ih_l0": ones, "bias_hh_l0": 2 * ones})
    np.testing.assert_array_equal(weights["b_h"], np.repeat([3.0, 3.0, 1.0], H))
    np.testing.assert_array_equal(weights["b_hn"], np.full(H, 2.0))


def test_flip_update_gate_leaves_its_argument_alone():
    (weights,) = from_torch("gru", a_state("gru"))
    before = weights["b_h"].copy()
    flipped = flip_update_gate(weights)
    np.testing.assert_array_equal(weights["b_h"], before)
    np.testing.assert_array_equal(flipped["b_h"] / before, np.repeat([1.0, -1.0, 1.0], H))


def under(prefix, state):
    return {prefix + name: array for name, array in state.items()}


TWO = a_state("lstm") | {
    name.replace("l0", "l1"): array for name, array in a_state("lstm", weight_ih_l0=(16, 4)).items()
}
BOTH = {name + way: array for name, array in a_state("lstm").items() for way in ("", "_reverse")}
LINEAR = {"head.weight": np.zeros((5, H)), "head.bias": np.zeros(5)}


@pytest.mark.parametrize(
    "cell, state, said",
    [
        ("LSTM", {}, "cell must be one of rnn, lstm, gru, got 'LSTM'"),
        ("lstm", [1, 2], "state must be a dict {name: array}, as module.state_dict() is, got list"),
        ("lstm", {}, "weight_ih_l0 is missing"),
        ("lstm", a_state("lstm", weight_hh_l0=None), "weight_hh_l0 is missing"),
        (
            "lstm",
            a_state("lstm", bias_hh_l0=None),
            "bias_hh_l0 is missing: the state dict must be whole, and has weight",
        ),
        ("gru", a_state("gru", bias_ih_l0=None), "bias_ih_l0 is missing"),
        ("lstm", {k.replace("l0", "l1"): v for k, v in a_state("lstm").items()}, "weight_ih_l0 is missing"),
        ("lstm", {k: v for k, v in TWO.items() if k != "bias_ih_l1"}, "bias_ih_l1 is missing"),
        ("lstm", {k: v for k, v in TWO.items() if "bias" not in k or "l0" in k}, "bias_ih_l1 is missing"),
        ("lstm", {k: v for k, v in BOTH.items() if k != "bias_hh_l0_reverse"}, "bias_hh_l0_reverse is missing"),
        ("lstm", a_state("lstm", weight_ih_l0_reverse=(4 * H, D)), "weight_hh_l0_reverse is missing"),
        ("lstm", a_state("lstm", weight_hr_l0=(2, H)), "got weight_hr_l0. An LSTM with proj_size"),
        (
            "lstm",
            under("rnn.", a_state("lstm")),
            "…, got rnn.weight_ih_l0. The lstm is a part of a larger module, below",
        ),
        ("lstm", LINEAR | under("a.b.", a_state("lstm")), "{k.removeprefix('a.b.'): v for k, v in state.items() if"),
        ("lstm", under("en.", a_state("lstm")) | under("de.", a_state("lstm")), "below 'de.' or 'en.': take it alone"),
        ("lstm", LINEAR, "weight_hh_l0, …, got head.weight"),
        (
            "lstm",
            {k.removesuffix("_l0"): v for k, v in a_state("lstm").items()},
            "a cell for one step: write _l0 behind",
        ),
        ("lstm", {"model": a_state("lstm"), "epoch": 3}, "a checkpoint around the state dict: take state['model']"),
        (
            "gru",
            a_state("lstm"),
            "weight_hh_l0 of a gru must be (3H, H) = (12, 4), got (16, 4): that is the shape of a lstm",
        ),
        ("lstm", a_state("lstm", weight_hh_l0=(16,)), "weight_hh_l0 of a lstm must be (4H, H)"),
        ("lstm", a_state("lstm", weight_hh_l0=()) | {"weight_hh_l0": np.float64(1)}, "must be (4H, H)"),
        (
            "lstm",
            a_state("lstm", weight_ih_l0=(12, D)),
            "weight_ih_l0 of a lstm must be (4H, D) = (16, 2), got (12, 2)",
        ),
        ("lstm", a_state("lstm", weight_ih_l0=(16,)), "weight_ih_l0 of a lstm must be (4H, D)"),
        (
            "lstm",
            a_state("lstm", weight_ih_l0=(16, 0)),
            "weight_ih_l0 of a lstm must be (4H, D) = (16, 0), got (16, 0)",
        ),
        ("lstm", a_state("lstm", bias_hh_l0=(4,)), "bias_hh_l0 of a lstm must be (4H,) = (16,), got (4,)"),
        ("lstm", a_state("lstm", bias_ih_l0=(16, 1)), "bias_ih_l0 of a lstm must be (4H,) = (16,), got (16, 1)"),
        ("rnn", a_state("rnn", bias_ih_l0=(1, 4)), "bias_ih_l0 of a rnn must be (H,) = (4,), got (1, 4)"),
        (
            "lstm",
            TWO | {"weight_ih_l1": np.zeros((16, D))},
            "weight_ih_l1 of a lstm must be (4H, H) = (16, 4), got (16, 2)",
        ),
        (
            "lstm",
            TWO | {"weight_hh_l1": np.zeros((20, 5))},
            "weight_hh_l1 of a lstm must be (4H, H) = (16, 4), got (20, 5)",
        ),
        (
            "lstm",
            BOTH | {"weight_ih_l0_reverse": np.zeros((16, 3))},
            "weight_ih_l0_reverse of a lstm must be (4H, D) =",
        ),
        (
            "lstm",
            BOTH | {k.replace("l0", "l1"): v for k, v in BOTH.items()},
            "weight_ih_l1 of a lstm must be (4H, 2H) = (16, 8), got (16, 2)",
        ),
        (
            "lstm",
            a_state("lstm") | {"bias_hh_l0": np.zeros(16, int)},
            "bias_hh_l0 must be an array of floats, got dtype int",
        ),
        ("lstm", a_state("lstm") | {"bias_hh_l0": None}, "bias_hh_l0 must be an array of floats, got a NoneType"),
        (
            "lstm",
            a_state("lstm") | {"bias_hh_l0": np.zeros(16, np.float32)},
            "weight_hh_l0 is float64, bias_hh_l0 is float32",
        ),
    ],
)
def test_a_mistake_is_named(cell, state, said):
    with pytest.raises(ValueError) as raised:
        from_torch(cell, state)
    assert said in str(raised.value)


def test_what_the_messages_offer_is_taken():
    whole, step = under("net.lstm.", a_state("lstm")) | LINEAR, {k[:-3]: v for k, v in a_state("lstm").items()}
    part = {k.removeprefix("net.lstm."): v for k, v in whole.items() if k.startswith("net.lstm.")}
    assert from_torch("lstm", part)[0].keys() == from_torch("lstm", {f"{k}_l0": v for k, v in step.items()})[0].keys()


def test_two_layers_and_two_directions_are_taken():
    upper = {
        name.replace("l0", "l1"): np.zeros((16, 8)) if "ih_l0" in name and "weight" in name else array
        for name, array in BOTH.items()
    }
    layers = from_torch("lstm", BOTH | upper)
    assert [layer.keys() for layer in layers] == [{"forward", "backward"}] * 2
    assert layers[1]["backward"]["W_xh"].shape == (8, 16)
    assert [layer["W_xh"].shape for layer in from_torch("lstm", TWO)] == [(2, 16), (4, 16)]


def keras_step(cell, x, h, c, kernel, recurrent, bias):
    """One step by the formulas in Keras's documentation: the gates i, f, c, o of an LSTM and z, r, h of a GRU."""
    s = lambda a: 1 / (1 + np.exp(-a))
    if cell == "rnn":
        return np.tanh(x @ kernel + h @ recurrent + bias), c
    if cell == "lstm":
        i, f, g, o = np.split(x @ kernel + h @ recurrent + bias, 4, axis=-1)
        c = s(f) * c + s(i) * np.tanh(g)
        return s(o) * np.tanh(c), c
    b_x, b_h = bias if bias.ndim == 2 else (bias, 0 * bias)
    x_z, x_r, x_h = np.split(x @ kernel + b_x, 3, axis=-1)
    h_z, h_r, h_h = np.split(h @ recurrent + b_h, 3, axis=-1)
    z, r = s(x_z + h_z), s(x_r + h_r)
    heard = r * h_h if bias.ndim == 2 else (r * h) @ recurrent[:, 2 * H :]
    return z * h + (1 - z) * np.tanh(x_h + heard), c


KERAS = [("rnn", rnn, (H,)), ("lstm", lstm, (4 * H,)), ("gru", gru, (2, 3 * H)), ("gru", gru_reset_before, (3 * H,))]


def keras_arrays(cell, bias):
    rng = np.random.default_rng(3)
    return [rng.standard_normal(shape) for shape in ((D, SHAPES[cell] * H), (H, SHAPES[cell] * H), bias)]


@pytest.mark.parametrize("cell, kernel, bias", KERAS)
def test_weights_of_keras_give_its_formulas_numbers(cell, kernel, bias):
    arrays, xs = keras_arrays(cell, bias), np.random.default_rng(1).standard_normal((T, N, D))
    zeros = np.zeros((N, H))
    found = kernel(xs, *[zeros] * (1 + (cell == "lstm")), **from_keras(cell, arrays))
    h, c, hs = zeros, zeros, []
    for x in xs:
        h, c = keras_step(cell, x, h, c, *arrays)
        hs.append(h)
    np.testing.assert_allclose(found[0] if cell == "lstm" else found, hs, atol=1e-12)


@pytest.mark.parametrize("cell, kernel, bias", KERAS)
def test_to_keras_and_back_is_exact(cell, kernel, bias):
    weights = from_keras(cell, keras_arrays(cell, bias))
    written = to_keras(cell, weights)
    assert [array.shape for array in written] == [array.shape for array in keras_arrays(cell, bias)]
    again = from_keras(cell, written)
    assert again.keys() == weights.keys()
    assert all(np.array_equal(again[key], weights[key]) for key in weights)
    assert not any(np.shares_memory(array, W) for array in again.values() for W in written)


@pytest.mark.parametrize(
    "cell, shapes, said",
    [
        ("gru", [(D, 3 * H), (H, 3 * H)], "arrays must be kernel, recurrent kernel and bias, got 2 of them"),
        ("gru", [(D, 4 * H), (H, 3 * H), (3 * H,)], r"the kernel of a gru must be (D, 3H) = (D, 12), got (2, 16)"),
        ("lstm", [(D, 4 * H), (H, H), (4 * H,)], "the recurrent kernel of a lstm must be (H, 4H), got (4, 4)"),
        ("lstm", [(D, 4 * H), (H, 4 * H), (2, 4 * H)], "the bias of a lstm must be (4H,) = (16,), got (2, 16)"),
        ("gru", [(D, 3 * H), (H, 3 * H), (6 * H,)], "must be (3H,) = (12,) or (2, 3H) = (2, 12), got (24,)"),
        ("rnn", [(D, H), (), (H,)], "the recurrent kernel of a rnn must be (H, H), got ()"),
    ],
)
def test_a_mistake_in_arrays_of_keras_is_named(cell, shapes, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        from_keras(cell, [np.zeros(shape) for shape in shapes])


@pytest.mark.parametrize("k, name", [(0, "kernel"), (1, "recurrent kernel"), (2, "bias")])
def test_whole_numbers_are_no_weights_of_keras(k, name):
    arrays = keras_arrays("lstm", (4 * H,))
    arrays[k] = np.round(arrays[k]).astype(int)
    with pytest.raises(ValueError, match=f"the {name} of a lstm must be an array of floats, got dtype int"):
        from_keras("lstm", arrays)
