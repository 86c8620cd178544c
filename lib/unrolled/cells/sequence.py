"""What the cells share: rows of all steps in one matrix, sequences that end early, and BPTT by the book."""

import numpy as np

from unrolled.autodiff.tape import differentiable
from unrolled.layers.dense import embedding, linear


def flat(xs):
    """(T, N, H) -> (T N, H): all time steps as rows of one matrix."""
    return xs.reshape(-1, xs.shape[-1])


def by_gate(z, gates):
    """(…, N, gates H) -> (…, gates, N, H), a view: the packed gates one after the other."""
    return z.reshape(*z.shape[:-1], gates, z.shape[-1] // gates).swapaxes(-3, -2)


def sigmoid(z):
    """1 / (1 + e^-z), through tanh, which cannot overflow."""
    return (1 + np.tanh(z / 2)) / 2


def padding(lengths, T, N):
    """(T, N, 1) bool, True at the steps after the end of their sequence.        lengths (N,) int, or None: all T

    TypeError: no whole numbers. ValueError: another shape, a length outside 0 … T.
    """
    lengths = np.full(N, T) if lengths is None else np.asarray(lengths)
    if lengths.dtype.kind not in "iu":
        raise TypeError(f"lengths must be whole numbers, got dtype {lengths.dtype}")
    if lengths.shape != (N,):
        raise ValueError(f"lengths must be (N,) = ({N},), got {lengths.shape}")
    if N and not 0 <= lengths.min() <= lengths.max() <= T:
        raise ValueError(f"lengths must be from 0 to T = {T}, got {lengths[(lengths < 0) | (lengths > T)][0]}")
    return np.arange(T)[:, None, None] >= lengths[:, None]


def scan(step, xs, states, weights, lengths=None):
    """Run a step function along a sequence, and its pullbacks back: BPTT by the book, for any cell.

    step(x, *states, *weights) gives the next states and its pullback; xs (T, N, D), each state (N, H). Returns the
    states of all steps, a (T, N, H) for each state, and the pullback of the whole. A padded step copies the state.
    """
    padded = padding(lengths, *xs.shape[:2])
    xs = np.where(padded, 0, xs)  # a padded input changes nothing, not even if it is NaN
    sequences = [np.empty((len(xs), *state.shape), xs.dtype) for state in states]
    pullbacks = []
    for t, x in enumerate(xs):
        values, pullback = step.with_pullback(x, *states, *weights)
        values = values if isinstance(values, tuple) else (values,)
        states = [np.where(padded[t], old, new) for old, new in zip(states, values)]
        pullbacks.append(pullback)
        for sequence, state in zip(sequences, states):
            sequence[t] = state

    def pullback(*dsequences):
        dxs, dweights = np.zeros_like(xs), [np.zeros_like(W) for W in weights]
        dstates = [np.zeros_like(state) for state in states]
        for t in reversed(range(len(xs))):
            dstates = [ds[t] + d for ds, d in zip(dsequences, dstates)]  # from this step's use of it, and from step t+1
            dxs[t], *earlier = pullbacks[t](*(np.where(padded[t], 0, d) for d in dstates))
            dstates = [np.where(padded[t], d, new) for d, new in zip(dstates, earlier)]
            for total, term in zip(dweights, earlier[len(states) :]):
                total += term  # the weights are used at every step: their gradients add up
        return (dxs, *dstates, *dweights)

    return (tuple(sequences) if len(sequences) > 1 else sequences[0]), pullback


def after_linear(recurrence, xs, states, W_xh, W_hh, b_h, *more, lengths=None, **config):
    """zs = xs W_xh + b_h of every step in one matrix product, then the recurrence alone: what `rnn`, `lstm`, `gru` are.

    -> the recurrence's values, and the pullback to xs, the states, W_xh, W_hh, b_h, and what else there is.
    """
    zs, to_input = linear.with_pullback(zero_padding(xs, lengths), W_xh, b_h)
    sequences, to_recurrence = recurrence.with_pullback(zs, *states, W_hh, *more, **config)
    values, to_recurrence = carry_through_padding(lengths, states, sequences, to_recurrence)

    def pullback(*dvalues):
        dzs, *rest = to_recurrence(*dvalues)
        dxs, dW_xh, db_h = to_input(dzs)
        dstates, (dW_hh, *dmore) = rest[: len(states)], rest[len(states) :]
        return (dxs, *dstates, dW_xh, dW_hh, db_h, *dmore)

    return values, pullback


@differentiable
def after_lookup(tokens, table, *states_and_weights, recurrence):
    """zs = table[tokens], then the recurrence alone: what `rnn`, `lstm` and `gru` are to a model of tokens.

    tokens (T, N) int; table (V, gates H) = embedding @ W_xh + b_h: a row for each symbol, not for each step.
    """
    zs, to_table = embedding.with_pullback(tokens, table)
    values, to_recurrence = recurrence.with_pullback(zs, *states_and_weights)

    def pullback(*dvalues):
        dzs, *rest = to_recurrence(*dvalues)
        return (*to_table(dzs), *rest)

    return values, pullback


def zero_padding(xs, lengths):
    """xs with zeros in the padding, so that nothing there changes a result, not even a NaN. lengths None: xs."""
    return xs if lengths is None else np.where(padding(lengths, *xs.shape[:2]), 0, xs)


def carry_through_padding(lengths, states, sequences, pullback):
    """Copy the last state of each sequence to the steps after its end -> the sequences, and the pullback of that.

    It is done here, once for all cells, so a kernel runs through all steps and knows nothing of lengths. The gradient
    of a copy is added to that of the last state, and the kernel's pullback gets zeros for the padded steps: so neither
    the weights nor the inputs get gradient from them.
    states (N, H) before the first step, sequences (T, N, H), pullback: the kernel's arguments, values and pullback.
    """
    if lengths is None:
        return sequences, pullback
    several = sequences if isinstance(sequences, tuple) else (sequences,)
    padded, n = padding(lengths, *several[0].shape[:2]), np.arange(len(lengths))

    def copy_last(state, sequence):
        last = np.concatenate([state[None], sequence])[lengths, n]  # the state after `length` steps, from 0 on
        return np.where(padded, last, sequence)

    def move_to_last(d):
        d_from_0 = np.concatenate([np.zeros_like(states[0])[None], np.where(padded, 0, d)])
        d_from_0[lengths, n] += np.where(padded, d, 0).sum(0)
        return d_from_0

    def pullback_of_copies(*ds):
        ds = [move_to_last(d) for d in ds]
        dxs, *rest = pullback(*(d[1:] for d in ds))
        return (dxs, *(dstate + d[0] for dstate, d in zip(rest, ds)), *rest[len(ds) :])

    values = tuple(map(copy_last, states, several))
    return (values if isinstance(sequences, tuple) else values[0]), pullback_of_copies
