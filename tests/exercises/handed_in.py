"""What students may hand in: a short notebook of a lesson's own cells, answered, and then damaged in one way.

Each function of NOTEBOOKS takes the answered notebook, as JSON, and damages it; each of FILES takes the folder that a
student hands in, with first.ipynb in it. Both say what `submissions` must say of it.
"""

import json
import unicodedata
from copy import deepcopy
from pathlib import Path

import nbformat

from unrolled.exercises import EXERCISES
from unrolled.exercises.solutions import solution_source

ROOT = Path(__file__).parents[2]
NAMES = "step_backward", "rnn_backward", "state_error"  # of lesson 03; they need nothing else of it


def lesson(names=NAMES):
    """Lesson 03 cut down to its title, these exercises, the words before each, and the imports that they need."""
    cells = json.loads((ROOT / "notebooks" / "03_bptt.ipynb").read_text("utf-8"))["cells"]
    for cell in cells:
        cell["source"] = "".join(cell["source"])
    imports = next(cell for cell in cells if "import check" in cell["source"])
    needed = [line for line in imports["source"].splitlines() if "numpy" in line or "import check" in line]
    kept = [cells[0], imports | {"source": "\n".join(needed)}]  # seconds less for each student who is marked
    for at, cell in enumerate(cells):
        if cell["metadata"].get("nbgrader", {}).get("grade_id") in names:
            kept += cells[at - 2 : at + 1]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return {"cells": kept, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}


def check_of(notebook, name):
    """The index of a check's cell; the answer's stands before it."""
    marks = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in notebook["cells"]]
    return marks.index(name)


def answered(notebook, answers):
    """The notebook with these answers, {exercise: source}, in place of its stubs."""
    notebook = deepcopy(notebook)
    for name, source in answers.items():
        notebook["cells"][check_of(notebook, name) - 1]["source"] = source
    return notebook


RIGHT = {name: solution_source(EXERCISES[name]) for name in NAMES}
FIRST, SECOND, THIRD = NAMES


def code(source, name):
    """A cell of the student's own."""
    return {"cell_type": "code", "id": name, "metadata": {}, "source": source, "outputs": [], "execution_count": None}


def mark(notebook):
    """The metadata of the first check."""
    return notebook["cells"][check_of(notebook, FIRST)]["metadata"]["nbgrader"]


def copied(notebook, to=None):
    at = check_of(notebook, FIRST)
    copy = deepcopy(notebook["cells"][at]) | {"id": "pasted"}
    notebook["cells"].insert(at + 1 if to is None else to, copy)


def copied_to_the_top(notebook):
    copied(notebook, 1)


def copied_to_the_end_and_edited(notebook):
    copied(notebook, len(notebook["cells"]))
    notebook["cells"][-1]["source"] = f"check.{SECOND}(my_{SECOND})"


def copied_twice_as_markdown(notebook):
    copied(notebook)
    copied(notebook)
    notebook["cells"][check_of(notebook, FIRST) + 2]["cell_type"] = "markdown"


def without_metadata(notebook):
    notebook["cells"][check_of(notebook, FIRST)]["metadata"] = {}


def without_metadata_and_ids(notebook):
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        del cell["id"]
    notebook["nbformat_minor"] = 4


def with_empty_mark(notebook):
    mark(notebook).clear()


def without_points(notebook):
    del mark(notebook)["points"]


def with_other_points(notebook):
    mark(notebook)["points"] = 5


def with_points_in_words(notebook):
    mark(notebook)["points"] = "one"


def of_an_older_schema(notebook):
    mark(notebook)["schema_version"] = 2


def of_a_newer_schema(notebook):
    mark(notebook)["schema_version"] = 4


def without_schema(notebook):
    del mark(notebook)["schema_version"]


def not_graded(notebook):
    mark(notebook)["grade"] = False


def unlocked_as_a_solution(notebook):
    mark(notebook).update(solution=True, locked=False)


def with_another_name(notebook):
    mark(notebook)["grade_id"] = "cell-1f0c"


def with_the_name_of_another(notebook):
    mark(notebook)["grade_id"] = SECOND


def with_an_unknown_field(notebook):
    mark(notebook)["comment"] = "mine"


def with_a_check_of_another_lesson(notebook):
    copied(notebook, 1)
    notebook["cells"][1]["metadata"]["nbgrader"]["grade_id"] = "bits"


def with_null_for_a_mark(notebook):
    notebook["cells"][check_of(notebook, FIRST)]["metadata"]["nbgrader"] = None


def edited(notebook):
    notebook["cells"][check_of(notebook, FIRST)]["source"] = f"check.{FIRST}(my_{SECOND})"


def emptied(notebook):
    notebook["cells"][check_of(notebook, FIRST)]["source"] = ""


def answered_in_the_check(notebook):
    at = check_of(notebook, FIRST)
    answer = notebook["cells"].pop(at - 1)
    notebook["cells"][at - 1]["source"] = answer["source"] + "\n\n" + notebook["cells"][at - 1]["source"]


def deleted(notebook):
    del notebook["cells"][check_of(notebook, FIRST)]


def deleted_all(notebook):
    notebook["cells"] = [cell for cell in notebook["cells"] if "nbgrader" not in cell["metadata"]]


def merged(notebook):
    at = check_of(notebook, FIRST)
    notebook["cells"][at - 1]["source"] += "\n\n" + notebook["cells"].pop(at)["source"]


def merged_all(notebook):
    sources = [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"]
    notebook["cells"] = [code("\n\n".join(sources), "all")]


def check_as_markdown(notebook):
    cell = notebook["cells"][check_of(notebook, FIRST)]
    cell["cell_type"] = "markdown"
    del cell["outputs"], cell["execution_count"]


def check_as_raw_and_bare(notebook):
    cell = notebook["cells"][check_of(notebook, FIRST)]
    cell |= {"cell_type": "raw", "metadata": {}}


def answer_as_raw(notebook):
    notebook["cells"][check_of(notebook, FIRST) - 1]["cell_type"] = "raw"


def answer_as_markdown_below(notebook):
    at = check_of(notebook, FIRST)
    cell = {"cell_type": "markdown", "id": "below", "metadata": {}, "source": notebook["cells"][at - 1]["source"]}
    notebook["cells"][at - 1]["source"] = lesson()["cells"][at - 1]["source"]
    notebook["cells"].insert(at + 1, cell)


def answer_below(notebook):
    at = check_of(notebook, FIRST)
    notebook["cells"].append(code(notebook["cells"][at - 1]["source"], "below"))
    notebook["cells"][at - 1]["source"] = lesson()["cells"][at - 1]["source"]


def moved_to_the_top(notebook):
    notebook["cells"].insert(1, notebook["cells"].pop(check_of(notebook, FIRST)))


def without_imports(notebook):
    del notebook["cells"][1]


def imports_as_raw(notebook):
    notebook["cells"][1]["cell_type"] = "raw"


def of_nbformat_3(notebook):
    old = nbformat.convert(nbformat.from_dict(notebook), 3)
    notebook.clear()
    notebook.update(old)


def without_nbformat(notebook):
    del notebook["nbformat"]


def without_cell_metadata(notebook):
    for cell in notebook["cells"]:
        if "nbgrader" not in cell["metadata"]:
            del cell["metadata"]


def without_outputs(notebook):
    for cell in notebook["cells"]:
        cell.pop("outputs", None)


# How an answered notebook is damaged: what must be said of it.
NOTEBOOKS = {
    copied: "must stand in one cell, got 2",
    copied_to_the_top: "must stand in one cell, got 2",
    copied_to_the_end_and_edited: "must stand in one cell, got 2",
    copied_twice_as_markdown: "must stand in one cell, got 3",
    without_metadata: f"must be marked as {FIRST}, got none",
    without_metadata_and_ids: f"must be marked as {FIRST}, got none",
    with_empty_mark: f"must be marked as {FIRST}, got {{}}",
    without_points: "must have points 1, got points none",
    with_other_points: "must have points 1, got points 5",
    with_points_in_words: "must have points 1, got points one",
    of_an_older_schema: "must have schema_version 3, got schema_version 2",
    of_a_newer_schema: "must have schema_version 3, got schema_version 4",
    without_schema: "must have schema_version 3, got schema_version none",
    not_graded: "must have grade true, got grade false",
    unlocked_as_a_solution: "must have locked true, solution false, got locked false, solution true",
    with_another_name: f"must be marked as {FIRST}, got",
    with_the_name_of_another: f"must be marked as {FIRST}, got",
    with_an_unknown_field: "must have comment none, got comment mine",
    with_a_check_of_another_lesson: "must have nbgrader metadata of the release or none, got",
    with_null_for_a_mark: f"must be marked as {FIRST}, got none",
    edited: f"is locked and must read check.{FIRST}(my_{FIRST}), got check.{FIRST}(my_{SECOND})",
    emptied: "is locked and must read",
    answered_in_the_check: "is locked and must read",
    deleted: f"{FIRST} must stand in one cell, got none",
    deleted_all: f"{THIRD} must stand in one cell, got none",
    merged: f"{FIRST} must stand in one cell, got none",
    merged_all: f"{FIRST} must stand in one cell, got none",
    check_as_markdown: f"{FIRST} must be a code cell, got markdown",
    check_as_raw_and_bare: f"{FIRST} must be a code cell, got raw",
    answer_as_raw: f"my_{FIRST} must be bound in a code cell, got a raw cell",
    answer_as_markdown_below: f"my_{FIRST} must be bound in a code cell, got a markdown cell",
    answer_below: f"{FIRST} must stand below its answer",
    moved_to_the_top: f"{FIRST} must stand below its answer",
    without_imports: "the checks need check, and no cell binds it",
    imports_as_raw: "check must be bound in a code cell, got a raw cell",
    of_nbformat_3: "must be a notebook of nbformat 4, got 3",
    without_nbformat: "must be a notebook of nbformat 4, got None",
    without_cell_metadata: "must have metadata as nbformat 4 asks for",
    without_outputs: "must have outputs as nbformat 4 asks for",
}


def renamed(folder, name="first (1).ipynb"):
    (folder / "first.ipynb").rename(folder / name)


def with_a_stub_in_its_place(folder):
    renamed(folder, "first-Copy1.ipynb")
    (folder / "first.ipynb").write_text(json.dumps(lesson()), "utf-8")


def with_half_a_file_in_its_place(folder):
    renamed(folder, "first-Copy1.ipynb")
    (folder / "first.ipynb").write_text(json.dumps(lesson())[:2000], "utf-8")


def moved(folder, *below):
    renamed(folder, "moved")
    target = folder.joinpath(*below)
    target.mkdir(parents=True)
    (folder / "moved").rename(target / "first.ipynb")
    (target / "log.txt").write_text("1", "utf-8")


def in_utf_16(folder):
    path = folder / "first.ipynb"
    path.write_text(path.read_text("utf-8"), "utf-16")


def with_a_mark_at_its_beginning(folder):
    path = folder / "first.ipynb"
    path.write_text(path.read_text("utf-8"), "utf-8-sig")


# How the folder is damaged: what must be said of it.
ELSEWHERE = "must lie at first/first.ipynb"
FILES = {
    "a browser's second": (renamed, ELSEWHERE),
    "other case": (lambda folder: renamed(folder, "First.IPYNB"), ELSEWHERE),
    "Jupyter's copy": (lambda folder: renamed(folder, "first-Copy1.ipynb"), ELSEWHERE),
    "own name, decomposed": (lambda f: renamed(f, unicodedata.normalize("NFD", "과제 김민수.ipynb")), ELSEWHERE),
    "text": (lambda folder: renamed(folder, "first.ipynb.txt"), ELSEWHERE),
    "JSON": (lambda folder: renamed(folder, "first.json"), ELSEWHERE),
    "no suffix": (lambda folder: renamed(folder, "first"), ELSEWHERE),
    "too deep": (lambda folder: moved(folder, "first"), ELSEWHERE),
    "much too deep": (lambda folder: moved(folder, "Downloads", "my homework", "first"), ELSEWHERE),
    "in a folder of the file's name": (lambda folder: moved(folder, "first.ipynb"), ELSEWHERE),
    "beside a stub": (with_a_stub_in_its_place, ELSEWHERE),
    "beside half a file": (with_half_a_file_in_its_place, ELSEWHERE),
    "UTF-16": (in_utf_16, "must be UTF-8 without a mark at its beginning, got utf-16"),
    "a mark": (with_a_mark_at_its_beginning, "must be UTF-8 without a mark at its beginning, got utf-8-sig"),
}
