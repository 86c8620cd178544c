"""What explore draws, declared by the names of arrays: the browser draws it, and matplotlib for the still picture.

    lines({"raw": "norms", "clipped": "used"}, xlabel="time step t", ylabel="norm", title="rho = {rho}", log=True)

Texts: h_t and 10^−3 are set with a sub- and superscript. A title may hold numbers of the controls and of what compute
returned, as in str.format ("{rho:.2f}", "{share[0]:.1%}"), or be a function title(…) that takes some of them by name.
"""

import inspect
import re
import string
from dataclasses import dataclass, field

import numpy as np

from unrolled.figures import plots

ROLES = ("y", "x", "h", "c", "gradient", "gate", "weight")  # in the order of plots.CYCLE
# How many axes an array may have.
AXES = {"lines": (1,), "bars": (1,), "heat": (2,), "image": (3,), "scatter": (2,), "path": (2, 3)}


@dataclass(frozen=True)
class Chart:
    """A picture as it is declared: made by lines, bars, heat, image, scatter or path."""

    kind: str
    curves: dict  # {label: name of an array}
    xlabel: str
    ylabel: str
    title: object
    x: str | None = None
    log: bool = False
    fixed: bool = True
    xlim: tuple | None = None
    ylim: tuple | None = None
    levels: dict = field(default_factory=dict)
    roles: dict = field(default_factory=dict)
    options: dict = field(default_factory=dict)


def lines(curves, *, xlabel, ylabel, title, x=None, log=False, levels=None, ordered=False, roles=None, **limits):
    """Curves {label: name of an array (n,)} over the array named x (1, 2, … without one).

    log      a logarithmic y axis; a value of 0 or less, which it cannot hold, stands as ▼ at its foot
    levels   {label: a number, or the name of one that compute returns} as horizontal lines
    ordered  colours from dark to light, for one growing quantity;   roles  {label: a key of plots.COLOURS}
    limits   xlim=(low, high), ylim=(low, high); fixed=False lets the axes follow each picture
    """
    return _chart("lines", curves, xlabel, ylabel, title, x=x, log=log, levels=levels, roles=roles, limits=limits,
                  options={"ordered": bool(ordered)})  # fmt: skip


def bars(name, *, xlabel, ylabel, title, names=None, role="y", **limits):
    """A bar for each number of an array (n,); names stand below them (1, 2, … without)."""
    options = {"names": None if names is None else [str(text) for text in names]}
    return _chart("bars", name, xlabel, ylabel, title, roles={name: role}, limits=limits, options=options)


def heat(name, *, xlabel, ylabel, title, rows=None, columns=None, limit=None):
    """A matrix as colours, in blue to vermilion around zero where one of its numbers is negative, else dark to light.

    rows, columns   names on the axes;   limit  value of the strongest colour (the largest of the whole grid without)
    """
    names = {k: None if v is None else [str(text) for text in v] for k, v in (("rows", rows), ("columns", columns))}
    return _chart("heat", name, xlabel, ylabel, title, options=names | {"limit": limit})


def image(name, *, title, xlabel="column", ylabel="row"):
    """A picture in its own colours: an array (rows, columns, 3) of red, green and blue from 0 to 1."""
    return _chart("image", name, xlabel, ylabel, title, options={"equal": True})


def scatter(clouds, *, xlabel, ylabel, title, circle=False, roles=None, **limits):
    """Points {label: name of an array}: (n, 2), or complex numbers (n,) by real and imaginary part.

    circle   the unit circle, on axes of one scale: eigenvalues outside it grow
    """
    return _chart("scatter", clouds, xlabel, ylabel, title, roles=roles, limits=limits,
                  options={"circle": bool(circle), "equal": bool(circle)})  # fmt: skip


def path(name, *, xlabel, ylabel, title, **limits):
    """States of two units in the plane, (T, 2) or (T, N, 2), from dark to light with time; a ring marks the first."""
    return _chart("path", name, xlabel, ylabel, title, limits=limits, options={"equal": True})


def _chart(kind, curves, xlabel, ylabel, title, *, limits=None, levels=None, roles=None, **rest):
    curves = {curves: curves} if isinstance(curves, str) else curves
    if not isinstance(curves, dict) or not curves or not all(isinstance(name, str) for name in curves.values()):
        raise TypeError(f"{kind} takes the name of an array, or {{label: name}} with at least one, got {curves!r}")
    if not callable(title) and (not isinstance(title, str) or not title.strip()):
        raise ValueError(f"a chart must have a title that says its message, got {title!r}")
    for axis, label in (("xlabel", xlabel), ("ylabel", ylabel)):
        if not isinstance(label, str) or not label.strip():
            raise ValueError(f"a chart must have an {axis} with its unit, got {label!r}")
    limits = dict(limits or {})
    for axis in ("xlim", "ylim"):
        low, high = limits.get(axis) or (0, 1)
        if not (np.isfinite([low, high]).all() and low < high):
            raise ValueError(f"{axis} must be (low, high), low < high, got {limits[axis]}")
    if rest.get("log") and limits.get("ylim") and limits["ylim"][0] <= 0:
        raise ValueError(f"ylim of a logarithmic axis must be above 0, got {limits['ylim']}")
    if unknown := limits.keys() - {"xlim", "ylim", "fixed"}:
        raise TypeError(f"a chart knows xlim, ylim and fixed, got {sorted(unknown)[0]}")
    roles = {str(label): role for label, role in (roles or {}).items()}
    for role in roles.values():
        if role not in plots.COLOURS:
            raise ValueError(f"a role must be one of {list(plots.COLOURS)}, got {role!r}")
    curves = {str(label): name for label, name in curves.items()}
    return Chart(kind, curves, xlabel, ylabel, title, levels=dict(levels or {}), roles=roles, **rest, **limits)


def check(chart, arrays, call):
    """That the arrays which `call` returned are those of the chart. ValueError: the law and the value."""
    named = [*chart.curves.values(), *([chart.x] if chart.x else []), *_level_names(chart)]
    for name in named:
        if name not in arrays:
            raise ValueError(f"{chart.kind} draws {name!r}, {call} returned {list(arrays)}")
    for name in _level_names(chart):
        if arrays[name].shape:
            raise ValueError(f"a level must be one number, {call} returned {name} {arrays[name].shape}")
    for name in chart.curves.values():
        shape, law = arrays[name].shape, AXES[chart.kind]
        pairs = chart.kind in ("scatter", "path")
        last = {"scatter": 2, "path": 2, "image": 3}.get(chart.kind)
        if len(shape) not in law or 0 in shape or last not in (None, shape[-1]):
            law = {1: "(n,)", 2: "(n, 2)" if pairs else "(rows, columns)", 3: "(T, N, 2)"}[law[-1]]
            law = "(rows, columns, 3)" if chart.kind == "image" else law
            raise ValueError(f"{chart.kind} draws an array {law}, {call} returned {name} {shape}")
        lengths = {"x": arrays[chart.x].size if chart.x else None}
        for key, axis in (("names", 0), ("rows", 0), ("columns", -1)):
            names = chart.options.get(key)
            if names is not None and len(names) != shape[axis]:
                raise ValueError(f"{name} {shape} must have {shape[axis]} {key}, got {len(names)}")
        if lengths["x"] not in (None, shape[0]):
            raise ValueError(f"{name} must be ({lengths['x']},) like {chart.x}, {call} returned {shape}")


def _level_names(chart):
    return [value for value in chart.levels.values() if isinstance(value, str)]


class _Numbers(string.Formatter):
    """str.format with true minus signs; a number that is asked for without a form is shown as everywhere."""

    def format_field(self, value, form):
        if isinstance(value, np.ndarray) and value.ndim == 0:
            value = value.item()
        text = super().format_field(value, form or ("" if isinstance(value, str) else ".4g"))
        return text if isinstance(value, str) else text.replace("-", "−")


def format_text(text, known, what):
    """A title or words at one point of the grid; known: its numbers and arrays by name."""
    if callable(text):
        takes = inspect.signature(text).parameters
        every = any(p.kind is p.VAR_KEYWORD for p in takes.values())
        text = text(**{name: value for name, value in known.items() if every or name in takes})
    else:
        try:
            text = _Numbers().vformat(text, (), known)
        except (KeyError, IndexError, ValueError, TypeError) as error:
            raise ValueError(f"{what} {text!r} may hold {list(known)}, as in str.format: {error!r}") from error
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"{what} must be a sentence, got {text!r}")
    return text


def limits(chart, states):
    """{"x": (low, high), "y": …} that hold the chart of every state (a dict of arrays), and the strongest colour."""
    xs, ys = [], [[value] for value in chart.levels.values() if not isinstance(value, str)]
    for arrays in states:
        ys.extend(np.ravel(arrays[name]) for name in _level_names(chart))
        for name in chart.curves.values():
            array = arrays[name]
            if chart.kind in ("scatter", "path"):
                xs.append(array[..., 0].ravel())
                ys.append(array[..., 1].ravel())
            else:
                xs.append(arrays[chart.x] if chart.x else np.array([1, len(array)]))
                ys.append(array.ravel())
    xs, ys = np.concatenate(xs), np.concatenate(ys)
    if chart.kind == "image":
        if ys.min() < 0 or ys.max() > 1:
            raise ValueError(f"an image's numbers must lie from 0 to 1, got {ys.min()} to {ys.max()}")
        return {"colour": [0.0, 1.0]}
    if chart.kind == "heat":
        return {"colour": [float(bool((ys < 0).any())), float(chart.options["limit"] or np.abs(ys).max() or 1)]}
    if chart.options.get("equal"):
        reach = 1.15 * max(1, np.abs(xs).max(), np.abs(ys).max())
        return {"x": list(chart.xlim or (-reach, reach)), "y": list(chart.ylim or (-reach, reach))}
    if chart.kind == "bars":
        xs, ys = np.append(xs + 0.6, 0.4), np.append(ys, 0)
    if chart.log:
        ys = np.log10(ys[ys > 0]) if (ys > 0).any() else np.zeros(1)
    y = 10.0 ** np.array(_room(ys)) if chart.log else _room(ys, foot=chart.kind == "bars")
    return {"x": [float(v) for v in chart.xlim or _room(xs, 0.02)], "y": [float(v) for v in chart.ylim or y]}


def _room(values, part=0.05, foot=False):
    """(low, high) around the values, with some room; at foot, none below (or above) zero."""
    low, high = float(values.min()), float(values.max())
    room = part * (high - low) or 0.05 * abs(high) or 0.5
    return (low - room * (low < 0 or not foot), high + room * (high > 0 or not foot))


def to_json(chart):
    """The chart as the browser takes it: plain JSON."""
    names = ("kind", "curves", "xlabel", "ylabel", "x", "log", "levels", "roles", "options")
    return {name: getattr(chart, name) for name in names}


def draw(ax, chart, arrays, title, room):
    """The same with matplotlib, through plots.py's functions; room: what `limits` gave."""
    labels = {"xlabel": to_mathtext(chart.xlabel), "ylabel": to_mathtext(chart.ylabel)}
    curves = {to_mathtext(label): arrays[name] for label, name in chart.curves.items()}
    colours = {to_mathtext(label): plots.COLOURS[role] for label, role in chart.roles.items()}
    (first, *_) = curves.values()
    if chart.kind == "lines":
        levels = {to_mathtext(k): float(arrays[v] if isinstance(v, str) else v) for k, v in chart.levels.items()}
        curves = {k: np.where(v > 0, v, 0) if chart.log else v for k, v in curves.items()}
        x = arrays[chart.x] if chart.x else None
        plots.lines(ax, curves, x=x, levels=levels, log=chart.log, ordered=chart.options["ordered"], **labels)
        legend = ax.get_legend()
        for line in [*ax.lines, *(legend.legend_handles if legend else [])]:
            line.set_color(colours.get(line.get_label(), line.get_color()))
    elif chart.kind == "bars":
        (role,) = chart.roles.values()
        names = chart.options["names"] or range(1, len(first) + 1)
        ax.bar(np.arange(1, len(first) + 1), first, color=plots.COLOURS[role])
        if chart.options["names"]:
            ax.set_xticks(range(1, len(first) + 1), names)
        ax.set(**labels)
    elif chart.kind == "heat":
        named = {name: chart.options[name] for name in ("rows", "columns")}
        picture = plots.heat(ax, first, **named, limit=room["colour"][1], **labels)
        ax.figure.colorbar(picture, ax=ax)
    elif chart.kind == "image":
        ax.imshow(first, interpolation="nearest")
        ax.grid(False)
        ax.set(**labels)
    elif chart.kind == "path":
        plots.phase_plane(ax, first)
        ax.set(**labels)
    else:
        for (label, points), marker in zip(curves.items(), "o^sDvPX" * len(curves), strict=False):
            own = {"color": colours[label]} if label in colours else {}
            ax.plot(*points.T, marker, linestyle="none", label=label, alpha=0.8, **own)
        if len(curves) > 1:
            ax.legend(loc="upper left")
        if chart.options["circle"]:
            ax.add_patch(plots.Circle((0, 0), 1, fill=False, color=plots.INK, linewidth=1.5))
            ax.set_aspect("equal")
        ax.set(**labels)
    if chart.kind not in ("heat", "image"):
        ax.set(xlim=room["x"], ylim=room["y"])
    ax.set_title(to_mathtext(title), loc="left")


def to_mathtext(text):
    """The text for matplotlib: h_t and 10^−3 with a sub- and superscript."""
    return re.sub(r"([_^])([A-Za-z0-9+−]+)", r"$\1{\\mathregular{\2}}$", text.replace("$", r"\$"))
