"""Layers of recurrent cells, and sequences read in two directions, for any cell: `rnn`, `lstm`, `gru`, or your own.

A *cell* is a function of a sequence, cell(xs, *states, **weights) -> the states of all steps, one array or a tuple;
the first is what the next layer reads. A *layer* is one of the functions below: it takes the first states and the
weights as nests, and gives the sequence that it puts out with the last states, in the nest of the first.

    ys, last = one_direction(lstm, xs, (h0, c0), weights)
    ys, last = two_directions(gru, xs, ((h0,), (h0,)), {"forward": weights, "backward": weights})
    ys, last = stack_layers(lstm, xs, ((h0, c0), (h0, c0)), (weights, weights))
    ys, last = stack_layers(gru, xs, states, layers, layer=two_directions)
    ys, last = stack_layers(gru, xs, states, layers, residual=True, between=lambda ys: dropout(ys, rng=rng, share=0.3))
    h = sliced(gru, xs, layers, slices=(8, 8, 8))
"""

import numpy as np

from unrolled.autodiff.ops import add, concatenate, index, reshape, transpose
from unrolled.autodiff.tape import differentiable
from unrolled.cells.sequence import padding


def one_direction(cell, xs, states, weights, *, lengths=None):
    """Run a cell along xs (T, N, D) -> ys (T, N, H), and the last states, as many as `states`, each (N, H)."""
    sequences = cell(xs, *states, **weights, lengths=lengths)
    sequences = sequences if isinstance(sequences, tuple) else (sequences,)
    last = tuple(index(s, key=-1) for s in sequences) if len(xs) else states  # of no step: as they were
    return sequences[0], last


def two_directions(cell, xs, states, weights, *, lengths=None):
    """Read xs (T, N, D) forwards and backwards -> ys (T, N, 2H): at each step what came before it, and what comes next.

    states: (forward, backward), weights: {"forward": …, "backward": …}. The last state of the backward reading is the
    one that has just read the first step. Source: Schuster & Paliwal (1997).
    """
    forward, backward = states
    ys, last = one_direction(cell, xs, forward, weights["forward"], lengths=lengths)
    backwards = reverse(xs, lengths=lengths)
    zs, last_back = one_direction(cell, backwards, backward, weights["backward"], lengths=lengths)
    return concatenate(ys, reverse(zs, lengths=lengths), axis=2), (last, last_back)


def stack_layers(
    cell, xs, states, layers, *, lowest=None, layer=one_direction, residual=False, between=None, lengths=None
):
    """Layers one above the other: what one puts out, the next reads -> ys of the topmost, and all layers' last states.

    states, layers: a tuple with an entry for each layer, the lowest first.
    lowest     the cell of the lowest layer, where it is another: one that reads tokens
    residual   every layer but the lowest adds what it reads to what it puts out: all layers have one width
    between    a function of what one layer puts out, for the next to read, such as dropout. It meets no state: what
               goes from step to step is whole
    ValueError: not as many states as layers; residual layers of two widths.
    Sources: Graves, Mohamed & Hinton (2013); residual, Wu et al. (2016); dropout, Zaremba, Sutskever & Vinyals (2014).
    """
    if len(states) != len(layers):
        raise ValueError(f"states must be given for each of the {len(layers)} layers, got {len(states)}")
    last = []
    for number, (start, weights) in enumerate(zip(states, layers)):
        if number and between:
            xs = between(xs)
        kernel = cell if number or lowest is None else lowest
        ys, end = layer(kernel, xs, start, weights, lengths=lengths)
        if number and residual and ys.shape != xs.shape:
            raise ValueError(f"residual layers must have one width, got {xs.shape[-1]} below {ys.shape[-1]}")
        xs = add(xs, ys) if number and residual else ys
        last.append(end)
    return xs, tuple(last)


def sliced(cell, xs, layers, *, slices, states=1):
    """Read xs (T, N, D) in slices, side by side, and the last states of the slices in the same way -> h (N, H)

    slices  how long a slice of each layer is, the lowest first: their product is T. Only sum(slices) steps come one
            after the other, but the lowest layer alone takes T. A slice starts from 0: it knows nothing of those before
    states  how many states the cell has: 2 of an LSTM
    ValueError: the product is not T. Source: Yu & Liu (2018), "Sliced recurrent neural networks".
    """
    if np.prod(slices) != len(xs):
        raise ValueError(f"the product of slices must be T = {len(xs)}, got {slices}")
    for length, weights in zip(slices, layers, strict=True):
        T, N, D = xs.shape
        pieces = transpose(reshape(xs, shape=(T // length, length, N, D)), axes=(1, 0, 2, 3))
        side_by_side = reshape(pieces, shape=(length, T // length * N, D))
        zero = np.zeros((T // length * N, len(weights["W_hh"])), xs.dtype)
        _, (h, *_) = one_direction(cell, side_by_side, (zero,) * states, weights)
        xs = reshape(h, shape=(T // length, N, h.shape[1]))
    return xs[0]


@differentiable
def reverse(xs, *, lengths=None):
    """Each sequence from its last step to its first: xs (T, N, …) -> the same; the padding stays where it is.

    lengths (N,) int: how many steps each has, T by default. Reversed twice, it is as it was.
    """
    T, N = xs.shape[:2]
    steps = np.arange(T)[:, None]
    back = T - 1 - steps if lengths is None else np.asarray(lengths) - 1 - steps
    order = np.where(padding(lengths, T, N)[..., 0], steps, back), np.arange(N)
    return xs[order], lambda d: (d[order],)
