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

from unrolled.exercises import EXERCISES
from unrolled.exercises.exercise import source_of

VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
CHECK = re.compile(r"^check\.(\w+)\(", re.MULTILINE)
FIGURE = (
    '<figure><img alt="Figure {n}" aria-describedby="figure-{n}" width="{width}" src="data:image/webp;base64,{data}">'
    '<figcaption id="figure-{n}"><b>Figure {n}.</b> {alt}</figcaption></figure>'
)
STILL = '<img class="still" alt="{alt}" width="{width}" src="data:image/webp;base64,{data}">'
TEACHER = "Notes for the teacher"
NOTES = f"<details><summary>{TEACHER}</summary>\n\n{{}}\n\n</details>"
MARK = '<p class="notebook-only">{}</p>'
MOVES = "<b>Runs only in the notebook.</b> It needs Python; here it shows what it showed at the end of the run."
CHECKED = "<b>Runs only in the notebook.</b> Write your answer there, and the check says what is wrong with it."


def dressed(notebook, stills=True):
    """A copy of an executed notebook with what a page adds; for slides, without the widgets' still pictures."""
    notebook, figures = deepcopy(notebook), 0
    told = "".join(cell.source for cell in notebook.cells if "<details>" in cell.source)
    states = notebook.metadata.get("widgets", {}).get(STATE, {}).get("state", {})
    for cell in notebook.cells:
        if cell.cell_type != "code":
            if stills and slide_type(cell) == "notes":
                cell.source = NOTES.format(cell.source)
            cell.source = marked_folds(cell.source)
            continue
        if cell.metadata.get("jupyter", {}).get("source_hidden"):  # a question: its source holds the answer
            cell.metadata["transient"] = from_dict({"remove_source": True})
        outputs = []
        for output in without_bars(cell.outputs):
            picture, view = output.get("data", {}).get("image/png"), output.get("data", {}).get(VIEW)
            about = output.get("metadata", {}).get("image/png", {})
            if view:
                if needs_kernel(states.get(view["model_id"], {}).get("state", {})):
                    outputs.append(html(MARK.format(MOVES)))
                outputs.append(output)
                if picture and stills:
                    outputs.append(html(STILL.format(data=smaller(picture), **words(about))))
            elif picture and "alt" in about:
                figures += 1
                outputs.append(html(FIGURE.format(n=figures, data=smaller(picture), **words(about))))
            else:
                outputs.append(output)
        names = [name for name in dict.fromkeys(CHECK.findall(cell.source)) if name in EXERCISES]
        if names:
            outputs.append(html(MARK.format(CHECKED)))
        cell.outputs = outputs + [html(solution(EXERCISES[name], f"my_{name}" in told)) for name in names]
    return notebook


def marked_folds(source):
    """A text's <details> as marks: nbconvert would close them before what they fold."""
    source = re.sub(r"<details>\s*<summary>(.*?)</summary>", r"\n\nFOLD BEGINS \1\n\n", source)
    return source.replace("</details>", "\n\nFOLD ENDS\n\n")


def folded(body):
    """The marks of `marked_folds` in the text of a page, as <details> again; a teacher's notes stay off the paper."""
    start = '<details class="solution{}"><summary>{}</summary>'
    body = body.replace(f"<p>FOLD BEGINS {TEACHER}</p>", start.format(" notes", TEACHER))
    return re.sub("<p>FOLD BEGINS (.*?)</p>", start.format("", r"\1"), body).replace("<p>FOLD ENDS</p>", "</details>")


def slide_type(cell):
    return cell.metadata.get("slideshow", {}).get("slide_type")


def html(text):
    return new_output("display_data", {"text/html": text})


def words(about):
    return {"alt": escape(about.get("alt", "")), "width": about.get("width", 800)}


def needs_kernel(state):
    """Whether a widget with this state has nothing to say without Python."""
    name = state.get("_anywidget_id", "").rpartition(".")[2]
    return name in ("LivePlot", "Sketchpad") or (name == "Explore" and state["scene"].get("live", False))


def smaller(picture):
    """The same picture, pixel by pixel, in under half the bytes."""
    buffer = io.BytesIO()
    Image.open(io.BytesIO(base64.b64decode(picture))).convert("RGB").save(buffer, "webp", lossless=True, method=2)
    return base64.b64encode(buffer.getvalue()).decode()


def without_bars(outputs):
    """The outputs without what tqdm wrote: a bar tells how long a run still takes, and the run is over."""
    return [output for output in outputs if output.get("name") != "stderr" or "%|" not in output.text]


def solution(exercise, told):
    """The hints to an exercise, folded, and its solution, where the notebook has not told it."""
    hints = "".join(f"<li>{escape(hint)}</li>" for hint in exercise.hints)
    folds = f'<details class="solution"><summary>Hints for {exercise.name}</summary><ol>{hints}</ol></details>'
    if told:
        return folds
    source = highlight(source_of(exercise.reference), PythonLexer(), HtmlFormatter(nobackground=True))
    return f'{folds}<details class="solution"><summary>Our solution of {exercise.name}</summary>{source}</details>'
