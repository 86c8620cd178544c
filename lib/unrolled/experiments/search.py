"""A search over candidates: each is measured once, and kept as soon as it is.

    for found in search(measure, candidates, path, steps=400): print(found)

`path` is a file of lines. A search that was stopped or killed goes on with what is missing there. A candidate that
fails, or whose process dies, is kept, too, with what was said: it is neither lost nor tried again.
"""

import inspect
from functools import partial
from typing import NamedTuple

import numpy as np
from tqdm.auto import tqdm

from unrolled.experiments.experiment import Experiment
from unrolled.experiments.runner import MEND, pack, run
from unrolled.experiments.store import Store


class Found(NamedTuple):
    """A candidate, the numbers that were measured of it (none where it failed), and its error ("" where it did not)."""

    candidate: object
    numbers: dict
    error: str


def search(measure, candidates, path, *, seed=1, processes=2, cluster=None, reads=(), progress=True, **settings):
    """Yields Found for every candidate as it ends: first what stands in path already, then the others.

    measure     measure(rng, candidate, **settings) -> {name: number}, a function of a module that workers can import
    path        a new file, or one of a search
    candidates  values that differ in str(candidate), under which they are kept
    seed        every candidate gets numpy.random.default_rng(seed)
    processes, cluster   where they are measured, each in a process of its own: see `runner.run`
    reads       the files of data/ that measure reads
    What stands in path under other code, settings, seed or data is not used, and replaced. ValueError, before anything
    is written: two candidates with the same text; a measure, a candidate or a setting that another process cannot
    import, as nothing of a notebook or of the script that runs can be; a path that is another file.
    """
    _check_measure(measure)
    by_text = {str(candidate): candidate for candidate in candidates}
    if len(by_text) < len(candidates):
        raise ValueError(f"candidates must differ in their text, got {len(candidates)}, of which {len(by_text)} differ")
    jobs = {
        text: partial(measure, np.random.default_rng(seed), candidate, **settings)
        for text, candidate in by_text.items()
    }
    for job in jobs.values():
        pack(job)
    version = Experiment(measure, "", [], settings, reads).version()
    with Store(path, {"version": version, "seed": seed}) as store:
        known = {text: found for text in by_text if (found := store.get({"candidate": text}))}
        with tqdm(total=len(by_text), initial=len(known), desc="search", disable=not progress, leave=False) as bar:
            for text, found in known.items():
                yield Found(by_text[text], **found)
            missing = {text: job for text, job in jobs.items() if text not in known}
            for text, numbers, error, _ in run(missing, processes=processes, cluster=cluster):
                store.add({"candidate": text}, {"numbers": numbers, "error": error})
                bar.update()
                yield Found(by_text[text], numbers, error)


def _check_measure(measure):
    """A function that can be found again by its module and its name: a lambda, a method or an inner function cannot."""
    name, module = getattr(measure, "__qualname__", ""), inspect.getmodule(measure)
    found = getattr(module, name, None) is measure
    if not found or not inspect.isfunction(measure) or module.__name__ == "__main__":
        of = f"{name} of {module.__name__}" if found and name else repr(measure)
        raise ValueError(f"measure must be a function of a module that other processes can import, got {of}. {MEND}")
