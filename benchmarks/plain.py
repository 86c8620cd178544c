"""The usual teaching form, written from the equations: one step at a time, one gate at a time, in float64.

Nothing here is from the library, and nothing is slow on purpose: it is what a reader writes who follows a blackboard.
Weights are dicts; a step's values are kept in lists; each step's share of a gradient is added as it arrives.
"""

import numpy as np


def sigmoid(z):
    """1 / (1 + e^-z)."""
    return 1 / (1 + np.exp(-z))


def split(arrays, gates):
    """Packed weights to one matrix, one row of units, for each gate: {"W_xi", "W_hi", "b_i", …}, in float64."""
    W_xh, W_hh, b_h = (np.asarray(a, np.float64) for a in arrays)
    columns = lambda W: np.split(W, len(gates), axis=-1)
    parts = zip(gates, columns(W_xh), columns(W_hh), columns(b_h))
    return {name + k: W.copy() for k, *Ws in parts for name, W in zip(("W_x", "W_h", "b_"), Ws)}


def rnn(xs, h0, p, dhs):
    """Forward and backward: hs, and the gradients of xs and of every weight."""
    hs, T = {-1: h0}, len(xs)
    for t in range(T):
        hs[t] = np.tanh(xs[t] @ p["W_xh"] + hs[t - 1] @ p["W_hh"] + p["b_h"])
    g, dxs, dh_next = {k: np.zeros_like(W) for k, W in p.items()}, np.zeros_like(xs), np.zeros_like(h0)
    for t in reversed(range(T)):
        dz = (dhs[t] + dh_next) * (1 - hs[t] ** 2)
        g["W_xh"] += xs[t].T @ dz
        g["W_hh"] += hs[t - 1].T @ dz
        g["b_h"] += dz.sum(axis=0)
        dxs[t] = dz @ p["W_xh"].T
        dh_next = dz @ p["W_hh"].T
    return hs, dxs, g


def lstm(xs, h0, c0, p, dhs):
    """Forward and backward: hs, and the gradients of xs and of every weight."""
    hs, cs, kept, T = {-1: h0}, {-1: c0}, {}, len(xs)
    for t in range(T):
        z = {k: xs[t] @ p["W_x" + k] + hs[t - 1] @ p["W_h" + k] + p["b_" + k] for k in "ifog"}
        i, f, o, g = sigmoid(z["i"]), sigmoid(z["f"]), sigmoid(z["o"]), np.tanh(z["g"])
        cs[t] = f * cs[t - 1] + i * g
        hs[t] = o * np.tanh(cs[t])
        kept[t] = i, f, o, g
    grad, dxs = {k: np.zeros_like(W) for k, W in p.items()}, np.zeros_like(xs)
    dh_next, dc_next = np.zeros_like(h0), np.zeros_like(c0)
    for t in reversed(range(T)):
        i, f, o, g = kept[t]
        dh = dhs[t] + dh_next
        tanh_c = np.tanh(cs[t])
        dc = dh * o * (1 - tanh_c**2) + dc_next
        dz = {
            "i": dc * g * i * (1 - i),
            "f": dc * cs[t - 1] * f * (1 - f),
            "o": dh * tanh_c * o * (1 - o),
            "g": dc * i * (1 - g**2),
        }
        dh_next, dc_next = np.zeros_like(h0), dc * f
        for k, d in dz.items():
            grad["W_x" + k] += xs[t].T @ d
            grad["W_h" + k] += hs[t - 1].T @ d
            grad["b_" + k] += d.sum(axis=0)
            dxs[t] += d @ p["W_x" + k].T
            dh_next += d @ p["W_h" + k].T
    return hs, dxs, grad


def gru(xs, h0, p, b_hn, dhs):
    """Forward and backward, reset after the product: hs, and the gradients of xs and of every weight."""
    hs, kept, T = {-1: h0}, {}, len(xs)
    for t in range(T):
        r = sigmoid(xs[t] @ p["W_xr"] + hs[t - 1] @ p["W_hr"] + p["b_r"])
        z = sigmoid(xs[t] @ p["W_xz"] + hs[t - 1] @ p["W_hz"] + p["b_z"])
        u = hs[t - 1] @ p["W_hn"] + b_hn
        n = np.tanh(xs[t] @ p["W_xn"] + p["b_n"] + r * u)
        hs[t] = z * hs[t - 1] + (1 - z) * n
        kept[t] = r, z, u, n
    grad, dxs, db_hn = {k: np.zeros_like(W) for k, W in p.items()}, np.zeros_like(xs), np.zeros_like(b_hn)
    dh_next = np.zeros_like(h0)
    for t in reversed(range(T)):
        r, z, u, n = kept[t]
        dh = dhs[t] + dh_next
        dn = dh * (1 - z) * (1 - n**2)
        dz = {"r": dn * u * r * (1 - r), "z": dh * (hs[t - 1] - n) * z * (1 - z), "n": dn}
        dh_next = dh * z
        db_hn += (dn * r).sum(axis=0)
        for k, d in dz.items():
            from_h = d * r if k == "n" else d
            grad["W_x" + k] += xs[t].T @ d
            grad["W_h" + k] += hs[t - 1].T @ from_h
            grad["b_" + k] += d.sum(axis=0)
            dxs[t] += d @ p["W_x" + k].T
            dh_next += from_h @ p["W_h" + k].T
    return hs, dxs, grad, db_hn


def start(V, H):
    """First weights of the character model, as (in, out)."""
    rng = np.random.default_rng(0)
    return {name: 0.01 * rng.standard_normal(s) for name, s in (("W_xh", (V, H)), ("W_hh", (H, H)), ("W_hy", (H, V)))}


def min_char_rnn(tokens, V=65, H=100, T=25, learning_rate=0.1):
    """A generator of losses: one-hot column vectors, one sequence, clipping at 5, Adagrad.

    Written from the equations of the program that the lecture shows (Karpathy, 2015), in its sizes and its form.
    """
    p = {name: W.T.copy() for name, W in start(V, H).items()} | {"b_h": np.zeros((H, 1)), "b_y": np.zeros((V, 1))}
    memory = {k: np.zeros_like(W) for k, W in p.items()}
    while True:
        h_prev = np.zeros((H, 1))
        for place in range(0, len(tokens) - T, T):
            inputs, targets = tokens[place : place + T], tokens[place + 1 : place + T + 1]
            loss, grad, h_prev = chunk(inputs, targets, h_prev, p, V)
            for k, W in p.items():
                np.clip(grad[k], -5, 5, out=grad[k])
                memory[k] += grad[k] * grad[k]
                W -= learning_rate * grad[k] / (np.sqrt(memory[k]) + 1e-8)
            yield loss


def chunk(inputs, targets, h_prev, p, V):
    """The loss of one chunk, its gradients, and the last state."""
    xs, hs, ps, loss, T = {}, {-1: h_prev}, {}, 0.0, len(inputs)
    for t in range(T):
        xs[t] = np.zeros((V, 1))
        xs[t][inputs[t]] = 1
        hs[t] = np.tanh(np.dot(p["W_xh"], xs[t]) + np.dot(p["W_hh"], hs[t - 1]) + p["b_h"])
        y = np.dot(p["W_hy"], hs[t]) + p["b_y"]
        ps[t] = np.exp(y) / np.sum(np.exp(y))
        loss -= np.log(ps[t][targets[t], 0])
    grad, dh_next = {k: np.zeros_like(W) for k, W in p.items()}, np.zeros_like(h_prev)
    for t in reversed(range(T)):
        dy = ps[t].copy()
        dy[targets[t]] -= 1
        grad["W_hy"] += np.dot(dy, hs[t].T)
        grad["b_y"] += dy
        dz = (1 - hs[t] ** 2) * (np.dot(p["W_hy"].T, dy) + dh_next)
        grad["b_h"] += dz
        grad["W_xh"] += np.dot(dz, xs[t].T)
        grad["W_hh"] += np.dot(dz, hs[t - 1].T)
        dh_next = np.dot(p["W_hh"].T, dz)
    return loss, grad, hs[T - 1]
