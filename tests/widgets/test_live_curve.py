"""live_plot: the run comes through as it is, however it is stopped, and goes on where it stopped."""

import os
import signal
import threading
import time
from itertools import count

import numpy as np
import pytest

from unrolled.autodiff import ops
from unrolled.figures import plots
from unrolled.learning.fit import Step, fit
from unrolled.learning.optimizers import SGD
from unrolled.widgets import live_plot
from unrolled.widgets.live_curve import _pressed


@pytest.fixture(autouse=True)
def style():
    plots.style()


def steps(until=None, start=1):
    """Steps with the losses 1, 1/2, 1/3, …"""
    for k in count(start):
        if until and k > until:
            return
        yield Step(k, 1 / k, 1.0, {})


def curve(widget, name="loss"):
    return np.frombuffer(widget.shown["arrays"][name]["data"], "<f4")


def test_every_step_comes_through_and_the_curve_holds_them():
    run = live_plot(steps(50), total=50, baselines={"constant": 0.5}, smooth=3)
    assert repr(run) == "live_plot(no step yet)"
    assert run.shown["words"] == "No step yet."
    assert [step.step for step in run] == list(range(1, 51))
    assert run.ended
    assert not run.running
    losses = 1 / np.arange(1, 51)
    assert np.array_equal(run.losses, losses)
    assert np.array_equal(curve(run), losses.astype(np.float32))
    mean = [losses[max(0, k - 2) : k + 1].mean() for k in range(50)]
    assert np.allclose(curve(run, "mean"), mean, rtol=1e-6)
    assert run.shown["words"] == "Step 50 of 50: loss 0.02."
    assert run.shown["limits"]["x"] == [0, 50]
    assert repr(run) == "live_plot(step 50, loss 0.02)"


def test_a_second_loop_goes_on_where_the_first_stopped():
    run = live_plot(steps())
    for step in run:
        if step.step == 7:
            break
    assert (run.running, run.ended, run.last.step) == (False, False, 7)
    assert run.shown["words"].startswith("Step 7: loss 0.1429")
    for step in run:
        if step.step == 9:
            run.stop()
    assert run.steps.tolist() == list(range(1, 10))

    def body():
        for _ in run:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        body()
    assert run.steps[-1] == 10
    assert next(iter(run)).step == 11


def test_the_interrupt_key_waits_for_the_step_to_be_whole(tmp_path):
    target = np.linspace(-1, 1, 5)

    def loss(params, noise):
        if len(run.steps) == 4:
            os.kill(os.getpid(), signal.SIGINT)  # in the middle of the fifth step
        return ops.sum((params["w"] - target) ** 2)

    batches = [(np.zeros(1),)] * 20
    path = tmp_path / "run.npz"
    training = fit(loss, {"w": np.zeros(5)}, batches, SGD(0.1), checkpoint=path, save_every=2, progress=False)
    run = live_plot(training)
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        for _ in run:
            pass
    assert signal.getsignal(signal.SIGINT) is before
    assert run.steps.tolist() == [1, 2, 3, 4, 5]
    assert not run.ended
    for _ in run:
        pass
    assert run.steps.tolist() == list(range(1, 21))
    whole = [s.loss for s in fit(lambda p, _: ops.sum((p["w"] - target) ** 2), {"w": np.zeros(5)}, batches, SGD(0.1))]
    assert np.array_equal(run.losses, whole)


def test_a_second_press_does_not_wait():
    def stuck():
        yield Step(1, 1.0, 1.0, {})
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(30)

    run = live_plot(stuck())
    with pytest.raises(KeyboardInterrupt):
        for _ in run:
            pass
    assert run.ended
    assert run.steps.tolist() == [1]


def test_what_the_run_raises_comes_through_and_the_curve_stays():
    def broken():
        yield from steps(3)
        raise FloatingPointError("step 4: the loss must be finite, got nan; the step was not taken")

    run = live_plot(broken())
    with pytest.raises(FloatingPointError, match="step 4"):
        for _ in run:
            pass
    assert curve(run).size == 3
    assert run.shown["words"].startswith("Step 3: loss 0.3333. FloatingPointError: step 4")
    assert (run.ended, run.running) == (True, False)


def test_go_on_runs_in_the_background_until_stop():
    def slow():
        for step in steps():
            time.sleep(0.002)
            yield step

    run = live_plot(slow())
    next(iter(run))
    run.goes = 1
    deadline = time.monotonic() + 10
    while len(run.steps) < 20 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert run.running
    run.stops = 1
    run._thread.join(10)
    assert (run.running, run.heard) == (False, 1)
    reached = len(run.steps)
    assert reached >= 20
    run.goes = 2  # a loop takes the run over from the background
    assert next(iter(run)).step >= reached + 1
    assert np.array_equal(np.diff(run.steps), np.ones(len(run.steps) - 1))


def test_a_press_of_stop_comes_in_from_another_thread_while_the_loop_runs():
    class Comm:
        closed = False

        def close(self):
            self.closed = True

    def press(key):
        message = {"content": {"data": {"key": key, "stops": 1}}}
        thread = threading.Thread(target=_pressed, args=(comm, message))
        thread.start()
        thread.join(10)

    comm, run = Comm(), live_plot(steps())
    for step in run:
        if step.step == 3:
            press("of another plot")  # one that is gone
            assert comm.closed
        if step.step == 5:
            press(run.scene["key"])
    assert run.steps.tolist() == [1, 2, 3, 4, 5]
    assert (run.stops, run.heard, run.running, run.ended) == (1, 1, False, False)
    run.stops = 1  # the same press by the way that waited for the cell's end: it is no second one
    for step in run:
        if step.step == 7:
            break
    assert run.steps[-1] == 7


def test_a_mistake_in_the_background_is_said_below_the_curve():
    def broken():
        yield from steps(2)
        raise ValueError("there must be a batch")

    run = live_plot(broken())
    next(iter(run))
    run.goes = 1
    run._thread.join(10)
    assert run.shown["words"].endswith("ValueError: there must be a batch")


def test_a_loop_within_a_loop_is_refused():
    run = live_plot(steps())

    def nested():
        for _ in run:
            next(iter(run))

    with pytest.raises(RuntimeError, match="one loop at a time"):
        nested()
    assert next(iter(run)).step == 2


def test_the_sample_is_made_every_so_often():
    asked = []
    run = live_plot(steps(25), sample=lambda step: asked.append(step.step) or f"text <{step.step}>", every=10)
    assert len(list(run)) == 25
    assert asked == [1, 10, 20]
    assert run.shown["sample"] == "text <20>"


def test_a_long_run_is_thinned_and_sent_seldom():
    run, sent = live_plot(steps(30_000)), []
    run.observe(lambda change: sent.append(time.monotonic()), "shown")
    begin = time.monotonic()
    assert len(list(run)) == 30_000
    assert len(sent) <= 2 + 10 * (time.monotonic() - begin)
    thin = curve(run, "step")
    assert len(thin) <= 2000
    assert (thin[0], thin[-1]) == (1, 30_000)


@pytest.mark.parametrize("log", [False, True])
def test_the_still_is_the_curve_as_it_stands(log):
    run = live_plot(steps(5), title="It learns", baselines={"constant": 0.5}, log=log)
    figure, _ = run.still()
    assert figure.axes[0].get_title("left") == "It learns"
    assert len(figure.axes[0].lines) == 0
    list(run)
    figure, words = run.still()
    assert np.array_equal(figure.axes[0].lines[0].get_ydata(), 1 / np.arange(1, 6))
    assert words == "It learns: a curve of the loss. Step 5: loss 0.2."
    data, metadata = run._repr_mimebundle_()
    assert data["text/plain"] == "live_plot(step 5, loss 0.2)"
    assert metadata["image/png"]["alt"] == words


@pytest.mark.parametrize(
    "change, error, law",
    [
        ({"run": [1, 2]}, TypeError, "run must be a generator of steps, .* got list"),
        ({"total": 0}, ValueError, "total must be a whole number, at least 1, got 0"),
        ({"every": 1.5}, ValueError, "every must be a whole number, at least 1, got 1.5"),
        ({"smooth": -1}, ValueError, "smooth must be"),
        ({"sample": "text"}, TypeError, "sample must be a function of a step, got str"),
        ({"baselines": {"a": np.nan}}, ValueError, "baselines must be finite"),
        ({"title": ""}, ValueError, "a title that says its message"),
    ],
)
def test_bad_input_is_refused_with_the_law(change, error, law):
    with pytest.raises(error, match=law):
        live_plot(**({"run": steps()} | change))
