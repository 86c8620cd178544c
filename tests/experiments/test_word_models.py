"""Models of the next word: their tables of counts, and what the shipped table of results shows."""

import re
from collections import Counter

import numpy as np
import pytest

from unrolled.data import by_seed, corpora
from unrolled.experiments import word_models
from unrolled.models import ngram


def test_the_tables_are_the_best_of_their_kind_on_the_validation_part():
    V, train, validation, test = word_models.parts()
    found = word_models.tables(V, train, validation, test)
    counted = ngram.count(train, V, 4)
    best = ngram.kneser_ney(counted, found["discount"])
    assert found["kneser_ney"] == ngram.evaluate(best, test, found["kneser_ney_order"])
    for discount in (0.5, 0.8, 0.95):
        for order in (1, 2, 3, 4):
            nats = ngram.evaluate(ngram.kneser_ney(counted, discount), validation, order)
            assert nats >= found["kneser_ney_validation"]
    assert found["witten_bell_validation"] == min(ngram.evaluate(counted, validation, n) for n in (1, 2, 3, 4))
    for name, value in found.items():
        (stored, *_) = by_seed("word_models", name, "learning_rate").values()
        assert stored == pytest.approx(value, rel=1e-5)


def test_the_parts_hold_all_words_once_in_their_order():
    V, *parts = word_models.parts()
    lengths = np.array([len(part) for part in parts])
    np.testing.assert_allclose(lengths / lengths.sum(), [0.8, 0.1, 0.1], atol=1e-3)
    words = re.findall(r"[a-z]+(?:'[a-z]+)?|[.,;:?!]", corpora.corpus("tales").text.lower())
    pairs = set(zip(words, np.concatenate(parts).tolist(), strict=True))
    assert len(pairs) == len(set(words)), "no word has two numbers"
    share = Counter(number for _, number in pairs)
    assert sorted(share) == list(range(V))
    (rare,) = [number for number, n in share.items() if n > 1]
    often = {word for word, n in Counter(words[: len(parts[0])]).items() if n >= 3}
    assert {word for word, number in pairs if number == rare} == set(words) - often


def test_a_gru_ties_with_kneser_and_ney_after_300_steps_and_passes_it_later():
    (table,) = set(by_seed("word_models", "kneser_ney", "discount")[0.9])
    short = by_seed("word_models", "network_300", "learning_rate")[0.005]
    assert min(short) < table < max(short)
    validation = by_seed("word_models", "validation", "learning_rate")
    rate = min(validation, key=lambda rate: validation[rate].mean())
    assert min(validation) < rate < max(validation)
    assert max(by_seed("word_models", "network", "learning_rate")[rate]) < table - 0.08
