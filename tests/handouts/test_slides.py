"""The slides of a lesson: one file, which advances by key; a widget keeps its keys; notes stand beside."""

import re
from pathlib import Path

import nbformat

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
AT = "[Reveal.getIndices().h, Reveal.getIndices().v, Reveal.getIndices().f ?? -1]"


def cells(name):
    return nbformat.read(NOTEBOOKS / f"{name}.ipynb", 4).cells


def slide_types(name):
    return [cell.metadata.get("slideshow", {}).get("slide_type") for cell in cells(name)]


def test_they_advance_to_the_end_and_back(built, name, open_page):
    page = open_page(built / "slides" / f"{name}.html")
    types = slide_types(name)
    assert page.evaluate("Reveal.getTotalSlides()") == types.count("slide") + types.count("subslide")
    seen = [page.evaluate(AT)]
    for _ in range(4):
        page.keyboard.press("Space")
        page.wait_for_function(f"String({AT}) !== {','.join(map(str, seen[-1]))!r}")
        seen.append(page.evaluate(AT))
    page.keyboard.press("Shift+Space")
    page.wait_for_function(f"String({AT}) === {','.join(map(str, seen[-2]))!r}")
    page.evaluate("Reveal.slide(Reveal.getHorizontalSlides().length - 1)")
    assert page.evaluate("Reveal.getIndices().h") == types.count("slide") - 1


def test_notes_and_formulas_are_there_and_a_widget_keeps_its_keys(built, name, open_page):
    page = open_page(built / "slides" / f"{name}.html")
    assert page.locator("aside.notes").count() == slide_types(name).count("notes")
    formulas = any(re.search(r"\$[^$]+\$", cell.source) for cell in cells(name) if cell.cell_type == "markdown")
    assert (page.locator("mjx-container").count() > 0) == formulas
    assert page.locator("mjx-merror, [data-mjx-error]").count() == 0
    sliders = page.locator(".slides .unrolled input[type=range], .slides .unrolled [data-name=A]")
    if sliders.count():
        control = sliders.first
        control.evaluate(
            "(e) => { const { h, v } = Reveal.getIndices(e.closest('section:not(.stack)')); Reveal.slide(h, v, 99); }"
        )
        before = page.evaluate(AT)
        control.press("ArrowRight")
        assert page.evaluate(AT) == before
