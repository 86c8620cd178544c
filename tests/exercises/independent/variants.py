"""Answers to the exercises of lesson 12, written without the banks: what it is, the answer, what must be said."""

import numpy as np


def sigma(z):
    return 1 / (1 + np.exp(-z))


def masked(hears=lambda speaks, listens: speaks >= listens, spread=lambda periods, width: np.repeat(periods, width)):
    def answer(periods, width):
        of = spread(periods, width)
        return np.array([[float(hears(j, i)) for i in of] for j in of])

    return answer


def mask_by_blocks(periods, width):
    """Block by block: ones from the diagonal down."""
    blocks = len(periods)
    mask = np.zeros((blocks * width, blocks * width))
    for k in range(blocks):
        mask[k * width :, k * width : (k + 1) * width] = 1
    return mask


def new_cell(d, f, i, g, below, before):
    return d * below + f * before + i * g


def gate(d_of=sigma, cell=new_cell, out=lambda o, c: o * np.tanh(c), order="ifog", peephole=lambda w, c: w * c):
    def answer(x, c_below, h_prev, c_prev, W_xh, W_hh, b_h, W_xd, w_cd, w_ld, b_d):
        z = dict(zip(order, np.split(x @ W_xh + h_prev @ W_hh + b_h, 4, axis=-1)))
        d = d_of(x @ W_xd + peephole(w_cd, c_prev) + peephole(w_ld, c_below) + b_d)
        c = cell(d, sigma(z["f"]), sigma(z["i"]), np.tanh(z["g"]), c_below, c_prev)
        return out(sigma(z["o"]), c), c

    return answer


def slices_in_a_loop(read, xs, n):
    """One slice after the other; it reads more than once, and the numbers are right."""
    return np.stack([read(xs[s : s + n]) for s in range(0, len(xs), n)])


def by_columns(read, xs, n):
    """Slices as columns, by stacking."""
    T, N, _ = xs.shape
    starts = range(0, T, n)
    pieces = np.concatenate([xs[s : s + n] for s in starts], axis=1)
    return read(pieces).reshape(len(starts), N, -1)


def by_sequences(read, xs, n):
    """The slices of the first sequence, then those of the second; read back as slice by slice."""
    T, N, D = xs.shape
    pieces = xs.transpose(1, 0, 2).reshape(N * (T // n), n, D)
    return read(pieces.transpose(1, 0, 2)).reshape(T // n, N, -1)


def every_nth(read, xs, n):
    T, N, D = xs.shape
    return read(xs.reshape(n, T // n * N, D)).reshape(T // n, N, -1)


def flattened(read, xs, n):
    return by_columns(read, xs, n).reshape(-1, by_columns(read, xs, n).shape[-1])


def turned(read, xs, n):
    return by_columns(read, xs, n).transpose(1, 0, 2)


def carried(read, xs, n):
    """Each slice knows all before it."""
    return np.stack([read(xs[: s + n]) for s in range(0, len(xs), n)])


def one_pass(of_a=lambda late, early: late * early, of_b=lambda late_a, early_a, late, early: late_a * early + late,
             keep=True, far=lambda reach: reach):  # fmt: skip
    def answer(a, b, reach):
        new_a, new_b, back = a.copy(), b.copy(), far(reach)
        for t in range(len(a)):
            if t >= back:
                new_a[t] = of_a(a[t], a[t - back])
                new_b[t] = of_b(a[t], a[t - back], b[t], b[t - back])
            elif not keep:
                new_a[t], new_b[t] = 0, 0
        return new_a, new_b

    return answer


def in_place(a, b, reach):
    """From the last step down, so that nothing is read after it was written; but the arguments are written into."""
    for t in reversed(range(reach, len(a))):
        b[t] += a[t] * b[t - reach]
        a[t] *= a[t - reach]
    return a, b


def running(a, b, reach):
    """From the first step up, in the new arrays: it reads what it has just written."""
    a, b = a.copy(), b.copy()
    for t in range(reach, len(a)):
        b[t] += a[t] * b[t - reach]
        a[t] *= a[t - reach]
    return a, b


def in_pairs(a, b, reach):
    """Every second step takes in the one before it."""
    a, b = a.copy(), b.copy()
    later, earlier = slice(reach, None, 2 * reach), slice(None, -reach, 2 * reach)
    b[later], a[later] = a[later] * b[earlier] + b[later], a[later] * a[earlier]
    return a, b


def neighbours(a, b, reach):
    """As in the tree: two by two, and half of them is left."""
    pairs = [(a[t + 1] * a[t], a[t + 1] * b[t] + b[t + 1]) for t in range(0, len(a) - 1, 2)]
    return np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs])


RIGHT = {
    "clock_mask": [("element by element", masked()), ("block by block", mask_by_blocks)],
    "depth_gate": [("from parts", gate())],
    "slice_and_join": [("by columns", by_columns)],
    "scan_step": [("step by step", one_pass())],
}
WRONG = {
    "clock_mask": [
        ("fast to slow", masked(lambda speaks, listens: speaks <= listens), "from fast to slow"),
        ("without its own", masked(lambda speaks, listens: speaks > listens), "does not hear its own block"),
        ("everyone", masked(lambda speaks, listens: True), "all are heard"),
        ("a tile", masked(spread=lambda periods, width: np.tile(periods, width)), "take turns"),
        ("no repeat", masked(spread=lambda periods, width: periods), "a row for each block"),
        ("transposed at the end", lambda periods, width: mask_by_blocks(periods, width).T, "as in the transpose"),
    ],
    "depth_gate": [
        ("no sigmoid", gate(d_of=lambda z: z), "d has no sigmoid"),
        ("no cell below", gate(cell=lambda d, f, i, g, below, before: f * before + i * g), "cell below is left out"),
        ("1 - d", gate(cell=lambda d, f, i, g, below, before: (1 - d) * below + f * before + i * g), "1 - d"),
        ("coupled", gate(cell=lambda d, f, i, g, below, before: d * below + (1 - i) * before + i * g), "1 - i"),
        ("keras order", gate(order="ifgo"), "i, f, g, o"),
        ("no tanh at the end", gate(out=lambda o, c: o * c), "the cell itself"),
        ("peepholes by @", gate(peephole=lambda w, c: c @ w), "*, not @"),
        ("peepholes left out", gate(peephole=lambda w, c: 0 * c), "w_cd and w_ld have no part in it"),
    ],
    "slice_and_join": [
        ("reshape alone", every_nth, "neighbours belong together"),
        ("flattened", flattened, ""),
        ("turned", turned, ""),
        ("carried", carried, "begins at the state 0"),
        ("in a loop", slices_in_a_loop, "times: once is asked"),
        ("by sequences", by_sequences, "sequence by sequence"),
    ],
    "scan_step": [
        ("the earlier a", one_pass(of_b=lambda late_a, early_a, late, early: early_a * early + late), "the earlier a"),
        ("the order turned", one_pass(of_b=lambda late_a, early_a, late, early: early_a * late + early), "later b"),
        ("sums", one_pass(of_a=lambda late, early: late + early), "they are multiplied"),
        ("zeros first", one_pass(keep=False), "they stay as they were"),
        ("one back", one_pass(far=lambda reach: 1), "right before it"),
        ("in place", in_place, "writes into"),
        ("a running product", running, "has just written"),
        ("in pairs", in_pairs, "as in the tree"),
        ("pairs of neighbours", neighbours, "as in the tree"),
    ],
}
