"""Programs of a character model: a lookup, a loss, chunks of a text, and the loop around them."""

from itertools import islice

import numpy as np

from unrolled.autodiff import ops
from unrolled.autodiff.tape import differentiable, value_and_grad
from unrolled.cells.rnn import rnn
from unrolled.cells.table import init_cell
from unrolled.data import text
from unrolled.data.corpora import corpus
from unrolled.data.tasks import echo
from unrolled.exercises.clinic.training import SYMBOLS, H, first_weights, recall
from unrolled.layers.dense import linear
from unrolled.layers.initializers import dense
from unrolled.layers.losses import cross_entropy
from unrolled.learning.fit import fit
from unrolled.learning.optimizers import Adam


def tales(length=6000):
    """The beginning of the course's tales as tokens, and how many symbols there are."""
    beginning = corpus("tales").text[:length]
    symbols, encode, _ = text.vocabulary(beginning)
    return encode(beginning), len(symbols)


def losses(loss, params, batches, steps=120, learning_rate=1e-2):
    """The loss at each step."""
    run = fit(loss, params, batches, Adam(learning_rate), threads=1, progress=False)
    return [step.loss for step in islice(run, steps)]


def pairs_of_letters(rng, N=200):
    """Letters of the tales and those that follow them, without end."""
    tokens, _ = tales()
    while True:
        at = rng.integers(len(tokens) - 1, size=N)
        yield tokens[at], tokens[at + 1]


@differentiable
def embedding(tokens, W):
    """y = W[tokens], a row for each token"""

    def pullback(dy):
        dW = np.zeros_like(W)
        np.add.at(dW, tokens, dy)
        return None, dW

    return W[tokens], pullback


@differentiable
def embedding_by_letter(tokens, W):
    """y = W[tokens], a row for each token"""

    def pullback(dy):
        dW = np.zeros_like(W)
        for token in np.unique(tokens):
            dW[token] = dy[tokens == token].sum(0)
        return None, dW

    return W[tokens], pullback


def _train_embedding(embedding):
    rng, V = np.random.default_rng(1), tales()[1]
    params = {"E": rng.standard_normal((V, H)), "readout": dense(rng, H, V)}
    loss = lambda p, tokens, targets: cross_entropy(linear(embedding(tokens, p["E"]), **p["readout"]), targets)
    return losses(loss, params, pairs_of_letters(rng))


def _embedding_arguments():
    return np.array([0, 2, 2, 1]), np.random.default_rng(3).standard_normal((4, 3))


def masked_loss(nats, mask):
    """The mean nats of the steps that count, where the mask is 1"""
    return ops.sum(nats * mask) / mask.sum()


def _nats(logits, targets):
    p = ops.sum(ops.softmax(logits) * np.eye(logits.shape[-1])[targets], axis=-1)
    return -ops.log(p)


def _train_masked(masked_loss):
    """Sequences of which most are much shorter than the longest."""
    rng = np.random.default_rng(2)
    params = {"cell": first_weights(rng), "readout": dense(rng, H, SYMBOLS)}

    def batches():
        for xs, targets, heard in recall(rng, 2, T=12):
            yield xs, targets, heard & (np.arange(12)[:, None] < rng.integers(3, 13, xs.shape[1]))

    def loss(params, xs, targets, mask):
        hs = rnn(xs, np.zeros((xs.shape[1], H)), **params["cell"])
        return masked_loss(_nats(linear(hs, **params["readout"]), targets), mask.astype(float))

    return losses(loss, params, batches())


def _masked_arguments():
    return np.array([1.0, 2.0, 3.0, 4.0]), np.array([1, 1, 0, 0])


def probabilities(logits):
    """Softmax over the symbols: each row of (N, V) adds up to 1"""
    e = ops.exp(logits)
    return e / ops.sum(e, axis=1, keepdims=True)


def _train_softmax(probabilities):
    rng, V = np.random.default_rng(1), tales()[1]
    params = {"W": 0.1 * rng.standard_normal((V, V)), "b": np.zeros(V)}

    def loss(params, tokens, targets):
        logits = linear(np.eye(V)[tokens], **params)
        return -ops.mean(ops.log(ops.sum(probabilities(logits) * np.eye(V)[targets], axis=1)))

    return losses(loss, params, pairs_of_letters(rng), learning_rate=3e-2)


def _softmax_arguments():
    return (np.random.default_rng(3).standard_normal((3, 5)),)


def read_on(loss, params, chunks, h, optimizer):
    """Train on one chunk after the other of one long stream, and carry the state on"""
    opt_state = optimizer.init(params)
    for xs, targets in chunks:
        (L, h), grads = value_and_grad(loss, has_aux=True)(params, xs, targets, h)
        optimizer.update(params, grads, opt_state)
        yield float(L)


def echo_loss(params, xs, targets, h):
    """The loss of a chunk, and its last state"""
    hs = rnn(xs, h, **params["cell"])
    return cross_entropy(linear(hs, **params["readout"]), targets), hs[-1]


def echo_parameters():
    """Of a network that reads one bit and says one of two."""
    rng = np.random.default_rng(2)
    cell = first_weights(rng) | {"W_xh": rng.standard_normal((1, H))}
    return {"cell": cell, "readout": dense(rng, H, 2)}


def _train_stream(read_on):
    chunks = islice(echo(np.random.default_rng(1), 32, 4, 2), 300)
    return list(read_on(echo_loss, echo_parameters(), chunks, np.zeros((32, H)), Adam(1e-2)))


def _train_pairs(pairs):
    rng, (tokens, V) = np.random.default_rng(1), tales()
    params = {"W": 0.1 * rng.standard_normal((V, V)), "b": np.zeros(V)}
    chunks = (pairs(tokens, at, 200) for at in rng.integers(len(tokens) - 200, size=120))
    loss = lambda p, inputs, targets: cross_entropy(linear(np.eye(V)[inputs], **p), targets)
    return losses(loss, params, chunks, learning_rate=5e-2)


def split(tokens):
    """The first nine tenths to learn from, the last tenth to test with"""
    cut = 9 * len(tokens) // 10
    return tokens[:cut], tokens[cut:]


def _train_split(split):
    """The loss on the test's part, while a table of logits for each pair of letters learns by heart."""
    tokens, V = tales(2000)
    learnt, test = split(tokens)
    places = lambda part: (part[:-2] * V + part[1:-1], part[2:])
    W, tested = np.zeros((V * V, V)), []
    for _ in range(60):
        L, dW = value_and_grad(lambda W: cross_entropy(embedding(places(learnt)[0], W), places(learnt)[1]))(W)
        W -= 300 * dW
        tested.append(float(cross_entropy(W[places(test)[0]], places(test)[1])))
    return tested


def clipped(terms, limit):
    """The mean of the terms, one gradient for each example; where it is longer than the limit, as long as that"""
    mean = np.mean(terms, axis=0)
    return mean * min(1, limit / np.linalg.norm(mean))


def _train_clipped(clipped):
    """A line through points whose noise is lopsided: mostly a little too low, now and then far too high."""
    rng = np.random.default_rng(1)
    x = np.stack([np.ones(256), rng.standard_normal(256)], axis=1)
    y = x @ [4.0, 5.0] + 3 * (rng.exponential(size=256) - 1)
    w, mean_squares = np.zeros(2), []
    for _ in range(120):
        error = x @ w - y
        mean_squares.append((error**2).mean())
        w = w - 0.2 * clipped(2 * error[:, None] * x, 1.0)
    return mean_squares


def _clipped_arguments():
    return np.array([[10.0, 0.0], [-1.0, 0.5], [-1.0, 0.5]]), 1.0


def rate(step, first, steps):
    """The learning rate falls in a straight line from `first` to 0, and stays there"""
    return first * max(0, 1 - step / steps)


def _train_rate(rate):
    rng, V = np.random.default_rng(1), tales()[1]
    params = {"W": 0.1 * rng.standard_normal((V, V)), "b": np.zeros(V)}
    loss = lambda p, tokens, targets: cross_entropy(linear(np.eye(V)[tokens], **p), targets)
    found = []
    for step, batch in enumerate(islice(pairs_of_letters(rng), 120)):
        L, grads = value_and_grad(loss)(params, *batch)
        params = {name: params[name] - rate(step, 10.0, 80) * grads[name] for name in params}
        found.append(float(L))
    return found


def batches(seed):
    """New sequences for every step, without end"""
    rng = np.random.default_rng(seed)
    while True:
        tokens = rng.integers(4, size=(10, 8))
        yield np.eye(4)[tokens[2:]], tokens[:8]


def _train_batches(batches):
    rng, width = np.random.default_rng(2), 64
    params = {"cell": init_cell(rng, "rnn", 4, width), "readout": dense(rng, width, 4)}

    def loss(params, xs, targets):
        hs = rnn(xs, np.zeros((8, width)), **params["cell"])
        return cross_entropy(linear(hs, **params["readout"]), targets)

    return losses(loss, params, batches(1))
