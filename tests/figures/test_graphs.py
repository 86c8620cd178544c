"""The computational graph as drawn: every record, value, gradient and use of a real tape is on the page."""

import itertools

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from unrolled.autodiff import ops
from unrolled.autodiff.tape import Var, backward, history
from unrolled.cells.rnn import rnn_step
from unrolled.figures import graphs, plots
from unrolled.layers.dense import linear
from unrolled.layers.losses import squared_error


def var(rng, *shape, name):
    return Var(rng.normal(size=shape), name=name)


def network(T=3, shape="many to many", elementary=False):
    """The loss of a small RNN on the tape, every Var named."""
    rng = np.random.default_rng(1)
    W_xh, W_hh, b_h = var(rng, 2, 2, name="W_xh"), var(rng, 2, 2, name="W_hh"), var(rng, 2, name="b_h")
    W_hy, b_y = var(rng, 2, 1, name="W_hy"), var(rng, 1, name="b_y")
    h, total = var(rng, 1, 2, name="h_0"), None
    for t in range(1, T + 1):
        x = var(rng, 1, 2, name=f"x_{t}")
        h = ops.tanh(x @ W_xh + h @ W_hh + b_h) if elementary else rnn_step(x, h, W_xh, W_hh, b_h)
        h.name = f"h_{t}"
        if shape == "many to many" or t == T:
            y = linear(h, W_hy, b_y)
            loss = squared_error(y, np.ones((1, 1)))
            y.name, loss.name = f"y_{t}", f"L_{t}"
            total = loss if total is None else total + loss
    total.name = "L"
    return total


CASES = {  # how the graph comes about, and the size at which a lesson shows it
    "many to many": ({"T": 3}, (9, 8)),
    "many to one": ({"T": 4, "shape": "many to one"}, (11, 7)),
    "elementary": ({"T": 1, "elementary": True}, (9, 7)),
    "two elementary steps": ({"T": 2, "elementary": True}, (13, 8)),
}


DRAWN = {}


@pytest.fixture(params=CASES)
def drawn(request, render):
    """A tape's loss, its records and the Axes on which they were drawn, once: a test only looks."""
    if request.param not in DRAWN:
        options, size = CASES[request.param]
        loss = network(**options)
        backward(loss)
        fig, ax = plots.figure(size=size)
        graphs.graph(ax, history(loss))
        ax.set_title("The graph")
        render(fig)
        DRAWN[request.param] = loss, history(loss), ax
    return DRAWN[request.param]


def texts(ax):
    return [text.get_text() for text in ax.texts if text.get_text()]


def numbers(array):
    return "\n".join("  ".join(plots.decimal(v) for v in row) for row in np.atleast_2d(array))


def test_every_record_stands_there_once_with_its_value_and_gradient(drawn):
    loss, records, ax = drawn
    shown = texts(ax)
    leaves = {v for record in records for v in record.inputs if v.record is None}
    assert len(shown) == 2 * (len(records) + len(leaves))  # a box for the value, a box for the gradient
    for v in [record.outputs[0] for record in records] + list(leaves):
        value, gradient = numbers(v.value), numbers(v.grad)
        assert any(text.endswith(value) for text in shown), v
        assert gradient in shown, v
    for leaf in leaves:
        letter, _, index = leaf.name.partition("_")
        assert sum(text.startswith(f"${letter}_{{{index}}}$") for text in shown) == 1, leaf


def test_every_use_is_an_arrow_or_a_tap(drawn):
    """Uses of a weight are taps of its wire, all others are arrows from box to box."""
    _, records, ax = drawn
    uses = [v.name[0] in "Wb" if v.name else False for record in records for v in record.inputs]
    taps = [line for line in ax.lines if line.get_marker() == "o"]
    arrows = [patch for patch in ax.patches if type(patch).__name__ == "FancyArrowPatch"]
    assert len(taps) == sum(uses)
    assert len(arrows) == len(uses) - sum(uses)
    places = {tuple(tap.get_xydata()[0]) for tap in taps}
    assert [(a, b) for a, b in itertools.combinations(places, 2) if abs(a[0] - b[0]) < 0.1] == []  # no two wires meet


def test_no_two_boxes_overlap_and_all_can_be_read(drawn):
    _, _, ax = drawn
    boxes = [p.get_window_extent().padded(-3) for p in ax.patches if type(p).__name__ == "FancyBboxPatch"]
    assert [(a, b) for a, b in itertools.combinations(boxes, 2) if a.overlaps(b)] == []
    for text in ax.texts:
        if text.get_text():
            assert text.get_fontsize() >= 9
            around = [box for box in boxes if box.padded(3).contains(*text.get_window_extent().min)]
            assert any(box.padded(5).contains(*text.get_window_extent().max) for box in around), text


def place(ax, start):
    """The middle of the box whose text starts so."""
    [text] = [text for text in ax.texts if text.get_text().startswith(start)]
    return np.array(text.get_position())


def test_time_runs_to_the_right_and_the_rows_are_the_lectures(render):
    loss = network(T=3)
    fig, ax = plots.figure(size=(9, 8))
    graphs.graph(ax, history(loss))
    render(fig)
    x, h, y = ([place(ax, f"${name}_{{{t}}}$") for t in (1, 2, 3)] for name in "xhy")
    for row in (x, h, y):
        assert (np.diff([place[0] for place in row]) > 0).all()
        assert np.ptp([place[1] for place in row]) < 1e-9
    assert x[0][1] < h[0][1] < y[0][1] < place(ax, "$L_{1}$")[1] < place(ax, "$W_{xh}$")[1]
    assert place(ax, "$h_{0}$")[0] < h[0][0]


def test_a_leaf_that_is_used_twice_is_drawn_once(figure, render):
    """L = (a b + c) a at a = 2, b = -3, c = 10: the gradient of a is b a + (a b + c) = -6 + 4."""
    fig, ax = figure
    a, b, c = (Var(np.array(value), name=name) for name, value in (("a", 2.0), ("b", -3.0), ("c", 10.0)))
    loss = (a * b + c) * a
    backward(loss)
    graphs.graph(ax, history(loss))
    render(fig)
    shown = texts(ax)
    assert [shown.count(text) for text in ("$a$\n2.00", "×\n−6.00", "+\n4.00", "×\n8.00", "−2.00")] == [1] * 5
    assert len([line for line in ax.lines if line.get_marker() == "o"]) == 2


def test_gradients_are_left_out_where_there_are_none(figure):
    loss = network(T=1)
    graphs.graph(plots.figure(size=(9, 7))[1], history(loss))
    without = plots.figure(size=(9, 7))[1]
    backward(loss)
    graphs.graph(without, history(loss), gradients=False)
    assert len(texts(without)) == 3 + 7  # rnn_step, linear, squared_error; x, h_0, two W and b each, W_hy: 5 + 2


def test_the_total_stands_on_top(render):
    fig, ax = plots.figure(size=(9, 8))
    loss = network(T=2)
    graphs.graph(ax, history(loss))
    render(fig)
    assert place(ax, "$L$ = +")[1] > place(ax, "$L_{1}$")[1] == place(ax, "$L_{2}$")[1]


def test_a_gradient_that_has_not_arrived_is_a_dot_and_the_marked_record_has_a_frame(render):
    loss = network(T=1)
    records = history(loss)
    loss.grad = np.ones(())
    for v in records[0].inputs:
        v.grad = np.full(v.shape, np.nan)
    fig, ax = plots.figure(size=(9, 7))
    graphs.graph(ax, records, mark=records[-1])
    ax.set_title("The graph")
    render(fig)
    assert texts(ax).count("·  ·") == 3  # x_1, h_0, b_h
    frames = [patch for patch in ax.patches if type(patch) is Rectangle]
    assert len(frames) == 1
    assert frames[0].get_bbox().contains(*place(ax, "$L$\n"))
    assert frames[0].get_bbox().contains(*place(ax, "1.00"))


def test_a_large_array_shows_its_shape(figure):
    _, ax = figure
    big = Var(np.ones((5, 5)), name="W_hh")
    small = ops.tanh(big)
    graphs.graph(ax, history(small))
    assert "$W_{hh}$\n(5, 5)" in texts(ax)


def test_bad_records_are_refused(figure):
    _, ax = figure
    with pytest.raises(ValueError, match="at least one Record"):
        graphs.graph(ax, [])
    loss = network(T=9)
    with pytest.raises(ValueError, match="forward order"):
        graphs.graph(ax, history(loss)[::-1])
    with pytest.raises(ValueError, match="at least 9 points"):
        graphs.graph(ax, history(loss))
    with pytest.raises(ValueError, match="what add made is gone: keep the loss in a variable"):
        graphs.graph(ax, history(network(T=2)))


def test_a_part_of_the_tape_can_be_drawn(figure):
    """What was made before the first of these records is a leaf."""
    _, ax = figure
    loss = network(T=2, shape="many to one")
    graphs.graph(ax, history(loss)[-2:])
    assert len(texts(ax)) == 2 + 3  # linear and squared_error; h_2, W_hy, b_y
