"""Explore: a pure function under sliders, and the picture of what it returns."""

from html import escape

import numpy as np
from ipywidgets import HTML, Layout, SelectionSlider, ToggleButtons, VBox

from unrolled import plots


def explore(compute, draw, *, alt, start=None, size=None, **grids):
    """Controls for the arguments of a pure function, and a picture of its result that follows them.

    compute  compute(**numbers) -> {name: array}; all numbers finite
    draw     draw(ax, **arrays) draws them and sets title and labels, as for plots.show
    alt      a sentence that says what the picture shows, or a function alt(**numbers) that gives one
    start    {name: first value} where it is not the first of its grid;   size  of the figure, in inches
    grids    for each argument of compute the values it may take: numbers (a slider) or texts (buttons)
    The first picture is computed at once, so that a mistake stops the cell: ValueError or TypeError, in words.
    A mistake at a later value is shown in one sentence in the picture's place.
    """
    for name, function in (("compute", compute), ("draw", draw)):
        if not callable(function):
            raise TypeError(f"{name} must be a function, got {type(function).__name__}")
    if not grids:
        raise ValueError("explore needs the values of at least one argument, as in explore(…, rho=[0.9, 1.0, 1.1])")
    grids = {name: _grid(name, values) for name, values in grids.items()}
    start = {name: values[0] for name, values in grids.items()} | (start or {})
    for name, value in start.items():
        if name not in grids:
            raise ValueError(f"start must name one of {list(grids)}, got {name!r}")
        equal = [v for v in grids[name] if v == value or (isinstance(v, float) and np.isclose(v, value, atol=0))]
        if not equal:
            raise ValueError(f"start must be a value of the grid {name} = {grids[name]}, got {value!r}")
        start[name] = equal[0]
    return Explore(compute, draw, alt, start, size, grids)


class Explore(VBox):
    """What `explore` returns. `.arrays` holds what is on screen, `.controls` the control of each argument."""

    def __init__(self, compute, draw, alt, start, size, grids):
        self._compute, self._draw, self._alt, self._size, self._grids = compute, draw, alt, size, grids
        self.controls = {name: _control(name, values, start[name]) for name, values in grids.items()}
        self.picture = HTML(self._render())
        super().__init__([*self.controls.values(), self.picture])
        for control in self.controls.values():
            control.observe(self._follow, "value")

    def _render(self):
        numbers = {name: control.value for name, control in self.controls.items()}
        self.arrays = _checked(self._compute(**numbers), numbers)
        figure, ax = plots.figure(size=self._size)
        self._draw(ax, **self.arrays)
        alt = self._alt(**numbers) if callable(self._alt) else self._alt
        self._bundle, self._metadata = plots.bundle(figure, alt=alt)
        return self._bundle["text/html"]

    def _follow(self, _):
        try:
            self.picture.value = self._render()
        except Exception as error:  # whatever the reader's function raises, the controls stay usable
            sentence = escape(f"{type(error).__name__}: {error}")
            self.picture.value = f'<div role="alert" style="font-size:15px">{sentence}</div>'

    def __repr__(self):
        grids = (f"{name} = {_text(grid[0])} … {_text(grid[-1])}" for name, grid in self._grids.items())
        return f"explore({', '.join(grids)})"

    def _repr_mimebundle_(self, **kwargs):
        """The widget and, where no script runs, its picture."""
        still = self._bundle | {"text/plain": repr(self)}
        return super()._repr_mimebundle_(**kwargs) | still, self._metadata


def _grid(name, values):
    """The values as a list of Python numbers, or of texts."""
    if isinstance(values, str) or np.ndim(values) != 1 or len(values) == 0:
        raise ValueError(f"{name} must be a list of values, at least one, got {values!r}")
    values = np.asarray(values)
    if values.dtype.kind not in "bifuU" or (values.dtype.kind == "f" and not np.isfinite(values).all()):
        raise ValueError(f"{name} must hold finite numbers or texts, got {values.tolist()}")
    if len(set(values.tolist())) < len(values):
        raise ValueError(f"{name} must hold each value once, got {values.tolist()}")
    return values.tolist()


def _control(name, grid, value):
    """A slider or buttons: in JupyterLab, both work by keyboard; a menu does not, its arrow keys change the cell."""
    options = {"options": [(_text(v), v) for v in grid], "value": value, "description": name}
    options["style"] = {"description_width": "8em"}
    if isinstance(value, str | bool):
        return ToggleButtons(**options)
    return SelectionSlider(**options, layout=Layout(width="32em"))


def _text(value):
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _checked(arrays, numbers):
    """compute's result, with its law: a dict of arrays without NaN or infinity."""
    call = f"compute({', '.join(f'{name}={_text(value)}' for name, value in numbers.items())})"
    if not isinstance(arrays, dict) or not arrays:
        raise TypeError(f"{call} must return a dict {{name: array}}, got {type(arrays).__name__}")
    for name, array in arrays.items():
        if np.asarray(array).dtype.kind in "fc" and not np.isfinite(array).all():
            where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
            raise ValueError(f"{call} must return finite numbers, got {name}{list(where)} = {np.asarray(array)[where]}")
    return arrays
