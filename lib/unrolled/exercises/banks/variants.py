"""Variants: whom a unit of the Clockwork RNN hears, one step of the depth-gated LSTM, a level of slices."""

import numpy as np

from unrolled.autodiff.ops import sigmoid
from unrolled.cells.clockwork import blocks
from unrolled.cells.over_depth import depth_gated_step
from unrolled.exercises.exercise import Exercise, Named, Wrong
from unrolled.exercises.mistakes import mutants, swap, transpose_weights


def heard_blocks(periods, width):
    """Blocks of `width` units with these periods, the fastest first -> (H, H): at [j, i], does unit i hear unit j?"""
    mask = np.zeros((width * len(periods),) * 2, bool)
    for _, own, heard in blocks(len(mask), tuple(periods)):
        mask[heard, own] = True
    return mask


def clock_mask(periods, width):
    """Blocks of `width` units with these periods, the fastest first -> (H, H): at [j, i], does unit i hear unit j?"""
    period_of = np.repeat(periods, width)
    return period_of[:, None] >= period_of[None, :]


def _mask_case(rng, blocks, width):
    """As many periods, each a multiple of the one before, the fastest first."""
    return {"periods": np.cumprod(rng.integers(2, 4, blocks)), "width": width}


def _use_mask(function, periods, width):
    """The answer in whole numbers: True and 1 say the same."""
    mask = function(periods, width)
    return mask.astype(int) if isinstance(mask, np.ndarray) and mask.dtype == bool else mask


UNITS, HEARS = "np.repeat(periods, width)", "period_of[:, None] >= period_of[None, :]"
CLOCK_MASK = Exercise(
    name="clock_mask",
    statement="Say for all pairs of units whether unit i hears unit j: entry [j, i] of an (H, H) array of True and "
    "False, where a unit hears those of its own period and of longer ones.",
    reference=heard_blocks,
    shown=clock_mask,
    case=_mask_case,
    use=_use_mask,
    results=("mask",),
    hints=(
        "First give each unit its period: blocks of 2 units with the periods 1 and 4 are four units, 1 1 4 4.",
        "With a column and a row of these periods, one comparison makes the matrix. The row index speaks.",
        "period_of = np.repeat(periods, width); then period_of[:, None] >= period_of[None, :].",
    ),
    wrong=mutants(
        clock_mask,
        ("the arrows run from fast to slow, as in the transpose: row j speaks, and longer periods are heard",
         HEARS, "period_of[:, None] <= period_of[None, :]"),
        ("a unit does not hear its own block: >=, not >", HEARS, "period_of[:, None] > period_of[None, :]"),
        ("shorter periods alone are heard: its own and longer ones are", HEARS,
         "period_of[:, None] < period_of[None, :]"),
        ("a unit hears its own block alone: the longer periods, too", HEARS,
         "period_of[:, None] == period_of[None, :]"),
        ("a unit hears every other block, and not its own: its own and those of longer periods", HEARS,
         "period_of[:, None] != period_of[None, :]"),
        ("all are heard: those of a shorter period are not", HEARS, "period_of[:, None] + period_of[None, :] > 0"),
        ("none is heard: its own block and those of longer periods are", HEARS,
         "period_of[:, None] + period_of[None, :] < 0"),
        ("a unit hears itself alone: all of its block, and those of longer periods", HEARS,
         "np.eye(len(period_of), dtype=bool)"),
        ("it is the triangle of units: within a block all units hear each other", HEARS,
         "np.tril(np.ones((len(period_of),) * 2, bool))"),
        ("it is the other triangle of units: whole blocks, and from slow to fast", HEARS,
         "np.triu(np.ones((len(period_of),) * 2, bool))"),
        ("a row for each block: there is one for each unit, so repeat the periods", UNITS, "periods"),
        ("the periods take turns, 1 2 4 1 2 4: the units of a block stand side by side, as by np.repeat", UNITS,
         "np.tile(periods, width)"),
        ("the next slower block is heard, and no slower one: all of them are", HEARS,
         "(lambda k: (k[:, None] - k[None, :] >= 0) & (k[:, None] - k[None, :] <= 1))(np.arange(len(period_of)) // "
         "width)"),
    ),
)  # fmt: skip


def depth_gate(x, c_below, h_prev, c_prev, W_xh, W_hh, b_h, W_xd, w_cd, w_ld, b_d):
    """c = d c_below + f c_prev + i g, h = o tanh c; i, f, o and g stand side by side, d is a gate of its own"""
    i, f, o, g = np.split(x @ W_xh + h_prev @ W_hh + b_h, 4, axis=1)
    d = sigmoid(x @ W_xd + w_cd * c_prev + w_ld * c_below + b_d)
    c = d * c_below + sigmoid(f) * c_prev + sigmoid(i) * np.tanh(g)
    h = sigmoid(o) * np.tanh(c)
    return h, c


def _gate_case(rng, N, H):
    shapes = {"x": (N, H), "c_below": (N, H), "h_prev": (N, H), "c_prev": (N, H), "W_xh": (H, 4 * H)}
    shapes |= {"W_hh": (H, 4 * H), "b_h": 4 * H, "W_xd": (H, H), "w_cd": H, "w_ld": H, "b_d": H}
    return {name: rng.standard_normal(shape) for name, shape in shapes.items()}


GATE, NEW = "d = sigmoid(x @ W_xd + w_cd * c_prev + w_ld * c_below + b_d)", "c = d * c_below"
KEPT, WRITTEN, OUT = "sigmoid(f) * c_prev", "sigmoid(i) * np.tanh(g)", "sigmoid(o) * np.tanh(c)"
DEPTH_GATE = Exercise(
    name="depth_gate",
    statement="Make one step of a depth-gated LSTM: its cell takes in the cell below, as far as a gate d says.",
    reference=depth_gated_step,
    shown=depth_gate,
    case=_gate_case,
    results=("h", "c"),
    hints=(
        "Write lesson 08's LSTM step first. The new cell has one summand more.",
        "d is a sigmoid of four terms: x by a matrix, c_prev and c_below number by number, a bias.",
        "d = sigmoid(x @ W_xd + w_cd * c_prev + w_ld * c_below + b_d), and c = d * c_below + f * c_prev + i * g.",
    ),
    wrong=mutants(
        depth_gate,
        ("the cell below is left out: it is added, as far as d says", f"{NEW} + ", "c = "),
        ("the cell below comes in whole: as far as d says", NEW, "c = c_below"),
        ("1 - d stands where d belongs: an open gate lets the cell below in", NEW, "c = (1 - d) * c_below"),
        ("x comes in through d, and not the cell below", NEW, "c = d * x"),
        ("c_prev comes in through d, and not the cell below", NEW, "c = d * c_prev"),
        ("the cell below comes in through f, and c_prev through d: d is for depth", f"{NEW} + {KEPT}",
         "c = sigmoid(f) * c_below + d * c_prev"),
        ("tanh of the cell below is let in: the cell as it is, for the path is to be linear", NEW,
         "c = d * np.tanh(c_below)"),
        ("d has no sigmoid: a gate lies between 0 and 1", GATE, GATE.replace("sigmoid", "")),
        ("d has tanh: the paper's d is a sigmoid, between 0 and 1", GATE, GATE.replace("sigmoid", "np.tanh")),
        ("d does not see c_prev", "w_cd * c_prev + ", ""),
        ("d does not see the cell below", "w_ld * c_below + ", ""),
        ("d does not see x", "x @ W_xd + ", ""),
        ("d has no bias: b_d is added", " + b_d", ""),
        ("w_cd and w_ld have changed places: w_cd goes with c_prev", "w_cd * c_prev + w_ld * c_below",
         "w_ld * c_prev + w_cd * c_below"),
        ("d reads h_prev where it reads c_prev", "w_cd * c_prev", "w_cd * h_prev"),
        ("the peepholes are matrix products: w_cd and w_ld go number by number", "w_cd * c_prev + w_ld * c_below",
         "c_prev @ np.diag(w_cd) @ np.ones((len(w_cd), len(w_cd))) + c_below @ np.diag(w_ld) @ np.ones((len(w_ld), "
         "len(w_ld)))"),
        ("c_prev @ w_cd is one number for each sequence: w_cd is (H,) and goes number by number, so *, not @",
         "w_cd * c_prev", "c_prev @ w_cd"),
        ("c_below @ w_ld is one number for each sequence: w_ld is (H,) and goes number by number, so *, not @",
         "w_ld * c_below", "c_below @ w_ld"),
        ("both peepholes are products with @: w_cd and w_ld are (H,) and go number by number, so *, not @",
         "w_cd * c_prev + w_ld * c_below", "c_prev @ w_cd + c_below @ w_ld"),
        ("the old cell is left out: c_prev is kept as far as f says", f" + {KEPT}", ""),
        ("the old cell is kept whole: as far as f says", KEPT, "c_prev"),
        ("f is 1 - i, as in the authors' code: here f is a gate of its own", KEPT, "(1 - sigmoid(i)) * c_prev"),
        ("the candidate comes in whole: as far as i says", WRITTEN, "np.tanh(g)"),
        ("g has no tanh", WRITTEN, "sigmoid(i) * g"),
        ("the order of the quarters is i, f, g, o: it is i, f, o, g", "i, f, o, g", "i, f, g, o"),
        ("the order of the quarters is f, i, o, g: it is i, f, o, g", "i, f, o, g", "f, i, o, g"),
        ("h is not tanh of the new cell, but the cell itself", OUT, "sigmoid(o) * c"),
        ("h has no output gate", OUT, "np.tanh(c)"),
        ("h adds the state below, as a residual does: the cell below was added, no more", OUT, f"{OUT} + x"),
        ("h is read from the old cell: the new one", OUT, "sigmoid(o) * np.tanh(c_prev)"),
        ("h_prev is left out: the quarters see it through W_hh", " + h_prev @ W_hh", ""),
        ("x is left out of the quarters: they see it through W_xh", "x @ W_xh + ", ""),
        ("b_h is left out", " + b_h", ""),
        *swap(h="h", c="c"),
        *transpose_weights("x @ W_xd"),
    ),
)  # fmt: skip


class Reader:
    """A plain network with random weights: reads pieces (n, M, D) from the state 0 -> the last states (M, H)."""

    def __init__(self, rng, D, H):
        self.W_xh, self.W_hh = rng.standard_normal((D, H)), 0.7 * rng.standard_normal((H, H))

    def __call__(self, pieces):
        if np.ndim(pieces) != 3 or np.shape(pieces)[2] != len(self.W_xh):
            law = f"read takes pieces (n, M, D) with D = {len(self.W_xh)}"
            raise Wrong(f"{law}, got an array of shape {np.shape(pieces)}")
        h = np.zeros((np.shape(pieces)[1], len(self.W_hh)))
        for x in pieces:
            h = np.tanh(x @ self.W_xh + h @ self.W_hh)
        return h

    def __repr__(self):
        return "a network that reads " + " " * 100  # too long for the smallest input of a report


def slice_and_join(read, xs, n):
    """Cut xs (T, N, D) into slices of n steps, read them side by side -> their last states in order (T / n, N, H)"""
    T, N, D = xs.shape
    pieces = xs.reshape(T // n, n, N, D).transpose(1, 0, 2, 3).reshape(n, T // n * N, D)
    return read(pieces).reshape(T // n, N, -1)


def _use_slices(function, read, xs, n):
    """The answer. Where it is right, but was read one slice after the other, that is what is wrong."""
    calls = []

    def counted(pieces):
        calls.append(pieces)
        return read(pieces)

    hs = function(counted, xs, n)
    right = slice_and_join(read, xs, n)
    if len(calls) > 1 and np.shape(hs) == right.shape and np.allclose(hs, right):
        raise Named(f"read was called {len(calls)} times: once is asked, with all slices side by side")
    return hs


def _slice_case(rng, slices, n, N, D):
    return {"read": Reader(rng, D, 3), "xs": rng.standard_normal((slices * n, N, D)), "n": n}


CUT = "xs.reshape(T // n, n, N, D).transpose(1, 0, 2, 3).reshape(n, T // n * N, D)"
JOINED = "read(pieces).reshape(T // n, N, -1)"
SLICE_AND_JOIN = Exercise(
    name="slice_and_join",
    statement="Cut xs (T, N, D) into slices of n steps, let read(pieces) read all of them side by side, once, and give "
    "their last states in the order of the slices, (T / n, N, H).",
    reference=slice_and_join,
    case=_slice_case,
    use=_use_slices,
    results=("hs",),
    hints=(
        "Slice s has the steps s n to s n + n - 1. Its first step has to stand in row 0 of the pieces.",
        "Reshape to (T / n, n, N, D): slice, step, sequence. Then the step has to come first, as read wants it.",
        "xs.reshape(T // n, n, N, D).transpose(1, 0, 2, 3).reshape(n, -1, D); and what read gives as (T // n, N, -1).",
    ),
    wrong=mutants(
        slice_and_join,
        ("every (T/n)-th step goes into one slice: neighbours belong together, so reshape to (T // n, n, N, D) first",
         CUT, "xs.reshape(n, T // n * N, D)"),
        ("the slices stand where the steps belong: the steps of a slice are the first axis, transpose(1, 0, 2, 3)",
         CUT, "xs.reshape(T // n, n * N, D)", JOINED, "read(pieces).reshape(n, N, -1)"),
        ("the last states stand by sequences and not by slices: (T // n, N, -1) is the order in which they come",
         JOINED, "read(pieces).reshape(N, T // n, -1).transpose(1, 0, 2)"),
        ("the pieces come sequence by sequence, and what is read comes back as if slice by slice: let the slices be "
         "the outer axis, transpose(1, 0, 2, 3)", CUT, CUT.replace("(1, 0, 2, 3)", "(1, 2, 0, 3)")),
        ("slices and sequences have changed places: the slices are the first axis", JOINED,
         "read(pieces).reshape(T // n, N, -1).transpose(1, 0, 2)"),
        ("the slices stand in a row with the sequences: the shape is (T // n, N, H)", JOINED, "read(pieces)"),
        ("each slice is read from its last step to its first", CUT, CUT.replace("xs.reshape", "xs[::-1].reshape"),
         JOINED, "read(pieces).reshape(T // n, N, -1)[::-1]"),
        ("the slices stand from the last to the first: in their order", JOINED,
         "read(pieces).reshape(T // n, N, -1)[::-1]"),
        ("the last slice alone is returned: all T / n", JOINED, "read(pieces).reshape(T // n, N, -1)[-1:]"),
        ("the first slice alone is returned: all T / n", JOINED, "read(pieces).reshape(T // n, N, -1)[:1]"),
        ("nothing is cut: one reading of all T steps, the same for each slice", CUT, "xs", JOINED,
         "np.stack([read(pieces)] * (T // n))"),
        ("each slice goes on where the one before it stopped: each begins at the state 0", CUT, "xs", JOINED,
         "np.stack([read(pieces[: (s + 1) * n]) for s in range(T // n)])"),
        ("the first sequence's slices stand in all places: each has its own", JOINED,
         "np.repeat(read(pieces).reshape(T // n, N, -1)[:, :1], N, axis=1)"),
        ("the last step of each slice is left out", CUT, f"{CUT}[: max(n - 1, 1)]"),
        ("the first step of each slice is left out", CUT, f"{CUT}[min(1, n - 1) :]"),
        ("each slice has one step alone: it has n", CUT, f"{CUT}[-1:]"),
        ("the slices are averaged: each has a last state of its own", JOINED,
         "read(pieces).reshape(T // n, N, -1).mean(0, keepdims=True)"),
    ),
)  # fmt: skip

EXERCISES = (CLOCK_MASK, DEPTH_GATE, SLICE_AND_JOIN)
