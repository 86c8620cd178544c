"""A tree of joins: the leaves in a row, each result above what it was made of; what is no tree is refused."""

import numpy as np
import pytest

from unrolled.autodiff import ops
from unrolled.autodiff.tape import Var, history
from unrolled.figures import graphs, joins, plots
from unrolled.widgets import stepper


def tree(leaves=8):
    """So many leaves, multiplied two by two, and one number of the last result."""
    level = [Var(np.array([1.0 + t, 0.5]), f"s_{t}") for t in range(1, leaves + 1)]
    while len(level) > 1:
        level = [ops.multiply(*two) for two in zip(level[::2], level[1::2])]
    h = level[0][1]
    h.name = "h_8"
    return h


@pytest.mark.parametrize("leaves", [2, 4, 8])
def test_every_value_gradient_and_use_has_its_place(check_places, leaves):
    check_places(joins.layout, tree(leaves))


def test_no_box_covers_another_and_no_line_crosses_a_box(check_apart):
    check_apart(joins.layout, tree())


def test_the_leaves_stand_in_order_in_one_row_and_each_join_above_the_middle_of_its_two():
    loss = tree()
    boxes, *_ = joins.layout(history(loss), {})
    leaves = [boxes[v] for v in sorted((v for v in boxes if v.name and v.name[0] == "s"), key=lambda v: v.name)]
    assert len({box.y for box in leaves}) == 1
    assert [box.x for box in leaves] == sorted(box.x for box in leaves)
    for record in history(loss):
        below = [boxes[v] for v in record.inputs]
        (made,) = record.outputs
        assert boxes[made].x == pytest.approx(np.mean([box.x for box in below]))
        assert boxes[made].y > max(box.y for box in below)


def test_what_is_no_tree_is_refused():
    x = Var(np.ones(2), "x")
    with pytest.raises(ValueError, match="each value has one user"):
        joins.layout(history(ops.sum(x * x)), {})
    y = x * 2.0
    with pytest.raises(ValueError, match="each value has one user"):
        joins.layout(history(ops.sum(y + ops.tanh(y))), {})


def test_it_can_be_drawn_and_played():
    fig, ax = plots.figure(size=(14, 8))
    loss = tree()  # who drops it drops its records' results
    graphs.graph(ax, history(loss), place=joins.layout)
    ax.set_title("A tree")
    plots.bundle(fig, alt="A tree of eight leaves.")
    _, alt = stepper(loss, title="Eight steps", layout="joins").still()
    assert "Eight steps" in alt
