"""What is folded: a question's source, which holds its answer; a cell that only draws; a teacher's word."""

import ast
import re
from pathlib import Path

import nbformat
import pytest

from tools.lecture import TEACHER

ROOT = Path(__file__).parents[2]
NOTEBOOKS = [*sorted((ROOT / "notebooks").glob("*.ipynb")), ROOT / "tools" / "lesson_template.ipynb"]
TEACHERS_WORD = re.compile(rf"<details><summary>{TEACHER}</summary>\n\n.+\n\n</details>", re.DOTALL)
DRAWING = {"plots", "diagrams", "graphs", "pictures"}  # modules of figures
# What is called by its bare name in order to draw, or to arrange values that are there.
ARRANGING = {"Arrow", "Box", "by_seed", "dots", "history", "published"} | {
    "dict", "enumerate", "float", "int", "len", "list", "map", "max", "min", "range", "repr", "reversed", "round",
    "set", "sorted", "str", "sum", "tuple", "zip",
}  # fmt: skip


def slide_type(cell):
    return cell.metadata.get("slideshow", {}).get("slide_type")


def imported(notebook):
    """The names that a notebook's code imports."""
    trees = [ast.walk(ast.parse(cell.source)) for cell in notebook.cells if cell.cell_type == "code"]
    nodes = [node for tree in trees for node in tree if isinstance(node, ast.Import | ast.ImportFrom)]
    return {alias.asname or alias.name.partition(".")[0] for node in nodes for alias in node.names}


def root(node):
    """The name that an expression begins with: ax of ax.lines[0].set(…); None where it is no name."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def only_draws(source, imports):
    """Whether a cell makes and shows a figure of values that are there, and does nothing else.

    It shows a figure with plots.show, defines, imports and asserts nothing, and all that it calls draws (a module of
    figures, a method of ax) or arranges (builtins, NumPy, a method of a value): no other import, no lesson's function.
    """
    tree = ast.parse(source)
    shows = any(ast.unparse(line).startswith("plots.show(") for line in tree.body)
    more = ast.Assert | ast.FunctionDef | ast.ClassDef | ast.Lambda | ast.Import | ast.ImportFrom
    computes = imports - DRAWING - ARRANGING - {"np"}
    called = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return (
        shows
        and not any(isinstance(node, more) for node in ast.walk(tree))
        and all(f.id in ARRANGING if isinstance(f, ast.Name) else root(f) not in computes for f in called)
    )


def fold_faults(notebook):
    """The code that must be folded (jupyter.source_hidden), and is not."""
    wrong, imports = [], imported(notebook)
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type != "code" or cell.metadata.get("jupyter", {}).get("source_hidden"):
            continue
        if "predict" in cell.metadata.get("tags", []):
            wrong.append(f"cell {number}: the source of a question holds its answer, and must be folded")
        if only_draws(cell.source, imports):
            wrong.append(f"cell {number}: a cell that only draws must be folded")
    return wrong


def teacher_faults(notebook):
    """A teacher's word is folded and a note of the slides: a student alone meets no answer before its question."""
    wrong = []
    for number, cell in enumerate(notebook.cells):
        if slide_type(cell) == "notes" and not TEACHERS_WORD.fullmatch(cell.source):
            wrong.append(f"cell {number}: a note of the slides is a teacher's word, and must be folded")
        elif slide_type(cell) != "notes" and "for the teacher" in cell.source.lower():
            wrong.append(f"cell {number}: a teacher's word must be a cell of its own, of slide type notes")
    return wrong


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_must_be_folded_is(path):
    notebook = nbformat.read(path, as_version=4)
    assert fold_faults(notebook) + teacher_faults(notebook) == []


DRAWN = """fig, ax = plots.figure()
both = {"raw": losses, "mean of 10": np.reshape(losses, (-1, 10)).mean(1)}
for name, curve in both.items():
    ax.plot(curve, label=name)
ax.set_title(f"It falls to {min(losses):.2f}")
plots.show(fig, alt="A loss that falls, and its mean.")"""


@pytest.mark.parametrize(
    "source",
    [
        DRAWN,
        "fig = pictures.gallery(images, captions, title='Eight')\nplots.show(fig, alt='; '.join(captions))",
        "fig, ax = plots.figure()\ndots(ax, found, xlabel='step')\nplots.show(fig, alt='A dot a seed.')",
    ],
)
def test_a_cell_that_only_draws_is_caught(lesson, cell, source):
    cell("claim").source = source
    (fault,) = fold_faults(lesson)
    assert "only draws" in fault
    cell("claim").metadata["jupyter"] = {"source_hidden": True}
    assert fold_faults(lesson) == []


@pytest.mark.parametrize(
    "before, after",
    [
        ("", "assert losses[-1] < 1"),  # tests
        ("losses = train(5)", ""),  # computes
        ("mean = lambda run: run.mean()", ""),  # defines
        ("losses = echo.losses(rng, 5)", ""),  # computes with an experiment
        ("plots.show(", "print("),  # shows no figure
    ],
)
def test_a_cell_that_does_more_stays_open(before, after):
    assert only_draws(DRAWN, {"np", "plots", "echo"})
    source = DRAWN.replace(before, after) if "(" in before and "(" in after else f"{before}\n{DRAWN}\n{after}"
    assert not only_draws(source, {"np", "plots", "echo"})


def test_an_open_question_is_caught(lesson, cell):
    del cell("predict").metadata["jupyter"]
    (fault,) = fold_faults(lesson)
    assert "holds its answer" in fault


@pytest.mark.parametrize(
    "source, kind, said",
    [
        ("**For the teacher.** Ask first.", "notes", "must be folded"),
        ("<details><summary>Notes</summary>\n\nAsk first.\n\n</details>", "notes", "must be folded"),
        ("<details open><summary>For the teacher</summary>\n\nAsk first.\n\n</details>", "notes", "must be folded"),
        (
            "<details><summary>For the teacher</summary>\n\nAsk first.\n\n</details>\n\nSo: 7.",
            "notes",
            "must be folded",
        ),
        ("<details><summary>For the teacher</summary>\n\nAsk first.\n\n</details>", "-", "of slide type notes"),
        ("For the teacher: ask first.", "fragment", "of slide type notes"),
    ],
)
def test_a_teachers_word_in_the_open_is_caught(lesson, cell, source, kind, said):
    cell("recap").source, cell("recap").metadata.slideshow.slide_type = source, kind
    (fault,) = teacher_faults(lesson)
    assert said in fault
