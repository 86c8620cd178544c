"""Run a reader's function so that whatever it does, the notebook lives on, and its process is as it was.

Nothing in the same process can stop a single call into compiled code that never comes back, nor os._exit, SIGTERM and
SIGKILL.
"""

import io
import re
import sys
import time
import traceback
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import numpy as np

from unrolled.exercises.process_state import no_exit, put_back_after_call
from unrolled.exercises.time_limit import TooLong, stop_in_time

__all__ = ["Budget", "Outcome", "TooLong", "allow", "call_safely"]

SECONDS = 5.0
MEMORY = 2**30  # bytes beyond what the process has
PRINTED = 2000  # characters that are kept of what it prints
OURS = str(Path(__file__).parents[1]), str(Path(np.__file__).parent)  # no line of a reader stands there
TELLING = 1.0  # seconds that an error has for its text
# NumPy's own words for it speak of operands, core dimensions and a signature.
PRODUCT = re.compile(r"matmul: Input operand 1 has a mismatch in .*\(size (\d+) is different from (\d+)\)")
COLUMNS_AND_ROWS = r"in a product A @ B, A must have as many columns as B has rows, got \2 columns and \1 rows"
TEXT = 200  # characters that are kept of it


class Outcome(NamedTuple):
    """What a call gave: its value, or the exception that ended it, in words, with the line; and what it printed.

    text: the exception's own text alone.
    """

    value: object = None
    error: BaseException | None = None
    words: str = ""
    printed: str = ""
    text: str = ""


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
    printed, budget = _Printed(), budget or allow()
    value, error, text, words = None, None, "", ""
    # Time stands innermost: what the others put back is put back when no alarm can ring any more.
    with (
        put_back_after_call(),
        no_exit(),
        redirect_stdout(printed),
        redirect_stderr(printed),
        np.errstate(all="ignore"),
        _limit_space(budget.space),
    ):
        try:
            value = stop_in_time(call, max(0.01, budget.end - time.perf_counter()))
        except KeyboardInterrupt:
            raise
        except BaseException as caught:
            error = caught
            text, words = _describe_error(error, budget)
    return Outcome(value, error, words, printed.text(), text)


def _describe_error(error, budget):
    """(the error's own text, all that is said of it); to tell it is the reader's code, too, and so are destructors."""
    line = _find_line(error)

    def tell():
        # They hold the frames, and all their arrays.
        error.__traceback__ = error.__context__ = error.__cause__ = None
        return str.__getitem__(str(error), slice(TEXT))

    try:
        text = stop_in_time(tell, max(0.01, min(TELLING, budget.end - time.perf_counter())))
        said = PRODUCT.sub(COLUMNS_AND_ROWS, text)
    except KeyboardInterrupt:
        raise
    except BaseException:
        text, said = "", "an error that cannot be printed"
    where = f", in the line `{line}`" if line else ""
    return text, f"{type.__getattribute__(type(error), '__name__')}{': ' if said else ''}{said}{where}"


def _find_line(error):
    """The reader's line where it was raised; "" where that says nothing."""
    if not isinstance(error, Exception) or isinstance(error, RecursionError | MemoryError):
        return ""
    frames = traceback.extract_tb(error.__traceback__)
    return next((f.line for f in reversed(frames) if not f.filename.startswith(OURS)), "")


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
        try:
            resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
        except ValueError:  # the call has lowered the hard limit, and only root can raise it again
            hard = resource.getrlimit(resource.RLIMIT_AS)[1]
            resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
