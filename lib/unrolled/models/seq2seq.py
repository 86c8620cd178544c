"""From one sequence to another: an encoder and a decoder, two GRUs, and four ways between them.

    params = init(rng, (len(ENGLISH), len(KOREAN)), "luong")
    for step in fit(partial(loss, kind="luong"), params, batches, Adam(6e-3)): …            batches of translation.Batch
    tokens, alphas = translate(params, source, lengths, kind="luong")

kind, where h_t is the decoder's state, and the annotations of the source's words 1 … S are the encoder's states:
    "plain"     the encoder's last state is the decoder's first, and nothing else goes across (Sutskever et al., 2014)
    "bahdanau"  attention before the recurrence: alpha_t from h_{t-1}, by a small network; the context is a part of the
                cell's input (Bahdanau et al., 2014)
    "luong"     attention after it: alpha_t from h_t, by a product; the read-out sees a_t = tanh([c_t, h_t] W_c), and
                the next step does not (Luong et al., 2015, score "general")
    "fed"       as "luong", and a_{t-1} is a part of the cell's input: input feeding
"""

from functools import partial
from typing import NamedTuple

import numpy as np

from unrolled.autodiff import ops
from unrolled.cells.gru import gru, gru_step
from unrolled.cells.stacks import one_direction, two_directions
from unrolled.cells.table import init_cell, init_states
from unrolled.data.text import END, PAD, START
from unrolled.layers.attention import additive_attention, attention
from unrolled.layers.dense import embedding, linear
from unrolled.layers.initializers import dense, gaussian, glorot, orthogonal
from unrolled.layers.losses import cross_entropy
from unrolled.models import decoding

KINDS = ("plain", "bahdanau", "luong", "fed")


class State(NamedTuple):
    """What is carried from word to word. h, a (N, H): the cell's state, and what the last read-out saw; the rest stays
    as the encoder made it: values (N, S, ·) the annotations, keys what a score compares, mask (N, S) bool."""

    h: np.ndarray
    a: np.ndarray
    values: np.ndarray
    keys: np.ndarray
    mask: np.ndarray


def init(rng, V, kind="luong", *, H=48, E=20, M=24, both=False, dtype=np.float32):
    """First weights. V: (V_source, V_target), the words of the two vocabularies.

    both   the encoder reads in both directions: an annotation has 2H numbers
    M      the width of the small network by which "bahdanau" scores
    ValueError: a kind that is none.
    """
    _check(kind)
    D = 2 * H if both else H
    cell = lambda inputs: init_cell(rng, "gru", inputs, H, W_hh=orthogonal, dtype=dtype)
    params = {name: gaussian(rng, (size, E), 0.5, dtype=dtype) for name, size in zip(("source", "target"), V)}
    params["encoder"] = {"forward": cell(E), "backward": cell(E)} if both else {"forward": cell(E)}
    params["decoder"] = cell(E + {"bahdanau": D, "fed": H}.get(kind, 0))
    score = lambda *size: glorot(rng, size, dtype=dtype)
    if kind == "bahdanau":
        params["score"] = {"W_a": score(H, M), "U_a": score(D, M), "v_a": score(M, 1)[:, 0]}
    elif kind != "plain":
        params["score"] = {"W_a": score(D, H)}
    maps = {"first": (D, H)} if both else {}
    maps |= {"combine": (D + H, H)} if kind in ("luong", "fed") else {}
    maps |= {"readout": (H, V[1])}
    return params | {name: dense(rng, *size, dtype=dtype) for name, size in maps.items()}


def encode(params, source, lengths):
    """source (S, N), lengths (N,) -> annotations (N, S, H or 2H), and the decoder's first state (N, H)"""
    xs, weights = embedding(source, params["source"]), params["encoder"]
    zero = init_states("gru", xs.shape[1], len(weights["forward"]["W_hh"]), dtype=xs.dtype)
    if "backward" in weights:
        hs, ((last,), (last_back,)) = two_directions(gru, xs, (zero, zero), weights, lengths=lengths)
        last = ops.tanh(linear(ops.concatenate(last, last_back), **params["first"]))
    else:
        hs, (last,) = one_direction(gru, xs, zero, weights["forward"], lengths=lengths)
    return ops.transpose(hs, axes=(1, 0, 2)), last


def start(params, source, lengths, *, kind):
    """The State before START is read: source (S, N) int, lengths (N,) how many words each has.

    ValueError: a kind that is none, a length outside 1 … S.
    """
    _check(kind)
    lengths = np.asarray(lengths)
    if lengths.size and not 1 <= lengths.min() <= lengths.max() <= len(source):
        raise ValueError(f"lengths must be from 1 to S = {len(source)}, got {lengths.tolist()}")
    values, h = encode(params, source, lengths)
    keys = values if kind == "plain" else values @ params["score"]["U_a" if kind == "bahdanau" else "W_a"]
    return State(h, np.zeros(h.shape, h.dtype), values, keys, np.arange(len(source)) < lengths[:, None])


def _advance(params, x, state, kind):
    """One word on, x (N, E) -> State, alphas (N, S). What the read-out sees stands in the state as a."""
    h, a, values, keys, mask = state
    if kind == "bahdanau":  # before the word is read
        query, v_a = h @ params["score"]["W_a"], params["score"]["v_a"]
        queries = ops.reshape(query, shape=(1, *query.shape))
        contexts, alphas = additive_attention(queries, keys, values, v_a, mask)
        h = a = gru_step(ops.concatenate(x, contexts[0]), h, **params["decoder"])
        return State(h, a, values, keys, mask), alphas[0]
    x = ops.concatenate(x, a) if kind == "fed" else x
    h = gru_step(x, h, **params["decoder"])
    if kind == "plain":
        return State(h, h, values, keys, mask), np.zeros(mask.shape, values.dtype)
    seen, alphas = _after(params, ops.reshape(h, shape=(1, *h.shape)), state)
    return State(h, seen[0], values, keys, mask), alphas[0]


def _after(params, hs, state):
    """Luong's attention of any number of steps at once: hs (T, N, H) -> a (T, N, H), alphas (T, N, S)."""
    contexts, alphas = attention(hs, state.keys, state.values, state.mask, scale=1)
    return ops.tanh(linear(ops.concatenate(contexts, hs), **params["combine"])), alphas


def forward(params, source, lengths, tokens, *, kind):
    """Teacher forcing: what is said after each token that is read, tokens (T, N) -> logits (T, N, V), alphas (T, N, S).

    alphas are 0 in the plain kind, which has none.
    """
    state, xs = start(params, source, lengths, kind=kind), embedding(tokens, params["target"])
    if kind in ("plain", "luong"):  # no step waits for what the one before it saw: all of them at once
        seen = gru(xs, state.h, **params["decoder"])
        alphas = np.zeros((len(tokens), *state.mask.shape), xs.dtype)
        if kind == "luong":
            seen, alphas = _after(params, seen, state)
        return linear(seen, **params["readout"]), alphas
    seen, weights = [], []
    for x in ops.unstack(xs):
        state, alphas = _advance(params, x, state, kind)
        seen.append(state.a)
        weights.append(alphas)
    return linear(ops.stack(*seen), **params["readout"]), ops.stack(*weights)


def loss(params, source, lengths, target, *, kind):
    """Nats a word under teacher forcing, padding masked: a translation.Batch."""
    logits, _ = forward(params, source, lengths, target[:-1], kind=kind)
    return cross_entropy(logits, target[1:], target[1:] != PAD)


def step(params, tokens, state, *, kind):
    """One word on: tokens (N,) -> logits (N, V), State, alphas (N, S)."""
    state, alphas = _advance(params, embedding(np.asarray(tokens), params["target"]), state, kind)
    return linear(state.a, **params["readout"]), state, alphas


def translate(params, source, lengths, *, kind, longest=40):
    """Free running, the likeliest word each time: source (S, N) -> tokens (T, N) with END and PAD, alphas (T, N, S).

    It stops when all have ended, or after `longest` words.
    """
    say, state = partial(step, params, kind=kind), start(params, source, lengths, kind=kind)
    return decoding.greedy_batch(say, state, np.full(len(lengths), START), longest, end=END, pad=PAD)


def one_sentence(params, source, *, kind):
    """One source, tokens (S,), for the functions in `decoding` -> step(token, state) -> (logits (V,), state), State"""

    def one(token, state):
        logits, state, _ = step(params, [token], state, kind=kind)
        return logits[0], state

    return one, start(params, np.asarray(source)[:, None], [len(source)], kind=kind)


def exact_match(tokens, target):
    """Which translations are right to the word: tokens (T, N), as of `translate`, target (T + 1, N) -> (N,) bool

    A right one has the target's words and END, and nothing counts after that.
    """
    length = max(len(tokens), len(target) - 1)
    said, right = (np.full((length, target.shape[1]), PAD) for _ in range(2))
    said[: len(tokens)], right[: len(target) - 1] = tokens, target[1:]
    return (said == right).all(0)


def _check(kind):
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {kind!r}")
