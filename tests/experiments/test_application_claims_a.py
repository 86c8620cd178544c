"""What the tables of cards 1 to 4 show, on every seed: what lesson 13 may lean on."""

import numpy as np
import pytest

from unrolled import data
from unrolled.experiments.applications import weather
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
    longer = at_best("card_sentiment", "test", "network", task="opinions", steps=3000)
    assert min(told["gru"]) > 0.99
    assert min(told["rnn"]) < 0.8 < 0.99 < max(told["rnn"])
    assert max(told["bag of words"]) < 5 / 8 + 0.03
    assert max(told[f"last {k} words"].max() for k in (4, 8, 16)) < 0.75
    assert max(told["two halves"]) < 0.85
    assert 5 / 8 + 0.05 < min(told["bag of pairs"]) <= max(told["bag of pairs"]) < 0.85
    assert 0.8 < min(longer["bag of pairs"]) <= max(longer["bag of pairs"]) < 0.92
    assert 0.88 < min(longer["cut at the link"]) <= max(longer["cut at the link"]) < 0.95
    mail, odds = (at_best("card_sentiment", c, "network", task="spam") for c in ("test", "ceiling"))
    assert all(np.abs(mail[name] - odds[name]).max() < 0.03 for name in mail)


def test_two_digits_need_order_and_a_gru_wins_only_where_no_silence_tells_words_apart():
    one, two, after = (
        at_best("card_speech", "test", "reader", task=task)  # at the better number of steps
        for task in ("one digit", "two digits", "after the wake word")
    )
    assert np.all(after["cut at the silences"] > after["in order"])
    assert min(after["cut at the silences"]) > 0.99
    assert min(after["in order"]) > 0.96
    assert max(after[f"means of {k} parts"].max() for k in (4, 8)) < 0.9
    assert max(after["shuffled"]) < 0.55
    for steps, lead in ((600, 0.05), (3000, 0.03)):
        none = at_best("card_speech", "test", "reader", task="no pauses", steps=steps)
        assert np.all(none["in order"] > none["means of 8 parts"] + lead)
    assert min(two["in order"]) > 0.93
    assert max(two["shuffled"]) < 0.5
    assert np.all(two["means of 8 parts"] > two["in order"])
    assert np.all(two["means of 4 parts"] > two["in order"] - 0.02)
    assert min(one["shuffled"].min(), one["means of 4 parts"].min(), one["in order"].min()) > 0.94
    assert max(one["mean frame"]) < 0.82


def test_counting_leads_and_readings_that_end_at_the_junction_learn_soonest():
    soon, late = (at_best("card_splice", "test", "reading", steps=steps) for steps in (400, 1600))
    table = at_best("card_splice", "table", "reading", steps=400)["left to right"]
    letters = at_best("card_splice", "two_letters", "reading", steps=400)["left to right"]
    assert np.all(soon["to the junction"] > soon["left to right"] + 0.08)
    assert np.all(soon["to the junction"] > soon["from the junction"] + 0.01)
    assert np.all(soon["to the junction"] > letters + 0.005)
    assert np.all(late["left to right"] > soon["left to right"] + 0.08)
    assert np.all(np.abs(late["left to right"] - letters) < 0.03)
    assert np.all(late["from the junction"] > late["to both ends"] + 0.03)
    assert np.all(np.abs(late["to the junction"] - late["from the junction"]) < 0.02)
    lead = table - np.max([*late.values()], axis=0)
    assert lead.mean() > 0.005
    assert lead.min() > -0.005
    assert np.all(table > letters + 0.04)


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


def test_no_forecast_of_the_weather_leads_in_each_year_and_the_network_in_none():
    near, far = {}, {}
    for column in ("network", "today", "calendar", "one_coefficient", "linear"):
        by_year = [at_best("card_weather", column, "ahead", year=year, best=min) for year in weather.ENDS]
        near[column], far[column] = (np.array([errors[ahead] for errors in by_year]) for ahead in (1, 5))  # (4, 3)
    means = {name: errors.mean(1) for name, errors in far.items()}
    assert [min(means, key=lambda name: means[name][k]) for k in range(4)] == [
        "linear", "one_coefficient", "calendar", "linear"
    ]  # fmt: skip
    best = np.min([errors for name, errors in far.items() if name != "network"], axis=0)
    assert np.all(far["network"] > best + 0.02)
    assert np.all(near["network"].mean(1) > near["one_coefficient"].mean(1))
    assert np.all(np.abs(near["network"] - near["one_coefficient"]) < 0.15)
    assert np.all(near["network"].mean(1) < near["today"].mean(1) - 0.08)


def test_in_the_warm_year_the_linear_map_took_up_half_a_degree_and_the_network_less():
    network, calendar, linear = (
        at_best("card_weather", f"bias_{name}", "ahead", year=2015, best=min)[5]
        for name in ("network", "calendar", "linear")
    )
    assert min(calendar) > 1.2
    assert np.all(linear < calendar - 0.4)
    assert np.all(network > linear + 0.3)
