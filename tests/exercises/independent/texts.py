"""Answers on characters, texts and captions, written without the banks: what it is, the answer, what must be said."""

from collections import Counter

import numpy as np

from unrolled.cells.rnn import rnn


def soft(z, axis=-1):
    e = np.exp(z - z.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def dlogits(prob=soft, hit=1.0, weigh=lambda m: m[:, None] / m.sum(), at=lambda t: t):
    def answer(logits, targets, mask):
        p = prob(logits)
        p[np.arange(len(p)), at(targets)] -= hit
        return p * weigh(mask)

    return answer


def scatter(value=lambda dy: dy, place=lambda ids, V: ids, end=lambda dE: dE):
    def answer(ids, dy, V):
        dE = np.zeros((V, dy.shape[1]))
        for k, row in zip(place(ids, V), value(dy)):
            dE[k] += row
        return end(dE)

    return answer


def chunks(carry=lambda hs, h0: hs[-1], start=lambda h0: h0, join=np.concatenate, cut=lambda xs: xs):
    def answer(xs, h0, W_xh, W_hh, b_h, k):
        h, parts = start(h0), []
        for t in range(0, len(cut(xs)), k):
            parts.append(rnn(cut(xs)[t : t + k], h, W_xh, W_hh, b_h))
            h = carry(parts[-1], h0)
        return join(parts)

    return answer


def wb(t=lambda c: (c > 0).sum(), mix=lambda c, n, t, q: (c + t * q) / (n + t), unseen=lambda q: q):
    return lambda counts, shorter: mix(counts, counts.sum(), t(counts), shorter) if counts.sum() else unseen(shorter)


def overlap(said, right, clip=min):
    mine, theirs = Counter(said.split()), Counter(right.split())
    return sum(clip(n, theirs[w]) for w, n in mine.items())


def look(scale=lambda q: np.sqrt(len(q)), hide=-np.inf, read=lambda a, v: a @ v):
    def answer(query, annotations, mask):
        alpha = soft(np.where(mask, annotations @ query / scale(query), hide))
        return read(alpha, annotations), alpha

    return answer


def look_back(inner=lambda a, d: a * (d - a @ d), root=lambda q: np.sqrt(len(q)), end=lambda *m: m):
    def answer(query, annotations, dcontext):
        alpha = soft(annotations @ query / np.sqrt(len(query)))
        d = inner(alpha, annotations @ dcontext) / root(query)
        return end(annotations.T @ d, np.outer(alpha, dcontext) + np.outer(d, query))

    return answer


def corr(cells, inside):
    return np.array([np.corrcoef(c, inside)[0, 1] for c in cells.T])


WRONG = {
    "dlogits": [
        ("2 taken off at the target", dlogits(hit=2.0), "2"),
        ("weights by the root of the count", dlogits(weigh=lambda m: m[:, None] / np.sqrt(m.sum())), "0.5"),
        ("the targets one up", dlogits(at=lambda t: t - 1), "1 is taken off targets"),
        ("softmax of minus", dlogits(prob=lambda z: soft(-z)), "sign of logits"),
        ("softmax down the steps", dlogits(prob=lambda z: soft(z, 0)), "axis"),
        ("twice", dlogits(weigh=lambda m: 2 * m[:, None] / m.sum()), "twice"),
        ("two: no mask, and the sum", dlogits(weigh=lambda m: 1.0), ""),
    ],
    "embedding_backward": [
        ("dy negated", scatter(value=lambda dy: -dy), "sign"),
        ("ids one up, round the end", scatter(place=lambda ids, V: (ids + 1) % V), "off by one"),
        ("columns the other way round", scatter(end=lambda dE: dE[:, ::-1]), "last axis"),
        ("rows the other way round", scatter(end=lambda dE: dE[::-1]), "first axis"),
        ("the id 0 left out", scatter(value=lambda dy: dy, end=lambda dE: np.vstack([0 * dE[:1], dE[1:]])), "ids 0"),
    ],
    "softmax": [
        ("the root of tau", lambda logits, tau: soft(logits / tau**0.5), "root"),
        ("squared at the end", lambda logits, tau: soft(logits / tau) ** 2, "square"),
        ("the running sum", lambda logits, tau: soft(logits / tau).cumsum(), "running sum"),
        ("the largest alone taken", lambda logits, tau: soft(logits / tau).max(), "shape"),
        ("a column", lambda logits, tau: soft(logits / tau)[:, None], "numbers of p are right"),
        ("in percent", lambda logits, tau: 100 * soft(logits / tau), "100 times"),
    ],
    "pairs": [
        (
            "targets three on",
            lambda tokens, at, T: (tokens[at : at + T], tokens[at + 3 : at + T + 3]),
            "targets is wrong",
        ),
        ("one step longer", lambda tokens, at, T: (tokens[at : at + T + 1], tokens[at + 1 : at + T + 2]), "too many"),
        ("at one early", lambda tokens, at, T: (tokens[at - 1 : at + T - 1], tokens[at : at + T]), "at"),
        (
            "every second",
            lambda tokens, at, T: (tokens[at : at + 2 * T : 2], tokens[at + 1 : at + 2 * T + 1 : 2]),
            "T = 1",
        ),
    ],
    "in_chunks": [
        ("half the last state", chunks(carry=lambda hs, h0: hs[-1] / 2), ""),
        ("the largest of each unit", chunks(carry=lambda hs, h0: hs.max(0)), ""),
        ("minus h0 at the start", chunks(start=lambda h0: -h0), "h0"),
        ("the sum of the states", chunks(carry=lambda hs, h0: hs.sum(0)), ""),
        ("inputs backwards", chunks(cut=lambda xs: xs[::-1]), "turned round"),
    ],
    "witten_bell": [
        ("t is the largest count", wb(t=lambda c: c.max()), "max"),
        ("one more kind", wb(t=lambda c: (c > 0).sum() + 1), "1"),
        ("the shorter one halved", wb(mix=lambda c, n, t, q: (c + t * q / 2) / (n + t)), ""),
        ("an unseen context: ones", wb(unseen=lambda q: np.ones_like(q)), ""),
        ("minus t below", wb(mix=lambda c, n, t, q: (c + t * q) / (n - t)), "-"),
    ],
    "bits": [
        ("bytes", lambda nats, n: nats * n / np.log(2) / 8, "bytes"),
        ("n squared", lambda nats, n: nats * n * n / np.log(2), "n"),
        ("nats and characters added", lambda nats, n: (nats + n) / np.log(2), "nats + n"),
        ("log2 of e rounded to 1.44", lambda nats, n: nats * n * 1.44, ""),
    ],
    "quote_cell": [
        ("the sum of all cells", lambda cells, inside: int(cells.sum(0).argmax()), ""),
        ("one early", lambda cells, inside: int(np.abs(corr(cells, inside)).argmax()) - 1, "1 too small"),
        ("always the first", lambda cells, inside: 0, "always 0"),
        ("signed", lambda cells, inside: int(corr(cells, inside).argmax()), "sign"),
    ],
    "shift": [
        ("inputs one shorter", lambda tokens: (tokens[:-2], tokens[1:], tokens[1:] != 0), "shape"),
        ("targets as read", lambda tokens: (tokens[:-1], tokens[:-1], tokens[1:] != 0), "START"),
        ("only words count", lambda tokens: (tokens[:-1], tokens[1:], tokens[1:] > 2), "END"),
        ("one token too many counts", lambda tokens: (tokens[:-1], tokens[1:], tokens[:-1] != 0), "inputs"),
    ],
    "precision": [
        (
            "the average of both shares",
            lambda said, right: (
                (overlap(said, right) / len(said.split()) + overlap(said, right) / len(right.split())) / 2
            ),
            "",
        ),
        ("the larger count", lambda said, right: overlap(said, right, max) / len(said.split()), "larger count"),
        ("per mille", lambda said, right: 10 * overlap(said, right) / len(said.split()), "10 times"),
        (
            "divided by the longer one",
            lambda said, right: overlap(said, right) / max(len(said.split()), len(right.split())),
            "",
        ),
        ("one word too many below", lambda said, right: overlap(said, right) / (len(said.split()) + 1), "1"),
    ],
    "attention": [
        ("A to the power 1", look(scale=len), "divided by A"),
        ("hidden ones at 0", look(hide=0.0), "e^0 is 1"),
        ("the mean of the seen", look(read=lambda a, v: v[a > 0].mean(0)), ""),
        ("the context twice", look(read=lambda a, v: 2 * a @ v), "twice"),
        (
            "the root of K",
            lambda query, annotations, mask: look(scale=lambda q: np.sqrt(len(annotations)))(query, annotations, mask),
            "root of K",
        ),
        ("no scale", look(scale=lambda q: 1.0), "root of A is missing"),
    ],
    "attention_backward": [
        ("twice the root", look_back(root=lambda q: 2 * np.sqrt(len(q))), "half"),
        ("plus the sum", look_back(inner=lambda a, d: a * (d + a @ d)), "added"),
        ("alpha squared", look_back(inner=lambda a, d: a * a * (d - a @ d)), "alpha"),
        ("exchanged", look_back(end=lambda a, b: (b, a)), "changed places"),
        ("dannotations transposed", look_back(end=lambda a, b: (a, b.T)), "transposed"),
    ],
}

RIGHT = {
    "dlogits": [
        (
            "a one-hot",
            lambda logits, targets, mask: (
                (soft(logits) - np.eye(logits.shape[1])[targets]) * mask[:, None] / mask.sum()
            ),
        ),
        ("single precision", lambda logits, targets, mask: dlogits()(np.float32(logits), targets, mask)),
    ],
    "embedding_backward": [("a loop", scatter()), ("a list", scatter(end=lambda dE: dE.tolist()))],
    "softmax": [("of a list", lambda logits, tau: list(soft(np.array(logits) / tau)))],
    "pairs": [
        ("one array that unpacks", lambda tokens, at, T: np.array([tokens[at : at + T], tokens[at + 1 : at + T + 1]]))
    ],
    "in_chunks": [
        ("chunk by chunk", chunks()),
        ("a list of steps", chunks(join=lambda parts: [h for hs in parts for h in hs])),
    ],
    "witten_bell": [("a branch", wb())],
    "bits": [("a 0-d array", lambda nats, n: np.array(nats * n / np.log(2)))],
    "quote_cell": [("by size", lambda cells, inside: np.abs(corr(cells, inside)).argmax())],
    "shift": [("lists", lambda tokens: ([*tokens[:-1]], [*tokens[1:]], [bool(t) for t in tokens[1:]]))],
    "precision": [("0 where nothing fits", lambda said, right: (n := overlap(said, right)) and n / len(said.split()))],
    "attention": [("by softmax", look())],
    "attention_backward": [("by softmax", look_back())],
}
