"""Answers to the exercises of lesson 10, written without the banks: what it is, the answer, what must be said."""

from functools import reduce

import numpy as np

from unrolled.cells.rnn import rnn


def by_index(source):
    """Each sequence picked by the numbers of its steps: source(t, length, T)."""

    def answer(xs, lengths):
        T = len(xs)
        return np.array([[xs[source(t, k, T), n] for n, k in enumerate(lengths)] for t in range(T)])

    return answer


def turned(t, length, T):
    return length - 1 - t if t < length else t


def in_loops(xs, lengths):
    out = np.empty(xs.shape)
    for n in range(xs.shape[1]):
        for t in range(len(xs)):
            out[t, n] = xs[lengths[n] - 1 - t, n] if t < lengths[n] else xs[t, n]
    return out


def not_filled(xs, lengths):
    out = np.empty(xs.shape)
    for n, k in enumerate(lengths):
        out[:k, n] = np.flip(xs[:k, n], 0)
    return out


def by_where(xs, lengths):
    steps = np.arange(len(xs))[:, None]
    back = lengths[None, :] - 1 - steps
    return np.take_along_axis(xs, np.where(back < 0, steps, back)[:, :, None], axis=0)


def by_lists(xs, lengths):
    rows = []
    for n, k in enumerate(lengths):
        row = [x.tolist() for x in xs[:, n]]
        rows.append(list(reversed(row[:k])) + row[k:])
    return np.swapaxes(rows, 0, 1)


def in_place(xs, lengths):
    for n, k in enumerate(lengths):
        xs[:k, n] = xs[:k, n][::-1].copy()
    return xs


def ends(forward=lambda k, T: k - 1, backward=lambda k, T: 0, join=lambda f, b: np.concatenate([f, b])):
    """One sequence after the other: the step of each half."""

    def answer(hs, lengths):
        T, N, both = hs.shape
        H = both // 2
        return np.array([join(hs[forward(k, T), n, :H], hs[backward(k, T), n, H:]) for n, k in enumerate(lengths)])

    return answer


def picked(hs, lengths):
    """Both halves picked at once, by a mask."""
    forward, backward = np.split(hs, 2, axis=2)
    last = np.arange(len(hs))[:, None] == lengths - 1
    return np.hstack([(forward * last[:, :, None]).sum(0), backward[0]])


def stack(join=lambda xs, ys: xs + ys, lowest=lambda xs, layer: layer(xs), end=lambda ys: ys, order=lambda rest: rest):
    def answer(xs, layers):
        first, *rest = layers
        ys = lowest(xs, first)
        for layer in order(rest):
            ys = join(ys, layer(ys))
        return end(ys)

    return answer


def from_the_third(xs, layers):
    for i, layer in enumerate(layers):
        xs = xs + layer(xs) if i > 1 else layer(xs)
    return xs


def recursive(xs, layers):
    if len(layers) == 1:
        return layers[0](xs)
    below = recursive(xs, layers[:-1])
    return below + layers[-1](below)


def in_place_of_its_own(xs, layers):
    for number, layer in enumerate(layers):
        ys = layer(xs)
        if number > 0:
            ys += xs
        xs = ys
    return xs


BLOCKS = {"rnn": 1, "lstm": 4, "gru": 3}


def one(cell, D, H, biases=1, extra=True):
    more = H if cell == "gru" and extra else 0
    return BLOCKS[cell] * H * (D + H + biases) + more


def sizes(one=one, upper=lambda H, d: H * d, times=lambda d: d, count=lambda layers: layers):
    def answer(cell, D, H, layers, directions):
        first = times(directions) * one(cell, D, H)
        rest = times(directions) * one(cell, upper(H, directions), H)
        return first + (count(layers) - 1) * rest

    return answer


def shapes(cell, D, H, layers, directions):
    """Every array made, and its numbers counted."""
    total = 0
    for layer in range(layers):
        for _ in range(directions):
            G = BLOCKS[cell] * H
            arrays = [np.zeros((directions * H if layer else D, G)), np.zeros((H, G)), np.zeros(G)]
            arrays += [np.zeros(H)] if cell == "gru" else []
            total += sum(a.size for a in arrays)
    return total


def walk(xs, weights, steps, h, f=np.tanh):
    """One sequence xs (T, D), its steps in this order -> (T, H); zeros where none was read."""
    hs = np.zeros((len(xs), h.size))
    for t in steps:
        h = hs[t] = f(xs[t] @ weights["W_xh"] + h @ weights["W_hh"] + weights["b_h"])
    return hs


def readings(
    join=lambda f, b: np.concatenate([f, b], axis=-1),
    right=lambda k, T: range(k - 1, -1, -1),
    start=lambda f, k: 0 * f[0],
    order=lambda b, k: b,
    weights=lambda forward, backward: (forward, backward),
    f=np.tanh,
    read=lambda xs, hs: xs,
):
    """One sequence after the other, in plain NumPy."""

    def answer(xs, forward, backward, lengths):
        one, other = weights(forward, backward)
        made = []
        for n, k in enumerate(lengths):
            zero = np.zeros(len(one["b_h"]))
            hs = walk(xs[:, n], one, range(k), zero, f)
            zs = walk(read(xs[:, n], hs), other, right(k, len(xs)), start(hs, k), f)
            made.append(join(hs, order(zs, k)))
        return np.stack(made, axis=1)

    return answer


def held_at_zero(xs, forward, backward, lengths):
    """All sequences at once, from the last step down; in the padding the state stays 0."""
    T, N, H = len(xs), xs.shape[1], forward["b_h"].size
    hs = np.zeros((T, N, 2 * H))
    f, b = np.zeros((2, N, H))
    for t in range(T):
        f = hs[t, :, :H] = np.tanh(xs[t] @ forward["W_xh"] + f @ forward["W_hh"] + forward["b_h"])
    for t in range(T - 1, -1, -1):
        b = np.tanh(xs[t] @ backward["W_xh"] + b @ backward["W_hh"] + backward["b_h"])
        b[t >= lengths] = 0
        hs[t, :, H:] = b
    return hs


def turn_one(zs, k):
    return np.concatenate([zs[:k][::-1], zs[k:]])


def by_the_kernel(turn, back=None, unfilled=False):
    def answer(xs, forward, backward, lengths):
        h_0 = np.zeros((xs.shape[1], len(forward["b_h"])))
        b = rnn(turn(xs, lengths), h_0, **backward)
        made = np.concatenate([rnn(xs, h_0, **forward), (back or turn)(b, lengths)], axis=2)
        made[mask(xs, lengths)[..., 0] < unfilled] = np.nan
        return made

    return answer


WRONG = {
    "reverse_each": [
        ("the whole batch", lambda xs, lengths: np.flip(xs, 0), "by its own length"),
        ("every axis", lambda xs, lengths: np.flip(xs), ""),
        ("one step short", by_index(lambda t, k, T: k - 2 - t if t < k - 1 else t), "last step of each sequence stays"),
        ("from the end of T", by_index(lambda t, k, T: T - 1 - t if t < k else t), ""),
        ("negative indices", by_index(lambda t, k, T: k - 1 - t), "padding is turned round, too"),
        ("the neighbour's length", lambda xs, lengths: in_loops(xs, np.roll(lengths, 1)), "lengths"),
        ("the longest for all", lambda xs, lengths: in_loops(xs, 0 * lengths + lengths.max()), "by its own length"),
        ("nothing", lambda xs, lengths: 1 * xs, "nothing is turned round"),
        ("padding cut to zero", lambda xs, lengths: in_loops(xs, lengths) * mask(xs, lengths), "set to zero"),
        ("batch first", lambda xs, lengths: in_loops(xs, lengths).swapaxes(0, 1), "transposed"),
        ("padding left as np.empty gives it", not_filled, "padding is not filled"),
        ("doubled", lambda xs, lengths: 2 * in_loops(xs, lengths), "twice"),
        ("written into xs", in_place, "writes into its argument xs"),
    ],
    "bidirectional": [
        ("turned as a whole", by_the_kernel(lambda xs, k: np.flip(xs, 0)), "begins in the padding"),
        ("from the end of T", readings(right=lambda k, T: range(T - 1, -1, -1)), "begins in the padding"),
        ("in the order of reading", readings(order=turn_one), "not turned back"),
        ("both from the left", readings(right=lambda k, T: range(k)), "nothing is turned round"),
        ("turned in the end alone", readings(right=lambda k, T: range(k), order=turn_one), "xs is not turned round"),
        ("one set of weights", readings(weights=lambda f, b: (f, f)), "both readings have forward's"),
        ("the other set", readings(weights=lambda f, b: (b, b)), "both readings have backward's"),
        ("weights crossed", readings(weights=lambda f, b: (b, f)), "changed places"),
        ("right first", readings(join=lambda f, b: np.hstack([b, f])), "halves have changed places"),
        ("added", readings(join=np.add), "added"),
        ("the larger", readings(join=np.maximum), ""),
        ("one after the other", readings(join=lambda f, b: np.concatenate([f, b])), "in time"),
        ("handed on", readings(start=lambda hs, k: hs[k - 1]), "begins with the last state"),
        ("stacked", readings(read=lambda xs, hs: hs), "states of the one from the left"),
        ("relu", readings(f=lambda z: np.maximum(z, 0)), "relu"),
        ("sigmoid", readings(f=lambda z: 1 / (1 + np.exp(-z))), ""),
        ("without its own word", readings(order=lambda b, k: np.vstack([b[1:], 0 * b[:1]])), ""),
        ("the last states", lambda xs, f, b, k: readings()(xs, f, b, k)[-1], ""),
        ("doubled", lambda *given: 2 * readings()(*given), "twice"),
    ],
    "last_of_both": [
        ("the last step of all", lambda hs, lengths: hs[len(hs) - 1], "hs[-1]"),
        ("both at the last word", ends(backward=lambda k, T: k - 1), "that word alone"),
        ("forward at the end of T", ends(forward=lambda k, T: T - 1), "lengths are forgotten"),
        ("forward one late", ends(forward=lambda k, T: k), "one step late"),
        ("forward one early", ends(forward=lambda k, T: k - 2), "one step early"),
        ("backward first", ends(join=lambda f, b: np.concatenate([b, f])), "halves have changed places"),
        ("added", ends(join=lambda f, b: f + b), "added"),
        ("the larger", ends(join=np.maximum), ""),
        ("paired", ends(join=lambda f, b: np.stack([f, b])), "numbers of states are right"),
        ("in between", ends(join=lambda f, b: np.stack([f, b], axis=1).ravel()), ""),
        ("backward one late", ends(backward=lambda k, T: min(1, T - 1)), ""),
        ("turned", lambda hs, lengths: picked(hs, lengths).T, "transposed"),
    ],
    "residual_stack": [
        ("plain", lambda xs, layers: reduce(lambda ys, layer: layer(ys), layers, xs), "nothing is added"),
        ("everywhere", stack(lowest=lambda xs, layer: xs + layer(xs)), "lowest layer adds its input"),
        ("from the third layer on", from_the_third, "second layer adds nothing"),
        ("half of it", stack(join=lambda xs, ys: 0.5 * xs + ys), ""),
        ("minus", stack(join=lambda xs, ys: xs - ys), "subtracted"),
        ("mean", stack(join=lambda xs, ys: (xs + ys) / 2), "averaged"),
        ("squashed", stack(join=lambda xs, ys: np.tanh(xs + ys)), "tanh is taken of the sum"),
        ("the larger", stack(join=np.maximum), ""),
        ("from the top", stack(order=lambda rest: rest[::-1]), "top down"),
        ("without the top", stack(order=lambda rest: rest[:-1]), "topmost layer is left out"),
        ("the last state", stack(end=lambda ys: ys[-1]), "last step alone"),
        ("batch first", stack(end=lambda ys: ys.swapaxes(0, 1)), "transposed"),
    ],
    "deep_size": [
        ("upper layers of one direction", sizes(upper=lambda H, d: H), "they read all directions"),
        ("two biases", sizes(one=lambda cell, D, H: one(cell, D, H, biases=2, extra=False)), "as PyTorch counts"),
        ("no b_hn", sizes(one=lambda cell, D, H: one(cell, D, H, extra=False)), "b_hn is left out"),
        ("one direction", sizes(times=lambda d: 1), "one direction alone"),
        (
            "two directions below only",
            lambda cell, D, H, layers, d: d * one(cell, D, H) + (layers - 1) * one(cell, d * H, H),
            "counted in one direction",
        ),
        ("no bias", sizes(one=lambda cell, D, H: one(cell, D, H, biases=0, extra=False)), "biases are left out"),
        ("a layer more", sizes(count=lambda layers: layers + 1), "one layer too many"),
        ("the lowest one only", sizes(count=lambda layers: 1), "lowest layer alone"),
        ("all wide", lambda cell, D, H, layers, d: layers * d * one(cell, D, H), "D numbers"),
        ("doubled", lambda cell, D, H, layers, d: 2 * shapes(cell, D, H, layers, d), "twice"),
        ("a read-out to one number, too", lambda cell, D, H, layers, d: shapes(cell, D, H, layers, d) + H + 1, "H"),
    ],
}


def mask(xs, lengths):
    return (np.arange(len(xs))[:, None] < lengths)[:, :, None]


RIGHT = {
    "reverse_each": [
        ("in loops", in_loops),
        ("by where", by_where),
        ("by lists", by_lists),
        ("by the numbers of the steps", by_index(turned)),
        ("a mask", lambda xs, lengths: np.where(mask(xs, lengths), by_index(turned)(xs, lengths), xs)),
    ],
    "bidirectional": [
        ("one by one", readings()),
        ("all at once, 0 in the padding", held_at_zero),
        ("turned by its length, padding read", by_the_kernel(in_loops)),
        ("nan in the padding", by_the_kernel(by_where, unfilled=True)),
        ("a list of steps", lambda *given: list(readings()(*given))),
    ],
    "last_of_both": [
        ("one by one", ends()),
        ("a mask", picked),
        (
            "take_along_axis",
            lambda hs, lengths: np.concatenate(
                [
                    np.take_along_axis(hs, lengths[None, :, None] - 1, axis=0)[0, :, : hs.shape[2] // 2],
                    hs[0][:, hs.shape[2] // 2 :],
                ],
                axis=-1,
            ),
        ),
    ],
    "residual_stack": [
        ("a loop", stack()),
        ("recursive", recursive),
        ("+= on what is new", in_place_of_its_own),
        ("reduce", lambda xs, layers: reduce(lambda ys, layer: ys + layer(ys), layers[1:], layers[0](xs))),
    ],
    "deep_size": [("a formula", sizes()), ("counted", shapes), ("a float", lambda *a: float(shapes(*a)))],
}
