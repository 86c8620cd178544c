"""The LSTM as a conveyor: every part of the tape has its place, and every use of a number its line."""

import numpy as np
import pytest

from unrolled.autodiff import ops
from unrolled.autodiff.tape import Var, differentiable, history
from unrolled.figures import conveyor, graphs, plots
from unrolled.layers.losses import squared_error
from unrolled.widgets import stepper


@differentiable
def weighted(x, h_prev):
    """Four pre-activations of one unit, in the order i, f, o, g."""
    W_xh, W_hh = np.array([[0.5, -1.0, 1.0, 1.0]]), np.array([[2.0, -0.5, 3.0, 1.0]])

    def pullback(*dzs):
        dz = np.concatenate(dzs, axis=1)
        return dz @ W_xh.T, dz @ W_hh.T

    return tuple(np.split(x @ W_xh + h_prev @ W_hh + [0, 1, 0, 0], 4, axis=1)), pullback


def tape(T=2, *, names="ifogch", swapped=False):
    h, c = Var(np.array([[0.5]]), "h_0"), Var(np.array([[1.0]]), "c_0")
    for t in range(1, T + 1):
        z_i, z_f, z_o, z_g = weighted(Var(np.array([[2.0 - t]]), f"x_{t}"), h)
        i, f, o, g = ops.sigmoid(z_i), ops.sigmoid(z_f), ops.sigmoid(z_o), ops.tanh(z_g)
        c = c * f + i * g if swapped else f * c + i * g
        h = o * ops.tanh(c)
        for name, v in zip(names, (i, f, o, g, c, h), strict=False):
            v.name = f"{name}_{t}"
    loss = squared_error(h, np.ones((1, 1)))
    loss.name = "L"
    return loss


@pytest.mark.parametrize("T", [1, 2, 3])
def test_every_value_gradient_and_use_has_its_place(check_places, T):
    check_places(conveyor.layout, tape(T))


def test_no_box_covers_another_and_no_line_crosses_a_box(check_apart):
    check_apart(conveyor.layout, tape())


def test_the_cell_runs_level_along_the_top_and_meets_no_block_of_weights():
    loss = tape()
    boxes = conveyor.layout(history(loss), {}).boxes
    named = {v.name: box for v, box in boxes.items() if v.name}
    assert named["c_0"].y == named["c_1"].y == named["c_2"].y == max(box.y for box in boxes.values())
    block = [box for box in boxes.values() if box.role == "weight"]
    assert len(block) == 8  # four numbers a step
    assert len({box.y for box in block}) == 1


@pytest.mark.parametrize("wrong", [{"names": "ifog"}, {"names": "abcdch"}, {"swapped": True}])
def test_another_tape_is_refused(wrong):
    with pytest.raises(ValueError, match="a conveyor needs the tape of an LSTM whose parts have names"):
        conveyor.layout(history(loss := tape(**wrong)), {loss: np.ones(())})


def test_it_is_drawn_still_and_as_a_widget(render):
    loss = tape()
    _, ax = plots.figure(size=(14, 7))
    graphs.graph(ax, history(loss), place=conveyor.layout)
    render(ax.figure)
    widget = stepper(loss, title="t", state=("h", "c"), layout="conveyor")
    assert widget.scene["windows"] == [1, 2]
    assert all(edge["line"] for record in widget.scene["records"] for edge in record["edges"])
    with pytest.raises(ValueError, match="layout must be one of graph, conveyor, two_directions"):
        stepper(loss, title="t", layout="tree")
