"""The captioning experiments at a tiny size: what they train, what they hold fixed, and what they count."""

import numpy as np
import pytest

from unrolled.autodiff.trees import leaves
from unrolled.data.scenes import scenes
from unrolled.experiments import captioning
from unrolled.models import captioner

TINY = {"steps": 20, "N": 4}


def rng(seed=1):
    return np.random.default_rng(seed)


def moved(encoder):
    """{name: whether it is another array than the one drawn first}."""
    before = captioner.init(rng(), "late")
    after = captioning.train(rng(), "late", encoder=encoder, **TINY)
    return {"/".join(path): not np.array_equal(a, b) for (path, a), (_, b) in zip(leaves(before), leaves(after))}


def test_training_moves_every_weight():
    assert all(moved("trained").values())


def test_a_random_encoder_stays_as_it_was_drawn():
    before = captioner.init(rng(), "late")["encoder"]
    params = captioning.train(rng(), "late", encoder="random", **TINY)
    for name, array in before.items():
        assert np.array_equal(params["encoder"][name], array)
    assert not np.array_equal(params["query"]["W"], captioner.init(rng(), "late")["query"]["W"])


def test_the_stages_share_the_steps():
    seen = []
    captioning.train(rng(), "blind", steps=20, N=4, report=lambda last: seen.append(last.step))
    assert seen == [12, 5, 3]


def test_a_captioner_that_is_right_has_all_grades(monkeypatch):
    batch = scenes.draw(rng(), 6)
    alphas = np.zeros((9, 6, 16))
    monkeypatch.setattr(captioner, "describe", lambda params, images, kind: (batch.tokens[1:], alphas))
    grades = captioning.grades({}, batch, kind="late")
    for score in ("exact", "any_true", "bleu_4", "slots", "size", "colour", "shape", "relation"):
        assert grades[score] == 1
    assert 0 < grades["points_chance"] < grades["shows_chance"] < 0.4
    assert grades["uncovered"] == 1, "it looked nowhere"
    assert np.isnan(captioning.grades({}, batch, kind="every")["points_colour"]), "it has no attention"


def test_another_true_caption_is_true_and_no_exact_match(monkeypatch):
    batch = scenes.draw(rng(), 6)
    others, _ = scenes.encode([scenes.captions_true(scene)[1] for scene in batch.scenes])
    monkeypatch.setattr(captioner, "describe", lambda params, images, kind: (others, np.zeros((*others.shape, 16))))
    grades = captioning.grades({}, batch, kind="late")
    assert (grades["exact"], grades["any_true"]) == (0, 1)


def test_a_caption_is_exact_where_its_last_word_is_right_and_what_comes_after_counts_for_nothing(monkeypatch):
    batch = scenes.draw(rng(), 6)
    said = batch.tokens[1:].copy()
    last = batch.lengths[0] - 3  # before the end, in what is said
    said[last, 0] = said[last, 0] % (len(scenes.WORDS) - 3) + 3  # another word
    said[batch.lengths[1] - 1 :, 1] = 3  # beyond the end
    monkeypatch.setattr(captioner, "describe", lambda params, images, kind, longest: (said[:longest], None))
    assert captioning.exact({}, batch.images, batch.tokens, kind="late") == 5 / 6


def test_the_penalty_has_its_say_in_training():
    plain, punished = (captioning.train(rng(), "late", penalty=penalty, **TINY) for penalty in (0.0, 0.1))
    assert not np.array_equal(plain["query"]["W"], punished["query"]["W"])


def test_a_measurement_grades_what_was_held_out_on_its_own(monkeypatch):
    graded = []

    def grade(params, batch, *, kind):
        things = [(scene.things[1].colour, scene.things[1].shape, scene.relation) for scene in batch.scenes]
        graded.append({scenes.held_out(*thing) for thing in things})
        return dict.fromkeys(("exact", "slots", "shape"), 0.0)

    monkeypatch.setattr(captioning, "grades", grade)
    captioning.measure(rng(), "blind", test_size=20, **TINY)
    assert graded == [{False}, {True}]


@pytest.mark.parametrize("kind", ["late", "every"])
def test_a_measurement_has_the_same_columns_whatever_is_measured(kind):
    found = captioning.measure(rng(), kind, cell="lstm", encoder="trained", penalty=0.1, test_size=8, **TINY)
    words = "size", "colour", "shape", "phrase", "chance"
    assert list(found) == [
        "exact", "any_true", "bleu_4", "slots", "size", "colour", "shape", "relation",
        *(f"points_{word}" for word in words), *(f"shows_{word}" for word in words), "uncovered",
        "held_out_exact", "held_out_slots", "held_out_shape",
    ]  # fmt: skip
