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
from unrolled.cells.rnn import jordan, rnn_reference, rnn_step
from unrolled.cells.sequence import sigmoid
from unrolled.exercises import EXERCISES, LESSONS
from unrolled.exercises.__main__ import find_misnamed, main
from unrolled.exercises.answers import is_equal, run_case
from unrolled.exercises.diagnosis import diagnose
from unrolled.exercises.exercise import Exercise
from unrolled.exercises.mistakes import drop_summands, mutants, slip_gradients, swap, transpose_weights

OPEN = run_path(str(Path(__file__).with_name("open_answers.py")))["WRONG"]
BANKS = {exercise.name: exercise.wrong | OPEN.get(exercise.name, {}) for exercise in EXERCISES.values()}
ALL = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=lambda exercise: exercise.name)
# The open ones that train a network draw nothing: one call of the reference shows all.
DRAWN = [e for e in EXERCISES.values() if e.seconds < 60 or len(inspect.signature(e.case).parameters) > 1]


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
    assert all(len(lesson) >= 4 for number, lesson in LESSONS.items() if number != "00")  # 00 shows how it goes
    assert len(EXERCISES) == sum(map(len, LESSONS.values()))


@ALL
def test_each_wrong_answer_gets_its_own_sentence_and_no_other(exercise):
    assert find_misnamed(exercise, BANKS[exercise.name]) == {}


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
