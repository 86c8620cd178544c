"""A whole sequence in one function: the forward pass and its pullback on one screen, a file for each cell."""

import ctypes
import sys

# A call needs some MB of fresh work arrays. glibc's malloc gives freed blocks of that size back to the system, and each
# new one then costs a page fault for every 4 KB: up to a third of a kernel's time. mallopt(3) tells it to keep them, up
# to 256 MB, for the next call. Other systems' allocators are left as they are.
_mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
if _mallopt:
    _mallopt(-3, 2**25)  # M_MMAP_THRESHOLD: from what size on a block is the system's alone; this is the highest
    _mallopt(-1, 2**28)  # M_TRIM_THRESHOLD: how much free memory is kept
