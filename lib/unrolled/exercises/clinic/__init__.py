"""The bug clinic: programs that train, most with one bug. The reader says which, and finds it.

    case = PATIENTS[1]       # a part of a program; the rest of it is right
    print(case.source)        # the part that is on trial
    case.losses               # what training with it looks like
    case.part                 # that part, which runs: case.part(*case.arguments())
    case.examine(gradcheck)   # what a test says of it; first_step is gradcheck over one step of a layer
    case.mended_losses        # what it looks like without the bug

PROGRAMS[1] is a whole program: case.part is a module, and any of its functions may be wrong.
"""

from types import MappingProxyType

from unrolled.exercises.clinic import directions, gated, laws, plain, whole
from unrolled.exercises.clinic.plain import first_step

__all__ = ["CASES", "PATIENTS", "PROGRAMS", "first_step"]

# By names that tell the bug.
CASES = MappingProxyType(plain.CASES | laws.CASES | gated.CASES | directions.CASES | whole.CASES)


# For readers: a number tells nothing, and stays what it is. Those from 21 on stand in lessons 08 to 10.
_PARTS = [*plain.CASES.values(), *laws.CASES.values(), *map(gated.CASES.get, gated.ON_THE_PAGE)]
IN_LESSONS = MappingProxyType(gated.IN_LESSONS | directions.IN_LESSONS)
PATIENTS = MappingProxyType(
    dict(enumerate(_PARTS, start=1)) | {number: CASES[name] for number, name in IN_LESSONS.items()}
)
PROGRAMS = MappingProxyType(dict(enumerate(whole.CASES.values(), start=1)))
