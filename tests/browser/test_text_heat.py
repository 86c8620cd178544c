"""text_heat in the browser: every value is NumPy's, by mouse and by keyboard, and a cell changes at once."""

import numpy as np
import pytest

from unrolled.widgets.base import number

SOURCE = r"""
import numpy as np
from unrolled.widgets import text_heat
text = 'if (h < 0)\n\treturn "한글 e\u0301 😀";\n' * 4
values = np.random.default_rng(1).normal(size=(len(text), 30)).astype(np.float32)
names = [f"c_{k}" for k in range(30)]
lines = "The quick brown fox jumps over the lazy dog.\n" * 46
"""
CELLS = [
    SOURCE,
    'text_heat(text, values, names=names, title="States")',
    'text_heat(text, np.abs(values[:, 0]) / 4, limit=1, colours="sequential", names=["p"], title="Probabilities")',
    'text_heat(lines[:2000], np.random.default_rng(1).normal(size=(2000, 100)), title="Many")',
]
# Ink and paper of every character, as numbers from 0 to 255.
PAINTED = """all => {
    const canvas = document.createElement("canvas").getContext("2d");
    const numbers = (colour) => {
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    return all.map((e) => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor].map(numbers));
}"""
spaces = {}
exec(SOURCE, spaces)
TEXT, VALUES = spaces["text"], spaces["values"]
CALLED = {"\n": "line break", " ": "space", "\t": "tab"}


@pytest.fixture
def shown(place):
    return place(CELLS)


def said(t, k):
    """The words below the text, from NumPy."""
    return f"{CALLED.get(TEXT[t], repr(TEXT[t]))} at {t}: c_{k} = {number(float(VALUES[t, k]))}"


def words(widget):
    return widget.locator(".unrolled-words").text_content()


def test_keys_walk_over_the_characters_and_the_cells(shown):
    widget = shown.widget("text_heat")
    area, t, k = widget.get_by_role("slider", name="States"), 0, 0
    area.focus()
    assert words(widget) == said(0, 0)
    keys = "ArrowRight " * 12 + "ArrowLeft ArrowDown ArrowDown ArrowDown ArrowUp PageDown End ArrowRight Home ArrowLeft"
    for key in (keys + " PageDown" * 3 + " PageUp" * 4).split():
        shown.page.keyboard.press(key)
        t = max(0, min(len(TEXT) - 1, {"ArrowRight": t + 1, "ArrowLeft": t - 1, "Home": 0, "End": 10**6}.get(key, t)))
        step = {"ArrowDown": 1, "ArrowUp": -1, "PageDown": 10, "PageUp": -10}.get(key, 0)
        k = max(0, min(29, k + step))
        assert words(widget) == said(t, k), key
        assert area.get_attribute("aria-valuetext") == said(t, k)
        assert widget.get_by_role("combobox").input_value() == str(k)


def test_every_character_is_numpys_under_the_mouse_and_in_the_table(shown):
    widget = shown.widget("text_heat")
    characters = widget.locator(".unrolled-text > span")
    assert characters.all_text_contents() == list(TEXT)
    for t in (3, 10, 11, 20, 23, 27, 60):
        characters.nth(t).hover(position={"x": 1, "y": 6})
        assert words(widget) == said(t, 0)
    widget.get_by_role("combobox").select_option("c_7")
    assert words(widget) == said(60, 7)
    widget.locator("input[type=range]").fill("9")
    assert words(widget) == said(60, 9)
    assert widget.get_by_role("combobox").input_value() == "9"
    widget.locator("summary").click()
    rows = widget.locator("tbody tr")
    rows.nth(39).wait_for()  # it is built when it is opened
    for cell, key, first in ((9, "End", len(TEXT) - 40), (4, "Home", 0)):
        widget.locator("input[type=range]").fill(str(cell))
        widget.locator(".unrolled-text").press(key)
        assert f"Characters {first} to {first + 39} of {len(TEXT)}" in widget.locator("caption").text_content()
        assert rows.locator("th").all_text_contents() == [str(t) for t in range(first, first + 40)]
        shown_values = widget.locator("tbody td:last-child").all_text_contents()
        assert shown_values == [number(float(value)) for value in VALUES[first : first + 40, cell]]


def test_the_sign_is_seen_without_colour_and_a_value_by_its_colour(shown):
    widget = shown.widget("text_heat")
    for cell in (0, 5):
        widget.locator("input[type=range]").fill(str(cell))
        looks = widget.locator(".unrolled-text > span").evaluate_all(
            "all => all.map((e) => [getComputedStyle(e).boxShadow !== 'none', getComputedStyle(e).backgroundColor])"
        )
        assert [below for below, _ in looks] == (VALUES[:, cell] < 0).tolist()
        shades = {look: VALUES[t, cell] for t, (_, look) in enumerate(looks)}
        assert len(shades) > 30
        assert all(
            abs(VALUES[t, cell] - shades[look]) < np.abs(VALUES[:, cell]).max() / 20
            for t, (_, look) in enumerate(looks)
        )
    p = shown.widget("text_heat", 1)
    assert "below zero" not in p.text_content()
    assert p.get_by_role("combobox").count() == 0
    inks = p.locator(".unrolled-text > span").evaluate_all("all => all.map((e) => getComputedStyle(e).color)")
    expected = ["rgb(0, 0, 0)" if part >= 0.4875 else "rgb(255, 255, 255)" for part in np.abs(VALUES[:, 0]) / 4]
    assert inks == expected


def test_letters_are_readable_on_every_colour_in_both_themes(shown):
    widget = shown.widget("text_heat")
    for theme in ("light", "dark"):
        shown.theme(theme)
        shown.screenshot("text_heat")
        for nth in (0, 1):
            characters = shown.widget("text_heat", nth).locator(".unrolled-text > span")
            assert min(contrast(*pair) for pair in characters.evaluate_all(PAINTED)) > 4.5
    assert widget.is_visible()


def contrast(ink, paper):
    """WCAG's contrast of two sRGB colours."""
    light = []
    for colour in (ink, paper):
        c = np.array(colour) / 255
        light.append(np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722])
    return (max(light) + 0.05) / (min(light) + 0.05)


def test_a_change_of_the_cell_paints_what_is_in_view_and_the_rest_follows(shown):
    """2000 characters at once would cost a frame, in which the reader waits for what he does not see."""
    area = shown.widget("text_heat", 2).locator(".unrolled-text")
    many = np.random.default_rng(1).normal(size=(2000, 100))
    for cell, top in ((1, 0), (2, 300)):
        changed, seen = area.evaluate(
            """(area, top) => {
                const spans = [...area.children], looks = () => spans.map((span) => span.className), before = looks();
                area.scrollTop = top;
                area.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown" }));
                const box = area.getBoundingClientRect(), after = looks();
                const seen = ({ top, bottom }) => bottom > box.top && top < box.bottom;
                const boxes = spans.map((span) => span.getBoundingClientRect());
                return [spans.map((_, t) => before[t] !== after[t]), boxes.map(seen)];
            }""",
            top,
        )
        changed, seen = np.array(changed), np.array(seen)
        assert 100 < seen.sum() < 1000
        assert not changed[~seen].any()
        assert changed[seen].mean() > 0.9  # some keep their shade
        shown.pause(300)
        below = area.evaluate("(area) => [...area.children].map((span) => span.classList.contains('unrolled-below'))")
        assert below == (many[:, cell] < 0).tolist()
