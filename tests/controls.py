"""Every control of every widget that is shown, operated by keyboard to see whether it does something."""

from playwright.sync_api import TimeoutError as Unchanged

from tests.patience import patience

CONTROLS = "button, input, select, [role=slider], [role=spinbutton]"
USABLE = "(e) => e.isConnected && !e.disabled && e.ariaDisabled !== 'true' && e.checkVisibility()"
NUMBER = "(e) => (e.unrolledNumber ??= window.unrolledNumbers = (window.unrolledNumbers ?? 0) + 1)"
NAME = "(e) => e.ariaLabel || e.labels?.[0]?.textContent || e.textContent || e.type"
KIND = """(e) => [
    e.type === 'range' ? 'slider' : e.role || e.type,
    Number(e.value ?? e.ariaValueNow) < Number(e.max ?? e.ariaValueMax),
]"""
# What a reader sees of a widget but for the control itself: a slider that only moves has done nothing.
CONTENT = """([root, control]) => {
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


class Controls:
    """The sliders, buttons and fields of a widget. A kernel may take seconds to answer."""

    def __init__(self, widget, kernel):
        self.page, self.root, self.worked = widget.page, widget.element_handle(), {}
        self.longest = 3000 if kernel else 1000

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
        before, label = self.page.evaluate(CONTENT, [self.root, control]), control.text_content()
        self.operate(control)
        changed = f"([root, control, before]) => ({CONTENT})([root, control]) !== before"
        try:
            self.page.wait_for_function(changed, arg=[self.root, control, before], timeout=wait * patience())
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
                if self.works(control, self.longest):
                    return True
        return False


def idle(page, kernel, which=".unrolled"):
    """{"explore 0": [the controls that do nothing]} of the widgets that are shown, with a kernel or without one.

    Without one, a widget that the kernel computes says so, and stands still.
    """
    found = {}
    for place, widget in enumerate(page.locator(which).all()):
        if not kernel and widget.get_by_text("This one needs the notebook").count():
            continue
        widget.scroll_into_view_if_needed()
        if names := Controls(widget, kernel).idle():
            found[f"{widget.get_attribute('data-widget')} {place}"] = names
    return found
