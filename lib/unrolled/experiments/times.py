""" "twenty to nine" is 여덟 시 사십 분: right answers, and where the weight lies as they are given."""

import numpy as np

from unrolled.data import clock_times
from unrolled.experiments import translators
from unrolled.experiments.translators import TIMES


def measure(rng, kind, **sizes):
    """Exact match of all test phrases, and of those with "to". Of the right ones, the share in which the highest weight
    lies on the word that says the hour, as the hour is said; the same of the minute's words; NaN without attention."""
    params = translators.train(rng, TIMES, translators.draw_times, kind, reverse=False, **sizes)
    pairs = clock_times.phrases("test")
    right, alphas, _ = translators.answers(params, pairs, TIMES, kind)
    to = np.array(["to" in pair.source for pair in pairs])
    found = {"exact": right.mean(), "exact_to": right[to].mean()}
    for name, asked in (("", right), ("_to", right & to)):
        looked = translators.looked_at(alphas, pairs, asked) if kind != "plain" else []
        for part, is_hour in (("hour", True), ("minute", False)):
            hits = [place in link for word, place, link in looked if (word == 0) == is_hour]
            found[f"on_{part}{name}"] = np.mean(hits) if hits else np.nan
    return found
