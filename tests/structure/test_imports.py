"""Who may import whom. A module that is not in this list may not exist in the package."""

import ast
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "lib" / "unrolled"

CORE = "checks trees tape ops cells layers stacks losses initializers optimizers training decoding probes note_001"
# module: what it may import beside the standard library, NumPy and its own parts. name(function): inside that function
# alone; name(): inside any function, so that the package does without it until it is asked for.
ALLOWED = {
    "checks": "",
    "trees": "",
    "tape": "trees",
    "ops": "tape checks",
    "cells": "tape checks",
    "layers": "tape checks ops cells",
    "stacks": "tape ops cells",
    "losses": "tape checks",
    "convolution": "tape checks",
    "attention": "tape checks",
    "initializers": "",
    "optimizers": "trees",
    "training": "tape trees optimizers tqdm threadpoolctl",
    "decoding": "",
    "gradcheck": "tape trees",
    "probes": "tape trees cells ops",
    "variants": "cells ops initializers",
    "gates": "tape cells ops",
    "convert": "",
    "note_001": "tape ops",
    "models": "cells layers stacks convolution attention losses ops initializers",
    "data": "checks pooch() PIL()",
    "scores": "data",
    "train": "models training optimizers data tqdm threadpoolctl",
    "sample": "models training decoding data",
    "plots": "matplotlib IPython(show)",
    "diagrams": "plots matplotlib",
    "graphs": "plots diagrams matplotlib",
    "thumbnails": "diagrams",
    "galleries": "plots",
    "seeds": "plots",
    "course": "data plots thumbnails",
    "environment": "data threadpoolctl()",
    "widgets": "plots diagrams graphs tape models ipywidgets anywidget traitlets IPython tqdm",
    "exercises": f"{CORE} models gradcheck data scores",
    "experiments": f"{CORE} variants gates models data scores tqdm threadpoolctl",
    "search": "experiments joblib distributed(_measured) tqdm threadpoolctl",
}


def imports(tree, function=None):
    """All (module, name or None, function or None) that a piece of source imports."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, None, function) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (("." * node.level + (node.module or ""), alias.name, function) for alias in node.names)
        else:
            inside = node.name if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else function
            yield from imports(node, inside)


def forbidden(module, source):
    """What the source of this module of the package imports against the list, one sentence each."""
    if module not in ALLOWED:
        return [f"{module} is not in the list of tests/structure/test_imports.py"]
    wrong = []
    for name, member, function in imports(ast.parse(source)):
        if name.startswith("."):
            wrong.append(f"{module}: write `from unrolled.… import`, not `from {name} import`")
            continue
        top, *rest = name.split(".")
        if top == "unrolled":
            allowed, top = {module}, rest[0] if rest else member
        else:
            allowed = {"numpy", *sys.stdlib_module_names}
        for entry in ALLOWED[module].split():
            allowed.add(entry.replace(f"({function})", "").replace("()", "") if function else entry)
        if top not in allowed:
            wrong.append(f"{module} may not import {name} {f'in {function}()' if function else ''}".strip())
        if member == "*":
            wrong.append(f"{module}: a star import of {name}")
    return wrong


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_what_it_may(path):
    relative = path.relative_to(PACKAGE)
    if str(relative) == "__init__.py":
        assert list(imports(ast.parse(path.read_text("utf-8")))) == [], "the package itself imports nothing"
    else:
        assert forbidden(relative.with_suffix("").parts[0], path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "module, source, said",
    [
        ("ops", "from unrolled.layers import linear", "ops may not import unrolled.layers"),
        ("ops", "from unrolled import plots", "ops may not import unrolled"),
        ("plots", "import unrolled.models.char_rnn", "plots may not import unrolled.models.char_rnn"),
        ("plots", "from unrolled.tape import Var", "plots may not import unrolled.tape"),
        ("cells", "def f():\n    import matplotlib.pyplot as plt", "cells may not import matplotlib.pyplot in f()"),
        ("training", "import torch", "training may not import torch"),
        ("data", "import pooch", "data may not import pooch"),
        ("plots", "def f():\n    from IPython.display import display", "plots may not import IPython.display in f()"),
        ("layers", f"from unrolled.ops import {'*'}", "a star import of unrolled.ops"),
        ("cells", "from .rnn import rnn", "write `from unrolled.… import`"),
        ("helpers", "import numpy", "helpers is not in the list"),
        ("widgets", "from unrolled.exercises import check", "widgets may not import unrolled.exercises"),
    ],
)
def test_a_forbidden_import_is_named(module, source, said):
    (sentence,) = forbidden(module, source)
    assert said in sentence


@pytest.mark.parametrize(
    "module, source",
    [
        ("ops", "import collections.abc\nimport numpy as np\nfrom unrolled.tape import Var"),
        ("data", "def download():\n    import pooch"),
        ("plots", "def show(fig):\n    from IPython.display import display"),
        ("cells", "from unrolled.cells.rnn import rnn"),
        ("widgets", "from unrolled import plots"),
    ],
)
def test_what_the_list_allows_passes(module, source):
    assert forbidden(module, source) == []
