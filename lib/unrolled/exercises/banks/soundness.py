"""The test that tells a sound layer from a sick one."""

import numpy as np

from unrolled.autodiff.gradcheck import GradientError, gradcheck
from unrolled.autodiff.tape import differentiable
from unrolled.exercises.clinic.plain import CASES
from unrolled.exercises.exercise import Exercise, Wrong


def is_sound(layer, arguments):
    """Whether all gradients of the layer agree with finite differences"""
    try:
        gradcheck(layer, *arguments)
    except GradientError:
        return False
    return True


def _spoil(layer, at):
    """The layer with the gradient of its argument `at` half too large, and all others right."""

    @differentiable
    def spoilt(xs, h0, W_xh, W_hh, b_h):
        hs, pullback = layer.with_pullback(xs, h0, W_xh, W_hh, b_h)
        return hs, lambda dhs: tuple(1.5 * d if k == at else d for k, d in enumerate(pullback(dhs)))

    return spoilt


def _case(rng):
    """The layers of the clinic, and its sound one with each of its gradients wrong alone: all must be looked at."""
    layers = {
        f"case {k} of the clinic": (c.part, c.arguments(), not c.bug) for k, c in enumerate(CASES.values(), start=1)
    }
    layer, arguments, _ = next(row for row in layers.values() if row[2])
    for at, name in enumerate(("xs", "h0", "W_xh", "W_hh", "b_h")):
        layers[f"a layer whose gradient of {name} alone is wrong"] = _spoil(layer, at), arguments, False
    return {"layers": layers}


def _use(function, layers):
    for name, (layer, arguments, sound) in layers.items():
        given = tuple(a.copy() for a in arguments)
        said = function(layer, given)
        if not all(map(np.allclose, given, arguments)):  # what was moved and put back may be rounded
            raise Wrong("it leaves the arguments of the layer changed: put back what you move, or work on a copy")
        if not isinstance(said, bool | np.bool_):
            raise Wrong(f"it must return True or False, got {type(said).__name__}")
        if said and not sound:
            raise Wrong(f"it lets {name} pass, and its way back is wrong")
        if sound and not said:
            raise Wrong("it calls a sound layer wrong: it agrees with finite differences, to about 1e-10")
    return ()


IS_SOUND = Exercise(
    name="is_sound",
    statement="Write a test that tells the sound layer of the clinic from the sick ones.",
    reference=is_sound,
    case=_case,
    results=(),
    use=_use,
    hints=(
        "Which test has found every one of them so far, and how does it say that it has found something?",
        "gradcheck(layer, *arguments) raises a GradientError where a gradient is wrong. Python can catch it.",
        "In a try: gradcheck(layer, *arguments); then except GradientError: return False; and True at the end.",
    ),
)  # fmt: skip

EXERCISES = (IS_SOUND,)
