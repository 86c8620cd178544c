"""A lesson in JupyterLab as a reader meets it: Run All, scrolled through, each control tried. Its page: tests/handouts.

Here is the lesson on the GRU, which is short and has a stepper, and every lesson with a widget that the kernel computes
(lesson 01), for its page cannot show that: of these widgets alone the controls are tried. `make test-lessons` sets
UNROLLED_LESSONS=all, and tries every control of every lesson.
"""

import os
from pathlib import Path

import nbformat
import pytest

from tests.controls import CONTENT, idle


def shown_in_lab(path):
    """Whether this is the lesson on the GRU, or a control in it moves the kernel."""
    sources = "".join(cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "code")
    return path.stem.endswith("_gru") or "live=True" in sources or ".observe(" in sources


NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
ALL = os.environ.get("UNROLLED_LESSONS") == "all"
LESSONS = [path for path in sorted(NOTEBOOKS.glob("*.ipynb")) if ALL or shown_in_lab(path)]
SECONDS = 300  # a lesson has 45 on a quiet machine; how busy this one is, is no fault of its own
OTHERS = ".jp-OutputArea-output :is(.jupyter-button, .widget-slider, .widget-dropdown, .widget-toggle-buttons)"
SHOWN = f"() => [...document.querySelectorAll('.unrolled')].map((root) => ({CONTENT})([root, null]))"


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_it_runs_keeps_what_it_shows_and_every_control_does_something(lab, path):
    shown = lab(path, timeout=SECONDS)
    assert shown.page.locator(OTHERS).count() == 0, "every control is a widget's of ours: they live in a page, too"
    shown.scroll_through()  # a chart takes its size when it is first seen
    before = shown.page.evaluate(SHOWN)
    shown.scroll_through()
    assert shown.page.evaluate(SHOWN) == before, "what was far away has changed"
    assert idle(shown.page, kernel=True, which=".unrolled" if ALL else ".unrolled[data-live=true]") == {}


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
    assert idle(shown.page, kernel=False) == {"None 0": ["idle", "dead", "off"]}
