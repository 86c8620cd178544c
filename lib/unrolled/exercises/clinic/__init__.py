"""The bug clinic: programs that train, two thirds of them with one planted bug; the reader says which, and finds it.

    case = PATIENTS[1]       # CASES has them by names that tell the bug
    print(case.source)        # the part of the program that is on trial
    case.losses               # what training with it looks like
    case.part                 # that part, which runs: case.part(*case.arguments())
    case.examine(gradcheck)   # what a test says of it
    case.mended_losses        # what it looks like without the bug

The rest of each program is right.
"""

from types import MappingProxyType

from unrolled.exercises.clinic import gated, plain, text_cases

CASES = MappingProxyType(plain.CASES | text_cases.CASES | gated.CASES)
PATIENTS = MappingProxyType(dict(enumerate(CASES.values(), start=1)))  # for readers: a number tells nothing
