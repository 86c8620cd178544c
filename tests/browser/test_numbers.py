"""numbers in the browser: every number is NumPy's, by mouse and by keyboard."""

import numpy as np
import pytest

from unrolled.widgets.base import number

SOURCE = """
import numpy as np
from unrolled.widgets import numbers
rng = np.random.default_rng(1)
before = {"W_hh": rng.normal(size=(3, 4)), "b_h": rng.normal(size=4), "L": -0.25, "W": 100 * rng.normal(size=(14, 15))}
after = {name: 0.9 * np.asarray(array) - 0.001 for name, array in before.items()}
"""
CELLS = [SOURCE, 'numbers(before, after, title="A step")', 'numbers({"x": [1, -2, 3]}, title="A vector")']
SHOWN = [("W_hh", 3, 4), ("b_h", 1, 4), ("L", 1, 1), ("W", 12, 12)]
spaces = {}
exec(SOURCE, spaces)
BEFORE, AFTER = spaces["before"], spaces["after"]


@pytest.fixture
def widget(place):
    shown = place(CELLS)
    widget = shown.widget("numbers")
    widget.shown = shown
    return widget


def said(name, i, j, after):
    """The words below the tables, from NumPy."""
    old, new = (np.atleast_2d(state[name])[i, j] for state in (BEFORE, AFTER))
    place = {0: "", 1: f"[{j}]", 2: f"[{i}, {j}]"}[np.ndim(BEFORE[name])]
    change = f"before {number(old)}, after {number(new)}: changed by {number(new - old)}"
    return f"{name}{place} = {number(new if after else old)} ({change})"


def cells(widget, name):
    return widget.locator(f"[data-name^='{name}[']")


def fixed(value):
    text = f"{abs(value):.2f}"
    return f"−{text}" if value < 0 and float(text) else text


@pytest.mark.parametrize("how", ["mouse", "keyboard"])
def test_every_number_is_numpys_before_and_after(widget, how):
    for after, state in ((False, BEFORE), (True, AFTER), (False, BEFORE)):
        for name, rows, columns in SHOWN:
            part = np.atleast_2d(state[name])[:rows, :columns]
            assert cells(widget, name).all_text_contents() == [fixed(value) for value in part.ravel()]
        if how == "mouse":
            widget.get_by_label("before" if after else "after").check()
        else:
            widget.locator("td[tabindex='0']").press("Space")


@pytest.mark.parametrize("how", ["mouse", "keyboard"])
def test_the_words_give_each_number_in_full(widget, how):
    words = widget.locator(".unrolled-words")
    assert words.text_content() == said("W_hh", 0, 0, False)
    if how == "mouse":
        for name, i, j in [("W_hh", 2, 3), ("L", 0, 0), ("b_h", 0, 1), ("W", 11, 11)]:
            widget.locator(f"[data-name='{name}[{i},{j}]']").click()
            assert words.text_content() == said(name, i, j, False)
        widget.locator("[data-name='W[3,4]']").hover()
        assert words.text_content() == said("W", 3, 4, False)
        return
    widget.locator("td[tabindex='0']").focus()
    for key, (name, i, j) in [
        ("ArrowDown", ("W_hh", 1, 0)), ("End", ("W_hh", 1, 3)), ("ArrowRight", ("b_h", 0, 0)),
        ("ArrowUp", ("b_h", 0, 0)),
        ("ArrowLeft", ("W_hh", 0, 3)), ("Home", ("W_hh", 0, 0)), ("ArrowLeft", ("W_hh", 0, 0)), ("End", ("W_hh", 0, 3)),
        ("ArrowRight", ("b_h", 0, 0)), ("End", ("b_h", 0, 3)), ("ArrowRight", ("L", 0, 0)), ("ArrowRight", ("W", 0, 0)),
        ("ArrowDown", ("W", 1, 0)), ("ArrowRight", ("W", 1, 1)), ("End", ("W", 1, 11)), ("ArrowRight", ("W", 1, 11)),
    ]:  # fmt: skip
        widget.page.keyboard.press(key)
        assert words.text_content() == said(name, i, j, False), key
    widget.page.keyboard.press("Space")
    assert words.text_content() == said("W", 1, 11, True)
    assert widget.locator("td[tabindex='0']").count() == 1


def test_sizes_notes_and_a_second_widget(widget):
    assert widget.get_by_text("first 12 × 12 shown").count() == 1
    assert widget.get_by_text("(14, 15)").count() == 1
    vector = widget.shown.widget("numbers", 1)
    assert vector.locator("input").count() == 0  # nothing came after
    vector.locator("td").nth(1).click()
    assert vector.locator(".unrolled-words").text_content() == "x[1] = −2"
    assert widget.locator(".unrolled-words").text_content() == said("W_hh", 0, 0, False)


def test_tables_are_seen_in_both_themes(widget):
    backgrounds = []
    for theme in ("light", "dark"):
        widget.shown.theme(theme)
        widget.shown.screenshot("numbers")
        backgrounds.append(widget.locator("td").first.evaluate("td => getComputedStyle(td).backgroundColor"))
    assert backgrounds[0] != backgrounds[1]
