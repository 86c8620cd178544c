"""Figures: the course's style, and drawing functions from arrays to Axes. The diagrams stand in diagrams.py.

    fig, ax = plots.figure()
    plots.lines(ax, {"tanh": losses}, xlabel="step", ylabel="loss (nats)")
    ax.set_title("The loss falls below the baseline")
    plots.show(fig, alt="Loss over 500 steps: it falls from 4.2 to 1.9 nats, below the baseline of 2.4.")

A drawing function takes the Axes and arrays, sets the labels that it knows, and leaves the title, which says the
figure's one message, to the lesson. A wrong shape is a ValueError that states the law and the value.
"""

import html
import io
from base64 import b64encode
from pathlib import Path

import numpy as np
from matplotlib import colormaps, font_manager, rcParams
from matplotlib import pyplot as plt
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from matplotlib.ticker import MaxNLocator

from unrolled.figures import tables

FONT = "Unrolled Sans KR"
FONT_FILE = Path(__file__).parent / "fonts" / "UnrolledSansKR.otf"

# The lecture's red, green and blue in Okabe and Ito's palette, which colour-blind readers can tell apart.
COLOURS = {
    "x": "#D55E00",  # input: vermilion
    "h": "#009E73",  # state: green
    "y": "#0072B2",  # output: blue
    "c": "#E69F00",  # cell: orange
    "gate": "#56B4E9",  # gates: sky blue
    "gradient": "#CC79A7",  # gradients: purple
    "weight": "#000000",  # weights: black
    "target": "#F0E442",  # targets: yellow, on dark
}
INK, FAINT = "#222222", "#8A8A8A"
CYCLE = [COLOURS[role] for role in ("y", "x", "h", "c", "gradient", "gate", "weight")]
DASHES = ["-", "--", "-.", ":", (0, (7, 2, 1, 2, 1, 2)), (0, (2, 1)), (0, (9, 3))]  # told apart without colour, too
DIVERGING = LinearSegmentedColormap.from_list("unrolled", [COLOURS["y"], "white", COLOURS["x"]], N=257)
SEQUENTIAL = colormaps["cividis"]


def style():
    """Set the course's font, type sizes and colours. Called once, in a lesson's imports cell."""
    font_manager.fontManager.addfont(FONT_FILE)
    rcParams.update(
        {
            "font.family": [FONT, "DejaVu Sans"],  # ours first: a string with $…$ uses the first family alone
            "font.size": 16,
            "axes.titlesize": 18,
            "axes.titlepad": 12,
            "figure.titlesize": 19,
            "axes.labelsize": 16,
            "xtick.labelsize": 14,
            "ytick.labelsize": 14,
            "legend.fontsize": 14,
            "figure.figsize": (9, 4.5),
            "figure.dpi": 100,
            "figure.constrained_layout.use": True,  # no label is cut off
            "figure.facecolor": "white",  # a figure stays readable on a dark theme
            "text.color": INK,
            "axes.labelcolor": INK,
            "axes.edgecolor": FAINT,
            "xtick.color": INK,
            "ytick.color": INK,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "axes.axisbelow": True,
            "grid.color": "#DDDDDD",
            "lines.linewidth": 2.5,
            "lines.markersize": 8,
            "legend.frameon": False,
            "axes.prop_cycle": plt.cycler(color=CYCLE, linestyle=DASHES),
            "image.cmap": "cividis",
        }
    )


def figure(rows=1, columns=1, *, size=None, **subplots):
    """A Figure in the course's layout, and its Axes (an array of them where there are several); size in inches."""
    fig = Figure(figsize=size)
    return fig, fig.subplots(rows, columns, **subplots)


def show(fig, *, alt):
    """Display a figure with its alt text, then close it.

    alt says in words what the picture shows, for readers who do not see it. It goes into the output's metadata
    ({"image/png": {"alt": …}}) and into an <img alt="…">, the form that JupyterLab and exported pages read out. Below
    the picture its numbers stand as a table, folded (tables.py).
    ValueError: no alt text, no title, or axes with data that lack a label.
    """
    from IPython.display import display

    data, metadata = bundle(fig, alt=alt)
    display(data, raw=True, metadata=metadata)
    plt.close(fig)


def bundle(fig, *, alt):
    """What Jupyter displays of a figure: ({MIME type: data}, metadata). Checks what `show` checks."""
    _check_labels(fig)
    data, metadata = _render(fig, alt)
    return data | {"text/html": data["text/html"] + tables.to_html(fig)}, metadata


def image(fig, *, alt):
    """A figure as <img alt="…">: a small picture for a cell of an HTML table, which stands in place of its title."""
    return _render(fig, alt)[0]["text/html"]


def _render(fig, alt):
    if not isinstance(alt, str) or len(alt.split()) < 4:
        raise ValueError(f"alt must say in a sentence what the figure shows, got {alt!r}")
    width = round(fig.get_figwidth() * fig.dpi)  # in CSS pixels; the picture has twice as many
    buffer = io.BytesIO()
    fig.savefig(buffer, format="png", dpi=2 * fig.dpi)
    source = f"data:image/png;base64,{b64encode(buffer.getvalue()).decode()}"
    style = "max-width:100%;height:auto;margin-top:.5em"  # its title stands apart from what is printed above
    image = f'<img alt="{html.escape(alt)}" width="{width}" style="{style}" src="{source}">'
    data = {"image/png": buffer.getvalue(), "text/html": image, "text/plain": f"Figure: {alt}"}
    return data, {"image/png": {"alt": alt, "width": width}}


def _check_labels(fig):
    shown = [ax for ax in fig.axes if ax.get_visible()]
    if not fig.get_suptitle() and not any(ax.get_title(loc) for ax in shown for loc in ("left", "center", "right")):
        raise ValueError("a figure must have a title that says its message: ax.set_title(…) or fig.suptitle(…)")
    for number, ax in enumerate(shown):
        if not (ax.axison and ax.has_data()) or hasattr(ax, "_colorbar"):
            continue
        for axis, shared, whole in (
            ("x", ax.get_shared_x_axes(), fig.get_supxlabel()),
            ("y", ax.get_shared_y_axes(), fig.get_supylabel()),
        ):
            if not whole and not any(getattr(a, f"get_{axis}label")() for a in shared.get_siblings(ax)):
                raise ValueError(f"axes {number} must have an {axis} label with its unit: ax.set_{axis}label(…)")


def tint(colour, amount=0.25):
    """The colour mixed with white: a ground on which dark text can be read."""
    return tuple(1 - amount * (1 - np.array(to_rgb(colour))))


def lines(ax, curves, *, x=None, xlabel, ylabel, levels=None, log=False, ordered=False, marker=None, legend=True):
    """Curves {label: values} over x (1, 2, … where x is None), and levels {label: value} as horizontal lines.

    log      a logarithmic y axis; a value of exactly 0, which it cannot hold, stands as ▼ at its foot
    ordered  colours from dark to light (not the lightest, which are faint on white), for one growing quantity
    legend   to the right, where it hides nothing; False where a neighbour has the same one
    """
    if not curves:
        raise ValueError("curves must hold at least one {label: values}, got none")
    for number, (label, values) in enumerate(curves.items()):
        values = np.asarray(values, float)
        across = np.arange(1, values.size + 1) if x is None else np.asarray(x)
        if values.shape != (len(across),):
            raise ValueError(f"curve {label!r} must be ({len(across)},) like x, got {values.shape}")
        colour = {"color": SEQUENTIAL(0.62 * number / max(1, len(curves) - 1))} if ordered else {}
        heights = np.where(values == 0, np.nan, values) if log else values
        (line,) = ax.plot(across, heights, label=str(label), marker=marker, **colour)
        if log and (values == 0).any():
            zeros = across[values == 0]
            at_foot = {"transform": ax.get_xaxis_transform(), "markevery": len(zeros) // 20 + 1}
            ax.plot(zeros, np.full(len(zeros), 0.03), "v", linestyle="none", color=line.get_color(), **at_foot)
    for number, (label, value) in enumerate((levels or {}).items()):
        ax.axhline(value, color=INK, linewidth=1.5, linestyle=DASHES[1 + number % 6], label=str(label))
    if log:
        ax.set_yscale("log")
    ax.set(xlabel=xlabel, ylabel=ylabel)
    if legend and len(curves) + len(levels or {}) > 1:
        _legend(ax)


def losses(ax, curves, *, baselines=None, ylabel="loss (nats)", **options):
    """Training curves {label: loss at each step} beside baselines {label: loss}; options as for `lines`."""
    lines(ax, curves, xlabel="step", ylabel=ylabel, levels=baselines, **options)


def gradient_flow(ax, norms, *, ordered=True, **options):
    """{label: ‖dL/dh_t‖ for t = 1 … T} on a logarithmic axis: how far back a gradient reaches; options as `lines`."""
    ylabel = r"$\|\partial L\,/\,\partial h_t\|$"
    lines(ax, norms, xlabel="time step t", ylabel=ylabel, log=True, ordered=ordered, **options)


def _legend(ax):
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1), borderaxespad=0)


def series(ax, times, values, forecasts=None, *, xlabel, ylabel):
    """An observed series in black, and forecasts {label: (times, values)} over it."""
    everything = {"observed": (times, values), **(forecasts or {})}
    for label, (when, what) in everything.items():
        if np.ndim(what) != 1 or len(when) != len(what):
            raise ValueError(f"{label!r} must be ({len(when)},) like its times, got {np.shape(what)}")
    ax.plot(times, values, color=INK, linestyle="-", linewidth=1.8, marker="o", markersize=4, label="observed")
    for label, (when, what) in (forecasts or {}).items():
        ax.plot(when, what, label=str(label))
    ax.set(xlabel=xlabel, ylabel=ylabel)
    _legend(ax)


def heat(ax, matrix, *, rows=None, columns=None, xlabel, ylabel, limit=None, numbers=None, digits=2):
    """A matrix as colours; rows and columns are the names on the axes.

    A matrix with a negative number is coloured blue to vermilion around a white zero, any other one dark to light.
    limit    the value of the strongest colour (the largest absolute value where None); set it to compare figures
    numbers  whether the numbers are written in (where None: if there are at most 100)
    Returns the image, for fig.colorbar.
    """
    matrix = np.asarray(matrix, float)
    if matrix.ndim != 2 or matrix.size == 0:
        raise ValueError(f"matrix must be (rows, columns), both at least 1, got {matrix.shape}")
    signed = (matrix < 0).any()
    limit = limit or np.abs(matrix).max() or 1
    cmap = DIVERGING if signed else SEQUENTIAL
    picture = ax.imshow(matrix, cmap=cmap, vmin=-limit if signed else 0, vmax=limit, aspect="auto")
    for axis, names, n in ((ax.yaxis, rows, matrix.shape[0]), (ax.xaxis, columns, matrix.shape[1])):
        axis.set_major_locator(MaxNLocator(integer=True))
        if names is not None:
            if len(names) != n:
                raise ValueError(f"the matrix {matrix.shape} must have {n} names here, got {len(names)}: {names}")
            axis.set_ticks(range(n), [str(name) for name in names])
    if numbers or (numbers is None and matrix.size <= 100):
        for (i, j), value in np.ndenumerate(matrix):
            dark = np.dot(picture.cmap(picture.norm(value))[:3], (0.299, 0.587, 0.114)) < 0.5
            ax.text(j, i, decimal(value, digits), ha="center", va="center", color="white" if dark else INK)
    ax.grid(False)
    ax.spines[:].set_visible(False)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    return picture


def bars(ax, names, values, intervals=None, *, xlabel, ylabel, published=None):
    """A horizontal bar for each name; intervals (low, high) as whiskers; published figures (None where there is none)
    as black diamonds beside the measured ones."""
    values, at = np.asarray(values, float), np.arange(len(names))
    if values.shape != (len(names),):
        raise ValueError(f"values must be ({len(names)},), one for each name, got {values.shape}")
    ax.barh(at, values, color=COLOURS["y"], height=0.6, label="measured")
    if intervals is not None:
        low, high = np.asarray(intervals, float).T
        if not ((low <= values) & (values <= high)).all():
            raise ValueError(f"intervals must be (low, high) around the values {values}, got {intervals}")
        ax.errorbar(values, at, xerr=(values - low, high - values), fmt="none", ecolor=INK, capsize=6)
    if published is not None:
        known = [(value, place) for place, value in enumerate(published) if value is not None]
        ax.plot(*zip(*known), "D", color=COLOURS["weight"], linestyle="none", label="published")
        _legend(ax)
    ax.set_yticks(at, [str(name) for name in names])
    ax.invert_yaxis()
    ax.grid(False, axis="y")
    ax.set(xlabel=xlabel, ylabel=ylabel)


def eigenvalues(ax, spectra):
    """Eigenvalues {label: complex (H,)} and the unit circle, outside which a mode grows."""
    ax.add_patch(Circle((0, 0), 1, fill=False, color=INK, linewidth=1.5))
    for (label, values), marker in zip(spectra.items(), "o^sDvPX"):
        values = np.asarray(values, complex)
        name = rf"{label} ($\rho$ = {np.abs(values).max():.2f})"
        ax.plot(values.real, values.imag, marker, linestyle="none", label=name, alpha=0.8)
    ax.set_aspect("equal", adjustable="datalim")
    ax.set(xlabel="real part", ylabel="imaginary part")
    _legend(ax)


def phase_plane(ax, hs):
    """The states of a two-unit network in the plane: hs (T, 2), or (T, N, 2) for N trajectories.

    A ring marks the first state; the points go from dark to light with time.
    """
    hs = np.asarray(hs, float)
    if hs.ndim not in (2, 3) or hs.shape[-1] != 2:
        raise ValueError(f"hs must be (T, 2) or (T, N, 2), got {hs.shape}")
    hs = hs.reshape(len(hs), -1, 2)
    colours = SEQUENTIAL(np.linspace(0, 0.9, len(hs)))
    for path in hs.swapaxes(0, 1):
        ax.plot(*path.T, color=FAINT, linestyle="-", linewidth=1)
        ax.scatter(*path.T, c=colours, s=60, zorder=3)
        ax.plot(*path[0], "o", color=INK, markersize=13, fillstyle="none", markeredgewidth=2)
    ax.annotate("first", hs[0, 0], xytext=(0, -11), textcoords="offset points", ha="center", va="top")
    reach = max(1, np.abs(hs).max()) * 1.15
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", xlabel="$h_1$", ylabel="$h_2$")


def decimal(value, digits=2):
    """A number with a true minus sign, and no sign on a zero."""
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "−")
