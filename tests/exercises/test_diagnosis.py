"""What is said of answers that no bank was made of: as readers write them, and as nobody should."""

import time
import warnings

import numpy as np
import pytest

from unrolled.exercises import EXERCISES
from unrolled.exercises.diagnosis import diagnose
from unrolled.exercises.exercise import Exercise


def judge(name, function, **given):
    return diagnose(EXERCISES[name], function, given).sentence


def step(formula):
    """A reader's rnn_step, from the formula alone."""
    scope = {"np": np}
    exec(f"def my_rnn_step(x, h_prev, W_xh, W_hh, b_h):\n    return {formula}", scope)
    return scope["my_rnn_step"]


@pytest.mark.parametrize(
    "formula, sentence",
    [
        ("np.tanh(np.dot(x, W_xh) + np.dot(h_prev, W_hh.T) + b_h)", "W_hh stands transposed"),
        ("np.tanh((W_xh.T @ x.T).T + (W_hh @ h_prev.T).T + b_h)", "W_hh stands transposed"),
        ("np.tanh(np.hstack([x, h_prev]) @ np.vstack([W_xh, W_hh]))", "b_h is missing"),
        ("1 / (1 + np.exp(-(x @ W_xh + h_prev @ W_hh + b_h)))", "the sigmoid stands where tanh belongs"),
        ("[[float(v) for v in row] for row in x @ W_xh + h_prev @ W_hh + b_h]", "tanh is missing"),
        ("np.tanh(x @ W_xh + np.einsum('nh,kh->nk', h_prev, W_hh) + b_h)", "W_hh stands transposed"),
    ],
)
def test_a_mistake_is_named_however_it_is_written(formula, sentence):
    assert sentence in judge("rnn_step", step(formula))


def by_steps(dhs, xs, h0, hs, W_xh, W_hh, *, mistake=None):
    """A reader's rnn_backward, step by step, with one mistake."""
    dxs, dh = np.zeros_like(xs), np.zeros_like(h0)
    dW_xh, dW_hh, db_h = np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros(len(W_hh))
    for t in range(len(xs) - 1, -1, -1):
        h_prev = hs[t - 1] if t > 0 else h0
        if mistake == "wraps":
            h_prev = hs[t - 1]
        if mistake == "x for s":
            h_prev = xs[t]
        dz = (dhs[t] + dh) * (1 - hs[t] ** 2)
        if mistake == "no local error":
            dz = (dhs[t] if t == len(xs) - 1 else dh) * (1 - hs[t] ** 2)
        dxs[t] = dz @ W_xh.T
        dW_xh += x_part if (x_part := xs[t].T @ dz) is not None and mistake != "minus" else -x_part
        dW_hh = h_prev.T @ dz + (0 if mistake == "= for +=" else dW_hh)
        db_h += dz.sum(0)
        dh = dz @ (W_hh if mistake == "no transpose" else W_hh.T)
    return dxs, dh, dW_xh, dW_hh, db_h


@pytest.mark.parametrize(
    "mistake, sentence",
    [
        (None, None),
        ("x for s", "this is the gradient with x_t where h_{t-1} belongs"),
        ("wraps", "dW_hh takes hs[-1], the last state, before the first step"),
        ("no local error", "the local error is lost after the last step"),
        ("= for +=", "dW_hh is the first step's alone, = where += belongs"),
        ("no transpose", "the error goes back without the transpose: dh = dz @ W_hh.T"),
        ("minus", "the sign of dW_xh is turned"),
    ],
)
def test_a_loop_step_by_step_is_understood(mistake, sentence):
    function = lambda dhs, xs, h0, hs, W_xh, W_hh: by_steps(dhs, xs, h0, hs, W_xh, W_hh, mistake=mistake)
    found = judge("rnn_backward", function)
    assert (found is None) if sentence is None else sentence in found


def test_of_two_mistakes_the_first_is_named():
    def two(dh, x, h_prev, h, W_xh, W_hh):
        dz = dh * (1 - h**2)
        return dz @ W_xh.T, dz @ W_hh, x.T @ dz, h_prev.T @ dz, dz.mean(0)

    assert "in dh_prev, W_hh is not transposed" in judge("step_backward", two)


def test_a_mistake_that_is_made_at_some_sizes_alone_is_not_taken_for_the_known_one():
    found = judge("rnn_step", step("np.tanh(x @ (W_xh.T if x.shape[1] == len(b_h) else W_xh) + h_prev @ W_hh + b_h)"))
    assert "(at N = 1, D = 2, H = 2): yours is right for D = 1; with x = 0 or with W_xh = 0" in found


def test_an_unknown_mistake_is_explained_by_the_terms():
    def half_the_last(dhs, xs, h0, hs, W_xh, W_hh):
        dxs, dh, dW_xh, dW_hh, db_h = EXERCISES["rnn_backward"].reference(dhs, xs, h0, hs, W_xh, W_hh)
        return dxs, dh, dW_xh - 0.5 * xs[-1].T @ (dhs[-1] * (1 - hs[-1] ** 2)), dW_hh, db_h

    found = judge("rnn_backward", half_the_last)
    assert found.endswith("the difference from the right answer is minus 0.5 times the part of the last step")


@pytest.mark.parametrize(
    "change, said",
    [
        (lambda hs, cs, xs: (hs, cs + np.sin(cs) / 3), ["cs[0, 0, 0] = ", "T = 1", "only cs is wrong"]),
        (lambda hs, cs, xs: (hs + 0.01 * xs.sum(), cs), ["hs[0, 0, 0] = ", "only hs", "with xs = 0 yours is right"]),
        (
            lambda hs, cs, xs: (hs, cs + (np.arange(len(cs)) > 1)[:, None, None] * np.cos(cs)),
            ["cs[2, 0, 0] = ", "only cs", "the first 2 steps of cs are right"],
        ),
        (
            lambda hs, cs, xs: (hs + (np.arange(hs.shape[1]) == 1)[:, None] * np.cos(hs), cs),
            ["hs[0, 1, 0] = ", "only hs", "the first row of hs is right"],
        ),
        (lambda hs, cs, xs: (hs + np.cos(hs), cs + np.exp(cs)), ["hs[0, 0, 0] = ", "T = 1"]),
    ],
)
def test_of_a_mistake_that_no_slip_names_is_said_what_differs_and_where(change, said):
    def answer(xs, h0, c0, W_xh, W_hh, b_h):
        return change(*EXERCISES["lstm_forward"].reference(xs, h0, c0, W_xh, W_hh, b_h), xs)

    found = diagnose(EXERCISES["lstm_forward"], answer)
    assert not found.named
    assert all(part in found.sentence for part in ["you gave ", ", and it should be ", *said])


def test_of_an_unknown_mistake_is_said_what_would_make_it_right():
    found = judge("rnn_step", step("np.tanh(x @ W_xh + h_prev @ W_hh + b_h) + 0.01 * x.sum()"))
    assert found.startswith("you gave h[0, 0] = ")
    assert found.endswith("(at N = 1, D = 1, H = 1): with x = 0 yours is right")


def test_the_smallest_counterexample_is_shown_with_both_numbers():
    found = judge("rnn_step", step("np.tanh(x @ W_xh + h_prev @ W_hh.T + b_h)"))
    assert "(at N = 1, D = 1, H = 2)" in found
    assert judge("count", lambda D, H, O: D * H + H * H + H * O).startswith(
        "you gave the count = 3, and it should be 5"
    )


@pytest.mark.parametrize(
    "function, sentence",
    [
        (None, "hand over the function itself, without brackets; got NoneType"),
        (3.0, "hand over the function itself, without brackets; got float"),
        (lambda x: x, "it must take 5 arguments (x, h_prev, W_xh, W_hh, b_h), got (x)"),
        (lambda h_prev, x, W_xh, W_hh, b_h: x, "in this order, got (h_prev, x, W_xh, W_hh, b_h)"),
        (step("None"), "it returned None: is there a return?"),
        (step("'h'"), "h must be a number or an array of numbers, got str"),
        (step("[[1, 2], [3]]"), "h must be a number or an array of numbers, got a list of 2"),
        (step("1j * h_prev"), "h must hold real numbers, got complex ones"),
        (step("x[0]"), "you gave h with the shape (1,), and it should have (1, 1)"),
        (step("(99 * h_prev).astype(int) / 99"), "you gave h[0, 0] = "),
        (step("h_prev * np.nan"), "you gave h[0, 0] = nan"),
        (step("x @ np.ones((99, 9))"), "A must have as many columns as B has rows, got 1 columns and 99 rows"),
        (step("undefined"), "it raised NameError: name 'undefined' is not defined"),
        (step("my_rnn_step(x, h_prev, W_xh, W_hh, b_h)"), "it raised RecursionError"),
    ],
)
def test_what_is_no_answer_is_told_so(function, sentence):
    assert sentence in judge("rnn_step", function)


def test_a_dtype_counts_only_where_it_is_asked_for():
    assert judge("count", lambda D, H, O: (D * H + H * H + H * O + H + O) * 1.0) is None
    found = judge("pairs", lambda tokens, at, T: (tokens[at : at + T], 1.0 * tokens[at + 1 : at + T + 1]))
    assert found.startswith("the numbers of targets are right, but you gave them as float64: they are looked up")
    found = judge("shift", lambda tokens: (tokens[:-1], tokens[1:], 1 * (tokens[1:] != 0)))
    assert found.startswith("the numbers of mask are right, but you gave them as int64: as an index")
    assert judge("lstm_bias", lambda H: [0] * H + [1] * H + [0] * 2 * H).startswith("the numbers of b_h are right, but")


def test_the_number_of_results_is_told():
    found = judge("step_backward", lambda dh, x, h_prev, h, W_xh, W_hh: (dh, dh))
    assert found.startswith("it must return 5 things (dx, dh_prev, dW_xh, dW_hh, db_h), got a tuple of 2")


def test_damage_is_found_in_an_answer_that_is_right():
    def damages(x, h_prev, W_xh, W_hh, b_h):
        h_prev @= W_hh
        h_prev += x @ W_xh + b_h
        return np.tanh(h_prev)

    assert judge("rnn_step", damages) == "it writes into its argument h_prev: work on a copy, or make a new array"

    def clips_in_place(grads, max_norm):
        norm = np.sqrt(sum((g**2).sum() for g in grads.values()))
        for name in grads:
            grads[name] = grads[name] * min(1, max_norm / norm)
        return grads

    assert judge("clip_by_norm", clips_in_place).startswith("it writes into its argument grads")


def test_state_that_is_kept_between_calls_is_found():
    total = np.zeros(())

    def keeps(x, h_prev, W_xh, W_hh, b_h):
        nonlocal total
        total = total + 1e-3
        return np.tanh(x @ W_xh + h_prev @ W_hh + b_h) + total

    assert judge("rnn_step", keeps).startswith("a second call with the same arguments gives another answer")
    calls = []

    def late(x, h_prev, W_xh, W_hh, b_h):
        calls.append(x.shape)
        return np.tanh(x @ W_xh + h_prev @ W_hh + b_h) + (len(set(calls)) != len(set(calls[:-1])) + 1) * (
            len(calls) > 14
        )

    assert judge("rnn_step", late).startswith("a second call with the same arguments gives another answer")


@pytest.mark.slow
def test_an_answer_that_is_right_but_slow_is_told_so():
    def slow(x, h_prev, W_xh, W_hh, b_h):
        time.sleep(0.7 if len(b_h) == 4 and len(x) == 2 else 0)
        return np.tanh(x @ W_xh + h_prev @ W_hh + b_h)

    quick = Exercise("f", "f?", EXERCISES["rnn_step"].reference, EXERCISES["rnn_step"].case, ("h",), ("", "", ""))
    last = [sizes for sizes, _ in quick.cases()][-1]
    at_the_end = lambda x, h_prev, W_xh, W_hh, b_h: (
        time.sleep(0.7 * ((len(x), len(W_xh), len(b_h)) == tuple(last.values()))),
        slow(x, h_prev, W_xh, W_hh, b_h),
    )[1]
    assert "it is right, but takes" in diagnose(quick, at_the_end).sentence


def test_a_reader_may_bring_the_arguments():
    values = 80 + 50 * np.sin(np.arange(60) / 1.7)
    past = {"values": values, "start": 40, "bar": 1e-6}
    assert judge("forecast", lambda past: past[-1], **past).startswith("it says that each year is like the last")
    peeks = lambda past: values[len(past)]
    assert judge("forecast", peeks, **past).startswith("it says the true value each year")
    assert (
        judge("window", lambda: 8, loss=lambda k: 0.5) == "with k = 8 the loss is 0.50: too few targets see their bit"
    )
    assert judge("window", lambda: 8, loss=lambda k: 0.01) is None


def test_no_warning_of_numpy_reaches_the_reader():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "= nan" in judge("rnn_step", step("np.tanh(x @ W_xh) / 0 * 0"))


def test_numpy_that_was_broken_before_the_check_is_told(monkeypatch):
    monkeypatch.setattr(np, "exp", None)
    found = judge("softmax", lambda logits, temperature: np.ones(len(logits)))
    assert found.startswith("our own answer fails now, because it raised TypeError: 'NoneType' object is not callable")
    assert found.endswith(": np.exp was overwritten; restart the kernel")


def test_numpy_that_an_answer_breaks_is_put_back(monkeypatch):
    before = np.exp

    def breaks(logits, temperature):
        monkeypatch.setattr(np, "exp", None)
        return np.ones(len(logits))

    assert judge("softmax", breaks).startswith("you gave p[0] = 1, and it should be")
    assert np.exp is before
