"""stepper in the browser: at every step of the walk the numbers are NumPy's, by mouse and by keyboard."""

import re

import numpy as np
import pytest

from unrolled.autodiff.tape import backward, history
from unrolled.figures.plots import decimal
from unrolled.widgets.base import number

SOURCE = """
import numpy as np
from unrolled.figures import plots
from unrolled.cells.lstm import lstm_step
from unrolled.cells.rnn import rnn_step
from unrolled.cells.table import init_cell
from unrolled.layers.dense import linear
from unrolled.layers.losses import squared_error
from unrolled.autodiff import ops
from unrolled.autodiff.tape import Var, differentiable
from unrolled.widgets import stepper

plots.style()


def named(v, name):
    v.name = name
    return v


@differentiable
def total(*losses):
    return np.sum(losses), lambda d: (d,) * len(losses)


def network(T=3, chunk=None):
    rng = np.random.default_rng(1)
    shapes = {"W_xh": (2, 2), "W_hh": (2, 2), "b_h": (2,), "W_hy": (2, 1), "b_y": (1,), "h_0": (1, 2)}
    W_xh, W_hh, b_h, W_hy, b_y, h = (Var(rng.normal(size=shape), name) for name, shape in shapes.items())
    losses = []
    for t in range(1, T + 1):
        if chunk and t > 1 and (t - 1) % chunk == 0:
            h = h.value
        h = named(rnn_step(Var(rng.normal(size=(1, 2)), f"x_{t}"), h, W_xh, W_hh, b_h), f"h_{t}")
        y = named(linear(h, W_hy, b_y), f"y_{t}")
        losses.append(named(squared_error(y, np.ones((1, 1))), f"L_{t}"))
    return named(total(*losses), "L")


def lstm(T=3, H=2):
    rng = np.random.default_rng(2)
    shapes = {"W_xh": (2, 4 * H), "W_hh": (H, 4 * H), "b_h": (4 * H,), "h_0": (1, H), "c_0": (1, H)}
    W_xh, W_hh, b_h, h, c = (Var(rng.normal(size=shape), name) for name, shape in shapes.items())
    losses = []
    for t in range(1, T + 1):
        h, c = lstm_step(Var(rng.normal(size=(1, 2)), f"x_{t}"), h, c, W_xh, W_hh, b_h)
        h.name, c.name = f"h_{t}", f"c_{t}"
        losses.append(named(squared_error(h, np.ones((1, H))), f"L_{t}"))
    return named(total(*losses), "L")


@differentiable
def weighted(x, h_prev):
    W_xh, W_hh = np.array([[0.5, -1.0, 1.0, 1.0]]), np.array([[2.0, -0.5, 3.0, 1.0]])
    back = lambda *dzs: (np.hstack(dzs) @ W_xh.T, np.hstack(dzs) @ W_hh.T)
    return tuple(np.hsplit(x @ W_xh + h_prev @ W_hh, 4)), back


def conveyor(T=2):
    h, c = Var(np.array([[0.5]]), "h_0"), Var(np.array([[1.0]]), "c_0")
    for t in range(1, T + 1):
        z = [named(v, f"z{k}_{t}") for v, k in zip(weighted(Var(np.array([[2.0 - t]]), f"x_{t}"), h), "ifog")]
        i, f, o = (named(ops.sigmoid(v), f"{k}_{t}") for v, k in zip(z, "ifo"))
        g = named(ops.tanh(z[3]), f"g_{t}")
        c = named(named(f * c, f"kept_{t}") + named(i * g, f"new_{t}"), f"c_{t}")
        h = named(o * named(ops.tanh(c), f"shown_{t}"), f"h_{t}")
    return named(squared_error(h, np.ones((1, 1))), "L")


def both_ways(T=3):
    rng = np.random.default_rng(1)
    ahead, behind = (init_cell(rng, "rnn", 4, 2) for _ in range(2))
    xs = [Var(rng.normal(size=(1, 4)), f"x_{t}") for t in range(1, T + 1)]
    forward, backward = [Var(np.zeros((1, 2)), "forward_0")], [Var(np.zeros((1, 2)), f"backward_{T + 1}")]
    for t, x in enumerate(xs, start=1):
        forward.append(named(rnn_step(x, forward[-1], **ahead), f"forward_{t}"))
    for t, x in reversed([*enumerate(xs, start=1)]):
        backward.insert(0, named(rnn_step(x, backward[0], **behind), f"backward_{t}"))
    losses = []
    for t in range(1, T + 1):
        h = named(ops.concatenate(forward[t], backward[t - 1]), f"h_{t}")
        y = named(linear(h, np.array([[0.5], [-0.5], [0.5], [0.4]]), np.zeros(1)), f"y_{t}")
        losses.append(named(squared_error(y, np.ones((1, 1))), f"L_{t}"))
    return named(ops.total(*losses), "L")
"""
CELLS = [
    SOURCE,
    'stepper(network(), title="Three steps", digits=4)',
    'stepper(lstm(), title="An LSTM", state=("h", "c"))',
    'stepper(conveyor(), title="A conveyor", state=("h", "c"), layout="conveyor")',
    'stepper(both_ways(), title="Two readings", layout="two_directions")',
]
spaces = {}
exec(SOURCE, spaces)
network, lstm, conveyor, both_ways = (spaces[name] for name in ("network", "lstm", "conveyor", "both_ways"))
SEEN = """(root) => Object.fromEntries([...root.querySelectorAll("[role=button][data-name]")]
    .map((e) => [e.dataset.name, [...e.querySelectorAll("text")].at(-1).textContent]))"""
TAGS = """(root) => Object.fromEntries([...root.querySelectorAll(".unrolled-share text")].filter((e) => e.textContent)
    .map((e) => [e.dataset.name, [...e.children].map((line) => line.textContent).join(" ").split(/\\s+/).join(" ")]))"""


@pytest.fixture
def shown(place):
    return place(CELLS)


def places(name, array, shown):
    """{the name of each number on screen: its text}; shown(None) where there is no gradient."""
    if np.ndim(array) == 0:
        return {name: shown(array)}
    if max(np.shape(array)) > 4:
        return {name: "·" if np.isnan(array).any() else f"‖·‖ = {number(np.linalg.norm(array))}"}
    return {f"{name}[{', '.join(map(str, where))}]": shown(value) for where, value in np.ndenumerate(array)}


def expected(loss, step, digits, gradients=None):
    """What stands on the screen after so many steps, from the tape's own pullbacks, in NumPy."""
    records = history(loss)
    variables = {v: None for record in records for v in (*record.inputs, *record.outputs)}
    if gradients is None:
        for v in variables:
            v.grad = None
        if step > len(records):
            loss.grad = np.ones(())
        for record in records[::-1][: max(0, step - len(records))]:
            record.pull()
        gradients = {v.name: v.grad for v in variables if v.grad is not None}
    texts = {}
    for v in variables:
        done = v.record is None or records.index(v.record) < step
        texts |= places(v.name, v.value if done else np.full(v.shape, np.nan), lambda x: dotted(x, digits))
        gradient = gradients.get(v.name, np.full(v.shape, np.nan))
        texts |= places(f"d{v.name}", gradient, lambda x: dotted(x, digits))
    return texts


def carried(loss, step, digits):
    """{the name of each edge: what it carries back}, as written beside the arrows after so many steps; see expected."""
    records = history(loss)
    backward(loss)
    texts = {}
    for record in records[::-1][: max(0, step - len(records))]:
        shares = record.pullback(*(np.zeros(shape) if ref() is None else ref().grad for ref, shape, _ in record.made))
        where = f" (step {record.outputs[0].name[2:]})" if record.outputs[0].name.islower() else ""
        label = f"{record.name.replace('_', ' ')} → {', '.join(v.name for v in record.outputs)}{where}"
        for v, slot in zip(record.inputs, record.slots, strict=True):
            tap, share = v.name[0] in "Wb", np.ravel(shares[slot])
            if tap and record is not records[2 * len(records) - step]:
                continue  # the tags of taps stand at the current record alone
            few = share.size <= (1 if tap else 4)
            numbers = " ".join(decimal(x, digits) for x in (share if few else [np.linalg.norm(share)]))
            texts[f"{v.name} ← {label}"] = f"{f'{v.name}: ' if tap else ''}{'' if few else 'norm '}{numbers}"
    return texts


def dotted(value, digits):
    return "·" if np.isnan(value) else decimal(value, digits)


def same(widget, texts):
    assert widget.evaluate(SEEN) == texts


def slider(widget, name):
    return widget.get_by_role("slider", name=name)


def walk_to_the_end(widget, loss, digits):
    """Yield each step of the walk, by keyboard from the start, where a stepper opens; its numbers are NumPy's."""
    for step in range(2 * len(history(loss)) + 1):
        same(widget, expected(loss, step, digits))
        yield step
        slider(widget, "step").press("ArrowRight")


def walk_past_the_edges(widget, loss):
    """Walk to the end: on the way back each edge that is passed says what it carries."""
    records = history(loss)
    for step in walk_to_the_end(widget, loss, 2):
        edges = sum(len(record.inputs) for record in records[::-1][: max(0, step - len(records))])
        assert widget.evaluate("(root) => root.querySelectorAll('.unrolled-share text:not(:empty)').length") == edges


@pytest.mark.parametrize("which, make, digits", [(0, network, 4), (1, lstm, 2)], ids=["rnn", "lstm"])
def test_every_step_forward_and_backward_by_keyboard(shown, which, make, digits):
    widget, loss = shown.widget("stepper", which), make()
    for step in walk_to_the_end(widget, loss, digits):
        assert widget.evaluate(TAGS) == carried(loss, step, digits)
    backward(loss)
    same(widget, expected(loss, step, digits, {v.name: v.grad for n in history(loss) for v in (*n.inputs, *n.outputs)}))


def test_the_conveyor_shows_the_tapes_numbers_at_every_step_and_what_each_line_carries(shown):
    widget, loss = shown.widget("stepper", 2), conveyor()
    walk_past_the_edges(widget, loss)


def test_two_directions_show_the_tapes_numbers_at_every_step_and_who_hands_them_on(shown):
    widget, loss = shown.widget("stepper", 3), both_ways()
    walk_past_the_edges(widget, loss)
    widget.locator("[data-name='dx_2[0, 0]']").click()  # where the two walks meet on their way back
    why = widget.locator(".unrolled-why")
    assert why.locator("[data-name=why]").text_content().endswith(", a sum over 2 uses")
    givers = [item.partition(":")[0] for item in why.locator("li").all_text_contents()]
    assert givers == ["from rnn step → backward_2 (step 2)", "from rnn step → forward_2 (step 2)"]
    assert slider(widget, "window").count() == 0  # no single chain of states that a window could cut


def test_two_directions_stand_in_a_page_and_in_jupyterlab_as_a_whole(shown):
    graph = shown.widget("stepper", 3).locator(".unrolled-graph")  # numbers as wide as lesson 10's, in 1360 px
    assert graph.evaluate("(e) => e.scrollWidth - e.clientWidth") == 0
    unit = graph.locator("svg").evaluate("(svg) => svg.getScreenCTM().a")  # in px; numbers are 0.215 units high
    assert 0.215 * unit > 11


def test_every_step_by_mouse_and_played(shown):
    widget, loss = shown.widget("stepper"), network()
    last = 2 * len(history(loss))
    widget.get_by_role("button", name="to the start").click()
    for step in range(0, 4):
        same(widget, expected(loss, step, 4))
        widget.get_by_role("button", name="one step on").click()
    widget.get_by_role("button", name="one step back").click()
    same(widget, expected(loss, 3, 4))
    widget.get_by_role("button", name="play").click()
    shown.page.wait_for_function(
        "(root) => root.querySelector('.unrolled-words').textContent.startsWith('forward 5')",
        arg=widget.element_handle(),
    )
    widget.get_by_role("button", name="stop").click()
    widget.get_by_role("button", name="to the end").click()
    same(widget, expected(loss, last, 4))


def stands_at(widget):
    return widget.locator(".unrolled-words").text_content().partition(".")[0]


def test_the_walks_keys_obey_on_each_of_its_controls(shown):
    widget, page = shown.widget("stepper"), shown.page
    last = len(history(network()))
    assert stands_at(widget) == "start"
    for name in ("to the start", "one step back", "play", "one step on", "to the end", "step"):
        control = slider(widget, name) if name == "step" else widget.get_by_role("button", name=name)
        control.focus()
        for key, where in [
            ("ArrowRight", f"forward 1 of {last}"),
            ("ArrowUp", f"forward 2 of {last}"),
            ("ArrowLeft", f"forward 1 of {last}"),
            ("ArrowDown", "start"),
            ("ArrowLeft", "start"),
            ("End", f"backward {last} of {last}"),
            ("ArrowRight", f"backward {last} of {last}"),
            ("Home", "start"),
        ]:
            page.keyboard.press(key)
            assert stands_at(widget) == where, (name, key)
        assert control.evaluate("(e) => e === document.activeElement"), name
    slider(widget, "window").press("ArrowLeft")  # its arrows are its own
    assert stands_at(widget) == "start"
    assert "Window 2" in widget.locator(".unrolled-words").text_content()


@pytest.mark.parametrize("width", [1360, 1000, 700])
def test_the_picture_stays_where_it_is_while_one_walks(shown, width):
    shown.page.set_viewport_size({"width": width, "height": 1000})
    for widget, loss in ((shown.widget("stepper", 0), network()), (shown.widget("stepper", 1), lstm())):
        graph = widget.locator(".unrolled-graph")
        where = "(e) => [e.offsetTop, e.closest('.unrolled').querySelector('input').getBoundingClientRect().left]"
        seen = {tuple(graph.evaluate(where))}
        steps, window = slider(widget, "step"), slider(widget, "window")
        for _ in range(2 * len(history(loss))):
            steps.press("ArrowRight")
            seen.add(tuple(graph.evaluate(where)))
        for _ in range(3):
            window.press("ArrowLeft")
            seen.add(tuple(graph.evaluate(where)))
        widget.get_by_role("button", name="play").click()
        seen.add(tuple(graph.evaluate(where)))
        widget.get_by_role("button", name="stop").click()
        assert len(seen) == 1, seen


def test_a_window_is_the_truncated_tape(shown):
    widget, loss = shown.widget("stepper"), network()
    slider(widget, "step").press("End")
    window = slider(widget, "window")
    visible = widget.locator(".unrolled-cut:visible")
    assert visible.count() == 0
    window.press("Home")
    for k in (1, 2, 3):
        truncated = network(chunk=k)
        backward(truncated)
        gradients = {v.name: v.grad for n in history(truncated) for v in (*n.inputs, *n.outputs)}
        same(widget, expected(loss, 2 * len(history(loss)), 4, gradients))
        assert visible.count() == 2 // k
        window.press("ArrowRight")


def numbers_of(text):
    return [
        float(x) for x in re.findall(r"[-\d.]+(?:e-?\d+)?", text.replace("−", "-").replace("(", "").replace(")", ""))
    ]


def test_a_gradient_tells_the_sum_it_came_from(shown):
    widget, loss = shown.widget("stepper"), network()
    records = backward(loss)
    W_hh = next(v for v in records[-1].inputs if v.name == "W_hh")
    slider(widget, "step").press("End")
    widget.locator("[data-name='dW_hh[0, 1]']").click()
    assert shown.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "none"  # by mouse, too
    why = widget.locator(".unrolled-why")
    assert (
        why.locator("[data-name=why]").text_content() == f"dW_hh[0, 1] = {number(W_hh.grad[0, 1])}, a sum over 3 uses"
    )
    users = [record for record in records if W_hh in record.inputs]
    for user, item in zip(users, why.locator("li").all_text_contents(), strict=True):
        name = user.outputs[0].name
        share = user.pullback(user.outputs[0].grad)[user.slots[user.inputs.index(W_hh)]][0, 1]
        head, _, products = item.partition(": ")
        assert head == f"from rnn step → {name} (step {name[2:]})"
        products, _, result = products.rpartition(" = ")
        assert result == number(share)
        terms = [numbers_of(term) for term in products.split(" + ")]
        assert sum(a * b for a, b in terms) == pytest.approx(share, rel=2e-3, abs=1e-4)
        assert number(user.outputs[0].grad[0, 1]) in products.replace("(", "").replace(")", "")
    parts, _, total = why.locator("[data-name=sum]").text_content().removeprefix("Sum: ").rpartition(" = ")
    assert total == number(W_hh.grad[0, 1])
    assert sum(numbers_of(parts)) == pytest.approx(W_hh.grad[0, 1], rel=2e-3)
    slider(widget, "step").press("ArrowLeft")  # one visit earlier, one term is still to come
    assert why.locator("li").all_text_contents()[-1].endswith("still to come")
    slider(widget, "window").press("Home")
    widget.locator("[data-name='dh_1[0, 0]']").click()
    assert "from rnn step → h_2 (step 2): cut by the window, nothing comes" in why.locator("li").all_text_contents()


def test_numbers_are_walked_and_asked_by_keyboard(shown):
    widget, page = shown.widget("stepper"), shown.page
    slider(widget, "step").press("End")
    slider(widget, "window").press("Tab")
    focused = "document.activeElement.dataset.name"
    assert page.evaluate(focused) == next(iter(widget.evaluate(SEEN)))
    assert widget.locator("[data-name][tabindex='0']").count() == 1
    widget.locator("[data-name='h_2[0, 0]']").focus()
    for key, name in [("ArrowRight", "h_2[0, 1]"), ("ArrowDown", "dh_2[0, 1]"), ("ArrowUp", "h_2[0, 1]")]:
        page.keyboard.press(key)
        assert page.evaluate(focused) == name
    frame = "getComputedStyle(document.activeElement{}).{}"
    assert page.evaluate(frame.format("", "outlineStyle")) == "none"  # one drawn in em would cover the graph
    assert page.evaluate(frame.format(".querySelector('rect')", "strokeWidth")) == "0.05px"
    assert "h_2: shape (1, 2), norm " in widget.locator(".unrolled-shape").text_content()
    page.keyboard.press("Enter")
    why = widget.locator(".unrolled-why")
    loss = network()
    h_2 = next(v for record in history(loss) for v in record.outputs if v.name == "h_2")
    heading = f"h_2[0, 1] = {number(h_2.value[0, 1])}, made by rnn step from"
    assert why.locator("[data-name=why]").text_content() == heading
    given = [v.name for v in h_2.record.inputs]
    assert [item.split(" = ")[0] for item in why.locator("li").all_text_contents()] == given
    page.keyboard.press("Escape")
    assert " sends" in why.locator("[data-name=why]").text_content()
    for key, name in [("Home", 0), ("End", -1)]:
        page.keyboard.press(key)
        assert page.evaluate(focused) == list(widget.evaluate(SEEN))[name]


def test_two_steppers_are_independent_and_seen_in_both_themes(shown):
    first, second = shown.widget("stepper", 0), shown.widget("stepper", 1)
    before = second.evaluate(SEEN)
    slider(first, "step").press("End")
    assert second.evaluate(SEEN) == before
    slider(second, "step").press("End")
    for theme in ("light", "dark"):
        shown.theme(theme)
        shown.screenshot("stepper")
