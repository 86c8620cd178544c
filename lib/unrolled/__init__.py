"""Unrolled: the recurrent-network lecture that you can run.

The package holds what the notebooks share: every differentiable function is written as a value and its pullback,
in NumPy alone, and is checked against finite differences, against the tape and against PyTorch. Import the module
that you need, for example `from unrolled.cells.rnn import rnn`.
"""

__version__ = "0.1.0"
