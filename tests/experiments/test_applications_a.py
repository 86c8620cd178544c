"""The code behind cards 1 to 4: what each reader may see, and what it must not."""

from types import SimpleNamespace

import numpy as np
import pytest

from unrolled.data import opinions
from unrolled.data import prices as made
from unrolled.data import speech as data
from unrolled.data import splice as genes
from unrolled.experiments.applications import ends, prices, sentiment, speech, splice, weather
from unrolled.layers import squared_error


def rng(seed=1):
    return np.random.default_rng(seed)


def test_the_step_that_is_best_on_validation_is_kept():
    scores = iter([0.1, 0.9, 0.3])
    params, score, at = ends.learn(
        lambda params, x: squared_error(params["w"], x),
        {"w": np.zeros(1)},
        lambda: (np.ones(1),),
        lambda params: next(scores),
        **{"steps": 6, "check_every": 2, "learning_rate": 0.1},
    )
    assert (score, at) == (0.9, 4)
    assert 0.3 < params["w"][0] < 0.45  # four steps of Adam, and not six


@pytest.mark.parametrize("network", [*sentiment.NETWORKS, *sentiment.BAGS])
def test_a_bag_does_not_see_order_and_the_padding_is_not_read(network):
    texts = opinions.draw(rng(), 6)
    params = sentiment.init(rng(), network, len(opinions.WORDS), E=8, parameters=600)
    straight = sentiment.logits(params, texts.tokens, texts.lengths, network)
    longer = np.concatenate([texts.tokens, np.full((3, 6), 7)])
    assert np.allclose(sentiment.logits(params, longer, texts.lengths, network), straight, atol=1e-5)
    turned = texts.tokens.copy()
    for n, length in enumerate(texts.lengths):
        turned[:length, n] = turned[:length, n][::-1]
    same = np.allclose(sentiment.logits(params, turned, texts.lengths, network), straight, atol=1e-5)
    assert same == (network == "bag of words")


def test_which_words_each_bag_holds():
    texts = ["the plot is good but the cast was dull", "although the plot is good the cast was dull"]
    tokens, lengths, _ = opinions._pad([text.split() for text in texts], opinions.WORDS, [0, 0])
    held = lambda network: [
        [
            opinions.read(np.where(words, tokens[:, n], 0))
            for words in sentiment.bags_of(tokens, lengths, network)[..., n]
        ]
        for n in range(2)
    ]
    assert held("last 4 words") == [["the cast was dull"]] * 2
    assert held("two halves") == [
        ["the plot is good but", "the cast was dull"],
        ["although the plot is good", texts[1][26:]],
    ]
    assert held("cut at the link") == [["the plot is good", "but the cast was dull"], ["", texts[1]]]


def test_an_utterance_is_cut_at_its_silences_and_read_behind_the_wake_word(monkeypatch):
    xs, lengths, targets = data.orders(rng(), 30)
    pieces = [speech.cut(xs[:length, n]) for n, length in enumerate(lengths)]
    assert {len(words) for words in pieces} == {3, 4, 5}
    known = {  # whoever knows each word knows the answer
        np.float32(data.scaled(data.word(voice, digit))[:6]).round(3).tobytes(): digit
        for voice in data.SPLIT["learn"]
        for digit in range(10)
    }

    def told(params, xs, lengths, reader):
        return np.array([8.0 * np.eye(10)[known[xs[:6, n].round(3).tobytes()]] for n in range(len(lengths))])

    monkeypatch.setattr(speech, "logits", told)
    assert np.array_equal(np.array(data.OTHERS)[speech.spot({}, xs, lengths)], targets)


def test_means_are_those_of_equal_parts_without_the_padding():
    xs, lengths = rng().standard_normal((8, 2, 3)), np.array([8, 5])
    found = speech.means(xs, lengths, 2)
    assert np.allclose(found[0], [*xs[:4, 0].mean(0), *xs[4:, 0].mean(0)])
    assert np.allclose(found[1], [*xs[:3, 1].mean(0), *xs[3:5, 1].mean(0)])
    assert np.allclose(speech.means(xs, lengths, 1)[1], xs[:5, 1].mean(0))
    assert (speech.means(xs, lengths, 8)[1].reshape(8, 3) == 0).all(1).sum() == 3  # five frames fill five parts


def test_where_each_reading_of_a_gene_begins_and_ends():
    J, places = genes.JUNCTION, np.arange(genes.T)
    read = {reading: [(half[0], half[-1]) for half in splice.halves(places, reading, 8)] for reading in splice.READINGS}
    assert read["left to right"] == [(0, 59)]
    assert read["to both ends"] == [(0, 59), (59, 0)]
    assert read["to the junction"] == [(0, J + 7), (59, J - 8)]
    assert read["from the junction"] == [(J + 7, 0), (J - 8, 59)]
    sizes = [sum(w.size for w in arrays(splice.init(rng(), reading, parameters=4400))) for reading in splice.READINGS]
    assert max(sizes) <= 4400 < 1.05 * min(sizes)


def arrays(nest):
    return [leaf for value in nest.values() for leaf in arrays(value)] if isinstance(nest, dict) else [nest]


@pytest.mark.parametrize("target", ["level", "return"])
def test_a_price_is_forecast_from_the_days_before_it(target):
    how = {"T": 5, "H": 3, "N": 4, "steps": 4, "check_every": 2, "learning_rate": 0.01}
    values = made.made(rng(), 60)
    forecast, checked = prices.train(rng(), values, target, **how)
    learnt, held, test = prices.parts(values)
    assert (len(forecast), len(checked)) == (12, 12) == (test.stop - test.start, held.stop - held.start)
    assert prices.one_coefficient(np.exp(0.01 * np.arange(50) ** 2)) < 0.1  # each return is more than the one before
    for day in (test.start, test.start + 5):
        other = values.copy()
        other[day] *= 1.5
        changed = prices.train(rng(), other, target, **how)[0] != forecast
        first = day - test.start + 1
        assert not changed[:first].any()  # neither its own forecast nor an earlier one
        assert changed[first]
    assert learnt.stop == held.start


def test_one_way_is_the_share_of_the_more_frequent_direction_and_errors_are_set_beside_those_of_today():
    truth, today = np.array([2.0, 1.0, 0.0, 0.0]), np.array([1.0, 2.0, 3.0, 4.0])
    marks = prices.grades(today + 1, truth, today)
    assert (marks["one_way"], marks["up_down"]) == (0.75, 0.25)
    assert marks["ratio"] == pytest.approx(np.sqrt(45 / 27))
    assert marks["r_squared"] == pytest.approx(1 - 45 / 2.75)


def test_todays_price_has_the_error_of_todays_price():
    walk = made.made(rng(), 500)
    marks = prices.grades(walk[:-1], walk[1:], walk[:-1])
    assert marks["ratio"] == 1
    assert prices.follow(made.made(rng(), 20_000, 0.3), slice(0, 16_000)) == pytest.approx(0.3, abs=0.03)


def test_the_weather_of_2015_teaches_nothing(monkeypatch):
    how = {"T": 4, "H": 3, "N": 64, "steps": 4, "check_every": 2, "learning_rate": 0.01}
    days, told, _ = weather.train(rng(), 1, "anomaly", **how)
    guesses = weather.linear(4, 1, 10.0, weather.DAYS[1]), weather.usual(weather.load()[:, 0])
    table = weather.load()
    table[weather.DAYS[1] :] += rng().standard_normal((365, 4))
    monkeypatch.setattr(weather, "load", lambda year: table.copy())
    before = days <= weather.DAYS[1]  # the first day of 2015 is forecast from the last of 2014
    assert np.array_equal(weather.train(rng(), 1, "anomaly", **how)[1][before], told[before])
    assert np.allclose(weather.linear(4, 1, 10.0, weather.DAYS[1])[before], guesses[0][before])
    assert np.array_equal(weather.usual(table[:, 0]), guesses[1])


def test_the_second_network_learns_anew_for_as_many_steps_as_were_best_in_the_third_year(monkeypatch):
    seen = {}

    def choose(loss, params, draw, score, **how):
        seen.update(first=params, score=score(params))
        return None, -1.5, 7

    def learn(loss, params, batches, *, steps, **how):
        seen.update(second=params, steps=steps)
        yield SimpleNamespace(params=params)

    monkeypatch.setattr(ends, "learn", choose)
    monkeypatch.setattr(weather, "learn", learn)
    how = {"T": 4, "H": 3, "N": 4, "steps": 20, "check_every": 5, "learning_rate": 0.01}
    days, told, error = weather.train(rng(), 1, "level", **how)
    first, warmest, (third, last) = seen["first"], weather.load()[:, 0], weather.DAYS
    two, three = (weather.before(stop, 1, "level", 4).forecasts(first) for stop in weather.DAYS)
    off = (two - warmest[days])[(days >= third) & (days < last)]
    assert (error, seen["steps"], seen["second"] is first) == (1.5, 7, True)
    assert seen["score"] == pytest.approx(-np.sqrt(np.mean(off**2)))
    assert np.array_equal(told, three)


@pytest.mark.parametrize("year", weather.ENDS)
def test_the_year_to_test_on_comes_last(year):
    table, last = weather.load(), weather.ENDS[year]
    assert np.array_equal(weather.load(year), np.concatenate([table[last:], table[:last]]))
    assert np.array_equal(weather.load(year)[-365:], table[last - 365 : last])


def test_one_coefficient_finds_what_a_day_hands_on():
    noise, warm = rng().standard_normal(1461), np.zeros(1461)
    for day in range(1, 1461):
        warm[day] = 0.6 * warm[day - 1] + noise[day]
    told = weather.one_coefficient(10 + warm, 1)
    assert np.corrcoef(told[1000:], 10 + 0.6 * warm[1000:-1])[0, 1] > 0.9
    assert weather.ends.rmse(told, (10 + warm)[1:]) < 1.05 * noise.std()


def test_the_counts_of_genes_are_smoothed_as_is_best_on_validation_and_all_is_measured_on_the_test(monkeypatch):
    learnt, held, test = genes.parts(rng(3))

    def count(known, bases, pseudo):
        """Right on validation with a count of 1.0, and on three in four of the test; with 0.3, on all of the test."""
        assert np.array_equal(known.bases, learnt.bases)
        if np.array_equal(bases, held.bases):
            return held.labels if pseudo == 1.0 else held.labels + 1
        assert np.array_equal(bases, test.bases)
        return test.labels + (np.arange(600) % {0.3: 600, 1.0: 4, 3.0: 2}[pseudo] == 1)

    def train(rng, known, checked, reading, *, reach, steps):
        assert np.array_equal(known.bases, learnt.bases)
        assert np.array_equal(checked.bases, held.bases)
        return {}, 0.5

    by_letters = lambda params, xs, reading, reach: np.eye(3)[genes.by_two_letters(xs.argmax(-1))]
    for name, fake in (("train", train), ("logits", by_letters)):
        monkeypatch.setattr(splice, name, fake)
    monkeypatch.setattr(genes, "naive_bayes", count)
    found = splice.measure(rng(3), "left to right", reach=8, steps=1)
    assert (found["validation"], found["table"]) == (0.5, 0.75)
    assert found["test"] == found["two_letters"] == (genes.by_two_letters(test.bases) == test.labels).mean()
    assert found["most_frequent"] == (test.labels == 0).mean()


@pytest.mark.parametrize("ahead", [1, 5])
def test_the_weather_is_measured_in_the_last_year_alone(monkeypatch, ahead):
    """A network that says 2 °C too little in the year to test on, and nonsense before it; ridges that part there."""
    warmest = weather.load(2013)[:, 0]
    days = weather.windows(14, ahead, weather.DAYS[0])[1]
    test, held = days >= weather.DAYS[1], (days >= weather.DAYS[0]) & (days < weather.DAYS[1])
    assert test.sum() == held.sum() == 365

    def linear(T, ahead, ridge, stop, year):
        """On two years, a ridge of 10 is best in the third, 1 in the fourth; on three, it is as wrong as it says."""
        assert (T, year) == (14, 2013)
        before, behind = {1.0: (3, 0), 10.0: (1, 7)}.get(ridge, (5, 5))
        off = held * before + test * behind if stop == weather.DAYS[0] else ridge
        return warmest[days] + off

    forecast = np.where(test, warmest[days] - 2, 99.0)
    monkeypatch.setattr(weather, "train", lambda rng, ahead, target, **sizes: (days, forecast, 1.5))
    monkeypatch.setattr(weather, "linear", linear)
    found = weather.measure(rng(), ahead, "level", 2013, T=14)
    last = np.arange(weather.DAYS[1], len(warmest))
    calendar = weather.usual(warmest)[last]
    coefficient = weather.one_coefficient(warmest, ahead)[last - ahead]
    guesses = {"today": warmest[last - ahead], "calendar": calendar, "one_coefficient": coefficient}
    errors = {name: np.sqrt(np.mean((guess - warmest[last]) ** 2)) for name, guess in guesses.items()}
    bias = {f"bias_{name}": np.mean(warmest[last] - guess) for name, guess in guesses.items()}
    told = {"validation": 1.5, "network": 2.0, "bias_network": 2.0, "linear": 10.0, "bias_linear": -10.0}
    assert found == pytest.approx(told | errors | bias)


@pytest.mark.slow
def test_every_measurement_gives_its_numbers_at_small_sizes():
    how = {"steps": 2, "check_every": 1, "learning_rate": 0.01, "N": 4}
    found = [
        sentiment.measure(rng(), "spam", "bag of pairs", E=4, parameters=100, test_size=20, **how),
        speech.measure(rng(), "two digits", "shuffled", parameters=500, noise=0.2, test_size=20, **how),
        splice.measure(rng(), "to the junction", parameters=300, reach=8, **how),
        prices.measure(rng(), "Google", "return", days=100, T=5, H=3, **how),
        weather.measure(rng(), 5, "level", 2013, T=4, H=3, **how),
    ]
    assert all("validation" in numbers and all(map(np.isfinite, numbers.values())) for numbers in found)
