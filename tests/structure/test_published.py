"""Published figures: every one that a lesson prints stands in data/published.csv, with its source.

A markdown cell that prints a published figure carries the tag published:<id>; code reads it by published("<id>").
"""

import ast
import csv
import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
TABLE = ROOT / "data" / "published.csv"
COLUMNS = ["id", "quantity", "value", "unit", "source", "where", "year"]


def table(text):
    """{id: row} of a table of published figures."""
    return {row["id"]: row for row in csv.DictReader(text.splitlines())}


def table_faults(text):
    """What is wrong with a table: its columns, an id that comes twice, a cell that is empty."""
    rows = list(csv.DictReader(text.splitlines()))
    wrong = [] if rows and list(rows[0]) == COLUMNS else [f"the columns must be {', '.join(COLUMNS)}"]
    ids = [row["id"] for row in rows]
    wrong += [f"{id} comes twice" for id in sorted(set(ids)) if ids.count(id) > 1]
    return wrong + [
        f"{row['id']}: no {column}" for row in rows for column in COLUMNS if not (row.get(column) or "").strip()
    ]


def printed(value, text):
    """Whether a number or a word stands in a text as itself, not as a part of another one; 10,000 is 10000."""
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    return bool(re.search(rf"(?<![\w.]){re.escape(value)}(?![\w]|\.\d)", text))


def read_in_code(source):
    """The ids that code reads by published("…"); None for one that is not written out."""
    for node in ast.walk(ast.parse(source)):
        name = getattr(getattr(node, "func", None), "attr", getattr(getattr(node, "func", None), "id", None))
        if name == "published":
            yield node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None


def use_faults(notebook, rows):
    """Published figures of a notebook that are not in the table, or not as they are there."""
    wrong = []
    for number, cell in enumerate(notebook.cells):
        tagged = [
            tag.removeprefix("published:") for tag in cell.metadata.get("tags", []) if tag.startswith("published:")
        ]
        read = list(read_in_code(cell.source)) if cell.cell_type == "code" else []
        wrong += [f"cell {number}: no {id} in data/published.csv" for id in [*tagged, *read] if id not in rows]
        if cell.cell_type == "markdown":
            missing = [id for id in tagged if id in rows and not printed(rows[id]["value"], cell.source)]
            wrong += [f"cell {number}: {id} is {rows[id]['value']}, which it does not print" for id in missing]
    return wrong


def test_the_table_is_whole():
    assert table_faults(TABLE.read_text("utf-8")) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_prints_published_figures_as_the_table_has_them(path):
    assert use_faults(nbformat.read(path, as_version=4), table(TABLE.read_text("utf-8"))) == []


GOOD = ",".join(COLUMNS) + "\ngreff-runs,experiments,5400,1,Greff et al.,abstract,2015\n"


@pytest.mark.parametrize(
    "text, said",
    [
        (GOOD.replace(",where", ""), "the columns must be"),
        (GOOD + GOOD.splitlines()[1], "greff-runs comes twice"),
        (GOOD.replace("Greff et al.", ""), "greff-runs: no source"),
        (GOOD.replace("abstract", " "), "greff-runs: no where"),
    ],
)
def test_a_bad_table_is_caught(text, said):
    assert table_faults(GOOD) == []
    assert any(said in sentence for sentence in table_faults(text))


@pytest.mark.parametrize(
    "text, found",
    [
        ("5400 runs", True),
        ("5,400 runs.", True),
        ("It took 5400.", True),
        ("15400", False),
        ("5400.5", False),
        ("54", False),
    ],
)
def test_a_number_is_found_as_itself(text, found):
    assert printed("5400", text) is found


def test_a_figure_that_is_not_in_the_table_is_caught(lesson, cell):
    claim, recap = cell("claim"), cell("recap")
    recap.metadata.tags.append("published:greff-runs")
    recap.source = "They trained 5400 networks."
    claim.source = 'assert published("greff-runs")["value"] > 1'
    assert use_faults(lesson, table(GOOD)) == []
    recap.source = "They trained 4500 networks."
    claim.source = 'assert data.published("greff-run")["value"] > 1 and published(name)'
    assert {fault.partition(": ")[2] for fault in use_faults(lesson, table(GOOD))} == {
        "no greff-run in data/published.csv",
        "no None in data/published.csv",
        "greff-runs is 5400, which it does not print",
    }
