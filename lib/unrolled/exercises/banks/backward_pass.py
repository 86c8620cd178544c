"""The backward pass of a tape, and one that overwrites where it should add."""

from itertools import count

import numpy as np

from unrolled.autodiff import tape
from unrolled.autodiff.tape import history
from unrolled.exercises.banks.pullbacks import matmul, multiply
from unrolled.exercises.exercise import Exercise, Wrong
from unrolled.exercises.mistakes import mutants


def overwrites(y):
    """The walk back that sets each gradient where it should add."""
    y.grad = np.ones_like(y.value)
    for record in history(y)[::-1]:
        gradients = record.pullback(record.outputs[0].grad)
        for v, slot in zip(record.inputs, record.slots):
            v.grad = gradients[slot]


def backward(y):
    """Set the gradients of the history to 0 and y's to 1; then visit the records, the last first, and add"""
    records = history(y)[::-1]
    for record in records:
        for v in record.inputs:
            v.grad = 0
    y.grad = np.ones_like(y.value)
    for record in records:
        gradients = record.pullback(record.outputs[0].grad)
        for v, d in zip(record.inputs, gradients):
            v.grad = v.grad + d


def _walk_forward(y):
    """backward, but it visits the first record first."""
    records = history(y)
    for v in (v for record in records for v in (*record.inputs, *record.outputs)):
        v.grad = np.zeros_like(v.value)
    y.grad = np.ones_like(y.value)
    for record in records:
        gradients = record.pullback(record.outputs[0].grad)
        for v, slot in zip(record.inputs, record.slots):
            v.grad = v.grad + gradients[slot]


KNOWN = mutants(
    backward,
    ("each pullback is called with the gradient of y: it takes that of its own record, record.outputs[0].grad",
     "record.outputs[0].grad", "y.grad"),
    ("each pullback is called with a value: it takes a gradient, record.outputs[0].grad",
     "record.outputs[0].grad", "record.outputs[0].value"),
    ("each gradient is subtracted: it must be added", "v.grad + d", "v.grad - d"),
    ("the gradients that meet are multiplied: they must be added", "v.grad + d", "v.grad * d"),
    ("every input gets the first gradient that the pullback returns: each gets its own",
     "zip(record.inputs, gradients)", "((v, gradients[0]) for v in record.inputs)"),
)  # fmt: skip


class Var:
    """A Var as the lesson writes it."""

    def __init__(self, value, record=None):
        self.value, self.grad, self.record = value, 0, record


class Record:
    """A Record as the lesson writes it."""

    def __init__(self, inputs, value, pullback):
        self.inputs, self.pullback, self.order = inputs, pullback, next(_clock)
        self.slots, self.outputs = range(len(inputs)), [Var(value, self)]


_clock = count()


def _apply(function, *inputs):
    return Record(inputs, *function(*(v.value for v in inputs))).outputs[0]


def _add(a, b):
    return a + b, lambda d: (d, d)


def _graphs():
    """(the law in words, y, its inputs by name): the smallest first. Each time they are made anew."""
    a, b, c = map(Var, (3.0, 2.0, -4.0))
    yield "L = a * b + c", _apply(_add, _apply(multiply, a, b), c), {"a": a, "b": b, "c": c}
    a, b, c = map(Var, (3.0, 2.0, -4.0))
    s = _apply(_add, _apply(multiply, a, b), c)
    yield "L = (a * b + c) * a", _apply(multiply, s, a), {"a": a, "b": b, "c": c}
    a, b = map(Var, (3.0, 2.0))
    s = _apply(multiply, a, b)
    yield (
        "s = a * b, L = (s * s) * b + s",
        _apply(_add, _apply(multiply, _apply(multiply, s, s), b), s),
        {"a": a, "b": b},
    )
    A, B, C, w = (Var(np.array(M)) for M in ([[1.0, 2.0]], [[3.0, -1.0]], [[0.5, 4.0]], [[2.0], [5.0]]))
    product, total = _apply(multiply, A, C), _apply(_add, A, B)
    L = _apply(_add, _apply(matmul, product, w), _apply(matmul, total, w))
    yield "L = (A * C) @ w + (A + B) @ w", L, {"A": A, "B": B, "C": C, "w": w}


def _gradients(walk, number):
    """{name: gradient} after a walk over graph number `number`, made anew; what the walk left at y."""
    law, y, inputs = list(_graphs())[number]
    _clear(y)
    walk(y)
    return {name: v.grad for name, v in inputs.items()}, y.grad


def _clear(y):
    """Every gradient to 0, as it is when a Var of the lesson is made."""
    for v in (v for record in history(y) for v in (*record.inputs, *record.outputs)):
        v.grad = 0


def _agree(gradients, others):
    return all(np.shape(gradients[k]) == np.shape(d) and np.allclose(gradients[k], d) for k, d in others.items())


def _use_backward(function):
    for number, (law, y, inputs) in enumerate(_graphs()):
        right, _ = _gradients(backward, number)
        _clear(y)
        values = {name: np.copy(v.value) for name, v in inputs.items()}
        visited = _watch(y)
        _walk(function, law, y)
        _check_visits(law, y, visited)
        if changed := [name for name, v in inputs.items() if not np.array_equal(v.value, values[name])]:
            raise Wrong(f"in {law} the walk has changed the value of {changed[0]}: gradients are added to v.grad")
        got = {name: v.grad for name, v in inputs.items()}
        _check_walk(law, y, got, right, number, function)
        function(y)
        again = {name: v.grad for name, v in inputs.items()}
        if not _agree(again, right):
            raise Wrong(f"a second walk over {law} must start afresh, and its gradients are added to the first walk's")
    return ()


def _watch(y):
    """A list that takes in each record of the history whose pullback is called."""
    visited = []

    def watched(record, pullback):
        def call(*gradients):
            visited.append(record)
            return pullback(*gradients)

        return call

    for record in history(y):
        record.pullback = watched(record, record.pullback)
    return visited


def _check_visits(law, y, visited):
    records = history(y)
    if not visited:
        raise Wrong(f"in {law} no pullback is called: the walk must visit all {len(records)} records")
    if set(visited) == {y.record} and len(records) > 1:
        raise Wrong(
            f"in {law} only the record of y is visited, one of {len(records)}: does return stand inside the loop?"
        )


def _walk(function, law, y):
    try:
        function(y)
    except ValueError:
        if np.any(y.grad) and np.shape(y.grad) != np.shape(y.value):
            shape = np.shape(y.value)
            raise Wrong(f"in {law} y has the shape {shape}, and its gradient must have it, too: np.ones_like") from None
        raise


def _name_mistake(function):
    """The sentence of KNOWN whose walk gives what the function gives over every graph; None where there is none."""
    graphs = range(len(list(_graphs())))
    for sentence, walk in KNOWN.items():
        try:
            if all(_agree(_gradients(function, n)[0], _gradients(walk, n)[0]) for n in graphs):
                return sentence
        except (TypeError, ValueError):
            continue  # it raises over a larger graph: nothing certain is known
    return None


def _check_walk(law, y, got, right, number, function):
    """Raise Wrong where the gradients after a first walk are not right."""
    for name, d in got.items():
        if d is None or not np.issubdtype(np.asarray(d).dtype, np.number):
            raise Wrong(f"in {law} the gradient of {name} must be a number or an array, got {type(d).__name__}")
    if _agree(got, right):
        return
    if not np.any(y.grad):
        raise Wrong(f"the walk over {law} starts with dL/dL = 1, and the gradient of y is {y.grad}")
    if mistake := _name_mistake(function):
        raise Wrong(f"in {law} {mistake}")
    if _agree(got, _gradients(_walk_forward, number)[0]):
        raise Wrong(f"in {law} a record is visited before its output has its gradient: walk in reverse, the last first")
    if _agree(got, _gradients(overwrites, number)[0]):
        raise Wrong(f"in {law} one Var is used twice, and its last gradient has replaced the first: they must be added")
    name = next(name for name, d in right.items() if not _agree({name: got[name]}, {name: d}))
    mine, ours = (np.round(d[name], 4).tolist() for d in (got, right))
    if np.ndim(y.value):
        shared = "; do two Vars share one array that += changes?" if np.shape(mine) == np.shape(ours) else ""
        raise Wrong(f"in {law} the gradient of {name} is {mine}, and right is {ours}{shared}")
    raise Wrong(f"in {law} the gradient of {name} is {mine}, and right is {ours}")


BACKWARD = Exercise(
    name="backward",
    statement="Write the walk back over history(y): each record, the last first, adds to the gradients of its inputs.",
    reference=backward,
    case=lambda rng: {},
    results=(),
    use=_use_backward,
    hints=(
        "history(y) is in the order of the computation. Which record must be visited first?",
        "A loop over history(y)[::-1]; in it, the pullback of record.outputs[0].grad, and a loop over record.inputs.",
        "for v, d in zip(record.inputs, record.pullback(record.outputs[0].grad)): v.grad = v.grad + d",
    ),
)  # fmt: skip


def _two_walks(make):
    """(dL/da, dL/db) by the right walk, and by the one that overwrites."""
    found = []
    for walk in (tape.backward, overwrites):
        a, b = tape.Var(np.array(3.0), "a"), tape.Var(np.array(2.0), "b")
        L = make(a, b)
        if not isinstance(L, tape.Var):
            got = "one of another tape: make it of these two alone" if type(L).__name__ == "Var" else type(L).__name__
            raise Wrong(f"L must be a Var, made of a and b by + and *, got {got}")
        walk(L)
        if a.grad is None or b.grad is None:
            raise Wrong(f"L must depend on a and on b, and {'a' if a.grad is None else 'b'} is not in it")
        found.append((float(a.grad), float(b.grad)))
    return found


def _use_gets_wrong(make):
    right, got = _two_walks(make)
    if right == got:
        raise Wrong(f"the walk that overwrites gets it right, {got}: nothing is lost where each is used once")
    return ()


def _use_gets_right(make):
    right, got = _two_walks(make)
    if right != got:
        lost = " and ".join(name for name, r, g in zip("ab", right, got) if r != g)
        raise Wrong(f"the walk that overwrites says {got}, right is {right}: {lost} is used more than once")
    return ()


def gets_wrong(a, b):
    """a is used twice, and only one of its two gradients is left"""
    return a * a + b


def gets_right(a, b):
    """each is used once: there is nothing to overwrite"""
    return a * b


_OVERWRITE_HINTS = (
    "Where do two gradients arrive at one value?",
    "A value that is used twice gets two gradients. The walk keeps the one that comes last.",
)
GETS_WRONG = Exercise(
    name="gets_wrong",
    statement="Find an L, made of a and b, that the tape which overwrites gets wrong.",
    reference=gets_wrong,
    case=lambda rng: {},
    results=(),
    use=_use_gets_wrong,
    hints=(*_OVERWRITE_HINTS, "Use a twice, and b somewhere: a * a + …"),
)
GETS_RIGHT = Exercise(
    name="gets_right",
    statement="Find an L that depends on a and b, and that the tape which overwrites gets right all the same.",
    reference=gets_right,
    case=lambda rng: {},
    results=(),
    use=_use_gets_right,
    hints=(*_OVERWRITE_HINTS, "Use each of them once."),
)


EXERCISES = BACKWARD, GETS_WRONG, GETS_RIGHT
