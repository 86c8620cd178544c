"""Rehearse a class on a hub: `make hub-load STUDENTS=25`. Linux; needs jupyterhub, its proxy from npm, and Chromium.

    python -m tools.hub --students 25

A hub is started on loopback. One student alone runs the first half of lesson 01: cells that take at most .3 s then are
the small ones. Then the class logs in, one of them in Chromium, and all servers and kernels are started. Six at a time,
the students run the same half, and the next begins when one is through; each answers one exercise right and one wrong.
Exit 1 if a cell, a verdict or a login fails, or if the class misses a limit.
"""

import argparse
import asyncio
import os
import sys
import tempfile
from contextlib import AsyncExitStack
from importlib.util import find_spec
from ipaddress import AddressValueError, IPv4Address
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import nbformat
import numpy as np
import psutil
from playwright.async_api import async_playwright

from tools.hub.hub import PROXY, Hub
from tools.hub.lesson import LESSON, first_half
from tools.hub.students import SECONDS_A_CELL, Student, Window
from tools.print_pdf import NoBrowser, chromium

MOST = 100  # The Littlest JupyterHub is made for up to 100 users; a class beyond that belongs on Kubernetes
MEGABYTES, SMALL, PATIENCE, OTHERS = 300, 0.3, 3.0, 5


class Ran(NamedTuple):
    """A cell that a student ran."""

    index: int
    seconds: float
    others: int  # how many others were in the middle of the lesson when it began


class Failure(NamedTuple):
    """What went wrong, and with whom."""

    student: str
    what: str


def loopback(text):
    """An address that this machine alone can reach. ArgumentTypeError: another."""
    try:
        inside = IPv4Address(text).is_loopback
    except AddressValueError:
        inside = False
    if not inside:
        raise argparse.ArgumentTypeError(
            f"the rehearsal listens on this machine alone, 127.0.0.1 or another loopback address of IPv4, got {text}: "
            "all its students share your account, so who reaches the hub runs code as you. For a class: "
            "docs/teaching.md, A class on a hub"
        )
    return text


def class_size(text):
    """A number of students that this tool and this machine can take. ArgumentTypeError: another."""
    if not (text.isdecimal() and 1 <= int(text) <= MOST):
        raise argparse.ArgumentTypeError(
            f"the number of students must be 1 to {MOST}, got {text}: for more, one server is the wrong place "
            "(docs/teaching.md, A class on a hub)"
        )
    need, free = int(text) * MEGABYTES / 1000, psutil.virtual_memory().available / 1e9
    if need > free:
        raise argparse.ArgumentTypeError(f"{text} students may need {need:.1f} GB, and {free:.1f} GB are free")
    return int(text)


class Class:
    """Students in the middle of the lesson, at most `at_once` of them, and what came of it."""

    def __init__(self, at_once):
        self.places, self.inside, self.ran, self.failures = asyncio.Semaphore(at_once), 0, [], []

    async def start(self, student):
        """Bring a student to a kernel that answers -> whether that worked."""
        try:
            await student.start()
        except Exception as error:
            self.failures.append(Failure(student.name, f"could not start: {error!r}"))
            return False
        return True

    async def study(self, student):
        """Run the half of the lesson as soon as there is a place; a student whose kernel is gone stops there."""
        async with self.places:
            self.inside += 1
            try:
                for index in student.half.code:
                    others, began = self.inside - 1, perf_counter()
                    outputs = await asyncio.wait_for(student.run(index), SECONDS_A_CELL)
                    self.ran.append(Ran(index, perf_counter() - began, others))
                    self.failures += [Failure(student.name, what) for what in faults(student.half, index, outputs)]
            except Exception as error:
                self.failures.append(Failure(student.name, f"cell {index} did not end: {error!r}"))
            finally:
                self.inside -= 1


def faults(half, index, outputs):
    """What is wrong with the outputs of a cell: an error, or not the verdict that the answer deserves."""
    found = [f"cell {index} raised {o['ename']}: {o['evalue']}" for o in outputs if o["output_type"] == "error"]
    said = "".join(output["text"] for output in outputs if output["output_type"] == "stream")
    expected = half.verdicts.get(index, "")
    return found if said.startswith(expected) else [*found, f"cell {index} must say {expected!r}, and says {said!r}"]


def summary(alone, ran, ready, memory, failures):
    """(lines to print, limits that were missed) of what was measured."""
    own = np.array([memory[name] for name in memory if name]) / 1e6
    seconds = np.array([cell.seconds for cell in ran] or [np.nan])
    small = {cell.index for cell in alone if cell.seconds <= SMALL}
    beside = [cell.seconds for cell in ran if cell.index in small and cell.others >= OTHERS]
    lines = [
        f"ready        {ready:.0f} s from the first login until the last kernel answered",
        f"memory       {np.median(own):.0f} MB a student (median; worst {own.max():.0f}), server and kernel; "
        f"hub and proxy {memory[None] / 1e6:.0f}",
        f"a cell       {np.median(seconds):.2f} s (median; 95 % within {np.quantile(seconds, 0.95):.2f}); alone "
        f"{np.median([cell.seconds for cell in alone]):.2f} (slowest {max(cell.seconds for cell in alone):.2f})",
    ]
    missed = [] if own.max() <= MEGABYTES else [f"a student takes {own.max():.0f} MB, more than {MEGABYTES}"]
    if beside:
        late = np.quantile(beside, 0.95)
        lines.append(
            f"small cells  95 % answer within {late:.2f} s while {OTHERS} others run: {len(beside)} runs of "
            f"{len(small)} cells, of {len(alone)}, that take at most {SMALL} s alone"
        )
        if late > PATIENCE:
            missed.append(f"5 % of the small cells take longer than {late:.1f} s: more than {PATIENCE:.0f}")
    return [*lines, f"failures     {len(failures)}"], missed


async def rehearse(options, folder):
    """The whole rehearsal -> (lines, failures, missed limits)."""
    lesson = nbformat.read(LESSON, as_version=4)
    names = [f"student-{number:02}" for number in range(1, options.students + 1)]
    hub = Hub(folder, options.ip, ["alone", *names])
    async with AsyncExitStack() as stack:
        browser = await (await stack.enter_async_context(async_playwright())).chromium.launch(**chromium())
        await hub.ready()
        first, whole = Class(1), Class(options.at_once)
        one = Student(hub, "alone", first_half(lesson, 0))
        if await first.start(one):
            await first.study(one)
            await one.leave()
        if first.failures:
            return [], first.failures, ["one student alone does not get through: no class was let in"]
        print(f"alone        {sum(cell.seconds for cell in first.ran):.1f} s for {len(first.ran)} cells", flush=True)
        students = [Window(hub, names[0], first_half(lesson, 1), await browser.new_page())]
        students += [Student(hub, name, first_half(lesson, number)) for number, name in enumerate(names[1:], 2)]
        began = perf_counter()
        there = await asyncio.gather(*map(whole.start, students))
        ready = perf_counter() - began
        print(f"{sum(there)} of {len(students)} are ready; load {os.getloadavg()[0]:.1f}", flush=True)
        await asyncio.gather(*(whole.study(student) for student, here in zip(students, there) if here))
        lines, missed = summary(first.ran, whole.ran, ready, hub.memory(), whole.failures)
        return lines, whole.failures, missed


def main():
    parser = argparse.ArgumentParser(prog="tools.hub", description=__doc__.partition("\n")[0])
    parser.add_argument("--students", type=class_size, default="25", help=f"1 to {MOST} (default: 25)")
    parser.add_argument("--at-once", type=int, default=OTHERS + 1, help="how many run cells at a time (default: 6)")
    parser.add_argument("--ip", type=loopback, default="127.0.0.1", help="a loopback address (default: 127.0.0.1)")
    parser.add_argument("--minutes", type=float, default=20, help="until it is broken off (default: 20)")
    options = parser.parse_args()
    if not (PROXY.exists() and find_spec("jupyterhub")):
        sys.exit("jupyterhub and its proxy are not installed: make hub-load installs both")
    cores, load = os.cpu_count(), os.getloadavg()[0]
    print(f"{options.students} students, {options.at_once} at once; {cores} processors, load {load:.1f}", flush=True)
    limited = asyncio.wait_for(rehearse(options, Path(tempfile.gettempdir())), 60 * options.minutes)
    try:
        lines, failures, missed = asyncio.run(limited)
    except NoBrowser:
        sys.exit("one student sits before Chromium: install it, or name one in UNROLLED_CHROMIUM")
    except TimeoutError:
        sys.exit(f"broken off: the rehearsal did not end within {options.minutes} minutes")
    print(*lines, *(f"{name}: {what}" for name, what in failures), *missed, sep="\n")
    sys.exit(bool(failures or missed))


if __name__ == "__main__":
    main()
