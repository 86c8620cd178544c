"""Two directions: each sequence reversed by its own length, both readings, and what they know at their ends."""

from contextlib import suppress

import numpy as np

from unrolled.cells.rnn import rnn
from unrolled.cells.stacks import reverse, two_directions
from unrolled.exercises.exercise import Exercise, Named
from unrolled.exercises.mistakes import mutants


def reverse_by_length(xs, lengths):
    """Each sequence of xs (T, N, D) from its last step to its first; its padding, from lengths[n] on, stays"""
    return reverse(xs, lengths=lengths)


def reverse_each(xs, lengths):
    """Each sequence of xs (T, N, D) from its last step to its first; its padding, from lengths[n] on, stays"""
    ys = xs.copy()
    for n, length in enumerate(lengths):
        ys[:length, n] = xs[:length, n][::-1]
    return ys


def _lengths(rng, T, N):
    """From 1 to T: one is T, as in a batch that was padded to its longest."""
    lengths = rng.integers(1, T + 1, N)
    lengths[rng.integers(N)] = T
    return lengths


def _reverse_case(rng, T, N, D):
    return {"xs": rng.standard_normal((T, N, D)), "lengths": _lengths(rng, T, N)}


def _use(function, xs, lengths):
    """The answer; Named where its padding alone is wrong, and differs from call to call: whatever lay in memory."""
    ys = function(xs, lengths)
    if isinstance(ys, np.ndarray) and ys.shape == xs.shape:
        padding = np.arange(len(xs))[:, None] >= lengths
        read = np.array_equal(ys[~padding], reverse_each(xs, lengths)[~padding])
        if read and not np.array_equal(ys[padding], xs[padding]):
            again = function(xs, lengths)  # ys is still held, so this one lies elsewhere
            if not np.array_equal(ys[padding], again[padding]):
                raise Named("the padding is not filled: it stays as it was, so copy it from xs")
    return ys


TURN, DONE = "ys[:length, n] = xs[:length, n][::-1]", "return ys"
REVERSE_EACH = Exercise(
    name="reverse_each",
    statement="Turn each sequence of xs (T, N, D) round within its own length (1 to T); the padding behind it stays.",
    reference=reverse_by_length,
    shown=reverse_each,
    case=_reverse_case,
    use=_use,
    results=("ys",),
    hints=(
        "With xs[::-1] the padding comes first. Where must the last word of a short sequence stand?",
        "Sequence n has the steps 0 to lengths[n] - 1. Turn these round; what stands behind them is copied as it is.",
        "On a copy of xs, for each n: ys[:length, n] = xs[:length, n][::-1].",
    ),
    wrong=mutants(
        reverse_each,
        ("all T steps are turned round, the padding comes first: each sequence by its own length", DONE,
         "return xs[::-1]"),
        ("nothing is turned round: each sequence stands from its last step to its first", TURN, "pass"),
        ("the batch is turned round, and not the steps: time is the first axis", DONE, "return xs[:, ::-1]"),
        ("the numbers of each step are turned round, and not the steps: time is the first axis", TURN,
         "ys[:length, n] = xs[:length, n, ::-1]"),
        ("steps and numbers are both turned round: the steps alone", TURN,
         "ys[:length, n] = xs[:length, n][::-1, ::-1]"),
        ("the last step of each sequence stays where it is: it comes first", TURN,
         "ys[: length - 1, n] = xs[: length - 1, n][::-1]"),
        ("the first step of each sequence stays where it is: it comes last", TURN,
         "ys[1:length, n] = xs[1:length, n][::-1]"),
        ("one step of padding is turned round with the sequence: it ends before lengths[n]", TURN,
         "ys[: length + 1, n] = xs[: length + 1, n][::-1]"),
        ("it reads from lengths[n] down, which is padding already: the last step is lengths[n] - 1", TURN,
         "ys[:length, n] = xs[length::-1, n][:length]"),
        ("the padding is set to zero: it stays as it was", "ys = xs.copy()", "ys = np.zeros_like(xs)"),
        ("the padding is turned round, too, as a negative index does: it stays as it was", DONE,
         "return np.stack([np.concatenate([ys[:k, n], xs[k:, n][::-1]]) for n, k in enumerate(lengths)], axis=1)"),
        ("the padding alone is turned round: it stays, and the sequence is turned", TURN,
         "ys[length:, n] = xs[length:, n][::-1]"),
        ("the padding holds the first step again: it stays as it was", DONE,
         "return np.stack([xs[np.maximum(k - 1 - np.arange(len(xs)), 0), n] for n, k in enumerate(lengths)], axis=1)"),
        ("the padding stands in front: each sequence begins at step 0", DONE,
         "return np.stack([np.concatenate([xs[k:, n], ys[:k, n]]) for n, k in enumerate(lengths)], axis=1)"),
        ("the last lengths[n] steps are turned round: the padding stands behind the sequence, not before it", TURN,
         "ys[len(xs) - length :, n] = xs[len(xs) - length :, n][::-1]"),
        ("the first sequence's length serves for all: each has its own", "enumerate(lengths)",
         "enumerate([lengths[0]] * len(lengths))"),
        ("the last sequence's length serves for all: each has its own", "enumerate(lengths)",
         "enumerate([lengths[-1]] * len(lengths))"),
        ("the shortest length serves for all: each sequence has its own", "enumerate(lengths)",
         "enumerate([lengths.min()] * len(lengths))"),
        ("the lengths stand in the order of their size: lengths[n] is that of sequence n", "enumerate(lengths)",
         "enumerate(np.sort(lengths))"),
        ("the first sequence stands in every place: sequence n is xs[:, n]", TURN,
         "ys[:length, n] = xs[:length, 0][::-1]"),
        ("only the first sequence is turned round, as with a return in the loop: all N of them", f"    {DONE}",
         f"        {DONE}"),
        ("the first sequence is left out, as by range(1, N): all N of them", TURN, f"if n: {TURN}"),
        ("only the first step and the last change places: the steps between them are turned, too", TURN,
         "ys[[0, length - 1], n] = xs[[length - 1, 0], n]"),
        ("the sequence is moved on by one, the last step first: it is turned round", TURN,
         "ys[:length, n] = np.roll(xs[:length, n], 1, axis=0)"),
    ),
)  # fmt: skip


def read_in_both(xs, forward, backward, lengths):
    """xs (T, N, D) read from the left and from the right, both from the state 0 -> (T, N, 2H), forward half first"""
    h_0 = np.zeros((xs.shape[1], len(forward["b_h"])))
    weights = {"forward": forward, "backward": backward}
    return two_directions(rnn, xs, ((h_0,), (h_0,)), weights, lengths=lengths)[0]


def bidirectional(xs, forward, backward, lengths):
    """xs (T, N, D) read from the left and from the right, both from the state 0 -> (T, N, 2H), forward half first"""
    h_0 = np.zeros((xs.shape[1], len(forward["b_h"])))
    f = rnn(xs, h_0, **forward, lengths=lengths)
    b = rnn(reverse(xs, lengths=lengths), h_0, **backward, lengths=lengths)
    return np.concatenate([f, reverse(b, lengths=lengths)], axis=2)


def _both_case(rng, T, N, D, H):
    draw = rng.standard_normal
    weights = lambda: {"W_xh": draw((D, H)), "W_hh": draw((H, H)) / 2, "b_h": draw(H)}
    lengths = _lengths(rng, T, N)
    return {"xs": draw((T, N, D)), "forward": weights(), "backward": weights(), "lengths": lengths}


def _use_both(function, xs, forward, backward, lengths):
    """The answer with zeros as padding: what stands there does not count."""
    ys = function(xs, forward, backward, lengths)
    with suppress(ValueError):  # a list of parts of several lengths
        ys = np.array(ys) if isinstance(ys, list) else ys
    if isinstance(ys, np.ndarray) and ys.ndim == 3:
        inside = np.arange(len(xs))[:, None] < lengths
        inside = np.tile(inside, np.array(ys.shape[:2]) // inside.shape)  # of each half, if one is behind the other
        ys = np.where(inside[..., None], ys, 0) if inside.shape == ys.shape[:2] else ys
    return ys


LEFT, RIGHT = "rnn(xs, h_0, **forward, lengths=lengths)", "reverse(xs, lengths=lengths), h_0, **backward"
IN, OUT, HALVES = "reverse(xs, lengths=lengths)", "reverse(b, lengths=lengths)", "[f, reverse(b, lengths=lengths)]"
JOINED = f"np.concatenate({HALVES}, axis=2)"
BIDIRECTIONAL = Exercise(
    name="bidirectional",
    statement="Read xs (T, N, D) from the left and, each sequence by its own length, from the right: (T, N, 2H).",
    reference=read_in_both,
    shown=bidirectional,
    case=_both_case,
    use=_use_both,
    results=("hs",),
    hints=(
        "A reading from the right is a reading from the left of the sequence that was turned round. In which order "
        "does it give its states?",
        "f = rnn(xs, h_0, **forward). For b turn xs round, each sequence by its own length; read it with backward; and "
        "turn what comes out round again, so that b[t] stands at word t.",
        "b = rnn(reverse(xs, lengths=lengths), h_0, **backward), and then np.concatenate([f, reverse(b, "
        "lengths=lengths)], axis=2), with h_0 = np.zeros((N, H)).",
    ),
    wrong=mutants(
        bidirectional,
        ("all T steps are turned round, so the reading from the right begins in the padding: each by its own length",
         IN, "xs[::-1]", "**backward, lengths=lengths", "**backward", OUT, "b[::-1]"),
        ("all T steps are turned round, and so many of them are read as the sequence has: each by its own length",
         IN, "xs[::-1]", OUT, "b[::-1]"),
        ("all T steps are turned round on the way in: each sequence by its own length, as on the way out", IN,
         "xs[::-1]"),
        ("all T steps are turned back on the way out: each sequence by its own length, as on the way in", OUT,
         "b[::-1]"),
        ("the states from the right are not turned back: they stand in the order of their reading", OUT, "b"),
        ("nothing is turned round: both halves read from the left", IN, "xs", OUT, "b"),
        ("xs is not turned round, its states alone are: first the one, then the other", IN, "xs"),
        ("both readings have forward's weights: the one from the right has backward's", "**backward", "**forward"),
        ("both readings have backward's weights: the one from the left has forward's", "**forward", "**backward"),
        ("the weights have changed places: forward's read from the left", LEFT,
         "rnn(xs, h_0, **backward, lengths=lengths)", RIGHT, "reverse(xs, lengths=lengths), h_0, **forward"),
        ("the halves have changed places: the one from the left comes first", HALVES,
         "[reverse(b, lengths=lengths), f]"),
        ("the halves are added: they stand side by side, 2H columns", JOINED, "f + reverse(b, lengths=lengths)"),
        ("the halves are averaged: they stand side by side, 2H columns", JOINED,
         "(f + reverse(b, lengths=lengths)) / 2"),
        ("the halves are multiplied: they stand side by side, 2H columns", JOINED, "f * reverse(b, lengths=lengths)"),
        ("the columns of both halves take turns: the H from the left come first", JOINED,
         "np.stack([f, reverse(b, lengths=lengths)], axis=3).reshape(*f.shape[:2], -1)"),
        ("one half stands behind the other in time: they stand side by side, axis=2", "axis=2", "axis=0"),
        ("one half stands below the other in the batch: they stand side by side, axis=2", "axis=2", "axis=1"),
        ("the half from the left alone is there: the one from the right stands beside it", JOINED, "f"),
        ("the half from the right alone is there: the one from the left stands before it", JOINED,
         "reverse(b, lengths=lengths)"),
        ("the half from the left stands there twice: the second is the one from the right", HALVES, "[f, f]"),
        ("the half from the right stands there twice: the first is the one from the left", "[f,",
         "[reverse(b, lengths=lengths),"),
        ("the reading from the right begins with the last state of the one from the left: it begins with 0", RIGHT,
         "reverse(xs, lengths=lengths), f[-1], **backward"),
        ("the reading from the right reads the states of the one from the left: it reads xs", IN,
         "reverse(f, lengths=lengths)"),
        ("both readings begin with ones: with 0", "np.zeros", "np.ones"),
        ("relu stands where tanh belongs", LEFT, "rnn(xs, h_0, **forward, lengths=lengths, activation='relu')",
         "**backward, lengths=lengths", "**backward, lengths=lengths, activation='relu'"),
        ("the batch is turned round, and not the steps: time is the first axis", IN, "xs[:, ::-1]", OUT, "b[:, ::-1]"),
        ("the numbers of each step are turned round, and not the steps: time is the first axis", IN, "xs[:, :, ::-1]",
         OUT, "b"),
        ("the first sequence's length serves for all: each has its own", IN,
         "reverse(xs, lengths=0 * lengths + lengths[0])", OUT, "reverse(b, lengths=0 * lengths + lengths[0])"),
        ("the last states alone are returned: those of all T steps belong there", JOINED,
         "np.concatenate([f[-1], b[-1]], axis=1)"),
    ),
)  # fmt: skip


def last_of_both(hs, lengths):
    """hs (T, N, 2H), forward half first, padded -> (N, 2H): each half where it has read its whole sequence"""
    H = hs.shape[2] // 2
    forward = hs[lengths - 1, np.arange(len(lengths)), :H]
    return np.concatenate([forward, hs[0, :, H:]], axis=1)


def _last_case(rng, T, N, H):
    return {"hs": rng.standard_normal((T, N, 2 * H)), "lengths": _lengths(rng, T, N)}


STEP, BACK = "hs[lengths - 1, np.arange(len(lengths)), :H]", "hs[0, :, H:]"
BOTH = "np.concatenate([forward, hs[0, :, H:]], axis=1)"
LAST_OF_BOTH = Exercise(
    name="last_of_both",
    statement="Of hs (T, N, 2H), forward half first: what each half knows once it has read its sequence, (N, 2H).",
    reference=last_of_both,
    case=_last_case,
    results=("states",),
    hints=(
        "Follow either reading with a finger. Where does the finger stop in a sentence of 3 words, padded to 5?",
        "The forward half of sequence n is complete at step lengths[n] - 1; the backward half at step 0.",
        "np.concatenate([hs[lengths - 1, np.arange(N), :H], hs[0, :, H:]], axis=1), with H = hs.shape[2] // 2.",
    ),
    wrong=mutants(
        last_of_both,
        ("it is hs[-1]: there the backward half has read one step alone, and a short sequence is over", BOTH, "hs[-1]"),
        ("both halves are those of step 0: there the forward half has read one step alone", BOTH, "hs[0]"),
        ("both halves are those of the last word: there the backward half has read that word alone", BACK,
         "hs[lengths - 1, np.arange(len(lengths)), H:]"),
        ("the forward half is that of step T - 1, lengths are forgotten: it ends at lengths - 1", STEP,
         "hs[-1, :, :H]"),
        ("the backward half is that of step T - 1: it ends at step 0", BACK, "hs[-1, :, H:]"),
        ("each half is taken where it begins: the forward one ends at lengths - 1, the backward one at 0", STEP,
         "hs[0, :, :H]", BACK, "hs[lengths - 1, np.arange(len(lengths)), H:]"),
        ("the forward half is one step late, in the padding: the last step is lengths - 1", STEP,
         "hs[lengths, np.arange(len(lengths)), :H]"),
        ("the forward half is one step early: the last step is lengths - 1", STEP,
         "hs[lengths - 2, np.arange(len(lengths)), :H]"),
        ("the backward half is that of step 1: it ends at step 0", BACK, "hs[1, :, H:]"),
        ("the forward half is that of step T - lengths: the padding stands behind, so it ends at lengths - 1", STEP,
         "hs[len(hs) - lengths, np.arange(len(lengths)), :H]"),
        ("the halves have changed places: the forward one comes first", BOTH,
         "np.concatenate([hs[0, :, H:], forward], axis=1)"),
        ("the halves are taken for each other: the forward one is the first H columns", BOTH,
         "np.concatenate([hs[lengths - 1, np.arange(len(lengths)), H:], hs[0, :, :H]], axis=1)"),
        ("every second column is taken for a half: the forward one is the first H columns", ":H]", "::2]", BACK,
         "hs[0, :, 1::2]"),
        ("the halves are added: they stand side by side, 2H columns", BOTH, "forward + hs[0, :, H:]"),
        ("the halves are averaged: they stand side by side, 2H columns", BOTH, "(forward + hs[0, :, H:]) / 2"),
        ("the halves stand one below the other: they stand side by side, axis=1", "axis=1", "axis=0"),
        ("the forward half alone is there: the backward one stands beside it", BOTH, "forward"),
        ("the backward half alone is there: the forward one stands before it", BOTH, "hs[0, :, H:]"),
        ("the forward half stands there twice: the second is the backward one", BACK, "forward"),
        ("the backward half stands there twice: the first is the forward one", "[forward,", "[hs[0, :, H:],"),
        ("the first sequence's length serves for all: each has its own", STEP, "hs[lengths[0] - 1, :, :H]"),
        ("the shortest length serves for all: each sequence has its own", STEP, "hs[lengths.min() - 1, :, :H]"),
        ("every length is paired with every sequence, (N, N, H): pair them, hs[lengths - 1, np.arange(N)]", STEP,
         "hs[lengths - 1, :, :H]"),
        ("the mean over the steps is taken: what each half knows at its end is asked for", BOTH, "hs.mean(0)"),
        ("the largest over the steps is taken: what each half knows at its end is asked for", BOTH, "hs.max(0)"),
        ("the sum over the steps is taken: what each half knows at its end is asked for", BOTH, "hs.sum(0)"),
    ),
)  # fmt: skip

EXERCISES = REVERSE_EACH, BIDIRECTIONAL, LAST_OF_BOTH
