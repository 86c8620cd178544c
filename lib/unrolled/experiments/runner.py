"""Runs experiments over settings and seeds, and writes data/results/<name>.csv.

    python -m unrolled.experiments [name …] [--seeds n] [--jobs 2] [--again] [--list]

Every finished (setting, seed) is kept at once in build/experiments/<name>.jsonl, so a run that was stopped or killed
goes on where it was. A table that is up to date (same code, settings and seeds) is left alone.
"""

import argparse
import ast
import hashlib
import inspect
import multiprocessing
import os
import signal
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from datetime import date
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from unrolled.autodiff.trees import leaves
from unrolled.data import folder
from unrolled.experiments.store import Store, machine, read_comments, write_table


class Experiment(NamedTuple):
    """measure(rng, **setting, **fixed) -> dict of numbers, for each setting and each seed.

    measure   a function of a module (it is run in other processes); rng is numpy.random.default_rng(seed)
    settings  a list of dicts with the same keys: the rows of the table, in their order
    fixed     sizes that are the same in all rows: they stand in the table's head
    about     one sentence for the table's head
    reads     the files of data/ that it reads
    seeds     how many the shipped table has: five, or at least three where one seed takes minutes
    """

    measure: Callable
    about: str
    settings: list
    fixed: dict
    reads: tuple = ()
    seeds: int = 5

    def version(self):
        """Changes with the settings, the sizes, what it reads, and the module of `measure` with those that it imports.

        The rest of the library is not looked at: what it computes is fixed by its tests.
        """
        sources = _sources(inspect.getmodule(self.measure))
        text = repr((self.measure.__name__, self.settings, self.fixed, sorted(sources.items())))
        read = b"".join((folder() / name).read_bytes() for name in self.reads)
        return hashlib.sha256(text.encode() + read).hexdigest()[:12]


def _sources(module):
    """{file name: text} of a module and of those in its folder that it imports, or that they import."""
    package, found, waiting = f"{module.__package__ or ''}.", {}, [Path(module.__file__)]
    while waiting:
        path = waiting.pop()
        if path.name in found or not path.exists():
            continue
        found[path.name] = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(found[path.name])):
            if isinstance(node, ast.ImportFrom):
                names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                continue
            waiting += [path.with_name(f"{name.removeprefix(package)}.py") for name in names]
    return found


def grid(**choices):
    """All combinations: grid(k=[3, 5], delay=[10]) -> [{"k": 3, "delay": 10}, {"k": 5, "delay": 10}]."""
    return [dict(zip(choices, values)) for values in product(*choices.values())]


def main(experiments, argv=None, *, tables=None, stores=None):
    """The command line over {name: Experiment} -> exit code: 0, 1 where a job failed, 130 where it was interrupted."""
    parser = argparse.ArgumentParser(prog="python -m unrolled.experiments", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="name", help="which experiments (all by default)")
    parser.add_argument("--seeds", type=int, help="how many seeds: 1, 2, … (by default as many as the shipped table)")
    parser.add_argument("--jobs", type=int, default=2, help="how many processes side by side (default 2)")
    parser.add_argument("--again", action="store_true", help="measure again what is up to date or half done")
    parser.add_argument("--list", action="store_true", help="show the experiments and the state of their tables")
    arguments = parser.parse_args(argv)
    for option in ("seeds", "jobs"):
        value = getattr(arguments, option)
        if value is not None and value < 1:
            parser.error(f"--{option} must be >= 1, got {value}")
    if unknown := [name for name in arguments.names if name not in experiments]:
        parser.error(f"no experiment {', '.join(unknown)}; there are: {', '.join(experiments)}")
    tables = tables or folder() / "results"
    stores = stores or folder().parent / "build" / "experiments"
    failed = 0
    for name in arguments.names or experiments:
        experiment, table = experiments[name], tables / f"{name}.csv"
        seeds = arguments.seeds or experiment.seeds
        fresh = _is_fresh(experiment, table, seeds)
        if arguments.list:
            state = "up to date" if fresh else "to be measured" if not table.exists() else "of other code or seeds"
            print(f"{name:18} {len(experiment.settings) * seeds:4} jobs   {state:24} {experiment.about}")
        elif fresh and not arguments.again:
            print(f"{name}: up to date")
        else:
            store = stores / f"{name}.jsonl"
            if arguments.again:
                store.unlink(missing_ok=True)
            try:
                failed += _run(name, experiment, table, store, seeds, arguments.jobs)
            except KeyboardInterrupt:
                print(f"{name}: stopped; what was finished is kept, and the same command goes on.", file=sys.stderr)
                return 130
    return 1 if failed else 0


def _is_fresh(experiment, table, seeds):
    said = read_comments(table)
    return (said.get("version"), said.get("seeds")) == (experiment.version(), f"1-{seeds}")


def _run(name, experiment, table, store_path, seeds, processes):
    """Measure what is missing; write the table where all is there. Returns how many jobs failed."""
    jobs = [{**setting, "seed": seed} for setting in experiment.settings for seed in range(1, seeds + 1)]
    failed = 0
    with Store(store_path, {"version": experiment.version(), "machine": machine()}) as store:
        if store.said:
            print(store.said, file=sys.stderr)
        missing = [job for job in jobs if store.get(job) is None]
        with tqdm(total=len(jobs), initial=len(jobs) - len(missing), desc=name, file=sys.stderr) as bar:

            def finished(job, numbers, error):
                nonlocal failed
                bar.update()
                if error is None:
                    store.add(job, numbers)
                else:
                    failed += 1
                    setting = ", ".join(f"{key}={value}" for key, value in job.items())
                    bar.write(f"FAILED {name}: {setting}\n{error}", file=sys.stderr)

            _run_jobs(experiment, missing, processes, finished)
        if failed:
            print(f"{name}: {failed} of {len(jobs)} jobs failed, so the table was not written. The others are kept: "
                  "the same command runs the failed ones again.", file=sys.stderr)  # fmt: skip
            return failed
        comments = {
            "machine": machine(),
            "seeds": f"1-{seeds}",
            "date": date.today().isoformat(),
            "command": f"python -m unrolled.experiments {name} --seeds {seeds}",
            "about": experiment.about,
            "setup": setup(experiment),
            "version": experiment.version(),
        }
        write_table(table, comments, [{**job, **store.get(job)} for job in jobs])
    print(f"{name}: {len(jobs)} jobs -> {table.parent.name}/{table.name}")
    return 0


def setup(experiment):
    """The fixed sizes as the table's head says them."""
    return ", ".join(f"{'.'.join(path)}={value}" for path, value in leaves(experiment.fixed))


def _run_jobs(experiment, jobs, processes, finished):
    """Call finished(job, numbers, error) for each job as it ends, whatever becomes of the others.

    KeyboardInterrupt: Ctrl-C was pressed. It is noted, and raised where no process is being started.
    """
    waiting, deaths, stop = deque(jobs), 0, threading.Event()
    handler = signal.signal(signal.SIGINT, lambda *_: stop.set())
    try:
        while waiting:
            # A process that dies takes the pool with it. Only as many jobs as there are processes are handed out, so
            # that only those that were running are lost; the rest goes to a new pool.
            context = multiprocessing.get_context("spawn")
            with ProcessPoolExecutor(processes, mp_context=context, initializer=_start_worker) as pool:
                try:
                    deaths = 0 if _feed(pool, experiment, waiting, processes, finished, stop) else deaths + 1
                except BaseException:  # do not wait for jobs that take minutes
                    for child in multiprocessing.active_children():
                        child.terminate()
                    raise
            while deaths == 3 and waiting:  # it is not the jobs: no process gets far enough to do one
                finished(waiting.popleft(), None, "not tried: the processes before it died, one after the other")
    finally:
        signal.signal(signal.SIGINT, handler)


def _feed(pool, experiment, waiting, processes, finished, stop):
    """Keep the pool busy until nothing waits, or until it breaks -> whether any job came back."""
    running, broken, returned = {}, False, False
    while running or (waiting and not broken):
        while waiting and not broken and len(running) < processes:
            try:
                future = pool.submit(_work, experiment.measure, waiting[0], experiment.fixed)
                running[future] = waiting.popleft()
            except BrokenProcessPool:
                broken = True
        for future in wait(running, timeout=0.2, return_when=FIRST_COMPLETED).done:
            try:
                numbers, error = future.result()
                returned = True
            except BrokenProcessPool:
                numbers, error, broken = None, "a process died while this job was running", True
            finished(running.pop(future), numbers, error)
        if stop.is_set():
            raise KeyboardInterrupt
    return returned


def _start_worker():
    """One BLAS thread; Ctrl-C is the parent's to handle; and no worker outlives a parent that was killed."""
    threadpool_limits(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def follow():
        multiprocessing.parent_process().join()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


def _work(measure, job, fixed):
    """One job, in a worker -> (numbers, None), or (None, what went wrong)."""
    setting = {key: value for key, value in job.items() if key != "seed"}
    try:
        numbers = measure(np.random.default_rng(job["seed"]), **setting, **fixed)
        return {key: float(value) for key, value in numbers.items()}, None
    except Exception:
        return None, traceback.format_exc()
