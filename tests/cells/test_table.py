"""The table of cells: what it says of each, its first weights, and that a new cell is one entry."""

import numpy as np
import pytest

from unrolled.autodiff.trees import leaves
from unrolled.cells import table
from unrolled.cells.gru import gru_reset_before, gru_reset_before_step
from unrolled.cells.table import CELLS, Cell, cell_of, cell_size, init_cell, init_states
from unrolled.experiments import race
from unrolled.layers.initializers import glorot, orthogonal
from unrolled.models import captioner, char_lm

T, N, D, H = 4, 3, 2, 5
every_cell = pytest.mark.parametrize("name", CELLS)


@every_cell
def test_kernel_and_step_take_the_weights_and_the_states_that_the_table_says(name):
    cell, rng = CELLS[name], np.random.default_rng(1)
    weights, states = init_cell(rng, name, D, H, dtype=np.float32), init_states(name, N, H, dtype=np.float32)
    assert len(states) == cell.states
    assert weights["W_xh"].shape == (D, cell.gates * H)
    assert cell_size(name, D, H) == sum(W.size for W in weights.values())
    xs = rng.standard_normal((T, N, D)).astype(np.float32)
    run = cell.kernel(xs, *states, **weights)
    for x in xs:
        states = cell.step(x, *states, **weights)
        states = states if isinstance(states, tuple) else (states,)
    for sequence, state in zip(run if isinstance(run, tuple) else (run,), states, strict=True):
        assert sequence.dtype == np.float32
        np.testing.assert_allclose(sequence[-1], state, rtol=1e-5)


@every_cell
def test_each_gate_is_drawn_on_its_own_W_xh_first_and_biases_are_0_but_the_forget_gate_s(name):
    weights = init_cell(np.random.default_rng(1), name, D, H, W_hh=orthogonal, forget=2.0)
    rng = np.random.default_rng(1)
    for key, initializer, rows in (("W_xh", glorot, D), ("W_hh", orthogonal, H)):
        for block in np.split(weights[key], CELLS[name].gates, axis=1):
            np.testing.assert_array_equal(block, initializer(rng, (rows, H)))
    biases = {key: b.sum() for key, b in weights.items() if b.ndim == 1}
    assert biases == {"b_h": 2.0 * H * (name == "lstm")} | ({"b_hn": 0} if name == "gru" else {})
    if name == "lstm":
        assert (np.split(weights["b_h"], 4)[1] == 2.0).all()


def test_recurrent_first_draws_the_other_way_round_and_keeps_the_order_of_the_names():
    weights, rng = init_cell(np.random.default_rng(1), "rnn", D, H, recurrent_first=True), np.random.default_rng(1)
    assert list(weights) == ["W_xh", "W_hh", "b_h"]
    np.testing.assert_array_equal(weights["W_hh"], glorot(rng, (H, H)))
    np.testing.assert_array_equal(weights["W_xh"], glorot(rng, (D, H)))


def test_the_cell_of_a_model_is_found_and_an_unknown_one_named():
    assert cell_of({"embedding": 0, "gru": 0, "readout": 0}) == "gru"
    with pytest.raises(ValueError, match="cell must be one of rnn, lstm, gru, got 'GRU'"):
        init_cell(np.random.default_rng(1), "GRU", D, H)


def test_a_new_cell_is_one_entry(monkeypatch):
    """Then character models, captioners and the race know it."""
    monkeypatch.setitem(table.CELLS, "cho", Cell(gru_reset_before, gru_reset_before_step, gates=3, states=1))
    rng = np.random.default_rng(1)
    params = char_lm.init(rng, 7, H, cell="cho", layers=2)
    tokens = rng.integers(7, size=(T + 1, N))
    value, _ = char_lm.loss(params, tokens[:-1], tokens[1:], char_lm.start(params, N))
    assert np.isfinite(value)
    assert char_lm.size(params) == sum(W.size for _, W in leaves(params))
    assert char_lm.hidden_for("cho", 7, char_lm.size(params), layers=2) == H
    seen = captioner.init(rng, "early", cell="cho", H=H)
    words, _ = captioner.describe(seen, np.zeros((N, 32, 32, 3), np.float32), kind="early")
    assert words.shape[1] == N
    network = race.network(rng, "cho", D, H, 1)
    assert race.size("cho", D, H, 1) == sum(W.size for _, W in leaves(network))
    ys = race.outputs("cho", network, np.zeros((T, N, D), np.float32), every=True)
    assert ys.shape == (T, N, 1)
