"""Lesson 01 with a series of the reader's own: every value is seen, under the reader's names."""

import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest

from unrolled.data import series
from unrolled.figures import plots

LESSON = Path(__file__).parents[2] / "notebooks" / "01_vanilla_rnn.ipynb"
DRAWN = 4000 + np.cumsum(np.random.default_rng(4).standard_normal(400) * 30)


def code():
    """The sources of the code cells from the sunspots on."""
    cells = json.loads(LESSON.read_text("utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    first = next(i for i, source in enumerate(sources) if "series.sunspots()" in source)
    return sources[first : first + 2]


@pytest.mark.parametrize(
    "values", [DRAWN, -DRAWN, DRAWN / 1e6, np.sin(np.arange(400))], ids=["4000", "below 0", "small", "both"]
)
def test_the_first_figure_shows_every_value_under_the_readers_names(monkeypatch, values):
    shown = {}
    monkeypatch.setattr(plots, "show", lambda fig, alt: shown.update(fig=fig, alt=alt))
    reading, drawing = code()
    first, *rest = reading.splitlines()
    own = "\n".join([first, "values, years = mine, np.arange(len(mine))", *rest[:3]])
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
