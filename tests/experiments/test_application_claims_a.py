"""What the tables of cards 1 to 4 show, on every seed: what lesson 13 may lean on."""

import numpy as np
import pytest

from unrolled import data
from unrolled.experiments.applications.chosen import chosen


def at_best(name, column, by, **where):
    return chosen(name, column, by, show=False, **where)


def test_the_best_setting_is_found_on_validation_and_read_on_the_test(monkeypatch, capsys):
    rows = [
        {"reading": "left", "steps": 1.0, "learning_rate": rate, "validation": v, "test": t}
        for rate, numbers in ((0.1, [(0.5, 0.9), (0.6, 0.8)]), (0.2, [(0.7, 0.1), (0.8, 0.2)]))
        for v, t in numbers
    ]
    monkeypatch.setattr("unrolled.experiments.applications.chosen.results", lambda name: data.Results(rows, "here"))
    assert chosen("card_splice", "test", "reading")["left"].tolist() == [0.1, 0.2]
    assert "0.100 0.200" in capsys.readouterr().out
    assert at_best("card_splice", "test", "reading", best=min)["left"].tolist() == [0.9, 0.8]
    with pytest.raises(ValueError, match="no row of card_splice has"):
        at_best("card_splice", "test", "reading", steps=2)


def test_reading_on_wins_where_order_decides_and_ties_where_it_says_nothing():
    told = at_best("card_sentiment", "test", "network", task="opinions", steps=600)
    assert told["rnn"].min() == told["gru"].min() == 1
    assert max(told["bag of words"]) < 5 / 8 + 0.03
    assert 5 / 8 + 0.1 < min(told["bag of pairs"]) <= max(told["bag of pairs"]) < 0.9
    pairs = at_best("card_sentiment", "test", "network", task="opinions", steps=3000)["bag of pairs"]
    assert 0.9 < min(pairs) <= max(pairs) < 0.95
    mail, odds = (at_best("card_sentiment", c, "network", task="spam") for c in ("test", "ceiling"))
    assert all(np.abs(mail[name] - odds[name]).max() < 0.03 for name in mail)


def test_two_digits_need_order_and_the_wake_word_recurrence():
    one, two, after = (
        at_best("card_speech", "test", "reader", task=task)
        for task in ("one digit", "two digits", "after the wake word")
    )
    assert min(after["in order"]) > 0.96
    assert max(after[f"means of {k} parts"].max() for k in (4, 8, 16)) < 0.75
    assert max(after["shuffled"]) < 0.55
    assert min(two["in order"]) > 0.93
    assert max(two["shuffled"]) < 0.5
    assert np.all(two["means of 8 parts"] > two["in order"])
    assert np.all(two["means of 4 parts"] > two["in order"] - 0.02)
    assert min(one["shuffled"].min(), one["means of 4 parts"].min(), one["in order"].min()) > 0.94
    assert max(one["mean frame"]) < 0.82


def test_counting_wins_and_readings_that_end_at_the_junction_learn_soonest():
    soon, late = (at_best("card_splice", "test", "reading", steps=steps) for steps in (400, 1600))
    table = at_best("card_splice", "table", "reading", steps=400)["left to right"]
    assert np.all(soon["to the junction"] > soon["left to right"] + 0.12)
    assert np.all(soon["to the junction"] > soon["from the junction"] + 0.04)
    assert np.all(late["left to right"] > soon["left to right"] + 0.12)
    assert np.all(np.abs(late["to the junction"] - late["from the junction"]) < 0.03)
    assert np.all(table > np.max([*late.values()], axis=0) + 0.003)
    assert np.all(table > 0.94)


def test_nothing_beats_todays_price_but_where_returns_follow():
    how = {"by": "name", "best": min}
    levels, changes = (at_best("card_prices", "ratio", target=target, **how) for target in ("level", "return"))
    one = at_best("card_prices", "one_number", target="return", **how)
    known = "returns that follow"
    assert max(changes[known]) < 0.97
    assert np.all(np.abs(changes[known] - one[known]) < 0.01)
    assert min(changes["random walk"].min(), changes["Google"].min()) > 0.99
    assert min(levels[known]) > 0.97
    assert min(levels["random walk"].min(), levels["Google"].min()) > 1.02
    today = at_best("card_prices", "today_r_squared", target="return", **how)
    assert min(square.min() for square in today.values()) > 0.95


def test_the_weather_is_a_tie_with_one_coefficient_and_then_a_loss_to_a_linear_map():
    network, today, calendar, one, linear = (
        at_best("card_weather", column, "ahead", best=min)
        for column in ("network", "today", "calendar", "one_coefficient", "linear")
    )
    assert np.all(np.abs(network[1] - one[1]) < 0.12)
    assert np.all(network[1] < today[1] - 0.1)
    assert np.all(network[5] > linear[5] + 0.15)
    assert np.all(np.abs(network[5] - calendar[5]) < 0.15)
