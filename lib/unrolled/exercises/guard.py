"""Run a reader's function so that whatever it does, the notebook lives on.

What nothing in the same process can stop is a single call into compiled code that never comes back.
"""

import ctypes
import io
import signal
import sys
import threading
import time
import traceback
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import numpy as np

SECONDS = 5.0
MEMORY = 2**30  # bytes beyond what the process has
PRINTED = 2000  # characters that are kept of what it prints
OURS = str(Path(__file__).parents[1]), str(Path(np.__file__).parent)  # no line of a reader stands there
AGAIN = 0.1  # seconds until a function that caught TooLong is stopped again


class Outcome(NamedTuple):
    """What a call gave: its value, or the exception that ended it, in words, with the line; and what it printed."""

    value: object = None
    error: BaseException | None = None
    words: str = ""
    printed: str = ""


class TooLong(BaseException):
    """The time is up. No Exception, so that `except Exception` in an endless loop does not catch it."""


class Budget(NamedTuple):
    """What calls may use: until when (time.perf_counter()), and how many bytes of address space; None is no limit."""

    end: float
    space: int | None

    def renew(self, seconds):
        """So many seconds from now on, and the same space."""
        return Budget(time.perf_counter() + seconds, self.space)


def allow(seconds=SECONDS):
    """The Budget of calls that begin now: so many seconds, and MEMORY beyond what the process has."""
    return Budget(0, _find_space_limit()).renew(seconds)


def call_safely(call, budget=None):
    """The Outcome of call(): it may raise, exit, print, loop for ever, or ask for all memory there is.

    Only the reader's own interrupt passes through. A check reads the process's size once: it allows one Budget, and
    hands it to each of its calls.
    """
    printed, line, budget = _Printed(), "", budget or allow()
    seconds = max(0.01, budget.end - time.perf_counter())
    try:
        # Time stands innermost: what the others put back is put back when no alarm can ring any more.
        with redirect_stdout(printed), redirect_stderr(printed), np.errstate(all="ignore"), _limit_space(budget.space):
            return Outcome(_stop_in_time(call, seconds), printed=printed.text())
    except KeyboardInterrupt:
        raise
    except BaseException as caught:
        error = caught
    if isinstance(error, Exception) and not isinstance(error, RecursionError | MemoryError):
        frames = traceback.extract_tb(error.__traceback__)
        line = next((f.line for f in reversed(frames) if not f.filename.startswith(OURS)), "")
    error.__traceback__ = error.__context__ = error.__cause__ = None  # they hold the frames, and all their arrays
    return Outcome(None, error, _describe_error(error, line), printed.text())


def _describe_error(error, line):
    try:
        message = str(error)[:200]
    except BaseException:
        message = "an error that cannot be printed"
    where = f", in the line `{line}`" if line else ""
    return f"{type(error).__name__}{': ' if message else ''}{message}{where}"


class _Printed(io.TextIOBase):
    """Keeps the beginning of what is printed, and counts the rest."""

    def __init__(self):
        self.kept, self.length = "", 0

    def write(self, text):
        self.kept += text[: PRINTED - len(self.kept)]
        self.length += len(text)
        return len(text)

    def text(self):
        more = self.length - len(self.kept)
        return self.kept + (f" … ({more:,} more characters)" if more else "")


def _stop_in_time(call, seconds):
    """call(), ended by TooLong when the time is up."""
    if hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread():
        return _stop_by_alarm(call, seconds)
    return _stop_by_thread(call, seconds)


def _stop_by_alarm(call, seconds):
    rings, over = 0, False

    def stop(*_):
        nonlocal rings
        if over:
            return
        rings += 1
        # A loop that catches TooLong spends its time inside its try, where each next alarm would meet it again. So the
        # second follows the first in microseconds, and meets it between the tries.
        if rings > 1:
            signal.setitimer(signal.ITIMER_REAL, 1e-6 * (2 + rings % 50), AGAIN)
        raise TooLong

    before = signal.signal(signal.SIGALRM, stop)
    try:
        try:
            signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
            return call()
        finally:
            over = True
            signal.setitimer(signal.ITIMER_REAL, 0)
    finally:  # twice, because the alarm may ring in the first
        over = True
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _stop_by_thread(call, seconds):
    """Another thread, or Windows: a watch asks the interpreter to raise TooLong here."""
    raise_in, here = ctypes.pythonapi.PyThreadState_SetAsyncExc, ctypes.c_ulong(threading.get_ident())
    over = threading.Event()

    def watch():
        wait = seconds
        while not over.wait(wait):
            raise_in(here, ctypes.py_object(TooLong))
            wait = AGAIN

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        try:
            return call()
        finally:
            over.set()
    finally:
        over.set()
        watcher.join()
        raise_in(here, None)  # what was asked for and has not come yet, comes no more


def _find_space_limit():
    """How many bytes of address space the process may have, on systems that keep such a limit; else None."""
    if not sys.platform.startswith("linux"):
        return None
    import resource

    with open("/proc/self/statm", encoding="utf-8") as file:
        limit = int(file.read().split()[0]) * resource.getpagesize() + MEMORY
    others = [known for known in resource.getrlimit(resource.RLIMIT_AS) if known != resource.RLIM_INFINITY]
    return min([limit, *others])


@contextmanager
def _limit_space(space):
    if space is None:
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (space, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
