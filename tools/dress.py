"""What a page shows of an executed notebook, beyond its cells: captions, still pictures, marks, solutions."""

import base64
import io
import re
from copy import deepcopy
from html import escape

from nbformat import from_dict
from nbformat.v4 import new_output
from PIL import Image
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from tools.lecture import SETUP
from unrolled.exercises import EXERCISES
from unrolled.exercises.solutions import solution_source
from unrolled.figures import tables

VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
CHECK = re.compile(r"^check\.(\w+)\(", re.MULTILINE)
FIGURE = (
    '<figure><img alt="Figure {n}" aria-describedby="figure-{n}" width="{width}" src="data:image/webp;base64,{data}">'
    '<figcaption id="figure-{n}"><b>Figure {n}.</b> {alt}</figcaption>{table}</figure>'
)
STILL = '<img class="still" alt="{alt}" width="{width}" src="data:image/webp;base64,{data}">'
SAID = '<p class="still">{}</p>'
ANSWER = '<details class="solution answer"><summary>Answer</summary><p>{question}</p><ol type="A">{rows}</ol></details>'
CODE = '<details class="solution unprinted"><summary>Code</summary>{}</details>'
MARK = '<p class="notebook-only">{}</p>'
MOVES = "<b>Runs only in the notebook.</b> It needs Python; here it stands as the run left it."
CHECKED = "<b>Runs only in the notebook.</b> Write your answer there, and the check says what is wrong with it."


def dress(notebook, stills=True):
    """A copy of an executed notebook with what a page adds; for slides, without the widgets' still pictures."""
    notebook, figures = deepcopy(notebook), 0
    notebook.cells = [cell for cell in notebook.cells if SETUP not in cell.metadata.get("tags", [])]
    told = "".join(cell.source for cell in notebook.cells if "<details>" in cell.source)
    states = notebook.metadata.get("widgets", {}).get(STATE, {}).get("state", {})
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        outputs = []
        if cell.metadata.get("jupyter", {}).get("source_hidden"):
            cell.metadata["transient"] = from_dict({"remove_source": True})
            if stills and "predict" not in cell.metadata.get("tags", []):  # a question's source holds its answer
                outputs.append(html(CODE.format(highlight_source(cell.source))))
        for output in in_one_piece(cell.outputs):
            picture, view = output.get("data", {}).get("image/png"), output.get("data", {}).get(VIEW)
            about = output.get("metadata", {}).get("image/png", {})
            if view:
                state = states.get(view["model_id"], {}).get("state", {})
                if needs_kernel(state):
                    outputs.append(html(MARK.format(MOVES)))
                outputs.append(output)
                if picture and stills:
                    outputs.append(
                        html(STILL.format(data=smaller(picture), **words(about)) + beside_still(state, about))
                    )
            elif picture and "alt" in about:
                figures += 1
                table = numbers_of(output, figures) if stills else ""
                outputs.append(html(FIGURE.format(n=figures, data=smaller(picture), table=table, **words(about))))
            else:
                outputs.append(output)
        names = [name for name in dict.fromkeys(CHECK.findall(cell.source)) if name in EXERCISES]
        if names:
            outputs.append(html(MARK.format(CHECKED)))
        cell.outputs = outputs + [html(solution(EXERCISES[name], f"my_{name}" in told)) for name in names]
    return notebook


def html(text):
    return new_output("display_data", {"text/html": text})


def words(about):
    return {"alt": escape(about.get("alt", "")), "width": about.get("width", 800)}


def kind(state):
    """The class of the widget with this state."""
    return state.get("_anywidget_id", "").rpartition(".")[2]


def needs_kernel(state):
    """Whether a widget with this state has nothing to say without Python."""
    return kind(state) == "Sketchpad" or (kind(state) == "Explore" and state["scene"].get("live", False))


def beside_still(state, about):
    """What a still picture leaves out: where a chart's controls stand; what a question says to each choice, folded."""
    if kind(state) == "Explore":
        return SAID.format(words(about)["alt"])
    if kind(state) != "Predict":
        return ""
    scene, rows = state["scene"], ""
    for k, part in enumerate(scene["choices"]):
        mark = "<b>The answer:</b> " * (k == scene["answer"])
        rows += f"<li>{mark}{markup(part['choice'])}. {markup(part['why'])}</li>"
    return ANSWER.format(question=markup(scene["question"]), rows=rows)


def markup(nodes):
    """The trees of unrolled.widgets.mathml as HTML."""
    parts = []
    for node in nodes:
        if isinstance(node, str):
            parts.append(escape(node))
        else:
            tag, attributes, *children = node
            named = "".join(f' {name}="{escape(str(value))}"' for name, value in attributes.items())
            parts.append(f"<{tag}{named}>{markup(children)}</{tag}>")
    return "".join(parts)


def numbers_of(output, n):
    """The folded table of figure n, as plots.show wrote it below the picture, or ""."""
    _, fold, table = output.data["text/html"].partition("<details")
    return (fold + table).replace(tables.SUMMARY, f"the numbers of figure {n} as a table")


def smaller(picture):
    """The same picture, pixel by pixel, in under half the bytes."""
    buffer = io.BytesIO()
    Image.open(io.BytesIO(base64.b64decode(picture))).convert("RGB").save(buffer, "webp", lossless=True, method=2)
    return base64.b64encode(buffer.getvalue()).decode()


def in_one_piece(outputs):
    """The outputs without bars, and what was printed bit by bit as one: a table stays a table."""
    kept = []
    for output in outputs:
        if is_bar(output):
            continue
        if kept and output.output_type == kept[-1].output_type == "stream" and output.name == kept[-1].name:
            kept[-1].text += output.text
        else:
            kept.append(output)
    return kept


def is_bar(output):
    """Whether tqdm wrote it, as text or as a widget: a bar tells how long a run still takes, and the run is over."""
    data = output.get("data", {})
    said = output.text if output.get("name") == "stderr" else data.get("text/plain", "") if VIEW in data else ""
    return "%|" in said


def solution(exercise, told):
    """The hints to an exercise, folded, and its solution, where the notebook has not told it."""
    hints = "".join(f"<li>{escape(hint)}</li>" for hint in exercise.hints)
    folds = f'<details class="solution"><summary>Hints for {exercise.name}</summary><ol>{hints}</ol></details>'
    if told:
        return folds
    source = highlight_source(solution_source(exercise))
    return f'{folds}<details class="solution"><summary>Our solution of {exercise.name}</summary>{source}</details>'


def highlight_source(source):
    return highlight(source, PythonLexer(), HtmlFormatter(nobackground=True))
