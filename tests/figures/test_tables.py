"""The table below a figure holds the numbers that are drawn, in the words of its axes; a long one is thinned."""

import numpy as np
import pytest
from bs4 import BeautifulSoup

from unrolled.figures import diagrams, pictures, plots, tables
from unrolled.figures.dots import dots


def read(fig):
    """[(caption, heads, rows)] of a figure's tables, as texts."""
    tree = BeautifulSoup(tables.to_html(fig), "html.parser")
    texts = lambda row: [cell.get_text() for cell in row(["th", "td"])]
    return [(t.caption.get_text(), texts(t.thead.tr), [texts(row) for row in t.tbody("tr")]) for t in tree("table")]


@pytest.fixture
def axes():
    fig, ax = plots.figure()
    ax.set_title("A <title>")
    return ax


def test_one_curve_has_the_labels_of_its_axes(axes):
    plots.lines(axes, {"loss": [3, 0.25, -1234.5678]}, xlabel="step", ylabel="loss (nats)")
    expected = [["1", "3"], ["2", "0.25"], ["3", "−1235"]]
    assert read(axes.figure) == [("A <title>. loss", ["step", "loss (nats)"], expected)]


def test_curves_stand_side_by_side_and_levels_above(axes):
    plots.losses(axes, {"a": [1, 2], "b": [3, np.nan]}, x=[10, 20], baselines={"constant": 2.5})
    rows = [["10", "1", "3"], ["20", "2", "none"]]
    assert read(axes.figure) == [("A <title>. loss (nats). constant 2.5", ["step", "a", "b"], rows)]


def test_a_zero_on_a_logarithmic_axis_is_zero(axes):
    plots.lines(axes, {"a": [1, 0, 0], "b": [0, 1e-7, 1]}, xlabel="t", ylabel="norm", log=True)
    assert [row[1:] for row in read(axes.figure)[0][2]] == [["1", "0"], ["0", "1.000e-7".replace("-", "−")], ["0", "1"]]


def test_a_number_is_written_as_in_a_widget():
    """What base.js writes: Number(value.toPrecision(4)), and from 1e5 on and below 1e-4 the exponent."""
    found = [tables.number(value) for value in (0, 12346, 99999, 1e5, 1e-4, 9.9e-5, -0.5, 3.14159)]
    assert found == ["0", "12350", "100000", "1.000e5", "0.0001", "9.900e−5", "−0.5", "3.142"]


def test_curves_over_other_places_stand_below_one_another(axes):
    plots.series(axes, [1700, 1701], [5, 11.5], {"LSTM": ([1701], [9])}, xlabel="year", ylabel="sunspots")
    heads = ["", "year", "sunspots"]
    rows = [["observed", "1700", "5"], ["observed", "1701", "11.5"], ["LSTM", "1701", "9"]]
    assert read(axes.figure) == [("A <title>", heads, rows)]


def test_bars_and_dots_stand_at_their_names(axes):
    plots.bars(axes, ["RNN", "GRU"], [0.5, 0.75], xlabel="share", ylabel="cell", published=[None, 0.8])
    rows = [["published", "GRU", "0.8"], ["measured", "RNN", "0.5"], ["measured", "GRU", "0.75"]]
    assert read(axes.figure) == [("A <title>", ["", "cell", "share"], rows)]
    fig, ax = plots.figure()
    dots(ax, {"RNN": [1, 2, 6], "LSTM": [4, np.inf, np.inf]}, xlabel="steps")
    ((_, heads, rows),) = read(fig)
    assert heads == ["", "cell", "steps"]
    assert [row[1:] for row in rows if not row[0]] == [["RNN", "1"], ["RNN", "2"], ["RNN", "6"], ["LSTM", "4"]]
    assert ["median", "RNN", "2"] in rows
    assert sum(row[:2] == ["never, at the edge", "LSTM"] for row in rows) == 2


def test_columns_with_names_and_a_histogram(axes):
    axes.bar(["one", "two"], [3, 4])
    axes.set(xlabel="which", ylabel="count")
    assert read(axes.figure)[0][1:] == (["which", "count"], [["one", "3"], ["two", "4"]])
    fig, ax = plots.figure()
    ax.hist([0.5, 0.6, 1.5], [0, 1, 2], label="taus")
    ax.set(xlabel="tau", ylabel="units")
    assert read(fig) == [("taus", ["tau", "units"], [["0.5", "2"], ["1.5", "1"]])]


def test_axes_that_share_their_ticks_are_read_after_they_were_drawn(render):
    fig, (above, below) = plots.figure(2, 1, sharex=True)
    for ax, name in ((above, "memory"), (below, "time")):
        plots.lines(ax, {"full": [1.0, 2.0]}, x=[50, 100], xlabel="T", ylabel=name, log=True)
    below.set_xscale("log")
    below.set_xticks([50, 100], [50, 100])
    below.xaxis.minorticks_off()
    render(fig)
    assert [table[2] for table in read(fig)] == [[["50", "1"], ["100", "2"]]] * 2


def test_a_matrix_has_its_rows_and_columns(axes):
    axes.figure.colorbar(plots.heat(axes, [[1, -2], [3, 4]], rows=["h", "e"], xlabel="from", ylabel="to"), ax=axes)
    assert read(axes.figure) == [("A <title>", ["to \\ from", "0", "1"], [["h", "1", "−2"], ["e", "3", "4"]])]


def test_a_path_is_told_once(axes):
    plots.phase_plane(axes, [[0, 0.5], [0.25, 1]])
    assert read(axes.figure) == [("A <title>", ["$h_1$", "$h_2$"], [["0", "0.5"], ["0.25", "1"]])]


def test_a_long_curve_keeps_even_steps_its_ends_and_its_peaks(axes):
    losses = np.sin(np.arange(5000.0))
    losses[1234], losses[2345] = 7, -7
    plots.losses(axes, {"loss": losses})
    ((caption, _, rows),) = read(axes.figure)
    told = dict(rows)
    assert 40 <= len(rows) <= 44
    assert (told["1235"], told["2346"]) == ("7", "−7")
    assert rows[0][0] == "1"
    assert rows[-1][0] == "5000"
    assert caption.endswith(f"{len(rows)} of 5000 rows: at even steps, and where a column is lowest and highest")
    fig, ax = plots.figure()
    plots.heat(ax, np.arange(9000.0).reshape(90, 100), xlabel="k", ylabel="t")
    ((caption, heads, rows),) = read(fig)
    assert len(heads) == 13
    assert len(rows) <= 64
    assert rows[-1][-1] == "8999"
    assert "12 of 100 columns" in caption


@pytest.mark.slow
def test_what_holds_no_numbers_has_no_table():
    assert tables.to_html(pictures.gallery(np.zeros((2, 4, 4, 3)), ["a", "b"], title="Two")) == ""
    fig, ax = plots.figure(size=(12, 6))
    diagrams.sequence_shapes(ax)
    assert tables.to_html(fig) == ""


def test_a_picture_in_a_table_has_none_and_a_shown_figure_has_one(axes):
    plots.lines(axes, {"a": [1, 2]}, xlabel="t", ylabel="norm")
    alt = "A line that rises from 1 to 2."
    assert "<table" not in plots.image(axes.figure, alt=alt)
    assert plots.bundle(axes.figure, alt=alt)[0]["text/html"].endswith("</table></details>")
