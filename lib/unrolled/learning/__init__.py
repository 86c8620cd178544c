"""How a network learns: the loop, what it keeps on disk, and how one step is taken."""

from unrolled.learning.checkpoints import load_checkpoint, save_checkpoint
from unrolled.learning.optimizers import SGD, Adam, clip_by_norm, clip_by_value, global_norm
