"""The search: every candidate is measured once and kept, whatever fails, wherever it is stopped, whoever computes."""

import json
import os

import numpy as np
import pytest

from unrolled.experiments import random_cells
from unrolled.search import search


def measure(rng, candidate, *, scale):
    """A toy: a number of the seed; 3 fails."""
    if candidate == 3:
        raise FloatingPointError("the loss is not finite, got nan")
    return {"loss": scale * candidate + rng.integers(100) / 1e3, "process": os.getpid()}


def numbers(found):
    return {each.candidate: each.numbers.get("loss") for each in found}


def run(path, candidates=(1, 2, 3, 4), **options):
    options = {"scale": 10, "progress": False, "processes": 1} | options
    return list(search(measure, list(candidates), path, **options))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "deep" / "search.jsonl"


def test_every_candidate_is_measured_with_the_seed(path):
    noise = np.random.default_rng(7).integers(100) / 1e3
    assert numbers(run(path, seed=7)) == {1: 10 + noise, 2: 20 + noise, 3: None, 4: 40 + noise}


def test_a_failed_candidate_is_said_kept_and_not_tried_again(path):
    said = "FloatingPointError: the loss is not finite, got nan"
    for _ in range(2):
        assert [each.error for each in run(path) if each.candidate == 3] == [said]
    lines = [json.loads(line) for line in path.read_text().splitlines()[1:]]
    assert sum(line["numbers"]["error"] == said for line in lines) == 1


def test_two_processes_share_the_work(path):
    found = run(path, range(10, 18), processes=2)
    assert len(found) == 8
    assert os.getpid() not in {each.numbers["process"] for each in found}


def test_a_stopped_search_goes_on_and_measures_nothing_twice(path):
    begun = search(measure, [1, 2, 3, 4], path, scale=10, processes=1, progress=False)
    first = next(begun)
    begun.close()
    kept = len(path.read_text().splitlines()) - 1
    assert 1 <= kept < 4
    assert run(path)[0] == first
    assert len(path.read_text().splitlines()) == 1 + 4


def test_a_line_torn_by_a_kill_costs_that_candidate_alone(path):
    whole = numbers(run(path))
    path.write_bytes(path.read_bytes()[:-9])
    assert numbers(run(path)) == whole
    assert len(path.read_text().splitlines()) == 1 + 4


def test_other_settings_or_another_seed_start_anew(path):
    before = numbers(run(path))
    assert numbers(run(path, seed=2)) != before
    assert numbers(run(path, seed=2, scale=11))[4] > before[4] + 3


def test_more_candidates_can_be_added(path):
    run(path, (1, 2))
    head = path.read_text()
    assert set(numbers(run(path, (2, 5)))) == {2, 5}
    assert path.read_text().startswith(head)


def test_candidates_that_cannot_be_told_apart_are_refused(path):
    with pytest.raises(ValueError, match="must differ in their text, got 3, of which 2 differ"):
        run(path, (1, "1", 2))


def test_a_dask_cluster_by_one_argument(path):
    distributed = pytest.importorskip("distributed", reason='needs Dask\'s scheduler: pip install -e ".[cluster]"')
    candidates = [random_cells.GRU, random_cells.RNN, "no cell"]  # the library's: a worker cannot import this file
    sizes = {"T": 4, "H": 4, "N": 8, "steps": 2, "learning_rate": 1e-2, "max_norm": 1.0, "progress": False}
    local = {"host": "127.0.0.1", "dashboard_address": None}
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, **local) as cluster:
        there = {"cluster": cluster.scheduler_address, "processes": 0}  # here, joblib refuses 0
        found = list(search(random_cells.on_text, candidates, path, **there, **sizes))
    here = list(search(random_cells.on_text, candidates, path.with_name("here.jsonl"), **sizes))
    by_text = lambda found: {str(each.candidate): (each.numbers, each.error) for each in found}
    assert by_text(found) == by_text(here)
    assert by_text(found)["no cell"][1].startswith("AttributeError: ")
    with pytest.raises(ValueError, match="n_jobs"):
        run(path.with_name("refused.jsonl"), processes=0)
