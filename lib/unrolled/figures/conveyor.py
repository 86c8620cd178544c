"""The LSTM as a conveyor: the cell runs along the top, the state along the bottom, and a step stands beside the next.

c_0 ──────×────────+────────────┬────── c       × + σ tanh: a box each, with the number that it makes
          f      i × g        tanh
          σ      σ  tanh   σ ── × ───── h
h_0 ──── z_f    z_i z_g   z_o                   the block z: the one product that has weights
                 x
"""

from types import SimpleNamespace

from unrolled.figures.faces import Face, edges, face_of, longest, name_of, stack
from unrolled.figures.graphs import Layout

GATES = "figo"  # from left to right
GAP, LONG = 0.3, 0.6  # between the columns of a step; before and after its block
BETWEEN = 0.62  # from row to row: a number stands there


def layout(records, gradients, digits=2, shares=False):
    """The Layout of the tape of an LSTM that ends in a loss of the last state.

    It knows the parts by their names, x_t, h_t, c_t and i_t, f_t, o_t, g_t, and by what they are made of: c_t is
    f_t c_(t-1) + i_t g_t, h_t is o_t tanh(c_t), and one record makes all four that the gates are functions of.
    ValueError: a tape that is not made so.
    """
    steps = _steps(records)
    loss = records[-1].outputs[0]
    parts = {part.var: part for part in _parts(records, steps, loss, gradients, digits, shares)}
    width = 0.1 * longest(parts.values()) + 0.16
    row = max(Face([part], width).height for part in parts.values()) + BETWEEN
    places, x = {steps[0].c_prev: (0, 4), steps[0].h_prev: (0, 1)}, 0
    for s in steps:
        column = [x + width + LONG + k * (width + GAP) for k in range(4)]
        x = column[3] + width + LONG
        places |= {s.kept: (column[0], 4), s.c: (column[2], 4), s.new: (column[2], 3), s.tanh_c: (x, 3), s.h: (x, 2)}
        places |= {v: (at, 2) for v, at in zip(s.gates, column)} | {v: (at, 1) for v, at in zip(s.zs, column)}
        places[s.x] = (column[1] + column[2]) / 2, 0
    places[loss] = x + width + LONG, 2
    block, boxes = {z for s in steps for z in s.zs}, {}
    for v, (at, number) in places.items():
        face = Face([parts[v]], width)
        boxes |= stack(face, at, row * number + face.height / 2, width + GAP if v in block else width)
    return Layout(boxes, {v: part.heads for v, part in parts.items()}, {}, {}, _lines(records, steps, boxes))


def _steps(records):
    """The parts of each step, from the names."""
    named = {name_of(v): v for record in records for v in (*record.inputs, *record.outputs)}
    steps = []
    try:
        while f"c_{len(steps) + 1}" in named:
            t = len(steps) + 1
            c, h, *gates = (named[f"{letter}_{t}"] for letter in "ch" + GATES)
            kept, new = c.record.inputs
            zs = [gate.record.inputs[0] for gate in gates]
            x, h_prev = zs[0].record.inputs
            step = SimpleNamespace(c=c, h=h, gates=gates, kept=kept, new=new, zs=zs, x=x, h_prev=h_prev)
            step.c_prev, step.tanh_c = kept.record.inputs[1], h.record.inputs[1]
            f, i, g, o = gates
            read = kept.record.inputs[0], *new.record.inputs, h.record.inputs[0], *step.tanh_c.record.inputs
            if read != (f, i, g, o, c) or {z.record for z in zs} != {zs[0].record}:
                raise ValueError
            steps.append(step)
        if not steps or len(records) != 10 * len(steps) + 1:
            raise ValueError
    except (AttributeError, KeyError, IndexError, ValueError):
        law = "c_t = f_t c_(t-1) + i_t g_t, h_t = o_t tanh(c_t), four pre-activations from one function, and a loss"
        raise ValueError(f"a conveyor needs the tape of an LSTM whose parts have names: {law}") from None
    return steps


def _parts(records, steps, loss, gradients, digits, shares):
    """A Part for each Var, with what stands above its number, in the colour of what it is."""
    shown = {steps[0].c_prev: ("$c_0$", "c"), steps[0].h_prev: ("$h_0$", "h"), loss: ("$L$", "L")}
    for t, s in enumerate(steps, start=1):
        shown |= {s.kept: ("×", "c"), s.new: ("×", "c"), s.c: (f"$c_{t}$ = +", "c"), s.tanh_c: ("tanh", "c")}
        shown |= {s.x: (f"$x_{t}$", "x"), s.h: (f"$h_{t}$ = ×", "h")}
        for name, gate, z in zip(GATES, s.gates, s.zs):
            shown[z] = f"$z_{name}$", "weight"
            shown[gate] = (f"${name}_{t}$ = tanh", "c") if name == "g" else (f"${name}_{t}$ = σ", "gate")
    nodes = dict.fromkeys(records) | {v: None for v in shown if v.record not in records}
    for part in (part for node in nodes for part in face_of(node, gradients, digits, shares).parts):
        head, role = shown[part.var]
        numbers = part.text.splitlines()[len(part.heads) :]
        yield part._replace(heads=[head], role=role, text="\n".join([head, *numbers]))


def _lines(records, steps, boxes):
    """{(record, i): the way of input i to it}, level or upright, with at most one corner."""
    level, left, right, top, foot = edges(boxes)
    lines = {}
    for s in steps:
        product, x = s.zs[0].record, boxes[s.x].x
        lines[product, 0] = [(x, top(s.x)), (x, foot(s.zs[0]))]
        row, below = level(s.zs[0]), boxes[s.h_prev].x
        start = [(right(s.h_prev), row)] if level(s.h_prev) == row else [(below, foot(s.h_prev)), (below, row)]
        lines[product, 1] = [*start, (left(s.zs[0]), row)]
        for gate, z in zip(s.gates, s.zs):
            lines[gate.record, 0] = [(boxes[z].x, top(z)), (boxes[z].x, foot(gate))]
        f, i, g, o = s.gates
        lines[s.kept.record, 0] = [(boxes[f].x, top(f)), (boxes[f].x, foot(s.kept))]
        lines[s.kept.record, 1] = [(right(s.c_prev), level(s.c)), (left(s.kept), level(s.c))]
        lines[s.new.record, 0] = [(boxes[i].x, top(i)), (boxes[i].x, level(s.new)), (left(s.new), level(s.new))]
        lines[s.new.record, 1] = [(boxes[g].x, top(g)), (boxes[g].x, foot(s.new))]
        lines[s.c.record, 0] = [(right(s.kept), level(s.c)), (left(s.c), level(s.c))]
        lines[s.c.record, 1] = [(boxes[s.c].x, top(s.new)), (boxes[s.c].x, foot(s.c))]
        down = boxes[s.tanh_c].x
        lines[s.tanh_c.record, 0] = [(right(s.c), level(s.c)), (down, level(s.c)), (down, top(s.tanh_c))]
        lines[s.h.record, 0] = [(right(o), level(o)), (left(s.h), level(o))]
        lines[s.h.record, 1] = [(down, foot(s.tanh_c)), (down, top(s.h))]
    loss, last = records[-1].outputs[0], steps[-1].h
    lines[records[-1], 0] = [(right(last), level(last)), (left(loss), level(last))]
    return lines
