"""The computational graph of a tape, drawn on Axes: values, gradients, and each shared leaf as one wire with taps."""

from typing import NamedTuple

from matplotlib.patches import Rectangle

from unrolled.figures.diagrams import Arrow, Box, diagram
from unrolled.figures.faces import face_of, letter, name_of, stack
from unrolled.figures.plots import COLOURS, INK

ROWS = {"h": 0, "c": 1, "y": 1, "L": 2}  # as the lecture draws it: states in a line, outputs and losses above them …
TOTAL = 3  # … and their sum L on top
WIRE = 0.15  # from one wire to the next, in units


class Layout(NamedTuple):
    """Where the parts of a graph stand, in units; y goes up. `graph` draws them, and so does widgets.stepper.

    boxes   {var: the Box of its value, (var, "gradient"): that of its gradient}
    heads   {var: the lines above its numbers}
    arrows  {(record, i): the Arrow from input i of a record}, where that is no wire; one for an input used twice
    wires   {leaf: (the height of its lane, {user: (x of its tap, y where the tap turns, x where it ends)})}
    lines   {(record, i): the corners of its way}, where that is neither an arrow nor a wire
    """

    boxes: dict
    heads: dict
    arrows: dict
    wires: dict
    lines: dict


def graph(ax, records, *, gradients=True, digits=2, mark=None, place=None):
    """The graph of a tape, from left to right by depth: records in forward order, as `history(loss)` gives them.

    A box is a function's result or a leaf: its name, the function, its value (the shape, where that is more than 4 by
    4 numbers) and, below it in purple, its gradient once `backward` has been there. A weight, and any leaf that several
    functions use, stands once, on top, as a wire that each of them taps: its gradient is the sum over the taps. NaN, as
    in a gradient that has not arrived yet, stands as a dot.
    Names as x_1, h_0, W_xh, L_2 give a box its row and colour; L, the total, stands above all L_t.
    gradients: False for none, or {var: array} for others than those that the Vars hold.
    mark: a record that gets a thick frame, as the one that a walk has reached.
    place: what says where each part stands, as `conveyor.layout` does for an LSTM; `layout` by default.
    ValueError: no records, records out of order, a result that nobody holds any more, a graph too large for the figure.
    """
    if not isinstance(gradients, dict):
        held = {v: v.grad for record in records for v in (*record.inputs, *record.outputs)}
        gradients = {v: gradient for v, gradient in held.items() if gradients and gradient is not None}
    boxes, _, arrows, wires, lines = (place or layout)(records, gradients, digits)
    diagram(ax, boxes | {"room for the first column's wires": Box(0.3, 0.5, "text", "", 0, 0)}, arrows.values())
    if mark is not None:
        parts = [boxes[key] for v in mark.outputs for key in (v, (v, "gradient")) if key in boxes]
        low = min(box.y - box.height / 2 for box in parts) - 0.05
        high = max(box.y + box.height / 2 for box in parts) + 0.05
        corner = parts[0].x - parts[0].width / 2 - 0.05, low
        frame = {"fill": False, "edgecolor": COLOURS["gradient"], "linewidth": 5}
        ax.add_patch(Rectangle(corner, parts[0].width + 0.1, high - low, **frame))
    for leaf, (lane, taps) in wires.items():
        _wire(ax, boxes[leaf], lane, taps)
    for (record, i), way in lines.items():
        colour = COLOURS.get(boxes[record.inputs[i]].role, INK)
        ax.plot(*zip(*way), color=colour, linestyle="-", linewidth=3, zorder=1)
        pen = {"arrowstyle": "-|>", "color": colour, "linewidth": 3, "shrinkA": 0, "shrinkB": 0}
        ax.annotate("", way[-1], way[-2], arrowprops=pen)


def layout(records, gradients, digits=2, shares=False):
    """The Layout of a tape's records, with room for these gradients, {var: array}.

    shares: with room for the norm of a large array, too, and beside an arrow for two lines of what it carries back.

    ValueError: no records, records out of order, a result that nobody holds any more.
    """
    inputs, users = _edges(records)
    leaves = [node for node in inputs if not inputs[node]]
    wires = [leaf for leaf in leaves if len(users[leaf]) > 1 or _kind(leaf) in ("W", "b")]
    cells = _cells(inputs, users, wires)
    faces = {node: face_of(node, gradients, digits, shares) for node in inputs}
    taps = {column: [] for column, _ in cells.values()}  # the wires that come down to the left of each column
    for wire in wires:
        for column in {cells[user][0] for user in users[wire]}:
            taps[column].append(wire)
    gaps = (max(0.45, 0.1 * (digits + 4)), 0.6) if shares else (0.45, 0.3)  # a number as −0.12 stands in it
    boxes = _boxes(cells, faces, taps, *gaps)
    shelf = 0.25 * len(wires) if shares else 0  # room for what each wire carries back, one below the other
    top = max(box.y + box.height / 2 for box in boxes.values()) + WIRE * (len(wires) + 2) + shelf
    left = min(box.x for box in boxes.values())
    for wire in wires:
        face = faces[wire]
        boxes |= stack(face, left + face.width / 2, top + face.height, face.width)
        left += face.width + 0.4
    lanes = {}
    for number, wire in enumerate(wires):
        lanes[wire] = top - WIRE * (len(wires) - number), {}
        for user in users[wire]:
            place, box = taps[cells[user][0]].index(wire), boxes[user.outputs[0]]
            edge = box.x - box.width / 2
            y = box.y + box.height / 2 - 0.1 - WIRE / 2 * place
            lanes[wire][1][user] = edge - 0.2 - WIRE * (place + 0.5), y, edge
    heads = {part.var: part.heads for face in faces.values() for part in face.parts}
    return Layout(boxes, heads, _arrows(inputs, cells, faces), lanes, {})


def _arrows(inputs, cells, faces):
    """The arrows to every record from those of its inputs that are no wires."""
    arrows = {}
    for node, (column, row) in cells.items():
        for i, var in enumerate(node.inputs if inputs[node] else ()):
            giver = inputs[node][i]
            if giver not in cells or var in node.inputs[:i]:
                continue
            start, end = var, node.outputs[0]
            for output in node.outputs:  # a state goes to the state of the same letter: c_1 to c_2
                end = output if len(node.outputs) > 1 and letter(output) == letter(var) else end
            if cells[giver][1] > row and var is faces[giver].parts[0].var:  # it leaves, or comes, from below:
                start = faces[giver].last  # the lowest box, that of a gradient, is what the arrow touches
            if cells[giver][1] < row:
                end = faces[node].last
            bend = 0.15 if column - cells[giver][0] > 1 else 0  # around what stands in a column that it skips
            arrows[node, i] = Arrow(start, end, bend=bend)
    return arrows


def _edges(records):
    """{node: its inputs} and {node: its users}; a node is a Record, or a Var that none of the records made."""
    inputs, users, given = {}, {}, set(records)
    for record in records:
        givers = [var.record if var.record in given else var for var in record.inputs]
        for giver in givers:
            if giver in given and giver not in inputs:
                raise ValueError("records must stand in forward order, each after those it depends on: history(loss)")
            inputs.setdefault(giver, [])
            users.setdefault(giver, []).append(record)
        inputs[record] = givers
        users[record] = []
        if not record.outputs:
            raise ValueError(f"what {record.name} made is gone: keep the loss in a variable while its graph is drawn")
    if not inputs:
        raise ValueError("records must hold at least one Record: history(loss), of a loss that is a Var; got none")
    return inputs, users


def _cells(inputs, users, wires):
    """{node: (column, row)}. Columns go by depth, but y_t stands above h_t, and L_t above y_t.

    A leaf stands below its user, a first state to the left of it.
    """
    records = [node for node in inputs if inputs[node]]
    columns, feeders = {}, set()
    for record in records:
        givers = [giver for giver in inputs[record] if inputs[giver]]
        columns[record] = max((columns[giver] + (not _rises(giver, record)) for giver in givers), default=1)
        if all(giver in feeders and len(users[giver]) == 1 for giver in givers):
            feeders.add(record)
    for record in reversed(records):  # what only feeds one later step stands just before that step
        if record in feeders and users[record]:
            columns[record] = min(columns[user] - (not _rises(record, user)) for user in users[record])
    rows = {}
    for record in reversed(records):  # a record without a name goes with the named one that it leads to …
        led_to = [rows[user] for user in users[record] if user in rows]
        rows |= {record: _row(record, led_to[0] if led_to else None)}
    cells = {}

    def place(node, column, row, step):
        while (column, row) in cells.values():
            row += step
        cells[node] = column, row

    def turn(record):  # who chooses first in a column: a name, then what is fed by the step before, then what x feeds
        takes_x = any(_kind(giver) == "x" for giver in inputs[record])
        return columns[record], not _kind(record), record in feeders, takes_x

    for record in sorted(records, key=turn):
        before = [cells[giver][1] for giver in inputs[record] if giver in cells]
        row = max(before, default=0) if rows[record] is None else rows[record]  # … or else with what led to it
        place(record, columns[record], row, -1 if record in feeders else 1)
    for leaf in [node for node in inputs if not inputs[node] and node not in wires]:
        column, row = cells[users[leaf][0]]
        place(leaf, *((column - 1, row) if _kind(leaf) in ("h", "c") else (column, row - 1)), -1)
    return cells


def _rises(giver, record):
    """Whether a record stands right above its giver, as y_t above h_t, rather than one column on."""
    return _row(record, 0) > _row(giver, 9)


def _row(node, otherwise):
    """The row that its name gives a node; otherwise, where it gives none."""
    return TOTAL if name_of(_first(node)) == "L" else ROWS.get(_kind(node), otherwise)


def _boxes(cells, faces, taps, across, between):
    """Boxes in their columns and rows, each as wide and as high as what stands in it, so far apart."""
    boxes, middle, width, top = {}, {}, {}, {}
    right = low = 0
    for column in sorted(taps):
        width[column] = max(faces[node].width for node in cells if cells[node][0] == column)
        right += across + WIRE * len(taps[column]) + width[column]
        middle[column] = right - width[column] / 2
    for row in sorted({row for _, row in cells.values()}):
        top[row] = low + max(faces[node].height for node in cells if cells[node][1] == row)
        low = top[row] + between
    for node, (column, row) in cells.items():
        boxes |= stack(faces[node], middle[column], top[row], width[column])
    return boxes


def _wire(ax, start, lane, taps):
    """From the leaf's box down to its lane, along it, and down to each user, in the room to the left of its box."""
    pen = {"color": INK, "linestyle": "-", "linewidth": 1.2, "zorder": 0}
    reach = [start.x]
    for x, y, edge in taps.values():
        ax.plot([x, x], [lane, y], **pen)
        ax.annotate("", (edge, y), (x, y), arrowprops={"arrowstyle": "-|>", "color": INK, "shrinkA": 0, "shrinkB": 1})
        ax.plot(x, lane, "o", color=INK, markersize=5)
        reach.append(x)
    ax.plot([start.x, start.x], [start.y, lane], **pen)
    ax.plot([min(reach), max(reach)], [lane, lane], **pen)


def _kind(node):
    """The letter of a node is that of the first Var that it made."""
    return letter(_first(node))


def _first(node):
    return node.outputs[0] if hasattr(node, "outputs") else node
