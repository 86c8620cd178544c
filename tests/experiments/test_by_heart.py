"""The check on 50 captions at a tiny size: a sound captioner says them, one with a bug never does."""

import numpy as np
import pytest

from unrolled.data.scenes import scenes
from unrolled.experiments.by_heart import broken_loss, measure
from unrolled.models import captioner

SIZES = {"N": 4, "H": 32, "learning_rate": 1e-2, "check_every": 10, "most": 120}


def rng():
    return np.random.default_rng(1)


@pytest.mark.slow
@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_a_sound_captioner_says_them(cell):
    found = measure(rng(), "every", cell, "nothing", **SIZES)
    assert found["exact"] == 1
    assert found["by_heart"] % 10 == 0
    assert 10 < found["by_heart"] <= 120
    assert found["loss_100"] < 2, "of about 30 nats at first"


def test_the_loss_of_step_100_is_there_where_the_captions_were_said_before():
    found = measure(rng(), "every", "rnn", "nothing", **SIZES)
    assert found["by_heart"] < 100
    assert found["loss"] == found["loss_100"], "the run ends there"


@pytest.mark.slow
def test_targets_that_are_the_word_just_read_are_learnt_and_nothing_is_said():
    found = measure(rng(), "every", "rnn", "target", **SIZES)
    assert np.isnan(found["by_heart"])
    assert found["exact"] == 0
    assert found["loss"] < 1


@pytest.mark.slow
def test_blank_pictures_cannot_be_told_apart():
    found = measure(rng(), "every", "rnn", "picture", **SIZES)
    assert np.isnan(found["by_heart"])
    assert found["exact"] <= 1 / SIZES["N"], "one sentence for all"


def test_what_never_happens_is_nan():
    found = measure(rng(), "every", "rnn", "nothing", **SIZES | {"most": 10})
    assert np.isnan([found["by_heart"], found["loss_100"]]).all()
    assert found["loss"] > 2


def test_the_sound_loss_is_the_captioners_summed_over_a_caption():
    batch, params = scenes.draw(rng(), 6), captioner.init(rng(), "h_0")
    words = (batch.tokens[1:] != scenes.PAD).sum() / 6
    summed = broken_loss(params, batch.images, batch.tokens, kind="h_0", broken="nothing")
    assert np.isclose(summed, words * captioner.loss(params, batch.images, batch.tokens, kind="h_0"), rtol=1e-5)


def test_a_bug_that_there_is_not_is_no_sound_captioner():
    law = "broken must be one of nothing, target, picture, got 'targets'"
    with pytest.raises(ValueError, match=law):
        measure(rng(), "every", "rnn", "targets", **SIZES)
