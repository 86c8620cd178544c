"""The next point of the pen by a line through the nearest points: a baseline of handwriting that learns no weights.

Each point of known letters is remembered with its situation: where the pen is, how it came there, how far and how fast.
"""

import numpy as np

from unrolled.data import strokes
from unrolled.experiments.applications import handwriting
from unrolled.models.files import shipped_pen

NEAREST = 30, 60, 120  # points that a line may be fitted to


def situations(written):
    """Before each point: where the pen is, its last three moves, how far it has gone, its mean move: (T, N, 10)"""
    T = len(written.moves)
    last = [np.pad(written.moves, ((lag, 0), (0, 0), (0, 0)))[:T] for lag in (1, 2, 3)]
    gone = np.cumsum(np.linalg.norm(last[0], axis=-1), axis=0)[..., None]
    mean = gone / np.maximum(np.arange(T), 1)[:, None, None]
    return np.concatenate([np.cumsum(last[0], axis=0), *last, gone, mean], axis=-1)


def nearest_points(known, test, k=60, ridge=0.01):
    """Nats a point of the move as a linear function of the situation, fitted to the k known points of the same letter
    whose situations are nearest; the spread is theirs about it, and a lift's chance how many of them lift."""
    found, seen, asked = [], situations(known), situations(test)
    for letter in range(handwriting.V):
        of, those = known.mask & (known.letters == letter), test.mask & (test.letters == letter)
        xs, moves, lifts = seen[of], known.moves[of], known.lifts[of]
        for x, move, lift in zip(asked[those], test.moves[those], test.lifts[those]):
            near = np.argpartition(((xs - x) ** 2).sum(1), k)[:k]
            X = np.column_stack([np.ones(k), xs[near] - x])
            W = np.linalg.solve(X.T @ X + ridge * np.diag([0.0] + [1.0] * xs.shape[1]), X.T @ moves[near])
            off = moves[near] - X @ W
            found.append(
                (move, W[0], off.T @ off / (k - 5) + 1e-3 * np.eye(2), lift, (lifts[near].sum() + 0.05) / (k + 0.1))
            )
    return handwriting.gaussian_nats(*map(np.array, zip(*found))).mean()


def measure(rng, known, *, test_size):
    """Nats a point of fresh letters, by so many known ones; k: how many nearest points are best on validation.

    On the same test, pen: the shipped pen's. Of printed letters, which nobody has seen, print: those of the nearest
    points, print_line: of least squares, print_pen: of the pen.
    """
    learnt, validation, test = (strokes.draw(rng, N) for N in (known, test_size // 3, test_size))
    tried = {k: nearest_points(learnt, validation, k) for k in NEAREST}
    k, pen = min(tried, key=tried.get), shipped_pen()
    found = {"validation": tried[k], "k": k, "test": nearest_points(learnt, test, k)}
    found |= {"pen": handwriting.nats(pen, *test)}
    other = strokes.draw(rng, test_size, "print")
    found |= {"print": nearest_points(learnt, other, k), "print_pen": handwriting.nats(pen, *other)}
    return found | {"print_line": handwriting.least_squares(strokes.draw(rng, 4000), other, 16)}
