"""Each drawing function draws what its arrays say, names its axes, and refuses what does not fit."""

import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb

from unrolled.figures import plots
from unrolled.figures.plots import COLOURS

rng = np.random.default_rng(1)


def curve(ax, label):
    [line] = [line for line in ax.lines if line.get_label() == label]
    return line


def labels(ax):
    return ax.get_xlabel(), ax.get_ylabel()


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_lines(figure, render):
    fig, ax = figure
    a, b = rng.random((2, 5))
    plots.lines(ax, {"a": a, "b": b}, x=np.arange(5) * 10, xlabel="k", ylabel="cosine", levels={"chance": 0.5})
    for name, values in (("a", a), ("b", b)):
        assert np.array_equal(curve(ax, name).get_xydata(), np.stack([np.arange(5) * 10, values], 1))
    assert curve(ax, "a").get_color() == COLOURS["y"]
    assert curve(ax, "a").get_linestyle() != curve(ax, "b").get_linestyle()
    assert curve(ax, "chance").get_ydata() == [0.5, 0.5]
    assert labels(ax) == ("k", "cosine")
    assert legend(ax) == ["a", "b", "chance"]
    render(fig)


def test_lines_count_from_one_where_no_x_is_given(figure):
    _, ax = figure
    plots.lines(ax, {"a": [3, 4, 5]}, xlabel="t", ylabel="y")
    assert list(curve(ax, "a").get_xdata()) == [1, 2, 3]
    assert ax.get_legend() is None


def test_on_a_logarithmic_axis_a_zero_stands_at_the_foot(figure, render):
    fig, ax = figure
    plots.gradient_flow(ax, {"rho = 0.9": [0, 0, 1e-8, 1.0], "rho = 1": [1.0, 1, 1, 1]})
    assert ax.get_yscale() == "log"
    assert np.array_equal(curve(ax, "rho = 0.9").get_ydata(), [np.nan, np.nan, 1e-8, 1], equal_nan=True)
    [foot] = [line for line in ax.lines if line.get_marker() == "v"]
    assert list(foot.get_xdata()) == [1, 2]
    assert foot.get_color() == curve(ax, "rho = 0.9").get_color()
    assert labels(ax) == ("time step t", r"$\|\partial L\,/\,\partial h_t\|$")
    render(fig)


def test_ordered_curves_go_from_dark_to_light_and_stand_out(figure):
    """A contrast of at least 3 to 1 with the white ground (WCAG 2.2 for graphics)."""
    _, ax = figure
    plots.lines(ax, {n: [n, n] for n in range(5)}, xlabel="x", ylabel="y", ordered=True)
    light = np.array([luminance(line.get_color()) for line in ax.lines])
    assert (np.diff(light) > 0.02).all()
    assert (1.05 / (light + 0.05) > 3).all()


def test_losses(figure):
    _, ax = figure
    plots.losses(ax, {"RNN": [4.2, 2.0]}, baselines={"5-gram": 1.556, "uniform": np.log(65)})
    assert curve(ax, "5-gram").get_ydata()[0] == 1.556
    assert legend(ax) == ["RNN", "5-gram", "uniform"]
    assert labels(ax) == ("step", "loss (nats)")


def test_series(figure, render):
    fig, ax = figure
    years, numbers = np.arange(1900, 1950), rng.random(50)
    plots.series(ax, years, numbers, {"naive": (years[40:], numbers[39:-1])}, xlabel="year", ylabel="sunspot number")
    assert np.array_equal(curve(ax, "observed").get_ydata(), numbers)
    assert np.array_equal(curve(ax, "naive").get_xdata(), years[40:])
    assert np.array_equal(curve(ax, "naive").get_ydata(), numbers[39:-1])
    assert labels(ax) == ("year", "sunspot number")
    render(fig)


def test_heat_of_signed_numbers_is_white_at_zero(figure, render):
    fig, ax = figure
    matrix = np.array([[-2.0, 0, 1], [0.5, -0.001, 2]])
    picture = plots.heat(ax, matrix, rows=["h_1", "h_2"], columns=["나는", "사과를", "."], xlabel="in", ylabel="unit")
    assert np.array_equal(picture.get_array(), matrix)
    assert [to_hex(picture.to_rgba(v)).upper() for v in (-2, 0, 2)] == [COLOURS["y"], "#FFFFFF", COLOURS["x"]]
    assert texts(ax) == ["−2.00", "0.00", "1.00", "0.50", "0.00", "2.00"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["나는", "사과를", "."]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["h_1", "h_2"]
    assert ax.get_ylim() == (1.5, -0.5)  # the first row is on top
    render(fig)


def test_heat_of_positive_numbers_is_cividis_from_zero(figure):
    _, ax = figure
    picture = plots.heat(ax, [[0.1, 0.9]], xlabel="position", ylabel="step", limit=1, digits=1)
    assert picture.get_cmap().name == "cividis"
    assert picture.get_clim() == (0, 1)
    assert texts(ax) == ["0.1", "0.9"]


def test_the_numbers_in_a_heat_map_can_be_read(figure):
    """Contrast of at least 3 to 1 (WCAG 2.2 for large type) wherever a number stands."""
    _, ax = figure
    for matrix in (np.linspace(-1, 1, 50)[None], np.linspace(0, 1, 50)[None]):
        ax.clear()
        picture = plots.heat(ax, matrix, xlabel="x", ylabel="y")
        for value, text in zip(matrix[0], ax.texts):
            ground, ink = luminance(picture.to_rgba(value)), luminance(text.get_color())
            assert (max(ground, ink) + 0.05) / (min(ground, ink) + 0.05) > 3


def luminance(colour):
    rgb = np.array(to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]


def test_a_large_heat_map_has_no_numbers_unless_they_are_asked_for(figure):
    _, ax = figure
    plots.heat(ax, np.ones((11, 10)), xlabel="x", ylabel="y")
    assert texts(ax) == []
    plots.heat(ax, np.ones((11, 10)), xlabel="x", ylabel="y", numbers=True)
    assert len(texts(ax)) == 110


@pytest.mark.slow
def test_bars(figure, render):
    fig, ax = figure
    intervals = [(1.5, 3), (3, 3.75)]
    plots.bars(ax, ["GRU", "LSTM"], [2, 3.5], intervals, xlabel="error", ylabel="cell", published=[None, 3.2])
    assert [bar.get_width() for bar in ax.patches] == [2, 3.5]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["GRU", "LSTM"]
    assert ax.yaxis_inverted()  # the first on top
    [whiskers] = ax.collections
    assert np.array_equal([path[:, 0] for path in whiskers.get_segments()], intervals)
    assert np.array_equal(curve(ax, "published").get_xydata(), [[3.2, 1]])
    render(fig)


def test_eigenvalues(figure, render):
    fig, ax = figure
    values = np.linalg.eigvals(rng.normal(size=(8, 8)))
    plots.eigenvalues(ax, {"W_hh": values})
    [points] = ax.lines
    assert np.array_equal(points.get_xydata(), np.stack([values.real, values.imag], 1))
    assert legend(ax) == [rf"W_hh ($\rho$ = {abs(values).max():.2f})"]
    [circle] = ax.patches
    assert (circle.center, circle.radius) == ((0, 0), 1)
    assert ax.get_aspect() == 1
    render(fig)


@pytest.mark.parametrize("shape", [(6, 2), (6, 3, 2)])
def test_phase_plane(shape, figure, render):
    fig, ax = figure
    hs = rng.uniform(-1, 1, shape)
    plots.phase_plane(ax, hs)
    paths = hs.reshape(6, -1, 2).swapaxes(0, 1)
    for path, points in zip(paths, ax.collections, strict=True):
        assert np.array_equal(points.get_offsets(), path)
    rings = [line.get_xydata()[0] for line in ax.lines if line.get_fillstyle() == "none"]
    assert np.array_equal(rings, paths[:, 0])
    assert labels(ax) == ("$h_1$", "$h_2$")
    render(fig)


@pytest.mark.parametrize(
    "draw, law",
    [
        (lambda ax: plots.lines(ax, {}, xlabel="", ylabel=""), "at least one"),
        (
            lambda ax: plots.lines(ax, {"a": [1, 2]}, x=[1], xlabel="", ylabel=""),
            r"'a' must be \(1,\) like x, got \(2,",
        ),
        (lambda ax: plots.lines(ax, {"a": [[1, 2]]}, xlabel="", ylabel=""), r"got \(1, 2\)"),
        (lambda ax: plots.series(ax, [1, 2], [1], xlabel="", ylabel=""), r"'observed' must be \(2,\)"),
        (lambda ax: plots.series(ax, [1], [1], {"f": ([1], [1, 2])}, xlabel="", ylabel=""), r"'f' must be \(1,\)"),
        (lambda ax: plots.heat(ax, [1, 2], xlabel="", ylabel=""), r"must be \(rows, columns\).*got \(2,\)"),
        (lambda ax: plots.heat(ax, [[1, 2]], columns=["a"], xlabel="", ylabel=""), r"2 names here, got 1"),
        (lambda ax: plots.bars(ax, ["a"], [1, 2], xlabel="", ylabel=""), r"must be \(1,\).*got \(2,\)"),
        (lambda ax: plots.bars(ax, ["a"], [1], [(2, 3)], xlabel="", ylabel=""), r"\(low, high\) around"),
        (lambda ax: plots.phase_plane(ax, np.zeros((4, 3))), r"must be \(T, 2\).*got \(4, 3\)"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_law(draw, law, figure):
    with pytest.raises(ValueError, match=law):
        draw(figure[1])


@pytest.mark.parametrize(
    "value, digits, text", [(-0.25, 2, "−0.25"), (-0.001, 2, "0.00"), (3, 0, "3"), (-1e-9, 0, "0"), (12.345, 1, "12.3")]
)
def test_decimal(value, digits, text):
    assert plots.decimal(value, digits) == text
