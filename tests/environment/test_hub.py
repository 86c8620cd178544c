"""The rehearsal of a class on a hub: whom it lets in, what it calls wrong, and that nothing of it is left running."""

import argparse
import importlib.util
import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import nbformat
import numpy as np
import psutil
import pytest

from tests.patience import patience
from tools.hub import rehearsal
from tools.hub.hub import PROXY
from tools.hub.lesson import ANSWERS, LESSON, first_half
from tools.hub.rehearsal import Class, Ran, class_size, faults, loopback, summary
from unrolled.exercises import check

ROOT = Path(__file__).parents[2]
NOTEBOOK = nbformat.read(LESSON, as_version=4)
LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a rehearsal needs Linux")
INSTALLED = importlib.util.find_spec("jupyterhub") and PROXY.exists()
# A command as a hub is: what it starts has a session of its own, ignores what can be ignored, and loses its parent.
FAMILY = """
import os, subprocess, sys, tempfile, time
from pathlib import Path
start = lambda what: subprocess.Popen(["sh", "-c", what], start_new_session=True, stdout=subprocess.PIPE, text=True)
child, starter = start("trap '' TERM INT HUP; sleep 600 & echo $!; wait"), start("sleep 600 & echo $!")
starter.wait()
pids = os.getppid(), os.getpid(), child.pid, *(int(each.stdout.readline()) for each in (child, starter))
folder = Path(tempfile.gettempdir())
print(*pids, folder, flush=True)
while not (folder / "end").exists():
    time.sleep(0.05)
sys.exit(3)
"""
KEPT = "import sys; from tools.hub.keeper import kept; sys.exit(kept([sys.executable, *sys.argv[1:]]))"


def start(*command, **variables):
    environment = os.environ | variables
    return subprocess.Popen([sys.executable, *command], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def alive(pid):
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


def gone(pids):
    """Whether all these processes end in time."""
    end = time.monotonic() + 30 * patience()
    while any(map(alive, pids)) and time.monotonic() < end:
        time.sleep(0.05)
    return not any(map(alive, pids))


def family(asked):
    """(keeper, command, and what that started; its folder for temporary files) as it tells them."""
    *pids, folder = asked.stdout.readline().split()
    assert all(map(alive, map(int, pids)))
    return list(map(int, pids)), Path(folder)


@LINUX
@pytest.mark.parametrize("killed", ["asker", "keeper", "command", "Ctrl-C"])
def test_whoever_is_killed_nothing_is_left(killed, tmp_path):
    asked = start("-c", KEPT, "-c", FAMILY, TMPDIR=str(tmp_path))
    (keeper, command, *others), folder = family(asked)
    victim = {"asker": asked.pid, "keeper": keeper, "command": command, "Ctrl-C": asked.pid}[killed]
    os.kill(victim, signal.SIGINT if killed == "Ctrl-C" else signal.SIGKILL)
    assert gone([keeper, command, *others])
    asked.wait(30 * patience())
    assert killed == "keeper" or not folder.exists()


@LINUX
def test_what_the_command_left_ends_with_it_and_its_exit_status_is_told():
    asked = start("-c", KEPT, "-c", FAMILY)
    pids, folder = family(asked)
    (folder / "end").touch()
    assert asked.wait(30 * patience()) == 3
    assert gone(pids)
    assert not folder.exists()


@pytest.mark.parametrize(
    "address", ["0.0.0.0", "192.168.0.7", "10.0.0.1", "8.8.8.8", "::", "::1", "example.org", "", "*"]
)
def test_an_address_that_others_can_reach_is_refused(address):
    with pytest.raises(argparse.ArgumentTypeError, match="share your account") as refused:
        loopback(address)
    assert f"got {address}:" in str(refused.value)


def test_a_loopback_address_is_taken():
    assert [loopback(address) for address in ("127.0.0.1", "127.8.9.10")] == ["127.0.0.1", "127.8.9.10"]


@pytest.mark.parametrize("number", ["0", "-3", "101", "many", "2.5", ""])
def test_a_class_of_no_size_is_refused(number):
    with pytest.raises(argparse.ArgumentTypeError, match=r"must be 1 to 100, got"):
        class_size(number)


def test_a_class_that_the_memory_cannot_hold_is_refused(monkeypatch):
    monkeypatch.setattr(rehearsal.psutil, "virtual_memory", lambda: argparse.Namespace(available=7.4e9))
    assert class_size("24") == 24
    with pytest.raises(argparse.ArgumentTypeError, match=r"25 students may need 7.5 GB, and 7.4 GB are free"):
        class_size("25")


def test_each_student_answers_one_exercise_right_and_one_wrong():
    halves = [first_half(NOTEBOOK, number) for number in range(2)]
    said = [[verdict.partition(",")[0] for verdict in half.verdicts.values()] for half in halves]
    assert said == [["Right", "Not yet"], ["Not yet", "Right"]]
    stop = next(i for i, cell in enumerate(NOTEBOOK.cells) if "stop" in cell.metadata.get("tags", []))
    assert {len(half.notebook.cells) for half in halves} == {stop}
    assert all("raise NotImplementedError" not in cell.source for half in halves for cell in half.notebook.cells)
    assert nbformat.read(LESSON, as_version=4) == NOTEBOOK, "the lesson itself is not touched"


@pytest.mark.parametrize("number", [0, 1])
def test_the_answers_deserve_their_verdicts(number, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("UNROLLED_PROGRESS", str(tmp_path / "progress.json"))
    half, names = first_half(NOTEBOOK, number), {"np": np, "check": check}
    for index, verdict in half.verdicts.items():
        for cell in half.notebook.cells[index - 1], half.notebook.cells[index]:
            exec(cell.source, names)
        assert capsys.readouterr().out.startswith(verdict)


def test_an_exercise_without_answers_is_told(monkeypatch):
    monkeypatch.delitem(ANSWERS, "count")
    with pytest.raises(ValueError, match="no answers to count"):
        first_half(NOTEBOOK, 0)


def test_an_error_and_a_wrong_verdict_are_faults():
    half = first_half(NOTEBOOK, 0)
    (check, verdict), other = next(iter(half.verdicts.items())), half.code[0]
    say = lambda text: [{"output_type": "stream", "text": part} for part in (text[:3], text[3:])]
    assert faults(half, check, say(f"{verdict}: it agrees.")) == faults(half, other, []) == []
    assert "must say 'Right" in faults(half, check, say("Not yet, rnn_step: no bias"))[0]
    assert "and says ''" in faults(half, check, [])[0]
    error = {"output_type": "error", "ename": "NameError", "evalue": "rnn"}
    assert faults(half, other, [error]) == [f"cell {other} raised NameError: rnn"]


ALONE = [Ran(0, 1.5, 0), Ran(1, 0.1, 0), Ran(2, 0.3, 0)]
MEMORY = {None: 150e6, "student-01": 100e6, "student-02": 200e6, "student-03": 290e6}


def beside(seconds, others=5, index=1):
    return [Ran(index, each, others) for each in seconds]


@pytest.mark.parametrize(
    "ran, memory, missed",
    [
        (beside([1.0] * 19 + [9.0]), MEMORY, []),
        (beside([1.0] * 9 + [9.0]), MEMORY, ["5 % of the small cells take longer than"]),
        (beside([9.0] * 9, others=4), MEMORY, []),
        (beside([9.0] * 9, index=0), MEMORY, []),
        (beside([9.0] * 9, index=2), MEMORY, ["5 % of the small cells take longer than 9.0 s: more than 3"]),
        ([], MEMORY | {"student-02": 301e6}, ["a student takes 301 MB, more than 300"]),
    ],
)
def test_a_limit_that_is_missed_is_told(ran, memory, missed):
    found = summary(ALONE, ran, 40, memory, [])[1]
    assert len(found) == len(missed)
    assert all(one.startswith(start) for one, start in zip(found, missed))


def test_what_was_measured_is_told():
    text = "\n".join(summary(ALONE, beside(range(1, 101)), 41.6, MEMORY, ["one"])[0])
    assert "42 s from the first login" in text
    assert "200 MB a student (median; worst 290), server and kernel; hub and proxy 150" in text
    assert "50.50 s (median; 95 % within 95.05); alone 0.30 (slowest 1.50)" in text
    assert "within 95.05 s while 5 others run: 100 runs of 2 cells, of 3, that take" in text
    assert re.search(r"failures +1$", text)


class Scripted:
    """A student who has these outputs for each cell, or this error."""

    def __init__(self, half, error=None):
        self.name, self.half, self.error, self.done = "scripted", half, error, []

    async def start(self):
        if self.error:
            raise self.error

    async def run(self, index):
        await rehearsal.asyncio.sleep(0.001)
        if self.error:
            raise self.error
        self.done.append(index)
        return [{"output_type": "stream", "text": self.half.verdicts.get(index, "")}]


def test_so_many_study_at_a_time_and_no_failure_is_lost():
    room, halves = Class(2), [first_half(NOTEBOOK, number) for number in range(3)]
    students = [Scripted(half) for half in halves]
    students[2].half.verdicts[students[2].half.code[-1]] = "what no cell says"
    students[2].run = lambda index: Scripted(halves[0]).run(index)
    broken = Scripted(halves[0], ConnectionError("the kernel died"))

    async def school():
        assert await room.start(students[0])
        assert not await room.start(broken)
        await rehearsal.asyncio.gather(*(room.study(student) for student in [*students, broken]))

    with ThreadPoolExecutor() as aside:  # the browser's tests have left a loop in this thread
        aside.submit(rehearsal.asyncio.run, school()).result()
    assert students[0].done == students[1].done == halves[0].code
    assert {cell.others for cell in room.ran} == {0, 1}
    texts = [failure.what for failure in room.failures]
    assert any("could not start: ConnectionError('the kernel died')" in text for text in texts)
    assert any("did not end: ConnectionError('the kernel died')" in text for text in texts)
    assert any("must say 'what no cell says'" in text for text in texts)


def test_the_image_has_the_hub_that_is_rehearsed():
    makefile, dockerfile = ((ROOT / name).read_text("utf-8") for name in ("Makefile", "deploy/Dockerfile"))
    rehearsed = re.search(r"^HUB_VERSION := (.+)$", makefile, re.M)[1]
    assert re.search(r"^ARG JUPYTERHUB=(.+)$", dockerfile, re.M)[1] == rehearsed


@LINUX
@pytest.mark.skipif(not INSTALLED, reason="jupyterhub and its proxy are not installed: make hub-load installs both")
class TestHub:
    def test_a_class_of_two(self):
        asked = start("-m", "tools.hub", "--students", "2", "--minutes", str(5 * patience()))
        printed = asked.communicate(timeout=360 * patience())[0]
        assert asked.returncode == 0, printed
        assert re.search(r"failures +0$", printed, re.M), printed

    def test_a_class_that_is_killed(self):
        asked = start("-m", "tools.hub", "--students", "1")
        assert any(line.startswith("alone") for line in asked.stdout)
        left = psutil.Process(asked.pid).children(recursive=True)
        assert sum("jupyterhub" in " ".join(process.cmdline()) for process in left) > 0
        asked.kill()
        assert gone([process.pid for process in left])
