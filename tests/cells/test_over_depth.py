"""The depth gate and the Grid LSTM beside their equations, number by number, their gradients, and tied layers."""

import math

import numpy as np
import pytest

from unrolled.autodiff import ops
from unrolled.autodiff.gradcheck import gradcheck
from unrolled.autodiff.tape import value_and_grad
from unrolled.autodiff.trees import leaves
from unrolled.cells.lstm import lstm, lstm_step
from unrolled.cells.over_depth import climb, depth_gated_step, grid_step

T, N, H, LAYERS = 3, 2, 2, 3
RNG = np.random.default_rng(2)
draw = lambda *shape: 0.8 * RNG.standard_normal(shape)
lstm_weights = lambda: {"W_xh": draw(H, 4 * H), "W_hh": draw(H, 4 * H), "b_h": draw(4 * H)}
gate_weights = lambda: {"W_xd": draw(H, H), "w_cd": draw(H), "w_ld": draw(H), "b_d": draw(H)}
XS, CS = draw(T, N, H), draw(T, N, H)
STATES = tuple((draw(N, H), draw(N, H)) for _ in range(LAYERS))
WEIGHTS = {
    depth_gated_step: tuple(lstm_weights() | gate_weights() for _ in range(LAYERS)),
    grid_step: tuple({"time": lstm_weights(), "depth": lstm_weights()} for _ in range(LAYERS)),
}
every_step = pytest.mark.parametrize("step", WEIGHTS, ids=lambda step: step.__name__)


def sigma(z):
    return 1 / (1 + math.exp(-z))


def lstm_by_units(inputs, m, W, b):
    """The paper's LSTM(H, m, W): one vector of all inputs, one matrix; a step of one sequence -> h, m."""
    z = [sum(v * W[r][column] for r, v in enumerate(inputs)) + b[column] for column in range(4 * H)]
    i, f, o = ([sigma(z[gate * H + k]) for k in range(H)] for gate in range(3))
    m = [f[k] * m[k] + i[k] * math.tanh(z[3 * H + k]) for k in range(H)]
    return [o[k] * math.tanh(m[k]) for k in range(H)], m


def grid_by_units(x, c_below, h, c, w):
    """Both LSTMs read [h of time; h of depth], depth the new one of time."""
    packed = lambda which, *order: np.concatenate([w[which][name] for name in order])
    h, c = lstm_by_units([*h, *x], c, packed("time", "W_hh", "W_xh"), w["time"]["b_h"])
    y, c_above = lstm_by_units([*h, *x], c_below, packed("depth", "W_xh", "W_hh"), w["depth"]["b_h"])
    return (y, c_above), (h, c)


def depth_gate_by_units(x, c_below, h, c, w):
    """c = d c_below + f c_prev + i g"""
    W, b = np.concatenate([w["W_xh"], w["W_hh"]]), w["b_h"]
    z = [sum(v * W[r][column] for r, v in enumerate([*x, *h])) + b[column] for column in range(4 * H)]
    new = []
    for k in range(H):
        d = sum(x[j] * w["W_xd"][j, k] for j in range(H)) + w["b_d"][k]
        d = sigma(d + w["w_cd"][k] * c[k] + w["w_ld"][k] * c_below[k])
        new.append(d * c_below[k] + sigma(z[H + k]) * c[k] + sigma(z[k]) * math.tanh(z[3 * H + k]))
    h = [sigma(z[2 * H + k]) * math.tanh(new[k]) for k in range(H)]
    return (h, new), (h, new)


@every_step
def test_a_stack_is_the_law_at_every_crossing_of_time_and_depth(step):
    """All of it by the equations: for every sequence, every step, every layer from below."""
    law = grid_by_units if step is grid_step else depth_gate_by_units
    hs, cs, last = climb(step, XS, CS, STATES, WEIGHTS[step])
    for n in range(N):
        states = [(h[n], c[n]) for h, c in STATES]
        for t in range(T):
            up = XS[t, n], CS[t, n]
            for layer, weights in enumerate(WEIGHTS[step]):
                up, states[layer] = law(*up, *states[layer], weights)
            np.testing.assert_allclose((hs[t, n], cs[t, n]), up, rtol=1e-12)
        np.testing.assert_allclose([[h[n], c[n]] for h, c in last], states, rtol=1e-12)


@pytest.mark.slow
@every_step
def test_gradients_are_those_of_finite_differences(step):
    """Of the inputs, the cells from below, the first states, and every weight of every layer."""

    def run(xs, cs, states, layers):
        hs, cs, last = climb(step, xs, cs, states, layers)
        return hs, cs, *(state for _, state in leaves(last))

    assert gradcheck(run, XS, CS, STATES, WEIGHTS[step]).worst < 1e-6


def test_a_closed_depth_gate_leaves_the_lstm_and_an_open_one_adds_the_cell_below():
    (h, c), weights = STATES[0], WEIGHTS[depth_gated_step][0]
    for bias, share in ((-50.0, 0), (50.0, 1)):
        _, found = depth_gated_step(XS[0], CS[0], h, c, **weights | {"b_d": np.full(H, bias)})
        _, plain = lstm_step(XS[0], h, c, *(weights[name] for name in ("W_xh", "W_hh", "b_h")))
        np.testing.assert_allclose(found, plain + share * CS[0], rtol=1e-12)


def test_depth_reads_the_new_state_of_time_and_time_the_old_one_of_depth():
    (h, c), w = STATES[0], WEIGHTS[grid_step][0]
    y, c_above, h_new, c_new = grid_step(XS[0], CS[0], h, c, **w)
    np.testing.assert_array_equal((h_new, c_new), lstm_step(XS[0], h, c, **w["time"]))
    np.testing.assert_array_equal((y, c_above), lstm_step(h_new, XS[0], CS[0], **w["depth"]))
    assert np.abs(y - lstm_step(h, XS[0], CS[0], **w["depth"])[0]).max() > 0.01, "without priority it is another law"


def test_tied_layers_share_one_gradient():
    """It is the sum of those of six layers that stand apart with the same numbers, and it is not 0."""
    layer, zero = WEIGHTS[grid_step][:1], np.zeros((N, H))
    loss = lambda layers: ops.sum(climb(grid_step, XS, CS, ((zero, zero),) * 6, layers)[0])
    tied, d_tied = value_and_grad(lambda layer: loss(layer * 6))(layer)
    apart, d_apart = value_and_grad(loss)(layer * 6)
    assert tied == apart
    for path, gradient in leaves(d_tied[0]):
        each = [dict(leaves(d))[path] for d in d_apart]
        np.testing.assert_allclose(gradient, sum(each), rtol=1e-9)
        assert all(np.abs(d).max() > 1e-6 for d in each)


def authors_step(x, c_below, h, c, scale, X, U, C, b, w, X_0=None):
    """A layer of the authors' own program, in columns. X, U, C, b: {gate: …}, w: {"c", "below"}; X_0: the lowest layer.

    i = sigma(X_i x + U_i h + C_i c + b_i), f = 1 - i, o sees the new c through C_o, k is the gate over depth.
    """
    sees = lambda gate: X[gate] @ (np.exp(scale) * x) + b[gate]
    sigma = lambda z: 1 / (1 + np.exp(-z))
    i = sigma(sees("i") + U["i"] @ h + C["i"] @ c)
    k = sees("k") + w["c"] * c + (0 if X_0 is not None else w["below"] * c_below)
    lower = c_below if X_0 is None else X_0 @ x
    new = (1 - i) * c + i * np.tanh(sees("g") + U["g"] @ h) + sigma(k) * lower
    o = sigma(sees("o") + U["o"] @ h + C["o"] @ new)
    return o * np.tanh(new), new


def in_our_form(X, U, b, w):
    """The same layer as our weights: f = 1 - sigma(z_i) = sigma(-z_i), so f's columns are those of i, turned round."""
    pack = lambda of: np.concatenate([of["i"].T, -of["i"].T, of["o"].T, of["g"].T], axis=-1)
    lstm = {"W_xh": pack(X), "W_hh": pack(U), "b_h": pack(b)}
    return lstm | {"W_xd": X["k"].T, "w_cd": w["c"], "w_ld": w["below"], "b_d": b["k"]}


@pytest.mark.parametrize("lowest", [False, True])
def test_the_authors_layer_is_ours_but_for_what_the_docstring_names(lowest):
    """Without C and with scale 0 it is ours with i's columns for f; the lowest takes X_0 x for the cell below."""
    X, U, b = ({gate: draw(*shape) for gate in "iogk"} for shape in ((H, H), (H, H), (H,)))
    C, w, X_0 = {gate: draw(H, H) for gate in "io"}, {"c": draw(H), "below": draw(H)}, draw(H, H) if lowest else None
    none = {gate: np.zeros((H, H)) for gate in "io"}
    (h, c), ours = STATES[0], in_our_form(X, U, b, w)
    if lowest:
        ours["w_ld"] = np.zeros(H)
    below = XS[0] @ X_0.T if lowest else CS[0]
    found = depth_gated_step(XS[0], below, h, c, **ours)

    def theirs(scale, C):
        rows = [authors_step(*row, scale, X, U, C, b, w, X_0) for row in zip(XS[0], CS[0], h, c)]
        return tuple(map(np.array, zip(*rows)))

    np.testing.assert_allclose(found, theirs(0.0, none), rtol=1e-12)
    for scale, matrices in ((0.3, none), (0.0, C | {"o": none["o"]}), (0.0, C | {"i": none["i"]})):
        assert np.abs(found[0] - theirs(scale, matrices)[0]).max() > 1e-3


def test_the_lowest_layer_of_depth_gates_is_a_plain_lstm():
    (h0, c0), *above = STATES
    lowest = {name: WEIGHTS[depth_gated_step][0][name] for name in ("W_xh", "W_hh", "b_h")}
    hs, cs = lstm(XS, h0, c0, **lowest)
    ours = climb(depth_gated_step, hs, cs, above, WEIGHTS[depth_gated_step][1:])[:2]
    whole = climb(depth_gated_step, XS, 0 * CS, STATES, WEIGHTS[depth_gated_step])[:2]
    np.testing.assert_allclose(ours, whole, rtol=1e-12)


def test_states_must_be_given_for_each_layer():
    with pytest.raises(ValueError, match="states must be given for each of the 3 layers, got 2"):
        climb(grid_step, XS, CS, STATES[:2], WEIGHTS[grid_step])
