"""The numbers of a figure as tables, for whoever does not see it: read from what matplotlib holds on its Axes.

A table is heard cell by cell, and nobody hears a thousand. So it has about 40 rows: of longer columns those at even
steps, the first and the last, and where each column is lowest and highest. The whole series is in the notebook.
"""

from html import escape

import numpy as np
from matplotlib.category import StrCategoryFormatter
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgba
from matplotlib.container import BarContainer
from matplotlib.ticker import FixedFormatter, FixedLocator, FuncFormatter

ROWS, COLUMNS = 40, 12  # as in widgets/base.js
SUMMARY = "the numbers as a table"


def number(value):
    """A number as tables and widgets show it: four significant digits, and a true minus sign. `number` in base.js."""
    size = abs(value)
    text = f"{float(f'{value:.4g}'):g}" if size == 0 or 1e-4 <= size < 1e5 else f"{value:.3e}"
    mantissa, _, exponent = text.partition("e")
    return (f"{mantissa}e{int(exponent)}" if exponent else mantissa.rstrip()).replace("-", "−")


def to_html(fig):
    """The tables of all Axes of a figure, folded; "" where none holds numbers, as in a diagram or a photograph."""
    shown = [ax for ax in fig.axes if ax.get_visible() and ax.axison and not hasattr(ax, "_colorbar")]
    found = "".join(_table(*table) for ax in shown for table in _tables(ax))
    return found and f'<details class="numbers"><summary>{SUMMARY}</summary>{found}</details>'


def _tables(ax):
    """(caption, heads, columns) of each table that Axes ask for."""
    title = " ".join(filter(None, (ax.get_title(loc) for loc in ("left", "center", "right"))))
    title, xlabel, ylabel = title or ax.figure.get_suptitle(), _label(ax, "x"), _label(ax, "y")
    for picture in ax.images:
        matrix = np.ma.filled(np.ma.asarray(picture.get_array(), float), np.nan)
        if matrix.ndim == 2:
            rows, across = (
                _names(axis, range(n)) or [*range(n)] for axis, n in zip((ax.yaxis, ax.xaxis), matrix.shape)
            )
            places = _even(len(across), COLUMNS)
            left_out = f"{len(places)} of {len(across)} columns" if len(places) < len(across) else ""
            heads = [f"{ylabel} \\ {xlabel}", *(str(across[j]) for j in places)]
            yield _sentences(title, left_out), heads, [rows, *matrix[:, places].T]
    curves, levels = _curves(ax)
    if not curves:
        return
    labels, xs, ys = zip(*curves)
    names = _names(ax.yaxis, np.concatenate(ys))
    if not names and all(np.array_equal(x, xs[0]) for x in xs):
        across = _names(ax.xaxis, xs[0]) or xs[0]
        heads = [label or ylabel for label in labels] if len(curves) > 1 else [ylabel]
        yield _sentences(title, ylabel if len(curves) > 1 else labels[0], *levels), [xlabel, *heads], [across, *ys]
        return
    heads, columns = [xlabel, ylabel], [_names(ax.xaxis, np.concatenate(xs)) or np.concatenate(xs), np.concatenate(ys)]
    if names:
        heads, columns = [ylabel, xlabel], [names, np.concatenate(xs)]
    if any(labels):
        heads, columns = ["", *heads], [np.repeat(labels, [len(x) for x in xs]).tolist(), *columns]
    yield _sentences(title, *levels), heads, columns


def _curves(ax):
    """[(label, xs, ys)] of all that is drawn in the units of the data, and the levels and marks, each in words."""
    curves, levels, zeros = [], [], []
    for line in ax.lines:
        label = "" if line.get_label().startswith("_") else line.get_label()
        xs, ys = (np.array(part, float) for part in line.get_data(orig=False))
        across, up = line.get_transform().contains_branch_seperately(ax.transData)
        if across and up:
            curves.append((label, xs, ys, to_rgba(line.get_color())))
        elif line.get_marker() == "v":  # how plots.lines draws a zero on a logarithmic axis
            zeros.append((to_rgba(line.get_color()), xs))
        elif across or up:
            levels.append(f"{label or 'a line at'} {number((xs if across else ys)[0])}")
    for colour, where in zeros:
        curves = [(n, xs, np.where(np.isin(xs, where), 0, ys) if c == colour else ys, c) for n, xs, ys, c in curves]
    found = [curve[:3] for curve in curves]
    for bars in (one for one in ax.containers if isinstance(one, BarContainer)):
        upright = bars.orientation == "vertical"
        middles = [p.get_x() + p.get_width() / 2 if upright else p.get_y() + p.get_height() / 2 for p in bars.patches]
        named = [part.get_label() for part in (bars, *bars.patches)]  # a histogram's name is its first bar's
        label = next((name for name in named if name and not name.startswith("_")), "")
        places, values = np.array(middles), np.array(bars.datavalues, float)
        found.append((label, places, values) if upright else (label, values, places))
    clouds = [("", *np.ma.filled(c.get_offsets(), np.nan).T) for c in ax.collections if isinstance(c, PathCollection)]
    kept, known = [], set()
    for label, xs, ys in [*found, *clouds]:
        points = set(zip(xs, ys))
        if len(xs) and (label or not points <= known):  # a mark around points that are there is no news
            kept.append((label, xs, ys))
        known |= points
    return kept, levels


def _label(ax, axis):
    """The label of an axis: its own, a neighbour's with whom it is shared, or the figure's."""
    shared = getattr(ax, f"get_shared_{axis}_axes")().get_siblings(ax)
    own = [text for a in (ax, *shared) if (text := getattr(a, f"get_{axis}label")())]
    return [*own, getattr(ax.figure, f"get_sup{axis}label")()][0]


def _names(axis, values):
    """What the axis calls each value, where its ticks have names and each value stands at one of them; else None."""
    form, fixed = axis.get_major_formatter(), isinstance(axis.get_major_locator(), FixedLocator)
    if not isinstance(form, StrCategoryFormatter) and not (fixed and isinstance(form, FixedFormatter | FuncFormatter)):
        return None
    ticks = {at: text.get_text() for at, text in zip(axis.get_majorticklocs(), axis.get_majorticklabels())}
    if not ticks:  # those of an axis that shares its ticks with the one below
        return None
    near = [min(ticks, key=lambda at: abs(at - value)) for value in values]
    return [ticks[at] for at in near] if all(abs(at - v) < 0.3 for at, v in zip(near, values)) else None


def _even(length, most):
    """At most so many of the places 0 … length - 1, at even steps, with the first and the last."""
    return np.unique(np.linspace(0, length - 1, min(length, most)).round().astype(int))


def _rows_to_show(columns):
    """The rows that a table shows, see above."""
    rows = set(_even(len(columns[0]), ROWS))
    if len(rows) < len(columns[0]):
        for column in columns:
            if isinstance(column, np.ndarray) and np.isfinite(column).any():
                rows |= {np.nanargmin(column), np.nanargmax(column)}
    return sorted(int(row) for row in rows)


def _text(value):
    """A cell's text: a whole number as it is, none for NaN."""
    if isinstance(value, str):
        return value
    if not np.isfinite(value):
        return "none" if np.isnan(value) else "∞" if value > 0 else "−∞"
    return f"{value:.0f}".replace("-", "−") if value == int(value) and abs(value) < 1e6 else number(value)


def _sentences(*parts):
    return ". ".join(part for part in parts if part)


def _table(caption, heads, columns):
    """The HTML of a table: its first column names the rows."""
    rows, length = _rows_to_show(columns), len(columns[0])
    if len(rows) < length:
        caption += f". {len(rows)} of {length} rows: at even steps, and where a column is lowest and highest"
    head = "".join(f'<th scope="col">{escape(text)}</th>' if text else "<td></td>" for text in heads)
    body = ""
    for row in rows:
        first, *others = (escape(_text(column[row])) for column in columns)
        body += f'<tr><th scope="row">{first}</th>{"".join(f"<td>{text}</td>" for text in others)}</tr>'
    return f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
