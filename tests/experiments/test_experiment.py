"""An experiment's version changes with all that can change its numbers, and with nothing else."""

import importlib
import shutil
import sys
from pathlib import Path

import pytest

from unrolled import data
from unrolled.experiments import experiment
from unrolled.experiments.experiment import grid
from unrolled.experiments.table import EXPERIMENTS


def versions():
    return {name: each.version() for name, each in EXPERIMENTS.items()}


NETWORKS = "truncation", "echo", "reservoir", "temporal_order", "clipping", "race"  # race: by way of truncation


@pytest.mark.slow
@pytest.mark.parametrize(
    "file, touched",
    [
        ("networks.py", {name for name in EXPERIMENTS if name.startswith(NETWORKS)}),
        ("temporal_order.py", {"temporal_order", "clipping"}),
        ("echo.py", {"echo", "echo_read_out", "reservoir"}),
        ("experiment.py", set()),
    ],
)
def test_the_version_covers_the_modules_that_a_measure_imports(monkeypatch, file, touched):
    before, read = versions(), Path.read_text
    changed = lambda path, **how: read(path, **how) + "\nCHANGED = 1\n" * (path.name == file)
    monkeypatch.setattr(Path, "read_text", changed)
    assert {name for name, version in versions().items() if version != before[name]} == touched


CODE = """def measure(rng, k):
    losses = [f"{rng.random():.{k}f}" for _ in range(k) if not k % 2]
    return {"loss": max(losses, default=0.5)}
"""
LOOSE = '''"""A docstring."""

from unrolled.elsewhere import losses


def measure(rng, k):  # a comment
    """Another."""
    import numpy as np

    losses = [
        f"{rng.random():.{k}f}"
        for _ in range(k)
        if not (k % 2)
    ]
    return {'loss': max(losses, default=.5)}
'''


@pytest.fixture
def version(tmp_path, monkeypatch):
    """The version of a module of this text."""
    monkeypatch.syspath_prepend(tmp_path)

    def version(text, name="measured"):
        (tmp_path / f"{name}.py").write_text(CODE)
        measure = importlib.import_module(name).measure
        (tmp_path / f"{name}.py").write_text(text)
        return experiment.Experiment(measure, "", grid(k=[2]), {}).version()

    yield version
    sys.modules.pop("measured", None)


def test_the_version_is_blind_to_what_cannot_change_a_number(version):
    assert version(CODE) == version(LOOSE)


def test_the_version_is_the_same_under_every_python(version):
    assert version(CODE) == "15ec430d0465", "3.11 to 3.14 agree: a newer one has other syntax trees"


@pytest.mark.parametrize(
    "old, new", [("% 2", "% 3"), ("0.5", "0.25"), ("not k", "k"), ("max", "min"), (".{k}f", ".2f")]
)
def test_the_version_sees_what_can(version, old, new):
    assert old in CODE
    assert version(CODE) != version(CODE.replace(old, new))


@pytest.mark.slow
def test_the_version_covers_the_data_that_a_measure_reads(tmp_path, monkeypatch):
    for path in [path for each in EXPERIMENTS.values() for path in each.reads]:
        shutil.copy(data.folder() / path, tmp_path)
    (tmp_path / "tales.txt").write_text("Another text.\n", encoding="utf-8")
    before = versions()
    monkeypatch.setattr(experiment, "folder", lambda: tmp_path)
    changed = {name for name, version in versions().items() if version != before[name]}
    assert changed == {name for name, each in EXPERIMENTS.items() if "tales.txt" in each.reads}


def test_the_grid_is_every_combination_in_order():
    assert grid(k=[3, 5], delay=[10]) == [{"k": 3, "delay": 10}, {"k": 5, "delay": 10}]


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_shipped_table_is_what_is_declared(name):
    declared, (rows, _) = EXPERIMENTS[name], data.results(name)
    head = (data.folder() / "results" / f"{name}.csv").read_text(encoding="utf-8")
    columns = list(declared.settings[0])
    cell = lambda value: "none" if value is None else value
    seeds = range(1, declared.seeds + 1)
    assert declared.seeds >= 3
    wanted = [[*map(cell, setting.values()), seed] for setting in declared.settings for seed in seeds]
    assert [[row[column] for column in [*columns, "seed"]] for row in rows] == wanted
    assert f"# setup: {', '.join(sizes(declared.fixed))}\n" in head


def sizes(fixed, prefix=""):
    for key, value in fixed.items():
        yield from sizes(value, f"{prefix}{key}.") if isinstance(value, dict) else [f"{prefix}{key}={value}"]
