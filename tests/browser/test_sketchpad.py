"""sketchpad in the browser: strokes by mouse and by keyboard, and the array that follows."""

import numpy as np
import pytest

SOURCE = """
import numpy as np
from unrolled.widgets import sketchpad
start = np.zeros((8, 8, 3))
start[0, 0] = 0, 0, 1
grey, colour, other = sketchpad(8, title="Draw a digit"), sketchpad(8, channels=3, start=start), sketchpad(8)
"""
CELLS = [SOURCE, "grey", "colour", "other"]
# The picture as the canvas holds it, (8, 8, 3) from 0 to 255.
SEEN = """canvas => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, 8, 8);
    const pixel = (i, j) => [...data.slice(4 * (8 * i + j), 4 * (8 * i + j) + 3)];
    return Array.from({ length: 8 }, (_, i) => Array.from({ length: 8 }, (_, j) => pixel(i, j)));
}"""


@pytest.fixture
def shown(place):
    return place(CELLS)


def seen(widget):
    return np.array(widget.locator("canvas").evaluate(SEEN))


def same(shown, nth, name, expected):
    """The canvas shows these numbers from 0 to 1, and so does the array in Python."""
    expected = np.asarray(expected, float)
    picture = expected if expected.ndim == 3 else np.repeat(expected[..., None], 3, axis=-1)
    assert np.abs(seen(shown.widget("sketchpad", nth)) - 255 * picture).max() <= 0.51
    if shown.kind == "lab":
        assert np.allclose(shown.kernel(f"{name}.array"), expected, atol=1e-6)
        assert shown.kernel(f"[str({name}.array.dtype), {name}.array.ndim]") == ["float32", expected.ndim]


def point(widget, row, column):
    box = widget.locator("canvas").bounding_box()
    return box["x"] + (column + 0.5) / 8 * box["width"], box["y"] + (row + 0.5) / 8 * box["height"]


def stroke(widget, *places):
    mouse = widget.page.mouse
    mouse.move(*point(widget, *places[0]))
    mouse.down()
    for place in places[1:]:
        mouse.move(*point(widget, *place))
    mouse.up()


def covered(start, end, width=1):
    """The part of each pixel that a stroke covers from the middle of the pixel `start` to that of `end`."""
    y, x = np.mgrid[:8, :8]
    (p, q), (dy, dx) = start, np.subtract(end, start)
    along = np.clip(((y - p) * dy + (x - q) * dx) / (dy**2 + dx**2 or 1), 0, 1)
    return np.clip(width / 2 + 0.5 - np.hypot(y - p - along * dy, x - q - along * dx), 0, 1)


def test_a_stroke_by_mouse_undo_and_clear(shown):
    widget = shown.widget("sketchpad")
    widget.scroll_into_view_if_needed()
    undo, clear = widget.get_by_role("button", name="undo"), widget.get_by_role("button", name="clear")
    assert undo.is_disabled()
    stroke(widget, (2, 1), (2, 6))
    line = covered((2, 1), (2, 6))
    assert line.sum() == 6
    same(shown, 0, "grey", line)
    assert widget.locator(".unrolled-words").text_content().startswith("Row 2, column 6: 1. 6 of 64 pixels painted.")
    stroke(widget, (2, 6), (6, 2))
    both = np.maximum(line, covered((2, 6), (6, 2)))
    same(shown, 0, "grey", both)
    undo.click()
    same(shown, 0, "grey", line)
    clear.click()
    same(shown, 0, "grey", np.zeros((8, 8)))
    undo.click()
    same(shown, 0, "grey", line)
    undo.click()
    same(shown, 0, "grey", np.zeros((8, 8)))
    same(shown, 2, "other", np.zeros((8, 8)))
    assert undo.is_disabled()


def test_a_picture_by_keyboard_alone(shown):
    widget, keyboard = shown.widget("sketchpad"), shown.page.keyboard
    widget.locator(".unrolled-pad").focus()
    for key in ["Space", "ArrowRight", "Space", "ArrowUp", "Home", "Space", *["ArrowDown"] * 9, "End", "Space"]:
        keyboard.press(key)
    expected = np.zeros((8, 8))
    for place in [(4, 4), (4, 5), (3, 0), (7, 7)]:
        expected[place] = 1
    same(shown, 0, "grey", expected)
    assert widget.locator(".unrolled-words").text_content().startswith("Row 7, column 7: 1. 4 of 64 pixels painted.")
    keyboard.press("Control+z")
    expected[7, 7] = 0
    same(shown, 0, "grey", expected)
    widget.get_by_label("white").press("ArrowRight")  # light
    widget.get_by_label("1 px").press("ArrowRight")  # 2 px
    widget.locator(".unrolled-pad").focus()
    keyboard.press("Space")
    part = covered((7, 7), (7, 7), width=2)
    same(shown, 0, "grey", expected + part * (0.75 - expected))


def test_colours_mix_where_a_stroke_covers_a_part(shown):
    widget = shown.widget("sketchpad", 1)
    widget.scroll_into_view_if_needed()
    expected = np.zeros((8, 8, 3))
    expected[0, 0] = 0, 0, 1
    same(shown, 1, "colour", expected)
    for name, colour, start, end in [("red", (1, 0, 0), (0, 0), (7, 7)), ("yellow", (1, 1, 0), (6, 1), (1, 5))]:
        widget.get_by_label(name).check()
        stroke(widget, start, end)
        part = covered(start, end)[..., None]
        expected = expected + part * (np.array(colour) - expected)
        assert ((part > 0) & (part < 1)).any()
        picture = seen(widget) / 255
        assert np.abs(picture - expected).max() < 0.02  # the mouse moves by whole points of the screen
    if shown.kind == "lab":
        assert np.allclose(shown.kernel("colour.array"), picture, atol=0.51 / 255)


def test_a_drawing_is_seen_in_both_themes(shown):
    widget = shown.widget("sketchpad")
    widget.scroll_into_view_if_needed()
    stroke(widget, (2, 1), (5, 6))
    for theme in ("light", "dark"):
        shown.theme(theme)
        assert seen(widget).min() < 55 < 200 < seen(widget).max()  # strokes and ground differ, whatever the theme
        shown.screenshot("sketchpad")
