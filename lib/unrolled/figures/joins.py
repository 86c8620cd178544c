"""A tree of joins: the leaves in a row, and each result above the middle of what it was made of, up to the last.

        h_8
        pair
  pair       pair
s_1  s_2   s_3  s_4
"""

from unrolled.figures.faces import edges, face_of, longest, stack
from unrolled.figures.graphs import Layout

BETWEEN = 0.7  # from row to row: a number stands there
GAP, PAD = 0.25, 0.24  # between two leaves; beside the numbers of a box, left and right together


def layout(records, gradients, digits=2, shares=False):
    """The Layout of a tape on which every value has one user, and every record one result.

    ValueError: a tape that is no tree.
    """
    places = _places(records)
    faces = {v: face_of(v.record if v.record in records else v, gradients, digits, shares) for v in places}
    width = 0.105 * max(longest(face.parts) for face in faces.values()) + PAD
    high = max(face.height for face in faces.values())
    boxes = {}
    for v, (place, row) in places.items():
        boxes |= stack(faces[v], place * (width + GAP), row * (high + BETWEEN), width)
    heads = {part.var: part.heads for face in faces.values() for part in face.parts}
    return Layout(boxes, heads, {}, {}, _lines(records, boxes))


def _places(records):
    """{Var: (place, row)}: a leaf has the next place of row 0, a result the middle of its inputs' places."""
    used = [v for record in records for v in record.inputs]
    if len(used) > len(set(used)) or any(len(record.outputs) != 1 for record in records):
        raise ValueError("a tree of joins needs a tape on which each value has one user, and each record one result")
    places, leaves = {}, 0

    def put(v):
        nonlocal leaves
        if v.record not in records:
            places[v], leaves = (leaves, 0), leaves + 1
            return
        for u in v.record.inputs:
            put(u)
        below = [places[u] for u in v.record.inputs]
        places[v] = sum(x for x, _ in below) / len(below), 1 + max(row for _, row in below)

    put(records[-1].outputs[0])
    return places


def _lines(records, boxes):
    """{(record, i): the way of input i to it}: up, aside in the room between two rows, and up again.

    Of five points, the third is where the stepper writes what the line carries back: above the input.
    """
    _, _, _, top, foot = edges(boxes)
    lines = {}
    for record in records:
        (v,) = record.outputs
        for i, u in enumerate(record.inputs):
            share = (i + 1) / (len(record.inputs) + 1) - 0.5
            x, end = boxes[u].x, boxes[v].x + share * boxes[v].width
            turn = foot(v) - BETWEEN / 2
            lines[record, i] = [(x, top(u)), (x, turn), (x, turn), (end, turn), (end, foot(v))]
    return lines
