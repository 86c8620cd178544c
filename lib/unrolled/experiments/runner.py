"""The one job runner: each job in a process of its own, on this machine or on a Dask cluster; how it ended is reported.

    for outcome in run({"k=3": partial(measure, rng, k=3)}): print(outcome)

A process costs about half a second. In return, a job that crashes or takes too much memory takes no other with it, and
no job finds what another left behind.
"""

import os
import pickle  # noqa: TID251 - between two processes of one run, never a file
import pickletools
import subprocess
import sys
import threading
import traceback
from contextlib import closing, nullcontext, suppress
from typing import NamedTuple

from threadpoolctl import threadpool_limits

from unrolled.experiments.store import machine

MEND = "Write it into a file beside the notebook or script, mine.py, and import it from there: from mine import …"


class Outcome(NamedTuple):
    """A job's key, its numbers ({} where it failed), its error in one sentence ("" where it did not), the traceback."""

    key: object
    numbers: dict
    error: str
    traceback: str


def run(jobs, *, processes=2, cluster=None):
    """Yields the Outcome of every job as it ends, whatever becomes of the others.

    jobs       {key: job}; job() -> {name: number}, of functions in modules, which other processes can import
    processes  how many jobs side by side on this machine; or, in their place:
    cluster    the address of a Dask scheduler, "tcp://host:8786" (needs the extra "cluster"): as many jobs as its
               workers have threads. What a worker was doing when it died, another does; what was with three workers
               when they died, Dask gives up, and the run waits for it: stop it, and it goes on from what is kept.
    ValueError: a job of what other processes cannot import.
    Where the generator is closed or interrupted, the jobs of this machine are stopped; a cluster's run to their end.
    """
    from joblib import Parallel, delayed, parallel_config  # here: a job's process does without it

    if not jobs:
        return
    children = set()
    with _client(cluster) as client:
        where = {"backend": "dask", "client": client} if cluster else {"backend": "threading", "n_jobs": processes}
        with parallel_config(**where):
            parallel = Parallel(return_as="generator_unordered", batch_size=1)
        try:
            calls = (delayed(_one)(key, pack(job), children) for key, job in jobs.items())
            with closing(parallel(calls)) as outcomes:
                yield from outcomes
        finally:
            children.add(None)  # a thread that starts a process after this stops it
            for child in children - {None}:
                child.kill()


def pack(job):
    """A job as bytes for another process, which finds functions and classes by module and name, and has a __main__ of
    its own. ValueError: something that cannot be found so, with the mend."""
    try:
        packed = pickle.dumps(job)
    except Exception as error:  # each kind of object fails in its own way
        raise ValueError(f"a job must be of what other processes can import, got {job}: {error}. {MEND}") from error
    if any(argument == "__main__" for _, argument, _ in pickletools.genops(packed)):
        raise ValueError(f"a job must be of what other processes can import, got a part of __main__ in {job}. {MEND}")
    return packed


def machines(cluster=None):
    """`store.machine` of this machine, or of each kind of a cluster's workers. OSError: no scheduler, or no worker."""
    with _client(cluster) as client:
        if not client:
            return machine()
        client.wait_for_workers(1, timeout=30)
        return " and ".join(sorted(set(client.run(machine).values())))


def _client(cluster):
    if not cluster:
        return nullcontext()
    from distributed import Client

    return Client(cluster, set_as_default=False)


def _one(key, job, children):
    """Outcome of a pickled job, whatever becomes of its process.

    children  where the process is kept, for `run` to stop it; on a cluster, a copy that nobody looks at
    """
    command = [sys.executable, "-c", "from unrolled.experiments.runner import _alone; _alone()"]
    found = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}  # noqa: TID251 - the modules that this process finds
    # Ctrl-C reaches all processes of a terminal: it is for the run to handle, and no job's failure.
    apart = {"start_new_session": True, "creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=found, **apart)
    children.add(child)
    if None in children:
        child.kill()
    answer = b""
    with suppress(OSError), child:  # it may die before it has read its job
        child.stdin.write(job)
        child.stdin.flush()  # and left open: see _alone
        answer = child.stdout.read()
    children.discard(child)
    if not answer:  # where there is one, its process may already have been told to end
        return Outcome(key, {}, f"the process died, with exit code {child.returncode}", "")
    return Outcome(key, *pickle.loads(answer))


def _alone():
    """In a process of its own, with one BLAS thread: reads a job, writes its numbers, its error and the traceback."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a job prints is not its answer
    try:
        job = pickle.load(sys.stdin.buffer)
        # A parent that ends, or is killed, closes its end of the pipe, on every system.
        threading.Thread(target=lambda: (os.read(0, 1), os._exit(1)), daemon=True).start()
        with threadpool_limits(1):
            answer = {name: float(value) for name, value in job().items()}, "", ""
    except Exception as error:
        answer = {}, f"{type(error).__name__}: {error}", traceback.format_exc()
    with answers:
        pickle.dump(answer, answers)
