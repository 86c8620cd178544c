"""TextHeat: a text whose characters are coloured by a number each: a cell's state over a text, a probability."""

import functools
import unicodedata

import numpy as np

from unrolled.figures import plots
from unrolled.widgets import base

SHOWN = 5000  # characters of a text
CELLS = 512  # series over it
STILL = (64, 12)  # columns and lines of the still picture
MONO = "DejaVu Sans Mono"  # comes with matplotlib


def text_heat(text, values, *, title, names=None, limit=None, colours="diverging"):
    """A text, each character coloured by its number; a slider and a list choose which cell's numbers are seen.

    text     of T characters, a line break and a space among them: Python's count, so a Hangul syllable is one
    values   (T,), or (T, K): K series over the same text, 512 at most
    names    of the K series; without them "cell 0", "cell 1", …
    limit    the number with the strongest colour, for every series; None: each series' own largest absolute value
    colours  "diverging": blue below zero, vermilion above, negative ones underlined as well; "sequential": dark at zero
             to light at the limit, for probabilities
    Of a longer text the first 5000 characters are shown, and a line says so. Left and right walk over the characters,
    home and end go to the first and the last, up and down change the cell.
    ValueError: no text, other lengths, NaN, more than 512 series, a limit that is not above zero, a negative number
    under "sequential". TypeError: text that is no str, values that are no numbers.
    """
    if not isinstance(text, str):
        raise TypeError(f"text must be a str, got {type(text).__name__}")
    values = base.check_finite(values, "values")
    if values.ndim not in (1, 2) or len(values) != len(text):
        raise ValueError(f"values must be of shape (T,) or (T, K), T = {len(text)} as the text, got {values.shape}")
    values = values.reshape(len(text), -1)
    if values.shape[1] > CELLS:
        raise ValueError(f"values must have at most {CELLS} series, got {values.shape[1]}: choose some, values[:, ::2]")
    names = [f"cell {k}" for k in range(values.shape[1])] if names is None else [str(name) for name in names]
    if len(names) != values.shape[1]:
        raise ValueError(f"names must be one for each of the {values.shape[1]} series, got {len(names)}")
    if colours not in ("diverging", "sequential"):
        raise ValueError(f'colours must be "diverging" or "sequential", got {colours!r}')
    if colours == "sequential" and values.min() < 0:
        raise ValueError(f'values must not be negative under colours="sequential", got {values.min()}')
    if limit is not None and not 0 < limit < np.inf:
        raise ValueError(f"limit must be a number above zero, or None, got {limit!r}")
    return TextHeat(text, values, str(title), names, limit, colours)


class TextHeat(base.Widget):
    """What `text_heat` returns."""

    _esm = base.source("tables", "coloured_text")
    _css = base.Widget._css + (base.FOLDER / "coloured_text.css").read_text("utf-8")

    def __init__(self, text, values, title, names, limit, colours):
        self._whole, self._text, self._values = text, text[:SHOWN], values[:SHOWN]
        self._title, self._names, self._colours = title, names, colours
        own = np.abs(self._values).max(axis=0)
        self._limits = np.where(own > 0, own, 1.0) if limit is None else np.full(len(names), float(limit))
        scene = {"title": title, "text": self._text, "names": names, "colours": colours, "length": len(text)}
        series = base.to_binary(self._values.T, "values", most=SHOWN * CELLS)  # a series stands in one piece
        super().__init__(scene=scene | {"limits": self._limits.tolist(), "series": series})

    def still(self):
        """The first lines of the text, coloured by the first series."""
        places, rows = _places(self._text, *STILL)
        limit, first = self._limits[0], self._values[: len(places), 0]
        diverging = self._colours == "diverging"
        parts = np.clip(first / limit, -1, 1)
        fills = plots.DIVERGING(0.5 + 0.375 * parts) if diverging else plots.SEQUENTIAL(np.clip(parts, 0, 1))
        fig, ax = plots.figure(size=(12, 1.4 + 0.42 * rows))
        columns, tops, widths = np.transpose(places)
        ax.bar(columns, 1, widths, tops, align="edge", color=fills, linewidth=0)
        for (column, row, width), character, part in zip(places, self._text, parts):
            ink = plots.INK if diverging else "white" if part < 0.5 else "black"
            shown = _visible(character)
            middle = {"ha": "center", "va": "center", "color": plots.FAINT if shown in "↵⇥" else ink}
            ax.text(
                column + width / 2, row + 0.5, shown, parse_math=False, fontsize=13, family=[MONO, plots.FONT], **middle
            )
            if diverging and part < 0:
                ax.plot([column + 0.1, column + width - 0.1], [row + 0.93] * 2, color=ink, linewidth=1, linestyle="-")
        ax.set(xlim=(0, STILL[0]), ylim=(rows, 0))
        ax.axis("off")
        ax.set_title(f"{self._title}: {self._names[0]}", loc="left")
        signs = ", negative ones underlined" if diverging else ""
        low, high = base.number(first.min()), base.number(first.max())
        words = f"{self._title}. The first {len(places)} of {len(self._whole)} characters, coloured by {self._names[0]}"
        return fig, f"{words} (from {low} to {high}{signs})."

    def __repr__(self):
        series = self._names[0] if len(self._names) == 1 else f"{len(self._names)} series"
        return f"text_heat({len(self._whole)} characters, {series})"


def _places(text, columns, lines):
    """(column, row, width) of each character that fits, and how many rows they fill; wide characters take two."""
    places, row, column = [], 0, 0
    for character in text:
        wide = unicodedata.east_asian_width(character) in "WF"
        width = 4 - column % 4 if character == "\t" else 2 if wide else 0 if unicodedata.combining(character) else 1
        if column + width > columns:
            row, column = row + 1, 0
        if row == lines:
            break
        places.append((column, row, width))
        column += width
        if character == "\n":
            row, column = row + 1, 0
    return places, places[-1][1] + 1


def _visible(character):
    """A character as it can be drawn: a mark for a line break and a tab, a box for one that the course's fonts lack."""
    known = {"\n": "↵", "\t": "⇥"}.get(character)
    return known or (character if any(font.get_char_index(ord(character)) for font in _fonts()) else "□")


@functools.cache
def _fonts():
    return [plots.font_manager.get_font(path) for path in (plots.font_manager.findfont(MONO), plots.FONT_FILE)]
