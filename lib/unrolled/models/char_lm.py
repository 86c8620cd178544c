"""A language model of characters: embedding, recurrent layers of any cell, and a linear read-out.

    params = init(rng, V, H, cell="gru")
    for step in fit(loss, params, batches, Adam(3e-3), carry=start(params, N)): …
    logits, state = step(params, token, state)                         # one step without a tape, for decoding

params is {"embedding": (V, D), cell: (weights of each layer, …), "readout": {"W": (H, V), "b": (V,)}}. Without an
embedding (D=None) the lowest layer reads one-hot vectors, as in min-char-rnn: its W_xh is (V, …), a row a symbol.
A state is a nest: for each layer the tuple of its states, (h,) or (h, c), each (N, H).
"""

from functools import partial
from itertools import count as counting

import numpy as np

from unrolled.cells.sequence import after_lookup
from unrolled.cells.stacks import stack_layers
from unrolled.cells.table import CELLS, cell_of, cell_size, init_cell, init_states
from unrolled.layers.dense import dropout, embedding, linear
from unrolled.layers.initializers import dense, orthogonal
from unrolled.layers.losses import cross_entropy


def init(rng, V, H, *, cell="gru", D=None, layers=1, dtype=np.float32):
    """First weights: Glorot's for what comes in and for the read-out, orthogonal W_hh, zero biases; forget bias 1.

    D: the embedding's size, or None for one-hot vectors. ValueError: an unknown cell, a size < 1.
    """
    for name, size in {"V": V, "H": H, "layers": layers, "D": 1 if D is None else D}.items():
        if size < 1:
            raise ValueError(f"{name} must be at least 1, got {size}")
    params = {} if D is None else {"embedding": rng.standard_normal((V, D)).astype(dtype)}
    inputs = [D or V, *[H] * (layers - 1)]
    params[cell] = tuple(
        init_cell(rng, cell, below, H, W_hh=orthogonal, recurrent_first=True, dtype=dtype) for below in inputs
    )
    return params | {"readout": dense(rng, H, V, dtype=dtype)}


def start(params, N=1):
    """The state before the first symbol, zeros: for each layer a tuple of (N, H)."""
    cell, dtype = cell_of(params), params["readout"]["b"].dtype
    return tuple(init_states(cell, N, len(layer["W_hh"]), dtype=dtype) for layer in params[cell])


def loss(params, tokens, targets, state):
    """Nats per symbol and what is carried on: tokens, targets (T, N) int, state -> (mean cross-entropy, last state)."""
    cell = cell_of(params)
    ys, last = stack_layers(CELLS[cell].kernel, tokens, state, params[cell], lowest=_lowest(params))
    return cross_entropy(linear(ys, **params["readout"]), targets), last


def loss_with_dropout(share):
    """A loss(params, tokens, targets, key, state) that leaves out units while it trains, against overfitting.

    `dropout` of what each layer reads and the read-out reads; what goes from step to step is whole. key: whole numbers
    from which the choice is drawn, other ones at each step, so that a run can be repeated and resumed.
    Sources: Srivastava et al. (2014); for recurrent layers Zaremba, Sutskever & Vinyals (2014).
    """
    if not 0 <= share < 1:
        raise ValueError(f"the share that dropout leaves out must be at least 0 and below 1, got {share}")
    if not share:
        return lambda params, tokens, targets, key, state: loss(params, tokens, targets, state)

    def dropped(params, tokens, targets, key, state):
        drop, cell = partial(dropout, rng=np.random.default_rng(key), share=share), cell_of(params)
        if "embedding" in params:  # each step leaves out other numbers of a symbol's vector: no table has them all
            xs, lowest = drop(_inputs(params, tokens)), None
        else:
            xs, lowest = tokens, _lowest(params)
        ys, last = stack_layers(CELLS[cell].kernel, xs, state, params[cell], lowest=lowest, between=drop)
        return cross_entropy(linear(drop(ys), **params["readout"]), targets), last

    return dropped


def step(params, token, state):
    """One step without a tape: token int -> logits (V,), or tokens (N,) int -> logits (N, V); and the next state."""
    cell = cell_of(params)
    x, following = _inputs(params, np.atleast_1d(token)), []
    for weights, states in zip(params[cell], state):
        states = CELLS[cell].step(x, *states, **weights)
        following.append(states if isinstance(states, tuple) else (states,))
        x = following[-1][0]
    logits = linear(x, **params["readout"])
    return (logits if np.ndim(token) else logits[0]), tuple(following)


def trace(params, tokens, state=None):
    """What every unit does: tokens (T, N) int -> for each layer its sequences, (hs,) or (hs, cs), each (T, N, H)."""
    cell, sequences, xs = cell_of(params), [], np.asarray(tokens)
    for weights, states in zip(params[cell], start(params, xs.shape[1]) if state is None else state):
        hs = (CELLS[cell].kernel if sequences else _lowest(params))(xs, *states, **weights)
        sequences.append(hs if isinstance(hs, tuple) else (hs,))
        xs = sequences[-1][0]
    return tuple(sequences)


def evaluate(params, tokens, *, streams=1, T=256, loss=loss):
    """Nats per symbol of a held-out text, but for its first: tokens (length,) int -> -mean log p(token | before).

    It is read from its first to its last symbol, with the state carried on. With several streams, the text is read in
    as many equal pieces side by side, each from the state zero: faster, a little too high, and of the last symbols
    (fewer than streams) none is read. loss: another than `loss`, of the same parameters and states. ValueError: fewer
    than 2 symbols a stream.
    """
    length = (len(tokens) - 1) // streams
    if length < 1:
        raise ValueError(f"a held-out text must have at least 2 symbols for each of {streams}, got {len(tokens)}")
    tokens, state, total = np.asarray(tokens), start(params, streams), 0.0
    xs, targets = (tokens[i : i + streams * length].reshape(streams, length).T for i in (0, 1))
    for t in range(0, length, T):
        mean, state = loss(params, xs[t : t + T], targets[t : t + T], state)
        total += float(mean) * len(xs[t : t + T])
    return total / length


def size(params):
    """How many numbers are trained."""
    layers = params[cell_of(params)]
    arrays = [*params["readout"].values(), *(W for layer in layers for W in layer.values())]
    return sum(W.size for W in arrays) + (params["embedding"].size if "embedding" in params else 0)


def hidden_for(cell, V, parameters, *, D=None, layers=1):
    """The H with which a model of this cell has about so many parameters (the nearest count; of two, the smaller H)."""

    def count(H):
        above = (layers - 1) * cell_size(cell, H, H)
        return (0 if D is None else V * D) + cell_size(cell, V if D is None else D, H) + above + V * (H + 1)

    if parameters < count(1):
        raise ValueError(f"a {cell} of V = {V} has at least {count(1)} parameters, got {parameters}")
    H = next(H for H in counting(1) if count(H + 1) > parameters)
    return H if parameters - count(H) <= count(H + 1) - parameters else H + 1


def _lowest(params):
    """The lowest layer's kernel, of tokens (T, N) int in place of xs: what W_xh does to a symbol is computed once."""
    cell = CELLS[cell_of(params)]

    def read(tokens, *states, W_xh, W_hh, b_h, lengths=None, **more):
        table = linear(params["embedding"], W_xh, b_h) if "embedding" in params else W_xh + b_h
        return after_lookup(tokens, table, *states, W_hh, *more.values(), recurrence=cell.recurrence)

    def read_by_steps(tokens, *states, **weights):
        return cell.kernel(_inputs(params, tokens), *states, **weights)

    return read if cell.recurrence else read_by_steps


def _inputs(params, tokens):
    """Rows of the embedding, or one-hot vectors, which are the rows of the identity: (…) int -> (…, D or V)."""
    if "embedding" in params:
        return embedding(tokens, params["embedding"])
    W = params["readout"]["b"]
    return embedding(tokens, np.eye(len(W), dtype=W.dtype))
