"""Sketchpad: a small picture that the reader draws, as an array."""

import numpy as np
from traitlets import Bytes, TraitError, validate

from unrolled.figures import plots
from unrolled.widgets import base

SIZES = (4, 64)
GREYS = {"white": 1.0, "light": 0.75, "grey": 0.5, "dark": 0.25, "black": 0.0}
COLOURS = {
    **{"white": (1, 1, 1), "red": (1, 0, 0), "green": (0, 1, 0), "blue": (0, 0, 1), "yellow": (1, 1, 0)},
    **{"purple": (1, 0, 1), "black": (0, 0, 0)},
}


def sketchpad(size=32, *, channels=1, start=None, colours=None, title="Draw a picture"):
    """A pad of size by size pixels, drawn on by mouse, pen, finger or keys. `.array` follows the strokes.

    size      pixels along a side, 4 to 64
    channels  1: grey, array (size, size); 3: red, green, blue, array (size, size, 3); float32 from 0, black, to 1
    start     the first picture, an array of that shape; without it the pad is black
    colours   {name: number from 0 to 1, or three of them}: what can be drawn with; black rubs out
    A pixel that a stroke covers in part is mixed in that part, so a stroke has soft edges; a point in the middle of a
    pixel, and the space key, fill that pixel alone. Arrow keys move the pen, Ctrl+Z takes the last stroke back.
    ValueError: a size out of range, other channels, a picture or a colour of another shape or not from 0 to 1.
    """
    if not isinstance(size, int) or not SIZES[0] <= size <= SIZES[1]:
        raise ValueError(f"size must be a whole number from {SIZES[0]} to {SIZES[1]}, got {size!r}")
    if channels not in (1, 3):
        raise ValueError(f"channels must be 1 (grey) or 3 (colour), got {channels!r}")
    shape = (size, size) if channels == 1 else (size, size, 3)
    picture = np.zeros(shape, np.float32) if start is None else _check_picture(start, "start", shape).astype(np.float32)
    if colours is None:
        colours = GREYS if channels == 1 else COLOURS
    if not isinstance(colours, dict) or not colours:
        raise TypeError(f"colours must be a dict {{name: number}} with at least one, got {colours!r}")
    colours = {
        str(name): _check_picture(c, f"colours[{name!r}]", shape[2:]).reshape(-1).tolist()
        for name, c in colours.items()
    }
    return Sketchpad(picture, colours, str(title))


class Sketchpad(base.Widget):
    """What `sketchpad` returns."""

    _esm = base.source("canvas")
    _css = base.Widget._css + (base.FOLDER / "canvas.css").read_text("utf-8")
    pixels = Bytes(help="the picture as float32, row by row").tag(sync=True, from_json=lambda view, _: bytes(view))

    def __init__(self, picture, colours, title):
        self._shape, self._title = picture.shape, title
        scene = {"title": title, "size": len(picture), "channels": 1 if picture.ndim == 2 else 3, "colours": colours}
        super().__init__(scene=scene, pixels=picture.astype("<f4").tobytes())
        self._first = picture

    @property
    def array(self):
        """The picture as it stands, (size, size) or (size, size, 3), float32 from 0 to 1: a copy."""
        return np.frombuffer(self.pixels, "<f4").astype(np.float32).reshape(self._shape)

    @validate("pixels")
    def _whole(self, proposal):
        wanted = 4 * int(np.prod(self._shape))
        if len(proposal.value) != wanted:
            raise TraitError(f"pixels must be {wanted} bytes for shape {self._shape}, got {len(proposal.value)}")
        return proposal.value

    def still(self):
        """The first picture."""
        fig, ax = plots.figure(size=(5, 5.4))
        ax.imshow(self._first, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        ax.set(title=self._title, xlabel="column", ylabel="row")
        ax.grid(visible=False)
        painted = _count_painted(self._first)
        return fig, f"{self._title}. A pad to draw on, {self._size()}; {painted} pixels are not black."

    def __repr__(self):
        return f"sketchpad({self._size()}, {_count_painted(self.array)} painted)"

    def _size(self):
        return f"{self._shape[0]} by {self._shape[1]} pixels{' in colour' if len(self._shape) == 3 else ''}"


def _check_picture(array, name, shape):
    array = base.check_finite(array, name)
    if array.shape != tuple(shape):
        raise ValueError(f"{name} must have shape {tuple(shape)}, got {array.shape}")
    if array.min() < 0 or array.max() > 1:
        raise ValueError(f"{name} must lie from 0 to 1, got {array.min()} to {array.max()}")
    return array


def _count_painted(picture):
    """How many pixels are not black."""
    return int(np.count_nonzero(picture.reshape(*picture.shape[:2], -1).any(axis=-1)))
