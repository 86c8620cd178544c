"""Training of a character model on a text, on the command line: `python -m unrolled.train`.

The model in --out is the one with the lowest loss on the held-out tail so far. Beside it lies model.run.npz, from which
the same command goes on if it was stopped or killed at any moment; with --steps, to the numbers of a run that was not.
"""

from unrolled.train.runs import Look, prepare, train
from unrolled.train.settings import Settings
