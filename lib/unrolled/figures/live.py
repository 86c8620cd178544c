"""A training run that is seen while it learns: its loss, drawn again and again in one place."""

import time
from contextlib import closing

from unrolled.figures import plots


def follow(run, losses=None, *, every=0.5, baselines=None, title="Training", ylabel="loss (nats)"):
    """The steps of a run, which draw its loss as they pass: for step in follow(fit(…), baselines={"constant": .7}): …

    run     a generator of steps with .step and .loss, as fit gives them; it is closed at the end, and so it is saved
    losses  {step: loss}, which grows: hand the same dict to the next call, and a run that goes on keeps its curve
    every   seconds from one picture to the next, at least; the last picture is drawn however the run ends: at its last
            step, by an error, by break, by Jupyter's stop button
    """
    from IPython.display import display

    losses = {} if losses is None else losses
    place, drawn = None, time.monotonic()

    def draw():
        nonlocal place, drawn
        fig, ax = plots.figure()
        plots.losses(ax, {"loss": list(losses.values())}, x=list(losses), baselines=baselines, ylabel=ylabel)
        ax.set_title(title)
        levels = "".join(f"; {label} {value:.3f}" for label, value in (baselines or {}).items())
        step = max(losses)
        alt = f"{title}: a curve of the {ylabel}, {losses[step]:.3f} at step {step}{levels}."
        data, metadata = plots.bundle(fig, alt=alt)
        if place:
            place.update(data, raw=True, metadata=metadata)
        else:
            place = display(data, raw=True, metadata=metadata, display_id=True)
        drawn = time.monotonic()

    with closing(run):
        try:
            for step in run:
                losses[step.step] = step.loss
                if time.monotonic() - drawn >= every:
                    draw()
                yield step
        finally:
            if losses:
                draw()
