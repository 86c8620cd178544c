"""How long a test waits for what should come: the longer, the busier the machine is."""

import os


def patience():
    """The factor on every time limit of the tests: how many want each processor (over the last minute), at least 1."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0  # Windows does not tell
    return max(1.0, load / os.cpu_count())
