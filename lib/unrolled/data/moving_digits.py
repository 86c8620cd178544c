"""Clips of a handwritten digit that moves over a field whose edges are joined: which way does it go?"""

import numpy as np

from unrolled.autodiff.checks import check_count, check_rng
from unrolled.data import digits

SIDE = 14  # of the field, in pixels; what leaves it on one side comes in on the other
WAYS = {"right": (0, 1), "left": (0, -1), "down": (1, 0), "up": (-1, 0)}  # rows and columns, for each frame
PARTS = {"train": (0, 1200), "validation": (1200, digits.TRAIN), "test": (digits.TRAIN, None)}  # of the drawings
STARTS = {"anywhere": SIDE, "inside": SIDE - 7}  # places, along rows and along columns, where a digit may begin


def draw(rng, N, part="train", *, T=8, starts="anywhere"):
    """N clips -> frames (T, N, 14, 14) float32 from 0 to 1, and ways (N,) int, the places of WAYS.

    The digit moves by one pixel a frame. starts: "anywhere" on the joined field, or "inside": where the first frame
    holds the digit in one piece. Then the places that it visits tell the way, whatever their order.
    part: the drawings of "train", "validation" and "test" are different ones. ValueError: another part or start.
    """
    check_rng(rng)
    check_count(N=N, T=T)
    if part not in PARTS or starts not in STARTS:
        raise ValueError(f"part must be of {list(PARTS)} and starts of {list(STARTS)}, got {part!r} and {starts!r}")
    images, _ = digits.load()
    images = images[slice(*PARTS[part])]
    ways, chosen = rng.integers(len(WAYS), size=N), rng.integers(len(images), size=N)
    first = rng.integers(STARTS[starts], size=(N, 2))
    corners = first + np.arange(T)[:, None, None] * np.array(list(WAYS.values()))[ways]
    pixels = (corners[..., None] + np.arange(8)) % SIDE  # (T, N, 2, 8): the rows and the columns of each digit
    frames = np.zeros((T, N, SIDE, SIDE), np.float32)
    t, n = np.ogrid[:T, :N]
    frames[t[..., None, None], n[..., None, None], pixels[:, :, 0, :, None], pixels[:, :, 1, None]] = images[chosen]
    return frames, ways


def shuffle(rng, frames):
    """The frames (T, N, …) of each clip in an order of its own."""
    order = rng.permuted(np.tile(np.arange(len(frames)), (frames.shape[1], 1)), axis=1).T
    return frames[order, np.arange(frames.shape[1])]


def matched(frames):
    """The way of each clip by trial: the shift of a frame that fits the next one -> ways (N,). Nothing is learnt."""
    misses = [((np.roll(frames[:-1], way, axis=(2, 3)) - frames[1:]) ** 2).sum(axis=(0, 2, 3)) for way in WAYS.values()]
    return np.argmin(misses, axis=0)
