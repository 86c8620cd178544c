"""How written Korean sounds: what a coda (받침) does to the next onset, and the next onset to it; and the task of it.

A syllable is written as an onset, a vowel and perhaps a coda: 국 is ㄱ ㅜ ㄱ. Where a coda meets the next onset, both
may sound otherwise than they are written: 국물 (soup) is 궁물. So how a coda sounds hangs on the syllable after it,
and how an onset sounds on the syllable before it.

Source: Standard Pronunciation (표준 발음법) of the National Institute of Korean Language, articles 9, 12, 13, 18, 19,
20 and 23, as they and their examples are quoted in g2pK (Kyubyong Park), g2pk/rules.txt. Left out: codas of two
letters, and what hangs on the grammar or the origin of a word: 굳이 [구지], 꽃잎 [꼰닙], 갈등 [갈뜽], 생산량 [생산냥].
"""

from typing import NamedTuple

import numpy as np

from unrolled.autodiff.checks import check_count, check_rng
from unrolled.data import folder
from unrolled.data.tables import read_table

# In the order of Unicode, where a syllable's number is (onset 21 + vowel) 28 + coda.
ONSETS = [*"ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"]
VOWELS = [*"ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"]
CODAS = ["", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"]
SOUNDS = ["", *"ㄱㄴㄷㄹㅁㅂㅇ"]  # what a coda can sound like
FINAL = dict(
    zip("ㄱㄲㅋㄴㄷㅅㅆㅈㅊㅌㅎㄹㅁㅂㅍㅇ", "ㄱㄱㄱㄴㄷㄷㄷㄷㄷㄷㄷㄹㅁㅂㅂㅇ")
)  # how a coda sounds at a word's end
NASAL, TENSE = dict(zip("ㄱㄷㅂ", "ㅇㄴㅁ")), dict(zip("ㄱㄷㅂㅅㅈ", "ㄲㄸㅃㅆㅉ"))
AFTER_H, WITH_H = dict(zip("ㄱㄷㅈㅅ", "ㅋㅌㅊㅆ")), dict(zip("ㄱㄷㅂㅈ", "ㅋㅌㅍㅊ"))
FIRST, LAST = 0xAC00, 0xD7A3  # 가, 힣

# Revised Romanization, for syllables as they sound.
LATIN_ONSETS = "g kk n d tt r m b pp s ss - j jj ch k t p h"
LATIN_VOWELS = "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i"
LATIN_SOUNDS = "- k n t l m p ng"


def meet(coda, onset):
    """A coda, and the onset of the next syllable -> how both sound, and the article that says so.

    meet("ㄱ", "ㅁ") == ("ㅇ", "ㅁ", 18); "" stands for no coda, and for the end of the word. Article 0: as written.
    Where the articles name no such pair, as ㅎ before ㅂ, it sounds as ㄷ would, which ㅎ is at the end of a word.
    """
    if not coda:
        return "", onset, 0
    final = FINAL[coda]
    if onset == "ㅇ" and coda == "ㅎ":
        return "", onset, 12  # 놓아 [노아]
    if onset == "ㅇ" and coda != "ㅇ":
        return "", coda, 13  # 옷이 [오시]: it moves over
    if coda == "ㅎ" and onset in AFTER_H:
        return "", AFTER_H[onset], 12  # 놓고 [노코]
    if onset == "ㅎ" and final in NASAL:
        return "", WITH_H["ㅈ" if coda == "ㅈ" else final], 12  # 각하 [가카], 꽂히다 [꼬치다]
    if onset in ("ㄴ", "ㅁ") and final in NASAL:
        return NASAL[final], onset, 18  # 국물 [궁물]
    if onset == "ㄹ" and final in NASAL:
        return NASAL[final], "ㄴ", 19  # 협력 [혐녁]
    if onset == "ㄹ" and final in "ㅁㅇ":
        return final, "ㄴ", 19  # 강릉 [강능]
    if (final, onset) in (("ㄴ", "ㄹ"), ("ㄹ", "ㄴ")):
        return "ㄹ", "ㄹ", 20  # 신라 [실라], 칼날 [칼랄]
    if onset in TENSE and final in NASAL:
        return final, TENSE[onset], 23  # 국밥 [국빱]
    return final, onset, 9 if final != coda else 0  # 꽃 [꼳]


def pronounce(word):
    """A word as it sounds: pronounce("국물") == "궁물". ValueError: no syllable, or a coda of two letters."""
    return _follow(word)[0]


def articles(word):
    """The articles that change how a word sounds, in the order of its syllables: articles("밭갈이") == [23, 13]."""
    return _follow(word)[1]


def _follow(word):
    onsets, vowels, codas = zip(*map(split, word))
    met = [meet(*pair) for pair in zip(codas, (*onsets[1:], ""))]
    heard_codas, following, found = zip(*met)
    heard = "".join(map(join, (onsets[0], *following), vowels, heard_codas))
    return heard, [article for article in found if article]


def split(syllable):
    """A syllable -> its onset, vowel and coda: split("국") == ("ㄱ", "ㅜ", "ㄱ"). ValueError: see `pronounce`."""
    place = ord(syllable) - FIRST
    if not 0 <= place <= LAST - FIRST or (CODAS[place % 28] and CODAS[place % 28] not in FINAL):
        raise ValueError(f"syllables must be of 가 … 힣, with a coda of one letter or none, got {syllable!r}")
    return ONSETS[place // 588], VOWELS[place // 28 % 21], CODAS[place % 28]


def join(onset, vowel, coda):
    """The syllable of an onset, a vowel and a coda: join("ㄱ", "ㅜ", "ㄱ") == "국"."""
    return chr(FIRST + (ONSETS.index(onset) * 21 + VOWELS.index(vowel)) * 28 + CODAS.index(coda))


def romanise(word):
    """As it sounds, in Latin letters: romanise("국물") == "gung-mul". Source of the letters: Revised Romanization."""
    rows = (ONSETS, LATIN_ONSETS), (VOWELS, LATIN_VOWELS), (SOUNDS, LATIN_SOUNDS)
    latin = [dict(zip(letters, written.split())) for letters, written in rows]
    syllables = (map(dict.get, latin, split(syllable)) for syllable in pronounce(word))
    return "-".join("".join(syllable).replace("-", "") for syllable in syllables).replace("l-r", "l-l")


def words():
    """data/pronunciation.csv -> list of dicts: word, heard and article as the source has them, gloss in English."""
    return read_table(folder() / "pronunciation.csv").rows


# The task: syllables drawn at random, so that no word can be learnt by heart.

SIMPLE = [CODAS.index(coda) for coda in FINAL]
END = len(ONSETS)


def _law():
    """`meet` as a table: (2, codas, onsets and the end), the places of the sounds in SOUNDS and ONSETS."""
    table = np.zeros((2, len(CODAS), END + 1), int)
    for coda in ("", *FINAL):
        for onset in (*ONSETS, ""):
            sound, following, _ = meet(coda, onset)
            place = CODAS.index(coda), ONSETS.index(onset) if onset else END
            table[:, *place] = SOUNDS.index(sound), ONSETS.index(following) if onset else END
    return table


LAW = _law()


class Words(NamedTuple):
    """written (3, T, N): the places of onset, vowel and coda in ONSETS, VOWELS and CODAS; heard (2, T, N): how onset
    and coda sound, as places in ONSETS and SOUNDS."""

    written: np.ndarray
    heard: np.ndarray


def draw(rng, N, T, closed=0.6):
    """N words of T syllables -> Words. All letters are alike; a share `closed` of the syllables has a coda."""
    check_rng(rng)
    check_count(N=N, T=T)
    onsets, vowels = rng.integers(len(ONSETS), size=(T, N)), rng.integers(len(VOWELS), size=(T, N))
    codas = np.where(rng.random((T, N)) < closed, rng.choice(SIMPLE, (T, N)), 0)
    following = np.concatenate([onsets[1:], np.full((1, N), END)])
    sounds, heard = LAW[:, codas, following]
    return Words(np.stack([onsets, vowels, codas]), np.stack([np.concatenate([onsets[:1], heard[:-1]]), sounds]))


def ceilings(words):
    """The share of right answers that no reader of one direction can pass on average: {"forward": {onset, …}, …}.

    Counted from the words: before the next syllable is read, the best answer for a coda is the sound that it has most
    often; before the last one is read, the same holds for an onset. The syllables are drawn apart, so no more of the
    past, or of the future, helps; where a word ends and begins is taken as known. word: all of its sounds are right.
    """
    onsets, _, codas = words.written
    step = np.arange(len(onsets))[:, None]
    right = {
        "forward": (np.ones(onsets.shape, bool), _best(2 * codas + (step == len(onsets) - 1), words.heard[1])),
        "backward": (_best(2 * onsets + (step == 0), words.heard[0]), np.ones(onsets.shape, bool)),
    }
    return {
        direction: {"onset": onset.mean(), "coda": coda.mean(), "word": (onset & coda).all(0).mean()}
        for direction, (onset, coda) in right.items()
    }


def _best(seen, answers):
    """Where the most frequent answer to what is seen is right: (T, N) int, (T, N) int -> (T, N) bool."""
    counts = np.zeros((seen.max() + 1, answers.max() + 1), int)
    np.add.at(counts, (seen, answers), 1)
    return counts.argmax(1)[seen] == answers
