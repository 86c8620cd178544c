"""The LSTM over time: the loop forward and the loop back, around a step of the reader's own."""

import numpy as np

from unrolled.cells.lstm import lstm
from unrolled.exercises.banks.lstm import LSTM_STEP, LSTM_STEP_BACKWARD, lstm_step_backward, plain_step
from unrolled.exercises.exercise import Exercise
from unrolled.exercises.mistakes import mutants
from unrolled.probes.gates import trace


def lstm_forward(xs, h0, c0, W_xh, W_hh, b_h):
    """xs (T, N, D), h0 (N, H), c0 (N, H) -> hs (T, N, H), cs (T, N, H)"""
    h, c = h0, c0
    hs, cs = [], []
    for x in xs:
        h, c = plain_step(x, h, c, W_xh, W_hh, b_h)
        hs.append(h)
        cs.append(c)
    return np.stack(hs), np.stack(cs)


def _sequence_case(rng, T, N, D, H):
    draw = rng.standard_normal
    states = {"xs": draw((T, N, D)), "h0": draw((N, H)), "c0": draw((N, H))}
    return states | {"W_xh": draw((D, 4 * H)), "W_hh": draw((H, 4 * H)), "b_h": draw(4 * H)}


def _forward_with(step):
    """The loop of `lstm_forward` around a step that is wrong."""

    def forward(xs, h0, c0, W_xh, W_hh, b_h):
        h, c = h0, c0
        made = []
        for x in xs:
            h, c = step(x, h, c, W_xh, W_hh, b_h)
            made.append((h, c))
        hs, cs = zip(*made)
        return np.stack(hs), np.stack(cs)

    return forward


STEP = "plain_step(x, h, c, W_xh, W_hh, b_h)"
LSTM_FORWARD = Exercise(
    name="lstm_forward",
    statement="Run the LSTM along xs (T, N, D), from h0 and c0, and return all states: hs and cs, both (T, N, H).",
    reference=lstm,
    shown=lstm_forward,
    case=_sequence_case,
    results=("hs", "cs"),
    hints=(
        "Two states go from step to step: h and c. They begin as h0 and c0.",
        "For each x of xs: one step, from x and the two states, to the next two states. Keep both in a list.",
        "h, c = my_lstm_step(x, h, c, W_xh, W_hh, b_h) in the loop; after it np.stack(hs), np.stack(cs).",
    ),
    wrong=mutants(
        lstm_forward,
        ("every step starts from h0 and c0: each starts where the step before ended", STEP,
         "plain_step(x, h0, c0, W_xh, W_hh, b_h)"),
        ("every step starts from c0: the cell goes on where the step before ended", STEP,
         "plain_step(x, h, c0, W_xh, W_hh, b_h)"),
        ("every step starts from h0: the state goes on where the step before ended", STEP,
         "plain_step(x, h0, c, W_xh, W_hh, b_h)"),
        ("the walk starts from zeros: it starts from h0 and c0", "h, c = h0, c0", "h, c = 0 * h0, 0 * c0"),
        ("the cell starts from zero: it starts from c0", "h, c = h0, c0", "h, c = h0, 0 * c0"),
        ("the state starts from zero: it starts from h0", "h, c = h0, c0", "h, c = 0 * h0, c0"),
        ("h0 and c0 have changed places", "h, c = h0, c0", "h, c = c0, h0"),
        ("h and c have changed places on their way into the step", STEP, "plain_step(x, c, h, W_xh, W_hh, b_h)"),
        ("the sequence is read from its end", "in xs", "in xs[::-1]"),
        ("every step reads the first input: step t reads xs[t]", STEP, "plain_step(xs[0], h, c, W_xh, W_hh, b_h)"),
        ("the states before each step are returned: h0 does not belong to hs, nor c0 to cs",
         f"        h, c = {STEP}\n        hs.append(h)\n        cs.append(c)\n",
         f"        hs.append(h)\n        cs.append(c)\n        h, c = {STEP}\n"),
        ("the first states stand in front: hs and cs hold the T states that the steps made", "hs, cs = [], []",
         "hs, cs = [h0], [c0]"),
        ("the last states alone are returned: all T of them belong there", "np.stack(hs), np.stack(cs)", "h, c"),
        ("hs and cs have changed places: return hs, cs", "np.stack(hs), np.stack(cs)", "np.stack(cs), np.stack(hs)"),
        ("hs is returned twice: return hs, cs", "np.stack(hs), np.stack(cs)", "np.stack(hs), np.stack(hs)"),
        ("tanh of the cell is kept: cs holds the cell itself", "cs.append(c)", "cs.append(np.tanh(c))"),
        ("the steps stand on the second axis: time comes first, (T, N, H)", "np.stack(hs), np.stack(cs)",
         "np.stack(hs, axis=1), np.stack(cs, axis=1)"),
    )
    | {what: _forward_with(step) for what, step in LSTM_STEP.wrong.items()},
)  # fmt: skip


def lstm_backward(dhs, xs, h0, c0, hs, cs, i, f, o, g, W_xh, W_hh):
    """All steps back: dhs (T, N, H) -> dxs, dh0, dc0, dW_xh, dW_hh, db_h; i, f, o, g (T, N, H) are the gates."""
    dxs, dh, dc = np.empty_like(xs), np.zeros_like(h0), np.zeros_like(c0)
    dW_xh, dW_hh, db_h = np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros_like(W_hh[0])
    for t in reversed(range(len(xs))):
        h_prev, c_prev = (hs[t - 1], cs[t - 1]) if t > 0 else (h0, c0)
        known = xs[t], h_prev, c_prev, i[t], f[t], o[t], g[t], np.tanh(cs[t])
        dx, dh, dc, *parts = lstm_step_backward(dh + dhs[t], dc, *known, W_xh, W_hh)
        dxs[t] = dx
        dW_xh, dW_hh, db_h = dW_xh + parts[0], dW_hh + parts[1], db_h + parts[2]
    return dxs, dh, dc, dW_xh, dW_hh, db_h


def _backward_with(step):
    """The loop of `lstm_backward` around a step back that is wrong."""

    def backward(dhs, xs, h0, c0, hs, cs, i, f, o, g, W_xh, W_hh):
        dh, dc, made = np.zeros_like(h0), np.zeros_like(c0), []
        h_prevs, c_prevs = np.concatenate([h0[None], hs[:-1]]), np.concatenate([c0[None], cs[:-1]])
        for t in reversed(range(len(xs))):
            known = xs[t], h_prevs[t], c_prevs[t], i[t], f[t], o[t], g[t], np.tanh(cs[t])
            dx, dh, dc, *parts = step(dh + dhs[t], dc, *known, W_xh, W_hh)
            made.append((dx, *parts))
        dxs, *parts = zip(*made)
        return np.stack(dxs[::-1]), dh, dc, *(sum(part) for part in parts)

    return backward


def _sequence_backward_case(rng, T, N, D, H):
    a = _sequence_case(rng, T, N, D, H)
    run = trace(*a.values())
    given = {"dhs": rng.standard_normal((T, N, H)), "xs": a["xs"], "h0": a["h0"], "c0": a["c0"]}
    gates = {name: getattr(run, name) for name in "ifog"}
    return given | {"hs": run.h, "cs": run.c} | gates | {"W_xh": a["W_xh"], "W_hh": a["W_hh"]}


# Over time, these are the same as the dc that is lost, as cs[t] for the cell before, and as a dc_prev of zero:
SAME = "what comes to c from the next step is missing", "df is dc c:", "dc_prev lacks"
MEET, PREV = "lstm_step_backward(dh + dhs[t], dc,", "(hs[t - 1], cs[t - 1]) if t > 0 else (h0, c0)"
ADD = "dW_xh + parts[0], dW_hh + parts[1], db_h + parts[2]"
BACK = "return dxs, dh, dc, dW_xh, dW_hh, db_h"
LSTM_BACKWARD = Exercise(
    name="lstm_backward",
    statement="Write all steps back of the LSTM: from dhs (T, N, H) to dxs, dh0, dc0, dW_xh, dW_hh and db_h.",
    reference=lstm_backward,
    case=_sequence_backward_case,
    results=("dxs", "dh0", "dc0", "dW_xh", "dW_hh", "db_h"),
    hints=(
        "Walk from the last step to the first. Two gradients go from step to step, dh and dc, and both begin as zeros.",
        "At step t, the state h_t hears dhs[t] and the dh from step t + 1: they add up. The weights serve every step.",
        "In the loop: dx, dh, dc, *parts = my_lstm_step_backward(dh + dhs[t], dc, xs[t], h_prev, c_prev, i[t], f[t], "
        "o[t], g[t], np.tanh(cs[t]), W_xh, W_hh), with h_prev = hs[t - 1], and h0 at t = 0; add the parts up.",
    ),
    wrong=mutants(
        lstm_backward,
        ("the dh from the step after is lost: dh + dhs[t]", MEET, "lstm_step_backward(dhs[t], dc,"),
        ("the gradient that each state gets itself is lost: dh + dhs[t]", MEET,
         "lstm_step_backward(dh + dhs[t] * (t == len(xs) - 1), dc,"),
        ("the dc from the step after is lost: it goes into the step back as it came", MEET,
         "lstm_step_backward(dh + dhs[t], 0 * dc,"),
        ("the dc from the step after goes in where dh belongs", MEET, "lstm_step_backward(dh + dhs[t] + dc, 0 * dc,"),
        ("dhs[t] is added to dc, too: the loss hears h_t, and c_t through it", MEET,
         "lstm_step_backward(dh + dhs[t], dc + dhs[t],"),
        ("dh is subtracted: it is added to dhs[t]", MEET, "lstm_step_backward(dhs[t] - dh, dc,"),
        ("the walk goes forward: it goes from the last step to the first", "reversed(range(len(xs)))",
         "range(len(xs))"),
        ("step t gets hs[t], which it made: it started from the state before", PREV,
         "(hs[t], cs[t - 1]) if t > 0 else (hs[0], c0)"),
        ("step t gets cs[t], which it made: it started from the cell before", PREV,
         "(hs[t - 1], cs[t]) if t > 0 else (h0, cs[0])"),
        ("the first step gets hs[-1] and cs[-1], as hs[t - 1] does at t = 0: h0 and c0 belong there", PREV,
         "(hs[t - 1], cs[t - 1])"),
        ("the first step gets zeros: it started from h0 and c0", "else (h0, c0)", "else (0 * h0, 0 * c0)"),
        ("every step gets h0 and c0: each started where the one before ended", PREV, "(h0, c0)"),
        ("the step back gets the cell where tanh of the cell belongs", "np.tanh(cs[t])", "cs[t]"),
        ("the step back gets tanh of the cell before: tanh of the new one belongs there", "np.tanh(cs[t])",
         "np.tanh(c_prev)"),
        ("the weights hear the first step alone, = where += belongs: the steps add up", ADD,
         "parts[0], parts[1], parts[2]"),
        ("the weights hear the last step alone: the steps add up", ADD,
         "(new if t == len(xs) - 1 else old for old, new in zip((dW_xh, dW_hh, db_h), parts))"),
        ("db_h hears the first step alone: the steps add up", "db_h + parts[2]", "parts[2]"),
        ("dW_xh hears the first step alone: the steps add up", "dW_xh + parts[0]", "parts[0]"),
        ("dW_hh hears the first step alone: the steps add up", "dW_hh + parts[1]", "parts[1]"),
        ("the weights' gradients are the mean over the steps: they are the sum", BACK,
         "return dxs, dh, dc, dW_xh / len(xs), dW_hh / len(xs), db_h / len(xs)"),
        ("dxs stands in the order of the walk, the last step first", "dxs[t] = dx", "dxs[len(xs) - 1 - t] = dx"),
        ("dh0 and dc0 have changed places", BACK, "return dxs, dc, dh, dW_xh, dW_hh, db_h"),
        ("dW_xh and dW_hh have changed places", BACK, "return dxs, dh, dc, dW_hh, dW_xh, db_h"),
        ("dh0 is dhs[0]: it is what the first step sends back", BACK, "return dxs, dhs[0], dc, dW_xh, dW_hh, db_h"),
        ("dh0 and dc0 are zero: the first step sends them back", BACK,
         "return dxs, 0 * dh, 0 * dc, dW_xh, dW_hh, db_h"),
    )
    | {what: _backward_with(step) for what, step in LSTM_STEP_BACKWARD.wrong.items() if not what.startswith(SAME)},
)  # fmt: skip

EXERCISES = LSTM_FORWARD, LSTM_BACKWARD
