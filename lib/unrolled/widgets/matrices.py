"""Numbers: matrices as small coloured tables with their names and shapes, before and after something happened."""

import numpy as np

from unrolled.figures import plots
from unrolled.widgets import base

SHOWN = 12  # rows, and columns, that a table shows at most
STILL = 34  # width of the still picture, in lines of a table


def numbers(arrays, after=None, *, title, digits=2):
    """Tables of arrays {name: array}, coloured blue to vermilion around zero; after: the same names, changed.

    title   says what is seen;   digits  behind the point
    An array is a number, a vector (shown as a row) or a matrix; of one larger than 12 by 12 the first corner is shown,
    and a line says so. Equal numbers have equal colours: the strongest is the largest absolute value of all.
    Arrow keys walk over the numbers, and the words below give each in full; space changes between before and after.
    ValueError: an empty, ragged or not finite array, more than two axes, other names or shapes after. TypeError: no
    dict, or no numbers.
    """
    if not isinstance(arrays, dict) or not arrays:
        raise TypeError(f"arrays must be a dict {{name: array}} with at least one, got {type(arrays).__name__}")
    if not isinstance(after, dict | None):
        raise TypeError(f"after must be a dict {{name: array}}, got {type(after).__name__}")
    if not isinstance(digits, int) or not 0 <= digits <= 6:
        raise ValueError(f"digits must be a whole number from 0 to 6, got {digits!r}")
    before = {str(name): _matrix(array, name) for name, array in arrays.items()}
    if after is not None:
        after = {str(name): _matrix(array, f"{name} after") for name, array in after.items()}
        for name in before.keys() | after.keys():
            shapes = [f[name].shape if name in f else "none" for f in (before, after)]
            if shapes[0] != shapes[1]:
                raise ValueError(f"after must hold the same names and shapes, got {name} {shapes[0]} and {shapes[1]}")
    shapes = {str(name): np.shape(array) for name, array in arrays.items()}
    return Numbers(before, after, shapes, str(title), digits)


class Numbers(base.Widget):
    """What `numbers` returns."""

    _esm = base.source("matrices")

    def __init__(self, before, after, shapes, title, digits):
        self._states, self._shapes, self._title, self._digits = [before, after], shapes, title, digits
        everything = [*before.values(), *(after or {}).values()]
        self._limit = float(max(np.abs(matrix).max() for matrix in everything)) or 1.0
        tables = []
        for name, matrix in before.items():
            states = [matrix] if after is None else [matrix, after[name]]
            table = {"name": name, "shape": _tuple(shapes[name]), "role": base.role(name)}
            table["whole"] = list(matrix.shape)
            tables.append(table | {"states": [s[:SHOWN, :SHOWN].tolist() for s in states]})
        super().__init__(scene={"title": title, "digits": digits, "limit": self._limit, "tables": tables})

    def still(self):
        """The tables before, side by side and line under line, as in the page."""
        before, _ = self._states
        fig, ax = plots.figure()
        left = top = depth = 0
        for name, matrix in before.items():
            part = matrix[:SHOWN, :SHOWN]
            texts = [[plots.decimal(value, self._digits) for value in row] for row in part]
            width = 0.6 + 0.3 * max(len(text) for row in texts for text in row)  # of a column; a line is 1 high
            head = f"{name} {_tuple(self._shapes[name])}{', its corner' if part.shape != matrix.shape else ''}"
            wide = max(width * part.shape[1], 0.32 * len(head))
            if left and left + wide > STILL:
                left, top = 0, top + depth + 2
                depth = 0
            ax.text(left, top + 0.6, head, va="center", parse_math=False)
            for (i, j), value in np.ndenumerate(part):
                share = 0.75 * value / self._limit  # 3/4 of the way: the ink stays readable on it
                colour = plots.DIVERGING((1 + share) / 2)
                box = {"align": "edge", "color": [colour], "edgecolor": plots.FAINT, "linewidth": 1}
                ax.bar(left + j * width, 1, width, top + 1 + i, **box)
                ax.text(left + (j + 1) * width - 0.2, top + 1.5 + i, texts[i][j], ha="right", va="center", fontsize=14)
            left, depth = left + wide + 0.8, max(depth, len(part))
            ax.set_xlim(0, max(left, ax.get_xlim()[1], 12))
        ax.set_ylim(top + depth + 1.1, 0)
        fig.set_size_inches(0.42 * ax.get_xlim()[1], 0.42 * (top + depth + 1.1) + 0.6)
        ax.axis("off")
        ax.set_title(self._title, loc="left")
        ranges = (f"{name} from {base.number(m.min())} to {base.number(m.max())}" for name, m in before.items())
        return fig, f"{self._title}. Tables of numbers: {'; '.join(ranges)}."

    def __repr__(self):
        named = ", ".join(f"{name} {_tuple(shape)}" for name, shape in self._shapes.items())
        return f"numbers({named}{', before and after' if self._states[1] else ''})"


def _matrix(array, name):
    array = base.check_finite(array, name)
    if array.ndim > 2:
        raise ValueError(f"{name} must have at most two axes, got shape {array.shape}: show one step of it, {name}[0]")
    return np.atleast_2d(array)


def _tuple(shape):
    return str(tuple(int(n) for n in shape))
