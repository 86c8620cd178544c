"""Who may import whom, room by room. A room that is not in this list may not exist in the package."""

import ast
import re
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "lib" / "unrolled"

CORE = "autodiff layers cells learning probes data models"
# room: what it may import beside the standard library, NumPy and itself; each room stands below those that it imports.
# name(function): inside that function alone; name(): inside any function, so that the package does without it until it
# is asked for.
ALLOWED = {
    "autodiff": "",
    "layers": "autodiff",
    "cells": "autodiff layers",
    "learning": "autodiff tqdm threadpoolctl",
    "probes": "autodiff cells",
    "data": "autodiff pooch() PIL() h5py()",
    "models": "autodiff layers cells learning data",
    "figures": "matplotlib IPython(show) IPython(follow)",
    "widgets": "autodiff figures anywidget traitlets latex2mathml tqdm",
    "environment": "data threadpoolctl()",
    "exercises": f"{CORE} environment nbformat()",
    "experiments": f"{CORE} environment joblib() distributed() tqdm threadpoolctl",
    "course": "data figures environment babel nbformat",
    "train": "cells learning data models environment tqdm threadpoolctl",
    "sample": "learning data models environment",
    "translate": "data models environment",
}
MOST = 16  # rooms on the first shelf of the package


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


def test_the_first_shelf_is_short_and_no_arrow_leads_upward():
    shelf = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}
    assert shelf - {"__init__"} == ALLOWED.keys()
    assert len(ALLOWED) <= MOST
    for place, (room, entries) in enumerate(ALLOWED.items()):
        below = set(list(ALLOWED)[:place])
        assert below >= {name for entry in entries.split() if (name := entry.partition("(")[0]) in ALLOWED}, room


def drawn(text):
    """{room: its modules} of a tree as CONTRIBUTING.md draws it: a room, what it is, and below that its modules.

    Rooms of one module stand in lines of their own, "train, sample": each has no modules.
    """
    rooms, path = {}, []
    for line in text.splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        if found := re.match(r" *(\w+)/", line):
            path = [*path[: depth - 1], found[1]]
            rooms["/".join(path)] = set()
        elif depth == 1:
            rooms |= {name: set() for name in re.match(r"[\w, ]+?(?=  |$)", line.strip())[0].split(", ")}
        elif depth > 5:
            rooms["/".join(path)] |= set(line.split())
    return rooms


def test_the_drawn_tree_is_what_is_there():
    text = (PACKAGE.parents[1] / "CONTRIBUTING.md").read_text("utf-8")
    there = {}
    for path in PACKAGE.rglob("*.py"):
        if path.parent == PACKAGE:
            there |= {path.stem: set()} if path.stem != "__init__" else {}
        else:
            names = there.setdefault(str(path.parent.relative_to(PACKAGE).as_posix()), set())
            names |= {path.stem} - {"__init__", "__main__"}
    assert drawn(text.partition("lib/unrolled/\n")[2].partition("```")[0]) == there


def test_a_drawn_tree_is_read():
    lines = "  cells/  kernels", 18 * " " + "rnn lstm", 18 * " " + "gru", "    deep/  x", "  train  y"
    assert drawn("\n".join(lines)) == {"cells": {"rnn", "lstm", "gru"}, "cells/deep": set(), "train": set()}


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("__init__.py")), ids=lambda path: path.parent.name)
def test_what_a_room_gives_does_not_hide_one_of_its_modules(path):
    """`from unrolled.cells import rnn` is the module: a function of that name would hide it."""
    room = path.parent
    modules = {file.stem for file in room.glob("*.py")} | {file.parent.name for file in room.glob("*/__init__.py")}
    hidden = hides(path.read_text("utf-8"), room.name, modules)
    assert not hidden, f"{room.name} gives {', '.join(hidden)}, and has a module of that name"


def hides(source, room, modules):
    """What the front of a room gives that has the name of one of its modules, and is not that module."""
    given = [(module.rpartition(".")[2], member) for module, member, _ in imports(ast.parse(source))]
    return {member for last, member in given if member in modules and last != room}


@pytest.mark.parametrize("line", ["from unrolled.cells.rnn import rnn", "from unrolled.cells.table import rnn"])
def test_a_front_that_hides_a_module_is_named(line):
    assert hides(line, "cells", {"rnn", "table"}) == {"rnn"}
    assert hides("from unrolled.cells import rnn", "cells", {"rnn"}) == set()


@pytest.mark.parametrize(
    "module, source, said",
    [
        ("autodiff", "from unrolled.layers.dense import linear", "autodiff may not import unrolled.layers.dense"),
        ("autodiff", "from unrolled import figures", "autodiff may not import unrolled"),
        ("figures", "import unrolled.models.char_lm", "figures may not import unrolled.models.char_lm"),
        ("figures", "from unrolled.autodiff.tape import Var", "figures may not import unrolled.autodiff.tape"),
        ("cells", "def f():\n    import matplotlib.pyplot as plt", "cells may not import matplotlib.pyplot in f()"),
        ("learning", "import torch", "learning may not import torch"),
        ("data", "import pooch", "data may not import pooch"),
        (
            "figures",
            "def f():\n    from IPython.display import display",
            "figures may not import IPython.display in f()",
        ),
        ("layers", f"from unrolled.autodiff.ops import {'*'}", "a star import of unrolled.autodiff.ops"),
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
        ("layers", "import collections.abc\nimport numpy as np\nfrom unrolled.autodiff.tape import Var"),
        ("data", "def download():\n    import pooch"),
        ("figures", "def show(fig):\n    from IPython.display import display"),
        ("cells", "from unrolled.cells.rnn import rnn"),
        ("widgets", "from unrolled.figures import plots"),
    ],
)
def test_what_the_list_allows_passes(module, source):
    assert forbidden(module, source) == []
