"""The learning experiments at a tiny size: what must be learnt is, and what cannot be learnt is not."""

import numpy as np
import pytest

from unrolled.autodiff.tape import Var
from unrolled.experiments import echo, networks, reservoir, temporal_order

ECHO = {"H": 16, "N": 16, "time_steps": 6000, "learning_rate": 1e-2}
CUE = {"lag": 8, "k": 2, "H": 16, "N": 16, "updates": 300, "learning_rate": 1e-2}
ORDER = {"learning_rate": 0.1, "H": 30, "N": 20, "std": 0.1, "check_every": 25, "test_size": 2000}
LN2 = np.log(2)


def rng(seed=1):
    return np.random.default_rng(seed)


def echo_losses(k, delay, state="carry", recurrent_std=None, **sizes):
    return echo.losses(rng(), k, delay, state=state, recurrent_std=recurrent_std, **{**ECHO, **sizes})


@pytest.mark.slow
def test_an_echo_is_learnt_where_the_window_holds_the_bit_and_its_echo():
    assert echo.final(echo_losses(8, 2)) < 0.05
    assert echo.final(echo_losses(2, 3)) > 0.5


def test_a_reset_state_costs_the_echoes_of_the_chunk_before():
    found = echo.final(echo_losses(8, 2, "reset"))
    assert LN2 * 2 / 8 - 0.01 < found < LN2 * 2 / 8 + 0.05


def test_carry_and_reset_differ_from_the_second_chunk_on():
    carried, reset = echo_losses(4, 2, time_steps=40), echo_losses(4, 2, "reset", time_steps=40)
    assert len(carried) == 10
    assert carried[0] == reset[0]
    assert carried[1] != reset[1]


def test_the_end_and_the_best_are_measured():
    run = echo_losses(4, 2, time_steps=1000)
    found = echo.measure(rng(), 4, 2, "carry", "glorot", **{**ECHO, "time_steps": 1000})
    assert found == {"loss": echo.final(run), "best": echo.best(run)}
    assert found["best"] != found["loss"]


def test_a_small_recurrent_matrix_starts_with_hardly_any_memory():
    small, glorot = (echo.measure(rng(), 20, 12, "carry", W_hh, **ECHO)["loss"] for W_hh in ("small", "glorot"))
    assert small > 0.6 > 0.3 > glorot
    with pytest.raises(ValueError, match='must be "carry" or "reset", got \'keep\''):
        echo_losses(8, 2, "keep")


def test_what_is_not_trained_stays_as_it_was_drawn(monkeypatch):
    seen = []

    def watched(params, *batch, **how):
        seen.append({name: np.array(getattr(w, "value", w)) for name, w in params["rnn"].items()})
        return networks.stream_loss(params, *batch, **how)

    monkeypatch.setattr(echo, "stream_loss", watched)
    whole, part = (echo_losses(4, 2, time_steps=40, trained=trained) for trained in ("all", "read-out"))
    assert whole[0] == part[0]
    moved = [any(np.any(run[0][name] != run[-1][name]) for name in run[0]) for run in (seen[:10], seen[10:])]
    assert moved == [True, False]
    assert part[-1] != whole[-1]
    with pytest.raises(ValueError, match='must be "all" or "read-out", got \'half\''):
        echo_losses(4, 2, trained="half")


def test_the_best_is_the_lowest_of_forty_means():
    run = np.concatenate([np.full(100, 0.7), np.full(100, 0.1), np.full(200, 0.6)])
    run[300] = 0  # one lucky update is not a low loss
    assert echo.best(run) == pytest.approx(0.1)
    assert echo.best(np.array([1.0, 3.0])) == 1


def test_final_is_the_mean_of_the_last_tenth():
    assert echo.final(np.arange(100.0)) == np.mean(range(90, 100))
    assert echo.final(np.array([1.0, 3.0])) == 3


@pytest.mark.parametrize("between", ["silence", "bits"])
def test_the_cue_is_said_first_and_asked_for_last(between):
    xs, targets = next(reservoir.cued_bits(rng(), 200, 5, between))
    assert xs.shape == (6, 200, 2)
    assert np.array_equal(xs[0, :, 0], 2 * targets - 1)
    assert np.array_equal(xs[:, :, 1], np.array([0, 0, 0, 0, 0, 1])[:, None] * np.ones(200))
    assert np.all(xs[5, :, 0] == 0)
    assert set(np.unique(xs[1:5, :, 0])) == ({0} if between == "silence" else {-1, 1})
    assert abs(np.mean(targets) - 0.5) < 0.15
    if between == "bits":
        assert all(abs(np.mean(x == xs[0, :, 0]) - 0.5) < 0.15 for x in xs[1:5, :, 0]), "they say nothing of the cue"


def cue(state, trained, **change):
    sizes = {"between": "silence", "recurrent_std": None, **CUE, **change}
    return echo.final(reservoir.losses(rng(), state=state, trained=trained, **sizes))


@pytest.mark.parametrize("trained", ["all", "read-out"])
def test_a_carried_state_brings_the_cue_past_the_window_and_a_reset_one_does_not(trained):
    assert cue("carry", trained) < 0.3
    assert cue("reset", trained) > 0.65


@pytest.mark.parametrize("trained, learnt", [("all", True), ("read-out", False)])
def test_no_gradient_leaves_the_window(monkeypatch, trained, learnt):
    calls = {"before": [], "window": []}

    def spy(rnn, name):
        def watched(xs, *states, **weights):
            calls[name].append((len(xs), any(isinstance(value, Var) for value in (xs, *states, *weights.values()))))
            return rnn(xs, *states, **weights)

        return watched

    monkeypatch.setattr(reservoir, "rnn", spy(reservoir.rnn, "before"))
    monkeypatch.setattr(networks, "rnn", spy(networks.rnn, "window"))
    cue("carry", trained, updates=3)
    assert calls == {"before": [(9 - 2, False)] * 3, "window": [(2, learnt)] * 3}


def test_the_read_out_alone_learns_it_more_slowly():
    sizes = {"between": "silence", "state": "carry", "recurrent_std": None, **CUE}
    whole, part = (reservoir.losses(rng(), trained=trained, **sizes) for trained in ("all", "read-out"))
    assert whole[0] == part[0]
    assert whole.mean() < 0.9 * part.mean()


def test_a_wrong_cue_setting_is_explained():
    with pytest.raises(ValueError, match="within 1 … lag = 8, got 9"):
        cue("carry", "all", k=9)
    with pytest.raises(ValueError, match='must be "carry" or "reset", got \'keep\''):
        cue("keep", "all")
    with pytest.raises(ValueError, match='must be "all" or "read-out", got \'half\''):
        cue("carry", "half")
    with pytest.raises(ValueError, match='must be "silence" or "bits", got \'noise\''):
        next(reservoir.cued_bits(rng(), 2, 5, "noise"))


def test_temporal_order_is_solved_with_clipping_and_its_verdict_holds():
    run = temporal_order.train(rng(), 10, max_norm=1.0, steps=1500, **ORDER)
    assert run.solved == len(run.losses) == len(run.grad_norms)
    assert run.solved % 25 == 0
    fresh = next(temporal_order.batches(rng(99), 2000, 10))
    assert temporal_order.error(run.params, *fresh) < 0.03
    assert run.grad_norms.max() > 1, "the norms are those before the clip"


def test_without_enough_steps_it_is_not_solved():
    found = temporal_order.measure(rng(), 10, 1.0, steps=25, **ORDER)
    assert np.isnan(found["solved"])
    assert found["loss"] > 1


def test_no_clipping_is_no_clipping():
    free, loose, tight = (
        temporal_order.train(rng(), 10, max_norm=limit, steps=40, **ORDER).losses for limit in (None, 1e9, 0.01)
    )
    assert np.array_equal(free, loose)
    assert free[0] == tight[0]
    assert not np.array_equal(free, tight)


def test_the_error_counts_wrong_answers():
    run = temporal_order.train(rng(), 10, max_norm=1.0, steps=5, **ORDER)
    xs, targets = next(temporal_order.batches(rng(5), 400, 10))
    right = temporal_order.error(run.params, xs, targets)
    wrong = [temporal_order.error(run.params, xs, (targets + shift) % 4) for shift in (1, 2, 3)]
    assert right + sum(wrong) == pytest.approx(3), "each answer is right for one of the four"
