"""Answers to the exercises of the gated cells, written without the banks: what it is, the answer, what must be said."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def lstm(
    order="ifog", gate=sigmoid, cell=lambda i, f, g, c: f * c + i * g, show=lambda o, c, i, f: o * np.tanh(c), shift=0.0
):
    def answer(x, h_prev, c_prev, W_xh, W_hh, b_h):
        z = dict(zip(order, np.split(x @ W_xh + h_prev @ W_hh + b_h, 4, axis=1)))
        i, f, o, g = gate(z["i"]), gate(z["f"] + shift), gate(z["o"]), np.tanh(z["g"])
        c = cell(i, f, g, c_prev)
        return show(o, c, i, f), c

    return answer


def lstm_back(
    join=lambda dc, dh, o, tanh_c: dc + dh * o * (1 - tanh_c * tanh_c),
    parts=lambda quarters, *known: quarters,
    end=lambda *made: made,
):
    """parts: the quarters of dz from (quarters, dcell, dh, i, f, o, g, c_prev, tanh_c)."""

    def answer(dh, dc, x, h_prev, c_prev, i, f, o, g, tanh_c, W_xh, W_hh):
        dcell = join(dc, dh, o, tanh_c)
        di, df = dcell * g * i * (1 - i), dcell * c_prev * f * (1 - f)
        do, dg = dh * tanh_c * o * (1 - o), dcell * i * (1 - g * g)
        dz = np.hstack(parts([di, df, do, dg], dcell, dh, i, f, o, g, c_prev, tanh_c))
        return end(dz @ W_xh.T, dz @ W_hh.T, dcell * f, x.T @ dz, h_prev.T @ dz, dz.sum(0))

    return answer


def along(
    step=None, begin=lambda h0, c0: (h0, c0), end=lambda hs, cs: (np.array(hs), np.array(cs)), read=lambda xs: xs
):
    def answer(xs, h0, c0, W_xh, W_hh, b_h):
        (h, c), hs, cs = begin(h0, c0), [], []
        for x in read(xs):
            h, c = (step or lstm())(x, h, c, W_xh, W_hh, b_h)
            hs, cs = [*hs, h], [*cs, c]
        return end(hs, cs)

    return answer


def along_back(back=None, carry=lambda dh, dc: (dh, dc), before=lambda h0, hs: [h0, *hs[:-1]], add=np.sum):
    def answer(dhs, xs, h0, c0, hs, cs, i, f, o, g, W_xh, W_hh):
        dh, dc, made = 0 * h0, 0 * c0, []
        steps = list(zip(dhs, xs, before(h0, hs), [c0, *cs[:-1]], i, f, o, g, np.tanh(cs)))
        for d, *known in steps[::-1]:
            dh, dc = carry(dh, dc)
            dx, dh, dc, *dW = (back or lstm_back())(d + dh, dc, *known, W_xh, W_hh)
            made = [(dx, *dW), *made]
        dxs, *dW = zip(*made)
        return np.array(dxs), dh, dc, *(add(np.array(part), axis=0) for part in dW)

    return answer


def gru(
    mix=lambda z, old, new: z * old + (1 - z) * new,
    candidate=lambda of_x, of_h, r, b_hn: np.tanh(of_x + r * (of_h + b_hn)),
    gate=sigmoid,
):
    def answer(x, h_prev, W_xh, W_hh, b_h, b_hn):
        of_x, of_h = np.split(x @ W_xh + b_h, 3, axis=1), np.split(h_prev @ W_hh, 3, axis=1)
        r, z = gate(of_x[0] + of_h[0]), gate(of_x[1] + of_h[1])
        return mix(z, h_prev, candidate(of_x[2], of_h[2], r, b_hn))

    return answer


def before(mix=lambda z, old, new: z * old + (1 - z) * new, reset=lambda r, h, U_n: (r * h) @ U_n, squash=np.tanh):
    def answer(x, h_prev, W_xh, W_hh, b_h):
        of_x, (U_r, U_z, U_n) = np.split(x @ W_xh + b_h, 3, axis=1), np.split(W_hh, 3, axis=1)
        r, z = sigmoid(of_x[0] + h_prev @ U_r), sigmoid(of_x[1] + h_prev @ U_z)
        return mix(z, h_prev, squash(of_x[2] + reset(r, h_prev, U_n)))

    return answer


def gru_back(
    past=lambda dh, z: dh * z, slopes=lambda r, z, n: (r * (1 - r), z * (1 - z), 1 - n * n), end=lambda *made: made
):
    def answer(dh, x, h_prev, r, z, n, u, W_xh, W_hh):
        slope_r, slope_z, slope_n = slopes(r, z, n)
        dn = dh * (1 - z) * slope_n
        dr, dz = dn * u * slope_r, dh * (h_prev - n) * slope_z
        x_side, h_side = np.hstack([dr, dz, dn]), np.hstack([dr, dz, dn * r])
        dh_prev = h_side @ W_hh.T + past(dh, z)
        return end(x_side @ W_xh.T, dh_prev, x.T @ x_side, h_prev.T @ h_side, x_side.sum(0), (dn * r).sum(0))

    return answer


def before_back(
    past=lambda dh, z: dh * z, through=lambda dreset, r: dreset * r, last=lambda r, h: r * h, end=lambda *made: made
):
    """through: from the gradient of r * h_prev to that of h_prev; last: what U_n was multiplied by."""

    def answer(dh, x, h_prev, r, z, n, W_xh, W_hh):
        U_r, U_z, U_n = np.split(W_hh, 3, axis=1)
        dn = dh * (1 - z) * (1 - n * n)
        dreset = dn @ U_n.T
        dr, dz = dreset * h_prev * r * (1 - r), dh * (h_prev - n) * z * (1 - z)
        dall = np.hstack([dr, dz, dn])
        dh_prev = past(dh, z) + through(dreset, r) + dr @ U_r.T + dz @ U_z.T
        dW_hh = np.hstack([h_prev.T @ dr, h_prev.T @ dz, last(r, h_prev).T @ dn])
        return end(dall @ W_xh.T, dh_prev, x.T @ dall, dW_hh, dall.sum(0))

    return answer


def keras(
    order=(1, 0, 2),
    split=lambda of_x, of_h, H: (of_x + of_h * (np.arange(3 * H) < 2 * H), of_h[-H:]),
    end=lambda *made: made,
):
    """order: which of Keras's blocks z, r, n goes first, second, third; split: b_h and b_hn of the two biases."""

    def answer(kernel, recurrent_kernel, bias):
        H = recurrent_kernel.shape[0]
        columns = np.concatenate([np.arange(H) + k * H for k in order])
        of_x, of_h = bias[:, columns]
        return end(kernel[:, columns], recurrent_kernel[:, columns], *split(of_x, of_h, H))

    return answer


WRONG = {
    "lstm_step": [
        ("a hard gate", lstm(gate=lambda z: np.clip(0.2 * z + 0.5, 0, 1)), ""),
        ("order f, o, i, g", lstm(order="foig"), "order"),
        ("the candidate is subtracted", lstm(cell=lambda i, f, g, c: f * c - i * g), "subtracted"),
        ("1 is added for the forget gate", lstm(shift=1.0), "+ 1"),
        (
            "the cell is squeezed before it is kept",
            lstm(cell=lambda i, f, g, c: np.tanh(f * c + i * g)),
            "tanh is taken of the cell",
        ),
        ("i and f are added", lstm(cell=lambda i, f, g, c: (f + i) * (c + g)), ""),
        ("h shows the cell twice", lstm(show=lambda o, c, i, f: 2 * o * np.tanh(c)), "twice"),
        ("every gate is 1 minus itself", lstm(gate=lambda z: 1 - sigmoid(z)), "every `sigmoid(z)`"),
        (
            "two: order g, i, f, o and no output gate",
            lstm(order="gifo", show=lambda o, c, i, f: np.tanh(c)),
            "output gate",
        ),
    ],
    "lstm_step_backward": [
        (
            "dc's own part halved",
            lstm_back(join=lambda dc, dh, o, tanh_c: dc / 2 + dh * o * (1 - tanh_c * tanh_c)),
            "dc counts half",
        ),
        (
            "o's part left out",
            lstm_back(parts=lambda quarters, *_: [*quarters[:2], 0 * quarters[2], quarters[3]]),
            "do is zero",
        ),
        (
            "g's part with the gate's slope",
            lstm_back(parts=lambda quarters, dcell, dh, i, *_: [*quarters[:3], dcell * i * i * (1 - i)]),
            "i",
        ),
        (
            "f's slope is f alone",
            lstm_back(
                parts=lambda quarters, dcell, dh, i, f, o, g, c_prev, _: [
                    quarters[0],
                    dcell * c_prev * f,
                    *quarters[2:],
                ]
            ),
            "df * f",
        ),
        (
            "dW_hh the mean",
            lstm_back(end=lambda *made: (*made[:4], made[4] / len(made[0]), made[5])),
            "dW_hh takes the mean",
        ),
        ("dc_prev twice", lstm_back(end=lambda *made: (made[0], made[1], 2 * made[2], *made[3:])), "twice"),
        (
            "dW_xh's forget quarter is zero",
            lstm_back(
                end=lambda *made: (
                    *made[:3],
                    np.hstack([dW * (k != 1) for k, dW in enumerate(np.split(made[3], 4, axis=1))]),
                    *made[4:],
                )
            ),
            "quarter of f",
        ),
        (
            "order o, f, i, g",
            lstm_back(parts=lambda quarters, *_: [quarters[k] for k in (2, 1, 0, 3)]),
            "do * o * (1 - o)",
        ),
    ],
    "lstm_forward": [
        ("the cell is not carried", along(lambda x, h, c, *w: lstm()(x, h, 0 * c, *w)), ""),
        ("from the end", along(read=lambda xs: xs[::-1]), "from its end"),
        ("h and c change places", along(end=lambda hs, cs: (np.array(cs), np.array(hs))), "changed places"),
        ("the last states", along(end=lambda hs, cs: (hs[-1], cs[-1])), ""),
        ("no forget gate", along(lstm(cell=lambda i, f, g, c: c + i * g)), "forget gate is missing"),
        ("from ones", along(begin=lambda h0, c0: (0 * h0 + 1, c0)), ""),
        ("the input gate halved", along(lstm(cell=lambda i, f, g, c: f * c + i * g / 2)), ""),
    ],
    "lstm_backward": [
        ("no dh from the next step", along_back(carry=lambda dh, dc: (0 * dh, dc)), "dh from the step after is lost"),
        ("no dc from the next step", along_back(carry=lambda dh, dc: (dh, 0 * dc)), "dc from the step after is lost"),
        ("hs for the state before", along_back(before=lambda h0, hs: list(hs)), "the state before"),
        ("a mean over steps", along_back(add=np.mean), "mean over the steps"),
        ("half of dc", along_back(carry=lambda dh, dc: (dh, dc / 2)), ""),
        (
            "no slope of tanh in dc",
            along_back(lstm_back(join=lambda dc, dh, o, tanh_c: dc + dh * o)),
            "slope is missing",
        ),
    ],
    "lstm_bias": [
        ("ten for the forget gate", lambda H: np.repeat([0.0, 10, 0, 0], H), "10 times"),
        ("the whole second half", lambda H: np.repeat([0.0, 0, 1, 1], H), ""),
        ("a column", lambda H: np.repeat([0.0, 1, 0, 0], H)[:, None], "numbers of b_h are right"),
        ("three gates", lambda H: np.repeat([0.0, 1, 0], H), "shape"),
    ],
    "direct_path": [
        ("the root", lambda fs: np.sqrt(fs.prod(0)), "root"),
        ("from the end, all of it", lambda fs: fs[::-1].cumprod(0), "shape"),
        ("the largest", lambda fs: fs.max(0), "max"),
        ("the logarithm", lambda fs: np.log(fs).sum(0), "logarithm"),
        ("the geometric mean", lambda fs: fs.prod(0) ** (1 / len(fs)), "T = 1"),
    ],
    "gru_step": [
        ("the mean of old and new", gru(mix=lambda z, old, new: (old + new) / 2), ""),
        ("b_hn taken off", gru(candidate=lambda of_x, of_h, r, b_hn: np.tanh(of_x + r * (of_h - b_hn))), "b_hn"),
        (
            "relu in the candidate",
            gru(candidate=lambda of_x, of_h, r, b_hn: np.maximum(of_x + r * (of_h + b_hn), 0)),
            "relu",
        ),
        ("the reset is doubled", gru(candidate=lambda of_x, of_h, r, b_hn: np.tanh(of_x + r * r * (of_h + b_hn))), "r"),
        ("z weighs the candidate, the old is whole", gru(mix=lambda z, old, new: old + z * new), ""),
        (
            "two: n has no tanh, z and 1 - z exchanged",
            gru(
                candidate=lambda of_x, of_h, r, b_hn: of_x + r * (of_h + b_hn),
                mix=lambda z, old, new: (1 - z) * old + z * new,
            ),
            "z and 1 - z",
        ),
    ],
    "gru_step_backward": [
        ("nothing goes past", gru_back(past=lambda dh, z: 0 * dh), "past the gates"),
        ("z's slope squared", gru_back(slopes=lambda r, z, n: (r * (1 - r), (z * (1 - z)) ** 2, 1 - n * n)), "** 2"),
        ("n's slope missing", gru_back(slopes=lambda r, z, n: (r * (1 - r), z * (1 - z), 1.0)), "slope"),
        ("db_hn twice", gru_back(end=lambda *made: (*made[:5], 2 * made[5])), "2 *"),
        ("dW_xh transposed", gru_back(end=lambda *made: (*made[:2], made[2].T, *made[3:])), "transposed"),
        (
            "db_h's candidate third is zero",
            gru_back(end=lambda *made: (*made[:4], np.concatenate([*np.split(made[4], 3)[:2], 0 * made[5]]), made[5])),
            "third of n",
        ),
    ],
    "gru_from_keras": [
        ("as they come", keras(order=(0, 1, 2)), "z, r, n"),
        ("n first", keras(order=(2, 1, 0)), "n, r, z"),
        ("all of both biases in b_h", keras(split=lambda of_x, of_h, H: (of_x + of_h, of_h[-H:])), "b_hn alone"),
        ("one bias forgotten", keras(split=lambda of_x, of_h, H: (of_x, of_h[-H:])), "lacks the state's bias"),
        ("no b_hn", keras(split=lambda of_x, of_h, H: (of_x + of_h, np.zeros(H))), "b_hn is zero"),
        (
            "the second row first",
            keras(split=lambda of_x, of_h, H: (of_h + of_x * (np.arange(3 * H) < 2 * H), of_x[-H:])),
            "places",
        ),
        ("W_hh turned over", keras(end=lambda W_xh, W_hh, b_h, b_hn: (W_xh, W_hh.T, b_h, b_hn)), "transposed"),
        ("b_hn doubled", keras(end=lambda W_xh, W_hh, b_h, b_hn: (W_xh, W_hh, b_h, 2 * b_hn)), "twice"),
    ],
    "gru_reset_before_step": [
        ("the reset squared", before(reset=lambda r, h, U_n: (r * r * h) @ U_n), "r"),
        ("U_n from the other side", before(reset=lambda r, h, U_n: (r * h) @ U_n.T), "U_n"),
        ("sigmoid in the candidate", before(squash=sigmoid), "sigmoid"),
        ("1 - r", before(reset=lambda r, h, U_n: ((1 - r) * h) @ U_n), "1 - r"),
        ("the old state is missing", before(mix=lambda z, old, new: (1 - z) * new), "old state is missing"),
    ],
    "gru_reset_before_step_backward": [
        ("1 - z past the gates", before_back(past=lambda dh, z: dh * (1 - z)), "past the gates"),
        ("through U_n without r", before_back(through=lambda dreset, r: dreset), "without r"),
        ("through U_n with 1 - r", before_back(through=lambda dreset, r: dreset * (1 - r)), "1 - r"),
        ("h_prev in the last third", before_back(last=lambda r, h: h), "last third of dW_hh"),
        ("db_h not summed over row 0", before_back(end=lambda *made: (*made[:4], 0.5 * made[4])), "half"),
    ],
}

RIGHT = {
    "lstm_step": [("gate by gate", lstm()), ("one array that unpacks", lambda *a: np.stack(lstm()(*a)))],
    "lstm_step_backward": [("a list", lambda *a: list(lstm_back()(*a)))],
    "lstm_forward": [("step by step", along()), ("a list", lambda *a: list(along()(*a)))],
    "lstm_backward": [("a list of steps", along_back())],
    "lstm_bias": [("floats in a list", lambda H: [0.0] * H + [1.0] * H + [0.0] * (2 * H))],
    "direct_path": [("a loop", lambda fs: np.array([np.prod(fs[:, n], axis=0) for n in range(fs.shape[1])]))],
    "gru_step": [("gate by gate", gru()), ("single precision", lambda *a: gru()(*map(np.float32, a)))],
    "gru_step_backward": [("side by side", gru_back())],
    "gru_from_keras": [("by columns", keras())],
    "gru_reset_before_step": [("block by block", before())],
    "gru_reset_before_step_backward": [("block by block", before_back())],
}
