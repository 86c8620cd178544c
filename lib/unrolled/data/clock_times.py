"""Times of day, English and Korean: "twenty to nine" is 여덟 시 사십 분, eight hours forty minutes.

Korean says the hour first, in native numbers, then the minute, in Sino-Korean ones. English says the minute first after
"past" and "to", so the order crosses; and "to" asks for sums: 9 - 1 and 60 - 20.
"""

from unrolled.autodiff.checks import check_count
from unrolled.data import number_words
from unrolled.data.text import SPECIAL
from unrolled.data.translation import Pair, check_part, part

HOURS, LETTERS, WORDS = map(
    str.split,
    (
        "한 두 세 네 다섯 여섯 일곱 여덟 아홉 열 열한 열두",  # 1 … 12
        "han du se ne daseot yeoseot ilgop yeodeol ahop yeol yeolhan yeoldu",
        "oh half quarter past to minute minutes o'clock",
    ),
)
ENGLISH = (*SPECIAL, *number_words.ONES[1:], *number_words.TENS[2:6], *WORDS)
KOREAN = (*SPECIAL, *HOURS, "시", *number_words.DIGITS[1:], "십", "분")
LATIN = number_words.LATIN | dict(zip(HOURS, LETTERS)) | {"시": "si", "분": "bun"}
GLOSS = number_words.GLOSS | {word: str(k + 1) for k, word in enumerate(HOURS)} | {"시": "o'clock", "분": "minutes"}


def korean(hour, minute):
    """8, 40 -> ("여덟", "시", "사", "십", "분")        hour 1 … 12, minute 0 … 59; ValueError: another time"""
    _check(hour, minute)
    return (HOURS[hour - 1], "시", *((*number_words.korean(minute), "분") if minute else ()))


def pairs(hour, minute):
    """All that English says for a time, each a Pair: "eight forty", "twenty to nine".

    The hour's word is linked to the hour that the phrase names (of 여덟, eight, to the nine of "to nine"), the minute's
    words to all that say the minute, 시 and 분 to none.
    """
    target = korean(hour, minute)
    said = lambda phrase, *places: _pair(phrase.split(), target, *places)
    name, nearest = number_words.ONES[hour], number_words.ONES[hour % 12 + 1 if minute > 30 else hour]
    if minute == 0:
        return [said(f"{name} o'clock", 0)]
    words = " ".join(number_words.english(minute))
    found = [said(f"{name} {'oh ' * (minute < 10)}{words}", 0)]
    if minute in (15, 30, 45):
        found.append(said(f"{'half' if minute == 30 else 'quarter'} {'to' if minute > 30 else 'past'} {nearest}", 2))
    if minute != 30:
        away = 60 - minute if minute > 30 else minute
        unit = "" if away in (5, 10, 20, 25) else "minute " if away == 1 else "minutes "
        phrase = f"{' '.join(number_words.english(away))} {unit}{'to' if minute > 30 else 'past'} {nearest}"
        found.append(said(phrase, len(phrase.split()) - 1))
    return found


def _pair(source, target, hour):
    """links: the hour's word is at `hour`, and all others but past, to and the units say the minute."""
    says_minute = tuple(
        k for k, word in enumerate(source) if k != hour and word not in ("past", "to", "minute", "minutes", "o'clock")
    )
    links = ((hour,), ()) + (says_minute,) * (len(target) - 3) + ((),) * (len(target) > 2)
    return Pair(tuple(source), target, links)


def written(words):
    """A Korean time as it is written: ("여덟", "시", "사", "십", "분") -> "여덟 시 사십 분" """
    return "".join(f" {word} " if word in ("시", "분") else word for word in words).strip()


def phrases(kept=None):
    """The pairs of all 720 times, of the part `kept` alone where it is given: all phrases of a time are in one part."""
    if kept:
        check_part(kept)
    times = ((hour, minute) for hour in range(1, 13) for minute in range(60))
    inside = (time for time in times if kept in (None, part(60 * time[0] + time[1])))
    return [pair for time in inside for pair in pairs(*time)]


def _check(hour, minute):
    check_count(hour=hour)
    check_count(0, minute=minute)
    if hour > 12 or minute > 59:
        raise ValueError(f"hour and minute must be 1 … 12 and 0 … 59, got {hour} and {minute}")
