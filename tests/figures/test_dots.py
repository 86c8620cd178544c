"""Dots: every seed stands in the picture, also one that never came through."""

import numpy as np
import pytest

from unrolled.figures import plots
from unrolled.figures.dots import dots, panels


def drawn(ax):
    """[(x, y) of every dot or bar], by marker."""
    found = {"o": [], "|": []}
    for line in ax.lines:
        found[line.get_marker()] += zip(*line.get_data())
    return found


@pytest.mark.parametrize("log", [False, True])
def test_every_seed_is_a_dot_and_the_median_a_bar(figure, render, log):
    fig, ax = figure
    dots(ax, {"tanh": [5, np.nan, np.nan], "GRU": [1.0, 3.0, 2.0]}, xlabel="steps", log=log)
    ax.set_title("The GRU is first")
    points, bars = drawn(ax)["o"], drawn(ax)["|"]
    edge = max(x for x, _ in points)
    assert edge > 5
    assert sorted((x, round(y)) for x, y in points) == [(1, 1), (2, 1), (3, 1), (5, 0), (edge, 0), (edge, 0)]
    assert len({y for _, y in points}) == 6, "equal numbers do not hide each other"
    assert bars == [(edge, 0), (2, 1)]
    assert [text.get_text() for text in ax.texts] == ["never"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["tanh", "GRU"]
    assert ax.get_ylim()[0] > ax.get_ylim()[1], "the first row is the upper one"
    assert (render(fig) < 255).any()
    assert plots.bundle(fig, alt="Dots of two cells, one above the other.")


def test_without_a_failure_nothing_is_said_of_one(figure):
    dots(figure[1], {"a": [1.0, 1.0]}, xlabel="steps")
    assert list(figure[1].texts) == []


@pytest.mark.parametrize("found", [{}, {"a": []}, {"a": [np.nan]}])
def test_nothing_to_draw_is_refused(figure, found):
    with pytest.raises(ValueError, match="found must be"):
        dots(figure[1], found, xlabel="steps")


def test_panels_stand_side_by_side_on_one_axis(render):
    fig = panels(
        {"soon": {"GRU": [0.7, 0.8]}, "late": {"GRU": [0.9, 0.95], "RNN": [0.6]}},
        **{"xlabel": "share right", "ylabel": "network", "title": "Later is better", "size": (9, 4)},
    )
    left, right = fig.axes
    assert [ax.get_title() for ax in fig.axes] == ["soon", "late"]
    assert left.get_xlim() == right.get_xlim()
    assert [label.get_text() for label in right.get_yticklabels()] == ["GRU", "RNN"]
    assert sorted(x for x, _ in drawn(right)["o"]) == [0.6, 0.9, 0.95]
    assert plots.bundle(fig, alt="Dots of two networks in two panels.")
