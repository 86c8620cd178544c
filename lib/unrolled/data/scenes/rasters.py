"""Shapes as pixels: whole batches at once, with soft edges.

A shape is a signed distance (negative inside, in pixels), and a pixel is covered by 1/2 - distance, cut to 0 … 1: an
edge that runs through its middle covers half of it. Coordinates are in pixels, x to the right, y downwards, and the
middle of the first pixel lies at (0.5, 0.5).
"""

import numpy as np

SHAPES = ("circle", "square", "triangle", "cross", "ring")


def coverage(shapes, centres, radii, size):
    """How much of each pixel each shape covers: shapes (M,) ids, centres (M, 2) x and y, radii (M,) -> (M, size, size).

    float32, from 0 to 1. The shapes have about the same area at the same radius, but for the ring, which has a hole.
    """
    grid = np.arange(size, dtype=np.float32) + 0.5
    x = (grid - centres[:, :1].astype(np.float32))[:, None, :]
    y = (grid - centres[:, 1:].astype(np.float32))[:, :, None]
    distance = np.empty((len(shapes), size, size), np.float32)
    for k, law in enumerate((_circle, _square, _triangle, _cross, _ring)):
        (chosen,) = np.nonzero(shapes == k)
        distance[chosen] = law(x[chosen], y[chosen], radii[chosen].astype(np.float32)[:, None, None])
    return np.clip(0.5 - distance, 0, 1)


def paint(covers, colours, background):
    """Lay the shapes over each other, the last on top -> images (N, size, size, 3), visible (N, M, size, size).

    covers (N, M, size, size), colours (N, M, 3), background (N, 3), from 0 to 1. visible is the part of each pixel that
    shows the shape: its coverage, less what lies on top of it.
    """
    through = np.ones_like(covers[:, 0])
    visible = np.empty_like(covers)
    for m in reversed(range(covers.shape[1])):
        visible[:, m] = covers[:, m] * through
        through = through * (1 - covers[:, m])
    N, M, size, _ = covers.shape
    flat = visible.reshape(N, M, -1).transpose(0, 2, 1) @ colours.astype(np.float32)
    rest = through.reshape(N, -1, 1) * background.astype(np.float32)[:, None]
    return (flat + rest).reshape(N, size, size, 3), visible


def _circle(x, y, r):
    return np.sqrt(x**2 + y**2) - r


def _square(x, y, r):
    return np.maximum(np.abs(x), np.abs(y)) - 0.89 * r


def _triangle(x, y, r):
    """Equal sides, one corner up; it is 2.1 r high, and its middle lies at half of that."""
    y = y - 0.35 * r
    return np.maximum(y, 0.866 * np.abs(x) - 0.5 * y) - 0.7 * r


def _cross(x, y, r):
    """Two bars, each 0.42 as wide as long."""
    x, y = np.abs(x), np.abs(y)
    return np.minimum(np.maximum(x - 1.05 * r, y - 0.44 * r), np.maximum(x - 0.44 * r, y - 1.05 * r))


def _ring(x, y, r):
    return np.abs(np.sqrt(x**2 + y**2) - 0.78 * r) - 0.3 * r
