"""Number words of two languages: against num2words, there and back, and the links between them."""

import numpy as np
import pytest
from num2words import num2words

from unrolled.data import number_words
from unrolled.data.number_words import LARGEST, draw, english, korean, pair, read_english, read_korean, written
from unrolled.data.pronunciation import romanise
from unrolled.data.translation import PARTS, SPECIAL, part
from unrolled.exercises.mistakes import mutate

RNG = np.random.default_rng(1)
ROUND = [
    10**k * m + rest for k in range(12) for m in (1, 2, 10, 11) for rest in (0, 1, 10, 11_000) if 10**k * m < 10**12
]
DRAWN = [int(10**power) for power in RNG.uniform(0, 12, 1500)]
NUMBERS = sorted({*range(1200), *ROUND, *DRAWN, 345_678, 100_010_001, LARGEST} - {10**12})


def test_both_languages_say_what_num2words_says():
    for n in NUMBERS:
        words = num2words(n, lang="en").replace(" and ", " ").replace("-", " ").replace(",", "")
        assert " ".join(english(n)) == words
        assert written(korean(n)) == num2words(n, lang="ko")


def test_the_numbers_that_a_lesson_says_by_hand():
    assert " ".join(english(345_678)) == "three hundred forty five thousand six hundred seventy eight"
    assert written(korean(345_678)) == "삼십사만 오천육백칠십팔"
    assert [written(korean(n)) for n in (10, 100, 1000, 10_000, 110_000, 10**8)] == [*"십백천만", "십일만", "일억"]


def test_there_and_back():
    for n in NUMBERS:
        assert read_english(english(n)) == read_korean(korean(n)) == n


@pytest.mark.parametrize(
    "read, words",
    [
        (read_korean, "일 십"),
        (read_korean, "일 만"),
        (read_korean, "만 억"),
        (read_korean, "십 백"),
        (read_korean, "삼 영"),
        (read_korean, "삼 <pad>"),
        (read_korean, ""),
        (read_english, "twenty hundred"),
        (read_english, "thousand"),
        (read_english, "five twenty"),
        (read_english, "one hundred billion thousand billion"),
        (read_english, "seven and"),
    ],
)
def test_words_that_say_no_number_are_refused(read, words):
    with pytest.raises(ValueError, match="words must say a number from 0 to 999,999,999,999, got"):
        read(tuple(words.split()))


def test_a_digit_is_linked_to_the_word_that_says_it():
    """Each link taken back to its digit: the English word names it, in its own place of the number."""
    for n in NUMBERS[1:]:
        source, target, links = pair(n)
        assert (source, target) == (english(n), korean(n))
        assert [len(link) for link in links] == [word in number_words.DIGITS for word in target]
        for word, link in zip(target, links):
            if link:
                said, digit = source[link[0]], number_words.DIGITS.index(word)
                named = number_words.ONES.index(said) if said in number_words.ONES else number_words.TENS.index(said)
                assert digit in (named, named % 10, named // 10)  # 210,000: "ten" says the 일 of 이십일만
        places = [link[0] for link in links if link]
        assert places == sorted(places), "digits stand in one order in both languages"


def test_links_by_hand():
    source, target, links = pair(312_019)
    assert " ".join(source) == "three hundred twelve thousand nineteen"
    assert list(zip(target, links)) == [("삼", (0,)), ("십", ()), ("일", (2,)), ("만", ()), ("이", (2,)), ("천", ()),
                                        ("십", ()), ("구", (4,))]  # fmt: skip


@pytest.mark.parametrize(
    "say, old, new",
    [
        ("_say_korean", '(place or (name == "만" and group == 1))', "place"),
        ("_say_korean", '(name == "만" and group == 1)', "(name and group == 1)"),
        ("_say_korean", '(name == "만" and group == 1)', 'name == "만"'),
        ("_say_korean", "digit == 1 and", "digit == 1 and group > 1 and"),
        ("_say_korean", "if name and group:", "if name:"),
        ("_say_english", "if name and group:", "if name:"),
        ("_say_english", "elif rest:", "else:"),
    ],
)
def test_no_rule_could_be_left_out(monkeypatch, say, old, new):
    right = {n: (english(n), korean(n)) for n in NUMBERS}
    monkeypatch.setattr(number_words, say, mutate(getattr(number_words, say), old, new))
    assert any((english(n), korean(n)) != said for n, said in right.items())


def test_drawn_numbers_are_of_their_part_and_every_length_is_as_likely():
    rng = np.random.default_rng(1)
    for kept in PARTS:
        numbers = draw(rng, 1800, (2, 7), kept)
        assert {part(n) for n in numbers} == {kept}
        lengths = np.bincount([len(str(n)) for n in numbers], minlength=13)
        assert not lengths[[0, 1, 8, 9]].any()
        assert lengths[2:8].tolist() == pytest.approx([300] * 6, rel=0.25)
    again = [draw(np.random.default_rng(2), 5) for _ in range(2)]
    assert np.array_equal(*again)


def test_no_part_lacks_a_number_of_one_digit():
    assert {part(n) for n in range(1, 10)} == set(PARTS)
    assert part(345_678) == "test", "what the lesson does by hand was never learnt"


@pytest.mark.parametrize(
    "wrong, law",
    [
        (lambda: english(-1), "n must be a whole number from 0 to 999,999,999,999, got -1"),
        (lambda: korean(10**12), "n must be a whole number"),
        (lambda: pair(3.0), "got 3.0"),
        (lambda: draw(RNG, 3, (2, 13)), "1 <= low <= high <= 12"),
        (lambda: draw(RNG, 3, (4, 3)), "1 <= low <= high <= 12"),
        (lambda: draw(RNG, 3, kept="tests"), "part must be one of train, validation, test, got 'tests'"),
    ],
)
def test_bad_input(wrong, law):
    with pytest.raises(ValueError, match=law):
        wrong()


def test_every_word_has_its_letters_and_its_gloss():
    words = number_words.KOREAN[len(SPECIAL) :]
    assert {word: romanise(word) for word in words} == number_words.LATIN
    values = {word: read_korean((word,)) for word in words if word != "억"} | {"억": 10**8}
    assert {word: int(gloss.replace(",", "")) for word, gloss in number_words.GLOSS.items()} == values
    assert {word for n in NUMBERS for word in korean(n)} == set(words)
    assert {word for n in NUMBERS for word in english(n)} == set(number_words.ENGLISH[len(SPECIAL) :])
