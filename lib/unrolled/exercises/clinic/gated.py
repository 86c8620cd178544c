"""The programs of lessons 08 and 09: an LSTM's step and a GRU's, with their own ways back."""

import numpy as np

from unrolled.autodiff.tape import differentiable
from unrolled.cells.gru import gru_step
from unrolled.cells.lstm import lstm_bias, lstm_step
from unrolled.cells.sequence import sigmoid
from unrolled.exercises.clinic.case import SOUND, Case, pick
from unrolled.exercises.clinic.training import H, along, first_weights, train_layer


@differentiable
def lstm_step_torch_order(x, h_prev, c_prev, W_xh, W_hh, b_h):
    """c = f c_prev + i g, h = o tanh(c); the quarters stand in PyTorch's order"""
    z_i, z_f, z_g, z_o = np.split(x @ W_xh + h_prev @ W_hh + b_h, 4, axis=1)
    i, f, g, o = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_o)
    c = f * c_prev + i * g
    tanh_c = np.tanh(c)

    def pullback(dh, dc):
        dc = dc + dh * o * (1 - tanh_c**2)
        di, df, dg, do = dc * g, dc * c_prev, dc * i, dh * tanh_c
        dz = np.concatenate([di * i * (1 - i), df * f * (1 - f), dg * (1 - g**2), do * o * (1 - o)], axis=1)
        return dz @ W_xh.T, dz @ W_hh.T, dc * f, x.T @ dz, h_prev.T @ dz, dz.sum(0)

    return (o * tanh_c, c), pullback


@differentiable
def gru_step_chung(x, h_prev, W_xh, W_hh, b_h, b_hn):
    """n = tanh(x W_n + b_n + r (h_prev U_n + b_hn)), h = (1 - z) h_prev + z n"""
    x_r, x_z, x_n = np.split(x @ W_xh + b_h, 3, axis=1)
    h_r, h_z, h_n = np.split(h_prev @ W_hh, 3, axis=1)
    r, z, u = sigmoid(x_r + h_r), sigmoid(x_z + h_z), h_n + b_hn
    n = np.tanh(x_n + r * u)

    def pullback(dh):
        dn = dh * z * (1 - n**2)
        dr, dz = dn * u * r * (1 - r), dh * (n - h_prev) * z * (1 - z)
        dx_side, dh_side = np.concatenate([dr, dz, dn], axis=1), np.concatenate([dr, dz, dn * r], axis=1)
        dh_prev = dh_side @ W_hh.T + dh * (1 - z)
        return dx_side @ W_xh.T, dh_prev, x.T @ dx_side, h_prev.T @ dh_side, dx_side.sum(0), (dn * r).sum(0)

    return (1 - z) * h_prev + z * n, pullback


def forget_bias(H):
    """b_h of an LSTM, in the order i, f, o, g: the forget gate stands open at first"""
    b_h = np.zeros(4 * H)
    b_h[H : 2 * H] = 1
    return b_h


HOW = {"steps": 150, "learning_rate": 2e-2}


def _lstm(step, bias=lstm_bias, lag=6):
    cell = first_weights(np.random.default_rng(2), 4) | {"b_h": bias(H)}
    return train_layer(along(step, 2), cell, states=2, lag=lag, T=lag + 4, **HOW)


def _gru(step):
    cell = first_weights(np.random.default_rng(2), 3, ["b_hn"])
    return train_layer(along(step, 1), cell, lag=6, T=10, **HOW)


def _lstm_arguments():
    rng = np.random.default_rng(3)
    return tuple(rng.standard_normal(s) for s in ((2, 3), (2, 4), (2, 4), (3, 16), (4, 16), 16))


def _gru_arguments():
    rng = np.random.default_rng(3)
    return tuple(rng.standard_normal(s) for s in ((2, 3), (2, 4), (3, 12), (4, 12), 12, 4))


LSTM = "An LSTM learns to say the symbol of six steps ago. Its step brings its own way back."
GRU = "A GRU learns to say the symbol of six steps ago. Its step brings its own way back."
FALLS = "The read-out and some of the gates learn from a right gradient, and carry the rest for a while."
ORDER = "the gates stand in another order on the way back than on the way there"
THROUGH_H = "what comes to the cell through h is missing"
FORGET = "the forget gate is missing on the way back along the cell"
QUARTER = "the ones stand in the wrong quarter"
FOR_Z = "z stands where 1 - z belongs"
PAST = "the way past the gates is missing in dh_prev"
HEARD = "the reset gate's gradient takes h_prev for what it was multiplied with"
NOT = {
    ORDER: "i, f, o, g on both ways.",
    THROUGH_H: "dh comes in through o and the slope of tanh.",
    FORGET: "The error goes back along the cell as dc * f.",
    SOUND: "Look at what the test says.",
    FOR_Z: "h = z h_prev + (1 - z) n, and dn has 1 - z, dh_prev has z.",
    PAST: "dh * z is there, at the end of dh_prev.",
    HEARD: "r was multiplied with u = h_prev U_n + b_hn, and dr takes u.",
}


CASES = {
    "gate order": Case(
        "The LSTM with the new order",
        LSTM,
        lstm_step,
        ("do * o * (1 - o), dg * (1 - g**2)]", "dg * (1 - g**2), do * o * (1 - o)]"),
        _lstm,
        _lstm_arguments,
        FALLS,
        "At its lowest it has fallen by a seventh, which is little, and may be the task. It is not: six steps back are "
        "far, but not that far.",
        (ORDER, "Forwards the quarters are i, f, o, g, backwards i, f, g, o, which is PyTorch's order. Each gradient "
         "is right, and two of them go to each other's weights."),
        pick(NOT, THROUGH_H, FORGET, SOUND),
    ),
    "one path": Case(
        "The LSTM with the short way back",
        LSTM,
        lstm_step,
        ("        dc = dc + dh * o * (1 - tanh_c**2)  # c is used twice: by the next step, and by h\n", ""),
        _lstm,
        _lstm_arguments,
        "The output gate still learns, because it needs dh alone. It makes do with what the cell does by chance.",
        "It goes down slowly and steadily, so one would give it more time. The curve does not say why it is slow.",
        (THROUGH_H, "c is used twice, by the next step and by h. Here the loss never reaches the cell, because it "
         "comes in through h alone: i, f and g learn nothing at all."),
        pick(NOT, ORDER, FORGET, SOUND),
    ),
    "PyTorch's order": Case(
        "The LSTM with PyTorch's order",
        LSTM,
        lstm_step_torch_order,
        (),
        _lstm,
        _lstm_arguments,
        "Any order is right if both ways keep it. Only weights from elsewhere must be put into it first.",
        "i, f, g, o is not the order of this course, and one sick program had it. But that one had it on the way back "
        "alone.",
        (SOUND, "i, f, g, o on the way there, and i, f, g, o on the way back: gradcheck finds nothing. To take over "
         "the library's weights one would have to move two quarters."),
        {ORDER: "Read both aloud: i, f, g, o, twice.",
         THROUGH_H: NOT[THROUGH_H],
         "the candidate has a gate's slope": "g is a tanh, and dg takes 1 - g^2."},
    ),
    "wrong quarter": Case(
        "The first bias of an LSTM",
        "The forget gate of an LSTM begins open, so that the cell keeps what it has. Then it learns to say the symbol "
        "of ten steps ago.",
        forget_bias,
        ("b_h[H : 2 * H] = 1", "b_h[2 * H : 3 * H] = 1"),
        lambda bias: _lstm(lstm_step, bias, lag=10),
        lambda: (4,),
        "For eighty steps it stays near ln 4 = 1.39, what a guess costs: so would a layer that forgets at first.",
        "It learns, only late; and a memory of ten steps is hard, so late seems natural. The claim is about the first "
        "step of training, and no curve shows that.",
        (QUARTER, "In the order i, f, o, g the second quarter is f's. These ones open the output gate. No gradient is "
         "wrong, so gradcheck cannot find it; a probe of the gates before the first step can."),
        {"the bias is too large": "1 is the usual value, and opens a gate to .73.",
         "the shape is wrong": "4 H numbers, as it should be.",
         SOUND: "Ask which gate has opened."},
    ),
    "z for 1 - z": Case(
        "The GRU with the other convention",
        GRU,
        gru_step,
        ("dn = dh * (1 - z) * (1 - n**2)", "dn = dh * z * (1 - n**2)"),
        _gru,
        _gru_arguments,
        "At first z is about one half, and so is 1 - z: the gradient is nearly right where training begins.",
        "Its first thirty steps are nearly as good as a sound GRU's. Curves are most alike where training begins.",
        (FOR_Z, "Here h = z h_prev + (1 - z) n, so the candidate was weighed with 1 - z. Chung et al. (2014) "
         "write it the other way round."),
        pick(NOT, PAST, HEARD, SOUND),
    ),
    "the other z": Case(
        "The GRU that calls z what others call 1 - z",
        GRU,
        gru_step_chung,
        (),
        _gru,
        _gru_arguments,
        "No curve can prove that. gradcheck can.",
        "z stands where lesson 09 has 1 - z. But it does so in the last line, too, and the way back belongs to that "
        "line.",
        (SOUND, "Whether z weighs the old state or the candidate is a convention. "
         "h = (1 - z) h_prev + z n is Chung's. dn takes z, dh_prev takes 1 - z, and dz takes n - "
         "h_prev: all three have changed, and agree with finite differences."),
        {"z stands where 1 - z belongs, in dn": "In this program the candidate is weighed with z.",
         "the sign of dz is turned": "h grows with z by n - h_prev.",
         PAST: "dh * (1 - z) is there, at the end of dh_prev."},
    ),
    "not past the gates": Case(
        "The GRU that goes through every gate",
        GRU,
        gru_step,
        ("dh_prev = dh_side @ W_hh.T + dh * z  # through the gates and the candidate, and past them",
         "dh_prev = dh_side @ W_hh.T"),
        _gru,
        _gru_arguments,
        "The gradient still finds a way through the gates and the candidate, as in a plain RNN.",
        "It moves about, up and down, as GRUs with few steps do. A shaky curve has many reasons, and one of them is "
        "this.",
        (PAST, "The old state is also kept as it is, z h_prev. That way back, dh z, is the very reason to have a GRU."),
        pick(NOT, FOR_Z, HEARD, SOUND),
    ),
    "sound gru": Case(
        "A GRU as in lesson 09",
        GRU,
        gru_step,
        (),
        _gru,
        _gru_arguments,
        "No curve can prove that. gradcheck can.",
        "It ends far from 0, and an impatient eye calls that ill. It has had 150 steps, for a memory of six.",
        (SOUND, "All six gradients agree with finite differences."),
        pick(NOT, FOR_Z, PAST, HEARD),
    ),
    "reset of what": Case(
        "The GRU with the mixed-up reset",
        GRU,
        gru_step,
        ("dr, dz = dn * u * r", "dr, dz = dn * h_prev * r"),
        _gru,
        _gru_arguments,
        "Its curve stays within 0.2 of a right GRU's at every step. No curve of this task could have told you.",
        "It is as good as a right one's, and this program is wrong. So its curve cannot tell the two apart.",
        (HEARD, "b_hn is right. Its gradient comes by dn, so dn is right, and dr or dz is not. "
         "With the reset after the product, r was multiplied with u = h_prev U_n + b_hn. In the other form, "
         "reset first, h_prev stands in its place, but with dn @ U_n.T for dn."),
        pick(NOT, FOR_Z, PAST, SOUND),
    ),
}  # fmt: skip

ON_THE_PAGE = ("wrong quarter", "the other z", "reset of what")
IN_LESSONS = {
    21: "gate order", 22: "one path", 23: "PyTorch's order", 25: "z for 1 - z", 27: "not past the gates",
    28: "sound gru",
}  # fmt: skip
