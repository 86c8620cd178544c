"""A GRU's weights from another library: the order of the blocks, and which bias stays inside the reset."""

import numpy as np

from unrolled.exercises.exercise import Exercise
from unrolled.exercises.mistakes import mutants


def gru_from_keras(kernel, recurrent_kernel, bias):
    """kernel (D, 3H), recurrent_kernel (H, 3H) and bias (2, 3H), in the order z, r, n -> W_xh, W_hh, b_h, b_hn"""

    def reorder(W):
        z, r, n = np.split(W, 3, axis=-1)
        return np.concatenate([r, z, n], axis=-1)

    H = len(recurrent_kernel)
    b_in, b_rec = reorder(bias)
    b_h = b_in + np.concatenate([b_rec[: 2 * H], np.zeros(H)])
    return reorder(kernel), reorder(recurrent_kernel), b_h, b_rec[2 * H :]


GRU_FROM_KERAS = Exercise(
    name="gru_from_keras",
    statement="Make W_xh, W_hh, b_h and b_hn of Keras's arrays: order z, r, n, one bias for x and one for h.",
    reference=gru_from_keras,
    case=lambda rng, N, D, H: {
        "kernel": rng.standard_normal((D, 3 * H)), "recurrent_kernel": rng.standard_normal((H, 3 * H)),
        "bias": rng.standard_normal((2, 3 * H)),
    },
    results=("W_xh", "W_hh", "b_h", "b_hn"),
    hints=(
        "Two things differ: the order of the thirds, z, r, n there and r, z, n here; and the number of biases.",
        "In r and z the two biases are simply added. In n they cannot be: the reset scales the state's bias alone.",
        "b_h is the input's bias, plus the r and z thirds of the state's; b_hn is the n third of the state's.",
    ),
    wrong=mutants(
        gru_from_keras,
        ("the thirds stand as they were, z, r, n: here the order is r, z, n", "[r, z, n]", "[z, r, n]"),
        ("the thirds stand in the order r, n, z: here it is r, z, n", "[r, z, n]", "[r, n, z]"),
        ("the thirds stand in the order n, z, r: here it is r, z, n", "[r, z, n]", "[n, z, r]"),
        ("the thirds stand in the order n, r, z: here it is r, z, n", "[r, z, n]", "[n, r, z]"),
        ("z has its sign turned: Keras's z keeps the old state, as ours does", "[r, z, n]", "[r, -z, n]"),
        ("W_xh stands as it was, z, r, n: its thirds change places, too", "return reorder(kernel)", "return kernel"),
        ("W_hh stands as it was, z, r, n: its thirds change places, too", "reorder(recurrent_kernel), b_h",
         "recurrent_kernel, b_h"),
        ("both matrices stand as they were, z, r, n: their thirds change places, too",
         "return reorder(kernel), reorder(recurrent_kernel)", "return kernel, recurrent_kernel"),
        ("the biases stand as they were, z, r, n: their thirds change places, too", "reorder(bias)", "bias"),
        ("W_xh stands transposed: Keras's kernel is (D, 3H), as ours is", "return reorder(kernel)",
         "return reorder(kernel).T"),
        ("W_hh stands transposed: Keras's recurrent kernel is (H, 3H), as ours is", "reorder(recurrent_kernel), b_h",
         "reorder(recurrent_kernel).T, b_h"),
        ("b_h lacks the state's bias of r and z: in the gates the two are added",
         " + np.concatenate([b_rec[: 2 * H], np.zeros(H)])", ""),
        ("b_h has the state's bias of n, too: the reset scales that one, so it is b_hn alone",
         "np.concatenate([b_rec[: 2 * H], np.zeros(H)])", "b_rec"),
        ("b_h has the state's bias of n, and b_hn is zero: r scales it, so it cannot stand outside",
         "np.concatenate([b_rec[: 2 * H], np.zeros(H)])", "b_rec", "b_rec[2 * H :]", "0 * b_rec[2 * H :]"),
        ("b_hn is zero: it is the state's bias of n", "b_h, b_rec[2 * H :]", "b_h, 0 * b_rec[2 * H :]"),
        ("b_hn is the input's bias of n: it is the state's", "b_h, b_rec[2 * H :]", "b_h, b_in[2 * H :]"),
        ("b_hn has both biases of n: it is the state's alone", "b_h, b_rec[2 * H :]", "b_h, (b_in + b_rec)[2 * H :]"),
        ("b_hn is all of the state's bias, (3H,): it is its third of n, (H,)", "b_h, b_rec[2 * H :]", "b_h, b_rec"),
        ("the input's bias and the state's have changed places: the input's comes first", "b_in, b_rec = reorder",
         "b_rec, b_in = reorder"),
        ("the input's bias of n is missing in b_h", "b_h = b_in +",
         "b_h = np.concatenate([b_in[: 2 * H], np.zeros(H)]) +"),
        ("the biases are averaged: they are added", "b_h = b_in + np.concatenate([b_rec[: 2 * H], np.zeros(H)])",
         "b_h = np.concatenate([(b_in + b_rec)[: 2 * H] / 2, b_in[2 * H :]])"),
    ),
)  # fmt: skip

EXERCISES = (GRU_FROM_KERAS,)
