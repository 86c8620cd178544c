"""Prints one table, what was required and aimed at with the verdict, and writes both to benchmarks/results.md.

    make bench                    all of it: at most a quarter of an hour
    make bench ARGS=--quick       few runs of the small shapes, to see that it works; writes nothing

Every side runs alone in its own process (see sides.py). The sides of a row take turns, a block of runs each: 15, or as
many as fit into half a second, but three at least. Of a block the median counts, and of a side's blocks the least
median, for what others do on the machine only adds time. Of a side's thread counts the faster one counts. What the
shell asks of OpenBLAS (OPENBLAS_CORETYPE and the like) is set aside: the default is what it takes by itself.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import report

FOLDER = Path(__file__).parent
SHAPES = [(1, 25, 64, 100), (16, 50, 64, 128), (32, 50, 64, 128), (64, 50, 64, 128), (64, 50, 128, 256)]
SHAPES += [(64, 64, 256, 512)]
STEP_SHAPES = [(32, 50, 64, 128), (64, 50, 128, 256)]
MEMORY_SHAPES = [(32, 50, 64, 128), (64, 50, 128, 256), (64, 64, 256, 512)]
SWEEPS = {  # around one shape; the exponent is the slope of log time over log size
    "T": [(32, T, 64, 128) for T in (25, 50, 100, 200)],
    "N": [(N, 50, 64, 128) for N in (16, 32, 64, 128)],
    "H": [(32, 50, 64, H) for H in (64, 128, 256, 512)],
}
CELLS = ("lstm", "gru", "rnn")


class Side:
    """One side in its own process, with so many threads and, if named, OpenBLAS's kernels for that processor."""

    def __init__(self, name, threads, kernels=None):
        self.name, self.threads, self.kernels = name, threads, kernels
        count = {key: str(threads) for key in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
        core = {"OPENBLAS_CORETYPE": kernels} if kernels else {}
        command = [sys.executable, str(FOLDER / "sides.py"), name, str(threads)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.process = subprocess.Popen(command, env=os.environ | count | core, **pipes)

    def ask(self, **job):
        """The answer to one job."""
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the side {self.name} ended in the middle of {job}")
        return json.loads(answer)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def take_turns(sides, job, shape, blocks, runs):
    """Seconds of each side: the least of its blocks' medians."""
    found = {side: [] for side in sides}
    for _ in range(blocks):
        for side in sides:
            time.sleep(0.05)  # the last side's threads, which wait a while for more work, go to sleep
            found[side].append(median(side.ask(job=job, shape=shape, runs=runs)))
    return {side: min(medians) for side, medians in found.items()}


def best(found, name, kernels=None):
    """Seconds of the fastest thread count of a side."""
    return min((s for side, s in found.items() if (side.name, side.kernels) == (name, kernels)), default=math.nan)


def crew(wanted, threads):
    """The sides with each thread count: (name, kernels) pairs."""
    return [Side(name, count, kernels) for name, kernels in wanted for count in threads]


def measure(job, shapes, wanted, threads, blocks, runs):
    """{shape: {(name, kernels): seconds}}"""
    sides = crew(wanted, threads)
    try:
        table = {}
        for shape in shapes:
            print(f"{job} {shape} …", file=sys.stderr, flush=True)
            found = take_turns(sides, job, shape, blocks, runs)
            table[shape] = {key: best(found, *key) for key in wanted}
        return table
    finally:
        for side in sides:
            side.close()


def peaks(job, shapes, names):
    """{shape: {name: bytes}}, the system's count, and for the library Python's own count, too."""
    table = {}
    for shape in shapes:
        table[shape] = {}
        for name in names:
            system, traced = [], []
            for _ in range(3):  # each in a fresh process: the system's peak never falls
                side = Side(name, 1)
                answer = side.ask(job=job, shape=shape, memory=True)
                side.close()
                system.append(answer[0])
                traced.append(answer[1])
            table[shape][name] = median(system)
            table[shape][name + ", traced"] = median(traced)
    return table


def exponents(cell, blocks, runs):
    """{"T": …, "N": …, "H": …} of the kernel, on one thread."""
    slopes = {}
    for axis, shapes in SWEEPS.items():
        table = measure(cell, shapes, [("fast", None)], (1,), blocks, runs)
        seconds = [table[shape]["fast", None] for shape in shapes]
        x, y = [math.log(2) * k for k in range(len(shapes))], [math.log(s) for s in seconds]
        mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
        slopes[axis] = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y)) / sum((a - mean_x) ** 2 for a in x)
    return slopes


def main():
    parser = argparse.ArgumentParser(description="Time the kernels beside PyTorch and the bare matrix products.")
    parser.add_argument("--quick", action="store_true", help="few runs of the small shapes; writes nothing")
    quick = parser.parse_args().quick
    runs, blocks, shapes = (3, 1, SHAPES[:3]) if quick else (15, 3, SHAPES)
    threads = (1,) if os.cpu_count() == 1 else (1, os.cpu_count())
    for setting in [name for name in os.environ if name.startswith("OPENBLAS_")]:
        del os.environ[setting]
    machine, kernels = report.machine(), report.kernels()
    both = [(name, k) for k in kernels for name in ("floor", "fast")]
    rest = [(name, None) for name in ("reference", "plain", "torch")]
    found = {"machine": machine, "kernels": kernels, "load before": os.getloadavg()}
    for cell in CELLS:
        found[cell] = measure(cell, shapes, both + rest, threads, blocks, runs)
    step_sides = [("fast", k) for k in kernels] + [("torch", None)]
    steps = STEP_SHAPES[:1] if quick else STEP_SHAPES
    found["char-RNN step"] = measure("char-RNN step", steps, step_sides, threads, blocks, runs)
    names = [("plain", None), ("by hand", None), ("fit", None)]
    found["min-char-rnn"] = measure("min-char-rnn", [(1, 25, 65, 100)], names, (1,), blocks, 20 * runs)
    memory_shapes = MEMORY_SHAPES[:1] if quick else MEMORY_SHAPES
    found["memory"] = {cell: peaks(cell, memory_shapes, ("fast", "torch")) for cell in CELLS}
    found["exponents"] = {cell: exponents(cell, 1, runs) for cell in (CELLS[:1] if quick else CELLS)}
    found["load after"] = os.getloadavg()
    text = report.text(found)
    print(text)
    if not quick:
        (FOLDER / "results.md").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
