"""Two readings of one sequence: each chain level, x below them, what reads both above them, and no way between them."""

import numpy as np
import pytest

from unrolled.autodiff import ops
from unrolled.autodiff.tape import Var, history
from unrolled.cells.rnn import rnn_step
from unrolled.cells.table import init_cell
from unrolled.figures import graphs, plots, two_directions
from unrolled.layers.dense import linear
from unrolled.layers.losses import squared_error
from unrolled.widgets import stepper


def named(v, name):
    v.name = name
    return v


def tape(T=3, H=1, *, back="backward", weights=None, join=True):
    rng = np.random.default_rng(1)
    ahead, behind = (weights or init_cell(rng, "rnn", 2, H) for _ in range(2))
    xs = [Var(rng.standard_normal((1, 2)), f"x_{t}") for t in range(1, T + 1)]
    forward, backwards = [Var(np.zeros((1, H)), "forward_0")], [Var(np.zeros((1, H)), f"{back}_{T + 1}")]
    for t, x in enumerate(xs, start=1):
        forward.append(named(rnn_step(x, forward[-1], **ahead), f"forward_{t}"))
    for t, x in reversed([*enumerate(xs, start=1)]):
        backwards.insert(0, named(rnn_step(x, backwards[0], **behind), f"{back}_{t}"))
    W, b = rng.standard_normal((2 * H, 1)), np.zeros(1)
    ys = []
    for t, (h, k) in enumerate(zip(forward[1:], backwards), start=1):
        if join:
            ys.append(named(linear(ops.concatenate(h, k), W, b), f"y_{t}"))
        else:  # as note 001 writes it
            ys.append(named(h @ W[:H] + k @ W[H:] + b, f"y_{t}"))
    return named(ops.total(*(named(squared_error(y, np.ones((1, 1))), f"L_{t}") for t, y in enumerate(ys, 1))), "L")


@pytest.mark.parametrize("join", [True, False])
@pytest.mark.parametrize("T, H", [(1, 1), (2, 2), (3, 1)])
def test_every_value_gradient_and_use_has_its_place(check_places, T, H, join):
    check_places(two_directions.layout, tape(T, H, join=join))


@pytest.mark.parametrize("join", [True, False])
def test_no_box_covers_another_and_no_line_crosses_a_box(join, check_apart):
    check_apart(two_directions.layout, tape(join=join))


def test_each_chain_runs_level_in_its_own_direction_and_they_meet_above():
    loss = tape(T=3)
    boxes, heads, *_, lines = two_directions.layout(history(loss), {})
    named = {v.name: v for v in boxes if v.name}
    at = {name: boxes[v] for name, v in named.items()}
    forward, behind = [at[f"forward_{t}"] for t in range(4)], [at[f"backward_{t}"] for t in range(1, 5)]
    for chain in (forward, behind):
        assert len({box.y for box in chain}) == 1
        assert [box.x for box in chain] == sorted(box.x for box in chain)
        assert {box.role for box in chain} == {"h"}
    assert at["x_1"].y < forward[0].y < behind[0].y < at["y_1"].y < at["L_1"].y < at["L"].y
    assert (heads[named["forward_2"]], heads[named["backward_2"]]) == (["→ $h_2$"], ["← $h_2$"])
    for t in (1, 2, 3):
        assert forward[t].x < at[f"x_{t}"].x == at[f"y_{t}"].x < behind[t - 1].x
    ways = {(record.inputs[i].name, record.outputs[0].name): way for (record, i), way in lines.items()}
    assert ways["forward_1", "forward_2"][0][0] < ways["forward_1", "forward_2"][-1][0]
    assert ways["backward_2", "backward_1"][0][0] > ways["backward_2", "backward_1"][-1][0]
    assert not [pair for pair in ways if {str(name).partition("_")[0] for name in pair} == {"forward", "backward"}]


def test_each_input_gets_its_gradient_from_both_walks():
    loss = tape(T=3)
    widget = stepper(loss, title="t", layout="two_directions")
    scene = widget.scene
    (shares,) = scene["shares"]
    for t in (1, 2, 3):
        places = [n for n, v in enumerate(scene["vars"]) if v["name"] == f"x_{t}"]
        users = [
            record["label"]
            for record, given in zip(scene["records"], shares)
            for edge, share in zip(record["edges"], given)
            if edge["var"] in places and share
        ]
        assert users == [f"rnn step → forward_{t} (step {t})", f"rnn step → backward_{t} (step {t})"]
    assert scene["windows"] == [1]
    assert all(edge["line"] for record in scene["records"] for edge in record["edges"])


def test_another_tape_is_refused():
    names = "two directions need a tape whose parts have names: forward_t is made of x_t"
    for wrong in (tape(back="state"), named(squared_error(Var(np.ones((1, 1)), "x_1"), np.ones((1, 1))), "L")):
        with pytest.raises(ValueError, match=names):
            two_directions.layout(history(wrong), {})
    weights = {name: Var(W, name) for name, W in init_cell(np.random.default_rng(1), "rnn", 2, 1).items()}
    with pytest.raises(ValueError, match="by plain weights"):
        two_directions.layout(history(wrong := tape(weights=weights)), {})
    loss = tape(T=1)
    y = loss.record.inputs[0].record.inputs[0]
    with pytest.raises(ValueError, match="room for one function of a result, got another one, squared_error"):
        two_directions.layout(history(wrong := ops.total(loss, squared_error(y, np.zeros((1, 1))))), {})
    read = named(linear(Var(np.ones((1, 2)), "z"), np.ones((2, 1)), np.zeros(1)), "y_9")
    with pytest.raises(ValueError, match="a tape of x_t, states and what is made of them, got linear"):
        two_directions.layout(history(wrong := ops.total(loss, squared_error(read, np.zeros((1, 1))))), {})


def test_it_is_drawn_still_and_as_a_widget(render):
    loss = tape()
    _, ax = plots.figure(size=(14, 9))
    graphs.graph(ax, history(loss), place=two_directions.layout)
    render(ax.figure)
    _, alt = stepper(loss, title="Two readings", layout="two_directions").still()
    assert alt.startswith("Two readings. The graph of a tape at the end of its walk: 16 functions, L = ")
