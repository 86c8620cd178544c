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

import numpy as np

from unrolled.autodiff import ops
from unrolled.cells.lstm import lstm, lstm_bias, lstm_step
from unrolled.cells.rnn import rnn, rnn_step
from unrolled.layers.attention import attention
from unrolled.layers.convolution import conv2d
from unrolled.layers.dense import embedding, linear
from unrolled.layers.initializers import glorot, orthogonal
from unrolled.layers.losses import cross_entropy

KINDS = ("h_0", "once", "every", "late", "early", "mean", "blind")
INJECTED, ATTENDING = KINDS[:3], KINDS[3:]
# Three convolutions of stride 2. An annotation sees 12 x 12 pixels, its cell of 8 x 8 and little more: where it may see
# 18 x 18, the next cell shows an object as well, and attention has no reason to lie on the object itself.
FILTERS, WINDOWS = (16, 32), (6, 2, 2)
PAD, START, END = 0, 1, 2


def init(rng, kind="late", V=31, *, cell="lstm", H=64, E=24, A=48, size=32, dtype=np.float32):
    """First weights. size: the picture's side, a multiple of 8; it has K = (size / 8)^2 annotations of A numbers."""
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {kind!r}")
    K, channels = (size // 8) ** 2, (3, *FILTERS, A)
    encoder = {}
    for k, side in enumerate(WINDOWS):
        fan = side**2 * channels[k]
        W = rng.standard_normal((side, side, channels[k], channels[k + 1])) * (2 / fan) ** 0.5
        encoder[f"W_{k + 1}"] = W.astype(dtype)
        encoder[f"b_{k + 1}"] = np.zeros(channels[k + 1], dtype)
    encoder["places"] = (0.1 * rng.standard_normal((K, A))).astype(dtype)
    inputs = E + {"once": H, "every": H, "early": A}.get(kind, 0)
    blocks = 4 if cell == "lstm" else 1
    weights = {
        "W_xh": np.concatenate([glorot(rng, (inputs, H), dtype=dtype) for _ in range(blocks)], 1),
        "W_hh": np.concatenate([orthogonal(rng, (H, H), dtype=dtype) for _ in range(blocks)], 1),
        "b_h": lstm_bias(H, dtype=dtype) if cell == "lstm" else np.zeros(H, dtype),
    }
    dense = lambda D, M: {"W": glorot(rng, (D, M), dtype=dtype), "b": np.zeros(M, dtype)}
    params = {"encoder": encoder, "embedding": rng.standard_normal((V, E)).astype(dtype), cell: weights}
    if kind in INJECTED:
        return params | {"picture": dense(K * A, H), "readout": dense(H, V)}
    if kind == "early":
        return params | {"picture": dense(A, H), "query": dense(H, A), "readout": dense(H, V)}
    return params | {"query": dense(H, A), "readout": dense(H + A, V)}


def encode(params, images):
    """images (N, size, size, 3) -> annotations (N, K, A), K places of the picture, row by row."""
    p = params["encoder"]
    x = images - np.float32(0.5)
    for k, side in enumerate(WINDOWS, start=1):
        x = ops.relu(x) if k > 1 else x
        x = conv2d(x, p[f"W_{k}"], p[f"b_{k}"], stride=2, padding=side // 2 - 1)  # so that it has its cell's middle
    N, rows, columns, A = x.shape
    return ops.relu(ops.reshape(x, shape=(N, rows * columns, A)) + p["places"])


def forward(params, images, tokens, *, kind):
    """What it says after each token that it reads: tokens (T, N) -> logits (T, N, V), alphas (T, N, K)."""
    v, xs = _seen(params, images, kind), embedding(tokens, params["embedding"])
    T, N = np.shape(tokens)
    cell = "lstm" if "lstm" in params else "rnn"
    dtype = params["embedding"].dtype
    H = params[cell]["W_hh"].shape[0]
    zeros = np.zeros((N, H), dtype)
    alphas = np.zeros((T, N, v.shape[1]), dtype)
    if kind == "early":
        return _early(params, v, xs)
    h0 = zeros
    if kind in INJECTED:
        picture = _picture(params, v)
        if kind == "h_0":
            h0 = picture
        else:
            when = np.ones((T, 1, 1), dtype) if kind == "every" else np.eye(T, 1, dtype=dtype)[:, :, None]
            xs = ops.concatenate(xs, picture * when)
    hs = lstm(xs, h0, zeros, **params["lstm"])[0] if cell == "lstm" else rnn(xs, h0, **params["rnn"])
    if kind in INJECTED:
        return linear(hs, **params["readout"]), alphas
    contexts, alphas = _late(params, hs, v, kind)
    return linear(ops.concatenate(hs, contexts), **params["readout"]), alphas


def _seen(params, images, kind):
    """The annotations; the blind see zeros, whatever there is."""
    if kind != "blind":
        return encode(params, images)
    places = params["encoder"]["places"]
    return np.zeros((len(images), *places.shape), places.dtype)


def _picture(params, v):
    N, K, A = v.shape
    return ops.tanh(linear(ops.reshape(v, shape=(N, K * A)), **params["picture"]))


def _late(params, hs, v, kind):
    queries = linear(hs, **params["query"])
    if kind in ("mean", "blind"):
        queries = queries * np.float32(0)
    return attention(queries, v, v)


def _early(params, v, xs):
    h = ops.tanh(linear(ops.mean(v, axis=1), **params["picture"]))
    c = np.zeros(h.shape, h.dtype)
    hs, weights = [], []
    for x in ops.unstack(xs):
        q = linear(h, **params["query"])
        context, alpha = attention(ops.reshape(q, shape=(1, *q.shape)), v, v)
        h, c = lstm_step(ops.concatenate(x, context[0]), h, c, **params["lstm"])
        hs.append(h)
        weights.append(alpha[0])
    return linear(ops.stack(*hs), **params["readout"]), ops.stack(*weights)


def loss(params, images, tokens, *, kind, penalty=0.0):
    """Nats a word under teacher forcing, padding masked: images (N, …), tokens (L + 1, N)."""
    logits, alphas = forward(params, images, tokens[:-1], kind=kind)
    mask = tokens[1:] != PAD
    value = cross_entropy(logits, tokens[1:], mask)
    if penalty:
        looked = ops.sum(alphas * mask[..., None].astype(np.float32), axis=0)
        value = value + penalty * ops.mean(ops.sum((1 - looked) ** 2, axis=1))
    return value


def start(params, images, *, kind):
    """The state before START is read: (h, c, v, picture)"""
    v = _seen(params, images, kind)
    cell = "lstm" if "lstm" in params else "rnn"
    h = np.zeros((len(v), len(params[cell]["W_hh"])), v.dtype)
    c, picture = h, h
    if kind in INJECTED:
        picture = _picture(params, v)
        h = picture if kind == "h_0" else h
    if kind == "early":
        h = ops.tanh(linear(v.mean(1), **params["picture"]))
    return h, c, v, picture


def step(params, tokens, state, *, kind):
    """One word on, without a tape: tokens (N,) -> logits (N, V), state, alphas (N, K)."""
    h, c, v, picture = state
    x = embedding(np.asarray(tokens), params["embedding"])
    alphas = np.zeros(v.shape[:2], v.dtype)
    if kind == "early":
        contexts, alphas = attention(linear(h, **params["query"])[None], v, v)
        x, alphas = np.concatenate([x, contexts[0]], -1), alphas[0]
    if kind in ("once", "every"):
        x = np.concatenate([x, picture], -1)
    if "lstm" in params:
        h, c = lstm_step(x, h, c, **params["lstm"])
    else:
        h = rnn_step(x, h, **params["rnn"])
    after = h
    if kind in ("late", "mean", "blind"):
        contexts, alphas = _late(params, h[None], v, kind)
        after, alphas = np.concatenate([h, contexts[0]], -1), alphas[0]
    if kind == "once":
        picture = np.zeros_like(picture)
    return linear(after, **params["readout"]), (h, c, v, picture), alphas


def describe(params, images, *, kind, longest=12):
    """The likeliest word each time, for a batch: images (N, …) -> tokens (T, N) with END and PAD, alphas (T, N, K)."""
    state = start(params, images, kind=kind)
    tokens, said, looked = np.full(len(images), START), [], []
    over = np.zeros(len(images), bool)
    for _ in range(longest):
        logits, state, alphas = step(params, tokens, state, kind=kind)
        tokens = np.where(over, PAD, logits.argmax(-1))
        over = over | (tokens == END)
        said.append(tokens)
        looked.append(alphas)
        if over.all():
            break
    return np.array(said), np.array(looked)
