"""The size of a module and of a function; and that ruff's configuration catches what the design forbids."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "lib").rglob("*.py"))
MODULE_LINES, FUNCTION_LINES = 300, 70


def too_long(source):
    """What of this source passes its limit: the module, or a function."""
    wrong = []
    if (lines := len(source.splitlines())) > MODULE_LINES:
        wrong.append(f"the module has {lines} lines, more than {MODULE_LINES}: it is two modules")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = node.end_lineno - node.lineno + 1
            if lines > FUNCTION_LINES:
                wrong.append(f"{node.name} has {lines} lines, more than {FUNCTION_LINES}: it does not fit a screen")
    return wrong


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT / "lib")))
def test_a_module_and_its_functions_fit(path):
    assert too_long(path.read_text("utf-8")) == []


def test_what_is_too_long_is_named():
    body = "    x = 1\n" * FUNCTION_LINES
    assert too_long(f"def f():\n{body}") == ["f has 71 lines, more than 70: it does not fit a screen"]
    assert too_long(f"def f():\n{body[:-10]}") == []
    assert too_long("x = 1\n" * (MODULE_LINES + 1)) == ["the module has 301 lines, more than 300: it is two modules"]
    assert too_long("x = 1\n" * MODULE_LINES) == []


@pytest.mark.parametrize(
    "code, line",
    [
        ("F403", f"from numpy import {'*'}"),
        ("D103", "def public():\n    return 1"),
        ("E501", "x = '" + "long " * 25 + "'"),
        ("TID251", "import sys\n\nsys.path += ['..']"),
        *[
            ("TID251", f"import {module}")
            for module in ("pickle", "urllib.request", "http.client", "socket", "requests")
        ],
        *[("NPY002", f"import numpy as np\n\nnp.random.{call}") for call in ("seed(1)", "randn(3)", "choice(3)")],
    ],
)
def test_ruff_rejects_what_the_design_forbids(code, line):
    command = [sys.executable, "-m", "ruff", "check", "--output-format=concise", "--stdin-filename=lib/unrolled/bad.py"]
    source = f'"""A module."""\n\n{line}\n'
    found = subprocess.run([*command, "-"], cwd=ROOT, input=source, capture_output=True, text=True)
    assert f" {code} " in found.stdout
