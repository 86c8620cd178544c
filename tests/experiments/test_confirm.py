"""A table of other code is stamped where its first row comes out again, and else it is named and left as it is."""

import importlib
import sys

import numpy as np
import pytest

from unrolled.experiments.__main__ import main
from unrolled.experiments.experiment import Experiment, grid
from unrolled.experiments.store import write_table

TOYS = """
def measure(rng, k, scale, factor=1.0, ms=7.0, solved=float("nan")):
    return {"loss": factor * (scale * k + rng.random()), "ms": ms, "solved": solved}

def the_same(rng, **how):
    return measure(rng, **how)

def of_another_blas(rng, **how):
    return measure(rng, factor=1 + 5e-5, **how)

def another(rng, **how):
    return measure(rng, factor=1 + 2e-4, **how)

def slower(rng, **how):
    return measure(rng, ms=13.0, **how)

def much_slower(rng, **how):
    return measure(rng, ms=15.0, **how)

def solved(rng, **how):
    return measure(rng, solved=3.0, **how)

def with_more(rng, **how):
    return measure(rng, **how) | {"more": 1.0}

def broken(rng, **how):
    raise KeyError("sine")
"""
HEAD = {"seeds": "1-2", "setup": "scale=10", "version": "0123456789ab", "date": "2026-01-31", "about": "0123456789ab"}


@pytest.fixture
def toys(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "confirmed_toys.py").write_text(TOYS)
    yield importlib.import_module("confirmed_toys")
    sys.modules.pop("confirmed_toys")


def experiment(measure, **changes):
    return Experiment(
        measure, "a toy", **{"settings": grid(k=[3, 1]), "fixed": {"scale": 10}, "costs": ("ms",), **changes}
    )


@pytest.mark.slow
def test_a_table_is_stamped_where_its_first_row_comes_out_again(toys, tmp_path, capsys):
    made = experiment(toys.measure)
    rows = [{**row, **toys.measure(np.random.default_rng(row["seed"]), row["k"], 10)} for row in made.rows(2)]
    stamped = {name: experiment(getattr(toys, name)) for name in ("the_same", "of_another_blas", "slower")}
    refused = {
        "another": "loss is 30.5118, and 30.5179 now",
        "much_slower": "ms is 7, and 15 now",
        "solved": "solved is nan, and 3 now",
        "with_more": "it has no column more",
        "broken": "KeyError: 'sine'",
    }
    others = {
        "other settings": (experiment(toys.measure, settings=grid(k=[3, 2])), "its settings or seeds are others"),
        "other sizes": (experiment(toys.measure, fixed={"scale": 11}), "its sizes are others: scale=10"),
        "none": (made, "there is no table"),
    }
    experiments = (
        stamped
        | {name: experiment(getattr(toys, name)) for name in refused}
        | {name: other for name, (other, _) in others.items()}
    )
    for name in experiments:
        write_table(tmp_path / f"{name}.csv", HEAD, rows)
    (tmp_path / "none.csv").unlink()
    before = (tmp_path / "the_same.csv").read_text()

    assert main(experiments, ["--confirm"], tables=tmp_path) == 1
    said = refused | {name: fault for name, (_, fault) in others.items()}
    assert set(capsys.readouterr().out.splitlines()) == {
        *(f"{name}: confirmed" for name in stamped),
        *(f"{name}: not confirmed: {fault}" for name, fault in said.items()),
    }
    for name in experiments.keys() - {"none"}:
        version = f"# version: {experiments[name].version() if name in stamped else '0123456789ab'}\n"
        assert (tmp_path / f"{name}.csv").read_text() == before.replace("# version: 0123456789ab\n", version)
    assert main(stamped, ["--confirm"], tables=tmp_path) == 0
    assert capsys.readouterr().out == "", "what is of this code is not measured again"
