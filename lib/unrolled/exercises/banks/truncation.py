"""The window of truncation."""

import numpy as np

from unrolled.exercises.exercise import Exercise, Wrong


def window():
    """An echo of lag 6: from k = 7 on, a chunk holds a target and its bit, and one more is safer"""
    return 8


def _use_window(function, delay, loss):
    k = function()
    if isinstance(k, bool) or not isinstance(k, int | np.integer):
        raise Wrong(f"it must return a whole number, got {k if isinstance(k, float) else type(k).__name__}")
    if k < 1:
        raise Wrong(f"a window has at least one step, got {k}")
    if k <= delay:
        raise Wrong(f"k = {k} is not above the lag of {delay}: no chunk holds both a target and its bit")
    if k > 2 * delay:
        raise Wrong(f"k = {k} is more than twice the lag of {delay}: a shorter one is enough")
    if loss is not None and not (reached := loss(int(k))) < 0.1:
        raise Wrong(f"with k = {k} the loss is {reached:.2f}: too few targets see their bit")
    return ()


WINDOW = Exercise(
    name="window",
    statement="For an echo with a lag of 6: the shortest window k that you trust.",
    reference=window,
    case=lambda rng: {"delay": 6, "loss": None},
    results=(),
    use=_use_window,
    seconds=60,
    hints=(
        "A target is the bit that came 6 steps before. Which chunks hold both?",
        "A chunk of k steps holds k - 6 such pairs. With how many of them does it learn?",
        "k = 7 has one pair in each chunk. One more is safer.",
    ),
)

EXERCISES = (WINDOW,)
