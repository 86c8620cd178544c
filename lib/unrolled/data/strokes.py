"""Letters as strokes of a pen, drawn with another slant, size, speed and tremor each time.

The shapes are two of the Hershey fonts, a joined hand and a printed one; data/README.md has the acknowledgement.
"""

from functools import cache
from typing import NamedTuple

import numpy as np

from unrolled.autodiff.checks import check_count, check_rng
from unrolled.data import folder

LETTERS = "abcdefghijklmnopqrstuvwxyz"
HANDS = ("script", "print")
UNIT = 7  # of the font's units are one of ours: a small letter without ascender is about 1.3 high in script, 2 in print


class Written(NamedTuple):
    """moves (T, N, 2), lifts (T, N) 1 where the pen leaves the paper after the point, mask (T, N) bool, letters (N,).

    moves[0] goes from the letter's first point to its second, x to the right, y down; where the mask is False all is 0.
    """

    moves: np.ndarray
    lifts: np.ndarray
    mask: np.ndarray
    letters: np.ndarray


@cache
def _read(hand):
    """{letter: strokes, a list of (points, 2)}, in our unit."""
    if hand not in HANDS:
        raise ValueError(f"hand must be one of {', '.join(HANDS)}, got {hand!r}")
    with np.load(folder() / "strokes.npz", allow_pickle=False) as file:
        points = {letter: file[f"{hand}/{letter}"] for letter in LETTERS}
    cut = lambda p: np.split(p[:, :2] / UNIT, np.flatnonzero(p[:-1, 2]) + 1)
    return {letter: cut(p) for letter, p in points.items()}


def clean(letter, step=0.45, hand="script"):
    """A letter without tremor -> points (n, 2), and lifts (n,), 1 at the end of each stroke."""
    strokes = [_walk(stroke, step) for stroke in _read(hand)[letter]]
    lifts = [np.arange(len(stroke)) == len(stroke) - 1 for stroke in strokes]
    return np.concatenate(strokes), np.concatenate(lifts).astype(float)


def _walk(points, step):
    """Points at even steps, as near to `step` as fits, along a line through `points` -> (n, 2).

    At least 2, or 4 where the line has as many: the dot of an i is a small ring.
    """
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    at = np.linspace(0, along[-1], max(min(len(points), 4), round(along[-1] / step) + 1))
    return np.stack([np.interp(at, along, column) for column in points.T], axis=1)


def draw(rng, N, hand="script", letters=None):
    """N letters -> Written; letters: which of LETTERS, as numbers (N,), by chance where None."""
    check_rng(rng)
    check_count(N=N)
    letters = rng.integers(len(LETTERS), size=N) if letters is None else np.asarray(letters)
    drawn = [_tremble(rng, *clean(LETTERS[letter], rng.uniform(0.35, 0.6), hand)) for letter in letters]
    T = max(len(points) for points, _ in drawn) - 1
    moves, lifts = np.zeros((T, N, 2), np.float32), np.zeros((T, N), np.float32)
    mask = np.zeros((T, N), bool)
    for n, (points, lifted) in enumerate(drawn):
        t = len(points) - 1
        moves[:t, n], lifts[:t, n], mask[:t, n] = np.diff(points, axis=0), lifted[1:], True
    return Written(moves, lifts, mask, letters)


def _tremble(rng, points, lifts):
    """Another size and slant, and a tremor that is alike in neighbouring points."""
    shape = np.array([[rng.uniform(0.85, 1.15), 0], [rng.normal(0, 0.12), rng.uniform(0.85, 1.15)]])
    noise = rng.normal(0, 0.05, (len(points) + 2, 2))
    return points @ shape + (noise[:-2] + noise[1:-1] + noise[2:]) / np.sqrt(3), lifts


def path(moves, lifts):
    """Moves (T, 2) and lifts (T,) -> a list of strokes (n, 2) from (0, 0); a stroke of one point is left out."""
    points = np.concatenate([np.zeros((1, 2)), np.cumsum(moves, axis=0)])
    strokes = np.split(points, np.flatnonzero(lifts[:-1]) + 2)
    return [stroke for stroke in strokes if len(stroke) > 1]


def nearest(points, hand="script", *, scaled=False):
    """Which letter of a hand some points (n, 2) lie nearest to: the mean distance from each to the other's nearest
    point, both ways, after both were centred. -> its number in LETTERS

    scaled: both are brought to one size first, for a letter whose unit is not known.
    """
    gaps = []
    for letter in LETTERS:
        shape, _ = clean(letter, hand=hand)
        sides = (extent(points), extent(shape)) if scaled else (1, 1)
        a, b = ((p - p.mean(0)) / side for p, side in zip((points, shape), sides))
        apart = np.linalg.norm(a[:, None] - b, axis=2)
        gaps.append(apart.min(0).mean() + apart.min(1).mean())
    return int(np.argmin(gaps))


def extent(points):
    """The larger side of the box around points (n, 2)."""
    return np.ptp(points, axis=0).max()


def to_picture(letter, size=32, hand="script"):
    """A clean letter as white pixels on black (size, size) float32, three pixels from the edge."""
    return picture(*clean(letter, hand=hand), size)


def picture(points, lifts, size=32):
    """The same of points (n, 2) and lifts (n,)."""
    drawn, scale = np.zeros((size, size), np.float32), (size - 7) / extent(points)
    for stroke in np.split(points, np.flatnonzero(lifts[:-1]) + 1):
        column, row = np.round((_walk(stroke, 0.02) - points.min(0)) * scale + 3).astype(int).T
        drawn[row, column] = 1
    return drawn


def trace(picture):
    """A way through the pixels of a picture that are lighter than half -> points (n, 2), x and y in pixels, lifts (n,)

    From the leftmost on, always to the nearest pixel that is left; where that is more than 3 away, the pen lifts. It is
    a guess: a picture does not say in which order it was drawn. ValueError: fewer than two such pixels.
    """
    ink = np.argwhere(picture > 0.5)[:, ::-1].astype(float)
    if len(ink) < 2:
        raise ValueError(f"the picture must have at least two light pixels, got {len(ink)}")
    left, way = ink[ink[:, 0].argsort(kind="stable")], []
    now = left[0]
    while len(left):
        k = np.linalg.norm(left - now, axis=1).argmin()
        now, left = left[k], np.delete(left, k, axis=0)
        way.append(now)
    points = np.array(way)
    return points, np.append(np.linalg.norm(np.diff(points, axis=0), axis=1) > 3, True).astype(float)


def to_points(written, n):
    """Letter n of Written -> points (t + 1, 2) from (0, 0), lifts (t + 1,)"""
    moves, lifts = written.moves[written.mask[:, n], n], written.lifts[written.mask[:, n], n]
    return np.concatenate([np.zeros((1, 2)), np.cumsum(moves, axis=0)]), np.append(0.0, lifts)


def to_moves(points, lifts, step=0.45):
    """Points in our unit and lifts -> Written of one letter, at even steps; letters is left at 0."""
    parts = [_walk(stroke, step) for stroke in np.split(points, np.flatnonzero(lifts[:-1]) + 1) if len(stroke) > 1]
    ends = np.concatenate([np.arange(len(part)) == len(part) - 1 for part in parts])
    moves = np.diff(np.concatenate(parts), axis=0).astype(np.float32)[:, None]
    return Written(moves, ends[1:, None].astype(np.float32), np.ones((len(moves), 1), bool), np.zeros(1, int))
