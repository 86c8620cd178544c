"""How lessons are run for the pages, or taken from another run: those that are there, and are still the same."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tests.patience import patience
from tools.build_handouts import taken_lessons

SLEEPERS = """
import time
from tools.build_handouts import in_parallel

in_parallel(2, {name: (time.sleep, (600,)) for name in "ab"}, "")
"""


def write(folder, name, source, *outputs):
    folder.mkdir(exist_ok=True)
    nbformat.write(new_notebook(cells=[new_code_cell(source, outputs=list(outputs))]), folder / f"{name}.ipynb")
    return folder / f"{name}.ipynb"


def test_what_was_executed_is_taken_unless_it_is_missing_or_old(tmp_path):
    lessons, executed = tmp_path / "notebooks", tmp_path / "executed"
    notebooks = [write(lessons, name, "1 + 1") for name in ("a", "b", "c")]
    same = write(executed, "a", "1 + 1", new_output("stream", text="2"))
    write(executed, "b", "1 + 2")
    taken, failed = taken_lessons(notebooks, executed)
    assert taken == {"a": same}
    assert failed == {
        "b": f"b.ipynb has changed since it was run into {executed}",
        "c": f"c.ipynb is not in {executed}",
    }


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="children are looked up in /proc, which Linux has")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_when_the_build_is_killed_its_workers_end(how):
    build = subprocess.Popen([sys.executable, "-c", SLEEPERS], stderr=subprocess.DEVNULL)
    children = Path(f"/proc/{build.pid}/task/{build.pid}/children")
    give_up = time.monotonic() + 20 * patience()
    while len(workers := children.read_text().split()) < 2 and time.monotonic() < give_up:
        time.sleep(0.1)
    assert len(workers) >= 2
    time.sleep(1)  # they have begun to sleep
    os.kill(build.pid, how)
    build.wait()
    while any(Path(f"/proc/{worker}").exists() for worker in workers) and time.monotonic() < give_up:
        time.sleep(0.1)
    assert not [worker for worker in workers if Path(f"/proc/{worker}").exists()]
