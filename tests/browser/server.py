"""JupyterLab that ends with whoever started it: run by conftest.py, which holds the other end of its standard input."""

import os
import signal
import sys
import threading

from jupyterlab.labapp import LabApp


def end_with_the_starter():
    """Even where the tests are killed, their end of the pipe closes. Then the server stops, and its kernels with it."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=end_with_the_starter, daemon=True).start()
    LabApp.launch_instance()
