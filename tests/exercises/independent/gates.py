"""Answers to the exercises of the gated cells, written without the banks: what it is, the answer, what must be said."""

import numpy as np


def s(z):
    return 1 / (1 + np.exp(-z))


def lstm(
    order="ifog", gate=s, cell=lambda i, f, g, c: f * c + i * g, show=lambda o, c, i, f: o * np.tanh(c), shift=0.0
):
    def answer(x, h_prev, c_prev, W_xh, W_hh, b_h):
        z = dict(zip(order, np.split(x @ W_xh + h_prev @ W_hh + b_h, 4, axis=1)))
        i, f, o, g = gate(z["i"]), gate(z["f"] + shift), gate(z["o"]), np.tanh(z["g"])
        c = cell(i, f, g, c_prev)
        return show(o, c, i, f), c

    return answer


def lstm_back(join=lambda dc, dh, o, tc: dc + dh * o * (1 - tc * tc), parts=lambda q, *z: q, end=lambda *made: made):
    def answer(dh, dc, x, h_prev, c_prev, i, f, o, g, tanh_c, W_xh, W_hh):
        d = join(dc, dh, o, tanh_c)
        q = [d * g * i * (1 - i), d * c_prev * f * (1 - f), dh * tanh_c * o * (1 - o), d * i * (1 - g * g)]
        dz = np.hstack(parts(q, d, dh, i, f, o, g, c_prev, tanh_c))
        return end(dz @ W_xh.T, dz @ W_hh.T, d * f, x.T @ dz, h_prev.T @ dz, dz.sum(0))

    return answer


def gru(mix=lambda z, h, n: z * h + (1 - z) * n, cand=lambda a, u, r, b: np.tanh(a + r * (u + b)), gate=s):
    def answer(x, h_prev, W_xh, W_hh, b_h, b_hn):
        a, u = np.split(x @ W_xh + b_h, 3, axis=1), np.split(h_prev @ W_hh, 3, axis=1)
        r, z = gate(a[0] + u[0]), gate(a[1] + u[1])
        return mix(z, h_prev, cand(a[2], u[2], r, b_hn))

    return answer


def before(mix=lambda z, h, n: z * h + (1 - z) * n, reset=lambda r, h, U: (r * h) @ U, f=np.tanh):
    def answer(x, h_prev, W_xh, W_hh, b_h):
        a, U = np.split(x @ W_xh + b_h, 3, axis=1), np.split(W_hh, 3, axis=1)
        r, z = s(a[0] + h_prev @ U[0]), s(a[1] + h_prev @ U[1])
        return mix(z, h_prev, f(a[2] + reset(r, h_prev, U[2])))

    return answer


def gru_back(past=lambda dh, z: dh * z, slopes=lambda r, z, n: (r * (1 - r), z * (1 - z), 1 - n * n), end=lambda *m: m):
    def answer(dh, x, h_prev, r, z, n, u, W_xh, W_hh):
        sr, sz, sn = slopes(r, z, n)
        dn = dh * (1 - z) * sn
        dr, dz = dn * u * sr, dh * (h_prev - n) * sz
        X, U = np.hstack([dr, dz, dn]), np.hstack([dr, dz, dn * r])
        return end(X @ W_xh.T, U @ W_hh.T + past(dh, z), x.T @ X, h_prev.T @ U, X.sum(0), (dn * r).sum(0))

    return answer


def before_back(past=lambda dh, z: dh * z, through=lambda d, r: d * r, last=lambda r, h: r * h, end=lambda *m: m):
    def answer(dh, x, h_prev, r, z, n, W_xh, W_hh):
        U = np.split(W_hh, 3, axis=1)
        dn = dh * (1 - z) * (1 - n * n)
        d = dn @ U[2].T
        dr, dz = d * h_prev * r * (1 - r), dh * (h_prev - n) * z * (1 - z)
        q = np.hstack([dr, dz, dn])
        dW = np.hstack([h_prev.T @ dr, h_prev.T @ dz, last(r, h_prev).T @ dn])
        return end(q @ W_xh.T, past(dh, z) + through(d, r) + dr @ U[0].T + dz @ U[1].T, x.T @ q, dW, q.sum(0))

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
        ("every gate is 1 minus itself", lstm(gate=lambda z: 1 - s(z)), "every `sigmoid(z)`"),
        (
            "two: order g, i, f, o and no output gate",
            lstm(order="gifo", show=lambda o, c, i, f: np.tanh(c)),
            "output gate",
        ),
    ],
    "lstm_step_backward": [
        (
            "dc's own part halved",
            lstm_back(join=lambda dc, dh, o, tc: dc / 2 + dh * o * (1 - tc * tc)),
            "dc counts half",
        ),
        ("o's part left out", lstm_back(parts=lambda q, *z: [q[0], q[1], 0 * q[2], q[3]]), "do is zero"),
        (
            "g's part with the gate's slope",
            lstm_back(parts=lambda q, d, dh, i, f, o, g, c, t: [q[0], q[1], q[2], d * i * i * (1 - i)]),
            "i",
        ),
        (
            "f's slope is f alone",
            lstm_back(parts=lambda q, d, dh, i, f, o, g, c, t: [q[0], d * c * f, q[2], q[3]]),
            "df * f",
        ),
        ("dW_hh the mean", lstm_back(end=lambda *m: (*m[:4], m[4] / len(m[0]), m[5])), "dW_hh takes the mean"),
        ("dc_prev twice", lstm_back(end=lambda *m: (m[0], m[1], 2 * m[2], *m[3:])), "twice"),
        (
            "dW_xh's forget quarter is zero",
            lstm_back(
                end=lambda *m: (
                    *m[:3],
                    np.hstack([q * (k != 1) for k, q in enumerate(np.split(m[3], 4, axis=1))]),
                    *m[4:],
                )
            ),
            "quarter of f",
        ),
        ("order o, f, i, g", lstm_back(parts=lambda q, *z: [q[2], q[1], q[0], q[3]]), "do * o * (1 - o)"),
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
        ("the mean of old and new", gru(mix=lambda z, h, n: (h + n) / 2), ""),
        ("b_hn taken off", gru(cand=lambda a, u, r, b: np.tanh(a + r * (u - b))), "b_hn"),
        ("relu in the candidate", gru(cand=lambda a, u, r, b: np.maximum(a + r * (u + b), 0)), "relu"),
        ("the reset is doubled", gru(cand=lambda a, u, r, b: np.tanh(a + r * r * (u + b))), "r"),
        ("z weighs the candidate, the old is whole", gru(mix=lambda z, h, n: h + z * n), ""),
        (
            "two: n has no tanh, z and 1 - z exchanged",
            gru(cand=lambda a, u, r, b: a + r * (u + b), mix=lambda z, h, n: (1 - z) * h + z * n),
            "z and 1 - z",
        ),
    ],
    "gru_step_backward": [
        ("nothing goes past", gru_back(past=lambda dh, z: 0 * dh), "past the gates"),
        ("z's slope squared", gru_back(slopes=lambda r, z, n: (r * (1 - r), (z * (1 - z)) ** 2, 1 - n * n)), "** 2"),
        ("n's slope missing", gru_back(slopes=lambda r, z, n: (r * (1 - r), z * (1 - z), 1.0)), "slope"),
        ("db_hn twice", gru_back(end=lambda *m: (*m[:5], 2 * m[5])), "2 *"),
        ("dW_xh transposed", gru_back(end=lambda *m: (*m[:2], m[2].T, *m[3:])), "transposed"),
        (
            "db_h's candidate third is zero",
            gru_back(end=lambda *m: (*m[:4], np.concatenate([*np.split(m[4], 3)[:2], 0 * m[5]]), m[5])),
            "third of n",
        ),
    ],
    "gru_reset_before_step": [
        ("the reset squared", before(reset=lambda r, h, U: (r * r * h) @ U), "r"),
        ("U_n from the other side", before(reset=lambda r, h, U: (r * h) @ U.T), "U_n"),
        ("sigmoid in the candidate", before(f=s), "sigmoid"),
        ("1 - r", before(reset=lambda r, h, U: ((1 - r) * h) @ U), "1 - r"),
        ("the old state is missing", before(mix=lambda z, h, n: (1 - z) * n), "old state is missing"),
    ],
    "gru_reset_before_step_backward": [
        ("1 - z past the gates", before_back(past=lambda dh, z: dh * (1 - z)), "past the gates"),
        ("through U_n without r", before_back(through=lambda d, r: d), "without r"),
        ("through U_n with 1 - r", before_back(through=lambda d, r: d * (1 - r)), "1 - r"),
        ("h_prev in the last third", before_back(last=lambda r, h: h), "last third of dW_hh"),
        ("db_h not summed over row 0", before_back(end=lambda *m: (*m[:4], 0.5 * m[4])), "half"),
    ],
}

RIGHT = {
    "lstm_step": [("gate by gate", lstm()), ("one array that unpacks", lambda *a: np.stack(lstm()(*a)))],
    "lstm_step_backward": [("a list", lambda *a: list(lstm_back()(*a)))],
    "lstm_bias": [("floats in a list", lambda H: [0.0] * H + [1.0] * H + [0.0] * (2 * H))],
    "direct_path": [("a loop", lambda fs: np.array([np.prod(fs[:, n], axis=0) for n in range(fs.shape[1])]))],
    "gru_step": [("gate by gate", gru()), ("single precision", lambda *a: gru()(*map(np.float32, a)))],
    "gru_step_backward": [("side by side", gru_back())],
    "gru_reset_before_step": [("block by block", before())],
    "gru_reset_before_step_backward": [("block by block", before_back())],
}
