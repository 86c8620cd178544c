"""No lesson and no widget asks for JupyterLab: Notebook 7, VS Code and Colab show them by the same files.

A client finds a notebook's kernel by its name (test_notebooks.py) and brings each widget to life from its own text:
nothing is loaded beside it, nothing is asked of the page around it, and a colour that is JupyterLab's has another.
"""

import re
from pathlib import Path

import nbformat
import pytest

from unrolled.widgets import base, canvas, coloured_text, explorer, graph_stepper, matrices, question

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
WIDGETS = [canvas.Sketchpad, coloured_text.TextHeat, explorer.Explore, graph_stepper.Stepper, matrices.Numbers]
WIDGETS += [question.Predict]
COMMENT = re.compile(r"/\*.*?\*/|(?<![:\"'])//.*")
LOADS = re.compile(
    r"^\s*import\b|\bimport\(|\brequire\(|\bfetch\(|XMLHttpRequest|WebSocket|https?://(?!www\.w3\.org)", re.M
)
ASKS = re.compile(r"jupyterapp|\bjupyterlab\b|\.jp-[A-Z]|\.lm-[A-Z]|parent\.|window\.top|google\.colab|vscode", re.I)


def script_faults(script, style=""):
    """What of a widget's script or style needs more than the widget itself, one sentence each."""
    if not isinstance(script, str) or "export default" not in script:
        return ["it must be a text with a default export, not a file's address"]
    code = COMMENT.sub("", script)
    wrong = [f"it loads something: {found.strip()}" for found in LOADS.findall(code)]
    wrong += [f"it asks for the page around it: {found}" for found in ASKS.findall(code + style)]
    bare = re.findall(r"var\((--jp-[\w-]+)\)", script + style)
    return wrong + [f"{name} is JupyterLab's own: it needs a value for elsewhere" for name in bare]


def cell_faults(source):
    """What of a code cell only JupyterLab can do."""
    return [f"only JupyterLab has it: {found}" for found in ASKS.findall(source)]


@pytest.mark.parametrize("widget", WIDGETS, ids=lambda widget: widget.__name__)
def test_a_widget_is_all_there_is(widget):
    assert script_faults(widget._esm, widget._css) == []


def test_each_widget_of_the_course_is_looked_at():
    assert {widget for widget in base.Widget.__subclasses__() if widget.__module__.startswith("unrolled.")} == {
        *WIDGETS
    }


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_cell_asks_for_jupyterlab(path):
    notebook = nbformat.read(path, 4)
    assert (
        "widgets" not in notebook.metadata
    )  # a state that is stored without its views is an invalid notebook elsewhere
    assert [fault for cell in notebook.cells if cell.cell_type == "code" for fault in cell_faults(cell.source)] == []


@pytest.mark.parametrize(
    "script, style, fault",
    [
        ('import d3 from "./d3.js";\nexport default {}', "", "it loads something: import"),
        ('export default {}; await import("https://esm.sh/d3")', "", "it loads something: import("),
        ("export default { render() { window.jupyterapp.shell } }", "", "it asks for the page around it: jupyterapp"),
        ("export default {}", ".jp-Notebook .unrolled { color: red }", "it asks for the page around it: .jp-N"),
        ("export default {}", "p { color: var(--jp-ui-font-color1) }", "--jp-ui-font-color1 is JupyterLab's own"),
        (Path("widget.js"), "", "not a file's address"),
    ],
)
def test_what_needs_more_is_named(script, style, fault):
    assert any(fault in one for one in script_faults(script, style))
    assert script_faults("// import, jupyterapp\nexport default {}", "p { color: var(--jp-x, red) }") == []
    assert cell_faults("import jupyterlab") == ["only JupyterLab has it: jupyterlab"]
