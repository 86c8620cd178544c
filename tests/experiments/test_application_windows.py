"""The windows that cards 1 and 2 slide along, and how far they come beside a GRU."""

import numpy as np

from unrolled.autodiff.gradcheck import gradcheck
from unrolled.data import by_seed, opinions
from unrolled.data import speech as spoken
from unrolled.experiments.applications import speech, word_window
from unrolled.experiments.applications.chosen import chosen


def rng(seed=1):
    return np.random.default_rng(seed)


def test_a_window_holds_means_of_two_frames_and_its_first_half_lies_inside():
    xs, lengths = rng().standard_normal((41, 3, 2)), np.array([41, 22, 7])
    seen, inside = speech.windows(xs, lengths)
    assert seen.shape[1:] == (3, speech.WINDOW)  # 18 means of 2 numbers
    assert inside.sum(0).tolist() == [12, 3, 1]  # they begin at 0, 2, … up to 18 frames before the end
    window = seen[2, 0].reshape(2, 18).T
    assert np.allclose(window[0], xs[4:6, 0].mean(0))
    assert np.allclose(seen[2, 1].reshape(2, 18).T[:9], xs[4:22, 1].reshape(9, 2, 2).mean(1))
    assert (seen[2, 1].reshape(2, 18).T[9:] == 0).all()
    assert speech.windows(xs[:5], np.array([5, 4, 2]))[1].all()


def test_the_wake_word_and_the_next_fit_into_a_window_in_nine_cases_of_ten():
    size = np.array([[len(spoken.word(voice, digit)) for digit in range(10)] for voice in range(spoken.VOICES)])
    assert 0.9 < (size[:, [spoken.WAKE]] + size[:, spoken.OTHERS] <= speech.WINDOW).mean() < 0.95


def test_the_padding_is_not_read():
    xs, lengths, _ = speech.draw(rng(), 6, "no pauses", "learn", speech.SLID)
    params = speech.init(rng(), speech.SLID, 5, parameters=8000)
    straight = speech.logits(params, xs, lengths, speech.SLID)
    longer = np.concatenate([xs, np.full((8, 6, 20), 9.0, np.float32)])
    assert np.allclose(speech.logits(params, longer, lengths, speech.SLID), straight, atol=1e-5)
    assert 7600 < sum(part.size for layer in params.values() for part in layer.values()) <= 8000


def test_scores_are_pooled_over_the_places_inside():
    scores, inside = rng().standard_normal((4, 3, 2)), np.arange(4)[:, None] < [4, 2, 1]
    found = speech.pool(scores, inside)
    assert np.allclose(found[1], np.log(np.exp(scores[:2, 1]).sum(0)))
    assert np.allclose(found[2], scores[0, 2])
    assert np.isfinite(speech.pool(1000 * scores, inside)).all()
    gradcheck(lambda scores: speech.pool(scores, inside), scores)


def test_a_window_of_words_is_slid_along_and_the_padding_is_not_read():
    texts = opinions.draw(rng(), 6)
    found, inside = speech.slide(texts.tokens, texts.lengths, 4)
    assert found.shape == (len(texts.tokens) - 1, 6, 4)
    assert (inside.sum(0) == texts.lengths - 1).all()  # two words at least
    assert (found[3, 0] == texts.tokens[3:7, 0]).all()
    params = word_window.init(rng(), len(opinions.WORDS), 10, E=16, parameters=2000)
    assert 1800 < sum(part.size for name in ("hidden", "readout") for part in params[name].values()) <= 2000
    longer = texts._replace(tokens=np.concatenate([texts.tokens, np.zeros((7, 6), int)]))
    assert np.allclose(word_window.logits(params, texts, 10), word_window.logits(params, longer, 10), atol=1e-5)


def test_a_window_of_words_is_measured_at_small_sizes():
    how = {"steps": 2, "check_every": 1, "learning_rate": 0.01}
    found = word_window.measure(rng(), 4, E=4, parameters=100, N=4, test_size=20, **how)
    assert found.keys() == {"validation", "test"}


def test_a_window_of_ten_words_comes_as_far_as_a_gru_and_one_of_four_nearly():
    how = {"column": "test", "show": False, "steps": 600}
    gru = chosen("card_sentiment", by="network", task="opinions", **how)["gru"]
    words = chosen("card_sentiment_window", by="words", **how)
    assert np.all(np.abs(words[10] - gru) < 0.01)
    assert 0.9 < words[4].min() < 0.93 < words[4].max() < 0.995


def test_without_pauses_the_window_is_ahead_first_and_the_gru_a_little_later():
    how = {"name": "card_speech", "column": "test", "by": "reader", "task": "no pauses", "show": False}
    soon, late = (chosen(**how, steps=steps) for steps in (600, 3000))
    assert np.all(soon[speech.SLID] > soon["in order"] + 0.03)
    ahead = late["in order"] - late[speech.SLID]
    assert 0.01 < ahead.min() <= ahead.max() < 0.03


def test_the_pen_is_ahead_of_the_nearest_points_of_as_many_letters():
    near, pen = (by_seed("card_handwriting_nearest", column, "known")[192000] for column in ("test", "pen"))
    assert 0.03 < (near - pen).min() <= (near - pen).max() < 0.045
