"""What is said of an answer that no bank knows: a form, a slip, other arguments, or where it is wrong."""

import numpy as np
import pytest

from unrolled.exercises import EXERCISES
from unrolled.exercises.diagnosis import diagnose
from unrolled.exercises.exercise import Exercise
from unrolled.exercises.reasons import Reasons
from unrolled.exercises.slips import plain, slips


def double(x, W, b):
    """y = x W + b"""
    y = x @ W + b
    return y


def _case(rng, N, D, M):
    draw = rng.standard_normal
    return {"x": draw((N, D)), "W": draw((D, M)), "b": draw(M)}


PLAIN = Exercise("affine", "y = x W + b.", double, _case, ("y",), ("", "", ""))


def explain(function, exercise=PLAIN):
    return diagnose(exercise, function)


@pytest.mark.parametrize(
    "function, reason",
    [
        (lambda x, W, b: (x @ W + b).T, "y stands transposed, and its numbers are right"),
        (lambda x, W, b: (x @ W + b)[None], "the numbers of y are right, but it keeps an axis of length 1"),
        (lambda x, W, b: np.squeeze(x @ W + b), "the numbers of y are right, but an axis of length 1 was lost"),
        (lambda x, W, b: (x @ W + b).ravel(), "the numbers of y are right, but they stand in another shape"),
        (lambda x, W, b: 2 * (x @ W + b), "all of y is twice what it should be"),
        (lambda x, W, b: -(x @ W + b), "the sign of y is turned"),
        (lambda x, W, b: (x @ W + b) / len(x), "all of y is 1/N of what it should be"),
        (lambda x, W, b: (x @ W + b).astype(int), "y is what is asked for, but cut to whole numbers"),
        (lambda x, W, b: np.clip(x @ W + b, -0.5, 0.5), "y is what is asked for, but clipped"),
        (lambda x, W, b: np.log(x @ W + b + 0j).real, ""),
        (lambda x, W, b: x @ W, "yours is right for b = 0"),
        (lambda x, W, b: x @ W - b, "the sign of b is turned"),
        (lambda x, W, b: x[::-1] @ W + b, "x is turned round along its first axis"),
        (lambda x, W, b: x @ W * b, "`x @ W * b` stands where `x @ W + b` belongs"),
    ],
)
def test_a_mistake_without_a_bank_is_named(function, reason):
    found = explain(function)
    assert found.wrong
    assert reason in found.reason
    assert found.named == bool(reason)


@pytest.mark.parametrize(
    "function, reason",
    [
        (lambda x, W, b: x @ W + b + np.sin(b), "with b = 0 yours is right"),
        (lambda x, W, b: np.vstack([(x @ W + b)[:-1], 7 + 0 * x[-1:] @ W]), "only the last row of y is wrong"),
        (lambda x, W, b: (x @ W + b) + 7 * (np.arange(len(b)) == 0), "only the first column of y is wrong"),
        (lambda x, W, b: x @ W + b + 0.3 * np.log(len(x)), "yours is right for N = 1, and nowhere else"),
        (lambda x, W, b: x @ W + b * 0 + np.cos(len(x)), "yours does not change with b, and it should"),
    ],
)  # fmt: skip
def test_a_mistake_that_has_no_name_is_located(function, reason):
    found = explain(function)
    assert reason in found.reason
    assert not found.named


@pytest.mark.slow
def test_a_gate_that_alone_is_wrong_is_said():
    lstm = EXERCISES["lstm_step_backward"]

    def forgets(*arguments):
        made = list(lstm.reference(*arguments))
        quarters = np.split(made[5], 4)
        made[5] = np.concatenate([quarters[0], quarters[1] ** 2 + 1, *quarters[2:]])
        return tuple(made)

    scope = {"forgets": forgets}
    names = ", ".join(lstm.parameters)
    exec(f"def answer({names}):\n    return forgets({names})", scope)
    assert explain(scope["answer"], lstm).reason == "only db_h is wrong; of db_h, the quarter of f alone is wrong"


def test_what_holds_at_the_sizes_tried_alone_is_not_said():
    """Right for N = 1 where M is small: at larger sizes it is not, and so nothing is said of N."""
    found = explain(lambda x, W, b: x @ W + b + np.sin(len(x) - 1) + 7.3 * (b.size > 3))
    assert "N = 1" not in found.reason


def test_two_mistakes_in_one_result_are_both_named():
    step = lambda x, h_prev, W_xh, W_hh, b_h: 1 / (1 + np.exp(-(x @ W_xh + h_prev @ W_hh.T + b_h)))
    reason = diagnose(EXERCISES["rnn_step"], step).reason
    assert reason.startswith(
        "two mistakes at once. The one: the sigmoid stands where tanh belongs. The other: W_hh stands"
    )


def test_a_mistake_that_explains_all_goes_before_one_that_explains_the_first_result():
    def never_handed_on(dhs, xs, h0, hs, W_xh, W_hh):
        dzs = dhs * (1 - hs**2)
        before = np.concatenate([h0[None], hs[:-1]])
        flat = lambda a: a.reshape(-1, a.shape[-1])
        return dzs @ W_xh.T, 0 * h0, flat(xs).T @ flat(dzs), flat(before).T @ flat(dzs), flat(dzs).sum(0)

    assert diagnose(EXERCISES["rnn_backward"], never_handed_on).reason.startswith("W_hh has no part in it")


def test_nothing_is_named_by_nan_and_infinity():
    overflows = lambda logits, tau: np.exp(logits / tau - 1e9) / np.exp(logits / tau - 1e9).sum()
    assert not diagnose(EXERCISES["softmax"], overflows).named


def test_nothing_but_nan_is_called_so():
    found = explain(lambda x, W, b: (x @ W + b) * np.inf * 0)
    assert found.reason == "every number of y is nan, as 0 / 0, inf - inf and 0 * inf are"
    assert not found.named


@pytest.mark.parametrize(
    "made", ["np.ones((0, 3))", "np.full(3, np.inf)", "True", "np.int64(2**62)", "[[[1e300]]] * 2"]
)
def test_no_result_stops_the_search_for_a_reason(made, monkeypatch):
    """Each is wrong, and nothing that is looked for in it breaks."""
    find, errors = Reasons.find, []

    def watched(reasons):
        try:
            return find(reasons)
        except Exception as error:
            errors.append(error)
            raise

    monkeypatch.setattr(Reasons, "find", watched)
    monkeypatch.setattr(Reasons, "_search", lambda reasons, step: step())
    for name in ("rnn_step", "count", "softmax", "shift", "lstm_bias", "attention"):
        exercise, scope = EXERCISES[name], {"np": np}
        several = f"({made},) * {len(exercise.results)}" if len(exercise.results) > 1 else made
        exec(f"def answer({', '.join(exercise.parameters)}):\n    return {several}", scope)
        assert diagnose(exercise, scope["answer"]).wrong
    assert errors == []


@pytest.mark.parametrize("name", [name for name, e in EXERCISES.items() if e.results])
def test_the_plain_source_of_a_reference_gives_what_the_reference_gives(name):
    exercise = EXERCISES[name]
    bare = plain(exercise.reference)
    assert diagnose(exercise, bare).sentence is None


def test_a_slip_says_what_it_does():
    said = {slip.words(): slip.function for slip in slips(double)}
    x, W, b = np.array([[1.0, 2]]), np.array([[3.0], [4]]), np.array([5.0])
    for words, value in {
        "`x @ W - b` stands where `x @ W + b` belongs": 6,
        "`x @ W` stands where `x @ W + b` belongs": 11,
        "`b` stands where `x @ W + b` belongs": 5,
        "`2 * (x @ W) + b` stands where `x @ W + b` belongs": 27,
    }.items():
        assert said[words](x, W, b) == value
    assert double(x, W, b) == 16


def test_a_list_of_parts_of_several_lengths_is_no_transpose():
    cut = lambda xs, lengths: [xs[:length, n][::-1] for n, length in enumerate(lengths)]
    assert "ys is a list of parts of several lengths" in diagnose(EXERCISES["reverse_each"], cut).sentence
