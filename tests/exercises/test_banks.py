"""Every reference is right, every known wrong answer gets its own sentence, and the references are the library's."""

import inspect
from dataclasses import replace
from pathlib import Path
from runpy import run_path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unrolled.autodiff import tape
from unrolled.autodiff.ops import softmax
from unrolled.autodiff.trees import leaves
from unrolled.cells.convert import from_keras
from unrolled.cells.rnn import jordan, rnn, rnn_reference, rnn_step
from unrolled.cells.sequence import sigmoid
from unrolled.cells.stacks import one_direction, sliced, stack_layers, two_directions
from unrolled.cells.table import CELLS, init_cell, init_states
from unrolled.data import number_words
from unrolled.exercises import EXERCISES, LESSONS
from unrolled.exercises.__main__ import find_misnamed, main
from unrolled.exercises.answers import is_equal, run_case
from unrolled.exercises.diagnosis import diagnose
from unrolled.exercises.exercise import Exercise
from unrolled.exercises.mistakes import drop_summands, mutants, slip_gradients, swap, transpose_weights
from unrolled.layers import cross_entropy
from unrolled.layers.attention import additive_attention, weighted_mean
from unrolled.models import decoding, scores

OPEN = run_path(str(Path(__file__).with_name("open_answers.py")))["WRONG"]
BANKS = {exercise.name: exercise.wrong | OPEN.get(exercise.name, {}) for exercise in EXERCISES.values()}
ALL = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=lambda exercise: exercise.name)
# The open ones that train a network draw nothing: one call of the reference shows all.
DRAWN = [e for e in EXERCISES.values() if e.seconds < 60 or len(inspect.signature(e.case).parameters) > 1]


@pytest.mark.slow
@ALL
def test_the_reference_is_right(exercise):
    assert diagnose(exercise, exercise.reference).sentence is None


@pytest.mark.parametrize("exercise", [e for e in EXERCISES.values() if e.shown], ids=lambda exercise: exercise.name)
def test_what_solution_shows_is_right(exercise):
    assert diagnose(exercise, exercise.shown).sentence is None


@ALL
def test_an_untouched_stub_is_not_attempted(exercise):
    namespace = {}
    exec(f"def stub({', '.join(exercise.parameters)}):\n    raise NotImplementedError", namespace)
    assert not diagnose(exercise, namespace["stub"]).attempted


@ALL
def test_an_exercise_is_whole(exercise):
    assert len(exercise.hints) == 3
    assert len(BANKS[exercise.name]) >= 5
    assert bool(exercise.results) == bool(exercise.wrong), "where nothing is compared, nothing is known"
    assert exercise.statement.endswith((".", "?"))
    assert exercise.reference.__doc__
    assert all(3 < len(sentence) < 160 and not sentence.endswith(".") for sentence in BANKS[exercise.name])


def test_every_lesson_has_exercises_and_every_name_is_there_once():
    few = {"00": 1}  # it shows how it goes
    assert all(len(lesson) >= few.get(number, 4) for number, lesson in LESSONS.items())
    assert len(EXERCISES) == sum(map(len, LESSONS.values()))


@pytest.mark.slow
@ALL
def test_each_wrong_answer_gets_its_own_sentence_and_no_other(exercise):
    assert find_misnamed(exercise, BANKS[exercise.name]) == {}


@pytest.mark.slow
@pytest.mark.parametrize("exercise", DRAWN, ids=lambda exercise: exercise.name)
@given(data=st.data())
@settings(max_examples=10)
def test_a_reference_is_right_at_random_sizes(exercise, data):
    """Its answer is finite, is the same twice, and leaves the arguments as they are."""
    names = list(inspect.signature(exercise.case).parameters)[1:]
    sizes = {name: data.draw(st.integers(1, 9), name) for name in names}
    arguments = exercise.case(np.random.default_rng(data.draw(st.integers(0, 99))), **sizes)
    first, second = (run_case(exercise, exercise.reference, arguments) for _ in range(2))
    assert (first.trouble, first.damaged) == ("", None)
    assert all(np.isfinite(result).all() for result in first.results)
    assert all(map(is_equal, first.results, second.results))


def test_a_cell_whose_threshold_tells_every_quote_is_right_whatever_its_r():
    inside = np.arange(60) % 10 < 5
    loud = np.where(inside, 1.0 + 9 * (np.arange(60) % 5 == 0), -1.0)  # a threshold is right everywhere, |r| is not 1
    cells = np.stack([np.where(inside, 1.0, -1.0), loud, np.arange(60.0)], axis=1)
    use = EXERCISES["quote_cell"].use
    assert [use(lambda *_, k=k: k, cells, inside) for k in range(3)] == [0, 0, 2]


def test_the_references_agree_with_the_librarys_pullbacks():
    rng = np.random.default_rng(5)
    for sizes, arguments in EXERCISES["step_backward"].cases():
        a = arguments
        z = np.arctanh(a["h"]) - a["x"] @ a["W_xh"] - a["h_prev"] @ a["W_hh"]
        h, pullback = rnn_step.with_pullback(a["x"], a["h_prev"], a["W_xh"], a["W_hh"], z[0])
        np.testing.assert_allclose(h, a["h"])
        mine = EXERCISES["step_backward"].reference(**a)
        assert all(np.allclose(m, r) for m, r in zip(mine, pullback(a["dh"]))), sizes
    for _, a in EXERCISES["rnn_backward"].cases():
        b_h = np.arctanh(a["hs"][0, 0]) - (a["xs"][0] @ a["W_xh"] + a["h0"] @ a["W_hh"])[0]
        _, pullback = rnn_reference.with_pullback(a["xs"], a["h0"], a["W_xh"], a["W_hh"], b_h)
        assert all(map(np.allclose, EXERCISES["rnn_backward"].reference(**a), pullback(a["dhs"])))
    for _, a in EXERCISES["jordan_step"].cases():
        mine = EXERCISES["jordan_step"].reference(**a)
        x, y_prev, *weights = a.values()
        np.testing.assert_allclose(mine, jordan(x[None], y_prev, *weights)[0])
    for name in ("multiply", "matmul"):
        a, b = rng.standard_normal((2, 3, 3))
        d = rng.standard_normal((3, 3))
        mine, theirs = EXERCISES[name].reference(a, b), getattr(tape, name).with_pullback(a, b)
        assert np.allclose(mine[0], theirs[0])
        assert all(map(np.allclose, mine[1](d), theirs[1](d)))


@pytest.mark.parametrize("name", ["lstm_step", "gru_step", "gru_reset_before_step"])
def test_the_gated_cells_ways_back_agree_with_the_librarys(name):
    """The gates of the exercise's own forward step go into its backward step."""
    N, D, H, rng = 3, 2, 4, np.random.default_rng(1)
    a = EXERCISES[name].case(rng, N, D, H)
    values, pullback = EXERCISES[name].reference.with_pullback(*a.values())
    cotangents = rng.standard_normal((len(EXERCISES[name].results), N, H))
    x_side, h_side = a["x"] @ a["W_xh"] + a["b_h"], a["h_prev"] @ a["W_hh"]
    if name == "lstm_step":
        i, f, o, g = (k(z) for k, z in zip([sigmoid] * 3 + [np.tanh], np.split(x_side + h_side, 4, axis=1)))
        between = a["x"], a["h_prev"], a["c_prev"], i, f, o, g, np.tanh(values[1])
    else:
        r, z = np.split(sigmoid(x_side[:, : 2 * H] + h_side[:, : 2 * H]), 2, axis=1)
        n = (values - z * a["h_prev"]) / (1 - z)
        between = a["x"], a["h_prev"], r, z, n
        if name == "gru_step":
            between += (h_side[:, 2 * H :] + a["b_hn"],)
    mine = EXERCISES[f"{name}_backward"].reference(*cotangents, *between, a["W_xh"], a["W_hh"])
    theirs = pullback(*cotangents)
    assert len(mine) == len(theirs)
    assert all(map(np.allclose, mine, theirs))


def test_the_captioners_references_agree_with_the_librarys_functions():
    for _, a in EXERCISES["caption_loss"].cases():
        loss, pullback = cross_entropy.with_pullback(a["logits"], a["targets"], a["mask"])
        mine = EXERCISES["caption_loss"].reference(**a)
        assert all(map(np.allclose, mine, (loss, pullback(1.0)[0])))
    for _, a in EXERCISES["beam"].cases():
        tokens, score = decoding.beam(a["step"], a["h"], 1, a["width"], 2, a["longest"])[0]
        mine, total = EXERCISES["beam"].reference(**a)
        assert (mine, total) == ([k for k in tokens if k != 2], pytest.approx(score))
        tokens = decoding.greedy(a["step"], a["h"], 1, a["longest"], end=2)
        said = EXERCISES["greedy"].reference(a["step"], a["h"], a["longest"])
        assert said == [k for k in tokens if k != 2]
    for _, a in EXERCISES["bleu"].cases():
        assert EXERCISES["bleu"].reference(**a) == pytest.approx(scores.bleu([a["said"]], [a["right"]], a["n"]))


def test_the_translators_references_agree_with_the_librarys_functions():
    for _, a in EXERCISES["align"].cases():
        pair = number_words.pair(number_words.read_english(a["source"]))
        assert EXERCISES["align"].reference(**a) == [link[0] if link else -1 for link in pair.links]
    for _, a in EXERCISES["masked_weights"].cases():
        T, N, S = a["scores"].shape
        mask = np.arange(S) < a["lengths"][:, None]
        _, alphas = weighted_mean(a["scores"].transpose(1, 0, 2), np.ones((N, S, 1)), mask)
        assert np.allclose(EXERCISES["masked_weights"].reference(**a), alphas)
    for _, a in EXERCISES["additive_scores"].cases():
        e = EXERCISES["additive_scores"].reference(**a)
        queries, keys = (a["s"] @ a["W_a"])[None], a["hs"] @ a["U_a"]
        _, alphas = additive_attention(queries, keys, a["hs"], a["v_a"])
        assert np.allclose(softmax(e), alphas[0])
    for _, a in EXERCISES["decode"].cases():
        said = decoding.greedy(a["step"], a["h"], 1, len(a["targets"]))
        assert a["forced"] or EXERCISES["decode"].reference(**a) == said.tolist()


def test_the_grus_weights_from_keras_are_the_librarys():
    """The exercise asks for an order of results, the library gives them names: the numbers are the same."""
    for _, a in EXERCISES["gru_from_keras"].cases():
        theirs = from_keras("gru", a.values())
        assert EXERCISES["gru_from_keras"].results == tuple(theirs)
        assert all(map(np.array_equal, EXERCISES["gru_from_keras"].reference(**a), theirs.values()))


def test_the_lstms_way_back_over_time_is_the_librarys():
    a = EXERCISES["lstm_backward"].case(np.random.default_rng(1), T=5, N=3, D=2, H=4)
    arguments = EXERCISES["lstm_forward"].case(np.random.default_rng(1), T=5, N=3, D=2, H=4)
    (hs, cs), pullback = EXERCISES["lstm_forward"].reference.with_pullback(*arguments.values())
    assert np.allclose(hs, a["hs"])
    assert np.allclose(cs, a["cs"])
    assert all(map(np.allclose, EXERCISES["lstm_backward"].reference(**a), pullback(a["dhs"], 0 * cs)))


def test_a_level_of_slices_is_the_librarys():
    """Two levels of one network: the second call reads what the first one gave."""
    for sizes, a in EXERCISES["slice_and_join"].cases():
        first, n = a["read"], a["n"]
        weights = {"W_xh": first.W_xh, "W_hh": first.W_hh, "b_h": np.zeros(len(first.W_hh))}
        ends = EXERCISES["slice_and_join"].reference(first, a["xs"], n)
        levels = (weights, weights | {"W_xh": np.eye(len(first.W_hh))})
        slices = n, sizes["slices"]
        second = rnn(ends, np.zeros(ends.shape[1:]), **levels[1])[-1]
        np.testing.assert_allclose(sliced(rnn, a["xs"], levels, slices=slices), second)


def random_layers(rng, cell, D, H, layers, directions):
    """The weights and zero states of a stack, as the library's layers take them."""
    widths = [D] + [directions * H] * (layers - 1)
    one = lambda width: init_cell(rng, cell, width, H)
    if directions == 1:
        return tuple(map(one, widths)), tuple(init_states(cell, 3, H) for _ in widths)
    weights = tuple({"forward": one(width), "backward": one(width)} for width in widths)
    return weights, tuple((init_states(cell, 3, H),) * 2 for _ in widths)


@pytest.mark.parametrize("cell", CELLS)
def test_the_last_of_both_is_what_the_librarys_two_directions_hand_on(cell):
    rng, lengths = np.random.default_rng(1), np.array([4, 1, 3])
    (weights,), (states,) = random_layers(rng, cell, 2, 5, 1, 2)
    hs, (forward, backward) = two_directions(
        CELLS[cell].kernel, rng.standard_normal((4, 3, 2)), states, weights, lengths=lengths
    )
    known = EXERCISES["last_of_both"].reference(hs, lengths)
    np.testing.assert_allclose(known, np.concatenate([forward[0], backward[0]], axis=1))
    assert not np.allclose(known[0], hs[-1, 0])  # the longest one: nothing was copied into its padding


@pytest.mark.slow
@pytest.mark.parametrize("directions", [1, 2])
@pytest.mark.parametrize("cell", CELLS)
def test_the_size_of_a_deep_stack_is_what_its_weights_hold_and_pytorch_has_one_bias_more(cell, directions):
    D, H, layers = 3, 5, 4
    mine = EXERCISES["deep_size"].reference(cell, D, H, layers, directions)
    weights, states = random_layers(np.random.default_rng(1), cell, D, H, layers, directions)
    assert mine == sum(array.size for _, array in leaves(weights))
    layer = one_direction if directions == 1 else two_directions
    xs = np.random.default_rng(2).standard_normal((2, 3, D))
    assert stack_layers(CELLS[cell].kernel, xs, states, weights, layer=layer)[0].shape == (2, 3, directions * H)
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle: pip install -e .[torch]")
    module = getattr(torch.nn, cell.upper())(D, H, num_layers=layers, bidirectional=directions == 2)
    theirs = sum(p.numel() for p in module.parameters())
    second_bias = CELLS[cell].gates * H - len(CELLS[cell].extra) * H
    assert theirs - mine == layers * directions * second_bias


def test_the_table_counts_the_wrong_answers_and_shows_those_that_are_misnamed(capsys):
    first_step, window = EXERCISES["first_step"], EXERCISES["window"]
    main({"00": [first_step, window]})
    _, row, open_one, last = capsys.readouterr().out.splitlines()
    assert row.split() == ["00", "first_step", "10", "10"]
    assert open_one.split() == ["00", "window", "open"]
    assert last.split() == ["all", "10", "10", "100.0%"]
    left_out = {"x is left out": lambda x, h_prev: np.tanh(h_prev), "x is kept": lambda x, h_prev: np.tanh(x + h_prev)}
    main({"00": [replace(first_step, wrong=left_out)]})
    *_, last, _, sentence, got = capsys.readouterr().out.splitlines()
    assert last.split() == ["all", "2", "1", "50.0%"]
    assert (sentence, got) == ("first_step: x is kept", "  gets: right")


def f(x):
    """f is x + x"""
    return x + x


def test_a_wrong_answer_is_made_by_a_change_that_is_really_made():
    assert mutants(f, ("doubled", "x + x", "2 * x + x"))["doubled"](1) == 3
    with pytest.raises(ValueError, match="'x' must stand once in f, not 3 times"):
        mutants(f, ("which?", "x", "y"))
    with pytest.raises(ValueError, match="must stand once in f, not 0 times"):
        mutants(f, ("nothing", "z", "y"))
    with pytest.raises(ValueError, match="two wrong answers of f have the sentence 'same'"):
        mutants(f, ("same", "x + x", "x"), ("same", "x + x", "-x"))


def test_a_rule_makes_the_wrong_terms_that_its_sentences_name():
    rows = {sentence: new for sentence, _, new in slip_gradients(dx="d @ W.T", dW="x.T @ d", db="d.sum(0)")}
    assert rows == {
        "the sign of dx is turned": "-(d @ W.T)",
        "dx is zero: d @ W.T belongs there": "0 * (d @ W.T)",
        "the sign of dW is turned": "-(x.T @ d)",
        "dW is zero: x.T @ d belongs there": "0 * (x.T @ d)",
        "the sign of db is turned": "-(d.sum(0))",
        "db is zero: d.sum(0) belongs there": "0 * (d.sum(0))",
        "dx stands transposed: d @ W.T, not W @ d.T": "W @ d.T",
        "in dx, W is not transposed: d @ W.T": "d @ W",
        "dW stands transposed: x.T @ d, not d.T @ x": "d.T @ x",
        "in dW, x is not transposed: x.T @ d": "x @ d",
        "dW takes the mean over the rows: it is their sum": "x.T @ d / len(x)",
        "db takes the mean over the rows: it is their sum": "d.mean(0)",
        "db is not summed: one bias serves every row, so the rows are added up": "d",
        "db sums over the wrong axis: the rows are summed, sum(0)": "d.sum(1)",
    }
    assert list(swap(a="x", b="y")) == [("a and b have changed places", "x, y", "y, x")]
    assert [row[2] for row in transpose_weights("x @ W")] == ["x @ W.T"]
    rows = drop_summands("before tanh", x__W="x @ W", b="+ b")
    assert [row[::2] for row in rows] == [
        ("x W is missing: it is added before tanh", "0 * (x @ W)"),
        ("x W is subtracted: it is added", "-(x @ W)"),
        ("b is missing: it is added before tanh", "+ 0 * (b)"),
        ("b is subtracted: it is added", "+ -(b)"),
    ]


def test_of_two_wrong_answers_that_cannot_be_told_apart_both_are_said():
    wrong = {"one": lambda x: 3 * x, "two": lambda x: x + 2 * x}
    twins = Exercise("f", "f?", f, lambda rng, N: {"x": rng.standard_normal(N)}, ("y",), ("", "", ""), wrong)
    found = diagnose(twins, wrong["one"])
    assert found.reason == "two mistakes give these numbers. One: one. The other: two"
    assert not found.named
