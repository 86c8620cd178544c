"""That nbval, as `make test` calls it, collects every code cell, and fails where a cell does."""

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
WORDS = re.search(r"^NOTEBOOKS := (.*)$", MAKEFILE, re.M)[1].split()
NOTEBOOKS = [word for word in WORDS if not word.startswith("--")]
OPTIONS = [word for word in WORDS if word.startswith("--")]


def nbval(*arguments):
    """What pytest prints with the options and the conftest.py of `make test`, on these arguments alone."""
    command = [sys.executable, "-m", "pytest", "tests/conftest.py", "-p", "no:cacheprovider", *OPTIONS, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout


@pytest.mark.slow
def test_every_code_cell_of_every_notebook_is_collected():
    collected = nbval("--collect-only", "--quiet", *NOTEBOOKS)
    for path in [*(ROOT / "notebooks").glob("*.ipynb"), ROOT / "tools" / "lesson_template.ipynb"]:
        code = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
        assert len(re.findall(rf"{path.name}::.*Cell \d", collected)) == len(code) > 0


PICTURE = "get_ipython().display_pub.publish({'image/png': 'aaaa'}, metadata={'image/png': {'alt': '%s'}})"
CELLS = [  # source, stored output, what nbval must say
    ("print(1 / 2)", None, "PASSED"),
    ("print(1 / 0)", None, "FAILED"),
    ("assert 1 / 2 > 1", None, "FAILED"),
    ("print(1 / 2)", "0.5\n", "PASSED"),
    ("print(1 / 2)", "0.7\n", "FAILED"),
    (PICTURE % "A line that rises.", None, "PASSED"),
    (PICTURE % "", None, "FAILED"),
]


@pytest.mark.slow
def test_nbval_fails_where_a_cell_does(tmp_path):
    cells = [new_code_cell(source) for source, _, _ in CELLS]
    for cell, (_, stored, _) in zip(cells, CELLS):
        if stored:
            cell.metadata["tags"] = ["nbval-check-output"]
            cell.execution_count, cell.outputs = 1, [new_output("stream", text=stored)]
    nbformat.write(new_notebook(cells=cells), tmp_path / "one.ipynb")
    report = nbval(tmp_path / "one.ipynb", "-rA")
    said = re.findall(r"^(PASSED|FAILED) .*::Cell (\d+)", report, re.M)
    assert sorted((int(number), verdict) for verdict, number in said) == list(enumerate(v for _, _, v in CELLS)), report
    assert "ZeroDivisionError" in report
    assert "Cell outputs differ" in report
    assert "without alt text" in report
