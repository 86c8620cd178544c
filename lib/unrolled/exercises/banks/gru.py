"""One step of the GRU in its two forms, reset after and before the product, forward and back."""

import numpy as np

from unrolled.cells.gru import gru_reset_before_step, gru_step
from unrolled.cells.sequence import sigmoid
from unrolled.exercises.exercise import Exercise
from unrolled.exercises.mistakes import drop_summands, mutants, slip_gradients, transpose_weights, turn_and_drop


def _case(rng, N, D, H):
    draw = rng.standard_normal
    return {"x": draw((N, D)), "h_prev": draw((N, H)), "W_xh": draw((D, 3 * H)), "W_hh": draw((H, 3 * H)),
            "b_h": draw(3 * H)}  # fmt: skip


def plain_step(x, h_prev, W_xh, W_hh, b_h, b_hn):
    """n = tanh(x W_n + b_n + r (h_prev U_n + b_hn)), h = z h_prev + (1 - z) n    x (N, D), h_prev (N, H) -> h (N, H)"""
    x_r, x_z, x_n = np.split(x @ W_xh + b_h, 3, axis=1)
    h_r, h_z, h_n = np.split(h_prev @ W_hh, 3, axis=1)
    r, z, u = sigmoid(x_r + h_r), sigmoid(x_z + h_z), h_n + b_hn
    n = np.tanh(x_n + r * u)
    return z * h_prev + (1 - z) * n


def plain_reset_before_step(x, h_prev, W_xh, W_hh, b_h):
    """n = tanh(x W_n + b_n + (r h_prev) U_n), h = z h_prev + (1 - z) n        x (N, D), h_prev (N, H) -> h (N, H)"""
    H = len(W_hh)
    U_rz, U_n = W_hh[:, : 2 * H], W_hh[:, 2 * H :]
    x_rz, x_n = np.split(x @ W_xh + b_h, [2 * H], axis=1)
    r, z = np.split(sigmoid(x_rz + h_prev @ U_rz), 2, axis=1)
    n = np.tanh(x_n + (r * h_prev) @ U_n)
    return z * h_prev + (1 - z) * n


NEW = "return z * h_prev + (1 - z) * n"
# What can go wrong at the end of either form, and in its gates.
MIX = (
    ("z and 1 - z have changed places: h = z h_prev + (1 - z) n", NEW, "return (1 - z) * h_prev + z * n"),
    ("the candidate comes in whole: h = z h_prev + (1 - z) n", NEW, "return z * h_prev + n"),
    ("the old state is kept whole: h = z h_prev + (1 - z) n", NEW, "return h_prev + (1 - z) * n"),
    ("z weighs both: the candidate is weighed with 1 - z", NEW, "return z * h_prev + z * n"),
    ("the old state is missing: h = z h_prev + (1 - z) n", NEW, "return (1 - z) * n"),
    ("the candidate is missing: h = z h_prev + (1 - z) n", NEW, "return z * h_prev"),
    ("the candidate goes out as it is: z mixes it with the old state", NEW, "return n"),
    ("the candidate is subtracted: it is added", NEW, "return z * h_prev - (1 - z) * n"),
    ("r mixes old and new: that is what z is for", NEW, "return r * h_prev + (1 - r) * n"),
    ("tanh is taken of the new state: only the candidate has a tanh", NEW, "return np.tanh(z * h_prev + (1 - z) * n)"),
    ("the candidate takes the sigmoid: it takes tanh", "n = np.tanh(", "n = sigmoid("),
    ("the candidate has no tanh", "n = np.tanh(", "n = ("),
)  # fmt: skip

GRU_STEP = Exercise(
    name="gru_step",
    statement="Write one step of the GRU with the reset after the product, h = z h_prev + (1 - z) n.",
    reference=gru_step,
    shown=plain_step,  # the library's brings its pullback, which is another exercise
    case=lambda rng, N, D, H: _case(rng, N, D, H) | {"b_hn": rng.standard_normal(H)},
    results=("h",),
    hints=(
        "Keep the two shares apart: x W_xh + b_h, and h_prev W_hh. Split each in thirds, r, z, n.",
        "r and z are sigmoids of their two shares' sums. The candidate resets the state's share, after its product.",
        "n = tanh(x_n + r * (h_n + b_hn)), then h = z * h_prev + (1 - z) * n.",
    ),
    wrong=mutants(
        gru_step,
        *MIX,
        ("r and z have changed places: the order is r, z, n", "r, z, u = sigmoid(x_r + h_r), sigmoid(x_z + h_z)",
         "r, z, u = sigmoid(x_z + h_z), sigmoid(x_r + h_r)"),
        ("r takes tanh: a gate takes the sigmoid", "sigmoid(x_r + h_r)", "np.tanh(x_r + h_r)"),
        ("z takes tanh: a gate takes the sigmoid", "sigmoid(x_z + h_z)", "np.tanh(x_z + h_z)"),
        ("r does not see the state: both shares belong in", "sigmoid(x_r + h_r)", "sigmoid(x_r)"),
        ("z does not see the state: both shares belong in", "sigmoid(x_z + h_z)", "sigmoid(x_z)"),
        ("r does not see the input: both shares belong in", "sigmoid(x_r + h_r)", "sigmoid(h_r)"),
        ("z does not see the input: both shares belong in", "sigmoid(x_z + h_z)", "sigmoid(h_z)"),
        ("the reset is missing: the candidate hears r times the state's share", "x_n + r * u", "x_n + u"),
        ("the reset stands before the product: here it acts on the product, r (h_prev U_n + b_hn)", "h_n + b_hn",
         "(r_ := sigmoid(x_r + h_r)) * 0 + (r_ * h_prev) @ W_hh[:, -len(b_hn):] + b_hn", "x_n + r * u", "x_n + u"),
        ("b_hn stands outside the reset: r (h_prev U_n + b_hn)", "h_n + b_hn", "h_n", "r * u)", "r * u + b_hn)"),
        ("b_hn is added in the gates, too: it belongs to the candidate", "sigmoid(x_r + h_r), sigmoid(x_z + h_z)",
         "sigmoid(x_r + h_r + b_hn), sigmoid(x_z + h_z + b_hn)"),
        ("r is multiplied with h_prev, without U_n: r (h_prev U_n + b_hn)", "h_n + b_hn", "h_prev",
         "r * u)", "r * u + b_hn)"),
        ("b_hn is missing: r (h_prev U_n + b_hn)", "h_n + b_hn", "h_n"),
        ("the input's share is reset, too: r acts on the state's alone", "x_n + r * u", "r * (x_n + u)"),
        ("the input's share is missing in the candidate", "x_n + r * u", "r * u"),
        ("the state's share is missing in the candidate", "x_n + r * u", "x_n"),
        ("1 - r stands where r belongs", "x_n + r * u", "x_n + (1 - r) * u"),
        ("z resets: that is what r is for", "x_n + r * u", "x_n + z * u"),
        ("the thirds of the state's share are read in the order z, r, n: it is r, z, n",
         "h_r, h_z, h_n", "h_z, h_r, h_n"),
        ("the thirds of the input's share are read in the order z, r, n: it is r, z, n",
         "x_r, x_z, x_n", "x_z, x_r, x_n"),
        ("b_h is missing: it is added to the input's share", "x @ W_xh + b_h, 3", "x @ W_xh, 3"),
    ),
)  # fmt: skip

GRU_RESET_BEFORE_STEP = Exercise(
    name="gru_reset_before_step",
    statement="Write one step of the GRU with the reset before the product, n = tanh(x W_n + b_n + (r h_prev) U_n).",
    reference=gru_reset_before_step,
    shown=plain_reset_before_step,
    case=_case,
    results=("h",),
    hints=(
        "First r and z, from x and h_prev. Only then the candidate, because r goes into its product.",
        "W_hh's first two thirds are for r and z, its last, U_n, is for the candidate.",
        "n = tanh(x_n + (r * h_prev) @ U_n), then h = z * h_prev + (1 - z) * n.",
    ),
    wrong=mutants(
        gru_reset_before_step,
        *MIX,
        ("the reset stands after the product: here it acts on the state, (r h_prev) U_n", "(r * h_prev) @ U_n",
         "r * (h_prev @ U_n)"),
        ("the reset is missing: (r h_prev) U_n", "(r * h_prev) @ U_n", "h_prev @ U_n"),
        ("1 - r stands where r belongs", "(r * h_prev) @ U_n", "((1 - r) * h_prev) @ U_n"),
        ("z resets: that is what r is for", "(r * h_prev) @ U_n", "(z * h_prev) @ U_n"),
        ("z, too, hears r h_prev: the reset is for the candidate alone", "x_n + (r * h_prev) @ U_n)",
         "x_n + (r * h_prev) @ U_n)\n    z = sigmoid(x_rz[:, H:] + (r * h_prev) @ U_rz[:, H:])"),
        ("the candidate hears h_prev, and r h_prev as well: it hears r h_prev alone", "(r * h_prev) @ U_n",
         "(h_prev + r * h_prev) @ U_n"),
        ("the mixture takes r h_prev: z weighs h_prev itself", NEW, "return z * (r * h_prev) + (1 - z) * n"),
        ("U_n is missing: r h_prev is added as it is", "(r * h_prev) @ U_n", "r * h_prev"),
        ("the input's share is reset, too: r acts on the state's alone", "x_n + (r", "r * x_n + (r"),
        ("the input's share is missing in the candidate", "x_n + (r", "(r"),
        ("the state's share is missing in the candidate", "x_n + (r * h_prev) @ U_n", "x_n"),
        ("r and z have changed places: the order is r, z, n", "r, z = np.split", "z, r = np.split"),
        ("the gates take tanh: they take the sigmoid", "np.split(sigmoid(", "np.split(np.tanh("),
        ("the gates do not see the state", "x_rz + h_prev @ U_rz", "x_rz"),
        ("the gates do not see the input", "x_rz + h_prev @ U_rz", "h_prev @ U_rz"),
        *drop_summands("to the input's share", b_h="+ b_h"),
        *transpose_weights("(r * h_prev) @ U_n"),
    ),
)  # fmt: skip


def gru_step_backward(dh, x, h_prev, r, z, n, u, W_xh, W_hh):
    """One step back, reset after; u = h_prev U_n + b_hn: dh (N, H) -> dx, dh_prev, dW_xh, dW_hh, db_h, db_hn"""
    dn = dh * (1 - z) * (1 - n**2)
    dr, dz = dn * u * r * (1 - r), dh * (h_prev - n) * z * (1 - z)
    dx_side, dh_side = np.concatenate([dr, dz, dn], axis=1), np.concatenate([dr, dz, dn * r], axis=1)
    dh_prev = dh_side @ W_hh.T + dh * z
    return dx_side @ W_xh.T, dh_prev, x.T @ dx_side, h_prev.T @ dh_side, dx_side.sum(0), (dn * r).sum(0)


def _after_case(rng, N, D, H):
    a = _case(rng, N, D, H)
    x_r, x_z, x_n = np.split(a["x"] @ a["W_xh"] + a["b_h"], 3, axis=1)
    h_r, h_z, h_n = np.split(a["h_prev"] @ a["W_hh"], 3, axis=1)
    r, z, u = sigmoid(x_r + h_r), sigmoid(x_z + h_z), h_n + rng.standard_normal(H)
    gates = {"r": r, "z": z, "n": np.tanh(x_n + r * u), "u": u}
    return {"dh": rng.standard_normal((N, H)), "x": a["x"], "h_prev": a["h_prev"]} | gates | {
        "W_xh": a["W_xh"], "W_hh": a["W_hh"]}  # fmt: skip


# What can go wrong on the way back in either form.
BACK = (
    *turn_and_drop(dn="dh * (1 - z) * (1 - n**2)"),
    ("dn lacks 1 - z, by which the candidate was weighed", "dh * (1 - z) * (1 - n**2)", "dh * (1 - n**2)"),
    ("dn takes z: the candidate was weighed with 1 - z", "dh * (1 - z) * (1 - n**2)", "dh * z * (1 - n**2)"),
    ("dn lacks tanh's slope, 1 - n^2", "(1 - z) * (1 - n**2)", "(1 - z)"),
    ("dn takes n (1 - n), the sigmoid's slope: n is a tanh, 1 - n^2", "* (1 - n**2)", "* n * (1 - n)"),
    ("dn takes 1 - n, without the square: it takes 1 - n^2", "1 - n**2", "1 - n"),
    ("dz takes n - h_prev, as if z were 1 - z: h = z h_prev + (1 - z) n gives h_prev - n",
     "(h_prev - n)", "(n - h_prev)"),
    ("dz lacks n: h_prev - n is what z decides between", "(h_prev - n)", "h_prev"),
    ("dz lacks h_prev: h_prev - n is what z decides between", "(h_prev - n)", "-n"),
    ("dz lacks the slope of its sigmoid, z (1 - z)", " * z * (1 - z)\n", "\n"),
    ("dz takes tanh's slope: z is a sigmoid, z (1 - z)", " * z * (1 - z)\n", " * (1 - z**2)\n"),
    ("dr lacks the slope of its sigmoid, r (1 - r)", " * r * (1 - r),", ","),
    ("dr takes tanh's slope: r is a sigmoid, r (1 - r)", " * r * (1 - r),", " * (1 - r**2),"),
    ("both gates take tanh's slope: they are sigmoids, r (1 - r) and z (1 - z)", " * r * (1 - r),", " * (1 - r**2),",
     " * z * (1 - z)\n", " * (1 - z**2)\n"),
    ("dh_prev lacks dh z, the way past the gates", "dh * z", "0 * dh"),
    ("dh_prev takes dh (1 - z) past the gates: the old state was weighed with z", "dh * z", "dh * (1 - z)"),
    ("dh_prev takes all of dh past the gates: the old state was weighed with z", "dh * z", "dh"),
)  # fmt: skip
GRU_STEP_BACKWARD = Exercise(
    name="gru_step_backward",
    statement="Write one step back of the GRU with the reset after the product, where u = h_prev U_n + b_hn.",
    reference=gru_step_backward,
    case=_after_case,
    results=("dx", "dh_prev", "dW_xh", "dW_hh", "db_h", "db_hn"),
    hints=(
        "Start from h = z h_prev + (1 - z) n: it gives dn, dz, and a part of dh_prev that goes past the gates.",
        "The candidate heard x_n as it is, and u through r. So the input's side takes dn, the state's side dn r.",
        "dn = dh (1 - z)(1 - n^2), dr = dn u r (1 - r), dz = dh (h_prev - n) z (1 - z); dx_side = [dr, dz, dn], "
        "dh_side = [dr, dz, dn r]; dh_prev = dh_side @ W_hh.T + dh z.",
    ),
    wrong=mutants(
        gru_step_backward,
        *BACK,
        ("dr lacks u: r was multiplied with u", "dn * u * r", "dn * r"),
        ("dr takes h_prev: r was multiplied with u = h_prev U_n + b_hn", "dn * u", "dn * h_prev"),
        ("dr takes h_prev U_n without b_hn: r was multiplied with u, which holds both", "dn * u",
         "dn * (h_prev @ W_hh[:, 2 * n.shape[1] :])"),
        ("dr is made of dh: it is made of dn, because r acts within the candidate", "dr, dz = dn *", "dr, dz = dh *"),
        ("the state's side takes dn: it takes dn r, because the candidate heard u through r", "[dr, dz, dn * r]",
         "[dr, dz, dn]"),
        ("the input's side takes dn r: it takes dn, because the reset acts on the state's share alone", "[dr, dz, dn]",
         "[dr, dz, dn * r]"),
        ("dz is zero: the update gate learns, too", "dh * (h_prev", "0 * (h_prev"),
        ("the thirds stand in the order z, r, n: it is r, z, n", "[dr, dz, dn]", "[dz, dr, dn]", "[dr, dz, dn * r]",
         "[dz, dr, dn * r]"),
        ("dh_prev lacks the way through the gates and the candidate", "dh_side @ W_hh.T + dh * z", "dh * z"),
        ("db_hn takes dn: b_hn stands inside the reset, so it is dn r", "(dn * r).sum(0)", "dn.sum(0)"),
        ("db_h takes the state's side: b_h stands on the input's", "dx_side.sum(0)", "dh_side.sum(0)"),
        ("in dh_prev, W_hh is not transposed: dh_side @ W_hh.T", "W_hh.T", "W_hh"),
        ("z and 1 - z have changed places all the way: h = z h_prev + (1 - z) n", "dh * (1 - z) *", "dh * z *",
         "(h_prev - n)", "(n - h_prev)", "+ dh * z", "+ dh * (1 - z)"),
        ("dh_prev lacks the way through the gates: they heard h_prev, too", "dh_side @ W_hh.T",
         "(dn * r) @ W_hh[:, 2 * n.shape[1] :].T"),
        ("dW_hh takes r h_prev, as with the reset before the product: it takes h_prev", "h_prev.T @ dh_side",
         "(r * h_prev).T @ dh_side"),
        ("dW_hh takes the input's side", "h_prev.T @ dh_side", "h_prev.T @ dx_side"),
        ("dW_xh takes the state's side", "x.T @ dx_side", "x.T @ dh_side"),
        ("dW_hh takes x where h_prev belongs", "h_prev.T @ dh_side", "x.T @ dh_side"),
        ("dW_xh takes h_prev where x belongs", "x.T @ dx_side", "h_prev.T @ dx_side"),
        *turn_and_drop(dr="dn * u * r * (1 - r)", dh_prev="dh_side @ W_hh.T + dh * z"),
        *slip_gradients(dx="dx_side @ W_xh.T", dW_xh="x.T @ dx_side", dW_hh="h_prev.T @ dh_side", db_h="dx_side.sum(0)",
                        db_hn="(dn * r).sum(0)"),
    ),
)  # fmt: skip


def gru_reset_before_step_backward(dh, x, h_prev, r, z, n, W_xh, W_hh):
    """One step back, reset before: dh (N, H) -> dx, dh_prev, dW_xh, dW_hh, db_h"""
    U_r, U_z, U_n = np.split(W_hh, 3, axis=1)
    dn = dh * (1 - z) * (1 - n**2)
    drh = dn @ U_n.T
    dr, dz = drh * h_prev * r * (1 - r), dh * (h_prev - n) * z * (1 - z)
    d = np.concatenate([dr, dz, dn], axis=1)
    dh_prev = dh * z + drh * r + dr @ U_r.T + dz @ U_z.T
    dW_hh = np.concatenate([h_prev.T @ dr, h_prev.T @ dz, (r * h_prev).T @ dn], axis=1)
    return d @ W_xh.T, dh_prev, x.T @ d, dW_hh, d.sum(0)


def _before_case(rng, N, D, H):
    a = _case(rng, N, D, H)
    U_rz, U_n = a["W_hh"][:, : 2 * H], a["W_hh"][:, 2 * H :]
    x_rz, x_n = np.split(a["x"] @ a["W_xh"] + a["b_h"], [2 * H], axis=1)
    r, z = np.split(sigmoid(x_rz + a["h_prev"] @ U_rz), 2, axis=1)
    gates = {"r": r, "z": z, "n": np.tanh(x_n + (r * a["h_prev"]) @ U_n)}
    return {"dh": rng.standard_normal((N, H)), "x": a["x"], "h_prev": a["h_prev"]} | gates | {
        "W_xh": a["W_xh"], "W_hh": a["W_hh"]}  # fmt: skip


GRU_RESET_BEFORE_STEP_BACKWARD = Exercise(
    name="gru_reset_before_step_backward",
    statement="Write one step back of the GRU with the reset before the product.",
    reference=gru_reset_before_step_backward,
    case=_before_case,
    results=("dx", "dh_prev", "dW_xh", "dW_hh", "db_h"),
    hints=(
        "Give r h_prev a name, rh. First the gradient of rh, from the candidate; then that of its two factors.",
        "drh = dn @ U_n.T; then dr takes drh h_prev, and dh_prev takes drh r.",
        "dh_prev has four parts: dh z, drh r, dr @ U_r.T, dz @ U_z.T. The last third of dW_hh is (r h_prev).T @ dn.",
    ),
    wrong=mutants(
        gru_reset_before_step_backward,
        *BACK,
        ("drh lacks the transpose: dn @ U_n.T", "dn @ U_n.T", "dn @ U_n"),
        ("drh lacks U_n: dn @ U_n.T", "dn @ U_n.T", "dn"),
        ("dr takes dn: r acts before the product, so it is drh h_prev", "drh * h_prev", "dn * h_prev"),
        ("dr lacks h_prev: r was multiplied with it", "drh * h_prev * r", "drh * r"),
        ("dh_prev takes drh without r: h_prev was multiplied with r", "drh * r +", "drh +"),
        ("dh_prev lacks drh r, the way through the candidate", " + drh * r", ""),
        ("the way back is that of the reset after the product: here r acts on h_prev, before it", "drh = dn @ U_n.T",
         "drh = (dn * r) @ U_n.T", "drh * h_prev * r", "dn * (h_prev @ U_n) * r", "+ drh * r +", "+ drh +",
         "(r * h_prev).T @ dn", "h_prev.T @ (dn * r)"),
        ("dh_prev lacks the way through the gates: they heard h_prev, too", " + dr @ U_r.T + dz @ U_z.T", ""),
        ("z and 1 - z have changed places all the way: h = z h_prev + (1 - z) n", "dh * (1 - z) *", "dh * z *",
         "(h_prev - n)", "(n - h_prev)", "= dh * z +", "= dh * (1 - z) +"),
        ("dh_prev lacks dr U_r^T, the way through the reset gate", " + dr @ U_r.T", ""),
        ("dh_prev lacks dz U_z^T, the way through the update gate", " + dz @ U_z.T", ""),
        ("the last third of dW_hh takes h_prev: r h_prev went into that product", "(r * h_prev).T @ dn",
         "h_prev.T @ dn"),
        ("the last third of dW_hh takes dn r, as with the reset after the product: it is (r h_prev).T @ dn",
         "(r * h_prev).T @ dn", "h_prev.T @ (dn * r)"),
        ("all of dW_hh takes r h_prev: the gates heard h_prev itself", "[h_prev.T @ dr, h_prev.T @ dz,",
         "[(r * h_prev).T @ dr, (r * h_prev).T @ dz,"),
        ("the thirds stand in the order z, r, n: it is r, z, n", "[dr, dz, dn]", "[dz, dr, dn]"),
        ("dW_xh takes h_prev where x belongs", "x.T @ d,", "h_prev.T @ d,"),
        ("dz is zero: the update gate learns, too", "dh * (h_prev - n) * z * (1 - z)", "0 * dh"),
        *turn_and_drop(dr="drh * h_prev * r * (1 - r)", dh_prev="dh * z + drh * r + dr @ U_r.T + dz @ U_z.T",
                       dW_hh="np.concatenate([h_prev.T @ dr, h_prev.T @ dz, (r * h_prev).T @ dn], axis=1)"),
        *slip_gradients(dx="d @ W_xh.T", dW_xh="x.T @ d", db_h="d.sum(0)"),
    ),
)  # fmt: skip

EXERCISES = GRU_STEP, GRU_STEP_BACKWARD, GRU_RESET_BEFORE_STEP, GRU_RESET_BEFORE_STEP_BACKWARD
