"""The window of truncation."""

import numpy as np

from unrolled.exercises.exercise import Exercise, Wrong


def window():
    """An echo with a delay of 6: from k = 7 on, a chunk holds a target and its bit"""
    return 7


def _use_window(function, delay, loss):
    k = function()
    if isinstance(k, bool) or not isinstance(k, int | np.integer):
        raise Wrong(f"it must return a whole number, got {k if isinstance(k, float) else type(k).__name__}")
    if k < 1:
        raise Wrong(f"a chunk has at least one step, got {k}")
    if k <= delay:
        raise Wrong(f"k = {k} is not above the delay of {delay}: no chunk holds both a target and its bit")
    if k > 2 * delay:
        raise Wrong(f"k = {k} is more than twice the delay of {delay}: a shorter one is enough")
    if loss is not None and not (reached := loss(int(k))) < 0.1:
        raise Wrong(f"with k = {k} the loss is {reached:.2f}: too few targets see their bit")
    return ()


WINDOW = Exercise(
    name="window",
    statement="For an echo with a delay of 6: the shortest chunk length k that keeps it.",
    reference=window,
    case=lambda rng: {"delay": 6, "loss": None},
    results=(),
    use=_use_window,
    seconds=60,
    hints=(
        "A target is the bit that came 6 steps before. Which chunks hold both?",
        "A chunk of k steps holds k - 6 such pairs. With how many of them does it learn?",
        "k = 7 has one pair in each chunk, and that is enough. A little more is right, too.",
    ),
)

EXERCISES = (WINDOW,)
