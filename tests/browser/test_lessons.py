"""Every lesson as a reader meets it: Run All in JupyterLab, each control tried; and its page, opened offline."""

from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import TimeoutError as Unchanged

LESSONS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
SECONDS = 300  # a lesson has 45 on a quiet machine; how busy this one is, is no fault of its own
CONTROLS = "button, input, select, [role=slider], [role=spinbutton]"
OTHERS = ".jp-OutputArea-output :is(.jupyter-button, .widget-slider, .widget-dropdown, .widget-toggle-buttons)"
USABLE = "(e) => e.isConnected && !e.disabled && e.ariaDisabled !== 'true' && e.checkVisibility()"
NUMBER = "(e) => (e.unrolledNumber ??= window.unrolledNumbers = (window.unrolledNumbers ?? 0) + 1)"
NAME = "(e) => e.ariaLabel || e.labels?.[0]?.textContent || e.textContent || e.type"
KIND = """(e) => [
    e.type === 'range' ? 'slider' : e.role || e.type,
    Number(e.value ?? e.ariaValueNow) < Number(e.max ?? e.ariaValueMax),
]"""
# What a reader sees of a widget but for the control itself: a slider that only moves has done nothing.
SEEN = """([root, control]) => {
    const parts = [];
    const walk = (node) => {
        if (node.nodeType === Node.TEXT_NODE) parts.push(node.data);
        if (node.nodeType !== Node.ELEMENT_NODE || node === control || node.matches("input, select, output")) return;
        for (const { name, value } of node.attributes) if (name !== "tabindex") parts.push(`${name}=${value}`);
        if (node.matches("canvas")) parts.push(node.toDataURL());
        node.childNodes.forEach(walk);
    };
    walk(root);
    return parts.join(" ");
}"""

lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)


class Controls:
    """The sliders, buttons and fields of a widget, each operated by keyboard to see whether it does something."""

    def __init__(self, widget):
        self.page, self.root, self.worked = widget.page, widget.element_handle(), {}

    def all(self):
        """{number: control}: of those that are there now."""
        return {control.evaluate(NUMBER): control for control in self.root.query_selector_all(CONTROLS)}

    def operate(self, control):
        """One move of a slider or a field, one press of a button, another choice."""
        kind, rises = control.evaluate(KIND)
        if kind == "select-one":
            last = control.evaluate("(e) => e.selectedIndex === e.options.length - 1")
            control.press("ArrowUp" if last else "ArrowDown")
        elif kind in ("slider", "spinbutton", "number"):
            control.press({"slider": ("ArrowLeft", "ArrowRight")}.get(kind, ("ArrowDown", "ArrowUp"))[rises])
        else:
            control.press("Space" if kind in ("radio", "checkbox") else "Enter")

    def works(self, control, wait):
        """Whether anything but the control itself changes within so many milliseconds after it was operated."""
        if not control.evaluate(USABLE):
            return False
        before, label = self.page.evaluate(SEEN, [self.root, control]), control.text_content()
        self.operate(control)
        changed = f"([root, control, before]) => ({SEEN})([root, control]) !== before"
        try:
            self.page.wait_for_function(changed, arg=[self.root, control, before], timeout=wait)
        except Unchanged:
            return False
        if control.evaluate(USABLE) and control.text_content() != label:
            self.operate(control)  # "play" has become "stop"
        return True

    def idle(self):
        """The names of those that do nothing: neither where the widget stands at first, nor after any other one."""
        self.worked = {number: control for number, control in self.all().items() if self.works(control, 500)}
        grown = True
        while grown:
            left = {number: control for number, control in self.all().items() if number not in self.worked}
            grown = {number: control for number, control in left.items() if self.works_after_another(control)}
            self.worked |= grown
        return [control.evaluate(NAME) for control in left.values()]

    def works_after_another(self, control):
        """Back does something after "on"; a question can be answered anew after it was cleared."""
        for other in self.worked.values():
            if other.evaluate(USABLE):
                self.operate(other)
                if self.works(control, 3000):
                    return True
        return False


def idle(shown):
    """{"explore 0": [the controls that do nothing]} of all widgets that are shown.

    In a page, one that the kernel computes says so: it stands still there, as it must.
    """
    found = {}
    for place, widget in enumerate(shown.page.locator(".unrolled").all()):
        widget.scroll_into_view_if_needed()
        if shown.kind == "page" and widget.get_by_text("This one needs the notebook").count():
            continue
        if names := Controls(widget).idle():
            found[f"{widget.get_attribute('data-widget')} {place}"] = names
    return found


@lesson
def test_it_runs_in_jupyterlab_and_every_control_does_something(lab, path):
    shown = lab(path, timeout=SECONDS)
    assert shown.page.locator(OTHERS).count() == 0, "every control is one of the stage's: they live in a page, too"
    assert idle(shown) == {}


@lesson
def test_its_page_lives_without_a_network_and_a_kernel(offline, path):
    shown = offline(path, timeout=SECONDS)
    formulas = any("$" in cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "markdown")
    assert (shown.page.locator("mjx-container").count() > 0) == formulas
    assert shown.page.locator("mjx-merror, [data-mjx-error]").count() == 0
    for place, widget in enumerate(shown.page.locator(".unrolled").all()):
        assert widget.locator(f"{CONTROLS}, [tabindex='0']").count(), (
            f"widget {place} has controls, or numbers to walk on"
        )
    assert idle(shown) == {}


def test_a_control_that_does_nothing_is_named(offline):
    source = """
    import anywidget

    class Trial(anywidget.AnyWidget):
        _esm = '''export default { render({ el }) {
            const root = document.createElement("div");
            root.className = "unrolled";
            root.innerHTML = `<input type=range max=3 value=3 aria-label=good><input type=range max=3 aria-label=idle>
                <button>on</button><button>back</button><button>dead</button><button disabled>off</button><p>0</p>`;
            const [good, _, on, back] = root.children, text = root.querySelector("p");
            const add = (k) => { text.textContent = Math.max(0, Number(text.textContent) + k); };
            good.oninput = () => { root.title = good.value; };
            on.onclick = () => add(1);
            back.onclick = () => add(-1);
            el.append(root);
        } }'''

    Trial()
    """
    shown = offline([source.replace("\n    ", "\n")])
    assert idle(shown) == {"None 0": ["idle", "dead", "off"]}
