"""follow: the run comes through as it is, its loss is drawn however it ends, and it goes on where it stopped."""

from types import SimpleNamespace

import IPython.display
import numpy as np
import pytest

from unrolled.autodiff import ops
from unrolled.figures import live, plots
from unrolled.learning.fit import Step, fit
from unrolled.learning.optimizers import SGD

TARGET = np.linspace(-1, 1, 5)


@pytest.fixture
def shown(monkeypatch):
    """The alt texts that Jupyter was given, the latest last; "new" where one opened a picture of its own."""
    alts = []

    def update(data, *, raw, metadata):
        assert raw
        assert data["image/png"].startswith(b"\x89PNG")
        alts.append(metadata["image/png"]["alt"])

    def display(data, *, display_id, **how):
        assert display_id
        alts.append("new")
        update(data, **how)
        return SimpleNamespace(update=update)

    monkeypatch.setattr(IPython.display, "display", display)
    return alts


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test moves."""
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(live, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


def steps(until):
    """Steps with the losses 1, 1/2, 1/3, …"""
    return (Step(k, 1 / k, 1.0, {}) for k in range(1, until + 1))


def training(path=None, interrupt_at=None):
    """Twelve steps; the stop button, which raises this, is pressed in the middle of one of them."""
    calls = []

    def loss(params, noise):
        calls.append(None)
        if len(calls) == interrupt_at:
            raise KeyboardInterrupt
        return ops.sum((params["w"] - TARGET) ** 2)

    batches = [(np.zeros(1),)] * 12
    return fit(loss, {"w": np.zeros(5)}, batches, SGD(0.1), checkpoint=path, progress=False)


def test_every_step_comes_through_and_the_picture_is_that_of_the_last(shown):
    losses = {}
    assert [step.step for step in live.follow(steps(8), losses, title="A run")] == list(range(1, 9))
    assert losses == {k: 1 / k for k in range(1, 9)}
    assert shown == ["new", "A run: a curve of the loss (nats), 0.125 at step 8."]


@pytest.mark.slow
def test_it_is_drawn_no_more_often_than_asked(shown, clock):
    for step in live.follow(steps(9), every=2):
        clock.now = step.step
    assert [alt.split()[-1] for alt in shown] == ["new", "3.", "5.", "7.", "9.", "9."]


def test_the_curve_and_the_baselines_are_drawn(shown, monkeypatch):
    drawn, bundle = [], plots.bundle
    monkeypatch.setattr(plots, "bundle", lambda fig, alt: drawn.append(fig) or bundle(fig, alt=alt))
    list(live.follow(steps(4), baselines={"constant": 0.7, "table": 0.2}, ylabel="nats per character"))
    (ax,) = drawn[-1].axes
    curve, *levels = ax.lines
    assert curve.get_xydata().tolist() == [[1, 1], [2, 0.5], [3, 1 / 3], [4, 0.25]]
    assert [(line.get_label(), line.get_ydata()[0]) for line in levels] == [("constant", 0.7), ("table", 0.2)]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("step", "nats per character")
    assert shown[-1].endswith("a curve of the nats per character, 0.250 at step 4; constant 0.700; table 0.200.")


def test_what_the_run_raises_comes_through_and_the_curve_stays(shown):
    def broken():
        yield from steps(3)
        raise FloatingPointError("step 4: the loss must be finite")

    with pytest.raises(FloatingPointError, match="step 4"):
        list(live.follow(broken()))
    assert shown == ["new", "Training: a curve of the loss (nats), 0.333 at step 3."]


def test_a_run_without_a_step_shows_nothing(shown):
    assert list(live.follow(steps(0))) == []
    assert shown == []


def test_after_the_stop_button_the_same_call_goes_on(shown, tmp_path):
    path, losses = tmp_path / "run.npz", {}
    with pytest.raises(KeyboardInterrupt):
        list(live.follow(training(path, interrupt_at=6), losses))
    assert list(losses) == [1, 2, 3, 4, 5]  # what the sixth would have done is not known
    assert shown[-1].endswith("at step 5.")
    shown.clear()
    assert [step.step for step in live.follow(training(path), losses)] == list(range(6, 13))
    assert list(losses.values()) == [step.loss for step in training()]
    assert shown[-1].endswith("at step 12.")


def test_a_caller_who_stops_closes_the_run_and_so_it_is_saved(shown, tmp_path):
    path = tmp_path / "run.npz"
    run = training(path)
    for step in live.follow(run):
        if step.step == 3:
            break
    assert next(run, None) is None
    assert next(training(path)).step == 4
    assert shown[-1].endswith("at step 3.")
