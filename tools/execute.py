"""Run notebooks from top to bottom, each in a kernel of its own, and say where the time goes.

    python -m tools.execute notebooks/01_vanilla_rnn.ipynb           in place: outputs are stored in the file
    python -m tools.execute --to build/executed notebooks/*.ipynb    into a folder, the notebooks stay as they are

Exit 1 if a cell fails; the notebooks after it are still run.
"""

import argparse
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError


def execute(path, timeout=120, environment=None):
    """Run a notebook in its own folder, as Jupyter does -> (notebook, seconds of each cell by index, error or None).

    environment     variables that the kernel gets beside this process's own

    Widgets paint their still pictures, for paper. The progress shown is nobody's: not that of whoever runs it.
    """
    notebook = nbformat.read(path, as_version=4)
    started, seconds, error = {}, {}, None
    client = NotebookClient(
        notebook,
        timeout=timeout,
        kernel_name="python3",
        resources={"metadata": {"path": path.parent}},
        record_timing=False,
        extra_arguments=["--log-level=ERROR"],  # else each kernel warns that it listens on loopback, into the bar
        on_cell_execute=lambda cell, cell_index: started.update({cell_index: perf_counter()}),
        on_cell_executed=lambda cell, cell_index, execute_reply: seconds.update(
            {cell_index: perf_counter() - started[cell_index]}
        ),
    )
    try:
        with TemporaryDirectory() as nobody:
            ours = {"UNROLLED_STILLS": "1", "UNROLLED_PROGRESS": str(Path(nobody, "progress.json"))}
            client.execute(env={**os.environ, **ours, **(environment or {})})
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as failure:
        error = failure
    return notebook, seconds, error


def report(path, notebook, seconds, slowest):
    """Print the seconds of a notebook and of its slowest cells, each with its first line."""
    print(f"{path.name}: {sum(seconds.values()):.1f} s")
    for index in sorted(seconds, key=seconds.get, reverse=True)[:slowest]:
        print(f"  {seconds[index]:6.2f} s  cell {index}: {notebook.cells[index].source.partition(chr(10))[0][:80]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("notebooks", nargs="+", type=Path)
    parser.add_argument("--to", type=Path, help="a folder for the executed notebooks (default: in place)")
    parser.add_argument("--timeout", type=int, default=120, help="seconds that one cell may take (default: 120)")
    parser.add_argument("--slowest", type=int, default=5, help="how many of the slowest cells to name (default: 5)")
    options = parser.parse_args()
    failed = 0
    for path in options.notebooks:
        notebook, seconds, error = execute(path, options.timeout)
        report(path, notebook, seconds, options.slowest)
        if error:
            failed += 1
            print(f"{path.name} failed:\n{error}", file=sys.stderr)
        target = options.to / path.name if options.to else path
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, target)
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
