"""Runs experiments over settings and seeds, and writes data/results/<name>.csv.

    python -m unrolled.experiments [name …] [--seeds n] [--jobs 2 | --cluster tcp://host:8786] [--again]
    python -m unrolled.experiments [name …] --list | --confirm

Every finished (setting, seed) is kept at once in build/experiments/<name>.jsonl, so a run that was stopped or killed
goes on where it was. A table that is up to date (same code, settings and seeds) is left alone.
"""

import argparse
import sys
from datetime import date

from tqdm import tqdm

from unrolled.data import folder
from unrolled.environment.options import any_console
from unrolled.experiments.confirm import confirm
from unrolled.experiments.runner import machines, run
from unrolled.experiments.store import Store, read_comments, write_table
from unrolled.experiments.table import EXPERIMENTS


def main(experiments, argv=None, *, tables=None, stores=None):
    """The command line over {name: Experiment} -> exit code: 0, 1 where a job failed, 130 where it was interrupted."""
    parser = argparse.ArgumentParser(prog="python -m unrolled.experiments", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="name", help="which experiments (all by default)")
    parser.add_argument("--seeds", type=int, help="how many seeds: 1, 2, … (by default as many as the shipped table)")
    parser.add_argument("--jobs", type=int, default=2, help="how many processes side by side (default 2)")
    parser.add_argument("--cluster", help="a Dask scheduler, tcp://host:8786, whose workers measure in their place")
    parser.add_argument("--again", action="store_true", help="measure again what is up to date or half done")
    parser.add_argument("--list", action="store_true", help="show the experiments and the state of their tables")
    parser.add_argument("--confirm", action="store_true", help="stamp tables of other code whose first row comes again")
    arguments = parser.parse_args(argv)
    for option in ("seeds", "jobs"):
        value = getattr(arguments, option)
        if value is not None and value < 1:
            parser.error(f"--{option} must be >= 1, got {value}")
    if unknown := [name for name in arguments.names if name not in experiments]:
        parser.error(f"no experiment {', '.join(unknown)}; there are: {', '.join(experiments)}")
    tables = tables or folder() / "results"
    stores = stores or folder().parent / "build" / "experiments"
    chosen = {name: experiments[name] for name in arguments.names or experiments}
    if arguments.list:
        for name, experiment in chosen.items():
            table, seeds = tables / f"{name}.csv", arguments.seeds or experiment.seeds
            state = "of other code or seeds" if table.exists() else "to be measured"
            state = "up to date" if _is_fresh(experiment, table, seeds) else state
            print(f"{name:18} {len(experiment.rows(seeds)):4} jobs   {state:24} {experiment.about}")
        return 0
    try:
        machine = machines(arguments.cluster)
    except (ImportError, OSError) as error:
        parser.error(f"--cluster {arguments.cluster}: {error}")
    where, failed = {"processes": arguments.jobs, "cluster": arguments.cluster}, 0
    try:
        if arguments.confirm:
            return 0 if confirm(chosen, tables, where) else 1
        for name, experiment in chosen.items():
            table, store, seeds = tables / f"{name}.csv", stores / f"{name}.jsonl", arguments.seeds or experiment.seeds
            if arguments.again:
                store.unlink(missing_ok=True)
            elif _is_fresh(experiment, table, seeds):
                print(f"{name}: up to date")
                continue
            failed += _measure(name, experiment, table, store, seeds, machine, where)
    except KeyboardInterrupt:
        print("stopped; what was finished is kept, and the same command goes on.", file=sys.stderr)
        return 130
    return 1 if failed else 0


def _is_fresh(experiment, table, seeds):
    said = read_comments(table)
    return (said.get("version"), said.get("seeds")) == (experiment.version(), f"1-{seeds}")


def _measure(name, experiment, table, store_path, seeds, machine, where):
    """Measure what is missing; write the table where all is there. Returns how many jobs failed."""
    rows, failed = experiment.rows(seeds), 0
    with Store(store_path, {"version": experiment.version(), "machine": machine}) as store:
        if store.said:
            print(store.said, file=sys.stderr)
        missing = {place: experiment.job(row) for place, row in enumerate(rows) if store.get(row) is None}
        with tqdm(total=len(rows), initial=len(rows) - len(missing), desc=name, file=sys.stderr) as bar:
            for place, numbers, error, traceback in run(missing, **where):
                bar.update()
                if error:
                    failed += 1
                    setting = ", ".join(f"{key}={value}" for key, value in rows[place].items())
                    bar.write(f"FAILED {name}: {setting}\n{traceback or error}", file=sys.stderr)
                else:
                    store.add(rows[place], numbers)
        if failed:
            print(f"{name}: {failed} of {len(rows)} jobs failed, so the table was not written. The others are kept: "
                  "the same command runs the failed ones again.", file=sys.stderr)  # fmt: skip
            return failed
        comments = {
            "machine": machine,
            "seeds": f"1-{seeds}",
            "date": date.today().isoformat(),
            "command": f"python -m unrolled.experiments {name} --seeds {seeds}",
            "about": experiment.about,
            "setup": experiment.setup(),
            "version": experiment.version(),
        }
        write_table(table, comments, [{**row, **store.get(row)} for row in rows])
    print(f"{name}: {len(rows)} jobs -> {table.parent.name}/{table.name}")
    return 0


if __name__ == "__main__":
    any_console()
    sys.exit(main(EXPERIMENTS))
