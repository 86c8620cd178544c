"""Stepper: a real tape as a graph, walked forward and backward one record at a time, every number with its origin."""

import re

import numpy as np

from unrolled.autodiff.tape import Var, history
from unrolled.figures import conveyor, faces, graphs, joins, plots, two_directions
from unrolled.widgets import base
from unrolled.widgets.walk import SMALL, borders, local_derivatives, walk, window_cuts

MOST = 120  # records that a reader can follow, and a browser can draw at once
LAYOUTS = {
    "graph": graphs.layout,
    "conveyor": conveyor.layout,
    "two_directions": two_directions.layout,
    "joins": joins.layout,
}
INCHES = 0.64  # of a unit in the still picture: type of 11 points


def stepper(loss, *, title, state="h", digits=2, layout="graph"):
    """The graph of the tape that ends in this scalar Var, with every value, gradient, and share of a gradient.

    title   says what is seen;   digits  behind the point
    state   the letter of the states h_1 … h_T, or several, as ("h", "c"): where each leads to the next, a window of
            k steps can be chosen, which cuts the backward edges from step t + 1 to the states of step t at t = k, 2k, …
    layout  "graph", from left to right by depth; "conveyor", for the tape of an LSTM (`figures.conveyor`);
            "two_directions", for one sequence read from both ends (`figures.two_directions`); or "joins", for a tape
            that is a tree, the leaves in a row (`figures.joins`)
    It opens at the start of the walk: the leaves alone have values. A click (or Enter) on a number shows where it came
    from: for a gradient the sum over its users of local derivative × incoming gradient. Arrays larger than 4 × 4 show
    their shape and norm. The Vars stay as they are: no .grad changes.
    TypeError: loss is no Var. ValueError: it is no scalar, or a leaf; more than 120 records; NaN or infinity;
    a layout that does not fit the tape.
    """
    if not isinstance(loss, Var):
        raise TypeError(f"loss must be a Var, with a tape behind it, got {type(loss).__name__}")
    if loss.value.size != 1:
        raise ValueError(f"loss must be a scalar, of one number, got shape {loss.shape}")
    if not isinstance(digits, int) or not 0 <= digits <= 6:
        raise ValueError(f"digits must be a whole number from 0 to 6, got {digits!r}")
    names = (state,) if isinstance(state, str) else tuple(state)
    if not names or not all(isinstance(name, str) and name for name in names):
        raise ValueError(f"state must be a letter as 'h', or several as ('h', 'c'), got {state!r}")
    records = history(loss)
    if not 1 <= len(records) <= MOST:
        raise ValueError(f"the tape must have 1 to {MOST} records, got {len(records)}: step through fewer time steps")
    if layout not in LAYOUTS:
        raise ValueError(f"layout must be one of {', '.join(LAYOUTS)}, got {layout!r}")
    return Stepper(loss, records, str(title), names, digits, LAYOUTS[layout])


class Stepper(base.Widget):
    """What `stepper` returns."""

    _esm = base.source("stepper_picture", "tables", "graph_stepper")
    _css = base.Widget._css + (base.FOLDER / "graph_stepper.css").read_text("utf-8")

    def __init__(self, loss, records, title, states, digits, place):
        for v in {v: None for record in records for v in (*record.inputs, *record.outputs)}:
            base.check_finite(v.value, f"the value of {v.name or (v.record.name if v.record else 'a leaf')}")
        cuts = borders(records, states)
        windows = list(range(1, max(cuts, default=0) + 2))
        walks = {k: walk(loss, records, window_cuts(cuts, k)) for k in windows}
        self._loss, self._records, self._title, self._digits, self._place = loss, records, title, digits, place
        self._gradients, _ = walks[windows[-1]]
        for v, gradient in self._gradients.items():
            base.check_finite(gradient, f"the gradient of {v.name or 'a Var'}")
        self._picture = place(records, _widest(loss, records, walks.values()), digits, shares=True)
        heads = self._picture.heads
        names = _names(heads)
        places = {v: k for k, v in enumerate(names)}
        order = {record: n for n, record in enumerate(records)}
        edge_of = {edge: t for t, edges in cuts.items() for edge in edges}
        scene = {
            "title": title,
            "digits": digits,
            "states": " and ".join(f"{name}_t" for name in states),
            "frame": _frame(self._picture.boxes.values()),
            "vars": [self._var(v, name, order.get(v.record, -1)) for v, name in names.items()],
            "records": [self._record(record, records, places, edge_of) for record in records],
            "wires": [self._wire(leaf, places) for leaf in self._picture.wires],
            "loss": places[loss],
            "windows": windows,
            "shares": [_shares(records, shares) for _, shares in walks.values()],
        }
        super().__init__(scene=scene)

    def _var(self, v, name, record):
        value = _box(self._picture.boxes[v])
        gradient = self._picture.boxes.get((v, "gradient"))
        return {
            "name": name,
            "heads": self._picture.heads[v],
            "role": role if (role := self._picture.boxes[v].role) in plots.COLOURS else None,
            "record": record,
            "shape": str(tuple(int(n) for n in v.shape)),
            "columns": int(np.atleast_2d(v.value).shape[-1]),
            "box": value,
            "gradientBox": gradient and _box(gradient),
            "size": int(v.value.size),
            "large": faces.is_large(v.value),
        } | _array(v.value)

    def _record(self, record, records, places, edge_of):
        """A record: its name, what it leads to, and its edges with their lines and their local derivatives."""
        derivatives = {
            i: base.check_finite(local, f"the derivative of {record.name}").tolist()
            for i, local in local_derivatives(record).items()
        }
        edges = [
            {
                "var": places[v],
                "line": self._line(record, i),
                "tap": v in self._picture.wires,
                "role": self._picture.boxes[v].role if (record, i) in self._picture.lines else None,
                "border": edge_of.get((record, i)),
                "local": derivatives.get(i),
            }
            for i, v in enumerate(record.inputs)
        ]
        outputs = [(places.get(ref()), int(np.prod(shape))) for ref, shape, _ in record.made]  # None: that Var is gone
        return {
            "name": record.name.replace("_", " "),
            "label": _label(record, records),
            "outputs": outputs,
            "edges": edges,
        }

    def _line(self, record, i):
        """The points of an edge from its input to the record; None where the same Var has its line already."""
        boxes, _, arrows, wires, lines = self._picture
        leaf = record.inputs[i]
        if (record, i) in lines:
            return [[round(float(x), 3), round(float(-y), 3)] for x, y in lines[record, i]]
        if leaf in wires and leaf not in record.inputs[:i]:
            (x, y, edge), lane = wires[leaf][1][record], wires[leaf][0]
            return [[x, -lane], [x, -y], [edge, -y]]
        if (record, i) not in arrows:
            return None
        start, end, bend = arrows[record, i].start, arrows[record, i].end, arrows[record, i].bend
        (x0, y0), (x1, y1) = boxes[start][:2], boxes[end][:2]
        t = np.linspace(0, 1, 81)[:, None]
        middle = np.array([(x0 + x1) / 2 - bend * (y1 - y0), (y0 + y1) / 2 + bend * (x1 - x0)])
        points = (1 - t) ** 2 * (x0, y0) + 2 * t * (1 - t) * middle + t**2 * (x1, y1)
        seen = np.ones(len(points), bool)
        for box in (boxes[start], boxes[end]):
            seen &= (np.abs(points - box[:2]) > np.array([box.width, box.height]) / 2 + 0.02).any(1)
        points = points[seen] if seen.sum() > 1 else points[[0, -1]]
        points = points if bend else points[[0, -1]]
        return [[round(float(x), 3), round(float(-y), 3)] for x, y in points]

    def _wire(self, leaf, places):
        lane, taps = self._picture.wires[leaf]
        ends = [self._picture.boxes[leaf].x, *(x for x, _, _ in taps.values())]
        return {"var": places[leaf], "from": min(ends), "to": max(ends), "lane": -lane}

    def still(self):
        """The graph at the end of its walk, as `graphs.graph` draws it: where nobody can walk, all that it holds."""
        left, top, width, height = self.scene["frame"]
        fig, ax = plots.figure(size=(max(5, INCHES * (width + 0.6)), max(3, INCHES * (height + 0.6) + 0.7)))
        graphs.graph(ax, self._records, gradients=self._gradients, digits=self._digits, place=self._place)
        ax.set_title(self._title, loc="left")
        count = f"{len(self._records)} functions"
        result = f"{self._loss.name or 'the result'} = {base.number(self._loss.value.item())}"
        words = f"The graph of a tape at the end of its walk: {count}, {result}, a gradient under every value."
        return fig, f"{self._title}. {words}"

    def __repr__(self):
        windows = self.scene["windows"]
        cut = f", windows 1 to {windows[-1]}" if len(windows) > 1 else ""
        name, value = self._loss.name or "loss", self._loss.value.item()
        return f"stepper({name} = {value:.4g}, {len(self._records)} records{cut})"


def _widest(loss, records, walks):
    """{Var: an array as wide, when printed, as all that its gradient will show}: negative, and of the largest size."""
    sizes = {loss: np.ones_like(loss.value)}
    for _, shares in walks:
        sums = {}
        for (record, i), share in shares.items():
            v = record.inputs[i]
            sums[v] = sums.get(v, 0) + share
            sizes[v] = np.maximum(sizes.get(v, 0), np.abs(sums[v]))
    return {v: -np.maximum(size, 1) for v, size in sizes.items()}


def _shares(records, shares):
    """For each record and input: what the edge carries, and the norm of the sum so far; None where nothing flows."""
    sums, table = {}, {}
    for (record, i), share in shares.items():
        v = record.inputs[i]
        sums[v] = sums[v] + share if v in sums else share
        table[record, i] = _array(share) | {"sum": float(np.linalg.norm(sums[v]))}
    return [[table.get((record, i)) for i in range(len(record.inputs))] for record in records]


def _array(array):
    """Its numbers, row by row, where they are shown or explain others, and its norm."""
    wanted = np.size(array) <= SMALL or not faces.is_large(array)
    values = np.ravel(array).astype(float).tolist() if wanted else None
    return {"values": values, "norm": float(np.linalg.norm(array))}


def _names(variables):
    """{Var: a name of its own}: the last part of its name, or its function and a number."""
    names, taken = {}, set()
    for v in variables:
        name = base = (v.name or "").split(".")[-1] or (v.record.name if v.record else "leaf")
        count = 1 if v.name else 0
        while name in taken or (not v.name and not count):
            count += 1
            name = f"{base} {count}"
        taken.add(name)
        names[v] = name
    return names


def _label(record, records):
    """A record by its function and what it makes, or leads to: "rnn step → h_2", "matmul → … → h_2"."""
    function, reached, direct = record.name.replace("_", " "), set(record.outputs), True
    for later in records[records.index(record) :]:
        if later is record or reached.intersection(later.inputs):
            reached |= set(later.outputs)
            if named := [v.name.split(".")[-1] for v in later.outputs if v.name]:
                step = re.fullmatch(r"[a-z]+_(\d+)", named[0])
                where = f" (step {step[1]})" if step else ""
                return f"{function} → {'' if direct else '… → '}{', '.join(named)}{where}"
        direct = False
    return function


def _box(box):
    """Left, top, width and height, y downwards, as SVG has it."""
    return [box.x - box.width / 2, -box.y - box.height / 2, box.width, box.height]


def _frame(boxes):
    corners = np.array([[x, y, x + w, y + h] for x, y, w, h in map(_box, boxes)])
    (left, top), (right, low) = corners[:, :2].min(0), corners[:, 2:].max(0)
    return [float(left - 0.5), float(top - 0.15), float(right - left + 0.7), float(low - top + 0.3)]
