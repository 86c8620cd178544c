"""One step back, the loop over all steps, and the line of note 001 that holds both errors."""

import numpy as np

from unrolled.cells.rnn import rnn_reference, rnn_step
from unrolled.cells.sequence import flat
from unrolled.exercises.exercise import Exercise
from unrolled.exercises.mistakes import mutants, slip_gradients, swap, turn_and_drop


def step_backward(dh, x, h_prev, h, W_xh, W_hh):
    """One step back: dh (N, H) -> dx, dh_prev, dW_xh, dW_hh, db_h"""
    dz = dh * (1 - h**2)
    dx, dh_prev = dz @ W_xh.T, dz @ W_hh.T
    return dx, dh_prev, x.T @ dz, h_prev.T @ dz, dz.sum(0)


def _step_case(rng, N, D, H):
    draw = rng.standard_normal
    dh, x, h_prev, W_xh, W_hh = draw((N, H)), draw((N, D)), draw((N, H)), draw((D, H)), draw((H, H))
    return {"dh": dh, "x": x, "h_prev": h_prev, "h": rnn_step(x, h_prev, W_xh, W_hh, draw(H)), "W_xh": W_xh,
            "W_hh": W_hh}  # fmt: skip


def _step_terms(dh, x, h_prev, h, W_xh, W_hh):
    """What dh gives past tanh, and what tanh takes away."""
    parts = {"what dh gives without the slope of tanh": dh, "what the slope of tanh takes away": dh * h**2}
    names = "dx", "dh_prev", "dW_xh", "dW_hh", "db_h"
    made = {what: (d @ W_xh.T, d @ W_hh.T, x.T @ d, h_prev.T @ d, d.sum(0)) for what, d in parts.items()}
    return {name: {what: gradients[i] for what, gradients in made.items()} for i, name in enumerate(names)}


STEP_BACKWARD = Exercise(
    name="step_backward",
    statement="Write one step back of the RNN: from dh to dx, dh_prev, dW_xh, dW_hh and db_h.",
    reference=step_backward,
    case=_step_case,
    results=("dx", "dh_prev", "dW_xh", "dW_hh", "db_h"),
    terms=_step_terms,
    hints=(
        "First through tanh: dz = dh times its slope, number by number. All five gradients are made of dz.",
        "The slope of tanh is 1 - h^2. Of a product a @ W: da = dz @ W.T, and dW = a.T @ dz.",
        "dz @ W_xh.T, dz @ W_hh.T, x.T @ dz, h_prev.T @ dz; and the bias serves every row, so db_h = dz.sum(0).",
    ),
    wrong=mutants(
        step_backward,
        ("the slope of tanh is missing: dz = dh (1 - h^2)", " * (1 - h**2)", ""),
        ("the slope is taken with the state before, h_prev: it is 1 - h^2, of the new state",
         "1 - h**2", "1 - h_prev**2"),
        ("the slope is h (1 - h), the sigmoid's: tanh has 1 - h^2", "(1 - h**2)", "h * (1 - h)"),
        ("the slope is 1 - h, without the square: it is 1 - h^2", "1 - h**2", "1 - h"),
        ("the slope is 1 + h^2: it is 1 - h^2", "1 - h**2", "1 + h**2"),
        ("the slope is taken as tanh's of h: h is the tanh already, so it is 1 - h^2", "h**2", "np.tanh(h) ** 2"),
        ("the slope is 1 - z^2, with what stands inside tanh: it is 1 - h^2, with its value",
         "h**2", "np.arctanh(h) ** 2"),
        ("dz is divided by the slope: it is multiplied with it", "dh * (1", "dh / (1"),
        ("the slope is taken twice", "(1 - h**2)", "(1 - h**2) ** 2"),
        ("dh is missing: dz is dh times the slope", "dh * (1 - h**2)", "1 - h**2"),
        ("the sign of dz is turned, and with it all five gradients", "dz = dh", "dz = -dh"),
        ("dx goes back through W_hh: x came in through W_xh", "dz @ W_xh.T", "dz @ W_hh.T"),
        ("dh_prev goes back through W_xh: h_prev came in through W_hh", "dz @ W_hh.T", "dz @ W_xh.T"),
        ("dx has not passed tanh: it is made of dz, not of dh", "dz @ W_xh.T", "dh @ W_xh.T"),
        ("dh_prev has not passed tanh: it is made of dz, not of dh", "dz @ W_hh.T", "dh @ W_hh.T"),
        ("dh_prev has not passed W_hh: it is dz @ W_hh.T", "dz @ W_hh.T", "dz"),
        ("dh_prev passes tanh once more, of h_prev: that is the step before's", "dz @ W_hh.T",
         "(dz @ W_hh.T) * (1 - h_prev**2)"),
        ("the weights hear the first row alone: the rows are added up", "x.T @ dz, h_prev.T @ dz, dz.sum(0)",
         "x[:1].T @ dz[:1], h_prev[:1].T @ dz[:1], dz[0]"),
        ("the weights hear the last row alone, = where += belongs: the rows are added up",
         "x.T @ dz, h_prev.T @ dz, dz.sum(0)", "x[-1:].T @ dz[-1:], h_prev[-1:].T @ dz[-1:], dz[-1]"),
        ("the state is computed anew, without the bias: h is given", "(1 - h**2)",
         "(1 - np.tanh(x @ W_xh + h_prev @ W_hh) ** 2)"),
        ("dh_prev also takes dh as it is: a vanilla RNN has no way past tanh", "dz @ W_hh.T", "dz @ W_hh.T + dh"),
        ("this is dW_hh with x where h_prev belongs", "h_prev.T @ dz", "x.T @ dz"),
        ("this is dW_hh with the new state h where h_prev belongs", "h_prev.T @ dz", "h.T @ dz"),
        ("this is dW_xh with h_prev where x belongs", "x.T @ dz, h", "h_prev.T @ dz, h"),
        ("dW_xh has not passed tanh: it is x.T @ dz, not x.T @ dh", "x.T @ dz, h", "x.T @ dh, h"),
        ("dW_hh has not passed tanh: it is h_prev.T @ dz, not h_prev.T @ dh", "h_prev.T @ dz", "h_prev.T @ dh"),
        ("db_h is summed to a single number: it has one for each unit", "sum(0)", "sum()"),
        ("db_h has not passed tanh: it sums dz, not dh", "dz.sum(0)", "dh.sum(0)"),
        *slip_gradients(dx="dz @ W_xh.T", dh_prev="dz @ W_hh.T", dW_xh="x.T @ dz", dW_hh="h_prev.T @ dz",
                        db_h="dz.sum(0)"),
        *swap(dx="dz @ W_xh.T", dh_prev="dz @ W_hh.T"),
        *swap(dW_xh="x.T @ dz", dW_hh="h_prev.T @ dz"),
    ),
)  # fmt: skip


def rnn_backward(dhs, xs, h0, hs, W_xh, W_hh):
    """All steps back: dhs (T, N, H) -> dxs, dh0, dW_xh, dW_hh, db_h"""
    dzs, dh = np.empty_like(hs), np.zeros_like(h0)
    for t in reversed(range(len(hs))):
        dzs[t] = (dhs[t] + dh) * (1 - hs[t] ** 2)
        dh = dzs[t] @ W_hh.T
    before = np.concatenate([h0[None], hs[:-1]])
    dW_xh, dW_hh = flat(xs).T @ flat(dzs), flat(before).T @ flat(dzs)
    return dzs @ W_xh.T, dh, dW_xh, dW_hh, flat(dzs).sum(0)


def _sequence_case(rng, T, N, D, H):
    draw = rng.standard_normal
    dhs, xs, h0, W_xh, W_hh = draw((T, N, H)), draw((T, N, D)), draw((N, H)), draw((D, H)), draw((H, H))
    hs = rnn_reference(xs, h0, W_xh, W_hh, draw(H))
    return {"dhs": dhs, "xs": xs, "h0": h0, "hs": hs, "W_xh": W_xh, "W_hh": W_hh}


def _sequence_terms(dhs, xs, h0, hs, W_xh, W_hh):
    """What the local and the recurrent errors give, and what the first and the last step add."""
    local = dhs * (1 - hs**2)
    dzs, dh = np.empty_like(hs), np.zeros_like(h0)
    for t in reversed(range(len(hs))):
        dzs[t] = local[t] + dh * (1 - hs[t] ** 2)
        dh = dzs[t] @ W_hh.T
    first, last = np.zeros_like(dzs), np.zeros_like(dzs)
    first[0], last[-1] = dzs[0], dzs[-1]
    parts = {"the part of the local errors": local, "the part of the recurrent errors": dzs - local}
    parts |= {"the part of the first step": first, "the part of the last step": last}
    before = np.concatenate([h0[None], hs[:-1]])
    weights = {"dW_xh": lambda d: flat(xs).T @ flat(d), "dW_hh": lambda d: flat(before).T @ flat(d)}
    weights |= {"dxs": lambda d: d @ W_xh.T, "db_h": lambda d: flat(d).sum(0)}
    return {name: {what: product(d) for what, d in parts.items()} for name, product in weights.items()}


JOIN, BACK = "(dhs[t] + dh) * (1 - hs[t] ** 2)", "dh = dzs[t] @ W_hh.T"
SUM_X, SUM_H, SUM_B = "flat(xs).T @ flat(dzs)", "flat(before).T @ flat(dzs)", "flat(dzs).sum(0)"
# Slips of the loop and of what is added up over its steps; the whole network (whole_network.py) has the same loop.
WALK = (
    ("the slope is h (1 - h), the sigmoid's: tanh has 1 - h^2", "(1 - hs[t] ** 2)", "(hs[t] * (1 - hs[t]))"),
    ("the slope is 1 - h, without the square: it is 1 - h^2", "1 - hs[t] ** 2", "1 - hs[t]"),
    ("the slope is 1 + h^2: it is 1 - h^2", "1 - hs[t] ** 2", "1 + hs[t] ** 2"),
    ("the error goes back past W_hh: dh = dz @ W_hh.T", BACK, "dh = dzs[t]"),
    ("dh is added up over the steps (+=): each step makes it anew, dh = dz @ W_hh.T", BACK,
     "dh = dh + dzs[t] @ W_hh.T"),
    ("the walk goes forward: it goes from the last step to the first", "reversed(range(len(hs)))",
     "range(len(hs))"),
    ("dW_hh forgets h0: the state before the first step is h0, not zero", "[h0[None], hs[:-1]]",
     "[0 * h0[None], hs[:-1]]"),
    ("dW_hh takes hs[-1], the last state, before the first step, as hs[t - 1] does at t = 0: h0 belongs there",
     "[h0[None], hs[:-1]]", "[hs[-1:], hs[:-1]]"),
    ("dW_hh is the first step's alone, = where += belongs: the steps add up", SUM_H, "h0.T @ dzs[0]"),
    ("dW_xh is the first step's alone, = where += belongs: the steps add up", SUM_X, "xs[0].T @ dzs[0]"),
    ("db_h is the first step's alone, = where += belongs: the steps add up", SUM_B, "dzs[0].sum(0)"),
    ("db_h sums over the steps alone: it has (H,), so the rows are summed, too", SUM_B, "dzs.sum(0)"),
    ("dW_xh is transposed: x on the left, x.T @ dz", SUM_X, "flat(dzs).T @ flat(xs)"),
    ("dW_hh is transposed: the state on the left, h_prev.T @ dz", SUM_H, "flat(dzs).T @ flat(before)"),
)  # fmt: skip
RNN_BACKWARD = Exercise(
    name="rnn_backward",
    statement="Write the backward pass of the whole sequence: from dhs to dxs, dh0, dW_xh, dW_hh and db_h.",
    reference=rnn_backward,
    case=_sequence_case,
    results=("dxs", "dh0", "dW_xh", "dW_hh", "db_h"),
    terms=_sequence_terms,
    hints=(
        "Walk from the last step to the first, with dh in your hand: what step t+1 says about h_t. It starts at zero.",
        "At step t two errors meet, dhs[t] and dh. Their sum passes tanh; what comes out is one step back's dz.",
        "dz = (dhs[t] + dh) * (1 - hs[t] ** 2); dh = dz @ W_hh.T; and every weight adds up its step's part. The state "
        "before step 0 is h0.",
    ),
    wrong=mutants(
        rnn_backward,
        *WALK,
        ("the local error is lost after the last step: dhs[t] joins the error from step t+1 at every step",
         "(dhs[t] + dh)", "(dh if t < len(hs) - 1 else dhs[t])"),
        ("the local error dhs has no part in it, and so all is zero: dhs[t] joins dh at every step", "(dhs[t] + dh) *",
         "dh *"),
        ("the recurrent error dh is lost: the error from the next step joins dhs[t]", "(dhs[t] + dh) *", "dhs[t] *"),
        ("the recurrent error is subtracted: it is added to the local one", "(dhs[t] + dh)", "(dhs[t] - dh)"),
        ("the local and the recurrent error are multiplied: they are added", "(dhs[t] + dh)", "(dhs[t] * (dh if t < "
         "len(hs) - 1 else 1))"),
        ("the mean of the two errors is taken: it is their sum", "(dhs[t] + dh)", "(dhs[t] + dh) / 2"),
        ("the local error does not pass tanh: add first, then multiply with the slope", JOIN, "dhs[t] + dh * (1 - hs[t]"
         " ** 2)"),
        ("the recurrent error does not pass tanh: add first, then multiply with the slope", JOIN, "dhs[t] * (1 - hs[t] "
         "** 2) + dh"),
        ("the slope of tanh, 1 - h^2, is missing", " * (1 - hs[t] ** 2)", ""),
        ("the slope is that of the state before: at step t it is 1 - hs[t]^2", "(1 - hs[t] ** 2)", "(1 - (hs[t - 1] if "
         "t else h0) ** 2)"),
        ("the slope is 1 - z^2, with what stands inside tanh: it is 1 - h^2, with its value", "hs[t] ** 2",
         "np.arctanh(hs[t]) ** 2"),
        ("the error goes back without the transpose: dh = dz @ W_hh.T", BACK, "dh = dzs[t] @ W_hh"),
        ("the error goes back through W_xh: from state to state it is W_hh", BACK, "dh = dzs[t] @ W_xh.T"),
        ("the error goes back one step only: dh is made of dz, which holds all later errors", BACK,
         "dh = (dhs[t] * (1 - hs[t] ** 2)) @ W_hh.T"),
        ("the error goes back past tanh: dh is made of dz, not of dhs[t] + dh", BACK, "dh = (dhs[t] + dh) @ W_hh.T"),
        ("all of dhs meets at the last step: each dhs[t] joins at its own", "(dhs[t] + dh)",
         "((dhs.sum(0) if t == len(hs) - 1 else 0) + dh)"),
        ("every weight takes the first step's part alone, = where += belongs: the steps add up", f"{SUM_X}, {SUM_H}",
         "xs[0].T @ dzs[0], h0.T @ dzs[0]", SUM_B, "dzs[0].sum(0)"),
        ("the sign of dh is turned", BACK, "dh = -dzs[t] @ W_hh.T"),
        ("dh starts as ones: from behind the last step no error comes, it starts at zero", "np.zeros_like(h0)",
         "np.ones_like(h0)"),
        ("this is the gradient with the state h_t where h_{t-1} belongs", "flat(before).T @", "flat(hs).T @"),
        ("this is the gradient with x_t where h_{t-1} belongs", "flat(before).T @", "flat(xs).T @"),
        ("this is the gradient with x_{t-1} where h_{t-1} belongs", "flat(before).T @",
         "flat(np.concatenate([np.zeros_like(xs[:1]), xs[:-1]])).T @"),
        ("this is dW_xh with h_{t-1} where x_t belongs", "flat(xs).T @", "flat(before).T @"),
        ("dW_hh is the last step's alone: the steps add up", SUM_H, "before[-1].T @ dzs[-1]"),
        ("dW_xh is the last step's alone: the steps add up", SUM_X, "xs[-1].T @ dzs[-1]"),
        ("dW_hh takes the mean over the steps: it is their sum", SUM_H, SUM_H + " / len(hs)"),
        ("dW_xh takes the mean over the steps: it is their sum", SUM_X, SUM_X + " / len(hs)"),
        ("dW_xh meets the steps in reverse: x_t belongs to dz_t", SUM_X, "flat(xs[::-1]).T @ flat(dzs)"),
        ("dW_xh is made of the local errors alone: it is made of dz", SUM_X, "flat(xs).T @ flat(dhs * (1 - hs**2))"),
        ("dW_hh is made of the local errors alone: it is made of dz",
         SUM_H, "flat(before).T @ flat(dhs * (1 - hs**2))"),
        ("dW_xh is made of dhs: it is made of dz", SUM_X, "flat(xs).T @ flat(dhs)"),
        ("dW_hh is made of dhs: it is made of dz", SUM_H, "flat(before).T @ flat(dhs)"),
        ("dxs goes back through W_hh: x came in through W_xh", "dzs @ W_xh.T", "dzs @ W_hh.T"),
        ("dxs is made of dhs: it is made of dz", "dzs @ W_xh.T", "dhs @ W_xh.T"),
        ("dxs stands in reverse, as it was appended: turn the list round", "return dzs @", "return dzs[::-1] @"),
        ("db_h is the last step's alone: the steps add up", SUM_B, "dzs[-1].sum(0)"),
        ("db_h is made of dhs: it is made of dz", SUM_B, "flat(dhs).sum(0)"),
        ("dh0 is forgotten: it is the dh that is left after the loop", "W_xh.T, dh,", "W_xh.T, 0 * dh,"),
        ("dh0 is dz of the first step: it goes back through W_hh once more", "W_xh.T, dh,", "W_xh.T, dzs[0],"),
        ("dh0 takes dhs[0] as well: h0 has no loss of its own", "W_xh.T, dh,", "W_xh.T, dh + dhs[0],"),
        ("dW_xh and dW_hh have changed places", "dW_xh, dW_hh, flat(dzs)", "dW_hh, dW_xh, flat(dzs)"),
        *turn_and_drop(dxs="dzs @ W_xh.T", dW_xh=SUM_X, dW_hh=SUM_H, db_h=SUM_B),
        ("db_h takes the mean: it is the sum over all steps and rows", "sum(0)", "mean(0)"),
        ("db_h sums over the wrong axis: all steps and rows are summed, the units stay", "sum(0)", "sum(1)"),
        ("in dxs, W_xh is not transposed: dzs @ W_xh.T", "dzs @ W_xh.T", "dzs @ W_xh"),
    ),
)  # fmt: skip


def state_error(e_o, e_h_next, s, V, U, W):
    """Line 3 of note 001, corrected: e_h(t) of e_o(t) (N, O), and of e_h(t+1) and s(t) (N, H) -> (N, H)"""
    return (e_o @ W.T + e_h_next @ U.T) * (1 - s**2)


def _state_error_case(rng, N, D, H, O):
    """Where D = O, the note's slip with V has the right shapes."""
    draw = rng.standard_normal
    return {"e_o": draw((N, O)), "e_h_next": draw((N, H)), "s": np.tanh(draw((N, H))), "V": draw((D, H)),
            "U": draw((H, H)), "W": draw((H, O))}  # fmt: skip


STATE_ERROR = Exercise(
    name="state_error",
    statement="Write line 3 of note 001, corrected: the state's error, from the output's and from that one step later.",
    reference=state_error,
    case=_state_error_case,
    results=("e_h",),
    hints=(
        "The state was used twice: for the output, and for the next step. Each use sends an error back, through tanh.",
        "The output came from s @ W, so its error goes back through W.T. The next state came from s @ U.",
        "(e_o @ W.T + e_h_next @ U.T), times 1 - s^2.",
    ),
    wrong=mutants(
        state_error,
        ("e_o goes back through V: V leads from input to state, and the output came from s @ W",
         "e_o @ W.T", "e_o @ V"),
        ("U is not transposed: s @ U led forwards, so U.T leads back", "U.T", "U"),
        ("the local error is left out: every step has an output, and its error", "e_o @ W.T + ", ""),
        ("the slope is s (1 - s), the sigmoid's: tanh has 1 - s^2", "1 - s**2", "s * (1 - s)"),
        ("the error of the step after is left out: the state went on, too", " + e_h_next @ U.T", ""),
        ("W is not transposed: s @ W led forwards, so W.T leads back", "W.T", "W"),
        ("e_o goes back through U: the output came from s @ W", "e_o @ W.T", "e_o @ U.T"),
        ("the slope of tanh is missing: both errors pass through tanh, 1 - s^2", " * (1 - s**2)", ""),
        ("the slope meets the local error alone: it stands before the sum of both",
         "(e_o @ W.T + e_h_next @ U.T) * (1 - s**2)", "e_o @ W.T * (1 - s**2) + e_h_next @ U.T"),
        ("the slope meets the later error alone: it stands before the sum of both",
         "(e_o @ W.T + e_h_next @ U.T)", "e_o @ W.T + e_h_next @ U.T"),
        ("the slope is 1 - s, without the square: it is 1 - s^2", "1 - s**2", "1 - s"),
        ("the two errors are subtracted: two uses, so they add up", "W.T + e_h", "W.T - e_h"),
        ("the sign is turned: e_h is minus a gradient already, as e_o is", "return (", "return -("),
    ),
)  # fmt: skip

EXERCISES = STEP_BACKWARD, RNN_BACKWARD, STATE_ERROR
