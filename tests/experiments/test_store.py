"""What was finished is kept, wherever the writing was cut; a table is replaced whole or not at all."""

import math
import os
import platform

import pytest

from unrolled import data
from unrolled.experiments.store import Store, machine, read_comments, write_table

HEAD = {"version": "1", "machine": "two cores"}
JOBS = [{"k": 3, "max_norm": None, "seed": seed} for seed in (1, 2, 3)]
NUMBERS = [{"loss": 0.1 + 0.2}, {"loss": math.pi, "solved": math.inf}, {"loss": 1e-300}]


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "build" / "toy.jsonl"
    with Store(path, HEAD) as store:
        for job, numbers in zip(JOBS, NUMBERS):
            store.add(job, numbers)
    return path


def test_what_was_finished_comes_back_to_the_last_bit(path):
    with Store(path, HEAD) as store:
        assert [store.get(job) for job in JOBS] == NUMBERS
        assert store.get({**JOBS[0], "seed": 4}) is None
        assert store.said == ""


@pytest.mark.slow
def test_a_kill_at_any_byte_costs_the_torn_job_alone(path):
    whole = path.read_bytes()
    for cut in range(len(whole) + 1):
        path.write_bytes(whole[:cut])
        finished = max(whole[:cut].count(b"\n") - 1, 0)
        with Store(path, HEAD) as store:
            found = [store.get(job) for job in JOBS]
            assert found == NUMBERS[:finished] + [None] * (3 - finished), cut
            assert ("torn" in store.said) == (finished < 3 and whole[cut - 1 : cut] != b"\n" and b"\n" in whole[:cut])
            for job, numbers in list(zip(JOBS, NUMBERS))[finished:]:
                store.add(job, numbers)
        assert path.read_bytes() == whole, cut


def test_a_job_is_on_the_disk_before_the_next_one(path):
    with Store(path, HEAD) as store:
        store.add({"k": 4}, {"loss": 1.0})
        with Store(path, HEAD) as other:
            assert other.get({"k": 4}) == {"loss": 1.0}


@pytest.mark.parametrize("key", ["version", "machine"])
def test_jobs_of_other_code_or_another_machine_are_not_mixed_in(path, key):
    with Store(path, {**HEAD, key: "another"}) as store:
        assert store.get(JOBS[0]) is None
        assert "other code, other settings or another machine" in store.said
    with Store(path, {**HEAD, key: "another"}) as store:
        assert store.said == ""


COMMENTS = {"machine": "two cores", "seeds": "1-2", "date": "2026-01-31", "command": "python -m it", "about": "a: b"}


def test_a_table_comes_back_through_data_results(monkeypatch, tmp_path):
    monkeypatch.setattr(data, "folder", lambda: tmp_path)
    rows = [
        {"cell": "tanh, plain", "max_norm": None, "seed": 1, "steps": 24000.0, "loss": 0.123456789},
        {"cell": "gru", "max_norm": 1.0, "seed": 2, "steps": 1e-30, "loss": math.nan},
    ]
    write_table(tmp_path / "results" / "toy.csv", COMMENTS, rows)
    table = data.results("toy")
    assert table.label == "two cores; seeds 1-2; 2026-01-31"
    assert table.rows[0] == {"cell": "tanh, plain", "max_norm": "none", "seed": 1, "steps": 24000, "loss": 0.123457}
    assert table.rows[1]["steps"] == 1e-30
    assert math.isnan(table.rows[1]["loss"])
    assert read_comments(tmp_path / "results" / "toy.csv") == COMMENTS
    assert read_comments(tmp_path / "results" / "none.csv") == {}


def test_a_table_that_cannot_be_written_leaves_the_old_one(monkeypatch, tmp_path):
    path = tmp_path / "toy.csv"
    write_table(path, COMMENTS, [{"k": 1}])
    old = path.read_bytes()

    def full(*_):
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        write_table(path, COMMENTS, [{"k": 2}])
    assert path.read_bytes() == old
    assert [file.name for file in tmp_path.iterdir()] == ["toy.csv"]


def test_rows_must_agree(tmp_path):
    with pytest.raises(ValueError, match="the columns k, loss, got k"):
        write_table(tmp_path / "toy.csv", COMMENTS, [{"k": 1, "loss": 2.0}, {"k": 1}])


def test_the_machine_is_described_and_not_named():
    said = machine()
    assert "cores, NumPy" in said
    assert "\n" not in said
    assert "/" not in said
    assert platform.node() not in said.split()
