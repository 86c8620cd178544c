"""Two readings of one sequence: a chain from either side, and above them what reads both, a column for each step.

            y_1         y_2            what is made of both states
          ← h_1 ────── ← h_2 ── ← h_3  from the right; no line leads from one chain to the other
→ h_0 ── → h_1 ────── → h_2            from the left
            x_1         x_2
"""

from unrolled.figures.faces import edges, face_of, longest, name_of, stack
from unrolled.figures.graphs import Layout

GAP, LONG = 0.5, 0.8  # between the two states of a step; between two steps
BETWEEN = 0.62  # from row to row: a number stands there
LAW = "forward_t is made of x_t and forward_(t-1), backward_t of x_t and backward_(t+1), t = 1 … T, by plain weights"


def layout(records, gradients, digits=2, shares=False):
    """The Layout of the tape of two readings: Vars x_t, forward_t and backward_t, and whatever is made of these.

    ValueError: a tape that is not made so, or in which one result above the states has two users in one place.
    """
    places = _places(records)
    faces = {node: _face(node, gradients, digits, shares) for node, _ in places}
    width = 0.105 * longest(part for face in faces.values() for part in face.parts) + 0.2
    tops, low = {}, 0
    for row in sorted({row for _, (_, row) in places}):
        tops[row] = low + max(faces[node].height for node, (_, at) in places if at == row)
        low = tops[row] + BETWEEN
    boxes = {}
    for node, (place, row) in places:
        step, side = divmod(place, 2)  # side: 0 above the left state of the step, 1 above the right one
        x = step * (2 * width + GAP + LONG) + side * (width + GAP)
        boxes |= stack(faces[node], x, tops[row], width)
    heads = {part.var: part.heads for face in faces.values() for part in face.parts}
    return Layout(boxes, heads, {}, {}, _lines(records, boxes))


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


def _lines(records, boxes):
    """{(record, i): the way of input i to it}: level along a chain, else sideways and up, or up and sideways.

    Of five points, the third is where the stepper writes what the line carries back: where no other line crosses it.
    """
    level, left, right, top, foot = edges(boxes)
    lines = {}
    for record in records:
        (v,) = record.outputs
        for i, u in enumerate(record.inputs):
            x, to = boxes[u].x, boxes[v].x
            start, end = (right(u), left(v)) if x < to else (left(u), right(v))
            if x == to:
                way = [(x, top(u)), (x, foot(v))]
            elif level(u) == level(v):
                free = (end + (LONG if x > to else -LONG) / 2, level(v))
                way = [(start, level(v)), free, free, free, (end, level(v))]
            elif name_of(u).startswith("x_"):
                free, corner = (to, top(u) + BETWEEN / 2), (to, level(u))
                way = [(start, level(u)), corner, free, free, (to, foot(v))]
            elif name_of(u).startswith(("forward", "backward")):
                free, corner = (x, foot(v) - BETWEEN / 2), (x, level(v))
                way = [(x, top(u)), free, free, corner, (end, level(v))]
            else:
                way = [(x, top(u)), (x, level(v)), (end, level(v))]
            lines[record, i] = way
    return lines
