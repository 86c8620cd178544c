"""Each handout is one file that needs nothing else: formulas set, widgets alive, readable, and open to everybody."""

import re
from pathlib import Path

import nbformat
import pytest

from tests.controls import CONTROLS, idle
from tests.handouts.conftest import NO_CODE, PLAIN
from tools.lecture import SETUP

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
MARKED = ".jp-OutputArea-child:has(.notebook-only) + .jp-OutputArea-child"
CURVES = re.compile(r"plots\.(lines|losses|gradient_flow|series|heat|phase_plane)\(|\bdots\(")
# The text that a reader sees, without code and what a program printed.
PROSE = """() => {
    const copy = document.querySelector("main").cloneNode(true);
    copy.querySelectorAll("pre, code, script, style, mjx-container, .unrolled").forEach((e) => e.remove());
    return copy.textContent;
}"""
SEEN = """(root) => [root.outerHTML, root.querySelector("canvas")?.toDataURL(),
    ...[...root.querySelectorAll("input")].map((e) => [e.value, e.checked])].join()"""


def formulas_left(text):
    """What looks like a formula that was not set."""
    return re.findall(r"\$[^$\n]*[\\_^{][^$\n]*\$|\\\(|\\\[|\\begin\{", text)


def test_a_formula_that_is_not_set_is_seen():
    assert formulas_left(r"the state $h_t$ costs $5 and \begin{matrix}") == ["$h_t$", r"\begin{"]


def test_it_is_one_small_file(built, name):
    assert (built / "handouts" / f"{name}.html").stat().st_size <= 8e6
    assert (built / "slides" / f"{name}.html").stat().st_size <= 8e6


def test_formulas_are_set_and_all_can_read_it(built, name, look_at, serious):
    page = look_at(built / "handouts" / f"{name}.html")
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", 4)
    formulas = any(re.search(r"\$[^$]+\$", cell.source) for cell in notebook.cells if cell.cell_type == "markdown")
    assert (page.locator("mjx-container").count() > 0) == formulas
    assert page.locator("mjx-merror, [data-mjx-error]").count() == 0
    assert formulas_left(page.evaluate(PROSE)) == []
    folds = page.locator("details:not([open]) > summary").element_handles()  # what is folded is read, too
    for fold in folds:
        fold.evaluate("(e) => { e.parentElement.open = true; }")
    assert page.evaluate("document.body.dataset.jpThemeLight") == "true"
    assert serious(page) == {}
    page.set_viewport_size({"width": 390, "height": 900})
    assert serious(page, "structure") == {}
    page.set_viewport_size({"width": 1360, "height": 900})
    page.locator("#theme").click()
    assert page.evaluate("document.body.dataset.jpThemeLight") == "false"
    assert serious(page, "contrast") == {}
    page.locator("#theme").click()
    for fold in folds:
        fold.evaluate("(e) => { e.parentElement.open = false; }")


def test_it_has_a_language_a_main_part_and_lists_to_walk_over(built, name, look_at):
    page = look_at(built / "handouts" / f"{name}.html")
    assert page.locator("html").get_attribute("lang") == "en"
    for landmark in ("main", "banner", "contentinfo"):
        assert page.get_by_role(landmark).count() == 1, landmark
    assert page.get_by_role("navigation", name="contents").get_by_role("link").count() >= 3
    cells = nbformat.read(NOTEBOOKS / f"{name}.ipynb", 4).cells
    cells = [cell for cell in cells if cell.cell_type != "raw" and SETUP not in cell.metadata.get("tags", [])]
    assert page.get_by_role("list", name="cells").locator("> [role=listitem]").count() == len(cells)
    assert page.locator("a, button, [tabindex]").first.get_attribute("href") == "#lesson"


def test_the_numbers_of_a_figure_stand_below_it_as_a_table(built, name, look_at):
    page = look_at(built / "handouts" / f"{name}.html")
    tables = page.locator("figure table")
    code = [cell.source for cell in nbformat.read(NOTEBOOKS / f"{name}.ipynb", 4).cells if cell.cell_type == "code"]
    drawn = sum("plots.show(" in source and bool(CURVES.search(source)) for source in code)  # the others are diagrams
    assert page.locator("figure .numbers").count() >= drawn
    for table in tables.all():
        rows, columns = table.locator("tbody tr").count(), table.locator("thead th").count()
        assert 0 < rows <= 120
        assert 0 < columns <= 13
        assert table.locator("caption").text_content().strip()
    for picture in page.locator("figure img").all():
        assert picture.evaluate(
            "(e) => document.getElementById(e.getAttribute('aria-describedby')).textContent.length > 20"
        )


def test_no_question_shows_its_source_which_holds_the_answer(built, name, look_at):
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", 4)
    hidden = [cell.source for cell in notebook.cells if cell.metadata.get("jupyter", {}).get("source_hidden")]
    assert hidden or name in PLAIN
    for folder in ("handouts", "slides"):
        page = look_at(built / folder / f"{name}.html")
        shown = page.evaluate("[...document.querySelectorAll('.jp-InputArea-editor')].map((e) => e.textContent.trim())")
        assert len(shown) > 3 or name in NO_CODE
        assert [source for source in hidden if source.strip() in shown] == []


def test_contents_pictures_and_folds(built, name, look_at):
    page = look_at(built / "handouts" / f"{name}.html")
    assert page.locator(".contents a").count() >= 3
    assert page.locator("figure").count() == page.locator("figure > figcaption").count()
    assert page.locator(".still:visible").count() == 0
    assert page.locator("main").get_by_text("FOLD BEGINS").count() == 0
    assert re.search(r"Run on \d+ \w+ 20\d\d at \w+ scale: Unrolled", page.locator(".foot").text_content())
    asks = name not in {"clinic", *PLAIN, *NO_CODE}  # it has exercises of its own
    assert page.locator(".notebook-only").count() > 0 or not asks
    theirs = ".widget-hbox, .jupyter-button, .widget-slider, .widget-dropdown"  # tqdm's bars, ipywidgets' own controls
    assert page.locator(theirs).count() == 0
    solutions = page.locator("main details.solution:not(.answer)")
    assert solutions.count() > 0
    assert not solutions.first.locator("ol, pre, p").first.is_visible()
    solutions.first.locator("summary").click()
    assert solutions.first.locator("ol, pre, p").first.is_visible()
    solutions.first.locator("summary").click()


def test_it_tells_nothing_of_who_built_it(built, name, look_at):
    told = look_at(built / "handouts" / f"{name}.html").locator("main").text_content()
    assert re.findall(r"Right so far: (\d+) of", told) in (["0"], [])


CUT = """() => {
    const edge = document.querySelector("main").getBoundingClientRect().right + 1;
    const outputs = [...document.querySelectorAll("main .jp-OutputArea-output")];
    return outputs.filter((e) => e.getBoundingClientRect().right > edge).map((e) => e.outerHTML.slice(0, 200));
}"""


@pytest.mark.parametrize("width", [390, 1280])
def test_what_is_too_wide_is_scrolled_and_not_cut(built, name, look_at, width):
    page = look_at(built / "handouts" / f"{name}.html")
    page.set_viewport_size({"width": width, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(CUT) == []


def test_widgets_answer_to_a_click_and_to_a_key(built, name, open_page):
    page = open_page(built / "handouts" / f"{name}.html")
    alive = page.locator(f".unrolled:not({MARKED} .unrolled)")
    assert alive.count() > 0 or name in PLAIN
    assert page.locator(f"{MARKED} [data-widget=explore] input:enabled").count() == 0
    for widget in alive.all():
        slider, buttons = widget.locator("input[type=range]").first, widget.locator("button:enabled")
        before = widget.evaluate(SEEN)
        clicked = (button.click() or widget.evaluate(SEEN) for button in buttons.all())
        # Where a widget is at its start, the way back to it changes nothing.
        assert not buttons.count() or any(after != before for after in clicked), widget.get_attribute("data-widget")
        if slider.count():
            at_end = slider.evaluate("(e) => Number(e.value) === Number(e.max)")
            before = widget.evaluate(SEEN)
            slider.press("ArrowLeft" if at_end else "ArrowRight")
            assert widget.evaluate(SEEN) != before, widget.get_attribute("data-widget")


def test_every_control_does_something(built, pressed, open_page):
    page = open_page(built / "handouts" / f"{pressed}.html")
    for place, widget in enumerate(page.locator(".unrolled").all()):
        assert widget.locator(f"{CONTROLS}, [tabindex='0']").count(), f"widget {place} has neither controls nor numbers"
    assert idle(page, kernel=False) == {}


WIDER = """() => [...document.querySelectorAll("main *")].filter((e) => {
    const box = e.getBoundingClientRect();
    return box.right > innerWidth + 1 || (e.clientWidth && e.scrollWidth > e.clientWidth + 1);
}).map((e) => e.outerHTML.slice(0, 200))"""


def test_on_paper_widgets_are_pictures_and_nothing_is_wider(built, name, look_at):
    page = look_at(built / "handouts" / f"{name}.html")
    page.set_viewport_size({"width": 673, "height": 952})  # A4 less its margins
    page.emulate_media(media="print")
    assert page.locator(".still:visible").count() == page.locator(".still").count()
    assert page.locator("img.still").count() == page.locator(".unrolled").count()
    assert page.locator("img.still").count() > 0 or name in PLAIN
    assert page.locator(".unrolled:visible").count() == 0
    assert page.evaluate(WIDER) == []


def test_without_scripts_the_pictures_stand_for_the_widgets(built, name, new_context):
    page = new_context(offline=True, java_script_enabled=False).new_page()
    page.goto((built / "handouts" / f"{name}.html").as_uri())
    assert page.locator(".still").count() > 0 or name in PLAIN
    assert [still for still in page.locator(".still").all()[:1] if not still.is_visible()] == []
