"""stepper: the walk of a real tape, edge by edge, whole or within a window, and its picture."""

import json

import numpy as np
import pytest

from unrolled.autodiff import ops
from unrolled.autodiff.tape import Var, backward, differentiable, history
from unrolled.cells.gru import gru_step
from unrolled.cells.lstm import lstm_step
from unrolled.cells.rnn import rnn_step
from unrolled.figures import graphs, plots
from unrolled.layers.dense import linear
from unrolled.layers.losses import cross_entropy, squared_error
from unrolled.widgets import stepper
from unrolled.widgets.walk import borders, local_derivatives, walk, window_cuts


def named(v, name):
    v.name = name
    return v


def elementary(x, h, W_xh, W_hh, b_h):
    return ops.tanh(x @ W_xh + h @ W_hh + b_h)


def elementary_lstm(x, h, c, W_xh, W_hh, b_h):
    i, f, o, g = ops.split(x @ W_xh + h @ W_hh + b_h, parts=4)
    c = ops.sigmoid(f) * c + ops.sigmoid(i) * ops.tanh(g)
    return ops.sigmoid(o) * ops.tanh(c), c


STEPS = {rnn_step: 1, elementary: 1, gru_step: 3, lstm_step: 4, elementary_lstm: 4}  # and how many gates are packed
CELLED = (lstm_step, elementary_lstm)


def network(step=rnn_step, T=4, H=2, losses="all", chunk=None):
    """The loss of an unrolled network, every Var named; chunk: states become plain arrays after so many steps."""
    rng = np.random.default_rng(1)

    def var(name, *shape):
        return Var(rng.normal(size=shape), name)

    weights = [var("W_xh", 2, STEPS[step] * H), var("W_hh", H, STEPS[step] * H), var("b_h", STEPS[step] * H)]
    weights += [var("b_hn", H)] if step is gru_step else []
    W_hy, b_y = var("W_hy", H, 1), var("b_y", 1)
    states = [var("h_0", 1, H), var("c_0", 1, H)][: 2 if step in CELLED else 1]
    total = None
    for t in range(1, T + 1):
        if chunk and t > 1 and (t - 1) % chunk == 0:
            states = [state.value for state in states]
        made = step(var(f"x_{t}", 1, 2), *states, *weights)
        states = [
            named(v, f"{letter}_{t}") for v, letter in zip(made if step in CELLED else [made], "hc", strict=False)
        ]
        if losses == "all" or t == T:
            y = named(linear(states[0], W_hy, b_y), f"y_{t}")
            loss = named(squared_error(y, np.ones((1, 1))), f"L_{t}")
            total = loss if total is None else total + loss
    return named(total, "L")


def hello():
    """Lesson 04's: 4 characters, 3 hidden units."""
    rng, tokens = np.random.default_rng(0), [0, 1, 2, 2, 3]
    W_xh, W_hh, W_hy = (Var(rng.normal(size=s), n) for n, s in {"W_xh": (4, 3), "W_hh": (3, 3), "W_hy": (3, 4)}.items())
    h, losses = Var(np.zeros((1, 3)), "h_0"), []
    for t in range(1, 5):
        h = named(rnn_step(Var(np.eye(4)[[tokens[t - 1]]], f"x_{t}"), h, W_xh, W_hh, np.zeros(3)), f"h_{t}")
        losses.append(named(cross_entropy(h @ W_hy, np.array([tokens[t]])), f"L_{t}"))
    return named(losses[0] + losses[1] + losses[2] + losses[3], "L")


def product():
    """One Var twice in one record: L = (a a + b) a."""
    a, b = Var(3.0, "a"), Var(-4.0, "b")
    return named((a * a + b) * a, "L")


TAPES = {step.__name__: lambda step=step: network(step) for step in STEPS}
TAPES |= {"many to one": lambda: network(losses="last"), "hello": hello, "product": product}
TAPES |= {"large": lambda: network(H=6)}


@pytest.fixture(params=TAPES)
def loss(request):
    return TAPES[request.param]()


def gradients_by_name(loss, gradients):
    """Of the Vars that have names, as an oracle knows them: {name: gradient}."""
    variables = {v for record in history(loss) for v in (*record.inputs, *record.outputs) if v.name}
    found = {v.name: gradients(v) for v in variables}
    return {name: gradient for name, gradient in found.items() if gradient is not None}


def test_the_walk_is_the_one_of_backward_and_leaves_the_vars_alone(loss):
    records = history(loss)
    gradients, shares = walk(loss, records)
    assert all(v.grad is None for record in records for v in (*record.inputs, *record.outputs))
    backward(loss)
    for record in records:
        for v in (*record.inputs, *record.outputs):
            assert np.array_equal(gradients[v], v.grad), v
    for v in {v for record in records for v in record.inputs}:  # what arrives is the sum of what the edges carry
        arrived = sum(share for (record, i), share in shares.items() if record.inputs[i] is v)
        assert np.allclose(arrived, v.grad, rtol=1e-12)


def test_local_derivatives_times_incoming_gradients_are_the_shares(loss):
    records = history(loss)
    gradients, shares = walk(loss, records)
    checked = 0
    for record in records:
        incoming = [np.ravel(gradients.get(ref(), np.zeros(shape))) for ref, shape, _ in record.made]
        for i, J in local_derivatives(record).items():
            assert np.allclose(np.concatenate(incoming) @ J, np.ravel(shares[record, i]), rtol=1e-12, atol=1e-15)
            checked += 1
    assert checked > 2


@pytest.mark.parametrize("losses", ["all", "last"])
@pytest.mark.parametrize("k", [1, 2, 3, 4])
@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_a_window_gives_the_gradients_of_truly_truncated_tapes(step, k, losses):
    loss, truncated = network(step, losses=losses), network(step, losses=losses, chunk=k)
    backward(truncated)
    records = history(loss)
    found = borders(records, ("h", "c"))
    assert sorted(found) == [1, 2, 3]
    gradients, _ = walk(loss, records, window_cuts(found, k))
    expected = gradients_by_name(truncated, lambda v: v.grad)
    got = gradients_by_name(loss, gradients.get)
    assert got.keys() == expected.keys()
    assert all(np.allclose(got[name], expected[name], rtol=1e-12) for name in expected)
    if k == 4:
        backward(loss)
        assert all(np.array_equal(gradients[v], v.grad) for record in records for v in record.inputs)


def test_what_is_read_out_is_not_cut_and_a_tape_without_states_has_no_window():
    records = history(loss := network())
    for t, edges in borders(records, ("h",)).items():
        assert [(record.outputs[0].name, record.inputs[i].name) for record, i in edges] == [(f"h_{t + 1}", f"h_{t}")]
    assert borders(records, ("s",)) == borders(history(product()), ("h",)) == {}
    assert stepper(loss, title="t", state="s").scene["windows"] == [1]


def test_each_use_by_the_next_step_is_cut_once_and_no_other():
    """In an LSTM of elementary functions h_t = o tanh(c_t) uses c_t, too, and belongs to step t."""
    for edges in borders(history(network(elementary_lstm, losses="last")), ("h", "c")).values():
        assert sorted(record.name for record, _ in edges) == ["matmul", "multiply"]


def test_the_scene_holds_every_value_share_and_window(loss):
    shown = stepper(loss, title="A tape", state=("h", "c"))
    scene, records = shown.scene, history(loss)
    json.dumps(scene)
    assert len(scene["records"]) == len(records)
    assert len({v["name"] for v in scene["vars"]}) == len(scene["vars"])
    backward(loss)
    variables = {v for record in records for v in (*record.inputs, *record.outputs)}
    assert len(variables) == len(scene["vars"])
    for v in (v for v in variables if v.name):
        [at] = [k for k, entry in enumerate(scene["vars"]) if entry["name"] == v.name]
        entry = scene["vars"][at]
        assert entry["shape"] == str(v.shape)
        assert entry["norm"] == pytest.approx(np.linalg.norm(v.value))
        shares = [
            scene["shares"][-1][n][i]
            for n in reversed(range(len(records)))
            for i, edge in enumerate(scene["records"][n]["edges"])
            if edge["var"] == at
        ]
        assert entry["large"] == (max(v.shape, default=0) > 4)
        if v.value.size > 16:
            assert entry["values"] is None
            assert all(share["values"] is None for share in shares)
        else:
            assert np.array_equal(np.reshape(entry["values"], v.shape), v.value)
        if shares:
            assert shares[-1]["sum"] == pytest.approx(np.linalg.norm(v.grad))
    assert scene["windows"] == list(range(1, len(scene["shares"]) + 1)) or len(scene["windows"]) == 1


def test_the_widget_and_the_still_figure_are_one_picture():
    plots.style()
    loss = network(T=3)
    shown = stepper(loss, title="One picture")
    backward(loss)
    fig, ax = plots.figure(size=(9, 8))
    graphs.graph(ax, history(loss))
    drawn = {text.get_text(): text.get_position() for text in ax.texts}
    x, y = [], []
    for v in shown.scene["vars"]:
        left, top, width, height = v["box"]
        [place] = [place for text, place in drawn.items() if text.startswith(v["heads"][0] + "\n")]
        x.append((left + width / 2, place[0]))
        y.append((-top - height / 2, place[1]))
    for places in (x, y):
        assert 0 < np.abs(np.diff(places)).max() < 2.5  # the widget leaves room for what the edges carry
    for places in (x, y):
        order = np.argsort(np.round(places, 2), axis=0, kind="stable")
        assert (order[:, 0] == order[:, 1]).all()


def test_the_callers_gradients_stay_as_they_were():
    loss = network()
    backward(loss, 3.0)
    records = history(loss)
    before = {v: v.grad for record in records for v in (*record.inputs, *record.outputs)}
    visits = [record.visit for record in records]
    shown = stepper(loss, title="t")
    shown.still()
    assert all(v.grad is gradient for v, gradient in before.items())
    assert [record.visit for record in records] == visits


@pytest.mark.slow
def test_the_still_and_the_repr_say_what_it_is():
    plots.style()
    loss = network(lstm_step, T=3)
    shown = stepper(loss, title="The LSTM's tape", state=("h", "c"))
    figure, words = shown.still()
    assert words.startswith("The LSTM's tape. The graph of a tape at the end of its walk: 11 functions, L = ")
    texts = " ".join(text.get_text() for text in figure.axes[0].texts)
    assert "$h_{2}$" in texts
    assert "$c_{2}$" in texts
    backward(loss)
    [c_2] = [v for record in history(loss) for v in record.outputs if v.name == "c_2"]
    for value in (*c_2.value.flat, *c_2.grad.flat):  # where nobody can walk, both ways are done
        assert plots.decimal(value, 2) in texts
    assert repr(shown) == f"stepper(L = {loss.value:.4g}, 11 records, windows 1 to 3)"
    data, metadata = shown._repr_mimebundle_()
    assert data["image/png"].startswith(b"\x89PNG")
    assert metadata["image/png"]["alt"] == words


def test_the_step_that_a_record_belongs_to_is_said():
    labels = [record["label"] for record in stepper(network(elementary, T=2), title="t").scene["records"]]
    assert labels.count("matmul → … → h_1 (step 1)") == 2
    assert "tanh → h_2 (step 2)" in labels


@differentiable
def wrong(x):
    return x * 2, lambda d: (np.ones((7, 7)),)


@differentiable
def breaks(x):
    return x * 2, lambda d: (d * np.nan,)


@pytest.mark.parametrize(
    "make, error, law",
    [
        (lambda: np.ones(()), TypeError, "loss must be a Var, with a tape behind it, got ndarray"),
        (lambda: Var(np.ones((2, 2))) * 2, ValueError, r"loss must be a scalar, of one number, got shape \(2, 2\)"),
        (lambda: Var(1.0), ValueError, "1 to 120 records, got 0"),
        (lambda: network(T=40), ValueError, "1 to 120 records, got 159: step through fewer"),
        (lambda: wrong(Var(1.0, "a")), ValueError, r"wrong must return a gradient of shape \(\) .* got \(7, 7\)"),
        (lambda: breaks(Var(1.0, "a")), ValueError, "the gradient of a must hold finite numbers"),
        (lambda: Var(np.inf, "a") * 2, ValueError, "the value of a must hold finite numbers"),
    ],
)
def test_bad_tapes_are_refused_with_the_law(make, error, law):
    made = make()
    with pytest.raises(error, match=law):
        stepper(made, title="t")


@pytest.mark.parametrize(
    "options, law", [({"digits": 9}, "from 0 to 6, got 9"), ({"state": ()}, r"state must be .* got \(\)")]
)
def test_bad_options_are_refused_with_the_law(options, law):
    with pytest.raises(ValueError, match=law):
        stepper(product(), title="t", **options)
