"""Does the highest weight lie on the word that says the digit? The true alignment of number words is known."""

import numpy as np

from unrolled.data import number_words
from unrolled.experiments import translators
from unrolled.experiments.translators import NUMBERS


def offsets(alphas, pairs, right):
    """How many words later than the one that says it the highest weight lies, for each digit: (…,) int."""
    return np.array([place - link[0] for _, place, link in translators.looked_at(alphas, pairs, right)])


def measure(rng, kind, encoder, *, digits, test_size, **sizes):
    """exact: the share of right translations of numbers with so many digits. Of those, the share of digits whose
    highest weight lies on their own word (there), one word later, two or more later, and earlier."""
    params = translators.train(rng, NUMBERS, translators.draw_numbers, kind, both=encoder == "both directions",
                               reverse=False, **sizes)  # fmt: skip
    pairs = [number_words.pair(n) for n in translators.numbers(digits, test_size, "test")]
    right, alphas, _ = translators.answers(params, pairs, NUMBERS, kind)
    late = offsets(alphas, pairs, right)
    where = {"there": late == 0, "one_later": late == 1, "later_still": late > 1, "earlier": late < 0}
    return {"exact": right.mean()} | {name: np.mean(hits) if len(hits) else np.nan for name, hits in where.items()}
