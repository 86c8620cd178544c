"""Every reference is right, every known wrong answer gets its own sentence, and the references are the library's."""

import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unrolled.autodiff import tape
from unrolled.cells.rnn import jordan, rnn_reference, rnn_step
from unrolled.cells.sequence import sigmoid
from unrolled.exercises import EXERCISES, LESSONS
from unrolled.exercises.__main__ import main
from unrolled.exercises.diagnosis import _equal, answer, diagnose
from unrolled.exercises.exercise import Exercise, variants

ALL = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=lambda exercise: exercise.name)
BANK = [
    pytest.param(exercise, sentence, id=f"{exercise.name}: {sentence}")
    for exercise in EXERCISES.values()
    for sentence in exercise.wrong
]


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
    assert len(exercise.wrong) >= 5
    assert exercise.statement.endswith((".", "?"))
    assert exercise.reference.__doc__
    assert all(3 < len(sentence) < 160 and not sentence.endswith(".") for sentence in exercise.wrong)


def test_every_lesson_has_exercises_and_every_name_is_there_once():
    assert all(len(lesson) >= 4 for number, lesson in LESSONS.items() if number != "00")  # 00 shows how it goes
    assert len(EXERCISES) == sum(map(len, LESSONS.values()))


@pytest.mark.parametrize("exercise, sentence", BANK)
def test_a_known_wrong_answer_gets_its_own_sentence_and_no_other(exercise, sentence):
    said = diagnose(exercise, exercise.wrong[sentence]).sentence
    assert sentence in said
    assert [other for other in exercise.wrong if other in said and other not in sentence] == []


@ALL
@given(data=st.data())
@settings(max_examples=10)
def test_a_reference_is_right_at_random_sizes(exercise, data):
    """Its answer is finite, is the same twice, and leaves the arguments as they are."""
    names = list(inspect.signature(exercise.case).parameters)[1:]
    sizes = {name: data.draw(st.integers(1, 9), name) for name in names}
    arguments = exercise.case(np.random.default_rng(data.draw(st.integers(0, 99))), **sizes)
    first, second = (answer(exercise, exercise.reference, arguments) for _ in range(2))
    assert (first.trouble, first.damaged) == ("", None)
    assert all(np.isfinite(result).all() for result in first.results)
    assert all(map(_equal, first.results, second.results))


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


def test_the_table_names_the_share(capsys):
    main()
    *_, last = capsys.readouterr().out.splitlines()
    count = sum(len(exercise.wrong) for exercise in EXERCISES.values())
    assert last.split() == ["all", str(count), str(count), "100.0%"]


def f(x):
    """f is x + x"""
    return x + x


def test_a_wrong_answer_is_made_by_a_change_that_is_really_made():
    assert variants(f, ("doubled", "x + x", "2 * x + x"))["doubled"](1) == 3
    with pytest.raises(ValueError, match="'x' must stand once in f, not 3 times"):
        variants(f, ("which?", "x", "y"))
    with pytest.raises(ValueError, match="must stand once in f, not 0 times"):
        variants(f, ("nothing", "z", "y"))
    with pytest.raises(ValueError, match="two wrong answers of f have the sentence 'same'"):
        variants(f, ("same", "x + x", "x"), ("same", "x + x", "-x"))


def test_two_wrong_answers_that_cannot_be_told_apart_are_not_named():
    wrong = {"one": lambda x: 3 * x, "two": lambda x: x + 2 * x}
    twins = Exercise("f", "f?", f, lambda rng, N: {"x": rng.standard_normal(N)}, ("y",), ("", "", ""), wrong)
    said = diagnose(twins, wrong["one"]).sentence
    assert said.startswith("you gave y[0] = ")
    assert "one" not in said
    assert "two" not in said
