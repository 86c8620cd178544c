"""explore in the browser: the numbers on screen are NumPy's, played and live, by mouse and by keyboard."""

import numpy as np
import pytest

from unrolled.widgets.base import number

SOURCE = """
import numpy as np
from unrolled.widgets import charts, explore
RHO, T, F = np.linspace(0.5, 1.5, 31).round(4), [5, 8], ["identity", "tanh"]
def compute(rho, T, f):
    h = rho ** np.arange(T)
    if rho > 1.45 and f == "tanh" and T == 8:
        raise ValueError("<b>too much</b>")
    return {"norms": np.tanh(h) if f == "tanh" else h, "zero": np.where(np.arange(T) < 2, 0, h), "rest": 1 - rho}
labels = {"xlabel": "step t", "ylabel": "norm", "title": "At {rho:.2f}: {rest:.2f}"}
chart = charts.lines({"norm": "norms", "rest": "zero"}, log=True, levels={"one": 1}, **labels)
alt = "Two curves at rho = {rho}."
start = {"rho": 1.0}
path = charts.path("hs", xlabel="h_1", ylabel="h_2", title="A path")
two = [path, charts.heat("hs", xlabel="unit", ylabel="t", title="A matrix")]
"""
PLAYED = "played = explore(compute, chart, alt=alt, start=start, rho=RHO[:-2], T=T, f=F); played"
LIVE = "live = explore(compute, chart, alt=alt, start=start, live=True, rho=RHO, T=T, f=F); live"
TWO = "explore(lambda k: {'hs': k * np.arange(-4, 4).reshape(4, 2) / 3}, two, alt='A path and a matrix.', k=[1, 2])"
IMAGE = """
def rgb(k):
    x = np.zeros((3, 4, 3))
    x[k, 2] = 1, 0.5, 0
    return {"rgb": x}

explore(rgb, charts.image("rgb", title="Row {k}"), alt="One orange cell in row {k}.", k=[0, 1, 2])
"""
LONG = """
def long(k):
    wave = np.sin(np.arange(500.0))
    wave[123] = k
    return {"wave": wave}

explore(long, charts.lines("wave", xlabel="step", ylabel="loss (nats)", title="500 steps"), alt="A wave.", k=[7, 8])
"""
NAMES = """
words = lambda n: charts.heat("a", rows=[f"w{t}" for t in range(n)], xlabel="unit", ylabel="word", title=f"{n} words")
explore(lambda n: {"a": n * np.ones((n, 3))}, words(12), alt="Twelve words.", n=[12])
"""
MANY = "explore(lambda n: {'a': n * np.ones((n, 3))}, words(60), alt='Sixty words.', n=[60])"
CELLS = [SOURCE, PLAYED, LIVE, TWO, TWO, IMAGE, LONG, NAMES, MANY]
spaces = {}
exec(SOURCE, spaces)
RHO, compute = spaces["RHO"], spaces["compute"]


def numbers_read(widget, length):
    """Every point's number of the first curve, read by the keyboard."""
    picture = widget.locator("svg[tabindex]").first
    picture.press("Home")
    found = []
    for i in range(length):
        found.append(widget.locator(f".unrolled-readout [data-name='norms[{i}]']").text_content())
        picture.press("ArrowRight")
    return found


def expect_state(widget, rho, T, f):
    arrays = compute(rho, T, f)
    minus = f"{arrays['rest']:.2f}".replace("-", "−")
    widget.locator(".unrolled-title", has_text=f"At {rho:.2f}: {minus}").wait_for()
    assert widget.locator(".unrolled-words").text_content() == f"Two curves at rho = {number(rho)}."
    assert numbers_read(widget, T) == [number(np.float32(value)) for value in arrays["norms"]]


@pytest.mark.parametrize("how", ["mouse", "keyboard"])
def test_the_picture_follows_every_control(place, how):
    shown = place(CELLS)
    widget = shown.widget("explore")
    rho, T = widget.locator("input[type=range]").nth(0), widget.locator("input[type=range]").nth(1)
    expect_state(widget, 1.0, 5, "identity")
    if how == "keyboard":
        rho.press("Home")
        expect_state(widget, RHO[0], 5, "identity")
        rho.press("ArrowRight")
        expect_state(widget, RHO[1], 5, "identity")
        T.press("End")
        expect_state(widget, RHO[1], 8, "identity")
        widget.get_by_label("identity").press("ArrowRight")
        expect_state(widget, RHO[1], 8, "tanh")
    else:
        box = T.bounding_box()
        T.click(position={"x": box["width"] - 2, "y": box["height"] / 2})
        expect_state(widget, 1.0, 8, "identity")
        widget.get_by_label("tanh").check()
        expect_state(widget, 1.0, 8, "tanh")
        picture = widget.locator("svg[tabindex]").first
        box = picture.bounding_box()
        picture.hover(position={"x": box["width"] - 20, "y": 5})
        assert widget.locator(".unrolled-readout [data-name='x']").text_content() == "8"
    if shown.kind == "lab":
        values = shown.kernel("[played.numbers['rho'], played.numbers['T'], played.arrays['norms']]")
        assert values[2] == compute(values[0], values[1], "tanh")["norms"].tolist()


BURST = """async (input) => {
    const paths = input.closest('.unrolled').querySelectorAll("svg[tabindex] path[fill='none']");
    const path = [...paths].find((p) => p.style.stroke), seen = new Set();
    for (let k = 0; k < 29; k++) {
        input.value = k; input.dispatchEvent(new Event('input', { bubbles: true }));
        await new Promise(requestAnimationFrame);
        seen.add(path.getAttribute('d'));
    }
    return seen.size;
}"""


def test_a_burst_shows_every_picture(place):
    widget = place(CELLS).widget("explore")
    widget.locator("svg[tabindex] path").first.wait_for(state="attached")
    assert widget.locator("input[type=range]").first.evaluate(BURST) == 29


def test_live_is_computed_by_the_kernel(lab_again):
    shown = lab_again(CELLS)
    widget = shown.widget("explore", 1)
    rho = widget.locator("input[type=range]").first
    expect_state(widget, 1.0, 5, "identity")
    for _ in range(3):
        rho.press("ArrowRight")
    expect_state(widget, RHO[18], 5, "identity")
    rho.press("End")
    widget.locator("input[type=range]").nth(1).press("End")
    widget.get_by_label("tanh").check()
    alert = widget.get_by_role("alert")
    alert.wait_for()
    assert alert.text_content() == "compute(rho=1.5, T=8, f=tanh) raised ValueError: <b>too much</b>"
    assert widget.locator("svg[tabindex]").first.is_hidden()
    rho.press("Home")
    expect_state(widget, RHO[0], 8, "tanh")
    assert alert.is_hidden()
    rho.evaluate(BURST)
    expect_state(widget, RHO[28], 8, "tanh")  # the last change wins
    assert shown.kernel("live.numbers") == {"rho": RHO[28], "T": 8, "f": "tanh"}


def test_live_without_a_kernel_says_so_and_shows_its_first_state(offline):
    widget = offline(CELLS).widget("explore", 1)
    assert "needs" in widget.locator(".unrolled-note").first.text_content()
    expect_state(widget, 1.0, 5, "identity")
    widget.locator("input[type=range]").first.press("End")
    expect_state(widget, 1.0, 5, "identity")


def test_pairs_heat_table_and_themes(place):
    shown = place(CELLS)
    widget, other = shown.widget("explore", 2), shown.widget("explore", 3)
    widget.locator("input[type=range]").press("End")
    hs = 2 * np.arange(-4, 4).reshape(4, 2) / 3
    path, heat = widget.locator("svg[tabindex]").nth(0), widget.locator("svg[tabindex]").nth(1)
    path.press("End")
    for k in (0, 1):
        read = widget.locator(f"[data-name='hs[3,{k}]']").first.text_content()
        assert read == number(np.float32(hs[3, k]))
    heat.press("ArrowDown")
    assert widget.locator("[data-name='hs[1,0]']").last.text_content() == number(np.float32(hs[1, 0]))
    widget.locator("summary").press("Enter")
    widget.locator("td").nth(hs.size - 1).wait_for()
    cells = widget.locator("td").all_text_contents()
    assert cells == 2 * [number(np.float32(value)) for value in hs.ravel()]
    heads = widget.locator("th[scope=col]").all_text_contents()
    assert heads == ["point", "h_1", "h_2", "t \\ unit", "0", "1"]
    widget.locator("input[type=range]").press("Home")
    assert widget.locator("td").all_text_contents() == 2 * [number(np.float32(value)) for value in hs.ravel() / 2]
    assert other.locator("input[type=range]").input_value() == "0"
    assert other.locator(".unrolled-readout").first.text_content() == ""
    for theme in ("light", "dark"):
        shown.theme(theme)
        shown.screenshot("explore")


@pytest.mark.parametrize("which, rows", [(6, 12), (7, 60)])
def test_rows_are_named_where_there_is_room_for_a_line_each(place, which, rows):
    texts = place(CELLS).widget("explore", which).locator("svg[tabindex] text", has_text="w")
    texts.first.wait_for()
    named = [int(text[1:]) for text in texts.all_text_contents()]
    tops = [text.bounding_box()["y"] for text in texts.all()]
    step = named[1]
    assert named == [*range(0, rows, step)]
    assert step == 1 or rows > 12
    assert np.diff(sorted(tops)).min() > 12, "pixels: a line of type"


def test_a_picture_has_its_own_colours_and_follows_the_slider(place):
    widget = place(CELLS).widget("explore", 4)
    colours = lambda: [rect.get_attribute("style") for rect in widget.locator("svg[tabindex] rect").all()]
    orange = "fill: rgb(255 128 0)"
    widget.locator(".unrolled-title", has_text="Row 0").wait_for()
    assert [k for k, style in enumerate(colours()) if orange in style] == [2]
    widget.locator("input[type=range]").press("End")
    widget.locator(".unrolled-title", has_text="Row 2").wait_for()
    assert [k for k, style in enumerate(colours()) if orange in style] == [10]
    picture = widget.locator("svg[tabindex]")
    for key in ("Home", "ArrowDown", "ArrowDown", "ArrowRight", "ArrowRight"):
        picture.press(key)
    assert widget.locator(".unrolled-readout").text_content() == "row 2, column 2: red, green, blue 1, 0.5, 0"
    widget.locator("summary").press("Enter")
    assert widget.locator("td").nth(10).text_content() == "1, 0.5, 0"


def test_the_table_of_a_long_curve_keeps_even_steps_and_its_ends(place):
    widget = place(CELLS).widget("explore", 5)
    widget.locator("summary").press("Enter")
    for k, key in ((7, "Home"), (8, "End")):
        widget.locator("input[type=range]").press(key)
        read = dict(zip(*(widget.locator(cell).all_text_contents() for cell in ("tbody th", "tbody td")), strict=True))
        wave = np.sin(np.arange(500.0)).astype(np.float32)
        wave[123] = k
        assert list(read)[0] == "1"
        assert list(read)[-1] == "500"
        assert read["124"] == str(k)
        assert str(wave.argmin() + 1) in read
        assert 40 <= len(read) <= 42
        assert all(text == number(float(wave[int(step) - 1])) for step, text in read.items())
        assert widget.locator("th[scope=col]").all_text_contents() == ["step", "loss (nats)"]
        assert f"{len(read)} of 500 rows" in widget.locator("caption").text_content()
