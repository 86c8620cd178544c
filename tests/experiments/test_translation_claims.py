"""What the tables of translation show, on every seed: what a lesson may lean on."""

import numpy as np

from unrolled import data
from unrolled.experiments import beam
from unrolled.experiments.table_translation import EXPERIMENTS

MODELS = ("plain", "reversed", "luong", "fed", "bahdanau")


def by_length(column):
    """{model: (seeds,)} of the table lengths, at the learning rate whose mean validation over the seeds is the best."""
    found = {}
    for model in MODELS:
        rates = data.by_seed("lengths", "validation", "learning_rate", model=model)
        rate = max(rates, key=lambda rate: rates[rate].mean())
        found[model] = data.by_seed("lengths", column, "learning_rate", model=model)[rate]
    return found


def test_after_800_steps_without_attention_nine_digits_are_lost():
    for digits, least, most in ((3, 0.85, 1), (6, 0.2, 0.6), (9, 0, 0.1)):
        right = by_length(f"digits_{digits}")
        for model in ("plain", "reversed"):
            assert np.all((least <= right[model]) & (right[model] <= most)), (digits, model)


def test_every_chosen_rate_lies_between_others():
    for model in MODELS:
        rates = data.by_seed("lengths", "validation", "learning_rate", model=model)
        best = max(rates, key=lambda rate: rates[rate].mean())
        assert min(rates) < best < max(rates), model


def test_ten_times_the_steps_bring_nine_digits_through_the_same_vector():
    nine = {
        size: data.by_seed("bottleneck", "digits_9", "steps", parameters=size) for size in (12_000, 30_000, 110_000)
    }
    few, ours, many = nine.values()
    assert ours[800].max() == 0
    assert 0.2 < ours[3200].min() <= ours[3200].max() < 0.3
    assert 0.7 < ours[8000].min() <= ours[8000].max() < 0.8
    assert few[8000].max() < 0.2, "a smaller vector learns less in as many steps"
    assert many[800].min() > ours[800].max(), "and a larger one more"
    assert many[800].max() < 0.15
    six = data.by_seed("bottleneck", "digits_6", "steps", parameters=12_000)
    assert 0.5 < six[8000].min() <= six[8000].max() < 0.9


def test_a_reversed_source_helps_in_the_middle():
    gain = {}
    for digits in range(2, 10):
        right = data.by_seed("reversal", f"digits_{digits}", "model")
        gain[digits] = right["reversed"] - right["plain"]
    for digits in (5, 6, 7, 8):
        assert 0.055 < gain[digits].mean() < 0.095
        assert np.sum(gain[digits] > 0) >= 8
    assert len(gain[6]) == 11
    assert max(gain[digits].mean() for digits in (2, 3, 4)) < 0.03
    assert 0 < gain[9].mean() < 0.05
    assert gain[7].min() < -0.25, "three seeds would not have shown it"


def test_the_rate_of_reversal_is_the_best_of_both_models():
    for model in ("plain", "reversed"):
        rates = data.by_seed("lengths", "validation", "learning_rate", model=model)
        assert max(rates, key=lambda rate: rates[rate].mean()) == EXPERIMENTS["reversal"].fixed["learning_rate"]


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


def test_one_direction_points_late_and_never_early_and_both_point_right_on_all_seeds_but_one():
    for kind in ("luong", "bahdanau"):
        there = data.by_seed("alignment", "there", "encoder", kind=kind)
        earlier = data.by_seed("alignment", "earlier", "encoder", kind=kind)
        assert len(there["both directions"]) == 6
        assert sorted(there["both directions"])[1] > 0.975
        assert there["one direction"].min() < 0.85
        assert earlier["one direction"].max() < 0.005
        assert data.by_seed("alignment", "later_still", "encoder", kind=kind)["one direction"].max() < 0.005
        assert np.sum(earlier["both directions"] > 0.1) == (kind == "luong"), "one seed of Luong's is early"


def test_right_answers_with_the_weight_elsewhere():
    column = lambda name, kind: data.by_seed("times", name, "kind")[kind]
    for kind in ("plain", "luong", "bahdanau"):
        assert column("exact", kind).min() > 0.98
        assert column("exact_to", kind).min() > 0.97
    for kind in ("luong", "bahdanau"):
        assert column("exact_to", kind).min() == column("exact_past", kind).min() == 1
    on_hour = {kind: column("on_hour_to", kind) for kind in ("luong", "bahdanau")}
    assert len(on_hour["bahdanau"]) == 8
    assert np.sum(on_hour["bahdanau"] < 1 / 18) == 4, "the seed decides"
    assert 0.8 < on_hour["bahdanau"].max() < 0.85
    assert 0.07 < on_hour["luong"].min() < on_hour["luong"].max() < 0.74
    assert 0.2 < column("on_hour_or_to", "luong").min() < column("on_hour_or_to", "bahdanau").min() < 0.8


def test_the_weight_lies_on_the_hour_of_past_nearly_always():
    on_past = data.by_seed("times", "on_hour_past", "kind")
    assert on_past["luong"].min() == 1
    assert np.sum(on_past["bahdanau"] == 1) == 5
    assert 0.3 < on_past["bahdanau"].min() < 0.35


def test_a_wider_beam_finds_no_better_translation_because_the_errors_are_the_models():
    for kind in ("plain", "luong"):
        for steps in (200, 800):
            for normalisation in (0, 1):
                where = {"kind": kind, "steps": steps, "normalisation": normalisation}
                column = lambda name, where=where: data.by_seed("beam", name, "kind", **where)[where["kind"]]
                for width in (2, 4, 12, 18, 60):
                    assert np.abs(column(f"exact_{width}") - column("exact_1")).max() < 0.035
                assert column("search_error_4").max() == column("search_error_12").max() == 0
                assert column("search_error_1").max() < 0.05


def test_a_beam_that_keeps_the_end_returns_the_empty_translation_of_a_network_hardly_trained():
    column = lambda name, steps, penalty: data.by_seed(
        "beam", name, "kind", kind="plain", steps=steps, normalisation=penalty
    )["plain"]
    assert 0.32 < column("empty_wins", 200, 0).min() < column("empty_wins", 200, 0).max() < 0.44
    assert 0.03 < column("empty_18", 200, 0).min() < column("empty_18", 200, 0).max() < 0.13
    assert 0.02 < column("empty_60", 200, 0).min() < column("empty_60", 200, 0).max() < 0.07
    for width in (1, 2, 4, 12):
        assert column(f"empty_{width}", 200, 0).max() == 0, "END is not among so many first words"
    for width in beam.WIDTHS:
        assert column(f"empty_{width}", 800, 0).max() == 0
        for steps in (200, 800):
            assert column(f"empty_{width}", steps, 1).max() == column("empty_wins", steps, 1).max() == 0
    assert sorted(column("empty_wins", 800, 0).round(2)) == [0, 0, 0.05]


def test_a_narrow_beam_misses_better_sentences_that_are_wrong():
    column = lambda name, steps: data.by_seed("beam", name, "kind", kind="plain", steps=steps, normalisation=0)["plain"]
    assert 0.26 < column("missed_4", 200).min() < column("missed_4", 200).max() < 0.345
    assert column("missed_4", 800).max() < 0.03
    assert column("missed_12", 800).max() == 0
