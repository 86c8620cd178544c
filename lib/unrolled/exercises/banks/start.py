"""One small function, to see how a check, a hint and a solution look."""

import numpy as np

from unrolled.exercises.exercise import Exercise
from unrolled.exercises.mistakes import mutants


def first_step(x, h_prev):
    """h = tanh(x + h_prev): one number in, one state, both weights 1, the bias 0."""
    return np.tanh(x + h_prev)


FIRST_STEP = Exercise(
    name="first_step",
    statement="Write h = tanh(x W_xh + h_prev W_hh + b_h) for one number and one state, both weights 1, the bias 0.",
    reference=first_step,
    case=lambda rng: {"x": rng.uniform(0.5, 1), "h_prev": rng.uniform(0.5, 1)},  # where tanh is not its argument
    results=("h",),
    hints=(
        "Multiply by 1, add 0: what is left inside of tanh?",
        "Inside tanh stands the sum of the input and the state before it.",
        "return np.tanh(…), and in the brackets x + h_prev.",
    ),
    wrong=mutants(
        first_step,
        ("tanh is missing: the state is the tanh of the sum", "np.tanh(x + h_prev)", "x + h_prev"),
        ("h_prev is missing: without it nothing is remembered", "x + h_prev", "x"),
        ("x is missing: without it nothing is heard", "x + h_prev", "h_prev"),
        ("x and h_prev are multiplied: they are added", "x + h_prev", "x * h_prev"),
        ("h_prev is subtracted: it is added", "x + h_prev", "x - h_prev"),
        ("tanh is taken of each part alone: add first, then squeeze", "np.tanh(x + h_prev)",
         "np.tanh(x) + np.tanh(h_prev)"),
        ("tanh takes in the input alone: the state belongs inside, too", "np.tanh(x + h_prev)", "np.tanh(x) + h_prev"),
        ("tanh takes in the state alone: the input belongs inside, too", "np.tanh(x + h_prev)", "x + np.tanh(h_prev)"),
        ("the sigmoid stands where tanh belongs", "np.tanh(x + h_prev)", "1 / (1 + np.exp(-(x + h_prev)))"),
        ("the sign is turned: h is tanh(z), not -tanh(z)", "np.tanh", "-np.tanh"),
    ),
)  # fmt: skip

EXERCISES = (FIRST_STEP,)
