"""Beam search: is it the search that misses the right translation, or does the model prefer a wrong one?

Source: Stahlberg & Byrne (2019), who compare a search's best with the empty translation.
"""

import numpy as np

from unrolled.data import number_words
from unrolled.data.text import END, START
from unrolled.data.translation import encode
from unrolled.experiments import translators
from unrolled.experiments.translators import NUMBERS
from unrolled.models import decoding, seq2seq

WIDTHS = (1, 2, 4, 12, 18, 60)  # 18 are all first words: none is dropped, END neither
LONGEST = 24  # words: nine digits take at most 17 and the end


def search(params, pair, kind, normalisation):
    """The scores of the truth and of the empty translation, and {width: (is it right, is it empty, its score)}."""
    step, state = seq2seq.one_sentence(params, encode(pair.source, NUMBERS[0]), kind=kind)
    truth = [*encode(pair.target, NUMBERS[1]), END]
    score = lambda tokens: decoding.score(step, state, START, tokens, normalisation=normalisation)
    found = {}
    for width in WIDTHS:
        tokens, best = decoding.beam(step, state, START, width, END, LONGEST, normalisation=normalisation)[0]
        found[width] = tokens.tolist() == truth, tokens.tolist() == [END], best
    return score(truth), score([END]), found


def measure(rng, kind, steps, normalisation, *, test_size, **sizes):
    """For each beam: exact match (exact_…), the share of sentences whose truth has a higher score than what was found
    (search_error_…), the share in which a wrong one has a score at least as high (model_error_…): these three are 1
    together. missed_…: the share in which a sentence of a higher score than the one found is known, right or wrong: by
    another beam, or as the truth or the empty one (at least so many were missed: the best of all is not known).
    empty_…: the share in which the empty translation was found. empty_wins: that in which it has a higher score than
    the truth."""
    params = translators.train(rng, NUMBERS, translators.draw_numbers, kind, reverse=False, steps=steps, **sizes)
    pairs = [number_words.pair(n) for digits in range(1, 10) for n in translators.numbers(digits, test_size, "test")]
    results = [search(params, pair, kind, normalisation) for pair in pairs]
    found = {"empty_wins": np.mean([empty > truth for truth, empty, _ in results])}
    known = [max(truth, empty, *(score for *_, score in beams.values())) for truth, empty, beams in results]
    for width in WIDTHS:
        each = [(truth, *beams[width]) for truth, _, beams in results]
        found[f"exact_{width}"] = np.mean([right for _, right, _, _ in each])
        found[f"search_error_{width}"] = np.mean([not right and truth > best for truth, right, _, best in each])
        found[f"model_error_{width}"] = np.mean([not right and truth <= best for truth, right, _, best in each])
        found[f"missed_{width}"] = np.mean([most > best + 1e-5 for most, (*_, best) in zip(known, each)])  # no rounding
        found[f"empty_{width}"] = np.mean([empty for _, _, empty, _ in each])
    return found
