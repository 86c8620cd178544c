""" "twenty to nine" is 여덟 시 사십 분: right answers, and where the weight lies as they are given."""

import numpy as np

from unrolled.data import clock_times
from unrolled.experiments import translators
from unrolled.experiments.translators import TIMES


def measure(rng, kind, **sizes):
    """Exact match of all test phrases, and of those with "to" and with "past". Of the right ones, the share in which
    the highest weight lies on the word that names the hour, as the hour is said; the same of the minute's words;
    on_hour_or_to: on the hour's word of a phrase with "to", or on "to" before it. NaN without attention."""
    params = translators.train(rng, TIMES, translators.draw_times, kind, reverse=False, **sizes)
    pairs = clock_times.phrases("test")
    right, alphas, _ = translators.answers(params, pairs, TIMES, kind)
    has = {word: np.array([word in pair.source for pair in pairs]) for word in ("to", "past")}
    found = {"exact": right.mean()} | {f"exact_{word}": right[having].mean() for word, having in has.items()}
    for name, asked in (("", right), ("_to", right & has["to"]), ("_past", right & has["past"])):
        looked = translators.looked_at(alphas, pairs, asked) if kind != "plain" else []
        for part, is_hour in (("hour", True), ("minute", False)):
            hits = [place in link for word, place, link in looked if (word == 0) == is_hour]
            found[f"on_{part}{name}"] = np.mean(hits) if hits else np.nan
    looked = translators.looked_at(alphas, pairs, right & has["to"]) if kind != "plain" else []
    hits = [place in link or place + 1 in link for word, place, link in looked if word == 0]  # "to" stands before it
    found["on_hour_or_to"] = np.mean(hits) if hits else np.nan
    return found
