"""Explore: a pure function under sliders. NumPy computes the whole grid first, and the browser plays it."""

import itertools

import numpy as np
from tqdm.auto import tqdm
from traitlets import Dict, Int, List, TraitError, validate

from unrolled.figures import plots
from unrolled.widgets import base, charts

POINTS, NUMBERS = 20_000, 2_000_000  # of a grid that is played: how many at most


def explore(compute, chart, *, alt, start=None, live=False, **grids):
    """Controls for the arguments of a pure function, and charts of its result that follow them.

    compute  compute(**numbers) -> {name: array}: real numbers, or complex ones, which become pairs (real, imaginary);
             all finite; at every point the same names and numbers of axes (a length may follow a control)
    chart    what is drawn: a chart of unrolled.widgets.charts, or a list of charts side by side
    alt      what the picture shows, in a sentence; it may hold numbers as a chart's title, or is a function
             alt(…) that takes some of the controls' numbers and the arrays by name
    start    {name: first value} where it is not the first of its grid
    live     compute at each change in the kernel, where the grid would be too large to be computed first
    grids    for each argument of compute the values it may take: numbers (a slider) or texts (radio buttons)
    `.numbers` and `.arrays` are what is on screen. ValueError, TypeError: what breaks these laws, with the value;
    a grid of more than 20,000 points or 2,000,000 numbers; an array of more than 200,000. RuntimeError: compute
    raised, and at which values.
    """
    if not callable(compute):
        raise TypeError(f"compute must be a function, got {type(compute).__name__}")
    declared = list(chart) if isinstance(chart, list | tuple) else [chart]
    if not declared or not all(isinstance(one, charts.Chart) for one in declared):
        raise TypeError(f"chart must be a chart, as charts.lines(…), or a list of them, got {chart!r}")
    if not grids:
        raise ValueError("explore needs the values of at least one argument, as in explore(…, rho=[0.9, 1.0, 1.1])")
    grids = {name: _grid(name, values) for name, values in grids.items()}
    return Explore(compute, declared, alt, _places(grids, start or {}), bool(live), grids)


class Explore(base.Widget):
    """What `explore` returns. `.numbers` and `.arrays` hold what is on screen."""

    places = List(Int(), help="of each control: which value of its grid").tag(sync=True)
    shown = Dict(help="live: the answer to a change").tag(sync=True)
    _esm = base.source("axes", "chart", "tables", "explorer")
    _css = base.Widget._css + (base.FOLDER / "chart.css").read_text("utf-8")

    def __init__(self, compute, declared, alt, places, live, grids):
        self._compute, self._charts, self._alt, self._grids = compute, declared, alt, grids
        self._first, self._like = places, None
        self._planes = {name for one in declared if one.kind == "scatter" for name in one.curves.values()}
        first = self._compute_at(places)
        self._states = {places: first}
        states = [first] if live else self._play(first)
        scene = {
            "charts": [charts.to_json(one) for one in declared],
            "controls": [_control(name, grid) for name, grid in grids.items()],
            "live": live,
            **self._compute_scene(states, [places] if live else list(self._points())),
        }
        super().__init__(scene=scene, places=list(places))
        self.arrays = first
        self.observe(self._follow, "places")

    @property
    def numbers(self):
        """The value of each control."""
        return self._values(self.places)

    def _points(self):
        return itertools.product(*(range(len(grid)) for grid in self._grids.values()))

    def _values(self, places):
        return {name: grid[k] for (name, grid), k in zip(self._grids.items(), places, strict=True)}

    def _compute_at(self, places):
        """What compute gives there, with its law."""
        values = self._values(places)
        call = f"compute({', '.join(f'{name}={_text(value)}' for name, value in values.items())})"
        try:
            result = self._compute(**values)
        except Exception as error:
            raise RuntimeError(f"{call} raised {type(error).__name__}: {error}") from error
        arrays = _check_arrays(result, call, self._planes)
        self._like = self._like or {name: array.ndim for name, array in arrays.items()}
        if {name: array.ndim for name, array in arrays.items()} != self._like:
            shapes = {name: array.shape for name, array in arrays.items()}
            raise ValueError(f"{call} must return arrays with these names: axes {self._like}, got {shapes}")
        for chart in self._charts:
            charts.check(chart, arrays, call)
        return arrays

    def _play(self, first):
        """The arrays of every point, in the order of the grid."""
        points = int(np.prod([len(grid) for grid in self._grids.values()]))
        each = sum(array.size for array in first.values())
        if points > POINTS or points * each > NUMBERS:
            sizes = " × ".join(str(len(grid)) for grid in self._grids.values())
            raise ValueError(
                f"a grid that is played must have at most {POINTS:,} points and {NUMBERS:,} numbers, got {sizes} = "
                f"{points:,} points of {each:,} numbers: thin it, or use live=True"
            )
        states = []
        for places in tqdm(self._points(), total=points, desc="explore", delay=0.5, leave=False):
            states.append(first if places == self._first else self._compute_at(places))
        self._states = dict(zip(self._points(), states, strict=True))
        return states

    def _compute_scene(self, states, points):
        """The part of the scene that compute's results make up: one entry for each point, or one for all."""
        known = [self._values(places) | arrays for places, arrays in zip(points, states, strict=True)]
        limits = []
        for chart in self._charts:
            every = charts.limits(chart, states) if chart.fixed else None
            limits.append([every] if every else [charts.limits(chart, [arrays]) for arrays in states])
        return {
            "arrays": {name: _to_binary([arrays[name] for arrays in states], name) for name in states[0]},
            "titles": [_collapse([charts.format_text(c.title, k, "a title") for k in known]) for c in self._charts],
            "words": _collapse([charts.format_text(self._alt, k, "alt") for k in known]),
            "limits": limits,
        }

    def _follow(self, change):
        """After a change: what is on screen, and in a live one its answer. A mistake is said in one sentence."""
        if not self.scene["live"]:
            self.arrays = self._states[tuple(change.new)]
            return
        try:
            arrays = self._compute_at(change.new)
            answer = self._compute_scene([arrays], [tuple(change.new)])
            self.arrays = arrays
        except Exception as error:  # whatever the reader's function raises, the controls stay usable
            answer = {"error": str(error) if isinstance(error, RuntimeError) else f"{type(error).__name__}: {error}"}
        self.shown = {"places": list(change.new), **answer}

    @validate("places")
    def _valid(self, proposal):
        grids = list(self._grids.values())
        if len(proposal.value) != len(grids) or any(not 0 <= k < len(g) for k, g in zip(proposal.value, grids)):
            law = ", ".join(f"0 to {len(grid) - 1}" for grid in grids)
            raise TraitError(f"places must hold one for each control, {law}, got {proposal.value}")
        return proposal.value

    def still(self):
        """The charts of the first values, side by side."""
        arrays = self._states[self._first]
        known = self._values(self._first) | arrays
        which = 0 if self.scene["live"] else list(self._points()).index(self._first)
        fig, axes = plots.figure(1, len(self._charts), size=(max(9, 6 * len(self._charts)), 4.5), squeeze=False)
        for ax, chart, rooms in zip(axes[0], self._charts, self.scene["limits"], strict=True):
            title = charts.format_text(chart.title, known, "a title")
            charts.draw(ax, chart, arrays, title, rooms[which if len(rooms) > 1 else 0])
        at = ", ".join(f"{name} = {_text(value)}" for name, value in self._values(self._first).items())
        return fig, f"{charts.format_text(self._alt, known, 'alt')} ({at})"

    def __repr__(self):
        grids = (f"{name} = {_text(grid[0])} … {_text(grid[-1])}" for name, grid in self._grids.items())
        return f"explore({', '.join(grids)}{', live' if self.scene['live'] else ''})"


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


def _places(grids, start):
    """Where each control begins."""
    for name in start:
        if name not in grids:
            raise ValueError(f"start must name one of {list(grids)}, got {name!r}")
    places = []
    for name, grid in grids.items():
        value = start.get(name, grid[0])
        equal = [k for k, v in enumerate(grid) if v == value or (isinstance(v, float) and np.isclose(v, value, atol=0))]
        if not equal:
            raise ValueError(f"start must be a value of the grid {name} = {grid}, got {value!r}")
        places.append(equal[0])
    return tuple(places)


def _control(name, grid):
    kind = "choice" if isinstance(grid[0], str | bool) else "slider"
    return {"name": name, "kind": kind, "texts": [_text(value) for value in grid]}


def _text(value):
    return value if isinstance(value, str) else str(value) if isinstance(value, bool) else base.number(value)


def _check_arrays(arrays, call, planes):
    """compute's result, with its law, as arrays of real numbers.

    planes: the names whose (n,) numbers are points of the complex plane (eigenvalues may all be real at one point)
    """
    if not isinstance(arrays, dict) or not arrays:
        raise TypeError(f"{call} must return a dict {{name: array}}, got {type(arrays).__name__}")
    checked = {}
    for name, array in arrays.items():
        kind = array.dtype.kind if isinstance(array, np.ndarray | np.generic) else "O"
        if kind == "c" or (name in planes and kind in "iuf" and array.ndim == 1):
            array = np.stack([np.real(array), np.imag(array)], axis=-1)
        try:
            checked[str(name)] = base.check_finite(array, name)
        except (ValueError, TypeError) as error:
            raise type(error)(f"{call}: {error}") from None
        if (size := checked[str(name)].size) > base.MOST:
            law = f"at most {base.MOST:,} numbers"
            raise ValueError(f"{call}: {name} must hold {law}, got {size:,}: thin it, as in {name}[::10]")
    return checked


def _to_binary(arrays, name):
    """Arrays of all points as the browser takes them: their shapes, and their numbers one after the other.

    float32, but where its range is too small (a norm of 10^−60): then float64.
    """
    flat = np.concatenate([array.ravel() for array in arrays])
    size = np.abs(flat[flat != 0])
    wide = bool(size.size) and not 1e-37 < size.min() <= size.max() < 3e38
    shapes = _collapse([list(array.shape) for array in arrays])
    return {"shapes": shapes, "wide": wide, "data": flat.astype("<f8" if wide else "<f4").tobytes()}


def _collapse(values):
    """One value where all are the same."""
    return values[:1] if all(value == values[0] for value in values) else values
