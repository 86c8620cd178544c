"""The slides of a lesson: one file, which advances by key; a widget keeps its keys; notes stand beside."""

import re
from itertools import pairwise
from pathlib import Path

import nbformat
from playwright.sync_api import expect

from tests.handouts.conftest import PLAIN
from tests.patience import patience

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
AT = "[Reveal.getIndices().h, Reveal.getIndices().v, Reveal.getIndices().f ?? -1]"
# The slide's number, and how much of it was not seen yet: it is below, or was not brought on.
LEFT = """() => {
    const slide = Reveal.getCurrentSlide(), below = slide.scrollHeight - slide.scrollTop - slide.clientHeight;
    return [Reveal.getSlidePastCount(), below > 4 || slide.querySelectorAll(".fragment:not(.visible)").length > 0];
}"""


def cells(name):
    return nbformat.read(NOTEBOOKS / f"{name}.ipynb", 4).cells


def slide_types(name):
    return [cell.metadata.get("slideshow", {}).get("slide_type") for cell in cells(name)]


def test_they_advance_to_the_end_and_back_and_all_can_read_them(built, name, open_page, serious):
    page = open_page(built / "slides" / f"{name}.html")
    types = slide_types(name)
    assert page.evaluate("Reveal.getTotalSlides()") == types.count("slide") + types.count("subslide")
    total, seen = page.evaluate("Reveal.getTotalSlides()"), [page.evaluate(LEFT)]
    while seen[-1] != [total - 1, False]:
        assert len(seen) < 20 * total
        page.keyboard.press("Space")
        seen.append(page.evaluate(LEFT))
    for (number, left), (following, _) in pairwise(seen):
        assert following == number if left else following == number + 1
    assert serious(page) == {}
    end = page.evaluate(AT)
    page.keyboard.press("Shift+Space")
    assert page.evaluate(AT) != end


def test_an_answer_waits_for_the_next_key(built, name, look_at):
    cells = look_at(built / "slides" / f"{name}.html").locator(".jp-Cell:has([data-widget=predict])")
    after = cells.evaluate_all("(cells) => cells.map((cell) => cell.nextElementSibling?.className ?? 'fragment')")
    assert after or name in PLAIN  # they ask nothing
    assert [found for found in after if found not in ("fragment", "notes")] == []


def test_notes_and_formulas_are_there_and_a_widget_keeps_its_keys(built, name, open_page):
    page = open_page(built / "slides" / f"{name}.html")
    assert page.locator("aside.notes").count() == slide_types(name).count("notes")
    assert page.locator("aside.notes :is(details, summary)").count() == 0  # a speaker reads, and opens nothing
    formulas = any(re.search(r"\$[^$]+\$", cell.source) for cell in cells(name) if cell.cell_type == "markdown")
    assert (page.locator("mjx-container").count() > 0) == formulas
    assert page.locator("mjx-merror, [data-mjx-error]").count() == 0
    sliders = page.locator(".slides .unrolled input[type=range], .slides .unrolled [data-name=A]")
    if sliders.count():
        control = sliders.first
        control.evaluate(
            "(e) => { const { h, v } = Reveal.getIndices(e.closest('section:not(.stack)')); Reveal.slide(h, v, 99); }"
        )
        control.wait_for()  # a hidden one, whose fragment fades in, takes no focus
        before = page.evaluate(AT)
        control.press("ArrowRight")
        assert page.evaluate(AT) == before


def test_a_chart_stays_in_its_place_on_a_screen_of_any_size(built, name, open_page):
    """reveal.js scales a slide to the screen: a chart must not take the screen's pixels for its own."""
    page = open_page(built / "slides" / f"{name}.html", viewport={"width": 1920, "height": 1080})
    for plot in page.locator(".slides .unrolled-plot").all():
        plot.evaluate(
            "(e) => { const { h, v } = Reveal.getIndices(e.closest('section:not(.stack)')); Reveal.slide(h, v, 99); }"
        )
        plot.locator("> svg").wait_for(state="attached")
        width, height = plot.evaluate("(e) => [e.clientWidth, e.clientHeight]")
        expect(plot.locator("> svg")).to_have_attribute("viewBox", f"0 0 {width} {height}", timeout=5_000 * patience())
