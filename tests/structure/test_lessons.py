"""The form of a lesson: its parts, the size of its cells, its prose, its headings, its figures."""

import ast
import re
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
# A lesson's parts, and its words for each line, are not asked of them.
NO_LESSONS = {"00_start_here", "14_to_pytorch", "before_and_after", "source_notes"}
LESSONS = [*(path for path in NOTEBOOKS if path.stem not in NO_LESSONS), ROOT / "tools" / "lesson_template.ipynb"]
MEDIAN, MOST, LONGEST = 5, 12, 25  # lines of a code cell: the middle one, nine in ten, every one
WORDS = 5, 13  # of prose for each line of code
PARTS = ["head", "predict", "claim", "misconception", "exercise", "stop", "recap", "on-your-own", "papers"]


def tags(cell):
    return set(cell.metadata.get("tags", []))


def slide_type(cell):
    return cell.metadata.get("slideshow", {}).get("slide_type")


def of_kind(notebook, kind):
    return [cell for cell in notebook.cells if cell.cell_type == kind]


def code_lines(source):
    return sum(bool(line.strip()) for line in source.splitlines())


def without_code(markdown):
    return re.sub(r"^(```|~~~).*?^\1", "", markdown, flags=re.M | re.S)


def prose_words(markdown):
    """Words that a reader reads: no code block, no markup, no address; a formula within a line counts as one word."""
    text = re.sub(r"\$\$.*?\$\$", " ", without_code(markdown), flags=re.S)
    text = re.sub(r"\$[^$\n]+\$|`[^`\n]+`", " formula ", text)
    text = re.sub(r"\]\([^)]*\)|<[^>]*>|https?://\S+", " ", text)
    return len(re.findall(r"[^\W\d_][\w'’-]*", text))


def size_faults(notebook):
    """Code cells that are too long, and prose that is too short or too long for its code."""
    sizes = sorted(code_lines(cell.source) for cell in of_kind(notebook, "code"))
    median, most, longest = sizes[len(sizes) // 2], sizes[int(0.9 * len(sizes))], sizes[-1]
    return [
        f"the {which} code cell has {size} lines, more than {limit}"
        for which, size, limit in [("middle", median, MEDIAN), ("90 %", most, MOST), ("longest", longest, LONGEST)]
        if size > limit
    ]


def prose_faults(notebook):
    """Words of prose for each line of code; speaker notes do not count, nor does a question, whose source is folded."""
    read = [c for c in of_kind(notebook, "markdown") if slide_type(c) != "notes"]
    words = sum(prose_words(cell.source) for cell in read)
    lines = sum(code_lines(cell.source) for cell in of_kind(notebook, "code") if "predict" not in tags(cell))
    fits = WORDS[0] <= words / lines <= WORDS[1]
    return (
        [] if fits else [f"{words} words for {lines} lines of code: {words / lines:.1f}, not {WORDS[0]} to {WORDS[1]}"]
    )


def heading_faults(notebook):
    """One title, first of all, and no level left out on the way down."""
    text = "\n\n".join(without_code(cell.source) for cell in of_kind(notebook, "markdown"))
    levels = [len(marks) for marks in re.findall(r"^ {0,3}(#{1,6}) ", text, re.M)]
    wrong = [] if levels[:1] == [1] and levels.count(1) == 1 else ["a notebook has one title, # at its top"]
    if any(level > before + 1 for before, level in zip(levels, levels[1:])):
        wrong.append("a level of heading is left out")
    return wrong


def calls(tree, owners, names):
    """Calls such as plots.show(…) that run with the cell: those within a function it defines do not."""
    if isinstance(tree, ast.FunctionDef | ast.Lambda):
        return []
    found = [call for child in ast.iter_child_nodes(tree) for call in calls(child, owners, names)]
    function = getattr(tree, "func", None)
    if isinstance(function, ast.Attribute) and function.attr in names:
        owner = function.value.id if isinstance(function.value, ast.Name) else "?"
        found += [tree] * (owners is None or owner in owners)
    return found


def figure_faults(source):
    """Figures that a reader who does not see them cannot read."""
    tree, wrong = ast.parse(source), []
    shown = calls(tree, {"plots"}, {"show", "image"})
    for call in shown:
        alt = next((keyword.value for keyword in call.keywords if keyword.arg == "alt"), None)
        if alt is None or (isinstance(alt, ast.Constant) and not str(alt.value or "").strip()):
            wrong.append("a figure without alt text")
    if len(calls(tree, None, {"show"})) > len(calls(tree, {"plots"}, {"show"})):
        wrong.append("a figure is shown by plots.show(fig, alt=…) alone")
    if calls(tree, {"plt", "plots"}, {"figure", "subplots"}) and not shown:
        wrong.append("a figure is made but not shown by plots.show(fig, alt=…) in the same cell")
    if any(
        isinstance(line, ast.Expr) and isinstance(line.value, ast.Name) and line.value.id == "fig" for line in tree.body
    ):
        wrong.append("a bare fig is shown without alt text")
    return wrong


def code_faults(notebook):
    """One imports cell, plain Python, figures with alt text, claims that can fail."""
    wrong, importing = [], 0
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        try:
            nodes = list(ast.walk(ast.parse(cell.source)))
        except SyntaxError as error:
            wrong.append(f"cell {number} is not plain Python: {error}")
            continue
        imports = any(isinstance(node, ast.Import | ast.ImportFrom) for node in nodes)
        importing += imports and "environment" not in tags(cell)  # it runs before the imports: it says what they lack
        wrong += [f"cell {number}: {fault}" for fault in figure_faults(cell.source)]
        if "claim" in tags(cell) and not any(isinstance(node, ast.Assert) for node in nodes):
            wrong.append(f"cell {number}: a claim without an assert")
    return wrong if importing == 1 else [*wrong, f"{importing} cells import something: there is one imports cell"]


def part_faults(notebook):
    """The parts of a lesson, found by their tags; one or two places where a class can stop; notes for the speaker."""
    every = [tag for cell in notebook.cells for tag in tags(cell)]
    wrong = [f"no cell is tagged {part}" for part in PARTS if part not in every]
    if every.count("stop") > 2:
        wrong.append("a lesson has one or two places to stop")
    if not any(slide_type(cell) == "notes" for cell in notebook.cells):
        wrong.append("no speaker notes")
    if not any("claim" in tags(cell) for cell in of_kind(notebook, "code")):
        wrong.append("no code cell is tagged claim")
    return wrong


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_cells_of_a_notebook(path):
    notebook = nbformat.read(path, as_version=4)
    assert size_faults(notebook) + code_faults(notebook) + heading_faults(notebook) == []


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_the_parts_of_a_lesson(path):
    notebook = nbformat.read(path, as_version=4)
    assert part_faults(notebook) + prose_faults(notebook) == []


def test_what_is_no_lesson_still_runs_and_has_its_form():
    """Exempt from the parts and from the words for each line, by name; and from nothing else."""
    assert {path.stem for path in NOTEBOOKS} - {path.stem for path in LESSONS} == NO_LESSONS
    for name in NO_LESSONS:
        notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
        assert len(of_kind(notebook, "code")) >= 2, "its imports, and a cell that checks something"
        assert part_faults(notebook), "it has all parts of a lesson: it is one"


def test_the_example_has_no_fault(lesson):
    assert size_faults(lesson) + code_faults(lesson) + heading_faults(lesson) == []


def test_prose_is_counted_as_it_is_read():
    assert prose_words("Two words") == 2
    assert prose_words("순환 신경망 (RNN)") == 3
    assert prose_words("The state $h_t = f(x)$ and `rnn` of [the lesson](01_vanilla_rnn.ipynb)") == 8
    assert prose_words("One\n\n```python\nx = 1\n```\n\n$$h = Wx$$\n\n| a | b |\n|---|---|\n") == 3


@pytest.mark.parametrize(
    "source, said",
    [
        ("plots.show(fig)", ["a figure without alt text"]),
        ("plots.show(fig, alt='  ')", ["a figure without alt text"]),
        ("plots.show(fig, alt=f'It falls to {low:.1f}.')", []),
        ("plt.show()", ["a figure is shown by plots.show(fig, alt=…) alone"]),
        ("fig.show()", ["a figure is shown by plots.show(fig, alt=…) alone"]),
        (
            "fig, ax = plt.subplots()\nax.plot(x)",
            ["a figure is made but not shown by plots.show(fig, alt=…) in the same cell"],
        ),
        ("fig, ax = plots.figure()", ["a figure is made but not shown by plots.show(fig, alt=…) in the same cell"]),
        ("fig, ax = plots.figure()\nplots.show(fig, alt='A line.')\nfig", ["a bare fig is shown without alt text"]),
        ("def draw():\n    fig, ax = plots.figure()\n    return fig", []),
    ],
)
def test_a_figure_without_words_is_caught(source, said):
    assert figure_faults(source) == said


def lines(count):
    return "\n".join(["x = 1"] * count)


def test_a_cell_that_is_too_long_is_caught(lesson):
    short = [new_code_cell(lines(1))] * 20
    lesson.cells = [*short, new_code_cell(lines(LONGEST + 1))]
    assert size_faults(lesson) == ["the longest code cell has 26 lines, more than 25"]
    lesson.cells = [*short, *[new_code_cell(lines(MOST + 1))] * 3]
    assert size_faults(lesson) == ["the 90 % code cell has 13 lines, more than 12"]
    lesson.cells = [new_code_cell(lines(MEDIAN + 1))]
    assert size_faults(lesson) == ["the middle code cell has 6 lines, more than 5"]


def test_too_much_and_too_little_prose_is_caught(lesson, cell):
    cell("recap").source = "## Recap\n\n" + "word " * 1000
    assert "words for" in prose_faults(lesson)[0]
    for markdown in of_kind(lesson, "markdown"):
        markdown.source = "word"
    assert "words for" in prose_faults(lesson)[0]


@pytest.mark.parametrize(
    "heading, said",
    [
        ("# A second title", "one title"),
        ("## Recap\n\n#### Deep", "left out"),
        ("## Recap\n\n```\n# a comment\n```", None),
    ],
)
def test_headings_out_of_order_are_caught(lesson, cell, heading, said):
    cell("recap").source = heading
    found = heading_faults(lesson)
    assert (said in found[0]) if said else found == []


@pytest.mark.parametrize(
    "source, said",
    [
        ("import json\nassert json", "2 cells import"),
        ("%matplotlib inline", "not plain Python"),
        ("print(0.5)", "a claim without an assert"),
        ("plots.show(fig)\nassert fig", "a figure without alt text"),
    ],
)
def test_a_bad_code_cell_is_caught(lesson, cell, source, said):
    cell("claim").source = source
    (fault,) = code_faults(lesson)
    assert said in fault


@pytest.mark.parametrize("part", PARTS)
def test_a_missing_part_is_caught(lesson, cell, part):
    cell(part).metadata.tags.remove(part)
    assert f"no cell is tagged {part}" in part_faults(lesson)


def test_missing_notes_and_too_many_stops_are_caught(lesson):
    lesson.cells = [c for c in lesson.cells if slide_type(c) != "notes"]
    for code in of_kind(lesson, "code"):
        code.metadata["tags"] = ["stop"]
    assert {"no speaker notes", "a lesson has one or two places to stop"} <= set(part_faults(lesson))
