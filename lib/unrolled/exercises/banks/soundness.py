"""The test that tells a sound layer from a sick one."""

import numpy as np

from unrolled.autodiff.gradcheck import GradientError, gradcheck
from unrolled.exercises.clinic.plain import CASES
from unrolled.exercises.exercise import Exercise, Wrong


def is_sound(layer, arguments):
    """Whether all gradients of the layer agree with finite differences"""
    try:
        gradcheck(layer, *arguments)
    except GradientError:
        return False
    return True


def _use(function, layers):
    for name, (layer, arguments, sound) in layers.items():
        said = function(layer, arguments)
        if not isinstance(said, bool | np.bool_):
            raise Wrong(f"it must return True or False, got {type(said).__name__}")
        if said and not sound:
            raise Wrong(f"it lets {name} of the clinic pass, and its way back is wrong")
        if sound and not said:
            raise Wrong("it calls a sound layer wrong: rounding alone makes a relative error of about 1e-10")
    return ()


IS_SOUND = Exercise(
    name="is_sound",
    statement="Write a test that tells the sound layer of the clinic from the sick ones.",
    reference=is_sound,
    case=lambda rng: {"layers": {f"case {k}": (case.part, case.arguments(), not case.bug)
                                 for k, case in enumerate(CASES.values(), start=1)}},
    results=(),
    use=_use,
    hints=(
        "Which test has found every one of them so far, and how does it say that it has found something?",
        "gradcheck(layer, *arguments) raises a GradientError where a gradient is wrong. Python can catch it.",
        "In a try: gradcheck(layer, *arguments); then except GradientError: return False; and True at the end.",
    ),
)  # fmt: skip

EXERCISES = (IS_SOUND,)
