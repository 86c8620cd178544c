"""Diagrams: the boxes and arrows say what the arrays and the lecture say, and the type can be read."""

import itertools

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from unrolled.course import thumbnails
from unrolled.figures import diagrams, plots
from unrolled.figures.diagrams import Arrow, Box, diagram
from unrolled.figures.plots import COLOURS

rng = np.random.default_rng(1)


def texts(ax):
    return [text.get_text() for text in ax.texts if text.get_text()]


def boxes(ax, role):
    """The middles of the boxes of a role."""
    found = [patch for patch in ax.patches if isinstance(patch, FancyBboxPatch) and patch.get_visible()]
    corners = [p.get_bbox() for p in found if to_hex(p.get_edgecolor()).upper() == COLOURS[role]]
    return [((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2) for box in corners]


def arrows(ax):
    return [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]


DRAWINGS = {
    "sequence_shapes": ((9, 6), diagrams.sequence_shapes),
    "folded_and_unrolled": ((9, 4.5), diagrams.folded_and_unrolled),
    "elman_and_jordan": ((9, 4.5), diagrams.elman_and_jordan),
    "bidirectional_network": ((9, 5), lambda ax: diagrams.bidirectional_network(ax, ["나는", "사과를", "먹는다"])),
    "deep bidirectional_network": ((9, 6.5), lambda ax: diagrams.bidirectional_network(ax, ["x"] * 3, layers=2)),
    "chain_and_tree": ((9, 4.5), diagrams.chain_and_tree),
    "truncated_backward": ((9, 3.5), lambda ax: diagrams.truncated_backward(ax, 8, 3)),
    "unrolled_network": (
        (9, 5.5),
        lambda ax: diagrams.unrolled_network(ax, np.eye(3), rng.normal(size=(3, 2)), rng.normal(size=(3, 3))),
    ),
    **{f"thumbnail {n}": ((2.5, 2), lambda ax, n=n: thumbnails.thumbnail(ax, n)) for n in thumbnails.LESSONS},
}


@pytest.mark.slow
@pytest.mark.parametrize("name", DRAWINGS)
def test_type_is_legible_and_no_two_texts_overlap(name, render):
    size, draw = DRAWINGS[name]
    fig, ax = plots.figure(size=size)
    draw(ax)
    ax.set_title("A title")
    render(fig)
    words = [text for text in ax.texts if text.get_text()]
    assert min(text.get_fontsize() for text in words) >= 9
    places = [(text.get_text(), text.get_window_extent().padded(-1)) for text in words]
    assert [(a, b) for (a, one), (b, two) in itertools.combinations(places, 2) if one.overlaps(two)] == []
    assert all(fig.bbox.x0 <= box.x0 and box.x1 <= fig.bbox.x1 for _, box in places)


def test_the_five_shapes():
    """Which steps of each have an input, and which an output."""
    _, ax = plots.figure(size=(9, 6))
    diagrams.sequence_shapes(ax)
    found = set()
    for row in {y for _, y in boxes(ax, "h")}:
        steps = sorted(x for x, y in boxes(ax, "h") if y == row)
        for group in np.split(steps, np.where(np.diff(steps) > 1.01)[0] + 1):
            has = {role: [x for x, y in boxes(ax, role) if abs(y - row) < 1] for role in "xy"}
            found.add(tuple("".join(str(int(np.isclose(step, has[role]).any())) for step in group) for role in "xy"))
    assert found == {("1", "1"), ("100", "111"), ("111", "001"), ("111", "111"), ("11100", "00011")}
    assert len(arrows(ax)) == 11 + 10 + (0 + 2 + 2 + 2 + 4)
    titles = ["one to one", "one to many", "many to one", "aligned many to many", "encoder and decoder"]
    assert [text for text in texts(ax) if text in titles] == titles


def test_an_unrolled_network_shows_its_numbers(figure):
    _, ax = figure
    xs, hs, ys = np.eye(3), np.array([[0.5, -0.25], [0.1, 1], [0, 0.75]]), np.array([[1.5], [-2.5], [0.125]])
    names = ["나는", "사과를", "먹는다"]
    diagrams.unrolled_network(ax, xs, hs, ys, h0=np.zeros(2), inputs=names, outputs=["a", "b", "c"], digits=3)
    shown = texts(ax)
    for numbers in ("1\n0\n0", "0\n1\n0", "0.500\n−0.250", "0.100\n1.000", "0.000\n0.750", "1.500", "−2.500", "0.125"):
        assert shown.count(numbers) == 1
    assert shown.count("0\n0") == 1  # h_0
    assert [shown.count(f"$W_{{{w}}}$") for w in ("xh", "hh", "hy")] == [3, 3, 3]
    assert [name in shown for name in (*names, "→ a", "→ c", "$h_0$", "$x_{1}$", "$y_{3}$")] == [True] * 8
    columns = [[x for x, _ in sorted(boxes(ax, role))] for role in "xy"]
    assert columns[0] == columns[1] == [x for x, _ in sorted(boxes(ax, "h"))][1:]  # x_t, h_t and y_t in one column
    heights = [{y for _, y in boxes(ax, role)} for role in "xhy"]
    assert max(heights[0]) < min(heights[1]) <= max(heights[1]) < min(heights[2])


@pytest.mark.parametrize("T, window, back", [(8, 3, 5), (8, 8, 7), (8, 1, 0), (1, 1, 0)])
def test_truncation_cuts_the_way_back_and_keeps_the_state(T, window, back, figure):
    _, ax = figure
    diagrams.truncated_backward(ax, T, window)
    colours = [to_hex(arrow.get_edgecolor()).upper() for arrow in arrows(ax)]
    assert colours.count(COLOURS["h"]) == T - 1
    assert colours.count(COLOURS["gradient"]) == T + back  # from each loss, and from state to state
    assert texts(ax).count("cut") == T - 1 - back


@pytest.mark.parametrize(("layers", "count"), [(1, 2 * 3 + 2 * 2 + 2 * 3), (2, 2 * 3 + 4 * 2 + 4 * 3 + 2 * 3)])
def test_the_chains_of_two_directions_meet_in_the_layer_above(layers, count, figure):
    _, ax = figure
    diagrams.bidirectional_network(ax, ["a", "b", "c"], layers=layers)
    assert len(boxes(ax, "h")) == 2 * 3 * layers
    assert len(arrows(ax)) == count, "from below, along the chains, and into the read-out"
    ends = [a._posA_posB for a in arrows(ax) if to_hex(a.get_edgecolor()).upper() == COLOURS["h"]]
    ways = [end[0] > start[0] for start, end in ends]
    assert len(ways) == 4 * layers
    assert sum(ways) == 2 * layers, "as many to the right as to the left"


def test_elman_feeds_back_the_state_and_jordan_the_output(figure):
    _, ax = figure
    diagrams.elman_and_jordan(ax, T=4)
    colours = [to_hex(arrow.get_edgecolor()).upper() for arrow in arrows(ax)]
    assert (colours.count(COLOURS["h"]), colours.count(COLOURS["y"])) == (3, 3)
    assert (texts(ax).count("$W_{hh}$"), texts(ax).count("$W_{yh}$")) == (3, 3)
    starts = {
        colour: {round(a.get_path().vertices[0, 1]) for a, c in zip(arrows(ax), colours) if c == colour}
        for colour in (COLOURS["h"], COLOURS["y"])
    }
    assert starts == {COLOURS["h"]: {1}, COLOURS["y"]: {2}}  # from the height of h, and from that of y


def test_the_likeliest_stand_in_their_order_below_what_was_drawn(figure):
    _, ax = figure
    ps = np.array([[0.1, 0.6, 0.3, 0.0], [0.25, 0.05, 0.0, 0.7]])
    image = diagrams.likeliest(ax, ps, "b\n", ["a", "b", "\n", " "], rows=3)
    assert [text.get_text() for text in ax.get_xticklabels()] == ["b", "↵"]
    assert ax.xaxis.get_ticks_position() == ax.xaxis.get_label_position() == "top"
    np.testing.assert_array_equal(image.get_array(), [[0.6, 0.7], [0.3, 0.25], [0.1, 0.05]])
    assert image.get_clim() == (0, 1)  # one colour is one probability in every figure
    places = {text.get_position(): text.get_text() for text in ax.texts}
    assert places == {(0, 0): "b", (0, 1): "↵", (0, 2): "a", (1, 0): "␣", (1, 1): "a", (1, 2): "b"}
    assert [patch.get_xy() for patch in ax.patches] == [(-0.5, -0.5)]  # b was drawn; ↵ is not among the three


@pytest.mark.slow
def test_the_titles_of_a_row_of_diagrams_stand_at_one_height(render):
    fig, axes = plots.figure(1, 4, size=(10, 3))
    for lesson, ax in enumerate(axes, start=1):
        thumbnails.thumbnail(ax, lesson)
        ax.set_title("A title")
    render(fig)
    assert len({round(ax.title.get_window_extent().y0) for ax in axes}) == 1


def test_an_arrow_joins_its_boxes(figure, render):
    fig, ax = figure
    diagram(ax, {"a": Box(0, 0, "x", "a"), "b": Box(3, 1, "h", "b")}, [Arrow("a", "b", "W", "gradient")])
    render(fig)
    [arrow] = arrows(ax)
    reach = arrow.get_path().get_extents()
    assert 0.3 < reach.x0 < 0.45  # from the right edge of a, at 0.35 …
    assert 2.5 < reach.x1 < 2.65  # … to the left edge of b, at 2.65
    assert to_hex(arrow.get_edgecolor()).upper() == COLOURS["gradient"]


def test_what_cannot_be_drawn_is_refused(figure):
    _, ax = figure
    with pytest.raises(ValueError, match=r"join two of the boxes \['a'\], got \['b'\]"):
        diagram(ax, {"a": Box(0, 0)}, [Arrow("a", "b")])
    with pytest.raises(ValueError, match=r"hs must be \(T, ·\) = \(3, ·\), got \(2, 2\)"):
        diagrams.unrolled_network(ax, np.eye(3), np.ones((2, 2)))
    with pytest.raises(ValueError, match="must be T = 3 names, got 1"):
        diagrams.unrolled_network(ax, np.eye(3), np.ones((3, 2)), inputs=["나는"])
    with pytest.raises(ValueError, match="window must be from 1 to T = 8, got 9"):
        diagrams.truncated_backward(ax, 8, 9)
    with pytest.raises(ValueError, match=r"lesson must be one of \[1, 2, .*\], got 99"):
        thumbnails.thumbnail(ax, 99)


def test_a_diagram_too_large_to_read_says_which_size_it_needs():
    many = {t: Box(t, 0, "h", "h") for t in range(40)}
    with pytest.raises(ValueError, match=r"at least 9 points, got .* size=\((\d+), (\d+)\)") as error:
        diagram(plots.figure()[1], many)
    size = [int(n) for n in str(error.value).rpartition("size=(")[2][:-1].split(",")]
    diagram(plots.figure(size=size)[1], many)
    diagram(plots.figure()[1], {t: Box(t, 0, "h") for t in range(40)})  # without type there is nothing to read
