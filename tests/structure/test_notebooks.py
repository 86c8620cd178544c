"""How a notebook is stored: without outputs, with its kernel, ids, tags and slide types, and with no cell left out."""

import ast
import re
from collections import defaultdict
from copy import deepcopy
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_output

from tools.strip import strip, to_text
from unrolled.course.lessons import LESSONS

ROOT = Path(__file__).parents[2]
NOTEBOOKS = [*sorted((ROOT / "notebooks").glob("*.ipynb")), ROOT / "tools" / "lesson_template.ipynb"]
SLIDE_TYPES = {"slide", "subslide", "fragment", "skip", "notes", "-"}
LEFT_OUT = {"nbval-skip", "raises-exception", "nbval-raises-exception", "nbval-ignore-output"}
LINK = re.compile(r"\b\d\d_\w+\.ipynb\b")


def tags(cell):
    return set(cell.metadata.get("tags", []))


def storage_faults(notebook):
    """What is wrong with the way in which a notebook is stored, one sentence each."""
    wrong = []
    if notebook.metadata.get("kernelspec", {}).get("name") != "python3":
        wrong.append("its kernel must be python3")
    ids = [cell.get("id") for cell in notebook.cells]
    if None in ids or len(set(ids)) < len(ids):
        wrong.append("each cell must have an id of its own")  # before validate, which mends that
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        wrong.append(f"it is no valid notebook: {error}")
    asked = False
    for number, cell in enumerate(notebook.cells):
        slide_type = cell.metadata.get("slideshow", {}).get("slide_type")
        if slide_type not in SLIDE_TYPES:
            wrong.append(f"cell {number}: no slide type")
        if asked and slide_type == "-":
            wrong.append(f"cell {number}: after a question it must wait for the next key: a fragment, or a slide")
        asked = "predict" in tags(cell) or (asked and slide_type in ("notes", "skip"))
        if tags(cell) & LEFT_OUT or "NBVAL_" in cell.source or "PYTEST_VALIDATE" in cell.source:
            wrong.append(f"cell {number}: every cell is run and checked; compared are those tagged nbval-check-output")
        if re.search(r"(?<![\w.~/])/(home|Users|root|tmp)/\w|\b[A-Z]:\\\w", cell.source):
            wrong.append(f"cell {number}: a path of somebody's machine")
    return wrong


def output_faults(notebook):
    """What is wrong with the stored outputs."""
    wrong = []
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        compared = "nbval-check-output" in tags(cell)
        if compared and (not cell.outputs or cell.execution_count is None):
            wrong.append(f"cell {number}: nbval-check-output, but no output with a count, so nbval compares nothing")
        if cell.outputs and not compared:
            wrong.append(f"cell {number}: a stored output; run `make strip`")
        if any(output.output_type == "error" for output in cell.outputs):
            wrong.append(f"cell {number}: a stored error")
    return wrong


def links(notebook):
    """The notebooks that a notebook names."""
    return {name for cell in notebook.cells for name in LINK.findall(cell.source)}


def pasted(notebooks):
    """The functions and classes that more than one of {name: notebook} defines, functions without a def, too."""
    places = defaultdict(set)
    for name, notebook in notebooks.items():
        for cell in notebook.cells:
            if cell.cell_type == "code":
                body = ast.parse(cell.source).body
                for node in body:
                    if isinstance(node, ast.FunctionDef | ast.ClassDef):
                        places[node.name].add(name)
                    elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
                        places[node.targets[0].id].add(name)
    return {thing: sorted(names) for thing, names in places.items() if len(names) > 1}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_stored_as_it_should_be(path):
    text = path.read_text("utf-8")
    notebook = nbformat.reads(text, as_version=4)
    assert storage_faults(notebook) == []
    assert output_faults(notebook) == []
    assert to_text(strip(notebook)) == text, "run `make strip`"


def test_every_notebook_is_in_the_map_and_every_link_leads_to_one():
    notebooks = {path.name: nbformat.read(path, as_version=4) for path in NOTEBOOKS}
    there = {path.name for path in NOTEBOOKS if path.parent.name == "notebooks"}
    mapped = {f"{lesson.name}.ipynb" for lesson in LESSONS}
    beside = ("00_start_here", "14_to_pytorch", "before_and_after", "clinic", "source_notes")
    beside = {f"{name}.ipynb" for name in beside}  # no lessons
    assert there - mapped == beside, "a lesson is missing in the map, lib/unrolled/course/lessons.py"
    assert "CourseMap()" in [cell.source for cell in notebooks["00_start_here.ipynb"].cells], "the map is not shown"
    assert set.union(*map(links, notebooks.values())) <= there, "a link leads nowhere"


def test_no_function_is_defined_in_two_notebooks():
    """What two lessons need stands in the library; what is another thing has another name."""
    assert pasted({path.name: nbformat.read(path, as_version=4) for path in NOTEBOOKS}) == {}


def test_a_pasted_function_is_caught(lesson, cell):
    helper = "def curve(case):\n    return case.losses"
    other = deepcopy(lesson)
    cell("claim").source = f"n = 1\n\n\n{helper}"
    assert pasted({"a": lesson}) == {}
    other.cells[2].cell_type, other.cells[2].source = "code", helper.replace("losses", "mended_losses")
    assert pasted({"a": lesson, "b": other})["curve"] == ["a", "b"]
    other.cells[2].source = "curve = lambda case: case.losses"
    assert pasted({"a": lesson, "b": other})["curve"] == ["a", "b"]


def test_the_example_has_no_fault(lesson):
    assert storage_faults(lesson) + output_faults(lesson) == []


def spoil_kernel(lesson, cell):
    lesson.metadata.kernelspec.name = "my-env"
    return "its kernel must be python3"


def spoil_id(lesson, cell):
    lesson.cells[1].id = lesson.cells[0].id
    return "an id of its own"


def spoil_slide_type(lesson, cell):
    del cell("claim").metadata["slideshow"]
    return "no slide type"


def spoil_answer(lesson, cell):
    lesson.cells[lesson.cells.index(cell("predict")) + 1].metadata.slideshow.slide_type = "-"
    return "it must wait for the next key"


def spoil_skip(lesson, cell):
    cell("claim").metadata.tags.append("nbval-skip")
    return "every cell is run"


def spoil_exception(lesson, cell):
    cell("claim").metadata.tags.append("raises-exception")
    return "every cell is run"


def spoil_comment(lesson, cell):
    cell("claim").source = "# NBVAL_" + "SKIP\n1 / 0"
    return "every cell is run"


def spoil_path(lesson, cell):
    cell("claim").source = "open('" + "/home/" + "me/data.csv')"
    return "a path of somebody's machine"


def spoil_output(lesson, cell):
    cell("claim").outputs = [new_output("stream", text="0.5\n")]
    return "run `make strip`"


def spoil_compared(lesson, cell):
    cell("claim").metadata.tags.append("nbval-check-output")
    return "nbval compares nothing"


def spoil_count(lesson, cell):
    cell("claim").metadata.tags.append("nbval-check-output")
    cell("claim").outputs = [new_output("stream", text="0.5\n")]
    return "nbval compares nothing"


def spoil_error(lesson, cell):
    cell("claim").metadata.tags.append("nbval-check-output")
    cell("claim").execution_count = 1
    cell("claim").outputs = [new_output("error", ename="ValueError", evalue="", traceback=[])]
    return "a stored error"


@pytest.mark.filterwarnings("ignore:Non-unique cell id")
@pytest.mark.parametrize("spoil", [f for name, f in globals().items() if name.startswith("spoil_")])
def test_a_spoilt_notebook_is_caught(lesson, cell, spoil):
    said = spoil(lesson, cell)
    assert any(said in sentence for sentence in storage_faults(lesson) + output_faults(lesson))


def test_strip_takes_out_what_a_run_leaves_and_keeps_what_is_compared(lesson, cell):
    before = to_text(lesson)
    lesson.metadata["widgets"] = {"state": {}}
    lesson.metadata.kernelspec.display_name = "Unrolled"
    cell("claim").metadata["execution"] = {"shell.execute_reply": "now"}
    cell("claim").outputs = [new_output("stream", text="0.5\n")]
    cell("claim").execution_count = 7
    assert to_text(strip(lesson)) == before
    cell("claim").metadata.tags.append("nbval-check-output")
    cell("claim").outputs = [new_output("execute_result", {"text/plain": "0.5"}, execution_count=7)]
    kept = strip(lesson)
    assert output_faults(kept) == []
    assert cell("claim").outputs[0].data == {"text/plain": "0.5"}
    assert cell("claim").execution_count == cell("claim").outputs[0].execution_count == 1


def test_links_are_read(lesson):
    lesson.cells[0].source = "[first](01_vanilla_rnn.ipynb), then `02_computational_graph.ipynb`"
    assert links(lesson) == {"01_vanilla_rnn.ipynb", "02_computational_graph.ipynb"}
