"""The honest baseline: a character is predicted from how often it followed the few characters before it.

Witten–Bell, interpolated. With h the last k-1 tokens, h' the same without the oldest, n(h c) how often c followed h,
n(h) how often anything did, and t(h) how many different tokens did:

    p_k(c | h) = (n(h c) + t(h) p_{k-1}(c | h')) / (n(h) + t(h)),        p_0(c) = 1 / V

The more kinds of tokens have followed h, the more is left to the shorter context. Where h never was, p_k = p_{k-1}.
A harder one to beat is Kneser–Ney, interpolated: the discount D is taken from each count and given to the shorter
context, and a shorter context does not count how often c followed it, but after how many different tokens it did so:

    p_k(c | h) = (max(n(h c) - D, 0) + D t(h) p_{k-1}(c | h')) / n(h),    n(h c) = |{b: b h c occurred}| below the top

Sources: Witten & Bell (1991), "The zero-frequency problem", method C; Kneser & Ney (1995), "Improved backing-off for
m-gram language modeling"; both interpolated as in Chen & Goodman (1999), "An empirical study of smoothing techniques
for language modeling".
"""

from typing import NamedTuple

import numpy as np


class Table(NamedTuple):
    """The k-grams of one length, as sorted arrays.

    codes (G,): context V + c for each that occurred, ascending; its place is the number of that k-gram, and the number
    of the (k-1)-gram before c is the context. counts (G,): n(h c). totals, kinds (contexts,): n(h), t(h).
    """

    codes: np.ndarray
    counts: np.ndarray
    totals: np.ndarray
    kinds: np.ndarray


class NGram(NamedTuple):
    """V, and the tables of the 1-grams, the 2-grams, …; `continued` has the same k-grams, but counts the tokens before
    them. The discount is None for Witten–Bell, D for Kneser–Ney."""

    V: int
    tables: tuple
    continued: tuple
    discount: float | None = None


def count(tokens, V, order=6):
    """Count the 1- to `order`-grams of tokens (T,) int in 0 … V-1 -> NGram, of use for every order up to this one.

    The NGram is smoothed as Witten and Bell do; `kneser_ney` makes the other one of it.
    ValueError: fewer than `order` tokens, an order < 1, a token outside 0 … V-1.
    """
    tokens = _tokens(tokens, V)
    if order < 1 or len(tokens) < order:
        raise ValueError(f"order must be from 1 to the number of tokens, {len(tokens)}, got {order}")
    tables, continued = [], []
    grams, contexts = np.zeros(len(tokens), int), 1  # the 0-gram before every token has the number 0
    for k in range(order):
        # The (k-1)-grams that end each k-gram, and that begin it; `start` begins the text.
        start, shorter, grams = grams[0], grams[1:], grams[: len(tokens) - k]
        # A k-gram is the (k-1)-gram that ends one token earlier, and a token. Numbers stay below T V: no overflow.
        codes, first, grams, counts = np.unique(grams * V + tokens[k:], True, True, True)
        if k:
            # The text's start counts as one more that stood before a token.
            befores = np.bincount(np.append(shorter[first], start), minlength=contexts)
            continued.append(_table(tables[-1].codes, befores, V, len(tables[-1].totals)))
        tables.append(_table(codes, counts, V, contexts))
        contexts = len(codes)
    return NGram(V, tuple(tables), tuple(continued))


def kneser_ney(model, discount):
    """The same counts, smoothed as Kneser and Ney do, with one discount in 0 … 1 for all. ValueError: another."""
    if not 0 < discount < 1:
        raise ValueError(f"discount must be above 0 and below 1, got {discount}")
    return model._replace(discount=discount)


def token_probabilities(model, tokens, order=None):
    """p(token | the order-1 tokens before it) of each but the first, in `tokens` alone: (T,) -> (T-1,)."""
    tokens = _tokens(tokens, model.V)
    p = np.full(len(tokens), 1 / model.V)
    grams = np.zeros(len(tokens), int)  # the number of the (k-1)-gram before each token, -1: it never occurred
    for table in _tables(model, _order(model, order)):
        seen, found = grams >= 0, _find(table, grams * model.V + tokens)
        n, t = (np.where(seen, of[grams], 0) for of in (table.totals, table.kinds))
        n_c = np.where(seen & (found >= 0), table.counts[found], 0)
        # (n, t) may be 0 for a context that occurred at the text's end alone: nothing ever followed it.
        p = np.where(n > 0, _mix(model, n_c, np.maximum(n, 1), t, p), p)
        grams = np.concatenate([[-1], np.where(seen, found, -1)[:-1]])
    return p[1:]


def evaluate(model, tokens, order=None):
    """Nats per token of a held-out text, but for its first token: -mean log p(token | before). ValueError: T < 2."""
    if len(tokens) < 2:
        raise ValueError(f"a held-out text must have at least 2 tokens, got {len(tokens)}")
    return float(-np.log(token_probabilities(model, tokens, order)).mean())


def probabilities(model, context=(), order=None):
    """p(c | the last order-1 tokens of context) for each c: (V,), sum 1. A shorter context is taken as it is."""
    order = _order(model, order)
    context = _tokens(np.asarray(context, int), model.V)
    context = context[max(len(context) - order + 1, 0) :]
    p = np.full(model.V, 1 / model.V)
    for k, table in enumerate(_tables(model, order)[: len(context) + 1]):
        gram = 0
        for earlier, token in zip(model.tables, context[len(context) - k :]):  # the k tokens before, from the oldest on
            gram = int(_find(earlier, np.array([gram * model.V + token]))[0]) if gram >= 0 else -1
        if gram < 0 or not table.totals[gram]:
            break  # no longer context was seen either
        low, high = np.searchsorted(table.codes, [gram * model.V, (gram + 1) * model.V])
        n_c = np.bincount(table.codes[low:high] - gram * model.V, table.counts[low:high], model.V)
        p = _mix(model, n_c, table.totals[gram], table.kinds[gram], p)
    return p


def step(model, order=None):
    """The model as `models.decoding` takes one: a function (token, state) -> (log p (V,), state); state () at first.

    The state is the tuple of the last order-1 tokens.
    """
    order = _order(model, order)

    def step(token, state):
        state = (*state, token)[-(order - 1) :] if order > 1 else ()
        return np.log(probabilities(model, state, order)), state

    return step


def _table(codes, counts, V, contexts):
    before = codes // V
    return Table(codes, counts, np.bincount(before, counts, contexts), np.bincount(before, minlength=contexts))


def _tables(model, order):
    """The tables of the 1-grams to those of this order, as the model's smoothing counts them."""
    if model.discount is None:
        return model.tables[:order]
    return (*model.continued[: order - 1], model.tables[order - 1])


def _mix(model, n_c, n, t, shorter):
    """p_k of n(h c), n(h) > 0, t(h) and p_{k-1}: the module's two laws."""
    if model.discount is None:
        return (n_c + t * shorter) / (n + t)
    return (np.maximum(n_c - model.discount, 0) + model.discount * t * shorter) / n


def _find(table, codes):
    """The place of each code in the table, -1 where it is not there."""
    places = np.minimum(np.searchsorted(table.codes, codes), len(table.codes) - 1)
    return np.where(table.codes[places] == codes, places, -1)


def _order(model, order):
    if order is None:
        return len(model.tables)
    if not 1 <= order <= len(model.tables):
        raise ValueError(f"order must be from 1 to {len(model.tables)}, which were counted, got {order}")
    return order


def _tokens(tokens, V):
    tokens = np.asarray(tokens)
    if tokens.ndim != 1 or tokens.dtype.kind not in "iu":
        raise ValueError(f"tokens must be whole numbers (T,), got {tokens.dtype} of shape {tokens.shape}")
    if tokens.size and not 0 <= tokens.min() <= tokens.max() < V:
        raise ValueError(f"tokens must be from 0 to V - 1 = {V - 1}, got {tokens[(tokens < 0) | (tokens >= V)][0]}")
    return tokens.astype(np.int64)
