"""Run a command so that all it starts ends with it, and with whoever asked for it, even if one of them is killed.

For Linux. Hub, proxy, servers and kernels each begin a session of their own, so no process group holds them all. So two
processes watch. kept() holds one end of a pipe and the keeper reads the other: if kept() is killed, the pipe closes.
Both take in what loses its parent (prctl(2), PR_SET_CHILD_SUBREAPER): whatever the command started is a descendant of
the one that is left, which ends it.
"""

import ctypes
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from tempfile import TemporaryDirectory

import psutil

PR_SET_CHILD_SUBREAPER = 36  # <linux/prctl.h>
SECONDS_TO_END = 30


def take_in_orphans():
    """From now on, a descendant that loses its parent is this process's child. OSError: this is not Linux."""
    prctl = getattr(ctypes.CDLL(None, use_errno=True), "prctl", None)
    if prctl is None or prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "a rehearsal needs Linux, and its PR_SET_CHILD_SUBREAPER")


def end_descendants():
    """Kill every descendant, and those that they start meanwhile, until none is left."""
    while left := psutil.Process().children(recursive=True):
        for process in left:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        for process in left:
            with suppress(ChildProcessError):  # not a child of ours yet: its parent has not ended
                os.waitpid(process.pid, os.WNOHANG)
        time.sleep(0.05)


def kept(command):
    """Run a command, with a temporary folder of its own -> its exit status, once all that it started has ended."""
    take_in_orphans()
    keeper = subprocess.Popen(
        [sys.executable, "-m", "tools.hub.keeper", *command],
        stdin=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for us: we tell the keeper
    )
    try:
        return keeper.wait()
    finally:
        keeper.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            keeper.wait(SECONDS_TO_END)
        end_descendants()  # the keeper's work, if it was killed


def main(command):
    take_in_orphans()
    with TemporaryDirectory(prefix="unrolled-hub-") as folder:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, env={**os.environ, "TMPDIR": folder})
        threading.Thread(target=lambda: (os.read(0, 1), process.kill()), daemon=True).start()
        status = process.wait()
        end_descendants()
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
