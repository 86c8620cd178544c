"""The whole backward pass, from the loss to all five parameters."""

import numpy as np

from unrolled.cells.rnn import rnn_reference
from unrolled.cells.sequence import flat
from unrolled.exercises.banks.bptt import BACK, SUM_B, SUM_H, SUM_X, WALK
from unrolled.exercises.exercise import Exercise
from unrolled.exercises.mistakes import mutants, turn_and_drop


def bptt(xs, targets, h0, hs, ys, W_hh, W_hy):
    """The backward pass of L = 1/2 sum (ys - targets)^2: ys, targets (T, N, O) -> dW_xh, dW_hh, db_h, dW_hy, db_y"""
    dys = ys - targets
    dzs, dh = np.empty_like(hs), np.zeros_like(h0)
    for t in reversed(range(len(hs))):
        dzs[t] = (dys[t] @ W_hy.T + dh) * (1 - hs[t] ** 2)
        dh = dzs[t] @ W_hh.T
    before = np.concatenate([h0[None], hs[:-1]])
    dW_xh, dW_hh, db_h = flat(xs).T @ flat(dzs), flat(before).T @ flat(dzs), flat(dzs).sum(0)
    return dW_xh, dW_hh, db_h, flat(hs).T @ flat(dys), flat(dys).sum(0)


def _bptt_case(rng, T, N, D, H, O):
    """A network that has run; O outputs."""
    draw = rng.standard_normal
    xs, targets, h0, W_xh, W_hh = draw((T, N, D)), draw((T, N, O)), draw((N, H)), draw((D, H)), draw((H, H)) / 2
    hs, W_hy = rnn_reference(xs, h0, W_xh, W_hh, draw(H)), draw((H, O)) / 2
    return {"xs": xs, "targets": targets, "h0": h0, "hs": hs, "ys": hs @ W_hy + draw(O), "W_hh": W_hh, "W_hy": W_hy}


HEAR, PASS, LOSS = "(dys[t] @ W_hy.T + dh)", " * (1 - hs[t] ** 2)", "dys = ys - targets"
READ, BIAS = "flat(hs).T @ flat(dys)", "flat(dys).sum(0)"
BPTT = Exercise(
    name="bptt",
    statement="Write the whole backward pass: from outputs and targets to dW_xh, dW_hh, db_h, dW_hy and db_y.",
    reference=bptt,
    case=_bptt_case,
    results=("dW_xh", "dW_hh", "db_h", "dW_hy", "db_y"),
    hints=(
        "Begin where the pencil began: dys = ys - targets. W_hy and b_y hear of nothing else.",
        "The local error of h_t is dys[t] @ W_hy.T. From there on it is the loop of rnn_backward.",
        "dz = (dys[t] @ W_hy.T + dh) * (1 - hs[t] ** 2); dh = dz @ W_hh.T; dW_hy adds up hs[t].T @ dys[t], and db_y "
        "adds up dys over steps and rows.",
    ),
    wrong=mutants(
        bptt,
        *WALK,
        ("dys is turned round: it is ys - targets, a gradient, not the error targets - ys", LOSS,
         "dys = targets - ys"),
        ("dys is twice too large: the loss has a half before its square", LOSS, "dys = 2 * (ys - targets)"),
        ("dys is the output itself: it is ys - targets", LOSS, "dys = ys"),
        ("dys is softmax(ys) - targets, which belongs to cross-entropy: here the loss is squared, ys - targets", LOSS,
         "dys = np.exp(ys) / np.exp(ys).sum(-1, keepdims=True) - targets"),
        ("dys is the sign of ys - targets, which belongs to the absolute error: here the loss is squared", LOSS,
         "dys = np.sign(ys - targets)"),
        ("dys takes the mean over the outputs: the loss sums", LOSS, "dys = (ys - targets) / ys.shape[-1]"),
        ("dys is divided by ys.size, which belongs to a mean over all numbers: the loss sums", LOSS,
         "dys = (ys - targets) / ys.size"),
        ("dys is divided by T N, which belongs to a mean over the answers, as cross-entropy takes: the loss sums", LOSS,
         "dys = (ys - targets) / (len(ys) * ys.shape[1])"),
        ("dys takes the mean over the rows, with a factor 1/N: the loss sums", LOSS,
         "dys = (ys - targets) / ys.shape[1]"),
        ("dys takes the mean over the steps: the loss sums", LOSS, "dys = (ys - targets) / len(ys)"),
        ("the loss of the last step alone is heard: every step has one", LOSS,
         "dys = (ys - targets) * (np.arange(len(ys)) == len(ys) - 1)[:, None, None]"),
        ("W_xh, W_hh and b_h hear the last step's loss alone: the local error joins at every step", HEAR,
         "(dys[t] @ W_hy.T if t == len(hs) - 1 else dh)"),
        ("the recurrent error dh is lost: the error from the next step joins the local one", HEAR,
         "(dys[t] @ W_hy.T)"),
        ("the recurrent error is subtracted: it is added to the local one", HEAR, "(dys[t] @ W_hy.T - dh)"),
        ("the local error does not pass tanh: add first, then multiply with the slope", HEAR + PASS,
         "dys[t] @ W_hy.T + dh * (1 - hs[t] ** 2)"),
        ("the recurrent error does not pass tanh: add first, then multiply with the slope", HEAR + PASS,
         "dys[t] @ W_hy.T * (1 - hs[t] ** 2) + dh"),
        ("the slope of tanh, 1 - h^2, is missing", PASS, ""),
        ("the slope is that of the output: tanh made the state, so it is 1 - hs[t]^2", HEAR + PASS,
         "(dys[t] * (1 - ys[t] ** 2)) @ W_hy.T + dh"),
        ("the error goes back through W_hh without the transpose: dh = dz @ W_hh.T", BACK, "dh = dzs[t] @ W_hh"),
        ("the error goes back past tanh: dh is made of dz", BACK, "dh = (dys[t] @ W_hy.T + dh) @ W_hh.T"),
        ("the error goes back one step only: dh is made of dz, which holds all later errors", BACK,
         "dh = (dys[t] @ W_hy.T * (1 - hs[t] ** 2)) @ W_hh.T"),
        ("dW_hh takes the state h_t where h_{t-1} belongs", "flat(before).T @", "flat(hs).T @"),
        ("dW_hy is the first step's alone, = where += belongs: the steps add up", READ, "hs[0].T @ dys[0]"),
        ("dW_hy is the last step's alone: the steps add up", READ, "hs[-1].T @ dys[-1]"),
        ("dW_hy takes the state before, h_{t-1}: the output y_t was read from h_t", READ,
         "flat(before).T @ flat(dys)"),
        ("db_y is the first step's alone, = where += belongs: the steps add up", BIAS, "dys[0].sum(0)"),
        ("db_y is the last step's alone: the steps add up", BIAS, "dys[-1].sum(0)"),
        ("db_y sums over the steps alone: it has (O,), so the rows are summed, too", BIAS, "dys.sum(0)"),
        ("dW_hy takes the mean over the steps: it is their sum", READ, READ + " / len(hs)"),
        ("dW_xh and dW_hh have changed places", "return dW_xh, dW_hh,", "return dW_hh, dW_xh,"),
        ("the read-out's gradients come first: the order is dW_xh, dW_hh, db_h, dW_hy, db_y",
         f"return dW_xh, dW_hh, db_h, {READ}, {BIAS}", f"return {READ}, {BIAS}, dW_xh, dW_hh, db_h"),
        *turn_and_drop(dW_xh=SUM_X, dW_hh=SUM_H, db_h=SUM_B, dW_hy=READ, db_y=BIAS),
        ("dW_hy is transposed: the state on the left, h.T @ dy", READ, "flat(dys).T @ flat(hs)"),
    ),
)  # fmt: skip

EXERCISES = (BPTT,)
