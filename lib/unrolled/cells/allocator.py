"""Work arrays without page faults: glibc's malloc is told to keep what a kernel has freed for its next call."""

import ctypes
import os
import sys


def keep_freed_blocks():
    """Let glibc keep freed blocks, up to 256 MB, for this process -> whether it was told to.

    A call of a kernel needs some MB of fresh work arrays. glibc gives freed blocks of that size back to the system, and
    each new one then costs a page fault for every 4 KB: up to a third of a kernel's time. This sets it for the whole
    process. UNROLLED_MALLOC=0 in the environment leaves malloc as it is; other systems' allocators always are.
    Source: mallopt(3).
    """
    if sys.platform != "linux" or os.environ.get("UNROLLED_MALLOC") == "0":
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:  # another libc
        return False
    mallopt(-3, 2**25)  # M_MMAP_THRESHOLD: from what size on a block is the system's alone; this is the highest
    mallopt(-1, 2**28)  # M_TRIM_THRESHOLD: how much free memory is kept
    return True
