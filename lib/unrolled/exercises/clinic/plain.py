"""Lesson 03's programs: an RNN's own way back through time."""

import numpy as np

from unrolled.exercises.clinic.case import Case
from unrolled.exercises.clinic.training import first_weights, train_layer
from unrolled.tape import differentiable


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


def _others(*names):
    return {name: NOT[name] for name in names}


def _case(title, bug, diagnosis, others, curve=FALLS):
    return Case(title, CLAIM, rnn_layer, bug, _train, _arguments, curve, diagnosis, _others(*others))


CASES = {
    "x for s": _case(
        "The layer with one letter off",
        ("dW_hh += hs[t].T @ dz", "dW_hh += xs[t].T @ dz"),
        (STATE, "W_hh was multiplied with the state before, so its gradient is made of that. With as many inputs as "
         "units no shape complains."),
        (TRANSPOSE, SLOPE, SOUND),
    ),
    "no transpose": _case(
        "The layer with two letters missing",
        ("dh = dz @ W_hh.T", "dh = dz @ W_hh"),
        (TRANSPOSE, "Forwards a state goes through W_hh, so its gradient comes back through the transpose. A square "
         "matrix fits either way."),
        (STATE, LOCAL, SOUND),
    ),
    "no local error": _case(
        "The layer that looks at the end",
        ("(dhs[t] + dh) *", "dh *", "db_h, dh = np.zeros_like(b_h), np.zeros_like(h0)",
         "db_h, dh = np.zeros_like(b_h), dhs[-1]"),
        (LOCAL, "Each state has a loss of its own, dhs[t], and it joins what comes from the next step. Here the loop "
         "starts from the last one, and hears of no other."),
        (TRANSPOSE, EQUALS, SOUND),
    ),
    "sound rnn": Case(
        "A layer as in lesson 03",
        CLAIM,
        rnn_layer,
        (),
        _train,
        _arguments,
        "No curve can prove that. gradcheck can: all five gradients agree with finite differences.",
        (SOUND, "Every gradient agrees with finite differences, to nine digits. Among sick programs a sound one is the "
         "hardest to name."),
        _others(STATE, TRANSPOSE, EQUALS),
    ),
    "old slope": _case(
        "The layer with the index",
        ("hs[t + 1] ** 2", "hs[t] ** 2"),
        (SLOPE, "hs[0] is h0, so step t made hs[t + 1]. The slope of tanh is 1 - h^2, with the state that it gave."),
        (STATE, LOCAL, SOUND),
    ),
    "= for +=": _case(
        "The layer that forgets to add",
        ("dW_hh += hs[t].T @ dz", "dW_hh = hs[t].T @ dz"),
        (EQUALS, "W_hh is used at every step, so the gradients of all steps add up. Here the loop, which runs "
         "backwards, keeps what step 1 said."),
        (STATE, SLOPE, SOUND),
    ),
}  # fmt: skip
