"""The grammar of cells: known cells are sentences of it, what is drawn can be trained, what fails is said."""

from itertools import chain, repeat

import numpy as np
import pytest

from unrolled import data
from unrolled.autodiff.gradcheck import gradcheck
from unrolled.cells import variants
from unrolled.cells.gru import gru_reset_before_step, gru_step
from unrolled.cells.rnn import rnn_step
from unrolled.experiments import random_cells

N, H = 3, 4
TINY = {"T": 8, "H": 8, "N": 8, "steps": 30, "learning_rate": 1e-2, "max_norm": 1.0}


@pytest.fixture
def drawn():
    """x, h and W(…), which draws arrays."""
    draw = np.random.default_rng(1).standard_normal
    return draw((N, H)), draw((N, H)), lambda *shape: draw(shape or (H, H))


def test_the_rnn_is_a_sentence(drawn):
    x, h, W = drawn
    W_x, W_h, b = W(), W(), W(H)
    ours = random_cells.step(random_cells.RNN, x, h, {"n": {"x W": W_x, "h W": W_h, "b": b}})
    np.testing.assert_allclose(ours, rnn_step(x, h, W_x, W_h, b))


@pytest.mark.parametrize("term, step", [("r (h W)", gru_step), ("(r h) W", gru_reset_before_step)])
def test_both_forms_of_the_gru_are_sentences(drawn, term, step):
    x, h, W = drawn
    W_x, W_h, b = ([W(*shape) for _ in "rzn"] for shape in ((), (), (H,)))
    names = ("x W", "h W"), ("x W", "h W"), ("x W", term)
    weights = {k: {n[0]: W_x[i], n[1]: W_h[i], "b": b[i]} for i, (k, n) in enumerate(zip("rzn", names))}
    packed = [np.concatenate(parts, axis=-1) for parts in (W_x, W_h, b)] + [np.zeros(H)] * (step is gru_step)
    cell = random_cells.GRU._replace(n=names[2])
    np.testing.assert_allclose(random_cells.step(cell, x, h, weights), step(x, h, *packed))


@pytest.mark.parametrize("name", ["MUT1", "MUT2", "MUT3"])
def test_the_mutants_are_sentences_with_the_other_sign_of_z(drawn, name):
    x, h, _ = drawn
    theirs = variants.initial(np.random.default_rng(2), name, H, H)
    flip = {key: -W if key.endswith("_z") else W for key, W in theirs.items()}
    z_h = "tanh(h) W" if name == "MUT3" else "h W"
    weights = {
        "z": {"x W": flip["W_z"], z_h: flip.get("U_z"), "b": flip["b_z"]},
        "r": {"x W": flip.get("W_r"), "h W": flip["U_r"], "b": flip["b_r"]},
        "n": {"x W": flip.get("W"), "(r h) W": flip["U"], "b": flip["b"]},
    }
    ours = random_cells.step(getattr(random_cells, name), x, h, weights)
    np.testing.assert_allclose(ours, variants.VARIANTS[name].step(x, h, **theirs)[0])


@pytest.mark.parametrize("cell", [random_cells.GRU, *random_cells.cells(12)], ids=lambda cell: str(cell)[:20])
def test_a_drawn_cell_has_its_gradient_and_as_many_numbers_as_it_says(drawn, cell):
    x, h, _ = drawn
    weights = random_cells.initial(np.random.default_rng(3), cell, H, dtype=np.float64)
    names = [(row, key) for row, part in weights.items() for key in part]
    nest = lambda arrays: {row: {k: a for (r, k), a in zip(names, arrays) if r == row} for row in weights}
    arrays = [weights[row][key] + 0.1 for row, key in names]  # off relu's kink
    assert gradcheck(lambda x, h, *arrays: random_cells.step(cell, x, h, nest(arrays)), x, h, *arrays).worst < 1e-6
    assert cell.parameters(H) == sum(array.size for array in arrays)


def test_the_same_seed_draws_the_same_cells_and_none_twice():
    cells = random_cells.cells(30)
    assert cells[:5] == random_cells.cells(5)
    assert len(set(map(str, cells))) == 30
    assert cells != random_cells.cells(30, seed=2)
    assert {"z" in cell.mix for cell in cells} == {True, False}
    assert all(bool(cell.z) == ("z" in cell.mix) and bool(cell.r) == ("r" in cell.n[1]) for cell in cells)


def test_a_cell_learns_the_text():
    found = random_cells.on_text(np.random.default_rng(1), random_cells.GRU, **TINY)
    assert found["held_out"] < 3.2  # ln 29 = 3.37 is a guess
    assert found["parameters"] == random_cells.GRU.parameters(8)


def test_a_loss_that_is_not_finite_is_said_and_measured_as_nan():
    wild = TINY | {"learning_rate": 1e30}
    cell = random_cells.Cell("h + z n", ("x W",), (), ("x W", "h W"), "linear")
    for steps, said in ((30, "loss"), (1, "the held-out loss must be finite, got")):  # in training, or only after it
        with pytest.raises(FloatingPointError, match=said):
            random_cells.on_text(np.random.default_rng(1), cell, **wild | {"steps": steps})
    linear = next(k for k, cell in enumerate(random_cells.cells(30), 1) if cell.function == "linear")
    assert np.isnan(random_cells.measure(np.random.default_rng(1), linear, **wild)["held_out"])


def test_candidate_0_is_the_gru():
    one = TINY | {"steps": 3}
    theirs = random_cells.on_text(np.random.default_rng(1), random_cells.GRU, **one)
    assert random_cells.measure(np.random.default_rng(1), 0.0, **one) == theirs


def test_no_cell_beats_the_gru_by_much_and_those_that_only_add_fail():
    found = data.by_seed("random_cells", "held_out", "candidate")
    gru, *others = (np.median(np.nan_to_num(losses, nan=np.inf)) for losses in found.values())
    cells = random_cells.cells(30)
    assert len(others) == 30
    assert min(others) > gru - 0.05
    failed = {cell.mix for cell, loss in zip(cells, others) if loss > 3}
    assert failed == {"h + z n", "z h + n"}
    assert all(loss > 3 for cell, loss in zip(cells, others) if cell.mix == "h + z n")


def test_a_cell_that_is_read_as_it_is_learns_as_before():
    sizes = TINY | {"steps": 3}
    found = random_cells.measure_read(np.random.default_rng(1), 0, "h", **sizes)
    assert found["held_out"] == random_cells.measure(np.random.default_rng(1), 0, **sizes)["held_out"]
    assert 0 < found["largest"] < 1


@pytest.mark.parametrize("first, expected", [([3, -7], 7), ([np.nan], np.nan), ([3, np.nan], np.nan)])
def test_the_largest_state_is_that_of_all_steps_and_none_where_one_was_no_number(first, expected):
    states = chain(first, repeat(1))
    params = {"embedding": {"W": np.ones((100, 1), np.float32)}, "cell": {}}
    largest = random_cells._largest(lambda *_: np.full((N, 1), next(states)), params, (np.zeros((N, 1)),))
    np.testing.assert_equal(largest, expected)


def test_only_what_is_read_is_squashed():
    x, h, c = np.random.default_rng(1).standard_normal((3, N, H))
    cell = random_cells.nth(1)
    assert cell.mix == "h + z n"
    weights = random_cells.initial(np.random.default_rng(2), cell, H)
    added = random_cells.step(cell, x, np.tanh(c), weights, c) - c
    np.testing.assert_allclose(added, random_cells.step(cell, x, np.tanh(c), weights) - np.tanh(c), rtol=1e-5)


def test_cells_that_only_add_need_a_bound_and_a_gate_on_what_is_read():
    gru = np.median(data.by_seed("random_cells", "held_out", "candidate")[0])
    found = {
        read: np.concatenate(list(data.by_seed("adding_cells", "held_out", "candidate", read=read).values()))
        for read in random_cells.READS
    }
    assert np.median(np.nan_to_num(found["h"], nan=np.inf)) > 5
    assert found["tanh(h)"].min() > 3.15
    assert gru + 0.2 < found["o tanh(h)"].min() < found["o tanh(h)"].max() < 2.4
    gated = np.nan_to_num(found["o h"], nan=np.inf)  # a gate without the bound
    assert (gated < 3.15).sum() == 2
    assert gated.min() > found["o tanh(h)"].max() + 0.2


def test_the_same_cells_learn_with_a_law_that_forgets():
    found = np.concatenate(list(data.by_seed("forgetting_cells", "held_out", "candidate").values()))
    assert found.max() < 2.4


def test_the_law_that_forgets_takes_the_place_of_the_cells_own(monkeypatch):
    monkeypatch.setattr(random_cells, "on_text", lambda rng, cell, **sizes: cell)
    assert random_cells.measure_forgetting(None, 7) == random_cells.nth(7)._replace(mix="z h + (1 - z) n")
