"""Times of day: the phrases by a reading of their own, the Korean by its rules, the links, the parts."""

import pytest

from unrolled.data import clock_times, number_words
from unrolled.data.clock_times import HOURS, korean, pairs, phrases
from unrolled.data.pronunciation import romanise
from unrolled.data.translation import PARTS, SPECIAL, part

TIMES = [(hour, minute) for hour in range(1, 13) for minute in range(60)]
UNITS = {"minute", "minutes", "o'clock", "oh"}


def understood(words):
    """The time that an English phrase says, in minutes after twelve, by its words alone."""
    words = [word for word in words if word not in UNITS]
    value = lambda some: {("half",): 30, ("quarter",): 15}.get(tuple(some)) or number_words.read_english(tuple(some))
    for sign, word in ((1, "past"), (-1, "to")):
        if word in words:
            at = words.index(word)
            return (60 * value(words[at + 1 :]) + sign * value(words[:at])) % 720
    return (60 * value(words[:1]) + (value(words[1:]) if words[1:] else 0)) % 720


def test_every_phrase_says_its_time():
    for hour, minute in TIMES:
        for pair in pairs(hour, minute):
            assert understood(pair.source) == (60 * hour + minute) % 720
            assert pair.target == korean(hour, minute)


def test_the_phrases_by_hand():
    said = lambda hour, minute: [" ".join(pair.source) for pair in pairs(hour, minute)]
    assert said(8, 40) == ["eight forty", "twenty to nine"]
    assert said(12, 45) == ["twelve forty five", "quarter to one", "fifteen minutes to one"]
    assert said(9, 30) == ["nine thirty", "half past nine"]
    assert said(3, 0) == ["three o'clock"]
    assert said(1, 1) == ["one oh one", "one minute past one"]
    assert said(12, 59) == ["twelve fifty nine", "one minute to one"]
    assert said(7, 25) == ["seven twenty five", "twenty five past seven"]
    assert said(7, 31)[1] == "twenty nine minutes to eight"


def test_the_korean_by_hand():
    assert " ".join(korean(8, 40)) == "여덟 시 사 십 분"
    assert korean(12, 0) == ("열두", "시")
    assert korean(1, 15) == ("한", "시", "십", "오", "분")
    assert len({korean(*time) for time in TIMES}) == 720


def test_the_links_lie_on_the_hour_and_on_the_minute():
    source, target, links = pairs(8, 40)[1]
    assert list(zip(target, links)) == [("여덟", (2,)), ("시", ()), ("사", (0,)), ("십", (0,)), ("분", ())]
    assert pairs(8, 9)[0].links == ((0,), (), (1, 2), ())
    assert pairs(7, 25)[1].links == ((3,), (), (0, 1), (0, 1), (0, 1), ())
    assert pairs(3, 0)[0].links == ((0,), ())
    for pair in phrases():
        hour, minute = number_words.ONES.index(pair.source[pair.links[0][0]]), pair.links[2:-1]
        shown = HOURS.index(pair.target[0]) + 1
        assert hour == (shown % 12 + 1 if "to" in pair.source else shown)
        for link in minute:
            words = [pair.source[k] for k in link]
            assert words in (["half"], ["quarter"]) or number_words.read_english(
                [word for word in words if word != "oh"]
            )


def test_all_phrases_of_a_time_are_in_one_part():
    found = {kept: {pair.target for pair in phrases(kept)} for kept in PARTS}
    assert not found["train"] & found["validation"]
    assert not found["train"] & found["test"]
    assert not found["validation"] & found["test"]
    assert sum(map(len, found.values())) == 720
    assert len({pair.source for pair in phrases()}) == len(phrases()) == sum(len(phrases(kept)) for kept in PARTS)
    assert korean(8, 40) in found["test"], "what the lesson does by hand was never learnt"
    assert {pair.target[0] for pair in phrases("train")} == set(HOURS)
    assert part(520) == "test"


def test_every_word_is_known_and_has_its_letters():
    assert {word for pair in phrases() for word in pair.source} == set(clock_times.ENGLISH[len(SPECIAL) :])
    words = {word for pair in phrases() for word in pair.target}
    assert words == set(clock_times.KOREAN[len(SPECIAL) :])
    for word in words:
        assert clock_times.GLOSS[word]
        if word not in (
            "여덟",
            "열한",
            "열두",
        ):  # codas of two letters and what is said of two words stand in no article
            assert clock_times.LATIN[word] == romanise(word).replace("-", "")


@pytest.mark.parametrize(
    "wrong, law",
    [
        (lambda: korean(13, 0), r"hour and minute must be 1 … 12 and 0 … 59, got 13 and 0"),
        (lambda: pairs(8, 60), "0 … 59, got 8 and 60"),
        (lambda: korean(0, 10), "hour must be a whole number >= 1, got 0"),
        (lambda: phrases("dev"), "part must be one of train, validation, test, got 'dev'"),
    ],
)
def test_bad_input(wrong, law):
    with pytest.raises(ValueError, match=law):
        wrong()


def test_a_time_as_it_is_written():
    assert clock_times.written(clock_times.korean(8, 40)) == "여덟 시 사십 분"
    assert clock_times.written(clock_times.korean(12, 0)) == "열두 시"
    assert clock_times.written(("분", "시")) == "분  시", "what a model may say"
