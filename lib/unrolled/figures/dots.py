"""One measurement on several seeds, drawn whole: every seed is a dot, so no interval hides what lies between."""

import numpy as np

from unrolled.figures import plots


def dots(ax, found, *, xlabel, ylabel="cell", never="never", log=False):
    """A row for each name of found, {name: (seeds,) numbers}: a dot a seed, the first on top; the median is a bar.

    What is not finite stands as an open dot at the right edge, over the word `never`; log: a logarithmic axis.
    ValueError: a row without numbers, or no finite number at all.
    """
    rows = [np.where(np.isfinite(v), np.asarray(v, float), np.inf) for v in found.values()]
    finite = np.concatenate([row[np.isfinite(row)] for row in rows]) if rows else np.empty(0)
    if not finite.size or not all(row.size for row in rows):
        raise ValueError(f"found must be {{name: numbers}} with a finite one, got {found}")
    low, high = (np.log(finite) if log else finite).min(), (np.log(finite) if log else finite).max()
    edge = high + 0.15 * ((high - low) or abs(high) or 1)
    edge = np.exp(edge) if log else edge
    for place, row in enumerate(rows):
        known, heights = np.isfinite(row), place + np.linspace(-0.22, 0.22, row.size)  # apart, where numbers are equal
        ax.plot(row[known], heights[known], "o", color=plots.COLOURS["y"], alpha=0.7, ms=7)
        missed = {"color": plots.INK, "mfc": "w", "ms": 7, "label": f"{never}, at the edge"}
        ax.plot(np.full((~known).sum(), edge), heights[~known], "o", **missed)
        ax.plot([min(np.median(row), edge)], [place], "|", color=plots.INK, ms=28, mew=2.5, label="median")
    if log:
        ax.set_xscale("log")
    if any(np.isinf(row).any() for row in rows):
        ax.text(edge, 1.01, never, transform=ax.get_xaxis_transform(), ha="center", va="bottom", fontsize=14)
    ax.set_yticks(range(len(rows)), [str(name) for name in found])
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set(xlabel=xlabel, ylabel=ylabel)


def panels(tables, *, xlabel, ylabel, title, size):
    """A Figure of `dots` side by side, {heading: found}, under one title; the axis across is the same in all."""
    fig, axes = plots.figure(1, len(tables), size=size, sharex=True, squeeze=False)
    for ax, (heading, found) in zip(axes[0], tables.items()):
        dots(ax, found, xlabel=xlabel, ylabel="")
        ax.set_title(heading)
    fig.supylabel(ylabel)
    fig.suptitle(title)
    return fig
