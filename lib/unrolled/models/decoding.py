"""From a model's logits to a sequence: sampling, the likeliest symbol each time, and beam search.

A model is a function step(token, state) -> (logits, state). logits are (V,); the state is the model's own affair: it is
handed back as it came, and never changed.
"""

import numpy as np

from unrolled.autodiff.checks import check_integers


def probabilities(logits, *, temperature=1.0, top_k=None, top_p=None):
    """The distribution that one step draws from: logits (V,) -> p (V,), float64, sum 1.

    temperature  p = softmax(logits / temperature): below 1 the likely becomes likelier; towards 0 only the likeliest
                 is left, towards infinity all are alike
    top_k        then only the k likeliest are kept, 1 … V; of equal ones those that stand first
    top_p        then only the nucleus is kept: the likeliest symbols, as few as have together at least top_p, in
                 (0, 1]. Source: Holtzman et al. (2020)
    What is kept is divided by its sum. ValueError: a number outside its range, logits that are no (V,) of numbers. A
    logit may be -inf (never), but not all, and none +inf or NaN.
    """
    logits = np.asarray(logits, np.float64)
    _check(logits, temperature, top_k, top_p)
    p = np.exp((logits - logits.max()) / temperature)
    p /= p.sum()
    order = np.argsort(-p, kind="stable")
    if top_k is not None:
        p[order[top_k:]] = 0
        p /= p.sum()
    if top_p is not None and top_p < 1:
        p[order[1:][np.cumsum(p[order])[:-1] >= top_p]] = 0  # the likelier ones alone have enough
    return p / p.sum()


def sample(step, state, first, rng, n, *, temperature=1.0, top_k=None, top_p=None, distributions=False):
    """Draw n tokens, each from `probabilities` of what came before it, and feed it in -> tokens (n,).

    first: the token that is read before the first is drawn, or a sequence of them (all are read, none is returned).
    rng: numpy.random.Generator. With distributions=True -> tokens (n,), ps (n, V): ps[t] is what tokens[t] was drawn
    from. ValueError: as for `probabilities`; nothing to read first.
    """
    tokens, ps = [], []
    logits, state = _read(step, state, first)
    for _ in range(n):
        ps.append(probabilities(logits, temperature=temperature, top_k=top_k, top_p=top_p))
        tokens.append(int(rng.choice(len(logits), p=ps[-1])))
        if len(tokens) < n:
            logits, state = step(tokens[-1], state)
    tokens = np.array(tokens, int)
    return (tokens, np.array(ps).reshape(n, len(logits))) if distributions else tokens


def greedy(step, state, first, n, *, end=None):
    """The likeliest token each time, the first of equal ones: temperature 0 -> tokens, n of them, or up to `end`."""
    tokens = []
    logits, state = _read(step, state, first)
    for _ in range(n):
        tokens.append(int(np.argmax(logits)))
        if tokens[-1] == end or len(tokens) == n:
            break
        logits, state = step(tokens[-1], state)
    return np.array(tokens, int)


def greedy_batch(step, state, tokens, n, *, end, pad):
    """`greedy` for N at once, from first tokens (N,) -> tokens (T, N), each padded after its end, alphas (T, N, K).

    step(tokens (N,), state) -> (logits (N, V), state, alphas (N, K)). It stops when all have ended, or after n tokens.
    """
    said, weights, over = [], [], np.zeros(len(tokens), bool)
    while len(said) < n and not over.all():
        logits, state, alphas = step(tokens, state)
        tokens = np.where(over, pad, logits.argmax(-1))
        over |= tokens == end
        said.append(tokens)
        weights.append(alphas)
    return np.array(said), np.array(weights)


def beam(step, state, first, width, end, max_length, *, normalisation=0.0):
    """The `width` best sequences that a search of this width finds -> [(tokens, score), …], the best first.

    A sequence ends with `end` (a token, or None: there is none) or at max_length tokens. Its score is
    log p(tokens) / length^normalisation: with 0 the log-probability, in nats, which favours the short; with 1 its mean
    for each token. The length counts `end`.
    At each step every sequence is continued by each token, and the best `width` are kept. One that has ended is put
    aside, and leaves its place empty. Width 1 is `greedy`; width V^(max_length - 1) finds the best.
    ValueError: width or max_length < 1, a normalisation < 0.
    """
    if width < 1 or max_length < 1:
        raise ValueError(f"width and max_length must be at least 1, got {width} and {max_length}")
    _check_normalisation(normalisation)
    logits, state = _read(step, state, first)
    live, done, room = [((), 0.0, logits, state)], [], width
    for length in range(1, max_length + 1):
        totals = np.array([total + _log_softmax(logits) for _, total, logits, _ in live])
        best = np.argsort(-totals, axis=None, kind="stable")[:room]
        grown = [(i, int(token), totals[i, token]) for i, token in zip(*np.unravel_index(best, totals.shape))]
        grown = [(i, token, total) for i, token, total in grown if total > -np.inf]
        over = [token == end or length == max_length for _, token, _ in grown]
        done += [
            ((*live[i][0], token), total / length**normalisation)
            for (i, token, total), is_over in zip(grown, over)
            if is_over
        ]
        live = [
            ((*live[i][0], token), total, *step(token, live[i][3]))
            for (i, token, total), is_over in zip(grown, over)
            if not is_over
        ]
        room = width - len(done)
        if not live:
            break
    return [(np.array(tokens, int), float(score)) for tokens, score in sorted(done, key=lambda pair: -pair[1])]


def score(step, state, first, tokens, *, normalisation=0.0):
    """What `beam` would give these tokens: log p(tokens) / length^normalisation, in nats.

    So the right answer, the search's best and the empty one, `end` alone, can be compared under one model.
    ValueError: no token, one outside 0 … V-1, a normalisation < 0.
    """
    _check_normalisation(normalisation)
    if not np.size(tokens):
        raise ValueError("tokens must be at least one, got none: the empty answer is `end` alone")
    logits, state = _read(step, state, first)
    total = 0.0
    for place, token in enumerate(check_integers("tokens", tokens, len(logits))):
        if place:
            logits, state = step(int(tokens[place - 1]), state)
        total += _log_softmax(logits)[token]
    return float(total / len(tokens) ** normalisation)


def _read(step, state, first):
    """Feed the first tokens in -> the logits after the last of them, and the state."""
    if not np.size(first):
        raise ValueError("first must be a token, or at least one, got none: there is nothing to go on from")
    for token in np.ravel(first):
        logits, state = step(int(token), state)
    return logits, state


def _check_normalisation(normalisation):
    if not normalisation >= 0:
        raise ValueError(f"normalisation must be at least 0, got {normalisation}")


def _log_softmax(logits):
    logits = np.asarray(logits, np.float64)
    shifted = logits - logits.max()
    return shifted - np.log(np.exp(shifted).sum())


def _check(logits, temperature, top_k, top_p):
    if logits.ndim != 1 or not logits.size:
        raise ValueError(f"logits must be (V,), got {logits.shape}")
    if not np.isfinite(logits.max()):
        raise ValueError(f"the largest logit must be a finite number, got {logits.max()}")
    if not 0 < temperature < np.inf:
        hint = ": for the likeliest each time, call greedy" if temperature == 0 else ""
        raise ValueError(f"temperature must be > 0 and finite, got {temperature}{hint}")
    if top_k is not None and not (isinstance(top_k, int | np.integer) and 1 <= top_k <= len(logits)):
        raise ValueError(f"top_k must be a whole number from 1 to V = {len(logits)}, got {top_k}")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError(f"top_p must be above 0 and at most 1, got {top_p}")
