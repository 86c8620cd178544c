"""A search over candidates that many processes share: each is measured once, and kept as soon as it is.

    for found in search(measure, candidates, path, steps=400): print(found)

`path` is a file of lines. A search that was stopped or killed goes on with what is missing there. A candidate that
fails, or whose process dies, is kept, too, with what was said: it is neither lost nor tried again.
"""

import os
import pickle  # noqa: TID251 - between two processes of one search, never a file
import subprocess
import sys
from contextlib import ExitStack
from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits
from tqdm.auto import tqdm

from unrolled.experiments.runner import Experiment
from unrolled.experiments.store import Store


class Found(NamedTuple):
    """A candidate, the numbers that were measured of it (none where it failed), and its error ("" where it did not)."""

    candidate: object
    numbers: dict
    error: str


def search(measure, candidates, path, *, seed=1, processes=2, cluster=None, reads=(), progress=True, **settings):
    """Yields Found for every candidate as it ends: first what stands in path already, then the others.

    measure     measure(rng, candidate, **settings) -> {name: number}, a function of a module that workers can import
    candidates  values that differ in str(candidate), under which they are kept
    seed        every candidate gets numpy.random.default_rng(seed)
    processes   how many on this machine; or, in their place:
    cluster     the address of a Dask scheduler, "tcp://host:8786", whose workers do it (needs the extra "cluster")
    reads       the files of data/ that measure reads
    Each is measured in a process of its own, a child of joblib's or Dask's worker: one that takes too much memory, or
    crashes, takes nothing with it. A worker that is killed itself ends the search on this machine, by joblib's error,
    and the same call goes on; a Dask scheduler hands what it was doing to another worker.
    What stands in path under other code, settings, seed or data is not used, and replaced. ValueError: two candidates
    with the same text.
    """
    by_text = {str(candidate): candidate for candidate in candidates}
    if len(by_text) < len(candidates):
        raise ValueError(f"candidates must differ in their text, got {len(candidates)}, of which {len(by_text)} differ")
    version = Experiment(measure, "", [], settings, reads).version()
    with Store(path, {"version": version, "seed": seed}) as store:
        known = {text: found for text in by_text if (found := store.get({"candidate": text}))}
        with tqdm(total=len(by_text), initial=len(known), desc="search", disable=not progress, leave=False) as bar:
            for text, found in known.items():
                yield Found(by_text[text], **found)
            missing = [text for text in by_text if text not in known]
            for text, found in _measured(measure, by_text, missing, seed, processes, cluster, settings):
                store.add({"candidate": text}, found)
                bar.update()
                yield Found(by_text[text], **found)


def _measured(measure, by_text, missing, seed, processes, cluster, settings):
    """(text, {"numbers", "error"}) of each, in the order in which they end."""
    from joblib import Parallel, delayed, parallel_config  # here: a candidate's process does without it

    if not missing:
        return
    with ExitStack() as stack:
        where = {"backend": "loky"}
        if cluster:
            from distributed import Client  # the extra "cluster"

            where = {"backend": "dask", "client": stack.enter_context(Client(cluster, set_as_default=False))}
        stack.enter_context(parallel_config(n_jobs=processes, **where))
        run = Parallel(return_as="generator_unordered", batch_size=1)
        yield from run(delayed(_one)(measure, text, by_text[text], seed, settings) for text in missing)


def _one(measure, text, candidate, seed, settings):
    """In a worker: whatever becomes of the candidate's process is an answer."""
    job = pickle.dumps((measure, candidate, seed, settings))
    command = [sys.executable, "-c", "from unrolled.experiments.search import _alone; _alone()"]
    finds = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}  # noqa: TID251 - the modules that this process finds
    # Its own session: Ctrl-C is the search's to handle, and not a candidate's failure.
    child = subprocess.run(command, input=job, stdout=subprocess.PIPE, env=finds, start_new_session=True)
    if child.returncode or not child.stdout:
        return text, {"numbers": {}, "error": f"the process died, with exit code {child.returncode}"}
    return text, pickle.loads(child.stdout)


def _alone():
    """In a process of its own, on one thread: reads a job of `_one`, and writes {"numbers", "error"}."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what measure prints is not an answer
    measure, candidate, seed, settings = pickle.load(sys.stdin.buffer)
    with answers, threadpool_limits(1):
        try:
            numbers = measure(np.random.default_rng(seed), candidate, **settings)
            found = {"numbers": {name: float(value) for name, value in numbers.items()}, "error": ""}
        except Exception as error:
            found = {"numbers": {}, "error": f"{type(error).__name__}: {error}"}
        pickle.dump(found, answers)
