"""What a box of a drawn graph shows: a function's name, what it made, and the gradients of that."""

import re
from typing import NamedTuple

import numpy as np

from unrolled.figures.diagrams import Box
from unrolled.figures.plots import decimal

SIGNS = {"add": "+", "subtract": "−", "multiply": "×", "divide": "÷", "negative": "−", "sum": "Σ"}
LINE = 0.29  # the height of a line of numbers, in units


class Part(NamedTuple):
    """One Var of a node: its text, under its heads, and its gradient's, None without one."""

    var: object
    role: str
    heads: list
    text: str
    gradient: str | None


class Face(NamedTuple):
    """What a node shows: its Vars, one below the other, and the width that they need."""

    parts: list
    width: float

    height = property(lambda self: sum(height(t) for part in self.parts for t in part[3:] if t is not None))
    last = property(lambda self: (self.parts[-1].var, "gradient") if self.parts[-1].gradient else self.parts[-1].var)


def stack(face, x, top, width):
    """The box of each Var of a node and, under it, that of its gradient."""
    boxes = {}
    for part in face.parts:
        for key, role, text in ((part.var, part.role, part.text), ((part.var, "gradient"), "gradient", part.gradient)):
            if text is not None:
                boxes[key] = Box(x, top - height(text) / 2, role, text, width, height(text))
                top -= height(text)
    return boxes


def edges(boxes):
    """Where lines touch the boxes of a layout: (level, left, right, top, foot), each a function of a Var.

    The foot is that of its gradient, which stands below its value.
    """
    level = lambda v: boxes[v].y
    left = lambda v: boxes[v].x - boxes[v].width / 2
    right = lambda v: boxes[v].x + boxes[v].width / 2
    top = lambda v: boxes[v].y + boxes[v].height / 2
    foot = lambda v: boxes[low].y - boxes[low].height / 2 if (low := (v, "gradient")) in boxes else level(v) - 0.35
    return level, left, right, top, foot


def height(text):
    """How high a box with this text is, in units."""
    return LINE * len(text.splitlines()) + 0.12


def face_of(node, gradients, digits, norms):
    """The Face of a Record, or of a leaf. A function's first result carries the function's name."""
    parts = []
    for var in node.outputs if hasattr(node, "outputs") else (node,):
        function = SIGNS.get(node.name, node.name.replace("_", " ")) if hasattr(node, "outputs") and not parts else ""
        name = re.sub(r"^([A-Za-z]+)_(\w+)$", r"$\1_{\2}$", name_of(var))  # W_xh -> $W_{xh}$
        name = f"${name}$" if len(name) == 1 else name
        heads = [f"{name} = {function}"] if name and function and len(function) < 8 else [name, function]
        heads = [head for head in heads if head]
        role = {"W": "weight", "b": "weight"}.get(letter(var), letter(var))
        gradient = "\n".join(_numbers(gradients[var], digits, norms)) if var in gradients else None
        text = "\n".join([*heads, *_numbers(var.value, digits, norms)])
        parts.append(Part(var, role, heads, text, gradient))
    return Face(parts, 0.105 * longest(parts) + 0.3)


def longest(parts):
    """How many characters the longest line of these parts has, as it is read."""
    return max(map(len, re.sub(r"[${}_]", "", "\n".join(t for part in parts for t in part[3:] if t)).splitlines()))


def name_of(var):
    """The Var's name; of rnn.W_xh the last part."""
    return (var.name or "").split(".")[-1]


def letter(var):
    """The letter that gives a Var its row and colour: h of h_1, W of W_xh, L of L_2 and of L."""
    name = name_of(var)
    return name[:1] if name[1:2] == "_" or name == "L" else ""


def is_large(array):
    """Whether an array is shown by its shape, in place of its numbers."""
    return np.ndim(array) > 2 or max(np.shape(np.atleast_2d(array))) > 4


def _numbers(array, digits, norms):
    if is_large(array):
        return [str(np.shape(array)), *([f"‖·‖ = {np.linalg.norm(array):.4g}"] if norms else [])]
    return [
        "  ".join("·" if np.isnan(value) else decimal(value, digits) for value in row) for row in np.atleast_2d(array)
    ]
