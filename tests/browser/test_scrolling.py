"""JupyterLab scrolls as readers have it: what was far out of sight still holds what it held, and still answers."""

import pytest

SOURCE = """
from IPython.display import HTML
from unrolled.widgets import sketchpad
pad = sketchpad(8)
pad
"""
FAR = [f"HTML('<div style=\"height: 900px\">cell {k}</div>')" for k in range(40)]
PICTURE = "(canvas) => canvas.toDataURL()"
IN_SIGHT = "(e) => { const { top, bottom } = e.getBoundingClientRect(); return bottom > 0 && top < innerHeight; }"
AUTO = "() => [...document.querySelectorAll('.jp-Cell')].some((e) => getComputedStyle(e).contentVisibility === 'auto')"


def test_a_drawing_outlasts_a_long_scroll(lab):
    shown = lab([SOURCE, *FAR])
    assert shown.page.evaluate(AUTO), "cells that are out of sight are not drawn"
    pad, canvas = shown.page.locator(".unrolled-pad"), shown.page.locator("canvas")
    empty = canvas.evaluate(PICTURE)
    pad.press("Space")
    drawn, numbers = canvas.evaluate(PICTURE), shown.kernel("pad.array")
    assert drawn != empty
    last = shown.page.get_by_text(f"cell {len(FAR) - 1}", exact=True)
    last.scroll_into_view_if_needed()
    assert last.evaluate(IN_SIGHT)
    assert not canvas.evaluate(IN_SIGHT)
    shown.pause(500)  # what is taken out of the page is taken out when the browser has time
    shown.scroll_through()
    assert canvas.evaluate(IN_SIGHT)
    assert canvas.evaluate(PICTURE) == drawn
    assert shown.kernel("pad.array") == numbers
    shown.widget("sketchpad").get_by_role("button", name="undo").click()
    assert canvas.evaluate(PICTURE) == empty
    assert shown.kernel("pad.array.sum()") == pytest.approx(0)
