"""What the tables of two directions and of depth show, on every seed: what a lesson may lean on."""

import numpy as np
import pytest

from unrolled import data


def at_the_best_rates(table, validation, columns):
    """{direction: {column: (seeds,)}}, each at the learning rate of the highest mean of the column `validation`."""
    found = {}
    for direction in data.by_seed(table, validation, "direction"):
        rates = data.by_seed(table, validation, "learning_rate", direction=direction)
        best = max(rates, key=lambda rate: rates[rate].mean())
        at = {"direction": direction, "learning_rate": best}
        found[direction] = {column: data.by_seed(table, column, "direction", **at)[direction] for column in columns}
    return found


def test_one_direction_comes_near_its_ceiling_and_not_past_it():
    columns = ["onset", "coda", "word", "onset_ceiling", "coda_ceiling", "word_ceiling"]
    found = at_the_best_rates("pronunciation", "validation_word", columns)
    for direction, sound in (("forward", "coda"), ("backward", "onset")):
        short = found[direction][f"{sound}_ceiling"] - found[direction][sound]
        assert np.all(short > -0.004), "it sees no more than the ceiling allows"
        assert np.all(short < 0.02), "and it comes near"
        assert np.all(found[direction]["word"] < 0.3)
    assert found["forward"]["onset"].min() > 0.99
    assert found["backward"]["coda"].min() > 0.99
    assert found["both"]["word"].min() > 0.97
    assert np.all(found["both"]["word_ceiling"] == 1)


def test_an_answer_that_is_late_enough_needs_no_second_direction():
    right = {part: data.by_seed("delay", f"{part}_right", "delay", direction="forward") for part in ("both", "past")}
    for steps in (0, 1, 2):
        assert right["both"][steps].max() < 0.53, "half of it is a guess"
        assert right["past"][steps].min() > 0.99
    assert right["both"][3].min() > 0.99
    assert data.by_seed("delay", "both_right", "direction", delay=0.0)["both"].min() > 0.99
    assert data.by_seed("delay", "past_right", "direction", delay=0.0)["backward"].max() < 0.53


def test_who_has_read_the_next_character_needs_no_model_of_it():
    nats, inside, last = (data.by_seed("leak", column, "direction") for column in ("nats", "inside", "last"))
    assert nats["forward"].min() > 1.7
    assert inside["both"].max() < 0.1
    assert last["both"].min() > 2, "where there is none to read, it knows less than the other"
    assert np.all(last["both"] > last["forward"])


def test_the_symbols_after_a_place_say_more_of_a_space_than_those_before():
    found = at_the_best_rates("spacing", "validation", ["test", "table_symbol", "table_pair"])
    test = {direction: columns["test"] for direction, columns in found.items()}
    pair, symbol = (found["both"][f"table_{name}"][0] for name in ("pair", "symbol"))
    assert symbol < test["forward"].mean() < pair - 0.05
    assert min(test["backward"].min(), test["both"].min()) > pair + 0.01
    assert test["both"].mean() > test["backward"].mean() + 0.01


def test_a_gradient_vanishes_over_the_layers_of_an_lstm_and_not_of_a_residual_one():
    left = lambda cell, stack: data.by_seed("depth_gradient", "gradient", "layers", cell=cell, stack=stack)
    assert left("lstm", "plain")[12].max() < 0.05 * left("lstm", "plain")[1].min()
    assert left("rnn", "plain")[12].min() > left("rnn", "plain")[1].max()
    for cell in ("rnn", "lstm", "gru"):
        assert np.all(left(cell, "residual")[12] > left(cell, "residual")[1])
        assert np.all(left(cell, "residual")[1] == pytest.approx(left(cell, "plain")[1]))


STACKS = {"one": (1, "plain"), "two": (2, "plain"), "four": (4, "plain"), "residual": (4, "residual")}


def depths(column, *, share):
    """{(cell, stack): (seeds,) numbers} of the column, at the learning rate that is best on the validation part."""
    found = {}
    for cell in ("gru", "lstm"):
        for name, (layers, stack) in STACKS.items():
            where = {"cell": cell, "layers": layers, "stack": stack, "share": share}
            rates = data.by_seed("depth", "validation", "learning_rate", **where)
            best = min(rates, key=lambda rate: rates[rate].mean())
            found[cell, name] = data.by_seed("depth", column, "learning_rate", **where)[best]
    return found


def test_of_the_learning_rates_of_a_stack_the_best_is_no_edge():
    for share in (1.0, 0.25):
        for cell in ("gru", "lstm"):
            for layers, stack in STACKS.values():
                where = {"cell": cell, "layers": layers, "stack": stack, "share": share}
                rates = data.by_seed("depth", "validation", "learning_rate", **where)
                means = [rates[rate].mean() for rate in sorted(rates)]
                assert 0 < np.argmin(means) < len(means) - 1, where


def test_stacks_of_every_depth_have_as_many_parameters():
    parameters = np.concatenate([*depths("parameters", share=1.0).values()])
    assert parameters.max() < 1.03 * parameters.min()


def test_four_plain_layers_cost_more_than_one_and_residuals_bring_them_back():
    for share in (1.0, 0.25):
        test = depths("test", share=share)
        for cell in ("gru", "lstm"):
            assert test[cell, "four"].min() > test[cell, "one"].max() + 0.03
            assert test[cell, "residual"].max() < test[cell, "four"].min() - 0.01


def test_no_stack_is_ahead_of_one_layer():
    for share in (1.0, 0.25):
        test = depths("test", share=share)
        for cell in ("gru", "lstm"):
            for stack in ("two", "four", "residual"):
                assert test[cell, stack].mean() > test[cell, "one"].mean() - 0.015


def test_four_layers_with_residuals_need_the_whole_text_to_be_level_with_one():
    behind = {}
    for share in (1.0, 0.25):
        test = depths("test", share=share)
        for cell in ("gru", "lstm"):
            behind[cell, share] = test[cell, "residual"] - test[cell, "one"]
    for cell in ("gru", "lstm"):
        assert np.all(behind[cell, 0.25] > 0.01)
        assert abs(behind[cell, 1.0].mean()) < 0.02
        assert behind[cell, 0.25].mean() > behind[cell, 1.0].mean() + 0.02


def test_plain_layers_need_more_text_in_a_gru_and_not_in_an_lstm():
    behind = lambda cell, test: test[cell, "four"].mean() - test[cell, "one"].mean()
    whole, quarter = (depths("test", share=share) for share in (1.0, 0.25))
    assert behind("gru", quarter) > behind("gru", whole) + 0.02
    assert behind("lstm", quarter) < behind("lstm", whole)


def test_counts_are_ahead_of_every_stack_on_the_whole_text_and_not_of_a_gru_on_a_quarter():
    whole, quarter = (depths("test", share=share) for share in (1.0, 0.25))
    counts = {share: depths("table_test", share=share)["gru", "one"][0] for share in (1.0, 0.25)}
    assert counts[1.0] < min(losses.min() for losses in whole.values())
    for (cell, stack), losses in quarter.items():
        if cell == "gru" and stack in ("one", "two"):
            assert losses.max() < counts[0.25]
        if stack in ("four", "residual"):
            assert losses.min() > counts[0.25]
