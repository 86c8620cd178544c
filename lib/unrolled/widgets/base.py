"""What every widget shares: its script and style, the numbers that go over, and the still picture in its place.

NumPy computes first, the browser plays: a widget sends its numbers once, and its script draws every state of them.
So it answers at once, and it still works in an exported page, without a kernel and without the network.
"""

import os
from pathlib import Path
from weakref import WeakSet

import numpy as np
from anywidget import AnyWidget
from traitlets import Dict, Float

from unrolled.figures import plots, tables

FOLDER = Path(__file__).parent
MOST = 200_000  # numbers that one array may send
_current, _scale = WeakSet(), 1.0
number = tables.number  # `number` in base.js


def source(*names):
    """The script of a widget: base.js, then these. A page holds no other files, so a script cannot import one."""
    return "\n".join((FOLDER / f"{name}.js").read_text("utf-8") for name in ("base", *names))


def _style():
    """base.css under the course's colours, which plots.py alone names: its roles, and nine stops of its scale."""
    names = {role: colour for role, colour in plots.COLOURS.items() if role != "weight"}
    names |= {f"scale-{k}": "#" + bytes(plots.SEQUENTIAL(k / 8, bytes=True)[:3]).hex() for k in range(9)}
    values = " ".join(f"--{name}: {colour};" for name, colour in names.items())
    return f".unrolled {{ {values} }}\n" + (FOLDER / "base.css").read_text("utf-8")


class Widget(AnyWidget):
    """A widget of the course. A subclass gives its script, `scene` (what is drawn), `still` and `__repr__`."""

    scene = Dict(help="what the browser draws: numbers, texts, and arrays as `to_binary` makes them").tag(sync=True)
    scale = Float(help="of the type and all that is drawn; see presenter").tag(sync=True)
    _css = _style()

    def __init__(self, **traits):
        super().__init__(**{"scale": _scale} | traits)
        _current.add(self)

    def still(self):
        """One picture for a page where no script runs, and its words: (figure, words), from the same arrays.

        It is the first state; a stepper's is the last, for its first has no numbers yet.
        """
        raise NotImplementedError

    def _repr_mimebundle_(self, **kwargs):
        """The widget; with UNROLLED_STILLS=1, which an export sets, its still picture too (up to a second's work)."""
        view = super()._repr_mimebundle_(**kwargs)
        data = {**(view[0] if isinstance(view, tuple) else view), "text/plain": repr(self)}
        if os.environ.get("UNROLLED_STILLS") != "1":
            return data, {}
        figure, words = self.still()
        picture, metadata = plots.bundle(figure, alt=words)
        return picture | data, metadata


def presenter(scale=1.5):
    """Enlarge every widget, those on screen and those to come, for the back of a room; presenter(1) undoes it.

    ValueError: a scale that is not from 0.5 to 4.
    """
    global _scale
    if not 0.5 <= scale <= 4:
        raise ValueError(f"scale must be from 0.5 to 4, got {scale!r}")
    _scale = float(scale)
    for widget in _current:
        widget.scale = _scale


def role(name):
    """The role (a key of plots.COLOURS) of a name of the course, or None: W_hh is a weight, dW_hh a gradient."""
    head = str(name).split(".")[-1].partition("_")[0].removesuffix("s")
    if head in ("x", "h", "y", "c", "target"):
        return head
    if head in ("W", "b"):
        return "weight"
    if head.startswith("d") and (role(head[1:] + "_") or head == "dL"):
        return "gradient"
    return "gate" if head in ("i", "f", "o", "g", "r", "z", "n", "gate") else None


def to_binary(array, name, most=MOST):
    """An array as the browser takes it: its shape, and its numbers as binary float32, row by row.

    ValueError: it is empty or ragged, holds NaN or infinity, or more than `most` numbers. TypeError: no numbers.
    """
    array = check_finite(array, name)
    if array.size > most:
        raise ValueError(f"{name} must have at most {most:,} numbers, got {array.size:,}: thin it, as in {name}[::10]")
    return {"shape": list(array.shape), "data": np.ascontiguousarray(array, "<f4").tobytes()}


def check_finite(array, name):
    """The array as float64. ValueError: it is empty or ragged, or holds NaN or infinity. TypeError: no numbers."""
    try:
        array = np.asarray(array)
    except ValueError:
        raise ValueError(f"{name} must be a full array, its rows of one length, got a ragged one") from None
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} must hold real numbers, got dtype {array.dtype}")
    if not array.size:
        raise ValueError(f"{name} must hold at least one number, got shape {array.shape}")
    array = array.astype(np.float64)
    if not np.isfinite(array).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{name} must hold finite numbers, got {name}{list(where)} = {array[where]}")
    return array
