"""The walk back over a tape, edge by edge: what each record sends to each of its inputs, and what a window cuts.

It adds up what `backward` adds, in the same order, but keeps every share, and leaves the Vars as they are.
An edge is (record, i): from a record back to its input number i.
"""

import re

import numpy as np

SMALL = 16  # numbers on either side of a record whose local derivatives are computed one by one


def walk(loss, records, cut=()):
    """{Var: gradient} and {edge: the share that it carries}, without the edges in `cut`; records in forward order.

    TypeError, ValueError: what a record's wrong pullback returns.
    """
    gradients, shares = {loss: np.ones_like(loss.value)}, {}
    for record in reversed(records):
        for i, share in enumerate(record.shares([gradients.get(ref()) for ref, _, _ in record.made])):
            if share is not None and (record, i) not in cut:
                v = record.inputs[i]
                shares[record, i] = share
                gradients[v] = gradients[v] + share if v in gradients else share
    return gradients, shares


def local_derivatives(record):
    """{i: J} for each input of at most 16 numbers: J[m, n] = d(output number m) / d(input number n).

    Numbers are counted row by row, over all outputs. Exact: a pullback is linear, so unit vectors give its matrix.
    Without an entry where the outputs have more than 16 numbers.
    """
    shapes = [(shape, dtype) for _, shape, dtype in record.made]
    total = sum(int(np.prod(shape)) for shape, _ in shapes)
    small = [i for i, v in enumerate(record.inputs) if v.value.size <= SMALL] if total <= SMALL else []
    rows = {i: [] for i in small}
    for unit in np.eye(total) if small else ():
        ends = np.cumsum([int(np.prod(shape)) for shape, _ in shapes])[:-1]
        parts = [p.reshape(shape).astype(dtype) for p, (shape, dtype) in zip(np.split(unit, ends), shapes, strict=True)]
        shares = record.shares(parts)
        for i in small:
            share = shares[i]
            rows[i].append(np.zeros(record.inputs[i].value.size) if share is None else np.ravel(share))
    return {i: np.array(matrix) for i, matrix in rows.items()}


def borders(records, names):
    """{t: the edges that lead from step t + 1 back to the states of step t}, for t = 1 … T - 1.

    names: the letters of the states, as "h" for h_1 … h_T. To step t + 1 belongs each record all of whose uses end in
    the states of t + 1: y_t does not. Empty without two such states, or where one does not lead to the next.
    """
    states = {}
    for v in dict.fromkeys(v for record in records for v in record.outputs):
        if match := re.fullmatch(rf"(?:.*\.)?({'|'.join(map(re.escape, names))})_(\d+)", v.name or ""):
            states.setdefault(int(match[2]), set()).add(v)
    last = max(states, default=0)
    users = {}
    for record in records:
        for v in record.inputs:
            users.setdefault(v, []).append(record)
    found = {}
    for t in range(1, last):
        step = set()
        for record in reversed(records):
            if states.get(t, set()).intersection(record.outputs):
                continue
            ways = [user for v in record.outputs for user in users.get(v, ())]
            if states.get(t + 1, set()).intersection(record.outputs) or (ways and step.issuperset(ways)):
                step.add(record)
        found[t] = {(record, i) for record in step for i, v in enumerate(record.inputs) if v in states.get(t, ())}
    return found if found and all(found.values()) else {}


def window_cuts(found, k):
    """The edges that a window of k steps cuts: those over every k-th border."""
    return {edge for t, edges in found.items() if t % k == 0 for edge in edges}
