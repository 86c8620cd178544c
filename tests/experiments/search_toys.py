"""What the tests of the search measure, in a module of its own: each candidate's process imports it."""

import os
import signal
import time
from pathlib import Path


def measure(rng, candidate, *, scale):
    """A toy: a number of the seed; 3 fails."""
    if candidate == 3:
        raise FloatingPointError("the loss is not finite, got nan")
    return {"loss": scale * candidate + rng.integers(100) / 1e3, "process": os.getpid()}


def measure_or_die(rng, candidate, *, process, once=None):
    """Another: 3 kills its own process, or the one that started it; with `once`, the first time alone."""
    if candidate == 3 and not (once and Path(once).exists()):
        if once:
            Path(once).touch()
        os.kill(os.getpid() if process == "its own" else os.getppid(), signal.SIGKILL)
    return {"loss": candidate}


def talkative(rng, candidate):
    print("hello", flush=True)
    return {"loss": candidate}


def slow(rng, candidate, *, pulse):
    """A toy that shows in a file that it runs: 1 takes no time, the others a minute."""
    for beat in range(1200 * (candidate > 1)):
        (Path(pulse) / str(candidate)).write_text(str(beat))
        time.sleep(0.05)
    return {"loss": candidate}
