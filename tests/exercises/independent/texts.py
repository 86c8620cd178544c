"""Answers on characters, texts and captions, written without the banks: what it is, the answer, what must be said."""

from collections import Counter

import numpy as np

from unrolled.cells.rnn import rnn


def softmax(z, axis=-1):
    e = np.exp(z - z.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def dlogits(prob=softmax, hit=1.0, weigh=lambda m: m[:, None] / m.sum(), at=lambda t: t):
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


def witten_bell(
    kinds=lambda counts: (counts > 0).sum(),
    mix=lambda counts, n, t, shorter: (counts + t * shorter) / (n + t),
    unseen=lambda shorter: shorter,
):
    def answer(counts, shorter):
        n = counts.sum()
        return mix(counts, n, kinds(counts), shorter) if n else unseen(shorter)

    return answer


def overlap(said, right, clip=min):
    mine, theirs = Counter(said.split()), Counter(right.split())
    return sum(clip(n, theirs[w]) for w, n in mine.items())


def look(scale=lambda q: np.sqrt(len(q)), hide=-np.inf, read=lambda a, v: a @ v):
    def answer(query, annotations, mask):
        alpha = softmax(np.where(mask, annotations @ query / scale(query), hide))
        return read(alpha, annotations), alpha

    return answer


def look_back(inner=lambda a, d: a * (d - a @ d), root=lambda q: np.sqrt(len(q)), end=lambda *m: m):
    def answer(query, annotations, dcontext):
        alpha = softmax(annotations @ query / np.sqrt(len(query)))
        d = inner(alpha, annotations @ dcontext) / root(query)
        return end(annotations.T @ d, np.outer(alpha, dcontext) + np.outer(d, query))

    return answer


def correlations(cells, inside):
    return np.array([np.corrcoef(c, inside)[0, 1] for c in cells.T])


def spoken_loss(prob=softmax, weigh=lambda m: m / m.sum(), back=lambda m: m / m.sum(), hit=1.0):
    def answer(logits, targets, mask):
        weights, dlogits, loss = weigh(mask), prob(logits).copy(), 0.0
        for t, n in np.ndindex(mask.shape):
            y = logits[t, n] - logits[t, n].max()
            loss -= weights[t, n] * (y[targets[t, n]] - np.log(np.exp(y).sum()))
            dlogits[t, n, targets[t, n]] -= hit
        return loss, dlogits * back(mask)[:, :, None]

    return answer


def picture_step(squash=np.tanh, picture=lambda v, W: v @ W, look_up=lambda W, t: W[t], out=lambda y, h: (y, h)):
    def answer(tokens, h_prev, v, W_e, W_xh, W_hh, W_ih, b_h, W_hy, b_y):
        h = squash(b_h + picture(v, W_ih) + h_prev @ W_hh + look_up(W_e, tokens) @ W_xh)
        return out(b_y + h @ W_hy, h)

    return answer


def speak(pick=np.argmax, first=1, keep=lambda said: said, feed=lambda k, said: k):
    def answer(step, h, longest):
        token, said = first, []
        for _ in range(longest):
            scores, h = step(token, h)
            k = int(pick(scores))
            if k == 2:
                return keep(said)
            said.append(k)
            token = feed(k, said)
        return keep(said)

    return answer


def search(
    score=lambda total, log_p, tokens: total + log_p, ends=True, carry=True, room=lambda width, over: width - over
):
    def answer(step, h, width, longest):
        beams, over = [((1,), 0.0, h)], []
        while beams and len(beams[0][0]) <= longest and room(width, len(over)) > 0:
            grown = []
            for tokens, total, state in beams:
                log_p, new = step(tokens[-1], state)
                state = new if carry else state
                grown += [(tokens + (k,), score(total, log_p[k], tokens), state) for k in range(len(log_p))]
            grown = sorted(grown, key=lambda beam: -beam[1])[: room(width, len(over))]
            over += [beam for beam in grown if beam[0][-1] == 2]
            beams = [beam for beam in grown if beam[0][-1] != 2]
        best = max(over * ends + beams or over, key=lambda beam: beam[1])
        return [k for k in best[0] if k > 2], best[1]

    return answer


def geometric(groups=lambda n: range(1, n + 1), short=lambda c, r: min(1, np.exp(1 - r / c)), root=lambda n: 1 / n):
    def answer(said, right, n):
        mine, theirs, product = said.split(), right.split(), 1.0
        for k in groups(n):
            cut = lambda words, k=k: Counter(tuple(words[i : i + k]) for i in range(len(words) - k + 1))
            mine_k, theirs_k = cut(mine), cut(theirs)
            product *= sum(min(c, theirs_k[g]) for g, c in mine_k.items()) / sum(mine_k.values())
        return short(len(mine), len(theirs)) * product ** root(n)

    return answer


WRONG = {
    "dlogits": [
        ("2 taken off at the target", dlogits(hit=2.0), "2"),
        ("weights by the root of the count", dlogits(weigh=lambda m: m[:, None] / np.sqrt(m.sum())), "0.5"),
        ("the targets one up", dlogits(at=lambda t: t - 1), "1 is taken off targets"),
        ("softmax of minus", dlogits(prob=lambda z: softmax(-z)), "sign of logits"),
        ("softmax down the steps", dlogits(prob=lambda z: softmax(z, 0)), "axis"),
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
        ("the root of tau", lambda logits, tau: softmax(logits / tau**0.5), "root"),
        ("squared at the end", lambda logits, tau: softmax(logits / tau) ** 2, "square"),
        ("the running sum", lambda logits, tau: softmax(logits / tau).cumsum(), "running sum"),
        ("the largest alone taken", lambda logits, tau: softmax(logits / tau).max(), "shape"),
        ("a column", lambda logits, tau: softmax(logits / tau)[:, None], "numbers of p are right"),
        ("in percent", lambda logits, tau: 100 * softmax(logits / tau), "100 times"),
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
        ("t is the largest count", witten_bell(kinds=lambda counts: counts.max()), "max"),
        ("one more kind", witten_bell(kinds=lambda counts: (counts > 0).sum() + 1), "1"),
        (
            "the shorter one halved",
            witten_bell(mix=lambda counts, n, t, shorter: (counts + t * shorter / 2) / (n + t)),
            "",
        ),
        ("an unseen context: ones", witten_bell(unseen=np.ones_like), ""),
        ("minus t below", witten_bell(mix=lambda counts, n, t, shorter: (counts + t * shorter) / (n - t)), "-"),
    ],
    "bits": [
        ("bytes", lambda nats, n: nats * n / np.log(2) / 8, "bytes"),
        ("n squared", lambda nats, n: nats * n * n / np.log(2), "n"),
        ("nats and characters added", lambda nats, n: (nats + n) / np.log(2), "nats + n"),
        ("log2 of e rounded to 1.44", lambda nats, n: nats * n * 1.44, ""),
    ],
    "quote_cell": [
        ("the sum of all cells", lambda cells, inside: int(cells.sum(0).argmax()), ""),
        ("one early", lambda cells, inside: int(np.abs(correlations(cells, inside)).argmax()) - 1, "1 too small"),
        ("always the first", lambda cells, inside: 0, "always 0"),
        ("signed", lambda cells, inside: int(correlations(cells, inside).argmax()), "sign"),
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
    "bleu": [
        ("no price for the short", geometric(short=lambda c, r: 1), "penalty"),
        ("the product as it is", geometric(root=lambda n: 1), "root"),
        ("the last precision alone", geometric(groups=lambda n: [n] * n), "longest groups"),
        ("c over r", geometric(short=lambda c, r: min(1, c / r)), "c/r"),
        ("per cent", lambda said, right, n: 100 * geometric()(said, right, n), "100 times"),
    ],
    "caption_loss": [
        (
            "all places count",
            spoken_loss(weigh=lambda m: np.ones(m.shape) / m.size, back=lambda m: np.ones(m.shape) / m.size),
            "mask is forgotten",
        ),
        (
            "divided by the captions",
            spoken_loss(weigh=lambda m: m / m.shape[1], back=lambda m: m / m.shape[1]),
            "CS231n",
        ),
        ("the sum", spoken_loss(weigh=lambda m: 1.0 * m, back=lambda m: 1.0 * m), "sum over the words"),
        ("the gradient without a mask", spoken_loss(back=lambda m: np.ones(m.shape) / m.sum()), "padding still has"),
        ("no 1 at the target", spoken_loss(hit=0.0), "the 1 at the target is missing"),
        ("softmax down the steps", spoken_loss(prob=lambda z: softmax(z, 0)), ""),
    ],
    "caption_step": [
        ("no picture", picture_step(picture=lambda v, W: 0.0), "the picture is missing"),
        ("no tanh", picture_step(squash=lambda z: z), "tanh is missing"),
        ("the state first", picture_step(out=lambda y, h: (h, y)), "changed places"),
        ("one word for all", picture_step(look_up=lambda W, t: W[t[:1]]), "first one's token"),
        ("probabilities", picture_step(out=lambda y, h: (softmax(y), h)), "softmax"),
        ("twice the picture", picture_step(picture=lambda v, W: 2 * v @ W), ""),
    ],
    "greedy": [
        ("the end said", lambda step, h, longest: [*speak()(step, h, longest), 2][:longest], "END is among"),
        ("from padding on", speak(first=0), "PAD first"),
        ("the start again", speak(feed=lambda k, said: 1), "START every time"),
        ("the worst", speak(pick=np.argmin), "least likely"),
        ("no end", speak(pick=lambda s: 3 + np.argmax(s[3:])), "free to stop"),
        ("backwards", speak(keep=lambda said: said[::-1]), ""),
    ],
    "beam": [
        ("states left behind", search(carry=False), "states are not carried"),
        ("the last word decides", search(score=lambda total, log_p, tokens: log_p), "the last word alone"),
        ("added probabilities", search(score=lambda total, log_p, tokens: total + np.exp(log_p)), "probabilities"),
        ("one place", search(room=lambda width, over: 1 - over), "greedy"),
        ("the ended forgotten", search(ends=False), "forgotten"),
        ("a running mean", search(score=lambda total, log_p, tokens: (total + log_p) / len(tokens)), ""),
    ],
    "place_weights": [
        ("down the pictures", lambda e: softmax(e, 0), "axis"),
        ("the largest of everything off", lambda e: np.exp(e - e.max()) / np.exp(e - e.max()).sum(1)[:, None], ""),
        ("plain powers", lambda e: np.exp(e) / np.exp(e).sum(1, keepdims=True), "overflow"),
        ("half as warm", lambda e: softmax(2 * e), ""),
        ("sum of all", lambda e: softmax(e.ravel()).reshape(e.shape), "together"),
        ("one hot", lambda e: np.eye(e.shape[1])[e.argmax(1)], "largest"),
    ],
    "scaled_scores": [
        ("no root", lambda queries, annotations: queries @ annotations.T, "root"),
        ("turned", lambda queries, annotations: annotations @ queries.T / np.sqrt(queries.shape[1]), "row"),
        ("by A", lambda queries, annotations: np.einsum("ta,ka->tk", queries, annotations) / queries.shape[1], "A"),
        ("one too many", lambda queries, annotations: queries @ annotations.T / np.sqrt(queries.shape[1] + 1), ""),
        ("weights", lambda queries, annotations: softmax(queries @ annotations.T / queries.shape[1] ** 0.5), "softmax"),
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
                (softmax(logits) - np.eye(logits.shape[1])[targets]) * mask[:, None] / mask.sum()
            ),
        ),
        ("single precision", lambda logits, targets, mask: dlogits()(np.float32(logits), targets, mask)),
    ],
    "embedding_backward": [("a loop", scatter()), ("a list", scatter(end=lambda dE: dE.tolist()))],
    "softmax": [("of a list", lambda logits, tau: list(softmax(np.array(logits) / tau)))],
    "pairs": [
        ("one array that unpacks", lambda tokens, at, T: np.array([tokens[at : at + T], tokens[at + 1 : at + T + 1]]))
    ],
    "in_chunks": [
        ("chunk by chunk", chunks()),
        ("a list of steps", chunks(join=lambda parts: [h for hs in parts for h in hs])),
    ],
    "witten_bell": [("a branch", witten_bell())],
    "bits": [("a 0-d array", lambda nats, n: np.array(nats * n / np.log(2)))],
    "quote_cell": [("by size", lambda cells, inside: np.abs(correlations(cells, inside)).argmax())],
    "shift": [("lists", lambda tokens: ([*tokens[:-1]], [*tokens[1:]], [bool(t) for t in tokens[1:]]))],
    "precision": [("0 where nothing fits", lambda said, right: (n := overlap(said, right)) and n / len(said.split()))],
    "bleu": [("a product", geometric())],
    "caption_loss": [("word by word", spoken_loss())],
    "caption_step": [
        ("in another order", picture_step()),
        ("a one-hot", picture_step(look_up=lambda W, t: np.eye(len(W))[t] @ W)),
    ],
    "greedy": [("a loop", speak()), ("an array", speak(keep=np.array))],
    "beam": [("tuples", search()), ("all places for the live ones", search(room=lambda width, over: width))],
    "place_weights": [
        ("by logarithms", lambda e: np.exp(e - np.logaddexp.reduce(e, axis=1, keepdims=True))),
        ("row by row", lambda e: [softmax(row) for row in e]),
    ],
    "scaled_scores": [
        ("the queries first", lambda queries, annotations: queries / queries.shape[1] ** 0.5 @ annotations.T),
        (
            "by einsum",
            lambda queries, annotations: np.einsum("ta,ka->tk", queries, annotations) * len(queries[0]) ** -0.5,
        ),
    ],
    "attention": [("by softmax", look())],
    "attention_backward": [("by softmax", look_back())],
}
