"""A table's run, as a process of its own: killed, interrupted, with jobs that fail, it ends at the same table."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.patience import patience
from unrolled.experiments.__main__ import main
from unrolled.experiments.table import EXPERIMENTS

TOY = """
import os
import time
from pathlib import Path
from unrolled.experiments.experiment import Experiment, grid

HERE = Path(__file__).parent
SECONDS = float(os.environ.get("SECONDS", "0"))

def measure(rng, k, cell, scale):
    with open(HERE / "started", "a") as file:
        file.write(f"{os.getpid()} {os.getppid()} {k} {cell}\\n")
    time.sleep(SECONDS)
    if os.environ.get("FAIL") == f"{k} {cell}":
        raise ValueError("the toy is broken")
    if os.environ.get("DIE") in (f"{k} {cell}", "all"):
        os._exit(3)
    return {"value": scale * k + rng.random()}

TOYS = {
    "toy": Experiment(measure, "a toy", grid(k=[3, 1], cell=["tanh", "gru"]), {"scale": 10}),
    "other": Experiment(measure, "another toy", grid(k=[5], cell=["tanh"]), {"scale": int(os.environ.get("SCALE", 1))}),
}
"""
SCRIPT = """
import sys
import toy
from unrolled.experiments.__main__ import main

sys.exit(main(toy.TOYS, tables=toy.HERE / "results", stores=toy.HERE / "build"))
"""
JOBS = 2 * 2 * 2  # settings by seeds
ARGUMENTS = ["toy", "--seeds", "2"]


class Toy:
    """The toy, and the script that runs it, in a folder of their own, and what they leave there."""

    def __init__(self, folder):
        self.folder, self.script = folder, folder / "run.py"
        self.script.write_text(SCRIPT)
        (folder / "toy.py").write_text(TOY)

    def start(self, *arguments, **environment):
        return subprocess.Popen(
            [sys.executable, self.script, *arguments], env={**os.environ, **environment},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self, *arguments, **environment):
        """-> exit code, stdout, stderr"""
        with self.start(*arguments, **environment) as process:
            out, err = process.communicate(timeout=300 * patience())
        return process.returncode, out, err

    def started(self):
        """(process id, its parent's) of all jobs that were started."""
        path = self.folder / "started"
        lines = path.read_text().splitlines() if path.exists() else []
        return [tuple(map(int, line.split()[:2])) for line in lines]

    def table(self, name="toy"):
        return (self.folder / "results" / f"{name}.csv").read_text()

    def wait_for_a_job(self, after=0):
        while len(self.started()) <= after:
            time.sleep(0.01)


def alive(pid):
    """Whether this process runs; a dead one that nobody has waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until_gone(pids):
    deadline = time.monotonic() + 30 * patience()
    while any(map(alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not any(map(alive, pids))


@pytest.fixture
def toy(tmp_path):
    toy = Toy(tmp_path)
    yield toy
    for pid in {pid for pid, _ in toy.started() if alive(pid)}:
        os.kill(pid, signal.SIGKILL)  # only where a test failed


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The table of a run that nobody stopped."""
    toy = Toy(tmp_path_factory.mktemp("undisturbed"))
    code, out, _ = toy.run(*ARGUMENTS)
    assert (code, out.count(f"toy: {JOBS} jobs -> results/toy.csv")) == (0, 1)
    return toy.table()


@pytest.mark.slow
def test_the_table_has_a_row_for_each_setting_and_seed_in_order(undisturbed):
    head, rows = undisturbed.split("k,cell,seed,value\n")
    assert [line.split(": ")[0] for line in head.splitlines()] == [
        "# machine", "# seeds", "# date", "# command", "# about", "# setup", "# version",
    ]  # fmt: skip
    assert "# seeds: 1-2\n" in head
    assert "# setup: scale=10\n" in head
    assert "# command: python -m unrolled.experiments toy --seeds 2\n" in head
    wanted = [f"{k},{cell},{seed}" for k in (3, 1) for cell in ("tanh", "gru") for seed in (1, 2)]
    assert [row.rpartition(",")[0] for row in rows.splitlines()] == wanted
    values = [float(row.rpartition(",")[2]) for row in rows.splitlines()]
    assert [int(value / 10) for value in values] == [3] * 4 + [1] * 4
    assert len({round(value % 10, 4) for value in values}) == 2, "the generator is the seed's, whatever the setting"


@pytest.mark.slow
def test_killed_at_random_moments_it_ends_at_the_same_table(toy, undisturbed):
    moments = random.Random(1)
    for _ in range(2):
        before = len(toy.started())
        process = toy.start(*ARGUMENTS, SECONDS="0.5")
        toy.wait_for_a_job(before)
        time.sleep(moments.uniform(0, 0.7))
        assert not (toy.folder / "results").exists(), "no table before all is there"
        process.kill()
        process.wait()
        process.stdout.close()  # not read to its end: a worker that lived on would hold it open
        process.stderr.close()
        assert wait_until_gone({pid for pid, _ in toy.started()}), "no worker outlives the runner"
    assert toy.run(*ARGUMENTS)[0] == 0
    assert toy.table() == undisturbed
    assert len(toy.started()) <= JOBS + 2 * 2, "a kill costs no more than the two jobs that were running"


@pytest.mark.slow
def test_interrupted_it_stops_at_once_and_says_that_it_goes_on(toy, undisturbed):
    process = toy.start(*ARGUMENTS, SECONDS="60")
    toy.wait_for_a_job()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=50 * patience())
    assert process.returncode == 130
    assert "stopped; what was finished is kept" in err
    assert wait_until_gone({pid for pid, _ in toy.started()})
    assert toy.run(*ARGUMENTS)[0] == 0
    assert toy.table() == undisturbed


@pytest.mark.slow
@pytest.mark.parametrize(
    "how, said", [("FAIL", "ValueError: the toy is broken"), ("DIE", "the process died, with exit code 3")]
)
def test_a_job_that_fails_is_named_and_the_others_are_kept(toy, undisturbed, how, said):
    code, out, err = toy.run("--seeds", "2", **{how: "1 gru"})
    assert code == 1
    assert out == "other: 2 jobs -> results/other.csv\n", "the next experiment is run"
    for seed in (1, 2):
        assert f"FAILED toy: k=1, cell=gru, seed={seed}\n" in err
    assert said in err
    assert "the table was not written" in err
    assert not (toy.folder / "results" / "toy.csv").exists()
    before = len(toy.started())
    assert err.count("FAILED toy") == 2, "a process that dies takes no other job with it"
    assert toy.run(*ARGUMENTS)[0] == 0
    assert len(toy.started()) - before == 2
    assert toy.table() == undisturbed


@pytest.mark.slow
def test_when_every_process_dies_every_job_is_named(toy):
    code, _, err = toy.run("toy", "--seeds", "1", "--jobs", "1", DIE="all")
    assert code == 1
    assert err.count("FAILED toy") == err.count("the process died, with exit code 3") == JOBS / 2


@pytest.fixture
def cluster(toy, monkeypatch):
    """A Dask scheduler of this machine, with two workers that find the toy, and take a moment for each job."""
    distributed = pytest.importorskip("distributed", reason="Dask is in the extras test and cluster")
    monkeypatch.syspath_prepend(toy.folder)
    monkeypatch.setenv("SECONDS", "0.5")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None) as local:
        yield local


@pytest.mark.slow
def test_on_a_cluster_of_which_a_worker_is_killed_it_ends_at_the_same_table(toy, cluster, undisturbed):
    workers = {nanny.pid for nanny in cluster.workers.values()}
    process = toy.start(*ARGUMENTS, "--cluster", cluster.scheduler_address)
    toy.wait_for_a_job()
    job, worker = toy.started()[0]
    assert worker in workers
    os.kill(worker, signal.SIGKILL)
    assert wait_until_gone({worker, job}), "no job outlives its worker"
    _, err = process.communicate(timeout=300 * patience())
    assert process.returncode == 0, err
    assert toy.table() == undisturbed
    assert JOBS < len(toy.started()) <= JOBS + 2, "what the worker had is done again, by another, and nothing else"


@pytest.mark.slow
def test_without_a_scheduler_it_says_so(toy, monkeypatch):
    pytest.importorskip("distributed", reason="Dask is in the extras test and cluster")
    code, _, err = toy.run("toy", "--cluster", "tcp://127.0.0.1:1", DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT="1s")
    assert code == 2
    assert "error: --cluster tcp://127.0.0.1:1: Timed out trying to connect" in err
    assert toy.started() == []


@pytest.mark.slow
def test_what_is_up_to_date_is_left_alone_and_what_changed_is_not(toy):
    other = lambda *more, **environment: toy.run("other", "--jobs", "1", "--seeds", *more, **environment)
    other("1")
    assert other("1")[1] == "other: up to date\n"
    assert len(toy.started()) == 1
    other("2")
    assert len(toy.started()) == 2, "the second seed alone"
    _, out, _ = toy.run("--list", "--seeds", "2", SCALE="2")
    assert [" ".join(line.split()[:6]) for line in out.splitlines()] == [
        "toy 8 jobs to be measured", "other 2 jobs of other code",
    ]  # fmt: skip
    _, _, err = other("2", SCALE="2")
    assert "other code, other settings" in err
    assert "# setup: scale=2\n" in toy.table("other")
    assert len(toy.started()) == 4
    other("2", "--again", SCALE="2")
    assert len(toy.started()) == 6


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["ecco", "echo"], f"no experiment ecco; there are: {', '.join(EXPERIMENTS)}"),
        (["--seeds", "0"], "--seeds must be >= 1, got 0"),
        (["--jobs", "-1"], "--jobs must be >= 1, got -1"),
    ],
)
def test_a_wrong_command_is_explained(capsys, arguments, said):
    with pytest.raises(SystemExit) as stopped:
        main(EXPERIMENTS, arguments)
    assert stopped.value.code == 2
    assert said in capsys.readouterr().err
