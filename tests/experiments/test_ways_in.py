"""The three ways to give a picture, at a tiny size: when a run ends, which is chosen, and what is counted."""

import numpy as np
import pytest

from unrolled.data import by_seed
from unrolled.data.scenes import scenes
from unrolled.experiments import ways_in
from unrolled.models import captioner


def rng():
    return np.random.default_rng(1)


@pytest.fixture
def course(monkeypatch):
    """course(shares, …): the steps of a run whose shares of exact captions are these, one after each step."""
    monkeypatch.setattr(ways_in, "CHECK_EVERY", 1)
    monkeypatch.setattr(ways_in, "LEAST", 10)

    def run(*shares):
        left = iter(shares)
        monkeypatch.setattr(ways_in, "grade", lambda params, batch, kind: (0.5, next(left)))
        return [check.step for check in ways_in.train(rng(), "h_0", learning_rate=1e-3, validation=None, N=2, most=30)]

    return run


def test_a_run_ends_a_fifth_after_its_best(course):
    assert len(course(*range(1, 17), *[16] * 14)) == 20, "16, and a fifth of 20: as good is no better"


def test_a_run_that_still_learns_goes_on_to_the_end(course):
    assert len(course(*range(1, 31))) == 30


def test_captions_that_stand_still_before_the_first_word_are_no_end(course):
    assert len(course(*[0] * 9, *range(10, 31))) == 30


def test_the_better_rate_goes_on_and_the_other_does_not(monkeypatch):
    steps = dict.fromkeys(ways_in.RATES, 0)
    slow, quick = ways_in.RATES

    def train(rng, kind, *, learning_rate):
        for step in (1, 2, 3, 4):
            steps[learning_rate] = step
            yield ways_in.Check(step, {slow: 1, quick: 2}[learning_rate] / step, 0, {})

    monkeypatch.setattr(ways_in, "train", train)
    monkeypatch.setattr(ways_in, "CHECK_EVERY", 1)
    monkeypatch.setattr(ways_in, "CHOSEN_AFTER", 2)
    rate, checks, nats = ways_in.choose(rng(), "h_0")
    assert (rate, nats) == (slow, {slow: 0.5, quick: 1})
    assert [check.step for check in checks] == [1, 2, 3, 4]
    assert steps == {slow: 4, quick: 2}


def test_of_the_weights_the_best_are_graded(monkeypatch):
    seen, checks = [], [ways_in.Check(step, 0, exact, {"step": step}) for step, exact in ((1, 0.4), (2, 0.9), (3, 0.9))]
    monkeypatch.setattr(ways_in, "choose", lambda rng, kind, **how: (2e-3, checks, {2e-3: 1.0, 4e-3: 2.0}))
    monkeypatch.setattr(ways_in, "grade", lambda params, batch, kind: seen.append(params["step"]) or (0.5, 0.25))
    found = ways_in.measure(rng(), "once", N=2, most=3, test_size=2)
    assert seen == [2, 2]
    assert [found[name] for name in ("learning_rate", "step", "steps", "half", "nine_tenths")] == [2e-3, 2, 3, 2, 2]
    assert not found["stood_still"], "it may not end so early"
    assert list(found) == [
        "learning_rate", "nats_0.002", "nats_0.004", "step", "steps", "stood_still", "half", "nine_tenths",
        *(f"{part}_{what}" for part in ("validation", "test") for what in ("nats", "exact")),
    ]  # fmt: skip


def test_the_params_of_a_check_stay_as_they_were(monkeypatch):
    monkeypatch.setattr(ways_in, "CHECK_EVERY", 1)
    batch = scenes.draw_counts(rng(), 2)
    first, second = ways_in.train(rng(), "every", learning_rate=1e-2, validation=batch, N=2, most=2)
    assert not np.array_equal(first.params["readout"]["b"], second.params["readout"]["b"])
    assert ways_in.grade(first.params, batch, kind="every") == (first.nats, first.exact)


def test_a_grade_is_the_loss_and_the_share_of_whole_captions(monkeypatch):
    batch, params = scenes.draw_counts(rng(), 6), captioner.init(rng(), "h_0")
    monkeypatch.setattr(captioner, "describe", lambda *args, **how: (batch.tokens[1:], None))
    nats, exact = ways_in.grade(params, batch, kind="h_0")
    assert exact == 1
    assert nats == pytest.approx(np.log(len(scenes.WORDS)), rel=0.3)
    wrong = batch.tokens[1:].copy()
    wrong[0, :3] = scenes.WORDS.index("of")
    monkeypatch.setattr(captioner, "describe", lambda *args, **how: (wrong, None))
    assert ways_in.grade(params, batch, kind="h_0")[1] == 0.5


def test_a_picture_at_every_step_is_learnt_soonest_and_one_at_the_first_best():
    """What data/results/ways_in.csv shows, on every seed."""
    half, nine_tenths, end, still = (
        by_seed("ways_in", column, "kind") for column in ("half", "nine_tenths", "test_exact", "stood_still")
    )
    assert all(np.all(stood) for stood in still.values())
    for kind in ("h_0", "once"):
        assert half["every"].max() < half[kind].min()
        assert np.all(nine_tenths["every"] < nine_tenths[kind])
    assert end["every"].max() < end["once"].min()
    assert np.sum(end["h_0"] > end["every"].max()) == 2
    assert end["h_0"].min() < end["every"].min()
    assert end["blind"].max() < 0.02
    assert np.all(np.isnan(half["blind"]))
