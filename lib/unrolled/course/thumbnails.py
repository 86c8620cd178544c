"""The small pictures by which the map of the course shows the lessons, drawn on Axes by code."""

from unrolled.figures.diagrams import Arrow, Box, diagram


def thumbnail(ax, lesson):
    """The picture of a lesson, by its number. Its type is large: the axes may be an inch high."""
    if lesson not in LESSONS:
        raise ValueError(f"lesson must be one of {list(LESSONS)}, got {lesson!r}")
    boxes, arrows = LESSONS[lesson]()
    diagram(ax, boxes, [Arrow(*arrow) for arrow in arrows], margin=0.25, type_height=0.38)


def _vanilla_rnn():
    boxes = {(role, t): Box(t, y, role, role) for t in range(3) for role, y in (("x", 0), ("h", 1), ("y", 2))}
    upward = [((a, t), (b, t)) for t in range(3) for a, b in ("xh", "hy")]
    return boxes, upward + [(("h", 0), ("h", 1)), (("h", 1), ("h", 2))]


def _computational_graph():
    boxes = {
        "x": Box(0, 0, "x", "x"),
        "W": Box(0, 1.2, "weight", "W"),
        "×": Box(1.1, 0.6, None, "×"),
        "h": Box(2.2, 0.6, "h", "tanh", 0.9),
    }
    return boxes, [("x", "×"), ("W", "×"), ("×", "h"), ("h", "×", "", "gradient", 0.7), ("×", "W", "", "gradient", 0.5)]


def _bptt():
    boxes = {t: Box(1.2 * t, 0, "h", "h") for t in range(3)} | {"L": Box(2.4, 1.2, None, "L")}
    back = [(t + 1, t, "", "gradient", 0.8) for t in range(2)]
    return boxes, [(t, t + 1, "", "h") for t in range(2)] + [(2, "L"), ("L", 2, "", "gradient", 0.7), *back]


def _char_rnn():
    boxes = {("x", t): Box(0.9 * t, 0, "x", letter) for t, letter in enumerate("hell")}
    boxes |= {("y", t): Box(0.9 * t, 1.2, "y", letter) for t, letter in enumerate("ello")}
    return boxes, [(("x", t), ("y", t)) for t in range(4)]


def _captioning():
    boxes = {
        (i, j): Box(0.5 * i, 0.5 * j, "x" if (i, j) == (1, 1) else None, "", 0.4, 0.4)
        for i in range(3)
        for j in range(3)
    }
    boxes |= {t: Box(2.2, 1 - 0.75 * t, "y", word, 1) for t, word in enumerate(("red", "dot"))}
    return boxes, [((2, 1), 0), ((2, 1), 1)]


def _attention():
    sizes = 0.4, 0.9, 0.4
    boxes = {k: Box(1.1 * k, 0, "x", "v", size, size) for k, size in enumerate(sizes)}
    boxes |= {"c": Box(1.1, 1.4, "y", "mean", 1.3)}
    return boxes, [(k, "c") for k in range(3)]


def _gradient_flow():
    boxes = {t: Box(1.2 * t, 0, "gradient", "dh", 0.6 + 0.2 * t, 0.5 + 0.25 * t) for t in range(3)}
    return boxes, [(t + 1, t, "", "gradient", 0.8) for t in range(2)]


def _lstm():
    boxes = {"c": Box(0, 1.2, "c", "c"), "f": Box(1.1, 1.2, "gate", "f"), "next": Box(2.2, 1.2, "c", "c")}
    boxes |= {"g": Box(0, 0, None, "g"), "i": Box(1.1, 0, "gate", "i"), "o": Box(3.3, 1.2, "gate", "o")}
    boxes |= {"h": Box(3.3, 0, "h", "h")}
    return boxes, [("c", "f", "", "c"), ("f", "next", "", "c"), ("g", "i"), ("i", "next"), ("next", "o"), ("o", "h")]


def _gru():
    boxes = {"h": Box(0, 1.2, "h", "h"), "z": Box(1.3, 1.2, "gate", "z"), "next": Box(2.6, 1.2, "h", "h")}
    boxes |= {"r": Box(0.4, 0, "gate", "r"), "n": Box(2.2, 0, None, "n")}
    return boxes, [("h", "z", "", "h"), ("z", "next", "", "h"), ("h", "r"), ("r", "n"), ("n", "z")]


def _two_directions():
    boxes = {(row, t): Box(1.3 * t, row, role, role) for t in range(3) for row, role in enumerate("hxh")}
    chains = [((2, t), (2, t + 1)) for t in range(2)] + [((0, t + 1), (0, t)) for t in range(2)]
    return boxes, chains + [((1, t), (row, t)) for t in range(3) for row in (0, 2)]


def _sequence_to_sequence():
    boxes = {k: Box(k, 0, "h", "h" if k < 2 else "s") for k in range(4)}
    boxes |= {("x", k): Box(k, -1, "x", "x") for k in range(2)}
    boxes |= {("y", k): Box(k, 1, "y", "y") for k in (2, 3)}
    chain = [(k, k + 1, "", "h") for k in range(3)]
    return boxes, chain + [(("x", k), k) for k in range(2)] + [(k, ("y", k)) for k in (2, 3)]


def _variants():
    moves = {0: range(4), 1: (0, 2), 2: (0,)}
    due = {(row, t): t in moves[row] for row in moves for t in range(4)}
    boxes = {(row, t): Box(t, row, *(("h", "h") if moved else (None, ""))) for (row, t), moved in due.items()}
    return boxes, [((row, t), (row, t + 1), "", "h") for row in moves for t in range(3)]


def _applications():
    boxes = {"h": Box(0, 0.5, "h", "h", 0.8, 1.5), "?": Box(1.2, 0.5, None, "?", 0.6, 0.6)}
    boxes |= {"y": Box(2.4, 0.5, "y", "k", 0.8, 1.5)}
    return boxes, [("h", "?"), ("y", "?")]


LESSONS = dict(enumerate((_vanilla_rnn, _computational_graph, _bptt, _char_rnn, _captioning, _attention), start=1))
LESSONS |= {
    7: _gradient_flow,
    8: _lstm,
    9: _gru,
    10: _two_directions,
    11: _sequence_to_sequence,
    12: _variants,
    13: _applications,
}
