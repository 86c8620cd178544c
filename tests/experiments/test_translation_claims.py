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


def test_every_chosen_rate_lies_between_others():
    for model in MODELS:
        rates = data.by_seed("lengths", "validation", "learning_rate", model=model)
        best = max(rates, key=lambda rate: rates[rate].mean())
        assert min(rates) < best < max(rates), model


def test_a_reversed_source_helps_little():
    gain = [by_length(f"digits_{k}")["reversed"] - by_length(f"digits_{k}")["plain"] for k in range(2, 10)]
    assert np.abs(np.mean(gain, axis=1)).max() < 0.1
    assert sum(np.all(of_length > 0) for of_length in gain) == 0, "at no length on every seed"
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


def test_one_direction_points_late_and_never_early_and_both_point_right():
    for kind in ("luong", "bahdanau"):
        there = data.by_seed("alignment", "there", "encoder", kind=kind)
        assert there["both directions"].min() > 0.97
        assert there["one direction"].min() < 0.85
        assert data.by_seed("alignment", "earlier", "encoder", kind=kind)["one direction"].max() < 0.005


def test_right_answers_with_the_weight_elsewhere():
    for kind in ("plain", "luong", "bahdanau"):
        assert data.by_seed("times", "exact", "kind", kind=kind)[kind].min() > 0.98
    on_hour = data.by_seed("times", "on_hour_to", "kind")
    assert on_hour["bahdanau"].max() < 0.1
    assert on_hour["luong"].max() < 0.8
    assert data.by_seed("times", "exact_to", "kind")["bahdanau"].min() == 1


def test_a_wider_beam_finds_no_better_translation_because_the_errors_are_the_models():
    for kind in ("plain", "luong"):
        for steps in (200, 800):
            for normalisation in (0, 1):
                where = {"kind": kind, "steps": steps, "normalisation": normalisation}
                column = lambda name, where=where: data.by_seed("beam", name, "kind", **where)[where["kind"]]
                assert np.abs(column("exact_12") - column("exact_1")).max() < 0.035
                assert column("search_error_12").max() == 0
                assert max(column(f"empty_{width}").max() for width in (1, 2, 4, 12)) == 0
    early = data.by_seed("beam", "empty_wins", "normalisation", kind="plain", steps=200)
    assert early[0].min() > 0.3
    assert early[1].max() == 0
