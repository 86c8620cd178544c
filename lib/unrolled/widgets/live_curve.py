"""LivePlot: a training run draws its loss while it learns; stop it, look at it, and let it go on."""

import signal
import threading
import time
import uuid
from weakref import WeakValueDictionary

import numpy as np
from traitlets import Bool, Dict, Int

from unrolled.figures import plots
from unrolled.widgets import base, charts

PAUSE, POINTS = 0.1, 2000  # seconds between two pictures; points of a curve that go over
STOP = "unrolled.stop"  # the comm that a press of stop opens: see _pressed
_plots = WeakValueDictionary()


def live_plot(run, *, total=None, baselines=None, sample=None, every=100, smooth=None, log=False,
              ylabel="loss (nats)", title="Training"):  # fmt: skip
    """A picture of a training run that follows it: for step in live_plot(fit(…), total=1000): …

    run        a generator of steps that have .step and .loss, as training.fit gives them
    total      how many steps there will be, where it is known;   baselines   {label: loss} as levels
    sample     sample(step) -> a text that stands below the picture, made anew at each `every`-th step
    smooth     over how many steps a mean is drawn beside the loss;   log   a logarithmic axis
    Stop, break and the interrupt key end the loop after a whole step; nothing is lost, and a second loop over the same
    object goes on where it stopped. "go on" does so, too, in the background and without the loop's body.
    `.steps` and `.losses` hold the whole curve, `.last` the last step. What the run raises comes through.
    TypeError, ValueError: what breaks these laws, with the value.
    """
    if not hasattr(run, "__next__"):
        raise TypeError(f"run must be a generator of steps, as fit(…) gives it, got {type(run).__name__}")
    for name, value in (("total", total), ("every", every), ("smooth", smooth)):
        if value is not None and (not isinstance(value, int | np.integer) or value < 1):
            raise ValueError(f"{name} must be a whole number, at least 1, got {value!r}")
    if sample is not None and not callable(sample):
        raise TypeError(f"sample must be a function of a step, got {type(sample).__name__}")
    levels = {str(label): float(value) for label, value in (baselines or {}).items()}
    if not np.isfinite(list(levels.values())).all():
        raise ValueError(f"baselines must be finite numbers, got {baselines}")
    curves = {"loss": "loss"} | ({f"mean of {smooth} steps": "mean"} if smooth else {})
    chart = charts.lines(curves, x="step", xlabel="step", ylabel=ylabel, title=title, log=log, levels=levels)
    return LivePlot(run, chart, total, sample, every, smooth)


class LivePlot(base.Stage):
    """What `live_plot` returns: its steps can be iterated, and its picture follows them."""

    shown = Dict(help="the curve as it stands").tag(sync=True)
    running = Bool(False).tag(sync=True)
    ended = Bool(False, help="the run has no further step").tag(sync=True)
    stops = Int(0, help="how often stop was pressed").tag(sync=True)
    heard = Int(0, help="the press of stop that has arrived").tag(sync=True)
    goes = Int(0, help="how often go on was pressed").tag(sync=True)
    _esm = base.source("axes", "chart", "live_curve")
    _css = base.Stage._css + (base.FOLDER / "chart.css").read_text("utf-8")

    def __init__(self, run, chart, total, sample, every, smooth):
        self._run, self._chart, self._total = run, chart, total
        self._sample, self._every, self._smooth = sample, every, smooth
        self._points, self.last, self.text, self.error = [], None, "", ""
        self._busy, self._thread, self._handle, self._sent, self._stop = threading.Lock(), None, None, 0.0, False
        key = uuid.uuid4().hex
        super().__init__(scene={"chart": charts.sent(chart), "title": chart.title, "key": key, "stop": STOP})
        _plots[key] = self
        if kernel := getattr(_shell(), "kernel", None):
            kernel.comm_manager.register_target(STOP, _pressed)
        self._show()
        self.observe(self._stopped, "stops")
        self.observe(self._gone_on, "goes")

    @property
    def steps(self):
        """The numbers of the steps that were taken, (n,)."""
        return np.array([step for step, _ in self._points], int)

    @property
    def losses(self):
        """Their losses, (n,)."""
        return np.array([loss for _, loss in self._points], float)

    def __iter__(self):
        """The steps from here on; each stands in the curve before the loop's body has it."""
        self.stop()
        if self._thread:
            self._thread.join()
        self._display()
        try:
            yield from self._go()
        finally:
            if self._handle:  # the picture of the last state, for a page where no script runs
                self._handle.update(self)

    def stop(self):
        """End the loop, or the run in the background, after the step that it is in."""
        self._stop = True

    def _go(self):
        if not self._busy.acquire(blocking=False):
            raise RuntimeError("a run can be iterated by one loop at a time, and another one holds it")
        try:
            self._stop, self.error, self.running = False, "", True
            while not self._stop:
                step, pressed = self._guarded()
                if step is None:
                    self.ended = True
                    return
                if self._sample and (step.step % self._every == 0 or len(self._points) == 1):
                    self.text = str(self._sample(step))
                if time.monotonic() - self._sent >= PAUSE:
                    self._show()
                if pressed:
                    raise KeyboardInterrupt
                yield step
        finally:
            self.running = False
            self._show()
            self._busy.release()

    def _guarded(self):
        """The next step, and whether the interrupt key was pressed in it.

        Within a step the key would end the generator, and with it the run; so it waits until the step is whole. A
        second press does not wait.
        """
        pressed = []

        def wait(*event):
            pressed.append(event)
            if len(pressed) > 1:
                signal.default_int_handler(*event)

        if threading.current_thread() is not threading.main_thread():
            return self._next(), False
        before = signal.signal(signal.SIGINT, wait)
        try:
            return self._next(), bool(pressed)
        finally:
            signal.signal(signal.SIGINT, before)

    def _next(self):
        try:
            step = next(self._run, None)
        except BaseException as error:  # the generator is over
            self.ended, self.error = True, f"{type(error).__name__}: {error}"
            raise
        if step is not None:
            self._points.append((int(step.step), float(step.loss)))
            self.last = step
        return step

    def _show(self):
        """The curve goes over, thinned: every k-th step, and the last one."""
        self._sent = time.monotonic()
        where = f" of {self._total}" if self._total else ""
        words = "No step yet."
        if self._points:
            step, loss = self._points[-1]
            words = f"Step {step}{where}: loss {base.number(loss)}."
        arrays = self._curve() if self._points else {}
        self.shown = {
            "arrays": {name: base.packed(array, name) for name, array in arrays.items()},
            "limits": self._limits(arrays) if arrays else {},
            "words": f"{words} {self.error}".strip(),
            "sample": self.text,
        }

    def _limits(self, arrays):
        limits = charts.limits(self._chart, [arrays])
        return limits | {"x": [0.0, float(max(self._total, self._points[-1][0]))]} if self._total else limits

    def _curve(self):
        """The loss at each step, and its mean over the last `smooth` steps."""
        losses, count = self.losses, np.arange(1, len(self._points) + 1)
        arrays = {"step": self.steps, "loss": losses}
        if self._smooth:
            sums = np.concatenate([[0], np.cumsum(losses)])
            first = np.maximum(0, count - self._smooth)
            arrays["mean"] = (sums[count] - sums[first]) / (count - first)
        stride = -(-len(losses) // (POINTS - 1))
        which = np.unique(np.append(count[::stride], count[-1])) - 1
        return {name: array[which] for name, array in arrays.items()}

    def _stopped(self, change):
        self.stop()
        self.heard = change.new

    def _gone_on(self, _):
        """The rest of the run in the background: the kernel stays free, and so the stop button is heard."""
        if not (self.running or self.ended):
            self._thread = threading.Thread(target=self._in_background, daemon=True)
            self._thread.start()

    def _in_background(self):
        try:
            for _ in self._go():
                pass
        except Exception as error:  # there is no cell to raise it in: the words below the curve say it
            self.error = f"{type(error).__name__}: {error}"
            self._show()

    def _display(self):
        if _shell():
            from IPython.display import display

            self._handle = display(self, display_id=True)

    def still(self):
        """The curve as it stands."""
        fig, ax = plots.figure()
        if self._points:
            arrays = self._curve()
            charts.draw(ax, self._chart, arrays, self._chart.title, self._limits(arrays))
        else:
            ax.set(xlabel="step", ylabel=charts.marked(self._chart.ylabel))
            ax.set_title(charts.marked(self._chart.title), loc="left")
        return fig, f"{self._chart.title}: a curve of the loss. {self.shown['words']}"

    def __repr__(self):
        at = f"step {self._points[-1][0]}, loss {base.number(self._points[-1][1])}" if self._points else "no step yet"
        return f"live_plot({at})"


def _shell():
    """IPython's shell, or None where Python runs without it."""
    try:
        from IPython import get_ipython
    except ImportError:
        return None
    return get_ipython()


def _pressed(comm, message):
    """Stop was pressed while a cell runs, and a change of `stops` would wait for the cell's end.

    A comm that the browser opens comes in over a subshell of the kernel, if it has any, which is a thread of its own.
    """
    data = message["content"]["data"]
    if plot := _plots.get(data["key"]):
        plot.stops = data["stops"]
    comm.close()
