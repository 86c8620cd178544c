"""Layers one above the other: the residual stack, and how many numbers a deep one holds."""

import numpy as np

from unrolled.cells.rnn import rnn
from unrolled.cells.stacks import stack_layers
from unrolled.cells.table import CELLS, cell_size
from unrolled.exercises.exercise import Exercise
from unrolled.exercises.mistakes import mutants


class _Layer:
    """A tanh layer with random weights: layer(xs (T, N, D)) -> hs (T, N, H)."""

    def __init__(self, rng, D, H):
        self.H = H
        self.weights = {"W_xh": rng.standard_normal((D, H)), "W_hh": rng.standard_normal((H, H)), "b_h": np.zeros(H)}

    def __call__(self, xs):
        return rnn(xs, np.zeros((xs.shape[1], self.H)), **self.weights)

    def __repr__(self):
        return "a layer that reads " + " " * 100  # too long for the smallest input of a report


def residual_layers(xs, layers):
    """Each layer reads what the one below gives; from the second on it adds what it reads: (T, N, D) -> (T, N, H)"""
    run = lambda xs, layer, lengths: layer(xs)
    weights = [{"layer": layer} for layer in layers]
    return stack_layers(run, xs, [()] * len(layers), weights, residual=True)[0]


def residual_stack(xs, layers):
    """Each layer reads what the one below gives; from the second on it adds what it reads: (T, N, D) -> (T, N, H)"""
    ys = layers[0](xs)
    for layer in layers[1:]:
        ys = ys + layer(ys)
    return ys


def _stack_case(rng, T, N, D, H, layers):
    widths = [D] + [H] * layers
    return {
        "xs": rng.standard_normal((T, N, D)),
        "layers": tuple(_Layer(rng, *pair) for pair in zip(widths, widths[1:])),
    }


ADD, LOOP, FIRST = "ys + layer(ys)", "for layer in layers[1:]:\n        ys = ys + layer(ys)", "ys = layers[0](xs)"
RESIDUAL_STACK = Exercise(
    name="residual_stack",
    statement="Run xs (T, N, D) through a tuple of layers; each but the lowest adds what it reads to what it gives.",
    reference=residual_layers,
    shown=residual_stack,
    case=_stack_case,
    results=("ys",),
    hints=(
        "Which shapes do the lowest layer's input and output have, and which those of the layers above it?",
        "The lowest layer goes from D to H, and D may differ: nothing is added there. The others go from H to H.",
        "ys = layers[0](xs); then for each layer of layers[1:]: ys = ys + layer(ys).",
    ),
    wrong=mutants(
        residual_stack,
        ("nothing is added, a plain stack: each layer but the lowest adds what it reads", ADD, "layer(ys)"),
        ("the lowest layer adds its input, too: it is left out, because in a model D is not H", FIRST, "ys = xs",
         "layers[1:]", "layers"),
        ("every layer adds the input of the whole stack: it adds what it reads itself", ADD, "xs + layer(ys)"),
        ("every layer adds what the lowest gave: it adds what it reads itself", LOOP,
         "first = ys\n    for layer in layers[1:]:\n        ys = first + layer(ys)"),
        ("one way leads past all layers: each layer has its own", LOOP,
         "first = ys\n    for layer in layers[1:]:\n        ys = layer(ys)\n    ys = ys + first if layers[1:] else ys"),
        ("what a layer reads is added twice: once", ADD, "2 * ys + layer(ys)"),
        ("what a layer gives is added twice: once", ADD, "ys + 2 * layer(ys)"),
        ("the layer adds what it gives to itself: it adds what it reads", ADD, "layer(ys) + layer(ys)"),
        ("what a layer reads is subtracted: it is added", ADD, "layer(ys) - ys"),
        ("what a layer gives is subtracted: it is added", ADD, "ys - layer(ys)"),
        ("the two are multiplied: they are added", ADD, "ys * layer(ys)"),
        ("the two are averaged: they are added", ADD, "(ys + layer(ys)) / 2"),
        ("tanh is taken of the sum: what goes past a layer stays as it is", ADD, "np.tanh(ys + layer(ys))"),
        ("tanh is taken of what goes past: it stays as it is", ADD, "np.tanh(ys) + layer(ys)"),
        ("the sum is made before the layer, of what it and the one below read: it stands behind the layer", LOOP,
         "below = 0\n    for layer in layers[1:]:\n        ys, below = layer(ys + below), ys"),
        ("every layer reads what the lowest gave: it reads the sum so far", LOOP,
         "first = ys\n    for layer in layers[1:]:\n        ys = ys + layer(first)"),
        ("the layers read one another, and only at the end are all added up: each reads the sum so far", LOOP,
         "zs = ys\n    for layer in layers[1:]:\n        zs = layer(zs)\n        ys = ys + zs"),
        ("the topmost layer adds nothing: each but the lowest adds what it reads", "return ys",
         "return ys - before if layers[1:] else ys", "        ys = ys", "        before = ys\n        ys = ys"),
        ("only the topmost layer adds what it reads: each but the lowest does", ADD,
         "layer(ys) + ys * (layer is layers[-1])"),
        ("the second layer adds nothing, either: each but the lowest adds what it reads", LOOP,
         "for i, layer in enumerate(layers[1:]):\n        ys = ys * (i > 0) + layer(ys)"),
        ("only every second layer adds what it reads: each but the lowest does", ADD,
         "layer(ys) + ys * (layers.index(layer) % 2 == 0)"),
        ("the topmost layer is left out: all of them are asked for", "layers[1:]", "layers[1:-1]"),
        ("the second layer is left out: the loop begins at layers[1]", "layers[1:]", "layers[2:]"),
        ("the lowest layer runs twice: the loop begins at layers[1]", "layers[1:]", "layers"),
        ("the upper layers run from the top down: from the second lowest on", "layers[1:]", "layers[:0:-1]"),
        ("the second layer runs in every place: each layer once", ADD, "ys + layers[1](ys)"),
        ("the last step alone is returned: all T of them belong there", "return ys", "return ys[-1]"),
        ("what a layer reads stands beside what it gives, as in a dense network: it is added", ADD,
         "np.concatenate([ys, layer(ys)], axis=2)"),
    ),
)  # fmt: skip


def size_of_stack(cell, D, H, layers, directions):
    """How many numbers the weights hold: in each layer, each direction is a cell of its own"""
    widths = [D] + [directions * H] * (layers - 1)
    return directions * sum(cell_size(cell, width, H) for width in widths)


def deep_size(cell, D, H, layers, directions):
    """How many numbers the weights hold: in each layer, each direction is a cell of its own"""
    gates, biases = {"rnn": (1, 1), "lstm": (4, 4), "gru": (3, 4)}[cell]
    size, width = 0, D
    for _ in range(layers):
        size += directions * (gates * H * (width + H) + biases * H)
        width = directions * H
    return size


def _size_case(rng, D, H, layers, case):
    cell, directions = list(CELLS)[case % len(CELLS)], int(rng.integers(1, 3))
    return {"cell": cell, "D": D, "H": H, "layers": layers, "directions": directions}


GATES, ONE = '{"rnn": (1, 1), "lstm": (4, 4), "gru": (3, 4)}[cell]', "(gates * H * (width + H) + biases * H)"
DEEP_SIZE = Exercise(
    name="deep_size",
    statement='Count the numbers in W_xh, W_hh, b_h (and a "gru"\'s b_hn) of a stack of cells, in 1 or 2 directions.',
    reference=size_of_stack,
    shown=deep_size,
    case=_size_case,
    results=("the count",),
    hints=(
        "How wide is what the second layer reads, if both directions of the first stand side by side?",
        "One cell: gates H (width + H) + gates H, and H more for a GRU's b_hn. A direction is a cell of its own.",
        "The lowest layer has width D, each other one directions * H. Add up directions * (one cell) over the layers.",
    ),
    wrong=mutants(
        deep_size,
        ("the upper layers read H numbers: they read all directions, directions * H", "width = directions * H",
         "width = H"),
        ("the upper layers read D numbers: they read what the layer below gives, directions * H",
         "width = directions * H", "width = D"),
        ("the lowest layer reads directions * H numbers: it reads D", "0, D", "0, directions * H"),
        ("an upper layer reads all layers below it: only the one right below", "width = directions * H",
         "width = width + directions * H"),
        ("an upper layer reads 2 H numbers in one direction, too: directions * H", "width = directions * H",
         "width = 2 * H"),
        ("one direction alone is counted: each has weights of its own", "size += directions * (", "size += ("),
        ("the upper layers are counted in one direction: each layer has all directions", "for _ in", "for upper in",
         "size += directions * (", "size += (1 if upper else directions) * ("),
        ("the upper layers are counted in one direction, with H numbers to read: in all of them, directions * H",
         "for _ in", "for upper in", "size += directions * (", "size += (1 if upper else directions) * (",
         "width = directions * H", "width = H"),
        ("there are always two directions counted: as many as are asked for", "size += directions * (",
         "size += 2 * ("),
        ("the lowest layer alone is counted: all of them", "range(layers)", "range(1)"),
        ("the topmost layer is left out: all of them count", "range(layers)", "range(layers - 1)"),
        ("one layer too many is counted", "range(layers)", "range(layers + 1)"),
        ("the biases are left out", " + biases * H", ""),
        ("each cell has two biases, as PyTorch counts: here it is one b_h, and the GRU's b_hn", "biases * H",
         "2 * gates * H"),
        ("both directions share one bias: each has its own", f"directions * {ONE}",
         "directions * gates * H * (width + H) + biases * H"),
        ("a bias of H numbers serves all gates: each gate has its own", "biases * H", "H"),
        ("the bias is counted with one number for each gate: it has H", "biases * H", "biases"),
        ("the GRU's b_hn is left out: it has H numbers", '"gru": (3, 4)', '"gru": (3, 3)'),
        ("the GRU is counted with four gates, as an LSTM: it has r, z and n", '"gru": (3, 4)', '"gru": (4, 4)'),
        ("the GRU is counted with two gates, r and z: its candidate n has weights, too", '"gru": (3, 4)',
         '"gru": (2, 3)'),
        ("the LSTM is counted with three gates, i, f and o: its candidate g has weights, too", '"lstm": (4, 4)',
         '"lstm": (3, 3)'),
        ("every cell is counted as a plain RNN: an LSTM has four gates, a GRU three", GATES, "(1, 1)"),
        ("the tanh cell is counted with four gates: it has one block", '"rnn": (1, 1)', '"rnn": (4, 4)'),
        ("W_hh is left out: each cell reads its own state, H numbers", "(width + H)", "width"),
        ("W_xh is left out: each cell reads what lies below it", "(width + H)", "H"),
        ("W_hh reads both directions' states: each direction reads its own, H numbers", "(width + H)",
         "(width + directions * H)"),
        ("W_hh is counted once, not for each gate", "gates * H * (width + H)", "(gates * H * width + H * H)"),
        ("W_xh is counted once, not for each gate", "gates * H * (width + H)", "(H * width + gates * H * H)"),
        ("W_hh is counted as (D, gates H): it leads from the state to the state, (H, gates H)", "(width + H)",
         "(width + D)"),
        ("the first states are counted, too: they are no weights", " + biases * H", " + biases * H + H"),
    ),
)  # fmt: skip

EXERCISES = RESIDUAL_STACK, DEEP_SIZE
