"""Digits read by glimpses: 3 by 3 pixels at a time, at places in an order that is fixed, random or learnt.

Note 003's "sequential processing of non-sequence data". The course's digits have 8 by 8 pixels; nine windows cover
them. Beside the network stands the nearest neighbour: by the whole picture, and by the same pixels as in the glimpses.
"""

from itertools import repeat

import numpy as np

from unrolled.autodiff import ops
from unrolled.cells.gru import gru_step
from unrolled.data import digits
from unrolled.data.moving_digits import PARTS
from unrolled.experiments.applications import readers
from unrolled.experiments.directions import learn
from unrolled.layers.attention import attention
from unrolled.layers.dense import linear
from unrolled.layers.initializers import dense
from unrolled.layers.losses import cross_entropy

CENTRES = np.array([(row, column) for row in (1, 4, 6) for column in (1, 4, 6)])  # of the nine windows
WHERE = (CENTRES / 3.5 - 1).astype(readers.DTYPE)  # from -1 to 1
ORDERS = {"centre first": [4, 1, 7, 3, 5, 0, 2, 6, 8], "row by row": list(range(9))}


def load(part):
    """images (N, 8, 8) and labels (N,) of a part, as `moving_digits` parts them."""
    images, labels = digits.load()
    of = slice(*PARTS[part])
    return images[of], labels[of]


def windows(images):
    """images (N, 8, 8) -> what each glimpse would show (N, 9, 11): nine pixels, and where they lie"""
    seen = [images[:, r - 1 : r + 2, c - 1 : c + 2].reshape(len(images), 9) for r, c in CENTRES]
    where = np.broadcast_to(WHERE, (len(images), *WHERE.shape))
    return np.concatenate([np.stack(seen, axis=1), where], axis=2)


def orders(rng, N, order):
    """The places (N, 9) of N pictures, in their order: one of ORDERS for all, or "random", one for each."""
    if order == "random":
        return rng.permuted(np.tile(np.arange(9), (N, 1)), axis=1)
    return np.tile(ORDERS[order], (N, 1))


def glimpse(images, places):
    """places (N, T) -> xs (T, N, 11)"""
    return np.take_along_axis(windows(images), places[..., None], axis=1).transpose(1, 0, 2)


def answers(params, xs):
    """The logits after each glimpse: xs (T, N, 11) -> (T, N, 10)"""
    return linear(readers.states(params, xs), **params["readout"])


def init_looker(rng, H, A):
    """A reader that chooses where to look: a query from its state, and a key for each place."""
    return readers.init_reader(rng, 11, H, 10) | {
        "query": dense(rng, H, A, dtype=readers.DTYPE),
        "keys": rng.standard_normal((9, A)).astype(readers.DTYPE),
    }


def look(params, seen, T, *, sharpness=1.0, one=False):
    """seen (N, 9, 11) -> logits (T, N, 10), alphas (T, N, 9): each glimpse a mean over the places, weighed by alphas

    Lesson 06's attention, whose query is the state. The place of the highest weight is masked from then on.
    one: only that place is seen, as in a glimpse of the other orders; else the others show through, by their weights.
    """
    N = len(seen)
    keys = ops.stack(*[params["keys"]] * N)  # the same for every picture
    h, hs, looks = np.zeros((N, len(params["gru"]["W_hh"])), seen.dtype), [], []
    unseen = np.ones((N, 9), bool)
    for _ in range(T):
        query = ops.reshape(linear(h, **params["query"]), shape=(1, N, -1))
        context, alphas = attention(query, keys, seen, unseen, scale=sharpness)
        highest = getattr(alphas, "value", alphas)[0].argmax(-1)
        unseen = unseen & (np.arange(9) != highest[:, None])
        glance = seen[np.arange(N), highest] if one else ops.index(context, key=0)
        h = gru_step(glance, h, **params["gru"])
        hs.append(h)
        looks.append(ops.index(alphas, key=0))
    return linear(ops.stack(*hs), **params["readout"]), ops.stack(*looks)


def neighbour(places):
    """The share of right answers (T,) on the test pictures of the nearest training picture, by the pixels that the
    first 1, 2, … T glimpses show at places (N, T)."""
    (known, labels), (pictures, targets) = load("train"), load("test")
    seen, found = np.zeros((len(pictures), 8, 8), bool), []
    for chosen in places.T:
        for n, (r, c) in enumerate(CENTRES[chosen]):
            seen[n, r - 1 : r + 2, c - 1 : c + 2] = True
        misses = [(((known - picture) ** 2)[:, mask]).sum(1) for picture, mask in zip(pictures, seen)]
        found.append((labels[np.argmin(misses, axis=1)] == targets).mean())
    return np.array(found)


def nearest():
    """The share of right answers of the nearest training picture, by all its pixels."""
    (known, labels), (pictures, targets) = load("train"), load("test")
    misses = ((pictures[:, None] - known) ** 2).sum(axis=(2, 3))
    return (labels[misses.argmin(axis=1)] == targets).mean()


def draws(rng, N):
    """Batches of N training pictures and their labels, without end."""
    images, labels = load("train")
    for chosen in (rng.integers(len(images), size=N) for _ in repeat(None)):
        yield images[chosen], labels[chosen]


def train(rng, order, *, N, H, T, **training):
    """The weights of a reader that answers after each of T glimpses, in one of the orders that are not learnt."""
    params = readers.init_reader(rng, 11, H, 10)
    loss = lambda params, xs, targets: cross_entropy(answers(params, xs), np.tile(targets, (len(xs), 1)))
    batches = ((glimpse(images, orders(rng, N, order)[:, :T]), labels) for images, labels in draws(rng, N))
    *_, last = learn(loss, params, batches, **training)
    return last.params


def train_looker(rng, *, N, H, T, A, steps, sharpest, **training):
    """The same where the order is learnt. Its softmax grows sharper: a glimpse comes to be nearly one window. In the
    last third of the steps it is one, so the reader learns to read it, and where to look is learnt no further."""

    def loss(params, seen, targets, sharpness, one):
        logits, _ = look(params, seen, T, sharpness=sharpness, one=one)
        return cross_entropy(logits, np.tile(targets, (T, 1)))

    soft = 2 * steps // 3
    stages = [(sharpness, False) for sharpness in np.geomspace(0.3, sharpest, soft)]
    stages += [(sharpest, True)] * (steps - soft)
    batches = ((windows(images), labels, *stage) for (images, labels), stage in zip(draws(rng, N), stages))
    *_, last = learn(loss, init_looker(rng, H, A), batches, steps=steps, **training)
    return last.params


def measure(rng, order, learning_rate, sharpest, *, A, T, **sizes):
    """right_t, neighbour_t: shares of right answers after t glimpses on the test pictures, of the network and of the
    nearest training picture by the same pixels; validation: the network's after the last, on other pictures.

    nearest: the nearest training picture's by all pixels.
    """
    sizes |= {"T": T, "learning_rate": learning_rate}
    if order == "learnt":
        params = train_looker(rng, A=A, sharpest=sharpest, **sizes)
    else:
        params = train(rng, order, **sizes)

    def run(part):
        """The shares of right answers after each glimpse, and the places."""
        images, labels = load(part)
        if order == "learnt":
            logits, alphas = look(params, windows(images), T, sharpness=sharpest, one=True)
            places = alphas.argmax(-1).T
        else:
            places = orders(rng, len(images), order)[:, :T]
            logits = answers(params, glimpse(images, places))
        return (logits.argmax(-1) == labels).mean(1), places

    found = {"validation": run("validation")[0][-1]}
    right, places = run("test")
    shares = {"right": right, "neighbour": neighbour(places)}
    found |= {f"{name}_{t + 1}": share for name, each in shares.items() for t, share in enumerate(each)}
    return found | {"nearest": nearest()}
