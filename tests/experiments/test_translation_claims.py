"""What the tables of translation show, on every seed: what a lesson may lean on."""

import numpy as np

from unrolled import data

MODELS = ("plain", "reversed", "luong", "fed", "bahdanau")


def by_length(column):
    """{model: (seeds,)} of the table lengths, at the learning rate whose mean validation over the seeds is the best."""
    found = {}
    for model in MODELS:
        rates = data.by_seed("lengths", "validation", "learning_rate", model=model)
        rate = max(rates, key=lambda rate: rates[rate].mean())
        found[model] = data.by_seed("lengths", column, "learning_rate", model=model)[rate]
    return found


def test_the_bottleneck_bites_between_three_and_nine_digits():
    for digits, least, most in ((3, 0.85, 1), (6, 0.2, 0.6), (9, 0, 0.1)):
        right = by_length(f"digits_{digits}")
        for model in ("plain", "reversed"):
            assert np.all((least <= right[model]) & (right[model] <= most)), (digits, model)


def test_a_reversed_source_helps_little():
    gain = [
        by_length(f"digits_{k}")["reversed"].mean() - by_length(f"digits_{k}")["plain"].mean() for k in range(3, 10)
    ]
    assert max(gain) < 0.2
    assert abs(gain[-1]) < 0.05, "at nine digits nothing is gained"
    validation = by_length("validation")
    assert np.any(validation["reversed"] < validation["plain"]), "over all lengths not even on every seed"


def test_every_kind_of_attention_carries_nine_digits():
    right, plain = by_length("digits_9"), by_length("digits_9")["plain"].max()
    for model in ("luong", "fed", "bahdanau"):
        assert right[model].min() > plain + 0.5
        assert right[model].mean() > 0.8


def test_one_wrong_word_leads_to_others():
    forced, free = by_length("forced"), by_length("free")
    for model in MODELS:
        assert np.all(forced[model] > free[model])
    assert np.all(forced["plain"] > free["plain"] + 0.15)


def test_a_step_that_waits_for_the_one_before_it_costs_time():
    seconds = by_length("seconds")
    for model in ("fed", "bahdanau"):
        assert seconds[model].min() > 1.5 * seconds["luong"].max()
