"""A whole sequence in one function: the forward pass and its pullback on one screen, a file for each cell."""

import numpy as np

# Every call needs fresh work arrays of some MB. glibc's malloc gives blocks of that size back to the system when they
# are freed, and then each new one costs a page fault for every 4 KB: up to a third of a kernel's time. It stops once
# one large block was freed (mallopt(3), "M_MMAP_THRESHOLD": the threshold is dynamic): up to twice this block's size
# stays with the process, ready for the next call. The block is never written to. Other allocators take no notice.
np.empty(31 * 2**20, np.uint8)
