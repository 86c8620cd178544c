"""Programs of a plain RNN: its own way back through time."""

import numpy as np

from unrolled.autodiff.tape import differentiable
from unrolled.exercises.clinic.case import Case, pick
from unrolled.exercises.clinic.training import first_weights, train_layer


@differentiable
def rnn_layer(xs, h0, W_xh, W_hh, b_h):
    """h_t = tanh(x_t W_xh + h_{t-1} W_hh + b_h), all steps"""
    hs = [h0]
    for x in xs:
        hs.append(np.tanh(x @ W_xh + hs[-1] @ W_hh + b_h))

    def pullback(dhs):
        dxs = np.zeros_like(xs)
        dW_xh, dW_hh = np.zeros_like(W_xh), np.zeros_like(W_hh)
        db_h, dh = np.zeros_like(b_h), np.zeros_like(h0)
        for t in reversed(range(len(xs))):
            dz = (dhs[t] + dh) * (1 - hs[t + 1] ** 2)
            dW_xh += xs[t].T @ dz
            dW_hh += hs[t].T @ dz
            db_h += dz.sum(0)
            dxs[t] = dz @ W_xh.T
            dh = dz @ W_hh.T
        return dxs, dh, dW_xh, dW_hh, db_h

    return np.stack(hs[1:]), pullback


@differentiable
def rnn_layer_of_columns(xs, h0, W_xh, W_hh, b_h):
    """h_t = tanh(W_xh x_t + W_hh h_{t-1} + b_h), the lecture's way round: each matrix is (out, in)"""
    hs = [h0]
    for x in xs:
        hs.append(np.tanh(x @ W_xh.T + hs[-1] @ W_hh.T + b_h))

    def pullback(dhs):
        dxs = np.zeros_like(xs)
        dW_xh, dW_hh = np.zeros_like(W_xh), np.zeros_like(W_hh)
        db_h, dh = np.zeros_like(b_h), np.zeros_like(h0)
        for t in reversed(range(len(xs))):
            dz = (dhs[t] + dh) * (1 - hs[t + 1] ** 2)
            dW_xh += dz.T @ xs[t]
            dW_hh += dz.T @ hs[t]
            db_h += dz.sum(0)
            dxs[t] = dz @ W_xh
            dh = dz @ W_hh
        return dxs, dh, dW_xh, dW_hh, db_h

    return np.stack(hs[1:]), pullback


@differentiable
def rnn_layer_at_once(xs, h0, W_xh, W_hh, b_h):
    """h_t = tanh(x_t W_xh + h_{t-1} W_hh + b_h), all steps"""
    hs = [h0]
    for x in xs:
        hs.append(np.tanh(x @ W_xh + hs[-1] @ W_hh + b_h))

    def pullback(dhs):
        dzs, dh = np.zeros_like(dhs), np.zeros_like(h0)
        for t in reversed(range(len(xs))):
            dzs[t] = (dhs[t] + dh) * (1 - hs[t + 1] ** 2)
            dh = dzs[t] @ W_hh.T
        dW_xh = np.einsum("tnd,tnh->dh", xs, dzs)
        dW_hh = np.einsum("tnk,tnh->kh", hs[:-1], dzs)
        return dzs @ W_xh.T, dh, dW_xh, dW_hh, dzs.sum((0, 1))

    return np.stack(hs[1:]), pullback


def _train(layer):
    return train_layer(layer, first_weights(np.random.default_rng(2)))


def _arguments():
    """As many inputs as units, so that what is mixed up still fits."""
    rng = np.random.default_rng(3)
    xs, h0, W_xh, W_hh, b_h = (rng.standard_normal(s) for s in ((3, 2, 4), (2, 4), (4, 4), (4, 4), 4))
    return xs, h0, W_xh, W_hh, b_h


CLAIM = "An RNN learns to say the symbol of two steps ago. Its layer brings its own way back."
FALLS = "The loss falls, because part of the gradient is right, and part is enough to fall for a while."
STATE = "x stands where the state belongs, in dW_hh"
TRANSPOSE = "the transpose of W_hh is missing on the way back"
LOCAL = "the local error is lost: only the last step's loss goes back"
SLOPE = "the slope of tanh is taken at the state before"
EQUALS = "= stands where += belongs: dW_hh keeps one step alone"
SOUND = "nothing is wrong with it"
NOT = {
    STATE: "Look at what dW_hh is made of: hs[t], the state before. That is as it should be.",
    TRANSPOSE: "dh = dz @ W_hh.T: the transpose is there.",
    LOCAL: "dhs[t] joins at every step of the loop.",
    SLOPE: "hs[t + 1] is what tanh gave at step t: the slope is right.",
    EQUALS: "Both matrices collect with +=.",
    SOUND: "gradcheck says otherwise.",
}


def _case(title, bug, tempting, diagnosis, others):
    return Case(title, CLAIM, rnn_layer, bug, _train, _arguments, FALLS, tempting, diagnosis, pick(NOT, *others))


def _sound(title, layer, curve, tempting, because, others):
    return Case(title, CLAIM, layer, (), _train, _arguments, curve, tempting, (SOUND, because), others)


CASES = {
    "x for s": _case(
        "The layer with one letter off",
        ("dW_hh += hs[t].T @ dz", "dW_hh += xs[t].T @ dz"),
        "It ends at a sixth of where it began, and looks well. But nobody has shown you the curve that a sound layer "
        "makes.",
        (STATE, "W_hh was multiplied with the state before, so its gradient is made of that. With as many inputs as "
         "units no shape complains."),
        (TRANSPOSE, SLOPE, SOUND),
    ),
    "no transpose": _case(
        "The layer with two letters missing",
        ("dh = dz @ W_hh.T", "dh = dz @ W_hh"),
        "It falls to a tenth, without a jump. Errors that come back a little turned still point downhill more often "
        "than not.",
        (TRANSPOSE, "Forwards a state goes through W_hh, so its gradient comes back through the transpose. A square "
         "matrix fits either way."),
        (STATE, LOCAL, SOUND),
    ),
    "no local error": _case(
        "The layer that looks at the end",
        ("(dhs[t] + dh) *", "dh *", "db_h, dh = np.zeros_like(b_h), np.zeros_like(h0)",
         "db_h, dh = np.zeros_like(b_h), dhs[-1]"),
        "The task is learnt nearly to the end. So is many a task with a part of the gradient; it takes longer, and a "
        "curve alone does not tell longer than what.",
        (LOCAL, "Each state has a loss of its own, dhs[t], and it joins what comes from the next step. Here the loop "
         "starts from the last one, and gets no gradient from another."),
        (TRANSPOSE, EQUALS, SOUND),
    ),
    "sound rnn": _sound(
        "A layer as in lesson 03",
        rnn_layer,
        "No curve can prove that. gradcheck can: all five gradients agree with finite differences.",
        "The sick ones before it make one suspicious. But which line would you change?",
        "Every gradient agrees with finite differences, to nine digits. Among sick programs a sound one is the hardest "
        "to name.",
        pick(NOT, STATE, TRANSPOSE, EQUALS),
    ),
    "old slope": _case(
        "The layer with the index",
        ("hs[t + 1] ** 2", "hs[t] ** 2"),
        "It falls by two thirds in its first thirty steps. Then look on: it climbs, and no rate of learning is to "
        "blame.",
        (SLOPE, "hs[0] is h0, so step t made hs[t + 1]. The slope of tanh is 1 - h^2, with the state that it gave."),
        (STATE, LOCAL, SOUND),
    ),
    "columns": _sound(
        "The layer that stands on its side",
        rnn_layer_of_columns,
        "What is missing on the way back is missing for a reason: read the way there again.",
        "Two transposes are missing on the way back. But two stand on the way there, where the other layers have none.",
        "On the way there each matrix is transposed, so on the way back it stands as it is, and its gradient is "
        "turned, too. It is the lecture's W h, where each matrix is (out, in).",
        {TRANSPOSE: "It was transposed on the way there. Back again, it stands as it is.",
         "both weight gradients stand transposed": "Each has the shape and the places of its own matrix, (out, in).",
         STATE: NOT[STATE]},
    ),
    "= for +=": _case(
        "The layer that forgets to add",
        ("dW_hh += hs[t].T @ dz", "dW_hh = hs[t].T @ dz"),
        "A gradient of one step is a right gradient of something, and often points the same way. It falls, to a place "
        "ten times as high as it could.",
        (EQUALS, "W_hh is used at every step, so the gradients of all steps add up. Here the loop, which runs "
         "backwards, keeps what step 1 said."),
        (STATE, SLOPE, SOUND),
    ),
    "at once": _sound(
        "The layer that adds up nothing",
        rnn_layer_at_once,
        "A sum over steps can stand in a loop with +=, or in one product over all steps. einsum sums over t and n.",
        "There is no += in it, and the layers before it have three. But look for who else may do the adding.",
        "The letters t and n are missing behind the arrow, so einsum sums over them: all steps and all rows. This is "
        "how the library does it, in one product.",
        {EQUALS: "einsum adds up what has no letter behind its arrow: t, the steps, and n, the rows.",
         "dh is never handed on to the step before": "dh is set at the end of each round, and the next round takes it.",
         "the bias gets the gradient of one step alone": "dzs.sum((0, 1)) adds over steps and rows."},
    ),
}  # fmt: skip
