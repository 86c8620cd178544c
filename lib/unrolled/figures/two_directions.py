"""Two readings of one sequence: a chain from either side, and above them what reads both, a column for each step.

            y_1           y_2             what is made of both states
           ← h_1 ─────── ← h_2 ── ← h_3   from the right; no line leads from one chain to the other
→ h_0 ── → h_1 ─────── → h_2              from the left
            x_1           x_2

A line upwards passes the other chain's state beside it: the two states of a step stand half above each other.
"""

from unrolled.figures.faces import edges, face_of, longest, name_of, stack
from unrolled.figures.graphs import Layout

ASIDE, ROOM = 0.3, 0.4  # a state beside the middle of its step, at least; a line beside the state that it passes
LONG, GAP = 0.9, 0.2  # from the state 0 to its chain; between two boxes that no line joins
PAD = 0.24  # beside the numbers of a box, left and right together
BETWEEN = 0.62  # from row to row: a number stands there
LAW = "forward_t is made of x_t and forward_(t-1), backward_t of x_t and backward_(t+1), t = 1 … T, by plain weights"


def layout(records, gradients, digits=2, shares=False):
    """The Layout of the tape of two readings: Vars x_t, forward_t and backward_t, and whatever is made of these.

    ValueError: a tape that is not made so, or in which one result above the states has two users in one place.
    """
    places = _places(records)
    faces = {node: _face(node, gradients, digits, shares) for node, _ in places}
    columns = _Columns(places, faces)
    tops, low = {}, 0
    for row in sorted({row for _, (_, row) in places}):
        tops[row] = low + max(faces[node].height for node, (_, at) in places if at == row)
        low = tops[row] + BETWEEN
    boxes = {}
    for node, (place, row) in places:
        boxes |= stack(faces[node], columns.middle(place, row), tops[row], columns.widths[row])
    heads = {part.var: part.heads for face in faces.values() for part in face.parts}
    ways = {part.var: columns.way(place) for node, (place, _) in places for part in faces[node].parts}
    return Layout(boxes, heads, {}, {}, _lines(records, boxes, ways))


class _Columns:
    """How wide the boxes of each row are, and where the steps, their states and the lines upwards stand."""

    def __init__(self, places, faces):
        rows = {row: [] for _, (_, row) in places}
        for node, (_, row) in places:
            rows[row] += faces[node].parts
        self.widths = {row: 0.105 * longest(parts) + PAD for row, parts in rows.items()}
        self.state = self.widths[1] = self.widths[2] = max(self.widths[1], self.widths[2])
        halves = [self.widths[row] for _, (place, row) in places if row > 2 and place % 1 == 0]  # above one state alone
        self.line = max(self.state, *halves, 0) / 2 + GAP / 2  # from the middle of a step to its lines upwards
        self.aside = max(ASIDE, self.line - self.state / 2 + 0.15)  # each line begins at its own state
        self.widths[0] = max(self.widths[0], 2 * self.line + GAP)
        pair = max(halves, default=0) + 2 * self.line
        self.step = max(*self.widths.values(), pair, self.state + 2 * ROOM) + GAP
        self.last = max(place for _, (place, _) in places) // 2

    def middle(self, place, row):
        """The x of the middle of a box."""
        if row in (1, 2) and place in (1, 2 * self.last):  # a chain's state 0 stands close to the chain
            step, side = (1, -1) if place == 1 else (self.last - 1, 1)
            return step * self.step + side * (self.aside + self.state + LONG)
        return self._beside(place, self.aside if row in (1, 2) else self.line)

    def way(self, place):
        """The x of a line up from this place, or up to it."""
        return self._beside(place, self.line)

    def _beside(self, place, far):
        """So far left of the middle of a step, or right of it, or in the middle: places 2t, 2t + 1 and 2t + 0.5."""
        step, right = divmod(place, 2)
        return step * self.step + (2 * right - 1) * far


def _places(records):
    """[(node, (place, row))]: step t has the places 2t (forward) to 2t + 1 (backward), and x_t between them."""
    named = {name_of(v): v for record in records for v in (*record.inputs, *record.outputs)}
    T = sum(name.startswith("x_") for name in named)
    places = {}
    for t in range(1, T + 1):
        x, ahead, back = (named.get(f"{name}_{t}") for name in ("x", "forward", "backward"))
        before, after = named.get(f"forward_{t - 1}"), named.get(f"backward_{t + 1}")
        made = [set(v.record.inputs) if v is not None and v.record else None for v in (ahead, back)]
        if None in (x, before, after) or made != [{x, before}, {x, after}]:
            raise ValueError(f"two directions need a tape whose parts have names: {LAW}")
        places |= {x: (2 * t + 0.5, 0), ahead: (2 * t, 1), back: (2 * t + 1, 2)}
    if not T:
        raise ValueError(f"two directions need a tape whose parts have names: {LAW}")
    places |= {named["forward_0"]: (1, 1), named[f"backward_{T + 1}"]: (2 * T + 2, 2)}
    for record in records:
        if places.keys().isdisjoint(record.outputs):
            _place_above(record, places)
    return [(v.record if v.record in records else v, place) for v, place in places.items()]


def _place_above(record, places):
    """Put what a record made above what it is made of in the last of its steps, in the middle of that."""
    if not all(v in places for v in record.inputs) or len(record.outputs) != 1:
        raise ValueError(f"two directions need a tape of x_t, states and what is made of them, got {record!r}: {LAW}")
    last = max(places[v][0] // 2 for v in record.inputs)
    below = [places[v] for v in record.inputs if places[v][0] // 2 == last]
    place = sum(x for x, _ in below) / len(below), max(3, *(row + 1 for _, row in below))
    if place in places.values():
        raise ValueError(f"two directions have room for one function of a result, got another one, {record!r}")
    places[record.outputs[0]] = place


def _face(node, gradients, digits, shares):
    """The Face of a node: a state carries the arrow of its direction, and a long name of a function takes two lines."""
    face = face_of(node, gradients, digits, shares)
    for n, part in enumerate(face.parts):
        direction, _, t = name_of(part.var).partition("_")
        arrow = {"forward": "→", "backward": "←"}.get(direction)
        role = "h" if arrow else part.role
        heads = [f"{arrow} $h_{t}$"] if arrow else [line for head in part.heads for line in _fold(head)]
        numbers = part.text.splitlines()[len(part.heads) :]
        face.parts[n] = part._replace(heads=heads, role=role, text="\n".join([*heads, *numbers]))
    return face


def _fold(head):
    """A function's name, in as many lines as it has words where it is longer than the numbers are."""
    return head.split() if len(head) > 11 and "$" not in head else [head]


def _lines(records, boxes, ways):
    """{(record, i): the way of input i to it}: level along a chain, else up, and sideways where it has to.

    Of five points, the third is where the stepper writes what the line carries back: where no other line crosses it.
    """
    level, left, right, top, foot = edges(boxes)
    lines = {}
    for record in records:
        (v,) = record.outputs
        for i, u in enumerate(record.inputs):
            x, to, chain = boxes[u].x, boxes[v].x, name_of(u).startswith(("forward", "backward"))
            start, end = (right(u), left(v)) if x < to else (left(u), right(v))
            if level(u) == level(v):
                crossed = ROOM if u.record else 0  # where a line goes up beside the state, not above the state 0
                free = ((start + end + (crossed if x < to else -crossed)) / 2, level(v))
                way = [(start, level(v)), free, free, free, (end, level(v))]
            elif chain or name_of(u).startswith("x_"):
                x = ways[u if chain else v]
                free, ahead = (x, foot(v) - BETWEEN / 2), abs(x - to) < boxes[v].width / 2
                end, corner = ((x, foot(v)), free) if ahead else ((end, level(v)), (x, level(v)))
                way = [(x, top(u)), free, free, corner, end]
            elif x == to:
                way = [(x, top(u)), (x, foot(v))]
            else:
                way = [(x, top(u)), (x, level(v)), (end, level(v))]
            lines[record, i] = way
    return lines
