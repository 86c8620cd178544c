"""Diagrams: boxes and arrows for sequences and unrolled networks, drawn on Axes by code.

Every diagram is a table of boxes and arrows which `diagram` draws, in the colours of the roles (plots.COLOURS).
One unit is the width of a box; the type is drawn as large as the axes allow.
"""

from typing import NamedTuple

import numpy as np
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle

from unrolled.figures.plots import COLOURS, FAINT, INK, decimal, heat, tint

TYPE = 0.24  # the height of the type, in units
LARGEST, WISHED, LEAST = 18, 11, 9  # in points; below the least, nobody in the last row can read it


class Box(NamedTuple):
    """A box around its middle (x, y). Without a role it is grey; with the role "text" there is no box at all."""

    x: float
    y: float
    role: str | None = None
    text: str = ""
    width: float = 0.7
    height: float = 0.6
    align: str = "center"


class Arrow(NamedTuple):
    """An arrow between two boxes, or from one to itself. bend curves it to its left (+) or right (-)."""

    start: str
    end: str
    text: str = ""
    role: str | None = None
    bend: float = 0


def diagram(ax, boxes, arrows=(), *, margin=0.15, type_height=TYPE):
    """Draw {name: Box} and the Arrows between them, on axes without scales.

    ValueError: an arrow that names no box, or so many boxes that the type would fall below LEAST points.
    """
    edges = np.array([(b.x + s * b.width / 2, b.y + s * b.height / 2) for b in boxes.values() for s in (-1, 1)])
    low, high = edges.min(0) - margin, edges.max(0) + margin
    if any(arrow.start == arrow.end for arrow in arrows):
        high[0] += 0.6
    ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), aspect="equal", anchor="N")
    ax.set_axis_off()
    size = _type_size(ax, high - low, type_height, any(box.text for box in boxes.values()))
    patches = {name: _box(ax, box, size) for name, box in boxes.items()}
    for arrow in arrows:
        if unknown := {arrow.start, arrow.end} - boxes.keys():
            raise ValueError(f"an arrow must join two of the boxes {list(boxes)}, got {sorted(unknown)}")
        _arrow(ax, arrow, boxes, patches, size)


def _type_size(ax, extent, type_height, has_text):
    """The type's height in points, where the axes, which a title makes lower, show this extent."""
    inches = ax.figure.get_size_inches()
    room = 72 * inches * ax.get_position(original=True).size * (1.23, 1.08)
    size = type_height * min(room / extent)
    if size < LEAST and has_text:
        width, height = np.ceil(inches * extent / room * WISHED / type_height)
        raise ValueError(
            f"a diagram's type must be at least {LEAST} points, got {size:.1f}: "
            f"draw fewer steps, or give the figure size=({width:.0f}, {height:.0f})"
        )
    return min(size, LARGEST)


def _box(ax, box, size):
    colour = COLOURS.get(box.role, FAINT)
    shape = FancyBboxPatch(
        (box.x - box.width / 2, box.y - box.height / 2),
        box.width,
        box.height,
        boxstyle="round,pad=0,rounding_size=0.08",
        facecolor=tint(colour) if box.role != "weight" else "white",
        edgecolor=colour,
        linewidth=2,
        zorder=2,
        visible=box.role != "text",
    )
    ax.add_patch(shape)
    foot = {"y": box.y - box.height / 2, "va": "baseline"} if box.role == "text" else {"y": box.y, "va": "center"}
    ax.text(box.x, s=box.text, **foot, ha=box.align, fontsize=size, linespacing=1.25, zorder=3)
    return shape


def _arrow(ax, arrow, boxes, patches, size):
    start, end = boxes[arrow.start], boxes[arrow.end]
    here, there = np.array(start[:2]), np.array(end[:2])
    to_itself = arrow.start == arrow.end
    if to_itself:
        here, there = here + (start.width / 2, 0.15), here + (start.width / 2, -0.15)
    ends = {} if to_itself else {"patchA": patches[arrow.start], "patchB": patches[arrow.end]}
    line = FancyArrowPatch(
        here,
        there,
        **ends,
        shrinkA=2,
        shrinkB=3,
        arrowstyle="-|>",
        mutation_scale=size,
        connectionstyle=f"arc3,rad={-2.2 if to_itself else -arrow.bend}",
        color=COLOURS.get(arrow.role, INK),
        linewidth=2,
        zorder=1,
    )
    ax.add_patch(line)
    if arrow.text:
        length = np.hypot(*(there - here))
        aside = np.array([here[1] - there[1], there[0] - here[0]]) / length  # to the arrow's left …
        place = (here + there) / 2 + arrow.bend / 2 * length * aside
        aside = -aside if aside[0] < -0.7 and not to_itself else aside  # … or, of one that goes up, to its right
        place += (0.45, 0) if to_itself else 0.2 * aside * (0.6 if abs(aside[0]) > 0.7 else 1)
        align = "left" if abs(aside[0]) > 0.5 else "center"
        ax.text(*place, arrow.text, ha=align, va="center", fontsize=size, zorder=3)


def sequence_shapes(ax):
    """The lecture's five shapes: which steps have an input, and which an output."""
    shapes = {  # title: (an example, place, row, steps with an input, steps with an output, number of steps)
        "one to one": ("image → class", 0, 1, [0], [0], 1),
        "one to many": ("image → caption", 2.6, 1, [0], [0, 1, 2], 3),
        "many to one": ("review → mood", 6.8, 1, [0, 1, 2], [2], 3),
        "aligned many to many": ("word → its part of speech", 0.6, 0, [0, 1, 2], [0, 1, 2], 3),
        "encoder and decoder": ("sentence → translation", 5.2, 0, [0, 1, 2], [3, 4], 5),
    }
    boxes, arrows = {}, []
    for title, (example, left, row, inputs, outputs, steps) in shapes.items():
        low, middle = 3.7 * row, left + (steps - 1) / 2
        boxes[title] = Box(middle, low + 2.82, "text", title, 2.4, 0.3)
        boxes[example] = Box(middle, low + 2.5, "text", example, 2.4, 0.3)
        for t in range(steps):
            for role, height, there in (("x", 0, t in inputs), ("h", 0.95, True), ("y", 1.9, t in outputs)):
                if there:
                    boxes[title, role, t] = Box(left + t, low + height, role, f"${role}$", 0.55, 0.55)
            arrows += [Arrow((title, "x", t), (title, "h", t))] if t in inputs else []
            arrows += [Arrow((title, "h", t), (title, "y", t))] if t in outputs else []
            arrows += [Arrow((title, "h", t - 1), (title, "h", t))] if t else []
    diagram(ax, boxes, arrows)


def unrolled_network(ax, xs, hs, ys=None, *, h0=None, inputs=None, outputs=None, targets=None, digits=2):
    """A network unrolled over time with its numbers in the boxes and W_xh, W_hh, W_hy on the arrows.

    xs (T, D), hs (T, H), ys (T, O): one sequence, no batch axis; h0 (H,) adds the first state.
    inputs, outputs: T names that stand below x_t and above y_t. targets (T,): the place in y_t that is to be marked.
    """
    rows = [(role, np.asarray(a, float)) for role, a in (("x", xs), ("h", hs), ("y", ys)) if a is not None]
    T = len(rows[0][1])
    for role, values in rows:
        if values.ndim != 2 or len(values) != T:
            raise ValueError(f"{role}s must be (T, ·) = ({T}, ·), got {values.shape}")
    for names in (inputs, outputs):
        if names is not None and len(names) != T:
            raise ValueError(f"inputs and outputs must be T = {T} names, got {len(names)}: {names}")
    boxes, arrows, middle = {}, [], {}
    top = 0
    for role, values in rows:
        height = 0.32 * values.shape[1] + 0.2
        middle[role], top = top + height / 2, top + height + 0.75
        for t in range(T):
            boxes[role, t] = Box(2 * t, middle[role], role, _column(values[t], digits), 0.95, height)
            name = f"${role}_{{{t + 1}}}$"
            boxes[role, t, "name"] = Box(2 * t - 0.3, middle[role] + height / 2 + 0.28, "text", name, 0.2, 0.3)
    if h0 is not None:
        boxes["h", -1] = Box(-2, middle["h"], "h", _column(np.asarray(h0), digits), 0.95, boxes["h", 0].height)
        boxes["h0"] = Box(-2.3, middle["h"] + boxes["h", 0].height / 2 + 0.28, "text", "$h_0$", 0.2, 0.3)
    for t in range(T):
        arrows += [Arrow(("x", t), ("h", t), "$W_{xh}$")]
        arrows += [Arrow(("h", t - 1), ("h", t), "$W_{hh}$")] if ("h", t - 1) in boxes else []
        arrows += [Arrow(("h", t), ("y", t), "$W_{hy}$")] if ys is not None else []
        if targets is not None:
            boxes["y", t] = boxes["y", t]._replace(text="")
            for k, text in enumerate(_column(ys[t], digits).splitlines()):
                place, shape = middle["y"] + 0.32 * ((len(ys[t]) - 1) / 2 - k), ("text", text, 0.85, 0.17)
                boxes["score", t, k] = Box(2 * t, place, *shape if k != targets[t] else ("target", text, 0.85, 0.3))
        if inputs is not None:
            boxes["input", t] = Box(2 * t, -0.25, "text", str(inputs[t]), 1.8, 0.4)
        if outputs is not None:
            boxes["output", t] = Box(2 * t + 0.05, top - 0.47, "text", f"→ {outputs[t]}", 1.2, 0.3, "left")
    diagram(ax, boxes, arrows)


def folded_and_unrolled(ax, T=3):
    """The network with its loop, and the same network unrolled over T steps: one set of weights, used T times."""
    boxes, arrows = {}, []
    for t in range(T + 1):  # t = 0 is the folded one
        left, name = (0, "t") if t == 0 else (1.9 + 1.5 * t, t)
        for role, y in (("x", 0), ("h", 1.3), ("y", 2.6)):
            boxes[role, t] = Box(left, y, role, f"${role}_{{{name}}}$")
        arrows += [Arrow(("x", t), ("h", t), "$W_{xh}$"), Arrow(("h", t), ("y", t), "$W_{hy}$")]
        arrows += [Arrow(("h", t - 1), ("h", t), "$W_{hh}$")] if t > 1 else []
    boxes["equal"] = Box(1.9, 1.2, "text", "=", 0.3, 0.2)
    diagram(ax, boxes, [*arrows, Arrow(("h", 0), ("h", 0), "$W_{hh}$")])


def elman_and_jordan(ax, T=3):
    """Elman feeds the state back into the state, Jordan feeds the output back into it."""
    boxes, arrows = {}, []
    for title, left, source, weight in (("Elman", 0, "h", "$W_{hh}$"), ("Jordan", 1.5 * T + 0.8, "y", "$W_{yh}$")):
        boxes[title] = Box(left + 0.75 * (T - 1), 3.4, "text", title, height=0.3)
        for t in range(T):
            for role, y in (("x", 0), ("h", 1.3), ("y", 2.6)):
                boxes[title, role, t] = Box(left + 1.5 * t, y, role, f"${role}_{{{t + 1}}}$")
            arrows += [Arrow((title, "x", t), (title, "h", t)), Arrow((title, "h", t), (title, "y", t))]
            arrows += [Arrow((title, source, t - 1), (title, "h", t), weight, role=source)] if t else []
    diagram(ax, boxes, arrows)


def bidirectional_network(ax, inputs, layers=1):
    """A network that reads `inputs`, T words, in both directions: two chains in each layer, and the read-out above.

    In each layer but the lowest both chains read both chains of the layer below.
    """
    T, boxes, arrows = len(inputs), {}, []
    below = [[("x", t)] for t in range(T)]
    for t, word in enumerate(inputs):
        boxes["x", t] = Box(3 * t, 0, "x", word, 1.2)
        boxes["y", t] = Box(3 * t, 2.3 * layers + 1.2, "y", f"$y_{t + 1}$")
    for layer in range(1, layers + 1):
        mark = rf"\,{{}}^{layer}" if layers > 1 else ""
        for way, arrow, side, height in ((1, "right", -0.7, 0), (-1, "left", 0.7, 0.95)):
            for t in range(T):
                text = rf"$\over{arrow}arrow{{h}}{mark}_{t + 1}$"
                boxes[layer, way, t] = Box(3 * t + side, 2.3 * layer - 1 + height, "h", text, 0.95)
                arrows += [Arrow(name, (layer, way, t)) for name in below[t]]
                arrows += [Arrow((layer, way, t - way), (layer, way, t), role="h")] if 0 <= t - way < T else []
        below = [[(layer, way, t) for way in (1, -1)] for t in range(T)]
    arrows += [Arrow(name, ("y", t)) for t in range(T) for name in below[t]]
    diagram(ax, boxes, arrows)


def chain_and_tree(ax):
    """A recurrent network combines its inputs along a chain, a recursive one along a tree."""
    boxes = {("chain", i): Box(1.2 * i, 1.2, "h", f"$h_{i}$") for i in range(5)}
    boxes |= {("input", i): Box(1.2 * i, 0, "x", f"$x_{i}$") for i in range(1, 5)}
    boxes |= {("leaf", i): Box(5 + 1.2 * i, 0, "x", f"$x_{i}$") for i in range(1, 5)}
    boxes |= {("pair", 1): Box(6.8, 1.2, "h", "$h_{12}$"), ("pair", 2): Box(9.2, 1.2, "h", "$h_{34}$")}
    boxes |= {"root": Box(8, 2.4, "h", "$h_{1234}$", width=0.9)}
    boxes |= {"left": Box(2.4, 3.1, "text", "recurrent (순환): a chain", height=0.3)}
    boxes |= {"right": Box(8, 3.1, "text", "recursive (재귀): a tree", height=0.3)}
    arrows = [Arrow(("chain", i - 1), ("chain", i)) for i in range(1, 5)]
    arrows += [Arrow(("input", i), ("chain", i)) for i in range(1, 5)]
    arrows += [Arrow(("leaf", i), ("pair", (i + 1) // 2)) for i in range(1, 5)]
    diagram(ax, boxes, [*arrows, Arrow(("pair", 1), "root"), Arrow(("pair", 2), "root")])


def truncated_backward(ax, T, window):
    """T steps, the state carried through all of them; gradients flow back only within each window of steps."""
    if not 1 <= window <= T:
        raise ValueError(f"window must be from 1 to T = {T}, got {window}")
    boxes, arrows = {}, []
    for t in range(1, T + 1):
        boxes["h", t] = Box(1.4 * t, 0, "h", f"$h_{{{t}}}$")
        boxes["L", t] = Box(1.4 * t, 1.2, None, f"$L_{{{t}}}$")
        arrows += [Arrow(("h", t), ("L", t)), Arrow(("L", t), ("h", t), role="gradient", bend=0.5)]
        if t > 1:
            arrows.append(Arrow(("h", t - 1), ("h", t), role="h"))
            if (t - 1) % window:
                arrows.append(Arrow(("h", t), ("h", t - 1), role="gradient", bend=0.45))
            else:
                boxes["cut", t] = Box(1.4 * t - 0.7, -0.62, "text", "cut", height=0.2)
    diagram(ax, boxes, arrows)


def _column(values, digits):
    """Numbers below each other; whole ones, such as a one-hot vector's, without decimals."""
    digits = 0 if np.all(values == np.round(values)) else digits
    return "\n".join(decimal(value, digits) for value in values)


def likeliest(ax, ps, drawn, symbols, *, rows=5):
    """The likeliest symbols of each step below the one that was drawn, coloured by probability (Karpathy's figure).

    A frame marks the drawn symbol where it is one of them.

    ps (T, V): what each step was drawn from;   drawn: T symbols;   symbols: all V of them
    Returns the image, for fig.colorbar.
    """
    order = np.argsort(-np.asarray(ps), axis=1, kind="stable")[:, :rows].T
    shown = np.take_along_axis(np.asarray(ps).T, order, axis=0)
    seen = lambda symbol: {" ": "␣", "\n": "↵"}.get(symbol, symbol)
    columns = [seen(symbol) for symbol in drawn]
    image = heat(ax, shown, rows=range(1, rows + 1), columns=columns, xlabel="drawn", ylabel="rank", limit=1,
                 numbers=False)  # fmt: skip
    ax.xaxis.tick_top()
    ax.xaxis.set_label_position("top")
    for (rank, t), k in np.ndenumerate(order):
        ink = "white" if shown[rank, t] < 0.5 else INK
        ax.text(t, rank, seen(symbols[k]), ha="center", va="center", color=ink)
        if symbols[k] == drawn[t]:
            ax.add_patch(Rectangle((t - 0.5, rank - 0.5), 1, 1, fill=False, ec=COLOURS["x"], lw=3))
    return image
