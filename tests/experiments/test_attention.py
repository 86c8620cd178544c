"""The experiments on attention at a tiny size: what a place sees, what a shuffle changes, what a question looks at."""

from types import SimpleNamespace

import numpy as np
import pytest

from unrolled.autodiff.trees import leaves
from unrolled.data import by_seed
from unrolled.data.scenes import questions, scenes
from unrolled.experiments import attention_windows, picture_questions
from unrolled.models import captioner

TINY = {"steps": 20, "N": 4}


def rng(seed=1):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("window", attention_windows.WINDOWS)
def test_an_annotation_sees_as_many_pixels_as_the_table_says_around_its_cell(window):
    params = captioner.init(rng(), "late", windows=attention_windows.WINDOWS[window], dtype=np.float64)
    for name, array in params["encoder"].items():
        params["encoder"][name] = np.abs(array)  # so that no relu hides a pixel
    before = captioner.encode(params, np.full((1, 32, 32, 3), 0.6))[0, 5]  # row 1, column 1: pixels 8 to 15
    seen = []
    for column in range(32):
        image = np.full((1, 32, 32, 3), 0.6)
        image[:, :, column] += 0.1
        if not np.array_equal(captioner.encode(params, image)[0, 5], before):
            seen.append(column)
    rim = (window - 8) // 2
    assert seen == list(range(8 - rim, 16 + rim))


def test_training_with_other_windows_moves_every_weight():
    before = captioner.init(rng(), "late", filters=(16, 128), windows=(4, 4, 4))
    after = attention_windows.train(rng(), "late", window=22, filters=128, **TINY)
    for (path, a), (_, b) in zip(leaves(before), leaves(after), strict=True):
        assert a.shape == b.shape
        assert not np.array_equal(a, b), path


@pytest.mark.parametrize("kind", ["late", "early"])
def test_where_all_places_are_alike_a_shuffle_changes_no_word(kind):
    """Training says nothing here: a network as it was drawn, whose query is zero, has equal weights."""
    params = captioner.init(rng(), kind)
    images = scenes.draw(rng(), 8).images
    params["query"] = {name: 0 * array for name, array in params["query"].items()}
    params["readout"]["b"][scenes.WORDS.index("red")] = 9  # it says a colour all the time
    kept = attention_windows.kept_words(params, images, rng(), kind=kind)
    assert kept["colour"] == 1
    assert np.isnan(kept["shape"])


def test_a_word_that_comes_from_the_look_alone_goes_with_it():
    """The read-out of a late captioner that hears the context alone, and looks at one place."""
    params = captioner.init(rng(), "late")
    H = params["query"]["W"].shape[0]
    params["readout"]["W"][:H] = 0
    params["readout"]["W"][H:] *= 50
    params["query"]["W"] *= 200
    kept = attention_windows.kept_words(params, scenes.draw(rng(), 64).images, rng(), kind="late")
    assert min(share for share in kept.values() if not np.isnan(share)) < 0.7


def test_all_is_measured():
    found = attention_windows.measure(rng(), "late", window=12, filters=32, test_size=8, **TINY)
    assert found["encoder_weights"] == 9920
    assert {"exact", "points_shape", "kept_size", "kept_colour", "kept_shape"} <= set(found)


@pytest.mark.parametrize("score", picture_questions.SCORES)
def test_only_the_blind_one_answers_alike_whatever_the_picture(score):
    params = picture_questions.init(rng())
    asked, _ = questions.ask(rng(), scenes.draw(rng(), 4))
    v = rng().random((4, 16, 48), np.float32)
    same = np.array_equal(*(picture_questions.answer(params, u, asked, score=score) for u in (v, v[::-1])))
    assert same == (score == "blind")


def test_who_always_says_yes_is_right_about_some_questions_of_yes_or_no_and_no_other(monkeypatch):
    yes = np.eye(len(questions.ANSWERS))[questions.ANSWERS.index("yes")]
    monkeypatch.setattr(picture_questions, "fit", lambda *_, **how: [SimpleNamespace(params={})])
    monkeypatch.setattr(picture_questions, "answer", lambda params, v, asked, score: np.tile(yes, (len(v), 1)))
    found = picture_questions.measure(rng(), "mlp", learning_rate=5e-3, test_size=50, **TINY)
    assert found["named"] == 0 < found["right"] < found["yes_no"] < 1


def test_shares_of_right_answers_are_measured():
    found = picture_questions.measure(rng(), "mlp", learning_rate=5e-3, test_size=50, **TINY)
    assert min(found["yes_no"], found["named"]) <= found["right"] <= max(found["yes_no"], found["named"])


def test_the_map_follows_from_the_window_and_not_from_the_weights_alone():
    late = {"kind": "late", "filters": 32}
    points = by_seed("attention_windows", "points_phrase", "window", **late)
    exact = by_seed("attention_windows", "exact", "window", **late)
    wide = by_seed("attention_windows", "points_phrase", "filters", kind="late", window=12)[128]
    assert {len(seeds) for seeds in points.values()} == {3}
    assert max(*points[18], *points[22]) < min(*points[12], *wide) - 0.1
    assert min(exact[22]) > max(exact[12])


def test_a_shape_of_the_early_form_owes_less_to_its_own_look():
    kept = by_seed("attention_windows", "kept_shape", "kind", window=12, filters=32)
    assert min(kept["early"]) > max(kept["late"]) + 0.1


def test_a_question_is_answered_best_with_a_look_and_worst_blind():
    right = by_seed("picture_questions", "right", "score", steps=1000)
    assert min(right["dot"]) > max(right["mean"])
    assert min(right["mean"]) > max(right["blind"])


def test_without_its_scale_the_product_falls_behind_and_more_steps_do_not_mend_it():
    for steps in (1000, 3000):
        right = by_seed("picture_questions", "right", "score", steps=steps)
        assert max(right["unscaled"]) < min(*right["dot"], *right["mlp"]) - 0.05


def test_more_steps_halve_the_lead_of_the_product_over_the_network():
    short, long = (by_seed("picture_questions", "right", "score", steps=steps) for steps in (1000, 3000))
    assert np.mean(long["dot"] - long["mlp"]) < 0.6 * np.mean(short["dot"] - short["mlp"])
