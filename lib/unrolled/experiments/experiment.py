"""An experiment: what is measured, over which settings and seeds; and the version of the code that measures it."""

import ast
import hashlib
import inspect
from collections.abc import Callable
from functools import partial
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np

from unrolled.autodiff.trees import leaves
from unrolled.data import folder


class Experiment(NamedTuple):
    """measure(rng, **setting, **fixed) -> dict of numbers, for each setting and each seed.

    measure   a function of a module (it is run in other processes); rng is numpy.random.default_rng(seed)
    settings  a list of dicts with the same keys: the rows of the table, in their order
    fixed     sizes that are the same in all rows: they stand in the table's head
    about     one sentence for the table's head
    reads     the files of data/ that it reads
    seeds     how many the shipped table has: five, or at least three where one seed takes minutes
    costs     the columns of time and memory, in which no two runs agree
    """

    measure: Callable
    about: str
    settings: list
    fixed: dict
    reads: tuple = ()
    seeds: int = 5
    costs: tuple = ()

    def rows(self, seeds):
        """[{**setting, "seed": seed}] of a table with seeds 1, 2, … seeds."""
        return [{**setting, "seed": seed} for setting in self.settings for seed in range(1, seeds + 1)]

    def job(self, row):
        """The job of one of `rows`: job() -> dict of numbers."""
        setting = {key: value for key, value in row.items() if key != "seed"}
        return partial(self.measure, np.random.default_rng(row["seed"]), **setting, **self.fixed)

    def setup(self):
        """The fixed sizes as the table's head says them."""
        return ", ".join(f"{'.'.join(path)}={value}" for path, value in leaves(self.fixed))

    def version(self):
        """Changes with the settings, the sizes, what it reads, and the code of `measure`'s module and of those of its
        folder that it imports.

        It does not change with what cannot change a number: docstrings, comments, form, and where an import finds what
        it names. The rest of the library is not looked at: what it computes is fixed by its tests.
        """
        sources = sorted(_sources(inspect.getmodule(self.measure)).items())
        text = repr((self.measure.__name__, self.settings, self.fixed, sources))
        read = b"".join((folder() / name).read_bytes() for name in self.reads)
        return hashlib.sha256(text.encode() + read).hexdigest()[:12]


def grid(**choices):
    """All combinations: grid(k=[3, 5], delay=[10]) -> [{"k": 3, "delay": 10}, {"k": 5, "delay": 10}]."""
    return [dict(zip(choices, values)) for values in product(*choices.values())]


def _sources(module):
    """{file name: code} of a module and of those in its folder that it imports, or that they import."""
    package, found, waiting = f"{module.__package__ or ''}.", {}, [Path(module.__file__)]
    while waiting:
        path = waiting.pop()
        if path.name in found or not path.exists():
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found[path.name] = _code(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                continue
            waiting += [path.with_name(f"{name.removeprefix(package)}.py") for name in names]
    return found


def _code(node):
    """A syntax tree as nested lists, without imports, docstrings and places.

    Empty fields are left out, as ast.dump does not do: newer versions of Python have more of them.
    """
    if isinstance(node, list):
        text = lambda part: isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant)
        return [_code(part) for part in node if not (text(part) or isinstance(part, ast.Import | ast.ImportFrom))]
    if not isinstance(node, ast.AST):
        return node
    parts = [(name, _code(part)) for name, part in ast.iter_fields(node) if part not in ([], None)]
    return [type(node).__name__, *parts]
