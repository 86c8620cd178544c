"""Captions for pictures: a convolutional encoder, a recurrent decoder, and six ways between them.

    params = init(rng, "late")
    for step in fit(partial(loss, kind="late"), params, batches, Adam(2e-3)): …        batches of (images, tokens)
    tokens, alphas = describe(params, images, kind="late")

kind, where v is the picture:
    "h_0"     in the mind before the first word: h_0 = v W        (CS231n's assignment)
    "once"    at the first step's input, then never again
    "every"   at every step's input: h_t = tanh(x_t W_xh + h_{t-1} W_hh + v W_ih)        (the lecture)
    "late"    attention after the recurrence: the query is the new h_t, the context goes to the read-out only
    "early"   attention before it: the query is h_{t-1}, the context is a part of the cell's input (Xu et al., 2015)
    "mean"    as "late", with the same parameters and all weights equal;   "blind"  as "late", without a picture
"""

from functools import partial

import numpy as np

from unrolled.autodiff import ops
from unrolled.cells.stacks import one_direction
from unrolled.cells.table import CELLS, cell_of, init_cell, init_states
from unrolled.data.text import END, PAD, START
from unrolled.layers.attention import attention
from unrolled.layers.convolution import conv2d
from unrolled.layers.dense import embedding, linear
from unrolled.layers.initializers import dense, orthogonal
from unrolled.layers.losses import cross_entropy
from unrolled.models import decoding

KINDS = ("h_0", "once", "every", "late", "early", "mean", "blind")
INJECTED, ATTENDING = KINDS[:3], KINDS[3:]
# Three convolutions of stride 2. An annotation sees 12 x 12 pixels, its cell of 8 x 8 and little more. With windows of
# (4, 2, 4) it sees 18 x 18, with (4, 4, 4) 22 x 22: then the next cells show an object as well, and attention has less
# reason to lie on the object itself (the table attention_windows).
FILTERS, WINDOWS = (16, 32), (6, 2, 2)


def init(
    rng,
    kind="late",
    V=31,
    *,
    cell="lstm",
    H=64,
    E=24,
    A=48,
    size=32,
    filters=FILTERS,
    windows=WINDOWS,
    dtype=np.float32,
):
    """First weights. size: the picture's side, a multiple of 8; it has K = (size / 8)^2 annotations of A numbers.

    filters, windows: the encoder's, two numbers and three even ones.
    """
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {kind!r}")
    K, channels = (size // 8) ** 2, (3, *filters, A)
    encoder = {}
    for k, side in enumerate(windows):
        fan = side**2 * channels[k]
        W = rng.standard_normal((side, side, channels[k], channels[k + 1])) * (2 / fan) ** 0.5
        encoder[f"W_{k + 1}"] = W.astype(dtype)
        encoder[f"b_{k + 1}"] = np.zeros(channels[k + 1], dtype)
    encoder["places"] = (0.1 * rng.standard_normal((K, A))).astype(dtype)
    inputs = E + {"once": H, "every": H, "early": A}.get(kind, 0)
    weights = init_cell(rng, cell, inputs, H, W_hh=orthogonal, dtype=dtype)
    params = {"encoder": encoder, "embedding": rng.standard_normal((V, E)).astype(dtype), cell: weights}
    if kind in INJECTED:
        maps = {"picture": (K * A, H), "readout": (H, V)}
    elif kind == "early":
        maps = {"picture": (A, H), "query": (H, A), "readout": (H, V)}
    else:
        maps = {"query": (H, A), "readout": (H + A, V)}
    return params | {name: dense(rng, *sizes, dtype=dtype) for name, sizes in maps.items()}


def encode(params, images):
    """images (N, size, size, 3) -> annotations (N, K, A), K places of the picture, row by row."""
    p = params["encoder"]
    x = images - np.float32(0.5)
    for k in range(1, len(WINDOWS) + 1):
        side = p[f"W_{k}"].shape[0]
        x = ops.relu(x) if k > 1 else x
        x = conv2d(x, p[f"W_{k}"], p[f"b_{k}"], stride=2, padding=side // 2 - 1)  # so that it has its cell's middle
    N, rows, columns, A = x.shape
    return ops.relu(ops.reshape(x, shape=(N, rows * columns, A)) + p["places"])


def forward(params, images, tokens, *, kind):
    """What it says after each token that it reads: tokens (T, N) -> logits (T, N, V), alphas (T, N, K)."""
    v, xs = _annotations(params, images, kind), embedding(tokens, params["embedding"])
    states, picture = _first_states(params, v, kind)
    if kind == "early":
        return _early(params, v, xs, states)
    T, N, dtype = *np.shape(tokens), params["embedding"].dtype
    if kind in ("once", "every"):
        when = np.ones((T, 1, 1), dtype) if kind == "every" else np.eye(T, 1, dtype=dtype)[:, :, None]
        xs = ops.concatenate(xs, picture * when)
    cell = cell_of(params)
    hs, _ = one_direction(CELLS[cell].kernel, xs, states, params[cell])
    if kind in INJECTED:
        return linear(hs, **params["readout"]), np.zeros((T, N, v.shape[1]), dtype)
    contexts, alphas = _late(params, hs, v, kind)
    return linear(ops.concatenate(hs, contexts), **params["readout"]), alphas


def _annotations(params, images, kind):
    """What the decoder sees of the pictures; the blind one sees zeros, whatever there is."""
    if kind != "blind":
        return encode(params, images)
    places = params["encoder"]["places"]
    return np.zeros((len(images), *places.shape), places.dtype)


def _first_states(params, v, kind):
    """The cell's states before the first word, h first, and the picture (N, H), where the kind injects one."""
    cell = cell_of(params)
    h, *others = init_states(cell, len(v), len(params[cell]["W_hh"]), dtype=v.dtype)
    picture = None
    if kind in INJECTED:
        N, K, A = v.shape
        picture = ops.tanh(linear(ops.reshape(v, shape=(N, K * A)), **params["picture"]))
        h = picture if kind == "h_0" else h
    elif kind == "early":
        h = ops.tanh(linear(ops.mean(v, axis=1), **params["picture"]))
    return (h, *others), picture


def _next_states(params, x, states):
    cell = cell_of(params)
    states = CELLS[cell].step(x, *states, **params[cell])
    return states if isinstance(states, tuple) else (states,)


def _late(params, hs, v, kind):
    queries = linear(hs, **params["query"])
    if kind in ("mean", "blind"):
        queries = queries * np.float32(0)
    return attention(queries, v, v)


def _early(params, v, xs, states):
    hs, weights = [], []
    for x in ops.unstack(xs):
        q = linear(states[0], **params["query"])
        context, alpha = attention(ops.reshape(q, shape=(1, *q.shape)), v, v)
        states = _next_states(params, ops.concatenate(x, context[0]), states)
        hs.append(states[0])
        weights.append(alpha[0])
    return linear(ops.stack(*hs), **params["readout"]), ops.stack(*weights)


def loss(params, images, tokens, *, kind, penalty=0.0):
    """Nats a word under teacher forcing, padding masked: images (N, …), tokens (L + 1, N)."""
    logits, alphas = forward(params, images, tokens[:-1], kind=kind)
    mask = tokens[1:] != PAD
    value = cross_entropy(logits, tokens[1:], mask)
    if penalty:
        attention_paid = ops.sum(alphas * mask[..., None].astype(np.float32), axis=0)
        value = value + penalty * ops.mean(ops.sum((1 - attention_paid) ** 2, axis=1))
    return value


def start(params, images, *, kind):
    """The state before START is read: (the cell's states, v, picture)"""
    v = _annotations(params, images, kind)
    states, picture = _first_states(params, v, kind)
    return states, v, picture


def step(params, tokens, state, *, kind):
    """One word on, without a tape: tokens (N,) -> logits (N, V), state, alphas (N, K)."""
    states, v, picture = state
    x = embedding(np.asarray(tokens), params["embedding"])
    alphas = np.zeros(v.shape[:2], v.dtype)
    if kind == "early":
        contexts, alphas = attention(linear(states[0], **params["query"])[None], v, v)
        x, alphas = np.concatenate([x, contexts[0]], -1), alphas[0]
    if kind in ("once", "every"):
        x = np.concatenate([x, picture], -1)
    if kind == "once":
        picture = np.zeros_like(picture)
    states = _next_states(params, x, states)
    after = states[0]
    if kind in ("late", "mean", "blind"):
        contexts, alphas = _late(params, after[None], v, kind)
        after, alphas = np.concatenate([after, contexts[0]], -1), alphas[0]
    return linear(after, **params["readout"]), (states, v, picture), alphas


def describe(params, images, *, kind, longest=12):
    """The likeliest word each time, for a batch: images (N, …) -> tokens (T, N) with END and PAD, alphas (T, N, K)."""
    say, state = partial(step, params, kind=kind), start(params, images, kind=kind)
    return decoding.greedy_batch(say, state, np.full(len(images), START), longest, end=END, pad=PAD)
