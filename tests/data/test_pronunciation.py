"""Written Korean as it sounds: the law against the source's own examples, the task against the law, and ceilings."""

import itertools

import numpy as np
import pytest

from unrolled.data.pronunciation import (
    CODAS,
    FINAL,
    ONSETS,
    SOUNDS,
    VOWELS,
    articles,
    ceilings,
    draw,
    join,
    meet,
    pronounce,
    romanise,
    split,
    words,
)
from unrolled.exercises.mistakes import mutate

WORDS = [pytest.param(row, id=row["word"]) for row in words()]


@pytest.mark.parametrize("row", WORDS)
def test_the_law_says_what_the_source_says(row):
    assert pronounce(row["word"]) == row["heard"]
    if row["article"] == "21":  # "no other assimilation": the word sounds as it is written
        assert articles(row["word"]) == []
    else:
        assert int(row["article"]) in articles(row["word"])


def test_there_are_words_for_every_article():
    assert len(words()) >= 40
    assert len({row["word"] for row in words()}) == len(words())
    assert {int(row["article"]) for row in words()} == {9, 12, 13, 18, 19, 20, 21, 23}
    assert all(row["gloss"].strip() for row in words())
    every = {meet(coda, onset)[2] for coda in ("", *FINAL) for onset in (*ONSETS, "")}
    assert every == {0, 9, 12, 13, 18, 19, 20, 23}


LINES = [
    ('if onset == "ㅇ" and coda == "ㅎ":', "if False:"),
    ('if onset == "ㅇ" and coda != "ㅇ":', "if False:"),
    ('if coda == "ㅎ" and onset in AFTER_H:', "if False:"),
    ('if onset == "ㅎ" and final in NASAL:', "if False:"),
    ('"ㅈ" if coda == "ㅈ" else final', "final"),
    ('if onset in ("ㄴ", "ㅁ") and final in NASAL:', "if False:"),
    ('if onset == "ㄹ" and final in NASAL:', "if False:"),
    ('if onset == "ㄹ" and final in "ㅁㅇ":', "if False:"),
    ('(("ㄴ", "ㄹ"), ("ㄹ", "ㄴ"))', '(("ㄴ", "ㄹ"),)'),
    ('(("ㄴ", "ㄹ"), ("ㄹ", "ㄴ"))', '(("ㄹ", "ㄴ"),)'),
    ("if onset in TENSE and final in NASAL:", "if False:"),
    ("final, onset, 9 if", "coda, onset, 9 if"),
]


@pytest.mark.parametrize("old, new", LINES)
def test_no_line_of_the_law_could_be_left_out(monkeypatch, old, new):
    monkeypatch.setattr("unrolled.data.pronunciation.meet", mutate(meet, old, new))

    def heard(word):
        try:
            return pronounce(word)
        except ValueError:  # a sound that no syllable can be written with
            return None

    assert any(heard(row["word"]) != row["heard"] for row in words())


def test_a_syllable_is_split_and_joined():
    assert split("국") == ("ㄱ", "ㅜ", "ㄱ")
    assert split("아") == ("ㅇ", "ㅏ", "")
    for parts in itertools.product(ONSETS, VOWELS, ("", *FINAL)):
        assert split(join(*parts)) == parts
    for wrong in ("닭", "a", "ㄱ", "힤"):
        with pytest.raises(ValueError, match="syllables must be of 가 … 힣, with a coda of one letter or none"):
            split(wrong)


@pytest.mark.parametrize(
    "word, latin",
    [
        ("국물", "gung-mul"),
        ("신라", "sil-la"),
        ("협력", "hyeom-nyeok"),
        ("옷이", "o-si"),
        ("꽃", "kkot"),
        ("놓고", "no-ko"),
    ],
)
def test_romanised_as_it_sounds(word, latin):
    assert romanise(word) == latin


def test_drawn_words_sound_as_the_law_says():
    written, heard = draw(np.random.default_rng(1), 300, 5)
    assert written.shape == (3, 5, 300)
    assert heard.shape == (2, 5, 300)
    for n in range(300):
        onsets, vowels, codas = (
            [row[k] for k in places] for row, places in zip((ONSETS, VOWELS, CODAS), written[..., n])
        )
        word = "".join(map(join, onsets, vowels, codas))
        sounds = [split(syllable) for syllable in pronounce(word)]
        assert [ONSETS[k] for k in heard[0, :, n]] == [onset for onset, _, _ in sounds]
        assert [SOUNDS[k] for k in heard[1, :, n]] == [coda for _, _, coda in sounds]


def test_letters_are_drawn_alike():
    written, _ = draw(np.random.default_rng(1), 5000, 4, closed=0.6)
    assert np.mean(written[2] > 0) == pytest.approx(0.6, abs=0.01)
    assert np.bincount(written[0].ravel()).tolist() == pytest.approx([20_000 / 19] * 19, rel=0.15)
    assert {CODAS[k] for k in np.unique(written[2])} == {"", *FINAL}
    assert not draw(np.random.default_rng(1), 20, 3, closed=0)[0][2].any()


@pytest.mark.parametrize("T, closed", [(12, 0.6), (3, 1.0)])
def test_the_counted_ceilings_are_those_of_the_law(T, closed):
    """Enumerated: each coda with each onset, as often as they are drawn."""
    counted = ceilings(draw(np.random.default_rng(2), 20_000, T, closed))
    share = {"": 1 - closed} | dict.fromkeys(FINAL, closed / len(FINAL))

    def best(met):
        """The share of the most frequent answer, where met is [(share, answer)]."""
        by_answer = {}
        for weight, answer in met:
            by_answer[answer] = by_answer.get(answer, 0) + weight
        return max(by_answer.values())

    coda = sum(p * best((1 / 19, meet(c, onset)[0]) for onset in ONSETS) for c, p in share.items())
    onset = sum(best((p, meet(c, onset)[1]) for c, p in share.items()) for onset in ONSETS) / 19
    assert counted["forward"]["onset"] == counted["backward"]["coda"] == 1
    assert counted["forward"]["coda"] == pytest.approx((coda * (T - 1) + 1) / T, abs=0.005)
    assert counted["backward"]["onset"] == pytest.approx((onset * (T - 1) + 1) / T, abs=0.005)
    assert counted["forward"]["word"] == pytest.approx(coda ** (T - 1), abs=0.01)
    assert counted["backward"]["word"] == pytest.approx(onset ** (T - 1), abs=0.01)
