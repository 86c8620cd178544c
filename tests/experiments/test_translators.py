"""Translation at a tiny size: what is graded, by hand, and what each table's job finds."""

import numpy as np
import pytest

from unrolled.autodiff.trees import leaves
from unrolled.data import clock_times, number_words
from unrolled.data.translation import Pair, batch, part
from unrolled.experiments import alignment, beam, lengths, times, translators
from unrolled.models import seq2seq

SIZES = {"E": 8, "M": 8, "N": 16, "max_norm": 1.0, "learning_rate": 1e-2, "parameters": 9000}
V = tuple(map(len, translators.NUMBERS))
PAIRS = [number_words.pair(n) for n in (7, 345_678)]


def rng(seed=1):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("kind", seq2seq.KINDS)
def test_the_parameters_are_as_many_as_allowed(kind, both):
    sizes = {"E": 8, "M": 8, "both": both}
    H = translators.width(translators.NUMBERS, kind, 9000, **sizes)
    count = lambda H: sum(array.size for _, array in leaves(seq2seq.init(rng(), V, kind, H=H, **sizes)))
    assert count(H) <= 9000 < count(H + 1)


def test_the_numbers_to_grade_are_of_their_part_and_the_same_for_all():
    for digits in (1, 2, 6):
        for kept in ("validation", "test"):
            found = translators.numbers(digits, 40, kept)
            assert {part(n) for n in found} == {kept}
            assert {len(str(n)) for n in found} == {digits}
            assert len(set(found)) == len(found) <= 40
            assert found == translators.numbers(digits, 40, kept)
    assert len(translators.numbers(6, 40, "test")) == 40
    for pair in translators.draw_numbers(rng(), 50):
        assert part(number_words.read_english(pair.source)) == "train"
    learnt = {pair.target for pair in translators.draw_times(rng(), 400)}
    assert not learnt & {pair.target for pair in clock_times.phrases("test")}


def test_what_was_looked_at_by_hand():
    pairs = [Pair(("a", "b"), ("x", "y", "z"), ((1,), (), (0, 1))), Pair(("a",), ("x",), ((0,),))]
    alphas = np.array([[[0.2, 0.8], [1, 0]], [[0.5, 0.5], [1, 0]], [[0.9, 0.1], [1, 0]], [[0, 1], [1, 0]]])
    assert translators.looked_at(alphas, pairs, [True, True]) == [(0, 1, (1,)), (2, 0, (0, 1)), (0, 0, (0,))]
    assert translators.looked_at(alphas, pairs, [False, True]) == [(0, 0, (0,))]


def test_the_offset_is_how_many_words_late_the_weight_is():
    (pair,) = pairs = [number_words.pair(345_678)]
    places = [link[0] if link else 0 for link in pair.links]
    for late in (-1, 0, 1, 2):
        looked = np.clip(np.array(places) + late, 0, len(pair.source) - 1)
        alphas = np.eye(len(pair.source))[looked][:, None]
        found = alignment.offsets(alphas, pairs, [True])
        assert len(found) == 6
        assert np.bincount(found - found.min()).argmax() + found.min() == late
    assert len(alignment.offsets(alphas, pairs, [False])) == 0


def test_right_words_by_hand(monkeypatch):
    asked = batch(PAIRS, *translators.NUMBERS)
    said = asked.target[1:]
    wrong = said.copy()
    wrong[0, 1] += 1  # one word of 12 and 2, END among them
    monkeypatch.setattr(seq2seq, "forward", lambda params, *args, kind: (np.eye(V[1])[said], None))
    monkeypatch.setattr(seq2seq, "translate", lambda params, *args, kind, longest: (wrong[:9], None))
    assert translators.right_words({}, asked, "plain") == (1, pytest.approx(1 - 4 / 14)), "what is not said is wrong"


@pytest.mark.slow
def test_a_greedy_answer_is_right_where_every_word_is_right_with_teacher_forcing():
    params = translators.train(rng(), translators.NUMBERS, translators.draw_numbers, "luong", both=False, reverse=False,
                               steps=150, **SIZES)  # fmt: skip
    pairs = [number_words.pair(n) for n in translators.numbers(4, 60, "test")]
    right, _, asked = translators.answers(params, pairs, translators.NUMBERS, "luong")
    forced, _ = seq2seq.forward(params, asked.source, asked.lengths, asked.target[:-1], kind="luong")
    every = ((forced.argmax(-1) == asked.target[1:]) | (asked.target[1:] == 0)).all(0)
    assert 0 < right.mean() < 1
    assert np.array_equal(right, every)


@pytest.mark.slow
@pytest.mark.parametrize("model", translators.MODELS)
def test_lengths(model):
    found = lengths.measure(rng(), model, both=False, steps=120, test_size=20, **SIZES)
    assert found["forced"] > found["free"] + 0.1 > 0.1
    assert 0 < found["validation"] < 1
    assert max(found["digits_2"], found["digits_3"]) > found["digits_9"] + 0.1
    assert found["seconds"] > 0


def test_lengths_by_hand(monkeypatch):
    """A model that is right about even numbers of the test part, and about those of validation that end with 0 or 5."""
    right = {"test": lambda n: n % 2 == 0, "validation": lambda n: n % 5 == 0}

    def answers(params, pairs, *_):
        numbers = [number_words.read_english(pair.source) for pair in pairs]
        return np.array([right[part(n)](n) for n in numbers]), None, numbers

    def right_words(params, asked, kind):
        assert {len(str(n)) for n in asked} == {9}
        return 0.8, 0.3

    monkeypatch.setattr(translators, "train", lambda *args, **sizes: {})
    monkeypatch.setattr(translators, "answers", answers)
    monkeypatch.setattr(translators, "right_words", right_words)
    found = lengths.measure(rng(), "plain", 1e-2, test_size=30)
    share = lambda digits, kept: np.mean([right[kept](n) for n in translators.numbers(digits, 30, kept)])
    test, validation = ([share(digits, kept) for digits in range(1, 10)] for kept in right)
    assert [found[f"digits_{k}"] for k in range(1, 10)] == test
    assert found["validation"] == pytest.approx(np.mean(validation))
    assert abs(found["validation"] - np.mean(test)) > 0.1
    assert (found["forced"], found["free"]) == (0.8, 0.3)


def test_a_reversed_source_is_reversed_where_it_is_graded(monkeypatch):
    seen = []
    real = translators.batch
    monkeypatch.setattr(translators, "batch", lambda *a, reverse: seen.append(reverse) or real(*a, reverse=reverse))
    for model in ("reversed", "plain"):
        lengths.measure(rng(), model, both=False, steps=2, test_size=3, **SIZES)
        assert set(seen) == {model == "reversed"}
        seen.clear()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["luong", "bahdanau"])
def test_alignment(kind):
    found = alignment.measure(rng(), kind, "both directions", digits=3, steps=250, test_size=60, **SIZES)
    assert found["exact"] > 0.3
    assert found["there"] + found["one_later"] + found["later_still"] + found["earlier"] == pytest.approx(1)
    untrained = alignment.measure(rng(), kind, "one direction", digits=9, steps=1, test_size=20, **SIZES)
    assert untrained["exact"] == 0
    assert np.isnan(untrained["there"])


@pytest.mark.parametrize("looks", ["there", "at the first word", "at the word before"])
def test_where_the_weight_lies_as_a_time_is_said(monkeypatch, looks):
    place = {"there": lambda k: k, "at the first word": lambda k: 0, "at the word before": lambda k: max(k - 1, 0)}

    def answers(params, pairs, vocabularies, kind):
        asked = batch(pairs, *vocabularies)
        alphas = np.zeros((len(asked.target), len(pairs), len(asked.source)))
        for n, pair in enumerate(pairs):
            for word, link in enumerate(pair.links):
                alphas[word, n, place[looks](link[0]) if link else 0] = 1
        return np.ones(len(pairs), bool), alphas, asked

    monkeypatch.setattr(translators, "train", lambda *args, **sizes: {})
    monkeypatch.setattr(translators, "answers", answers)
    found = times.measure(rng(), "luong")
    assert (found["exact"], found["exact_to"], found["exact_past"]) == (1, 1, 1)
    there = looks == "there"
    assert (found["on_hour_to"], found["on_hour_past"]) == (there, there), '"twenty to nine" has its minute first'
    assert found["on_hour_or_to"] == (looks != "at the first word"), '"to" stands before the hour'
    assert np.isnan(times.measure(rng(), "plain")["on_hour"])
    if looks == "at the word before":
        return
    phrases = clock_times.phrases("test")
    hour_first = np.array([not {"past", "to"} & set(pair.source) for pair in phrases])
    minute_words = [max(len(pair.target) - 3, 0) for pair in phrases]  # all but the hour, 시 and 분
    first = np.mean(hour_first), np.average(~hour_first, weights=minute_words)
    assert min(*first, 1 - max(first)) > 0.2
    assert (found["on_hour"], found["on_minute"]) == ((1, 1) if there else pytest.approx(first))
    assert found["on_minute_to"] == 1, '"twenty to nine" has its minute first'


@pytest.mark.slow
def test_times():
    found = times.measure(rng(), "luong", both=True, steps=200, **SIZES)
    assert 0.3 < found["exact"] < 1
    assert found["exact_to"] < found["exact"] - 0.1
    assert min(found["on_hour"], found["on_minute"]) > 0.7


@pytest.mark.slow
def test_beam_counts_every_sentence_once():
    found = beam.measure(rng(), "luong", 150, 0.0, both=False, test_size=4, **SIZES)
    for width in beam.WIDTHS:
        kinds = [found[f"{name}_{width}"] for name in ("exact", "search_error", "model_error")]
        assert sum(kinds) == pytest.approx(1)
        assert found[f"empty_{width}"] <= kinds[2] + 1e-12, "no truth is empty"
        assert found[f"missed_{width}"] >= kinds[1]
    assert found["search_error_12"] < found["search_error_1"]
    assert found["exact_12"] > 0.2


def test_what_a_beam_missed_by_hand(monkeypatch):
    """A wrong sentence that a wider beam finds is missed; one that is found again, and the truth found, are not."""
    better = lambda *scores: {width: (False, False, score) for width, score in zip(beam.WIDTHS, scores)}
    results = [(-9, -9, better(-3, -3, -2, -2, -2, -2)),  # a wrong one
               (-1, -9, better(-3, -3, -2, -2, -2, -1)),  # the truth
               (-9, -2, better(-3, -3, -2, -2, -2, -3)),  # the empty one, which the widest beam lost again
               (-2, -9, better(*[-2] * 6))]  # fmt: skip
    monkeypatch.setattr(translators, "train", lambda *args, **sizes: {})
    monkeypatch.setattr(translators, "numbers", lambda digits, *_: range(4) if digits == 1 else [])
    monkeypatch.setattr(beam, "search", lambda params, pair, *_: results[number_words.read_english(pair.source)])
    found = beam.measure(rng(), "plain", 1, 0.0, test_size=4)
    assert [found[f"missed_{width}"] for width in beam.WIDTHS] == [0.75, 0.75, 0.25, 0.25, 0.25, 0.25]
    assert [found[f"search_error_{width}"] for width in beam.WIDTHS] == [0.25] * 5 + [0]


def test_an_error_of_the_search_and_one_of_the_model_by_hand(monkeypatch):
    """A model of two steps: the likelier first word leads to a worse sentence, or the right one is unlikely."""
    words = translators.NUMBERS[1]
    right, other = words.index("칠"), words.index("영")
    likely = {"search": {1: [(right, 0.4), (other, 0.6)], right: [(2, 1.0)], other: [(2, 0.5), (right, 0.5)]},
              "model": {1: [(right, 0.1), (other, 0.9)], right: [(2, 1.0)], other: [(2, 1.0)]}}  # fmt: skip
    for name, table in likely.items():

        def step(token, state, table=table):
            logits = np.full(V[1], -50.0)
            for word, p in table.get(token, [(2, 1.0)]):
                logits[word] = np.log(p)
            return logits, state

        monkeypatch.setattr(seq2seq, "one_sentence", lambda params, source, *, kind, step=step: (step, None))
        truth, empty, found = beam.search({}, number_words.pair(7), "plain", 0.0)
        assert empty < truth
        assert [right for right, _, _ in found.values()] == [False] + [name == "search"] * (len(beam.WIDTHS) - 1)
        assert (found[1][2] < truth) == (name == "search")
