"""Programs of a plain RNN: its own way back through time."""

import numpy as np

from unrolled.autodiff.gradcheck import gradcheck
from unrolled.autodiff.tape import differentiable
from unrolled.exercises.clinic.case import SOUND, Case, pick
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


def first_step(layer, xs, *rest):
    """What gradcheck says of a layer over its first step alone."""
    return gradcheck(layer, xs[:1], *rest)


def _train(layer):
    return train_layer(layer, first_weights(np.random.default_rng(2)))


def _arguments():
    """As many inputs as units, so that what is mixed up still fits."""
    rng = np.random.default_rng(3)
    xs, h0, W_xh, W_hh, b_h = (rng.standard_normal(s) for s in ((3, 2, 4), (2, 4), (4, 4), (4, 4), 4))
    return xs, h0, W_xh, W_hh, b_h


CLAIM = "An RNN learns to say the symbol of two steps ago. Its layer brings its own backward pass."
SLOPE = "the slope of tanh is taken at the state before"
EQUALS = "= stands where += belongs: dW_hh keeps one step alone"
TWICE = "+= stands where = belongs: dh keeps what it has handed on"
MEAN = "the bias's gradient is a mean over the batch, not a sum"
ALIAS = "the states in hs are one array"
TRANSPOSE = "a transpose is missing in the backward pass"
NOT = {
    SLOPE: "hs[t + 1] is what tanh gave at step t: the slope is right.",
    EQUALS: "All three gradients of weights collect with +=.",
    TWICE: "dh is set anew at each step, and that is right: what it held has gone into dz.",
    MEAN: "db_h adds up the rows, and so do the products of the other weights.",
    ALIAS: "np.tanh makes a new array at each step.",
    TRANSPOSE: "Each matrix comes back transposed.",
    SOUND: "gradcheck says otherwise.",
}


def _case(title, bug, curve, tempting, diagnosis, others, own=None):
    """`others` are names of reasons; `own` are those that hold in this case alone."""
    others = pick(NOT | (own or {}), *others)
    return Case(title, CLAIM, rnn_layer, bug, _train, _arguments, curve, tempting, diagnosis, others)


def _sound(title, layer, curve, tempting, because, others):
    return Case(title, CLAIM, layer, (), _train, _arguments, curve, tempting, (SOUND, because), others)


CASES = {
    "= for +=": _case(
        "One gradient of one step",
        ("dW_hh += hs[t].T @ dz", "dW_hh = hs[t].T @ dz"),
        "A right layer ends more than ten times lower. From this curve alone you could not know that.",
        "It ends at an eighth of where it began, without a jump. But nobody has shown you the curve of a right layer.",
        (EQUALS, "gradcheck finds W_hh alone: dz must be right, or the others would be wrong, too. W_hh is used at "
         "every step, so the gradients of all steps add up. The loop runs backwards, and keeps that of step 0 alone. "
         "In training h0 is 0, and so is hs[0].T @ dz: W_hh stays what it was, and the other weights do the learning."),
        (SLOPE, TRANSPOSE, SOUND),
        {TRANSPOSE: "A turned dW_hh would be found alone, too. But hs[t].T @ dz is (from, to), as W_hh is."},
    ),
    "columns": _sound(
        "The lecture's W h",
        rnn_layer_of_columns,
        "No curve can prove that. gradcheck can.",
        "The backward pass has no transpose of W_hh, and case 1 had one. But the forward pass differs, too.",
        "All five gradients agree with finite differences. "
        "Forwards each matrix is transposed, so backwards it stands as it is, and the gradient of each is turned. "
        "It is the lecture's W h, where a matrix is (out, in).",
        {TRANSPOSE: "It was transposed forwards. Backwards it stands as it is.",
         "both weight gradients stand transposed": "Each has the places of its own matrix, (out, in).",
         SLOPE: NOT[SLOPE]},
    ),
    "dh +=": _case(
        "An error that grows",
        ("            dh = dz @ W_hh.T", "            dh += dz @ W_hh.T"),
        "A right layer ends five times lower. From this curve alone you could not know that.",
        "The loss falls to about a twentieth, and a student of lesson 03 has learnt that gradients add up.",
        (TWICE, "All five are wrong, and h0 by most: the mistake grows on its way to the first step. With one step "
         "alone gradcheck finds nothing, so it lies in what one step hands to another. dh has been used in dz. The "
         "gradients of the weights are off by some hundredths here, so the loss falls."),
        (SLOPE, EQUALS, SOUND),
    ),
    "old slope": _case(
        "A curve that climbs",
        ("hs[t + 1] ** 2", "hs[t] ** 2"),
        "It falls by two thirds in thirty steps, then climbs. The gradient is right enough for a steep hill, and too "
        "wrong for the bottom.",
        "A curve that climbs may have too large a learning rate. The case before had the same rate, and did not climb.",
        (SLOPE, "All five are wrong, with one step, too: so dz itself is wrong. hs[0] is h0, step t made hs[t + 1], "
         "and the slope of tanh is 1 - h^2 with the state that it gave."),
        (EQUALS, TWICE, SOUND),
    ),
    "at once": _sound(
        "A layer without +=",
        rnn_layer_at_once,
        "It falls to a hundredth of where it began. No curve can prove more. gradcheck can.",
        "No += stands in it. That alone is no bug.",
        "The letters t and n are missing behind the arrow, so einsum sums over all steps and rows. The library does "
        "it so, in one product.",
        {EQUALS: "einsum adds up what has no letter behind its arrow: t, the steps, and n, the rows.",
         TWICE: NOT[TWICE],
         MEAN: "dzs.sum((0, 1)) adds over steps and rows."},
    ),
    "mean for sum": _case(
        "A loss as low as any",
        ("db_h += dz.sum(0)", "db_h += dz.mean(0)"),
        "The curve is that of case 5, which is right. So no curve could have told you.",
        "It falls to a hundredth of where it began, as in case 5.",
        (MEAN, "gradcheck finds b_h alone, by a factor of two, and its batch has two rows. b_h is used in every row, "
         "so the rows add up. Adam divides a gradient by its own size, and hides the factor. "
         "Plain gradient descent would not, nor would clipping."),
        (EQUALS, ALIAS, SOUND),
    ),
    "alias": _case(
        "A layer that saves memory",
        ("    hs = [h0]\n    for x in xs:\n        hs.append(np.tanh(x @ W_xh + hs[-1] @ W_hh + b_h))",
         "    h, hs = h0.copy(), [h0]\n    for x in xs:\n        h[:] = np.tanh(x @ W_xh + h @ W_hh + b_h)\n"
         "        hs.append(h)"),
        "It falls from 1.76 to near ln 4 = 1.39, what a guess costs. It has unlearnt its first opinions, nothing more.",
        "It falls by a fifth, and may want more time. Compare its end with the cost of a guess.",
        (ALIAS, "All five are wrong over three steps, none over one. Print the value, and every step is the same: h[:] "
         "writes into the array that hs holds already. A new array for each step, or hs.append(h.copy()), is right."),
        (SLOPE, TWICE, SOUND),
        {SLOPE: "The index is right. But what stands there is not what tanh gave at step t."},
    ),
}  # fmt: skip
