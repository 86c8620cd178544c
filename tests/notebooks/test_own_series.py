"""Lesson 01 with a series of the reader's own: every value is seen, under the reader's names."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from unrolled.data import series
from unrolled.figures import plots

DRAWN = 4000 + np.cumsum(np.random.default_rng(4).standard_normal(400) * 30)


def first_of_the_series(sources):
    """The number of the cell that reads the sunspots."""
    return next(i for i, source in enumerate(sources) if "series.sunspots()" in source)


@pytest.mark.parametrize(
    "values", [DRAWN, -DRAWN, DRAWN / 1e6, np.sin(np.arange(400))], ids=["4000", "below 0", "small", "both"]
)
def test_the_first_figure_shows_every_value_under_the_readers_names(monkeypatch, code_of, values):
    shown = {}
    monkeypatch.setattr(plots, "show", lambda fig, alt: shown.update(fig=fig, alt=alt))
    sources = code_of("01_vanilla_rnn")
    first = first_of_the_series(sources)
    reading, drawing = sources[first : first + 2]
    rest = reading.splitlines()[2:5]  # the lesson says: two lines of your own in place of the first two
    own = "\n".join(["values = mine", "years = np.arange(len(values))", *rest])
    names = {"series": series, "plots": plots, "np": np, "mine": values}
    exec(own + "\n" + drawing.replace("sunspot number", "price").replace('"year"', '"day"'), names)
    (axes,) = shown["fig"].axes
    low, high = axes.get_ylim()
    assert low < values.min() < values.max() < high
    assert (values.max() - values.min()) / (high - low) > 0.7
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("day", "price")
    assert "price" in shown["alt"]
    assert "sun" not in shown["alt"]
    plt.close(shown["fig"])


def words(fig):
    """All that a figure says: its titles, its labels and ticks, its legends."""
    return [text.get_text() for text in fig.findobj(plt.Text)]


@pytest.mark.slow
def test_the_whole_lesson_runs_for_it_and_no_figure_says_sunspots(monkeypatch, code_of):
    """From the series on; a claim about the sun does not stop it."""
    shown = []
    monkeypatch.setattr(plots, "show", lambda fig, alt: shown.append((fig, alt)))
    sources = code_of("01_vanilla_rnn")
    first = first_of_the_series(sources)
    sources[first] = "\n".join(["values = mine", "years = np.arange(len(values))", *sources[first].splitlines()[2:]])
    names = {"mine": DRAWN, "__name__": "lesson"}
    for number, source in enumerate(sources):
        own = source.replace("sunspot number", "price").replace('"year"', '"day"').replace("steps=300", "steps=3")
        exec("\n".join(line for line in own.splitlines() if number >= first or not line.startswith("assert")), names)
        if number == first - 1:
            shown.clear()
    assert len(shown) >= 3
    for fig, alt in shown:
        assert "sun" not in " ".join([alt, *words(fig)]).lower()
    assert len(names["test_errors"]["RNN"]) == 5
    plt.close("all")
