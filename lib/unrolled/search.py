"""A search over candidates that many processes share: each is measured once, and kept as soon as it is.

    for found in search(measure, candidates, path, steps=400): print(found)

`path` is a file of lines. A search that was stopped or killed goes on with what is missing there. A candidate that
fails is kept, too, with what it said: it is neither lost nor tried again.
"""

from typing import NamedTuple

import numpy as np
from joblib import Parallel, delayed, parallel_config
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
    What stands in path under other code, settings, seed or data is not used, and replaced. ValueError: two candidates
    with the same text. What a worker that dies was doing is lost, and joblib's error comes through; the rest is kept.
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
    if not missing:
        return
    where = {"backend": "dask", "scheduler_host": cluster} if cluster else {"backend": "loky"}
    with parallel_config(n_jobs=processes, **where):
        run = Parallel(return_as="generator_unordered", batch_size=1)
        yield from run(delayed(_one)(measure, text, by_text[text], seed, settings) for text in missing)


def _one(measure, text, candidate, seed, settings):
    """In a worker: on one thread, and whatever measure raises is an answer."""
    with threadpool_limits(1):
        try:
            numbers = measure(np.random.default_rng(seed), candidate, **settings)
            return text, {"numbers": {name: float(value) for name, value in numbers.items()}, "error": ""}
        except Exception as error:
            return text, {"numbers": {}, "error": f"{type(error).__name__}: {error}"}
