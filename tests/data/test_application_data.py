"""What the cards of lesson 13 are trained on: opinions and messages, spoken digits, splice junctions, prices."""

from collections import Counter

import numpy as np
import pytest

from unrolled.data import opinions, prices, speech, splice
from unrolled.experiments.applications import weather


def rng(seed=1):
    return np.random.default_rng(seed)


def test_opinions_follow_their_law():
    for text, good in {
        "the plot is good and the cast was happy": 1,
        "the plot is not good and the cast was never very happy": 0,
        "the plot is good but the cast was bad": 0,
        "the plot is not good but the cast was hardly bad": 1,
        "although the plot is good the cast of the film was bad at least for me": 0,
        "the plot is not bad although the cast was never good": 1,
    }.items():
        assert opinions.law(text) == good
    texts = opinions.draw(rng(), 500)
    said = [opinions.read(column) for column in texts.tokens.T]
    assert [opinions.law(text) for text in said] == texts.targets.tolist()
    assert [len(text.split()) for text in said] == texts.lengths.tolist()
    forms = Counter()
    for text in said:
        first, second = opinions.clauses(text)
        assert (opinions.sign(first) == opinions.sign(second)) == second.startswith("and ")
        assert text.removeprefix(f"{first} {second}").strip() in opinions.TAILS
        forms[first.split()[0], second.split()[0]] += 1
    assert set(forms) == {("the", "and"), ("the", "but"), ("although", "the"), ("the", "although")}
    assert min(forms.values()) > 50


def test_the_ceiling_of_a_bag_is_what_counting_finds():
    texts = opinions.draw(rng(2), 20_000)
    word = np.array(opinions.WORDS)[texts.tokens]
    bags = zip(*(np.isin(word, words).sum(0).tolist() for words in (opinions.GOOD, opinions.TURNS, ["and"])))
    counts = {}
    for bag, good in zip(bags, texts.targets):
        counts.setdefault(bag, [0, 0])[good] += 1
    assert opinions.bag_ceiling() == 5 / 8
    assert abs(sum(map(max, counts.values())) / 20_000 - 5 / 8) < 0.015


def test_messages_have_the_odds_that_are_said():
    texts = opinions.draw_messages(rng(), 8000)
    found = [Counter(), Counter()]
    for column, spam in zip(texts.tokens.T, texts.targets):
        text = opinions.read(column, opinions.MESSAGE_WORDS)
        found[spam].update({phrase: text.count(phrase) for phrase in opinions.PHRASES})
    assert sum(found[0].values()) + sum(found[1].values()) == 4 * 8000  # no phrase hides in others
    for phrase, odds in opinions.ODDS.items():
        assert abs(np.log(found[1][phrase] / found[0][phrase] / odds)) < 0.25
    right = opinions.best_guess(texts) == texts.targets
    assert 0.84 < right.mean() < 0.89


def test_no_voice_is_learnt_and_tested_and_targets_are_what_is_said():
    learnt, held, test = map(set, speech.SPLIT.values())
    assert learnt | held | test == set(range(speech.VOICES))
    assert len(learnt) + len(held) + len(test) == speech.VOICES
    xs, lengths, targets = speech.pairs(rng(), 20, "test")
    assert xs.shape == (lengths.max(), 20, speech.BANDS)
    said = [[speech.utterance(voice, two) for voice in speech.SPLIT["test"]] for two in targets]
    for n, length in enumerate(lengths):
        alike = [len(frames) == length and np.allclose(frames, xs[:length, n], atol=1e-5) for frames in said[n]]
        assert sum(alike) == 1
        assert (xs[length:, n] == 0).all()
    with pytest.raises(ValueError, match="part must be one of"):
        speech.pairs(rng(), 2, "tests")


def test_the_wake_word_stands_before_what_is_asked_for():
    for pauses in ((2, 8), (0, 0)):
        xs, lengths, targets = speech.orders(rng(3), 200, pauses=pauses)
        flat = [np.ptp(xs[:length, n], axis=1) == 0 for n, length in enumerate(lengths)]
        assert {bool((silent[1:] & silent[:-1]).any()) for silent in flat} == {pauses != (0, 0)}
    xs, lengths, targets = speech.orders(rng(3), 200)
    assert set(targets.tolist()) == set(speech.OTHERS)
    assert speech.WAKE not in speech.OTHERS
    wake = lambda voice: speech.scaled(speech.word(voice, speech.WAKE)).astype(np.float32)
    words = {voice: wake(voice) for voice in speech.SPLIT["learn"]}
    for n in range(20):  # somewhere in each utterance the wake word lies, and behind its pause the answer
        row = xs[: lengths[n], n]
        hits = [
            (voice, t + len(word))
            for voice, word in words.items()
            for t in range(lengths[n] - len(word))
            if np.array_equal(row[t : t + len(word)], word)
        ]
        ((voice, end),) = hits
        answer = speech.scaled(speech.word(voice, targets[n])).astype(np.float32)
        assert any(np.array_equal(row[end + pause :][: len(answer)], answer) for pause in range(2, 9))


def test_shuffled_frames_are_the_same_frames():
    straight, lengths, _ = speech.singles(rng(4), 5)
    mixed, other, _ = speech.singles(rng(4), 5, shuffled=True)
    assert lengths.tolist() == other.tolist()
    for n, length in enumerate(lengths):
        assert sorted(straight[:length, n].tolist()) == sorted(mixed[:length, n].tolist())
        assert not np.array_equal(straight[:length, n], mixed[:length, n])


def test_resynthesised_sound_has_its_power_where_the_bands_have_it():
    assert np.all(np.diff(speech.bands()) > 0)
    for band in (3, 10, 16):
        frames = np.full((20, speech.BANDS), speech.SILENCE)
        frames[:, band] = 0.0
        sound = speech.resynthesise(frames)
        assert len(sound) == 20 * speech.FRAME * 16_000
        assert np.abs(sound).max() == 1
        loudest = np.abs(np.fft.rfft(sound)).argmax() / (len(sound) / 16_000)
        assert abs(loudest - speech.bands()[band]) < 110


def test_the_junction_lies_where_it_is_said_and_repeats_are_kept_once():
    whole = splice.load()
    letters = np.array(list(splice.BASES))[whole.bases]
    donors, acceptors = letters[:, whole.labels == 1], letters[:, whole.labels == 2]
    J = splice.JUNCTION
    assert ((donors[J] == "G") & (donors[J + 1] == "T")).mean() > 0.98
    assert ((acceptors[J - 2] == "A") & (acceptors[J - 1] == "G")).mean() > 0.98
    assert whole.bases.shape == (60, 3186)
    assert splice.distinct(whole).bases.shape == (60, 3001)
    learnt, held, test = ({tuple(column) for column in part.bases.T} for part in splice.parts(rng()))
    assert len(learnt) + len(held) + len(test) == 3001
    assert len(learnt | held | test) == 3001


def test_near_sequences_and_two_letters():
    bases = rng().integers(4, size=(60, 3))
    other = bases.copy()
    other[:6, 1] = (other[:6, 1] + 1) % 4
    other[:7, 2] = (other[:7, 2] + 1) % 4
    assert splice.near(bases, other).tolist() == [True, True, False]
    letters = np.full((60, 4), splice.BASES.index("C"))
    letters[30:32, 1] = letters[30:32, 3] = 2, 3  # GT
    letters[28:30, 2] = letters[28:30, 3] = 0, 2  # AG
    assert splice.by_two_letters(letters).tolist() == [0, 1, 2, 1]


def test_naive_bayes_is_bayes_law_place_by_place():
    learn, _, test = splice.parts(rng(), test=20)
    for column, answer in zip(test.bases.T, splice.naive_bayes(learn, test.bases)):
        odds = []
        for kind in range(3):
            rows = learn.bases[:, learn.labels == kind]
            shares = [((place == base).sum() + 1) / (rows.shape[1] + 4) for place, base in zip(rows, column)]
            odds.append(np.log(rows.shape[1]) + np.log(shares).sum())
        assert np.argmax(odds) == answer


def test_returns_and_prices_lead_back_to_each_other():
    walk = prices.made(rng(), 2000)
    assert walk[0] == 100
    assert np.allclose(prices.from_returns(walk[0], prices.returns(walk)), walk)
    for phi in (0.0, 0.3):
        news = prices.returns(prices.made(rng(5), 20_000, phi))
        assert abs(news[1:] @ news[:-1] / (news @ news) - phi) < 0.03
    with pytest.raises(ValueError, match="prices must be above 0"):
        prices.returns([3.0, 0.0])


def test_the_real_share_is_read_where_matplotlib_lies_or_not_at_all(monkeypatch):
    days, close = prices.google()
    assert (len(days), close[0]) == (1047, 100.34)
    assert np.all(np.diff(days).astype(int) > 0)
    monkeypatch.setattr(prices, "find_spec", lambda name: None)
    assert prices.google() is None


def test_no_window_of_the_weather_holds_its_answer():
    table = weather.load()
    xs, days = weather.windows(14, 5, weather.DAYS[1])
    column = table[:, 0]
    scaled = (column - column[: weather.DAYS[1]].mean()) / column[: weather.DAYS[1]].std()
    assert np.allclose(xs[-1, :, 0], scaled[days - 5], atol=1e-5)
    assert np.allclose(xs[0, :, 0], scaled[days - 18], atol=1e-5)
