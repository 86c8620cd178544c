"""Number words, English and Korean: 345,678 is three hundred forty five thousand …, and 삼십사만 오천 ….

English names the thousands, 10^3, 10^6, 10^9: a group has three digits. Korean names 만 = 10^4 and 억 = 10^8: a group
has four. So the digits stand in one order, but the place words fall between other digits. A digit 1 is silent before
십, 백 and 천, and where it is all that a group before 만 has: 10,000 is 만, not 일만.

The English is without "and" and hyphens. The Korean is Sino-Korean, as counts and sums are said. Source: the package
num2words (0.5) says the same numbers so; the tests compare both languages with it.
"""

import numpy as np

from unrolled.autodiff.checks import check_count, check_rng
from unrolled.data.text import SPECIAL
from unrolled.data.translation import Pair, check_part, part

ONES, TENS, LETTERS, VALUES = map(
    str.split,
    (
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen",
        "- - twenty thirty forty fifty sixty seventy eighty ninety",
        "yeong il i sam sa o yuk chil pal gu sip baek cheon man eok",
        "0 1 2 3 4 5 6 7 8 9 10 100 1,000 10,000 100,000,000",
    ),
)
SCALES = {"billion": 10**9, "million": 10**6, "thousand": 10**3, "": 1}
DIGITS = [*"영일이삼사오육칠팔구"]
PLACES = {"천": 1000, "백": 100, "십": 10, "": 1}
GROUPS = {"억": 10**8, "만": 10**4, "": 1}
LARGEST = 10**12 - 1

ENGLISH = (*SPECIAL, *ONES, *TENS[2:], "hundred", "thousand", "million", "billion")
KOREAN = (*SPECIAL, *"영일이삼사오육칠팔구십백천만억")
LATIN, GLOSS = (dict(zip(KOREAN[len(SPECIAL) :], said)) for said in (LETTERS, VALUES))  # for readers of English


def english(n):
    """345 -> ("three", "hundred", "forty", "five")        n a whole number, 0 … LARGEST; ValueError: another"""
    return tuple(word for word, _ in _say_english(n))


def korean(n):
    """345 -> ("삼", "백", "사", "십", "오")        n a whole number, 0 … LARGEST; ValueError: another"""
    return tuple(word for word, _ in _say_korean(n))


def pair(n):
    """A number as a Pair. A digit's word is linked to the English word that says the digit, a place word to none."""
    said, target = _say_english(n), _say_korean(n)
    says = {place: k for k, (_, places) in enumerate(said) for place in places}
    links = tuple(() if place is None else (says[place],) for _, place in target)
    return Pair(tuple(word for word, _ in said), tuple(word for word, _ in target), links)


def _say_english(n):
    """[(word, the powers of ten whose digits it says)], the largest first."""
    _check(n)
    said = []
    for name, scale in SCALES.items():
        power, group = len(str(scale)) - 1, n // scale % 1000
        hundreds, rest = divmod(group, 100)
        if hundreds:
            said += [(ONES[hundreds], (power + 2,)), ("hundred", ())]
        if rest >= 20:
            said.append((TENS[rest // 10], (power + 1,)))
            rest %= 10
            if rest:
                said.append((ONES[rest], (power,)))
        elif rest:
            said.append((ONES[rest], (power + 1, power)))  # "twelve" says two digits
        if name and group:
            said.append((name, ()))
    return said or [("zero", (0,))]


def _say_korean(n):
    """[(word, the power of ten whose digit it says, or None: a place word)], the largest first."""
    _check(n)
    said = []
    for name, scale in GROUPS.items():
        group = n // scale % 10**4
        for place, value in PLACES.items():
            digit = group // value % 10
            silent = digit == 1 and (place or (name == "만" and group == 1))
            if digit and not silent:
                said.append((DIGITS[digit], len(str(scale * value)) - 1))
            if digit and place:
                said.append((place, None))
        if name and group:
            said.append((name, None))
    return said or [("영", 0)]


def read_english(words):
    """The number that these words say: english backwards. ValueError: no number is said so."""
    total = group = 0
    for word in words:
        if word in SCALES:
            total, group = total + group * SCALES[word], 0
        elif word == "hundred":
            group *= 100
        else:
            group += ONES.index(word) if word in ONES else 10 * TENS.index(word) if word in TENS else 0
    return _check_said(total + group, words, english)


def read_korean(words):
    """The number that these words say: korean backwards. ValueError: no number is said so."""
    total = group = digit = 0
    for word in words:
        if word in GROUPS:
            total, group, digit = total + (group + digit or 1) * GROUPS[word], 0, 0
        elif word in PLACES:
            group, digit = group + (digit or 1) * PLACES[word], 0
        else:
            digit = DIGITS.index(word) if word in DIGITS else 0
    return _check_said(total + group + digit, words, korean)


def written(words):
    """Korean number words as they are written, with a space behind 만 and 억: "삼십사만 오천육백칠십팔"."""
    return "".join(word + " " * (word in GROUPS) for word in words).rstrip()


def draw(rng, N, digits=(1, 9), kept="train"):
    """N numbers of the part `kept`, (N,) int: each length from digits[0] to digits[1] is as likely, 1 … 12.

    ValueError: other lengths, no part of this name.
    """
    check_rng(rng)
    low, high = digits
    check_count(N=N, low=low, high=high)
    check_part(kept)
    if not low <= high <= 12:
        raise ValueError(f"digits must be (low, high) with 1 <= low <= high <= 12, got {digits}")
    found = []
    while len(found) < N:
        length = rng.integers(low, high + 1)
        while part(n := rng.integers(10 ** (length - 1), 10**length)) != kept:  # of each length as many
            pass
        found.append(n)
    return np.array(found)


def _check(n):
    if not isinstance(n, int | np.integer) or not 0 <= n <= LARGEST:
        raise ValueError(f"n must be a whole number from 0 to {LARGEST:,}, got {n!r}")


def _check_said(n, words, say):
    if n > LARGEST or say(n) != tuple(words):
        raise ValueError(f"words must say a number from 0 to {LARGEST:,}, got {' '.join(words)!r}")
    return n
