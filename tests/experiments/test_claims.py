"""What the shipped tables show, on every seed: ranks and thresholds that a lesson may lean on."""

from collections import defaultdict

import numpy as np
import pytest

from unrolled import data

LN2 = np.log(2)


def column(name, value, *keys, **where):
    """{(keys…): [the value of each seed]} of the rows where the given columns are as given."""
    found = defaultdict(list)
    for row in data.results(name).rows:
        if all(row[key] == wanted for key, wanted in where.items()):
            found[tuple(row[key] for key in keys)].append(row[value])
    assert found, f"{name} has rows where {where}"
    assert {len(values) for values in found.values()} == {5}
    return dict(found)


def test_the_rate_of_a_linear_gradient_is_that_of_the_spectral_radius():
    for row in data.results("gradient_flow").rows:
        if row["activation"] == "identity":
            assert row["slope"] == pytest.approx(row["log_radius"], abs=0.005)
            assert (row["ratio"] < 0.999) == (row["radius"] < 0.999)
    for where in ({"inputs": "zero"}, {"inputs": "normal"}):
        found = column("gradient_flow", "ratio", "W_hh", "singular_value", activation="identity", **where)
        assert max(found["orthogonal", 0.9]) < 1e-3
        assert min(found["orthogonal", 1.1]) > 1e3
        assert max(found["gaussian", 1.5]) < 1e-3, "its largest singular value is above 1, its radius below"


def test_a_largest_singular_value_above_1_does_not_explode():
    found = column("gradient_flow", "ratio", W_hh="gaussian", singular_value=1.5, activation="identity", inputs="zero")
    assert max(found[()]) < 1e-6


def test_tanh_that_hears_inputs_vanishes_even_above_radius_1():
    for row in data.results("gradient_flow").rows:
        if (row["activation"], row["inputs"]) == ("tanh", "normal"):
            assert row["ratio"] < 1e-4
            assert row["slope"] < row["log_radius"] - 0.3


def test_a_sigmoid_vanishes_below_a_singular_value_of_4():
    for row in data.results("gradient_flow").rows:
        if row["activation"] == "sigmoid":
            assert row["singular_value"] == 3.9
            assert row["ratio"] < 1e-3
            assert row["slope"] < np.log(3.9 / 4), "the bound: a slope of 1/4 at every step"
    assert len(column("gradient_flow", "ratio", "inputs", activation="sigmoid")) == 2


def test_a_longer_window_points_nearer_on_the_echo_task():
    for kind in ("chunks", "sliding"):
        found = column("truncation_cosine", "cosine", "k", kind=kind, targets="echo", W_hh="glorot")
        for shorter, longer in zip([1, 2, 5, 10, 20, 25, 50], [2, 5, 10, 20, 25, 50, 100]):
            assert np.all(np.array(found[shorter,]) < np.array(found[longer,]) + 1e-9)
        assert min(found[25,]) > 0.95 > max(found[1,])


def test_a_sliding_window_points_nearer_than_chunks_of_the_same_length():
    chunks, sliding = (
        column("truncation_cosine", "cosine", "k", kind=kind, targets="echo", W_hh="glorot")
        for kind in ("chunks", "sliding")
    )
    for k in (5, 10):
        assert np.all(np.array(chunks[k,]) < sliding[k,])


def test_averaging_makes_sgd_exact_and_truncation_not():
    found = column("truncation_bias", "cosine", "k", sequences_averaged=256)
    assert min(found[100,]) > 0.99
    assert np.all(np.array(found[1,]) < found[5,])
    assert max(found[5,]) < 0.98


def test_cost_grows_with_T_and_does_not_in_chunks():
    full, truncated = (column("truncation_cost", f"memory_{how}_MB", "T") for how in ("full", "truncated"))
    assert max(truncated[1600,]) < 1.1 * min(truncated[100,])
    assert min(full[1600,]) > 12 * max(full[100,])
    full, truncated = (column("truncation_cost", f"time_{how}_ms", "T") for how in ("full", "truncated"))
    assert min(full[1600,]) > 8 * max(full[100,])
    assert max(truncated[1600,]) < 2 * min(truncated[100,])


def test_an_echo_is_learnt_from_a_window_that_holds_it():
    for (delay, k), losses in column("echo", "loss", "delay", "k", state="carry", W_hh="glorot").items():
        assert max(losses) < 0.05 if k > delay else min(losses) > 0.6


def test_a_reset_state_costs_the_share_of_echoes_that_it_forgets():
    for (delay, k), losses in column("echo", "loss", "delay", "k", state="reset", W_hh="glorot").items():
        assert losses == pytest.approx([LN2 * min(1, delay / k)] * 5, abs=0.02)


def test_where_the_gradient_vanishes_hardly_any_run_learns():
    found = column("echo", "loss", "k", delay=10.0, state="carry", W_hh="small")
    learnt = sum(loss < 0.6 for losses in found.values() for loss in losses)
    assert learnt <= 2, "of 35"


def test_gradients_through_too_short_a_window_wear_out_what_the_read_out_had_found():
    end, best = (column("echo_read_out", value, "trained") for value in ("loss", "best"))
    assert max(best["all",]) < 0.2 < 0.6 < min(end["all",])
    assert np.all(np.subtract(end["read-out",], best["read-out",]) < 0.02)
    assert np.all(np.array(end["read-out",]) < end["all",])


def test_the_read_out_table_and_the_echo_table_agree():
    same = {"state": "carry", "W_hh": "glorot", "delay": 10.0, "k": 10.0}
    for value in ("loss", "best"):
        assert column("echo_read_out", value, trained="all") == column("echo", value, **same)


def test_the_reservoir_carries_the_cue():
    found = column("reservoir", "loss", "trained", "state", between="silence", W_hh="glorot")
    for trained in ("all", "read-out"):
        assert max(found[trained, "carry"]) < 0.1
        assert min(found[trained, "reset"]) > 0.65
    assert (
        min(column("reservoir", "loss", between="silence", W_hh="small", trained="read-out", state="carry")[()]) > 0.65
    )


def test_clipping_solves_the_temporal_order_task_sooner():
    found = column("temporal_order", "solved", "max_norm", T=20.0, learning_rate=0.1)
    clipped, free = np.array(found[1.0,]), np.nan_to_num(found["none",], nan=np.inf)
    assert np.all(clipped < free)
    assert np.all(clipped <= 1500)
    assert np.sum(np.isinf(free)) >= 2
    assert np.isnan([*column("temporal_order", "solved", T=50.0, max_norm=1.0)[()]]).all()
    assert max(column("temporal_order", "largest_norm", T=50.0, max_norm="none")[()]) < 1


def test_clipping_by_norm_keeps_the_direction_and_by_value_does_not():
    for row in data.results("clipping").rows:
        assert row["cosine_norm"] == pytest.approx(1, abs=1e-5)
        if row["share_clipped"] > 0.4:
            assert row["cosine_value"] < 0.9


def sunspots_chosen(column, end):
    """A column of the setting whose five networks have the smallest mean validation error."""
    found = column_of_settings("rnn_validation", end)
    best = min(found, key=lambda setting: np.mean(found[setting]))
    return np.array(column_of_settings(column, end)[best])


def column_of_settings(value, end):
    return column("sunspots", value, "H", "gain", end=end)


def test_who_forecasts_the_sunspots_best_depends_on_the_years():
    for end in (1875, 1919, 1963, 2007):
        assert sunspots_chosen("rnn_validation", end).mean() < sunspots_chosen("linear_validation", end).mean()
        naive = sunspots_chosen("naive_test", end).mean()
        assert sunspots_chosen("rnn_test", end).mean() < 0.95 * naive
        assert sunspots_chosen("linear_test", end).mean() < 0.95 * naive
    assert max(sunspots_chosen("rnn_test", 1875)) < min(sunspots_chosen("linear_test", 1875))
    assert min(sunspots_chosen("rnn_test", 1963)) > max(sunspots_chosen("linear_test", 1963))


def test_of_the_lead_where_the_setting_was_chosen_little_is_left_on_the_test_years():
    lead = {part: sunspots_chosen(f"linear_{part}", 1919) - sunspots_chosen(f"rnn_{part}", 1919)
            for part in ("validation", "test")}  # fmt: skip
    assert max(lead["test"]) < 0.2 * min(lead["validation"])
