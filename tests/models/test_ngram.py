"""Witten–Bell and Kneser–Ney against the formulas, computed by dictionaries and recursion, and by hand."""

from collections import Counter, defaultdict
from time import process_time

import numpy as np
import pytest

from unrolled.models import ngram
from unrolled.models.decoding import sample

RNG = np.random.default_rng(0)
V = 6
TOKENS = RNG.choice(V, p=[0.4, 0.3, 0.2, 0.06, 0.04, 0], size=400)  # the last symbol never occurs
HELD_OUT = RNG.choice(V, p=[0.3, 0.2, 0.2, 0.1, 0.1, 0.1], size=200)


def by_the_formula(tokens, order):
    """p(c | context), as the law stands in the module's docstring."""
    follow = defaultdict(Counter)
    for k in range(order):
        for i in range(k, len(tokens)):
            follow[tuple(tokens[i - k : i])][tokens[i]] += 1

    def p(c, context):
        if context is None:
            return 1 / V
        shorter = p(c, context[1:] if context else None)
        n, t = sum(follow[context].values()), len(follow[context])
        return (follow[context][c] + t * shorter) / (n + t) if n else shorter

    return lambda c, context: p(c, tuple(context)[max(len(context) - order + 1, 0) :])


def kneser_ney_by_the_formula(tokens, order, D):
    """p(c | context): below the top, a token counts once for each different token before it. The text's start is one
    (None)."""
    follow = defaultdict(Counter)
    for k in range(order):
        before = {(tokens[i - k - 1] if i > k else None, *tokens[i - k : i + 1]) for i in range(k, len(tokens))}
        grams = (
            [tuple(tokens[i - k : i + 1]) for i in range(k, len(tokens))] if k == order - 1 else [g[1:] for g in before]
        )
        for *context, c in grams:
            follow[tuple(context)][c] += 1

    def p(c, context):
        if context is None:
            return 1 / V
        shorter = p(c, context[1:] if context else None)
        n, t = sum(follow[context].values()), len(follow[context])
        return (max(follow[context][c] - D, 0) + D * t * shorter) / n if n else shorter

    return lambda c, context: p(c, tuple(context)[max(len(context) - order + 1, 0) :])


@pytest.mark.parametrize("discount", [None, 0.5, 0.9])
@pytest.mark.parametrize("order", [1, 2, 3, 4, 5, 6])
def test_every_probability_is_the_formulas(order, discount):
    model, p = ngram.count(TOKENS, V, 6), by_the_formula(TOKENS.tolist(), order)
    if discount:
        model, p = ngram.kneser_ney(model, discount), kneser_ney_by_the_formula(TOKENS.tolist(), order, discount)
    expected = [p(c, HELD_OUT[:i].tolist()) for i, c in enumerate(HELD_OUT.tolist())][1:]
    np.testing.assert_allclose(ngram.token_probabilities(model, HELD_OUT, order), expected, rtol=1e-12)
    assert ngram.evaluate(model, HELD_OUT, order) == pytest.approx(-np.mean(np.log(expected)))
    for i in range(0, 200, 7):
        here = ngram.probabilities(model, HELD_OUT[:i], order)
        np.testing.assert_allclose(here, [p(c, HELD_OUT[:i].tolist()) for c in range(V)], rtol=1e-12)


@pytest.mark.parametrize("model", [ngram.count(TOKENS, V, 6), ngram.kneser_ney(ngram.count(TOKENS, V, 6), 0.8)])
def test_probabilities_sum_to_one_and_leave_nothing_out(model):
    for i in range(150):
        for order in range(1, 7):
            p = ngram.probabilities(model, HELD_OUT[: i + 1], order)
            assert p.sum() == pytest.approx(1, abs=1e-12)
            assert (p > 0).all()


def test_by_hand():
    """abab: n(a) = n(b) = 2, t = 2 of V = 2. p_1 = (2 + 2/2) / 4. After a came b twice, one kind: (2 + 1/2) / 3."""
    model = ngram.count([0, 1, 0, 1], 2, 2)
    np.testing.assert_allclose(ngram.probabilities(model, [], 2), [0.5, 0.5])
    np.testing.assert_allclose(ngram.probabilities(model, [0], 2), [0.5 / 3, 2.5 / 3])
    np.testing.assert_allclose(ngram.probabilities(model, [1], 2), [1.5 / 2, 0.5 / 2])


def test_kneser_and_ney_by_hand():
    """abac, D = 1/2. After a came b and c, once each: (1 - 1/2 + 1/2 2 p_1) / 2. Before a stood the start and b, before
    b and c stood a, so p_1(b) = (1 - 1/2 + 1/2 3 1/3) / 4 = 1/4."""
    model = ngram.kneser_ney(ngram.count([0, 1, 0, 2], 3, 2), 0.5)
    np.testing.assert_allclose(ngram.probabilities(model, [], 2), [2 / 4, 1 / 4, 1 / 4])
    np.testing.assert_allclose(ngram.probabilities(model, [0], 2), [1 / 4, 3 / 8, 3 / 8])


def test_a_context_at_the_texts_end_alone_says_nothing():
    model = ngram.count([0, 1, 0, 2], 3, 2)
    np.testing.assert_allclose(ngram.probabilities(model, [2]), ngram.probabilities(model, []))
    np.testing.assert_allclose(ngram.token_probabilities(model, [2, 1]), [ngram.probabilities(model, [])[1]])


def test_more_context_helps_where_there_is_something_to_know():
    text = np.resize([0, 1, 2, 0, 2, 1], 600)
    model = ngram.count(text[:500], 3, 4)
    losses = [ngram.evaluate(model, text[500:], order) for order in (1, 2, 3, 4)]
    assert losses[0] == pytest.approx(np.log(3), abs=0.01)
    assert losses[1] > 0.5
    assert losses[2] > losses[3]
    assert losses[3] < 0.03


def test_generation_through_decoding():
    text = np.resize([0, 1, 2, 0, 2, 1], 3000)
    model = ngram.count(text, 3, 4)
    tokens, ps = sample(ngram.step(model, 4), (), [0, 1, 2], np.random.default_rng(0), 300, distributions=True)
    history = [0, 1, 2, *tokens]
    for t in range(300):
        np.testing.assert_allclose(ps[t], ngram.probabilities(model, history[: t + 3], 4))
    assert (tokens == np.resize([0, 2, 1, 0, 1, 2], 300)).mean() > 0.2
    likeliest = sample(ngram.step(model, 4), (), [0, 1, 2], np.random.default_rng(0), 60, top_k=1)
    np.testing.assert_array_equal(likeliest, np.resize([0, 2, 1, 0, 1, 2], 60))
    _, state = ngram.step(model, 1)(0, ())
    assert state == ()


def test_a_large_vocabulary_does_not_overflow():
    tokens = np.arange(50_000) % 20_011
    model = ngram.count(tokens, 20_011, 6)
    assert ngram.token_probabilities(model, [5, 6, 7, 8])[-1] > 0.5


@pytest.mark.slow
def test_a_megabyte_takes_seconds():
    """1.1 million characters, orders 1 to 6, with a held-out tenth: within 6 s of processor time."""
    chain = np.random.default_rng(0).dirichlet(np.full(65, 0.1), size=65).cumsum(1)
    draws, tokens = np.random.default_rng(1).random(1_115_394), np.zeros(1_115_394, int)
    steps = np.array([np.searchsorted(row, np.linspace(0, 1, 1001)[:-1]) for row in chain])
    for i, draw in enumerate((1000 * draws).astype(int)[1:], 1):
        tokens[i] = steps[tokens[i - 1], draw]
    begin = process_time()
    model = ngram.count(tokens[:-111_539], 65, 6)
    for order in range(1, 7):
        ngram.evaluate(model, tokens[-111_539:], order)
    assert process_time() - begin < 6


@pytest.mark.parametrize(
    "call, said",
    [
        (lambda m: ngram.count([0, 1], 2, 0), "order must be from 1 to the number of tokens, 2, got 0"),
        (lambda m: ngram.count([0, 1], 2, 3), "order must be from 1 to the number of tokens, 2, got 3"),
        (lambda m: ngram.count([0, 2], 2, 1), "tokens must be from 0 to V - 1 = 1, got 2"),
        (lambda m: ngram.count([0, -1], 2, 1), "tokens must be from 0 to V - 1 = 1, got -1"),
        (lambda m: ngram.count([0.5], 2, 1), "tokens must be whole numbers (T,), got float64 of shape (1,)"),
        (lambda m: ngram.evaluate(m, [0]), "a held-out text must have at least 2 tokens, got 1"),
        (lambda m: ngram.probabilities(m, [0], 7), "order must be from 1 to 6, which were counted, got 7"),
        (lambda m: ngram.kneser_ney(m, 1), "discount must be above 0 and below 1, got 1"),
        (lambda m: ngram.step(m, 0), "order must be from 1 to 6, which were counted, got 0"),
        (lambda m: ngram.probabilities(m, [6]), "tokens must be from 0 to V - 1 = 5, got 6"),
    ],
)
def test_bad_calls(call, said):
    with pytest.raises(ValueError) as error:
        call(ngram.count(TOKENS, V, 6))
    assert str(error.value) == said
