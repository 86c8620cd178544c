"""One step of the LSTM, forward and back; its first bias; the gradient's way along the cell."""

import numpy as np

from unrolled.cells.lstm import lstm_bias, lstm_step
from unrolled.cells.sequence import sigmoid
from unrolled.exercises.exercise import Exercise
from unrolled.exercises.mistakes import drop_summands, mutants, slip_gradients, swap, turn_and_drop


def _forward_case(rng, N, D, H):
    draw = rng.standard_normal
    state = {"x": draw((N, D)), "h_prev": draw((N, H)), "c_prev": draw((N, H))}
    return state | {"W_xh": draw((D, 4 * H)), "W_hh": draw((H, 4 * H)), "b_h": draw(4 * H)}


def plain_step(x, h_prev, c_prev, W_xh, W_hh, b_h):
    """c = f c_prev + i g, h = o tanh(c)        x (N, D), h_prev (N, H), c_prev (N, H) -> h (N, H), c (N, H)"""
    z_i, z_f, z_o, z_g = np.split(x @ W_xh + h_prev @ W_hh + b_h, 4, axis=1)
    i, f, o, g = sigmoid(z_i), sigmoid(z_f), sigmoid(z_o), np.tanh(z_g)
    c = f * c_prev + i * g
    return o * np.tanh(c), c


GATES, CELL, SPLIT = (
    "sigmoid(z_i), sigmoid(z_f), sigmoid(z_o), np.tanh(z_g)",
    "f * c_prev + i * g",
    "z_i, z_f, z_o, z_g =",
)
LSTM_STEP = Exercise(
    name="lstm_step",
    statement="One step of the LSTM: c = f c_prev + i g and h = o tanh(c); the gates stand in the order i, f, o, g.",
    reference=lstm_step,
    shown=plain_step,  # the library's brings its pullback, which is another exercise
    case=_forward_case,
    results=("h", "c"),
    hints=(
        "One product for x and one for h_prev make all four at once; then cut their sum in quarters.",
        "i, f and o are gates, between 0 and 1: the sigmoid. g is the candidate, between -1 and 1: tanh.",
        "c = f * c_prev + i * g, then h = o * np.tanh(c). Return h, c.",
    ),
    wrong=mutants(
        lstm_step,
        ("the quarters are read in the order i, f, g, o, PyTorch's: here it is i, f, o, g",
         SPLIT, "z_i, z_f, z_g, z_o ="),
        ("f and i have changed places: the order is i, f, o, g, and f keeps the old cell",
         SPLIT, "z_f, z_i, z_o, z_g ="),
        ("the quarters are read in the order i, o, f, g: it is i, f, o, g", SPLIT, "z_i, z_o, z_f, z_g ="),
        ("the quarters are read in the order g, i, f, o: it is i, f, o, g", SPLIT, "z_g, z_i, z_f, z_o ="),
        ("the quarters are read in the order f, i, g, o: it is i, f, o, g", SPLIT, "z_f, z_i, z_g, z_o ="),
        ("g takes the sigmoid: the candidate is no gate, it takes tanh", "np.tanh(z_g)", "sigmoid(z_g)"),
        ("all four take tanh: the gates i, f, o take the sigmoid", GATES,
         "np.tanh(z_i), np.tanh(z_f), np.tanh(z_o), np.tanh(z_g)"),
        ("i takes tanh: a gate takes the sigmoid", "sigmoid(z_i)", "np.tanh(z_i)"),
        ("f takes tanh: a gate takes the sigmoid", "sigmoid(z_f)", "np.tanh(z_f)"),
        ("o takes tanh: a gate takes the sigmoid", "sigmoid(z_o)", "np.tanh(z_o)"),
        ("the forget gate is missing: c_prev is kept as far as f says", CELL, "c_prev + i * g"),
        ("the input gate is missing: the candidate comes in as far as i says", CELL, "f * c_prev + g"),
        ("1 - f stands where f belongs: f is what is kept", CELL, "(1 - f) * c_prev + i * g"),
        ("1 - f stands where i belongs: the LSTM has an input gate of its own", CELL, "f * c_prev + (1 - f) * g"),
        ("the candidate is subtracted: it is added", CELL, "f * c_prev - i * g"),
        ("the candidate is missing: c = f c_prev + i g", CELL, "f * c_prev"),
        ("the old cell is missing: c = f c_prev + i g", CELL, "i * g"),
        ("the old and the new are multiplied: they are added", CELL, "f * c_prev * i * g"),
        ("h_prev stands where c_prev belongs: the forget gate keeps the cell", CELL, "f * h_prev + i * g"),
        ("tanh is taken of the cell itself: c is not squeezed, only what h shows of it", CELL,
         "np.tanh(f * c_prev + i * g)"),
        ("h shows the cell without tanh: h = o tanh(c)", "return (o * tanh_c, c)", "return (o * c, c)"),
        ("the output gate is missing: h = o tanh(c)", "return (o * tanh_c, c)", "return (tanh_c, c)"),
        ("h shows the old cell: h = o tanh(c), of the new one", "tanh_c = np.tanh(c)\n", "tanh_c = np.tanh(c_prev)\n"),
        ("h takes the sigmoid of c: h = o tanh(c)", "tanh_c = np.tanh(c)\n", "tanh_c = sigmoid(c)\n"),
        ("tanh is taken of o c: h = o tanh(c)", "return (o * tanh_c, c)", "return (np.tanh(o * c), c)"),
        ("o hears the new cell, as with peepholes: the gates hear x and h_prev alone", "return (o * tanh_c, c)",
         "return (sigmoid(z_o + c) * tanh_c, c)"),
        ("h is shown through i: it is shown through o", "return (o * tanh_c, c)", "return (i * tanh_c, c)"),
        ("h is shown through f: it is shown through o", "return (o * tanh_c, c)", "return (f * tanh_c, c)"),
        ("the old cell goes out: return h and the new c", "return (o * tanh_c, c)", "return (o * tanh_c, c_prev)"),
        ("c_prev stands where h_prev belongs: the gates see the state, not the cell", "h_prev @ W_hh + b_h",
         "c_prev @ W_hh + b_h"),
        *drop_summands("before the split", x__W_xh="x @ W_xh", h_prev__W_hh="h_prev @ W_hh", b_h="+ b_h"),
        ("h and c have changed places: return h, c", "return (o * tanh_c, c)", "return (c, o * tanh_c)"),
    ),
)  # fmt: skip


def lstm_step_backward(dh, dc, x, h_prev, c_prev, i, f, o, g, tanh_c, W_xh, W_hh):
    """One step back: dh, dc (N, H) -> dx, dh_prev, dc_prev, dW_xh, dW_hh, db_h"""
    dc = dc + dh * o * (1 - tanh_c**2)
    di, df, do, dg = dc * g, dc * c_prev, dh * tanh_c, dc * i
    dz = np.concatenate([di * i * (1 - i), df * f * (1 - f), do * o * (1 - o), dg * (1 - g**2)], axis=1)
    return dz @ W_xh.T, dz @ W_hh.T, dc * f, x.T @ dz, h_prev.T @ dz, dz.sum(0)


def _backward_case(rng, N, D, H):
    a, draw = _forward_case(rng, N, D, H), rng.standard_normal
    z_i, z_f, z_o, z_g = np.split(a["x"] @ a["W_xh"] + a["h_prev"] @ a["W_hh"] + a.pop("b_h"), 4, axis=1)
    i, f, o, g = sigmoid(z_i), sigmoid(z_f), sigmoid(z_o), np.tanh(z_g)
    W_xh, W_hh, tanh_c = a.pop("W_xh"), a.pop("W_hh"), np.tanh(f * a["c_prev"] + i * g)
    gates = {"i": i, "f": f, "o": o, "g": g, "tanh_c": tanh_c}
    return {"dh": draw((N, H)), "dc": draw((N, H))} | a | gates | {"W_xh": W_xh, "W_hh": W_hh}


def _backward_terms(dh, dc, x, h_prev, c_prev, i, f, o, g, tanh_c, W_xh, W_hh):
    """What each gate adds to the gradients, and the two parts of dc."""
    through_h = dh * o * (1 - tanh_c**2)
    both, zero = dc + through_h, np.zeros_like(dh)
    slopes = {"i": both * g * i * (1 - i), "f": both * c_prev * f * (1 - f), "o": dh * tanh_c * o * (1 - o),
              "g": both * i * (1 - g**2)}  # fmt: skip
    parts = {f"the part of {gate}": np.concatenate([slopes[k] if k == gate else zero for k in slopes], axis=1)
             for gate in slopes}  # fmt: skip
    products = {"dx": lambda d: d @ W_xh.T, "dh_prev": lambda d: d @ W_hh.T, "dW_xh": lambda d: x.T @ d}
    products |= {"dW_hh": lambda d: h_prev.T @ d, "db_h": lambda d: d.sum(0)}
    terms = {name: {what: product(d) for what, d in parts.items()} for name, product in products.items()}
    return terms | {"dc_prev": {"the part that came by the cell": dc * f, "the part that came by h": through_h * f}}


JOIN = "dc + dh * o * (1 - tanh_c**2)"
DI, DF, DO, DG = "di * i * (1 - i)", "df * f * (1 - f)", "do * o * (1 - o)", "dg * (1 - g**2)"
LSTM_STEP_BACKWARD = Exercise(
    name="lstm_step_backward",
    statement="Write one step back of the LSTM: from dh and dc to dx, dh_prev, dc_prev, dW_xh, dW_hh and db_h.",
    reference=lstm_step_backward,
    case=_backward_case,
    results=("dx", "dh_prev", "dc_prev", "dW_xh", "dW_hh", "db_h"),
    terms=_backward_terms,
    hints=(
        "c is used twice, by the next step and by h. So two gradients meet in it, and they meet first of all.",
        "dc = dc + dh o (1 - tanh(c)^2). Then each gate: what it was multiplied with, times its own slope.",
        "di = dc g, df = dc c_prev, do = dh tanh(c), dg = dc i; slopes a (1 - a) for the gates and 1 - g^2; then "
        "dz = [di, df, do, dg] goes through the products as in the RNN, and dc_prev = dc f.",
    ),
    wrong=mutants(
        lstm_step_backward,
        ("what comes to c through h is missing: dc + dh o (1 - tanh(c)^2)", "dc = " + JOIN, "dc = dc"),
        ("what comes to c from the next step is missing: dc + dh o (1 - tanh(c)^2)", JOIN, "dh * o * (1 - tanh_c**2)"),
        ("in dc, tanh's slope is missing: dc + dh o (1 - tanh(c)^2)", JOIN, "dc + dh * o"),
        ("in dc, the output gate is missing: dc + dh o (1 - tanh(c)^2)", JOIN, "dc + dh * (1 - tanh_c**2)"),
        ("in dc, dh is added as it is: it comes through o and tanh", JOIN, "dc + dh"),
        ("in dc, tanh's slope is taken twice, of tanh(c) once more", JOIN, "dc + dh * o * (1 - np.tanh(tanh_c) ** 2)"),
        ("in dc, the part through h is subtracted: it is added", JOIN, "dc - dh * o * (1 - tanh_c**2)"),
        ("in dc, the slope is 1 - tanh(c), without the square: it is 1 - tanh(c)^2",
         JOIN, "dc + dh * o * (1 - tanh_c)"),
        ("in dc, the slope is that of the old cell: 1 - tanh(c)^2, of the new one", JOIN,
         "dc + dh * o * (1 - np.tanh(c_prev) ** 2)"),
        ("dc_prev is dc alone: it is dc f, through the forget gate", "dc * f,", "dc,"),
        ("dc_prev goes back through i: it goes through f", "dc * f,", "dc * i,"),
        ("dc_prev lacks what came through h: it takes the dc in which both have met", "    dc = " + JOIN + "\n",
         "    later, dc = dc, " + JOIN + "\n", "dc * f,", "later * f,"),
        ("di is dc i: i was multiplied with g", "dc * g, dc", "dc * i, dc"),
        ("df is dc c: f was multiplied with the old cell, c_prev", "dc * c_prev", "dc * np.arctanh(tanh_c)"),
        ("df is dc h_prev: f was multiplied with the cell, c_prev", "dc * c_prev", "dc * h_prev"),
        ("do is dc tanh(c): o acts on h, so it is dh tanh(c)", "dh * tanh_c,", "dc * tanh_c,"),
        ("do is dh c: o was multiplied with tanh(c)", "dh * tanh_c,", "dh * np.arctanh(tanh_c),"),
        ("dg is dc g: g was multiplied with i", "dc * i\n", "dc * g\n"),
        ("di, df and dg are made of dh: they act on the cell, so they are made of dc",
         "dc * g, dc * c_prev, dh * tanh_c, dc * i", "dh * g, dh * c_prev, dh * tanh_c, dh * i"),
        ("all four lack their slopes: i (1 - i), f (1 - f), o (1 - o) and 1 - g^2",
         f"{DI}, {DF}, {DO}, {DG}", "di, df, do, dg"),
        ("dc_prev also takes dc as it is: the old cell was multiplied with f", "dc * f,", "dc * f + later,",
         "    dc = " + JOIN + "\n", "    later, dc = dc, " + JOIN + "\n"),
        ("di lacks the slope of its sigmoid, i (1 - i)", DI, "di"),
        ("df lacks the slope of its sigmoid, f (1 - f)", DF, "df"),
        ("do lacks the slope of its sigmoid, o (1 - o)", DO, "do"),
        ("dg lacks the slope of its tanh, 1 - g^2", DG, "dg"),
        ("the slope of i is 1 - i^2, tanh's: i is a sigmoid, i (1 - i)", DI, "di * (1 - i**2)"),
        ("the slope of f is 1 - f^2, tanh's: f is a sigmoid, f (1 - f)", DF, "df * (1 - f**2)"),
        ("the slope of o is 1 - o^2, tanh's: o is a sigmoid, o (1 - o)", DO, "do * (1 - o**2)"),
        ("the slope of g is g (1 - g), the sigmoid's: g is a tanh, 1 - g^2", DG, "dg * g * (1 - g)"),
        ("the slope of g is 1 - g, without the square: it is 1 - g^2", DG, "dg * (1 - g)"),
        ("dz stands in the order i, f, g, o: it is i, f, o, g", f"{DO}, {DG}", f"{DG}, {DO}"),
        ("dz stands in the order f, i, o, g: it is i, f, o, g", f"{DI}, {DF}", f"{DF}, {DI}"),
        ("dz stands in the order g, i, f, o: it is i, f, o, g", f"{DI}, {DF}, {DO}, {DG}", f"{DG}, {DI}, {DF}, {DO}"),
        ("dh_prev also takes dh o: h_prev has no way past the gates", "dz @ W_hh.T", "dz @ W_hh.T + dh * o"),
        ("this is dW_hh with c_prev where h_prev belongs", "h_prev.T @ dz", "c_prev.T @ dz"),
        ("this is dW_hh with x where h_prev belongs", "h_prev.T @ dz", "x.T @ dz"),
        ("this is dW_xh with h_prev where x belongs", "x.T @ dz, h", "h_prev.T @ dz, h"),
        ("the gates' parts stand below each other: side by side, with axis=1, they are (N, 4H)", "axis=1", "axis=0"),
        *turn_and_drop(di="dc * g", df="dc * c_prev", do="dh * tanh_c", dg="dc * i", dc_prev="dc * f"),
        *slip_gradients(dx="dz @ W_xh.T", dh_prev="dz @ W_hh.T", dW_xh="x.T @ dz", dW_hh="h_prev.T @ dz",
                        db_h="dz.sum(0)"),
        *swap(dx="dz @ W_xh.T", dh_prev="dz @ W_hh.T"),
        *swap(dh_prev="dz @ W_hh.T", dc_prev="dc * f"),
    ),
)  # fmt: skip

LSTM_BIAS = Exercise(
    name="lstm_bias",
    statement="The first b_h (4H,) of an LSTM: zeros, but 1 for the forget gate, so that it starts open.",
    reference=lstm_bias,
    case=lambda rng, H: {"H": H},
    results=("b_h",),
    kinds={"b_h": ("f", "training adds fractions to it, which an array of whole numbers cannot take")},
    hints=(
        "The four quarters stand side by side, H numbers each, in the order i, f, o, g.",
        "Start from np.zeros(4 * H). Which slice is the forget gate's?",
        "b_h[H : 2 * H] = 1",
    ),
    wrong={
        "all is zero: the forget gate's quarter is 1": lambda H: np.zeros(4 * H),
        "all is one: only the forget gate's quarter is": lambda H: np.ones(4 * H),
        "the input gate's quarter is 1, too: only the forget gate's is": lambda H: np.repeat([1.0, 1, 0, 0], H),
        "the ones end one place early: the forget gate's quarter is b_h[H : 2 * H]":
            lambda H: 1.0 * ((np.arange(4 * H) >= H) & (np.arange(4 * H) < 2 * H - 1)),
        "the ones begin one place late: the forget gate's quarter is b_h[H : 2 * H]":
            lambda H: 1.0 * ((np.arange(4 * H) > H) & (np.arange(4 * H) < 2 * H)),
        "the first quarter is 1, the input gate's: the forget gate's is the second":
            lambda H: np.repeat([1.0, 0, 0, 0], H),
        "the third quarter is 1, the output gate's: the forget gate's is the second":
            lambda H: np.repeat([0.0, 0, 1, 0], H),
        "the last quarter is 1, the candidate's: the forget gate's is the second":
            lambda H: np.repeat([0.0, 0, 0, 1], H),
        "every fourth number is 1: the quarters stand one after the other, H numbers each":
            lambda H: np.tile([0.0, 1, 0, 0], H),
        "the forget gate starts at -1, shut: it is to start open": lambda H: np.repeat([0.0, -1, 0, 0], H),
        "it is laid out as (4, H): b_h is one row of 4H numbers": lambda H: np.repeat([0.0, 1, 0, 0], H).reshape(4, H),
        "only one number of the forget gate is 1: each unit has its own": lambda H: (np.arange(4 * H) == H) * 1.0,
        "it has H numbers, those of one gate: b_h holds all four": lambda H: np.ones(H),
    },
)  # fmt: skip


def direct_path(fs):
    """dc_T / dc_0 along the cell alone: fs (T, N, H), the forget gates of all steps -> (N, H)"""
    return fs.prod(axis=0)


DIRECT_PATH = Exercise(
    name="direct_path",
    statement="From the forget gates fs (T, N, H): the factor dc_T / dc_0 (N, H) along the cell alone.",
    reference=direct_path,
    case=lambda rng, T, N, H: {"fs": sigmoid(rng.standard_normal((T, N, H)))},
    results=("dc_T / dc_0",),
    hints=(
        "Begin with T = 1, where dc_prev = dc f. And with T = 2?",
        "Along a path, derivatives multiply. There are T steps, with a gate each.",
        "The product over the axis of time.",
    ),
    wrong=mutants(
        direct_path,
        ("the gates are added: along a path, derivatives multiply", "prod", "sum"),
        ("the mean of the gates is taken: along a path, derivatives multiply", "prod", "mean"),
        ("the product runs over the batch: it runs over time, axis 0", "axis=0", "axis=1"),
        ("the product runs over the units: it runs over time, axis 0", "axis=0", "axis=2"),
        ("it is a single number: each row and each unit has its own", "axis=0", ""),
        ("the last step's gate alone: all T steps lie on the path", "fs.prod(axis=0)", "fs[-1]"),
        ("the first step's gate alone: all T steps lie on the path", "fs.prod(axis=0)", "fs[0]"),
        ("the first step is left out", "fs.prod", "fs[1:].prod"),
        ("the last step is left out", "fs.prod", "fs[:-1].prod"),
        ("1 - f stands where f belongs: f is what is kept", "fs.prod", "(1 - fs).prod"),
        ("the slope of the sigmoid stands there, f (1 - f): the gate itself is the factor", "fs.prod",
         "(fs * (1 - fs)).prod"),
        ("the products of all steps are returned: only the whole way counts", "fs.prod", "fs.cumprod"),
        ("the smallest gate is taken: along a path, derivatives multiply", "prod", "min"),
    ),
)  # fmt: skip

EXERCISES = LSTM_STEP, LSTM_STEP_BACKWARD, LSTM_BIAS, DIRECT_PATH
