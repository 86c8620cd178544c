"""A lesson is read by the keyboard alone, from its head to its recap: Tab, arrows, Enter and the space key, no mouse.

Each stop is seen, has an outline, and comes after the stop before, as it is read. What can be operated is operated,
each widget on the way answers, and nothing that can be operated was passed over.
"""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools.execute import execute
from tools.export import page as export
from tools.export import write
from tools.page_scripts import scripts

CELL = ".jp-Cell:has({}) > .jp-Cell-inputWrapper"
RECAP, END = CELL.format(".celltag_recap"), CELL.format("#End")
WIDGETS = """
import numpy as np
from unrolled.autodiff import ops
from unrolled.autodiff.tape import Var
from unrolled.widgets import charts, explore, numbers, predict, sketchpad, stepper, text_heat

steps, A, w = np.arange(10), np.arange(-6.0, 6.0).reshape(3, 4), Var(np.full((1, 1), 0.5), "W_hh")
chart = charts.lines({"power": "p"}, xlabel="step", ylabel="power", title="{a:.1f} to the step")
explored = explore(lambda a, f: {"p": a**steps}, chart, alt="Powers of {a:.1f}.", a=[0.5, 1.0, 1.1], f=["one", "two"])
L = ops.sum(ops.tanh(w @ w))
L.name = "L"
"""
EACH = ['predict("Which?", {"one": "no", "two": "yes"}, answer="two")',
        "explored", "sketchpad(8)", 'stepper(L, title="Two uses")',
        'numbers({"A": A, "B": A[0]}, {"A": -A, "B": A[1]}, title="Before and after")',
        'text_heat("hello, hello", np.linspace(-1, 1, 48).reshape(12, 4), title="Four cells")']  # fmt: skip
READER = """() => {
    const kinds = "a[href], button, input, select, textarea, summary, [tabindex], [role=button], [role=slider]";
    const reached = new Set();
    let last = null;
    const after = (a, b) => Boolean(a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING);
    const top = (e) => e.closest("[role=listitem]")?.getBoundingClientRect().top ?? -Infinity;
    const widgets = () => [...document.querySelectorAll(".unrolled")];

    /** How wide the outline of the focus is, in pixels; within a picture it is the frame of what has the focus. */
    function outline(e) {
        const style = getComputedStyle(e), frame = e.parentElement.closest("svg") && e.querySelector("rect");
        if (frame) return parseFloat(getComputedStyle(frame).strokeWidth) * frame.getScreenCTM().a;
        return style.outlineStyle === "none" ? 0 : style.outlineStyle === "auto" ? 2 : parseFloat(style.outlineWidth);
    }

    /** Whether the middle of the part of it that is within the window is not covered. */
    function seen(e) {
        const { left, right, top, bottom } = e.getBoundingClientRect();
        const middle = (low, high, most) => (Math.max(0, low) + Math.min(most, high)) / 2;
        const there = document.elementFromPoint(middle(left, right, innerWidth), middle(top, bottom, innerHeight));
        return Boolean(there) && (e.contains(there) || there.contains(e));
    }

    const drawn = () => new Promise((go) => requestAnimationFrame(() => setTimeout(go)));

    /** The stop where the focus is: what it is, and what is wrong with it. */
    async function stop(to) {
        const e = document.activeElement, faults = [];
        if (e === document.body) return { name: "the end of the page", faults: ["it comes before the heading"] };
        if (e === last) faults.push("Tab leads no further");
        else if (last?.isConnected && (!after(last, e) || top(e) < top(last))) faults.push("it comes too late");
        if (outline(e) < 1.9) faults.push(`its outline is ${outline(e).toFixed(1)} px wide`);
        for (const from = performance.now(); !seen(e) && performance.now() - from < 2000; ) await drawn();
        if (!seen(e)) faults.push(`it is out of sight: ${JSON.stringify(e.getBoundingClientRect())} at ${scrollY} px`);
        const kind = e.matches("input[type=range], svg") ? "slider" : e.role ?? (e.type || e.localName);
        const fresh = !reached.has(e), widget = widgets().indexOf(e.closest(".unrolled"));
        reached.add(e);
        if (widget >= 0 && fresh) spread(e);
        return { kind, faults, fresh, widget, end: to.contains(e), name: e.outerHTML.slice(0, 120),
            open: kind === "summary" && e.parentElement.open, most: e.type === "range" && e.value === e.max };
    }

    /** Where the arrow keys lead from here, as among the numbers of a matrix; the focus stays. */
    function spread(e) {
        if (e.matches("input, select, svg")) return;
        const found = new Set([e]);
        for (const one of found) for (const key of ["ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"]) {
            one.focus();
            one.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
            found.add(document.activeElement);
        }
        found.forEach((one) => reached.add(one));
        e.focus();
    }

    /** What can be operated before `to`, by its kind or by the mouse's sign, and was not reached. */
    function left(to) {
        const hand = (e) => /pointer|zoom|crosshair|grab/.test(getComputedStyle(e).cursor);
        const room = (e) => e.checkVisibility({ visibilityProperty: true }) && e.getBoundingClientRect().width > 0;
        const shown = (e) => room(e) && !e.disabled;
        const keys = kinds.replace("[tabindex]", ".unrolled [tabindex]");
        const alone = (e) => hand(e) && !hand(e.parentElement) && !e.querySelector(keys) && !e.closest(keys);
        const radio = (e) => e.type === "radio" && [...reached].some((one) => one.name === e.name);
        const all = [...document.querySelectorAll("main *")].filter((e) => after(e, to) && shown(e));
        const missed = all.filter((e) => (e.matches(kinds) || alone(e)) && !reached.has(e) && !radio(e));
        return missed.map((e) => e.outerHTML.slice(0, 120));
    }

    /** What a widget shows, but for where the focus is, and for its fold, which the browser opens by itself. */
    function look(widget) {
        const root = widgets()[widget], copy = root?.cloneNode(true);
        copy?.querySelector("details")?.remove();
        return root && [copy.outerHTML.replace(/ tabindex="-?\\d"/g, ""), root.querySelector("canvas")?.toDataURL(),
            ...[...root.querySelectorAll("input")].map((e) => [e.value, e.checked])].join();
    }

    const passed = (to) => widgets().map((e, k) => (after(e, to) ? [k, e.dataset.widget] : null)).filter(Boolean);
    const text = () => document.activeElement.textContent, stay = () => { last = document.activeElement; };
    window.reader = { stop, left, look, passed, text, stay };
}"""
KEYS = {"slider": "ArrowRight", "radio": "ArrowRight", "select-one": "ArrowDown", "application": "Space"}
KEYS |= {"button": "Enter", "summary": "Enter", "td": "ArrowRight"}


def read(page, to):
    """Read the page from its top to the element `to` -> how many stops there were. AssertionError: what is wrong."""
    end, answered, stops = page.locator(to).first.element_handle(), set(), 0
    page.evaluate(READER)
    while True:
        page.keyboard.press("Tab")
        stop = page.evaluate("(to) => reader.stop(to)", end)
        assert stop["faults"] == [], f"{stop['name']}: {stop['faults']}"
        stops += 1
        if stop["end"]:
            break
        if stop["fresh"] and stop["kind"] in KEYS:
            operate(page, stop, answered)
        page.evaluate("reader.stay()")
    assert page.evaluate("(to) => reader.left(to)", end) == [], "no key leads there"
    assert [one for one in page.evaluate("(to) => reader.passed(to)", end) if one[0] not in answered] == []
    return stops


def operate(page, stop, answered):
    """Press the key of what has the focus; note the widget if it answers. What was open or plays is left as it was."""
    look = lambda: page.evaluate("(widget) => reader.look(widget)", stop["widget"])
    before, text = look(), page.evaluate("reader.text()")
    key = "ArrowLeft" if stop["most"] else KEYS[stop["kind"]]
    page.keyboard.press(key)
    if look() != before:
        answered.add(stop["widget"])
    if stop["open"] or (
        stop["kind"] == "button" and stop["name"].startswith("<button") and page.evaluate("reader.text()") != text
    ):
        page.keyboard.press(key)


@pytest.fixture(scope="session")
def trial(scripts_are_there, tmp_path_factory):
    """A page with each widget of the course, between two headings."""
    folder = tmp_path_factory.mktemp("trial")
    cells = [
        new_markdown_cell("# Trial\n\n## Begin"),
        *map(new_code_cell, [WIDGETS, *EACH]),
        new_markdown_cell("## End"),
    ]
    nbformat.write(new_notebook(cells=cells), folder / "trial.ipynb")
    executed, _, error = execute(folder / "trial.ipynb", environment={"UNROLLED_STILLS": "0"})
    assert error is None
    write(folder / "trial.html", export(executed, "trial", scripts()))
    return folder / "trial.html"


def test_a_lesson_is_read_from_its_head_to_its_recap(built, pressed, open_page, serious):
    page = open_page(built / "handouts" / f"{pressed}.html")
    end = RECAP if page.locator(RECAP).count() else ".jp-Cell:has(h2):not(:has(~ .jp-Cell h2)) > .jp-Cell-inputWrapper"
    assert read(page, end) > page.locator(".jp-CodeCell").count()
    heading = page.locator(f"{end} h2").bounding_box()
    assert 0 < heading["y"] < 900 - heading["height"]
    assert serious(page) == {}  # with its verdicts said, and all that was folded open
    page.evaluate("document.body.dataset.jpThemeLight = 'false'")
    assert serious(page) == {}


@pytest.mark.xdist_group("keyboard")
def test_each_widget_of_the_course_is_reached_and_answers(trial, open_page):
    assert read(open_page(trial), END) > 30


def test_a_fold_opens_at_its_full_height(trial, open_page):
    """What is filled later pushes away what the next key has reached."""
    page = open_page(trial)
    opened = page.evaluate(
        "[...document.querySelectorAll('.unrolled details')].map((fold) => (fold.querySelector('summary').click(),"
        " [fold.open, fold.querySelectorAll('td').length > 0]))"
    )
    assert len(opened) > 2
    assert set(map(tuple, opened)) == {(True, True)}


ROOTS = "document.querySelectorAll('.unrolled')"
PLANTED = {
    "Tab leads no further": f"{ROOTS}[1].addEventListener('keydown', (e) => e.key === 'Tab' && e.preventDefault())",
    "it comes too late": f"{ROOTS}[5].querySelector('select').tabIndex = 1",
    "its outline is 0.0 px wide": f"{ROOTS}[0].append(Object.assign(document.createElement('style'), "
    "{ textContent: '.unrolled :focus-visible { outline: none !important }' }))",
    "it is out of sight": "document.querySelector('.bar').style.height = '80vh'",
    "no key leads there": f"{ROOTS}[1].querySelector('summary').tabIndex = -1",
    "no key leads there.*more": "document.querySelector('h2').insertAdjacentHTML('afterend', "
    "'<p><span style=\"cursor: pointer\">more</span></p>')",
    "stepper": "const still = (e) => e.key?.startsWith('Arrow') || e.key === 'Tab' || e.stopImmediatePropagation();"
    f"for (const act of ['keydown', 'click', 'input']) {ROOTS}[3].addEventListener(act, still, true);"
    f"{ROOTS}[3].querySelector('input').remove()",
}


@pytest.mark.xdist_group("keyboard")
@pytest.mark.parametrize("said", PLANTED)
def test_what_stops_the_keyboard_is_named(trial, open_page, said):
    page = open_page(trial)
    page.evaluate(f"() => {{ {PLANTED[said]} }}")
    with pytest.raises(AssertionError, match=f"(?s){said}"):
        read(page, END)


def test_the_list_of_sections_leads_the_keyboard_to_each(built, pressed, open_page):
    page = open_page(built / "handouts" / f"{pressed}.html")
    links = page.locator("nav.contents a")
    assert links.count() == page.locator("main :is(h2, h3)[id]").count() > 2
    for link in links.all():
        link.focus()
        page.keyboard.press("Enter")
        heading = page.locator(f"[id='{link.get_attribute('href')[1:]}']")
        assert heading.evaluate("(e) => e.getBoundingClientRect().top >= document.querySelector('.bar').offsetHeight")
        page.keyboard.press("Tab")  # from there on, and not from the list; the last section may have nothing to stop at
        after = heading.evaluate("(e) => e.compareDocumentPosition(document.activeElement) & 4")
        assert after or page.evaluate("document.activeElement.matches('.skip')")
