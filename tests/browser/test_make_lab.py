"""`make lab`, the first of the README's two commands: it opens the course for root as it does for anyone else."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.browser.conftest import AM_ROOT, LAB_OPTIONS
from tests.patience import patience

ROOT = Path(__file__).parents[2]
# Another user, who may still read and write what root can: the environment may lie in root's own folder.
NOBODY = "setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps={0} --ambient-caps={0}"
NOBODY = NOBODY.format("+dac_override,+dac_read_search").split()
pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="make is not installed here")


@pytest.fixture
def lab(tmp_path):
    """lab(*before, options=""): `make lab`, begun by this command -> its port, what it printed, the page it opens."""
    started, log = [], tmp_path / "log"
    own = {"HOME": str(tmp_path), "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"), "JUPYTER_TOKEN": "ours"}

    def start(*before, options=""):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        address = f"http://127.0.0.1:{port}/lab/tree/notebooks/00_start_here.ipynb?token=ours"
        arguments = f"ARGS=--no-browser --port={port} {options}"
        command = [*before, "make", "-o", ".venv/.installed", "lab", f"PY=env {sys.executable}", arguments]
        how = {"cwd": ROOT, "env": os.environ | own, "stderr": subprocess.STDOUT, "start_new_session": True}
        with log.open("w") as out:
            started.append(subprocess.Popen(command, stdout=out, **how))
        while started[-1].poll() is None:
            try:
                with urlopen(address, timeout=60 * patience()) as page:
                    return port, log.read_text("utf-8"), page.read().decode()
            except URLError:
                time.sleep(0.2)
        raise RuntimeError(log.read_text("utf-8"))

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(60 * patience())


def listens(port):
    """The addresses on which this machine listens at a port, as /proc writes them."""
    rows = [row.split() for name in ("tcp", "tcp6") for row in Path("/proc/net", name).read_text().splitlines()[1:]]
    return {row[1].partition(":")[0] for row in rows if row[1].endswith(f":{port:04X}") and row[3] == "0A"}


@pytest.mark.skipif(not AM_ROOT, reason="the tests do not run as root")
def test_for_root_it_opens_on_this_machine_alone_and_says_so(lab):
    port, printed, page = lab()
    assert "<title>JupyterLab</title>" in page
    assert "You are root: JupyterLab starts with --allow-root and listens on this machine alone" in printed
    assert listens(port) == {"0100007F"}


@pytest.mark.skipif(not AM_ROOT, reason="the tests do not run as root")
def test_root_cannot_put_it_on_the_network(lab):
    with pytest.raises(RuntimeError, match="ip only accepts one value"):
        lab(options="--ip=0.0.0.0")


@pytest.mark.skipif(AM_ROOT and not shutil.which("setpriv"), reason="no setpriv, by which root becomes another user")
def test_for_anyone_else_it_opens_too(lab):
    _, printed, page = lab(*(NOBODY if AM_ROOT else ()))
    assert "<title>JupyterLab</title>" in page
    assert "You are root" not in printed
    assert "--allow-root" not in printed


def test_the_tests_server_gets_no_flag_that_its_reader_would_not_get():
    said = subprocess.run(["make", "-n", "-o", ".venv/.installed", "lab"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    own = {option for option in said.stdout.split() if option in ("--allow-root", "--ip=127.0.0.1")}
    assert own == ({"--allow-root", "--ip=127.0.0.1"} if AM_ROOT else set())
    assert set(LAB_OPTIONS) - {"--no-browser", "--ip=127.0.0.1"} == own - {"--ip=127.0.0.1"}
