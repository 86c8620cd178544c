"""show: what Jupyter is given, and what is refused."""

import io
import re
import struct
from base64 import b64decode

import IPython.display
import numpy as np
import pytest
from matplotlib import pyplot as plt

from unrolled.figures import plots

ALT = 'A line that rises from 3 to 4, "steadily" & <slowly>.'


@pytest.fixture
def drawn(figure):
    fig, ax = figure
    ax.plot([1, 2], [3, 4])
    ax.set(xlabel="step", ylabel="loss (nats)", title="The loss rises")
    return fig, ax


@pytest.fixture
def displayed(monkeypatch):
    """What was given to IPython to display: [(data, options)]."""
    shown = []
    monkeypatch.setattr(IPython.display, "display", lambda data, **options: shown.append((data, options)))
    return shown


def test_the_alt_text_goes_into_the_metadata_and_into_the_img(drawn, displayed):
    assert plots.show(drawn[0], alt=ALT) is None
    [(data, options)] = displayed
    assert options == {"raw": True, "metadata": {"image/png": {"alt": ALT, "width": 900}}}
    assert data["text/html"].startswith(
        '<img alt="A line that rises from 3 to 4, &quot;steadily&quot; &amp; &lt;slowly'
    )
    assert 'width="900"' in data["text/html"]
    assert ALT in data["text/plain"]


def test_the_picture_is_sharp_and_the_same_in_both_forms(drawn, displayed):
    plots.show(drawn[0], alt=ALT)
    data = displayed[0][0]
    assert struct.unpack(">II", data["image/png"][16:24]) == (1800, 900)  # two pixels to a CSS pixel
    encoded = re.search(r"base64,([^\"]+)", data["text/html"])[1]
    pixels = plt.imread(io.BytesIO(data["image/png"]))
    assert np.array_equal(pixels, plt.imread(io.BytesIO(b64decode(encoded))))
    assert pixels.min() == 0 < pixels.max()  # something was drawn


def test_a_figure_of_pyplot_is_closed(displayed):
    fig, ax = plt.subplots()
    ax.set_title("Nothing but a title")
    plots.show(fig, alt=ALT)
    assert not plt.fignum_exists(fig.number)
    assert len(displayed) == 1


@pytest.mark.parametrize("alt", ["", "   ", "a plot", "figure 1", None, 3])
def test_an_alt_text_that_says_nothing_is_refused(alt, drawn, displayed):
    with pytest.raises(ValueError, match=f"alt must say in a sentence what the figure shows, got {alt!r}"):
        plots.show(drawn[0], alt=alt)
    assert displayed == []


@pytest.mark.parametrize(
    "change, law",
    [
        ({"title": ""}, "must have a title"),
        ({"xlabel": ""}, "axes 0 must have an x label"),
        ({"ylabel": ""}, "axes 0 must have an y label"),
    ],
)
def test_a_figure_without_title_or_labels_is_refused(change, law, drawn, displayed):
    fig, ax = drawn
    ax.set(**change)
    with pytest.raises(ValueError, match=law):
        plots.show(fig, alt=ALT)
    assert displayed == []


def test_the_title_may_be_the_figures_and_the_labels_a_neighbours():
    fig, (left, right) = plots.figure(1, 2, sharey=True)
    for ax in (left, right):
        ax.plot([1, 2])
        ax.set_xlabel("step")
    left.set_ylabel("loss (nats)")
    fig.suptitle("Two runs")
    plots.bundle(fig, alt=ALT)
    right.set_xlabel("")
    with pytest.raises(ValueError, match="axes 1 must have an x label"):
        plots.bundle(fig, alt=ALT)
    fig.supxlabel("step")
    plots.bundle(fig, alt=ALT)


def test_what_has_no_scale_needs_no_label(figure):
    """Axes without data, a diagram, and a colour bar, which has its own label."""
    fig, ax = figure
    ax.set(title="W", xlabel="input", ylabel="unit")
    fig.colorbar(ax.imshow([[1, 2]]), label="weight")
    plots.bundle(fig, alt=ALT)
    fig, (left, right) = plots.figure(1, 2)
    left.plot([1, 2])
    left.set_axis_off()
    left.set_title("A diagram")
    plots.bundle(fig, alt=ALT)
    right.plot([1, 2])
    with pytest.raises(ValueError, match="axes 1"):
        plots.bundle(fig, alt=ALT)


def test_a_picture_in_a_table_needs_alt_text_and_no_title(drawn):
    fig, ax = drawn
    whole = plots.bundle(fig, alt=ALT)[0]["text/html"]
    assert plots.image(fig, alt=ALT) == whole.partition("<details")[0]
    ax.set_title("")
    assert plots.image(fig, alt=ALT).startswith('<img alt="A line that rises')
    with pytest.raises(ValueError, match="alt must say in a sentence"):
        plots.image(fig, alt="")
