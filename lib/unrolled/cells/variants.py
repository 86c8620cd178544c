"""Variants of the gated cells, one step each, from elementary operations: the tape differentiates what is written.

A step is step(x, *states, **weights) -> the next states, a tuple, the first of which is h. x (N, D), each state (N, H).
`VARIANTS` names them; `initial` draws the weights of one, and `over_steps` runs it along a sequence. The packed weights
W_xh (D, 4H), W_hh (H, 4H), b_h (4H,) stand in the order i, f, o, g. A variant without some gate still takes all four
quarters, and its gradient there is 0: so all of them can start from the same weights.
"""

from typing import NamedTuple

import numpy as np

from unrolled.autodiff.ops import concatenate, sigmoid, split, stack, tanh, unstack
from unrolled.cells.gru import gru_step
from unrolled.cells.linear_recurrence import min_gru_step
from unrolled.cells.lstm import lstm_bias, lstm_peephole_step, lstm_step
from unrolled.layers.initializers import glorot, in_blocks


def carousel(x, h, c, W_xh, W_hh, b_h):
    """c' = c + g, h' = tanh c': the constant error carousel alone. Source: Hochreiter & Schmidhuber (1997)"""
    *_, g = _four(x, h, W_xh, W_hh, b_h)
    c = c + tanh(g)
    return tanh(c), c


def with_input_gate(x, h, c, W_xh, W_hh, b_h):
    """c' = c + i g, h' = tanh c': the input gate says when something is written."""
    i, _, _, g = _four(x, h, W_xh, W_hh, b_h)
    c = c + sigmoid(i) * tanh(g)
    return tanh(c), c


def with_output_gate(x, h, c, W_xh, W_hh, b_h):
    """c' = c + i g, h' = o tanh c': the LSTM of 1997. Source: Hochreiter & Schmidhuber (1997)"""
    i, _, o, g = _four(x, h, W_xh, W_hh, b_h)
    c = c + sigmoid(i) * tanh(g)
    return sigmoid(o) * tanh(c), c


def with_forget_gate(x, h, c, W_xh, W_hh, b_h):
    """c' = f c + i g, h' = o tanh c': the LSTM since Gers, Schmidhuber & Cummins (2000); the same as `lstm_step`."""
    i, f, o, g = _four(x, h, W_xh, W_hh, b_h)
    c = sigmoid(f) * c + sigmoid(i) * tanh(g)
    return sigmoid(o) * tanh(c), c


def forget_and_input_gate(x, h, c, W_xh, W_hh, b_h):
    """c' = f c + i g, h' = tanh c': the forget gate where no output gate is."""
    i, f, _, g = _four(x, h, W_xh, W_hh, b_h)
    c = sigmoid(f) * c + sigmoid(i) * tanh(g)
    return tanh(c), c


def forget_gate_alone(x, h, c, W_xh, W_hh, b_h):
    """c' = f c + g, h' = tanh c'."""
    _, f, _, g = _four(x, h, W_xh, W_hh, b_h)
    c = sigmoid(f) * c + tanh(g)
    return tanh(c), c


# Greff et al. (2015) change one thing in the LSTM with peepholes, p (3H,): p_i, p_f, p_o.


def no_input_gate(x, h, c, W_xh, W_hh, b_h, p):
    """NIG: i = 1."""
    _, f, o, g, p_o = _with_peepholes(x, h, c, W_xh, W_hh, b_h, p)
    c = sigmoid(f) * c + tanh(g)
    return sigmoid(o + p_o * c) * tanh(c), c


def no_forget_gate(x, h, c, W_xh, W_hh, b_h, p):
    """NFG: f = 1."""
    i, _, o, g, p_o = _with_peepholes(x, h, c, W_xh, W_hh, b_h, p)
    c = c + sigmoid(i) * tanh(g)
    return sigmoid(o + p_o * c) * tanh(c), c


def no_output_gate(x, h, c, W_xh, W_hh, b_h, p):
    """NOG: o = 1."""
    i, f, _, g, _ = _with_peepholes(x, h, c, W_xh, W_hh, b_h, p)
    c = sigmoid(f) * c + sigmoid(i) * tanh(g)
    return tanh(c), c


def no_input_activation(x, h, c, W_xh, W_hh, b_h, p):
    """NIAF: g is linear."""
    i, f, o, g, p_o = _with_peepholes(x, h, c, W_xh, W_hh, b_h, p)
    c = sigmoid(f) * c + sigmoid(i) * g
    return sigmoid(o + p_o * c) * tanh(c), c


def no_output_activation(x, h, c, W_xh, W_hh, b_h, p):
    """NOAF: h' = o c'."""
    i, f, o, g, p_o = _with_peepholes(x, h, c, W_xh, W_hh, b_h, p)
    c = sigmoid(f) * c + sigmoid(i) * tanh(g)
    return sigmoid(o + p_o * c) * c, c


def coupled(x, h, c, W_xh, W_hh, b_h, p):
    """CIFG: f = 1 - i, what is forgotten makes room for what is written."""
    i, _, o, g, p_o = _with_peepholes(x, h, c, W_xh, W_hh, b_h, p)
    i = sigmoid(i)
    c = (1 - i) * c + i * tanh(g)
    return sigmoid(o + p_o * c) * tanh(c), c


def full_gate_recurrence(x, h, c, gates, W_xh, W_hh, b_h, p, R):
    """FGR: the gates also read the gates of the step before, gates (N, 3H) through R (3H, 3H)."""
    i, f, o, g, p_o = _with_peepholes(x, h, c, W_xh, W_hh, b_h, p)
    r_i, r_f, r_o = split(gates @ R, parts=3)
    i, f = sigmoid(i + r_i), sigmoid(f + r_f)
    c = f * c + i * tanh(g)
    o = sigmoid(o + p_o * c + r_o)
    return o * tanh(c), c, concatenate(i, f, o)


# Jozefowicz, Zaremba & Sutskever (2015) found these by search. mut1 and mut2 read x (N, H).


def mut1(x, h, W_z, W_r, U_r, U, b_z, b_r, b):
    """z = sigmoid(x W_z + b_z), r = sigmoid(x W_r + h U_r + b_r), h' = tanh((r h) U + tanh(x) + b) z + h (1 - z)"""
    z = sigmoid(x @ W_z + b_z)
    r = sigmoid(x @ W_r + h @ U_r + b_r)
    return (tanh((r * h) @ U + tanh(x) + b) * z + h * (1 - z),)


def mut2(x, h, W_z, U_z, U_r, W, U, b_z, b_r, b):
    """z = sigmoid(x W_z + h U_z + b_z), r = sigmoid(x + h U_r + b_r), h' = tanh((r h) U + x W + b) z + h (1 - z)"""
    z = sigmoid(x @ W_z + h @ U_z + b_z)
    r = sigmoid(x + h @ U_r + b_r)
    return (tanh((r * h) @ U + x @ W + b) * z + h * (1 - z),)


def mut3(x, h, W_z, U_z, W_r, U_r, W, U, b_z, b_r, b):
    """z = sigmoid(x W_z + tanh(h) U_z + b_z), r as mut1's, h' as mut2's."""
    z = sigmoid(x @ W_z + tanh(h) @ U_z + b_z)
    r = sigmoid(x @ W_r + h @ U_r + b_r)
    return (tanh((r * h) @ U + x @ W + b) * z + h * (1 - z),)


def leaky_integrator(x, h, W_xh, W_hh, b_h, z):
    """h' = z h + (1 - z) tanh(x W_xh + h W_hh + b_h): a GRU whose update gate is a constant z (H,), without a reset."""
    return (z * h + (1 - z) * tanh(x @ W_xh + h @ W_hh + b_h),)


def _four(x, h, W_xh, W_hh, b_h):
    """The pre-activations of i, f, o and g."""
    return split(x @ W_xh + h @ W_hh + b_h, parts=4)


def _with_peepholes(x, h, c, W_xh, W_hh, b_h, p):
    """The same, where i and f have seen the old cell; and p_o, by which o sees the new one."""
    i, f, o, g = _four(x, h, W_xh, W_hh, b_h)
    p_i, p_f, p_o = split(p, parts=3)
    return i + p_i * c, f + p_f * c, o, g, p_o


class Variant(NamedTuple):
    """step; states: how many times H each state is wide; weights: a string of shapes, "W_xh D 4H, b_h 4H"."""

    step: object
    states: tuple
    weights: str


LSTM = "W_xh D 4H, W_hh H 4H, b_h 4H"
PEEPHOLE = LSTM + ", p 3H"
VARIANTS = {
    "carousel": Variant(carousel, (1, 1), LSTM),
    "+ input gate": Variant(with_input_gate, (1, 1), LSTM),
    "+ output gate": Variant(with_output_gate, (1, 1), LSTM),
    "+ forget gate": Variant(with_forget_gate, (1, 1), LSTM),
    "forget and input": Variant(forget_and_input_gate, (1, 1), LSTM),
    "forget alone": Variant(forget_gate_alone, (1, 1), LSTM),
    "vanilla": Variant(lstm_peephole_step, (1, 1), PEEPHOLE),  # Greff's "vanilla" has peepholes
    "NIG": Variant(no_input_gate, (1, 1), PEEPHOLE),
    "NFG": Variant(no_forget_gate, (1, 1), PEEPHOLE),
    "NOG": Variant(no_output_gate, (1, 1), PEEPHOLE),
    "NIAF": Variant(no_input_activation, (1, 1), PEEPHOLE),
    "NOAF": Variant(no_output_activation, (1, 1), PEEPHOLE),
    "NP": Variant(lstm_step, (1, 1), LSTM),
    "CIFG": Variant(coupled, (1, 1), PEEPHOLE),
    "FGR": Variant(full_gate_recurrence, (1, 1, 3), PEEPHOLE + ", R 3H 3H"),
    "GRU": Variant(gru_step, (1,), "W_xh D 3H, W_hh H 3H, b_h 3H, b_hn H"),
    "MUT1": Variant(mut1, (1,), "W_z D H, W_r D H, U_r H H, U H H, b_z H, b_r H, b H"),
    "MUT2": Variant(mut2, (1,), "W_z D H, U_z H H, U_r H H, W D H, U H H, b_z H, b_r H, b H"),
    "MUT3": Variant(mut3, (1,), "W_z D H, U_z H H, W_r D H, U_r H H, W D H, U H H, b_z H, b_r H, b H"),
    "minGRU": Variant(min_gru_step, (1,), "W_xh D 2H, b_h 2H"),
    "leaky integrator": Variant(leaky_integrator, (1,), "W_xh D H, W_hh H H, b_h H, z H"),
}


def initial(rng, name, D, H, *, forget=1.0, update=-1.0, leak=0.9, dtype=np.float64):
    """The first weights of a variant: Glorot's matrices, one gate at a time, biases and peepholes 0.

    forget: the LSTM's bias of f; update: the bias b_z of MUT1–3, below 0 so that the old state is kept at first;
    leak: z of the leaky integrator. ValueError: no such variant; MUT1 or MUT2 where D is not H.
    """
    variant = _find(name)
    if name in ("MUT1", "MUT2") and D != H:
        raise ValueError(f"{name} adds x to the state's share, so D must be H = {H}, got {D}")
    size = lambda text: (D if text[-1] == "D" else H) * int(text[:-1] or 1)
    weights = {}
    for entry in variant.weights.split(", "):
        key, *shape = entry.split()
        rows_columns = [size(text) for text in shape]
        if len(shape) == 1:
            weights[key] = np.zeros(rows_columns, dtype)
        else:
            rows, columns = rows_columns
            weights[key] = in_blocks(glorot, rng, (rows, H), columns // H, dtype=dtype)
    if "b_h 4H" in variant.weights:
        weights["b_h"] = lstm_bias(H, forget=forget, dtype=dtype)
    if "b_z" in weights:
        weights["b_z"] += update
    if "z" in weights:
        weights["z"] += leak
    return weights


def zero_states(name, N, H, *, dtype=np.float64):
    """The first states of a variant: a tuple of zeros, h first."""
    return tuple(np.zeros((N, wide * H), dtype) for wide in _find(name).states)


def over_steps(step, xs, states, weights):
    """hs (T, N, H), and the last states, by one step after the other.        xs (T, N, D), T >= 1"""
    hs = []
    for x in unstack(xs):
        states = step(x, *states, **weights)
        states = states if isinstance(states, tuple) else (states,)
        hs.append(states[0])
    return stack(*hs), states


def _find(name):
    if name not in VARIANTS:
        raise ValueError(f"the variant must be one of {', '.join(VARIANTS)}, got {name!r}")
    return VARIANTS[name]
