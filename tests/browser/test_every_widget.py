"""What every widget owes: a copy beside it, a second view of it, and a reader who wants no motion, change nothing."""

import pytest

from tests.patience import patience

SOURCE = """
import numpy as np
from IPython.display import display
from unrolled.autodiff import ops
from unrolled.autodiff.tape import Var
from unrolled.widgets import charts, explore, numbers, predict, sketchpad, stepper, text_heat

steps = np.arange(10)
A = np.arange(-6.0, 6.0).reshape(3, 4)

def walked():
    w = Var(np.full((1, 1), 0.5), "W_hh")
    L = ops.sum(ops.tanh(w @ w))
    L.name = "L"
    return stepper(L, title="Two uses")

def explored():
    chart = charts.lines({"power": "p"}, xlabel="step", ylabel="power", title="{a:.1f} to the step")
    return explore(lambda a: {"p": a**steps}, chart, alt="A curve for {a:.1f}.", a=[0.5, 1.0, 1.1])

make = {
    "stepper": walked, "explore": explored,
    "text_heat": lambda: text_heat("hello, hello", np.linspace(-1, 1, 48).reshape(12, 4), title="Four cells"),
    "numbers": lambda: numbers({"A": A}, {"A": -A}, title="Before and after"),
    "predict": lambda: predict("Which?", {"one": "no", "two": "yes"}, answer="two"),
    "sketchpad": lambda: sketchpad(8),
}
"""
ACTS = {  # what takes the focus, the key, and whether the state is the model's: then each view of it follows
    "stepper": ("input[type=range]", "ArrowRight", False),
    "explore": ("input[type=range]", "ArrowRight", True),
    "text_heat": (".unrolled-text", "ArrowDown", False),
    "numbers": ("td[tabindex='0']", " ", False),
    "predict": ("[data-name=A]", "Enter", True),
    "sketchpad": (".unrolled-pad", " ", True),
}
TWO = 'a, b = make["{0}"](), make["{0}"]()\ndisplay(a, b, a)'
CELLS = [SOURCE, *(TWO.format(name) for name in ACTS)]
ONE = [SOURCE, *(f'{name} = make["{name}"]()\n{name}' for name in ACTS)]
# What is on screen: the elements with what is in them, without the names of radio buttons and what the focus leaves.
SEEN = r"""(root) => {
    const canvas = root.querySelector("canvas");
    const html = root.outerHTML.replace(/name="unrolled-[^"]*"/g, "").replace(/ tabindex="-?\d"/g, "");
    return [html, canvas?.toDataURL(), [...root.querySelectorAll("input")].map((e) => [e.value, e.checked])];
}"""


@pytest.fixture
def shown(place):
    return place(CELLS)


def act(widget, name):
    where, key, _ = ACTS[name]
    widget.locator(where).first.press(key)
    widget.page.wait_for_timeout(50 * patience())


def test_copies_are_independent_and_views_of_one_model_agree(shown):
    for name, (*_, common) in ACTS.items():
        first, copy, view = (shown.widget(name, nth) for nth in range(3))
        before = first.evaluate(SEEN)
        assert view.evaluate(SEEN) == before, name
        untouched = copy.evaluate(SEEN)
        act(first, name)
        after = first.evaluate(SEEN)
        assert after != before, name
        assert copy.evaluate(SEEN) == untouched, name
        assert (view.evaluate(SEEN) != before) == common, name
        act(view, name)
        if name == "explore":  # both have gone on from the one state that they share
            assert "for 1.1" in first.locator(".unrolled-words").text_content()
        assert copy.evaluate(SEEN) == untouched, name
        assert view.evaluate(SEEN) != before, name


# What a screen reader says by itself when it changes.
ANNOUNCED = "[aria-live]:not([aria-live=off]), [role=status], [role=alert]"


def test_what_changed_is_announced(shown):
    for name in ACTS:
        widget = shown.widget(name)
        before = widget.locator(ANNOUNCED).all_text_contents()
        act(widget, name)
        assert widget.locator(ANNOUNCED).all_text_contents() != before, name


def test_a_widgets_look_does_not_depend_on_which_was_shown_last(place):
    """Each brings its style, and where two rules weigh the same, the one that came last would win."""
    shown = place(ONE)
    lost = shown.page.evaluate(
        """() => {
            const ours = (e) => e.textContent.includes(".unrolled") && !e.closest(".unrolled");
            const styles = [...document.querySelectorAll("style")].filter(ours);
            const looks = () => [...document.querySelectorAll(".unrolled, .unrolled *")].map((e) => {
                const style = getComputedStyle(e), names = ["display", "position", "color", "backgroundColor", "margin",
                    "padding", "border", "maxWidth", "font", "cursor", "fill", "stroke"];
                const which = [e.closest(".unrolled").dataset.widget, e.outerHTML.slice(0, 80)];
                return [...which, ...names.map((name) => style[name])].join(" | ");
            });
            const before = looks();
            styles.reverse().forEach((style) => style.parentNode.append(style));
            const after = looks();
            return before.flatMap((look, k) => (look === after[k] ? [] : [[look, after[k]]]));
        }"""
    )
    assert lost == []


def test_a_view_that_is_gone_leaves_the_other_alive(lab):
    shown = lab([*ONE, f"display({', '.join(ACTS)})"])
    for cell, name in enumerate(ACTS, start=1):
        assert shown.page.locator(f".unrolled[data-widget={name}]").count() == 2
        shown.page.evaluate(f"jupyterapp.shell.currentWidget.content.activeCellIndex = {cell}")
        shown.page.evaluate("jupyterapp.commands.execute('notebook:clear-cell-output')")
        last = shown.page.locator(f".unrolled[data-widget={name}]")
        shown.page.wait_for_function(f"document.querySelectorAll('.unrolled[data-widget={name}]').length === 1")
        before = last.evaluate(SEEN)
        act(last, name)
        assert last.evaluate(SEEN) != before, name
        if name == "explore":
            assert shown.kernel("explore.numbers") == {"a": 1.0}


# Every movement of the widgets that starts is counted: one that is looked for later may have ended.
COUNT_MOVES = """() => {
    window.moves = 0;
    for (const kind of ["transitionrun", "animationstart"])
        document.addEventListener(kind, (event) => { window.moves += Boolean(event.target.closest(".unrolled")); });
}"""


def test_nothing_moves_for_a_reader_who_wants_no_motion(shown):
    shown.page.evaluate(COUNT_MOVES)
    moves = {}
    for motion in ("no-preference", "reduce"):
        shown.page.emulate_media(reduced_motion=motion)
        for name in ACTS:
            widget, (where, key, _) = shown.widget(name), ACTS[name]
            before, moved = widget.evaluate(SEEN), shown.page.evaluate("moves")
            widget.locator(where).first.press(key)
            shown.pause(250)
            moves[motion, name] = shown.page.evaluate("moves") - moved
            if motion != "reduce" or name not in ("predict", "sketchpad"):  # these are at their end
                assert widget.evaluate(SEEN) != before, name
    assert moves["no-preference", "numbers"] > 0  # colours fade: what is looked for can be seen
    assert not any(count for (motion, _), count in moves.items() if motion == "reduce"), moves
