"""The search: every candidate is measured once and kept, whatever fails, wherever it is stopped, whoever computes."""

import json
import os
import signal
import subprocess
import sys
import time
from functools import partial
from importlib import util
from pathlib import Path

import numpy as np
import pytest

from unrolled.experiments import random_cells
from unrolled.experiments.search import search

TOYS = Path(__file__).with_name("search_toys.py")
spec = util.spec_from_file_location("search_toys", TOYS)
search_toys = util.module_from_spec(spec)
spec.loader.exec_module(search_toys)


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    """Workers import what they measure."""
    monkeypatch.syspath_prepend(TOYS.parent)
    monkeypatch.setitem(sys.modules, "search_toys", search_toys)


def numbers(found):
    return {each.candidate: each.numbers.get("loss") for each in found}


def run(path, candidates=(1, 2, 3, 4), **options):
    options = {"scale": 10, "progress": False, "processes": 1} | options
    return list(search(search_toys.measure, list(candidates), path, **options))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "deep" / "search.jsonl"


@pytest.mark.slow
def test_every_candidate_is_measured_with_the_seed(path):
    noise = np.random.default_rng(7).integers(100) / 1e3
    assert numbers(run(path, seed=7)) == {1: 10 + noise, 2: 20 + noise, 3: None, 4: 40 + noise}


@pytest.mark.slow
def test_a_failed_candidate_is_said_kept_and_not_tried_again(path):
    said = "FloatingPointError: the loss is not finite, got nan"
    for _ in range(2):
        assert [each.error for each in run(path) if each.candidate == 3] == [said]
    lines = [json.loads(line) for line in path.read_text().splitlines()[1:]]
    assert sum(line["numbers"]["error"] == said for line in lines) == 1


def test_each_candidate_has_a_process_of_its_own(path):
    found = run(path, range(10, 14), processes=2)
    assert len({os.getpid(), *(each.numbers["process"] for each in found)}) == 5


def test_what_a_candidate_prints_is_not_taken_for_its_answer(path):
    (found,) = search(search_toys.talkative, [1], path, processes=1, progress=False)
    assert found.numbers == {"loss": 1.0}


@pytest.mark.parametrize("processes", [1, 2])
def test_a_candidate_that_kills_its_process_is_said_kept_and_not_tried_again(path, processes):
    options = {"process": "its own", "processes": processes, "progress": False}
    for _ in range(2):
        found = list(search(search_toys.measure_or_die, [2, 3, 4], path, **options))
        assert numbers(found) == {2: 2.0, 3: None, 4: 4.0}
        assert {each.candidate: each.error for each in found if each.error} == {
            3: f"the process died, with exit code {-signal.SIGKILL}"
        }
    assert len(path.read_text().splitlines()) == 1 + 3


@pytest.mark.slow
def test_a_killed_search_goes_on(path):
    once = str(path.with_name("killed"))
    there = f"process='the search', once={once!r}, progress=False"
    code = (
        "from pathlib import Path; import search_toys; from unrolled.experiments.search import search; "
        f"print(*search(search_toys.measure_or_die, [1, 2, 3, 4, 5, 6], Path({str(path)!r}), processes=1, {there}))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=TOYS.parent).returncode == -signal.SIGKILL
    kept = path.read_text()
    assert len(kept.splitlines()) == 1 + 2
    there = {"process": "the search", "once": once, "progress": False}
    again = search(search_toys.measure_or_die, [1, 2, 3, 4, 5, 6], path, **there)
    assert numbers(again) == {k: float(k) for k in range(1, 7)}
    assert path.read_text().startswith(kept)


@pytest.mark.slow
def test_a_closed_search_stops_what_it_runs(path, tmp_path):
    beats = lambda: {file.name: file.read_text() for file in tmp_path.glob("[0-9]")}
    begun = search(search_toys.slow, [1, 2, 3], path, pulse=str(tmp_path), progress=False)
    assert next(begun).candidate == 1
    while not beats():
        time.sleep(0.01)
    begun.close()
    time.sleep(0.5)
    last = beats()
    time.sleep(1)
    assert beats() == last


def test_a_stopped_search_goes_on_and_measures_nothing_twice(path):
    begun = search(search_toys.measure, [1, 2, 3, 4], path, scale=10, processes=1, progress=False)
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
    before = numbers(run(path, [4]))
    assert numbers(run(path, [4], seed=2)) != before
    assert numbers(run(path, [4], seed=2, scale=11))[4] > before[4] + 3


def test_more_candidates_can_be_added(path):
    run(path, (1, 2))
    head = path.read_text()
    assert set(numbers(run(path, (2, 5)))) == {2, 5}
    assert path.read_text().startswith(head)


def test_candidates_that_cannot_be_told_apart_are_refused(path):
    with pytest.raises(ValueError, match="must differ in their text, got 3, of which 2 differ"):
        run(path, (1, "1", 2))


@pytest.mark.slow
def test_a_path_may_be_a_string(path):
    assert numbers(run(str(path))) == numbers(run(path))
    assert path.exists()


def test_a_file_that_is_no_searchs_is_left_as_it_is(tmp_path):
    for content in (b"x = 1\n", b"date,close\n2021,1.5\n", b'{"a": 1}\n', b"\x00", b"x"):
        (tmp_path / "mine.py").write_bytes(content)
        with pytest.raises(ValueError, match=r"mine\.py must be a new file, or one with such lines as are kept here"):
            run(tmp_path / "mine.py")
        assert (tmp_path / "mine.py").read_bytes() == content


class Callable:
    def __call__(self, rng, candidate):
        return {}

    def method(self, rng, candidate):
        return {}


def of_main(thing, monkeypatch):
    """As if a notebook had defined it."""
    monkeypatch.setattr(thing, "__module__", "__main__")
    monkeypatch.setattr(sys.modules["__main__"], thing.__qualname__, thing, raising=False)
    return thing


@pytest.mark.parametrize(
    "measure, got",
    [
        (lambda rng, candidate: {}, "got <function <lambda>"),
        (Callable(), "got <.*Callable object"),
        (Callable().method, "got <bound method"),
        (partial(search_toys.measure, scale=2), "got functools.partial"),
        (abs, "got abs of builtins"),
        (None, "got None"),
    ],
)
def test_a_measure_that_no_other_process_can_import_is_refused_at_once(path, measure, got):
    with pytest.raises(ValueError, match=f"{got}.*Write it into a file beside the notebook"):
        next(search(measure, [1], path, progress=False))
    assert not path.exists()


def test_nothing_of_main_is_sent_to_another_process(path, monkeypatch):
    def a_measure(rng, candidate):
        return {}

    class ACell:
        pass

    a_measure.__qualname__, ACell.__qualname__ = "a_measure", "ACell"
    with pytest.raises(ValueError, match="must be a function of a module .* got a_measure of __main__.*mine.py"):
        next(search(of_main(a_measure, monkeypatch), [1], path, progress=False))
    before = numbers(run(path))
    kept = path.read_bytes()
    for candidates, scale in (([of_main(ACell, monkeypatch)()], 1), ([1], ACell()), ([lambda: 1], 1)):
        with pytest.raises(ValueError, match=r"a job must be of what other processes can import, got .*mine\.py"):
            run(path, candidates, scale=scale)
    assert path.read_bytes() == kept
    assert numbers(run(path)) == before


def test_a_script_that_measures_a_function_of_its_own_is_told_the_mend(tmp_path):
    lines = "from unrolled.experiments.search import search", "def measure(rng, candidate): return {'x': 1.0}"
    (tmp_path / "script.py").write_text("\n".join([*lines, "list(search(measure, [1], 'found.jsonl'))"]))
    done = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True)
    last = done.stderr.splitlines()[-1]
    assert last.startswith("ValueError: measure must be a function of a module that other processes can import, got")
    assert last.endswith(
        "Write it into a file beside the notebook or script, mine.py, and import it from there: from mine import …"
    )
    assert not (tmp_path / "found.jsonl").exists()


@pytest.fixture(scope="module")
def cluster():
    """The address of a Dask scheduler of this machine, with two workers."""
    distributed = pytest.importorskip("distributed", reason="Dask is in the extras test and cluster")
    local = {"host": "127.0.0.1", "dashboard_address": None}
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(TOYS.parent)
        with distributed.LocalCluster(n_workers=2, threads_per_worker=1, **local) as cluster:
            yield cluster.scheduler_address


@pytest.mark.slow
def test_a_dask_cluster_by_one_argument(path, cluster):
    candidates = [random_cells.GRU, random_cells.RNN, "no cell"]  # the library's: a worker cannot import this file
    sizes = {"T": 4, "H": 4, "N": 8, "steps": 2, "learning_rate": 1e-2, "max_norm": 1.0, "progress": False}
    there = {"cluster": cluster, "processes": 0}  # here, joblib refuses 0
    found = list(search(random_cells.on_text, candidates, path, **there, **sizes))
    here = list(search(random_cells.on_text, candidates, path.with_name("here.jsonl"), **sizes))
    by_text = lambda found: {str(each.candidate): (each.numbers, each.error) for each in found}
    assert by_text(found) == by_text(here)
    assert by_text(found)["no cell"][1].startswith("AttributeError: ")
    with pytest.raises(ValueError, match="n_jobs"):
        run(path.with_name("refused.jsonl"), processes=0)


@pytest.mark.slow
def test_on_a_cluster_too_a_candidate_may_kill_its_process(path, cluster):
    options = {"process": "its own", "cluster": cluster, "progress": False}
    found = list(search(search_toys.measure_or_die, [1, 2, 3, 4], path, **options))
    assert numbers(found) == {1: 1.0, 2: 2.0, 3: None, 4: 4.0}


@pytest.mark.slow
def test_on_a_cluster_a_worker_may_be_killed(path, cluster):
    once = str(path.with_name("killed"))
    options = {"process": "its worker", "once": once, "cluster": cluster, "progress": False}
    found = list(search(search_toys.measure_or_die, [1, 2, 3, 4], path, **options))
    assert Path(once).exists()
    assert numbers(found) == {1: 1.0, 2: 2.0, 3: 3.0, 4: 4.0}
