"""Whole programs, one a module, and every one of them right: a case of the clinic changes a line or two.

Each has train() -> the losses, one a step, and the functions that it calls.
"""

from unrolled.exercises.clinic.programs import (
    by_hand,
    first_symbol,
    held_out,
    keep_the_best,
    largest,
    rows,
    stream,
    sums,
    tied,
    windows,
    windows_by_steps,
)
