"""Pictures of two objects with the one right caption: "small red circle left of big blue square".

The grammar, with 7 colours, 5 shapes and 2 sizes: OBJECT (left of | above) OBJECT, 9,800 captions. It is canonical, so
that each picture has one right caption: the subject is the left or the upper object, and the relation follows the axis
on which the two lie further apart, by at least MARGIN pixels more than on the other. No object hides more than HIDDEN
of another's area.

Captions with a combination in `held_out` are never drawn for training: "… left of … red circle". split="held_out" draws
those alone. Training still shows that colour, shape and relation in pairs, red circles left of others among them.

Extra: three objects in a row ("A left of B left of C", objects=3), and counts ("three red circles", `draw_counts`).
"""

from typing import NamedTuple

import numpy as np

from unrolled.autodiff.checks import check_count, check_rng
from unrolled.data.scenes.grammar import (
    COLOURS,
    END,
    ID,
    MARGIN,
    NUMBERS,
    PAD,
    RELATIONS,
    SIZES,
    START,
    VOCABULARIES,
    WORDS,
    WORDS_KO,
    Scene,
    Thing,
    caption,
    captions_true,
    decode,
    encode,
    find_objects,
    parse,
    vocabulary,
)
from unrolled.data.scenes.rasters import SHAPES, coverage, paint

__all__ = [  # the grammar's own among them: a lesson needs one name
    "PAD", "START", "END", "WORDS", "WORDS_KO", "VOCABULARIES", "SIZES", "COLOURS", "SHAPES", "RELATIONS", "NUMBERS",
    "SLOTS", "Thing", "Scene", "Batch", "draw", "draw_counts", "held_out", "caption", "captions_true", "parse",
    "encode", "decode", "find_objects",
]  # fmt: skip

HIDDEN = 0.15

_RGB = np.array(
    [(0.84, 0.12, 0.14), (0.96, 0.48, 0.08), (0.94, 0.88, 0.24), (0.1, 0.6, 0.3)]
    + [(0.13, 0.35, 0.82), (0.56, 0.24, 0.66), (0.1, 0.1, 0.12)]
)
_RADII = np.array([(3.8, 4.4), (6.0, 7.0)])  # smallest and largest radius of each size, in pixels of 32
_ROOM = 1.22  # how far a shape reaches from its middle, in radii: the triangle's width
_NEAR, _NOISE = 0.03, 0.02  # standard deviations of an object's colour and of a pixel


class Batch(NamedTuple):
    """What `draw` makes, N scenes.

    images   (N, size, size, 3) float32 from 0 to 1
    tokens   (L + 1, N) int: START, the words, END, then PAD; L - 1 is the longest caption of the grammar
    lengths  (N,) how many tokens of a column count, START and END among them
    slots    (N, S) tokens of the words that carry the meaning, in the order of SLOTS
    masks    (N, objects, size, size) bool: the pixels in which an object covers at least a half
    scenes   N Scenes
    """

    images: np.ndarray
    tokens: np.ndarray
    lengths: np.ndarray
    slots: np.ndarray
    masks: np.ndarray
    scenes: list


SLOTS = ("size", "colour", "shape", "relation", "size", "colour", "shape")


def held_out(colour, shape, relation):
    """Is it kept out of training that something is `relation` (of) a `colour` `shape`? One colour of each shape."""
    return _is_held_out(COLOURS.index(colour), SHAPES.index(shape), RELATIONS.index(relation))


def draw(rng, N, split="train", objects=2, size=32, language="en"):
    """N scenes, each with its caption -> Batch. size: the picture's side in pixels, at least 32 for 2 objects.

    split: "train", "held_out" (only combinations that training never shows) or "all". objects: 2 or 3.
    ValueError: another split, number of objects or language, a size below 16 pixels an object.
    """
    _check(rng, N, size, 16 * objects if objects in (2, 3) else 32, language)
    if split not in ("train", "held_out", "all"):
        raise ValueError(f'split must be "train", "held_out" or "all", got {split!r}')
    if objects not in (2, 3):
        raise ValueError(f"objects must be 2 or 3, got {objects!r}; for like objects: draw_counts")
    kinds, relations = _combinations(rng, N, split, objects)
    radii = rng.uniform(*np.moveaxis(_RADII[kinds[..., 0]], -1, 0)) * size / (16 * objects)
    centres, covers = _arrange(rng, kinds, relations, radii, size)
    scenes = [Scene(things, RELATIONS[relation]) for things, relation in zip(_things(kinds, centres, radii), relations)]
    slots = np.concatenate(
        [_slots(kinds[:, 0]), ID["left"] + relations[:, None], *_slots(kinds[:, 1:].swapaxes(0, 1))], 1
    )
    return _batch(rng, kinds, covers, scenes, slots, language, 5 * objects - 2)


def draw_counts(rng, N, size=32, language="en"):
    """N scenes of one to four objects alike, which do not touch -> Batch; "three red circles". masks (N, 4, …)."""
    _check(rng, N, size, 32, language)
    counts = rng.integers(1, 5, size=N)
    colour, shape = rng.integers(len(COLOURS), size=N), rng.integers(len(SHAPES), size=N)
    kinds = np.repeat(np.stack([np.zeros(N, int), colour, shape], -1)[:, None], 4, axis=1)
    radii = rng.uniform(*_RADII[0], size=(N, 4)) * size / 32
    order = rng.permuted(np.tile(np.arange(4), (N, 1)), axis=1)  # each in a quarter of its own
    corner = np.stack([order % 2, order // 2], -1) * size / 2
    room = size / 2 - 2 * _ROOM * radii[..., None]
    centres = corner + _ROOM * radii[..., None] + rng.random((N, 4, 2)) * room
    covers = _cover(kinds, centres, radii, size) * (np.arange(4) < counts[:, None])[..., None, None]
    things = _things(kinds, centres, radii)
    scenes = [Scene(some[:count], None) for some, count in zip(things, counts)]
    slots = np.stack([ID["one"] + counts - 1, ID[COLOURS[0]] + colour, ID[SHAPES[0]] + shape], 1)
    return _batch(rng, kinds, covers, scenes, slots, language, 4)


def _combinations(rng, N, split, objects):
    """Sizes, colours and shapes (N, objects, 3) and relations (N,), ids; the split says what each may stand beside."""
    keys = [(c, s, r) for c in range(len(COLOURS)) for s in range(len(SHAPES)) for r in range(len(RELATIONS))]
    keys = np.array([key for key in keys if split == "all" or _is_held_out(*key) == (split == "held_out")])
    kinds = rng.integers((len(SIZES), len(COLOURS), len(SHAPES)), size=(N, objects, 3))
    relations = rng.integers(len(RELATIONS), size=N)
    for r in range(len(RELATIONS)):
        (rows,), those = np.nonzero(relations == r), keys[keys[:, 2] == r, :2]
        kinds[rows, 1:, 1:] = those[rng.integers(len(those), size=(len(rows), objects - 1))]
    return kinds, relations


def _is_held_out(colour, shape, relation):
    return (colour + shape + 3 * relation) % len(COLOURS) == 0


def _arrange(rng, kinds, relations, radii, size):
    """Middles (N, M, 2) and covers (N, M, size, size), drawn again until order, margin and occlusion keep the law."""
    centres, covers = np.empty((*radii.shape, 2)), np.empty((*radii.shape, size, size), np.float32)
    left = np.arange(len(kinds))
    while left.size:
        centres[left] = _places(rng, relations[left], radii[left], size)
        covers[left] = _cover(kinds[left], centres[left], radii[left], size)
        visible = paint(covers[left], np.zeros((*radii[left].shape, 3)), np.zeros((len(left), 3)))[1]
        seen = visible.sum((2, 3)) / covers[left].sum((2, 3))
        left = left[(seen < 1 - HIDDEN).any(1)]
    return centres, covers


def _places(rng, relations, radii, size):
    """Middles (N, M, 2) inside the picture, in order along the relation's axis, by at least MARGIN more than across."""
    room, left = _ROOM * radii[..., None], np.arange(len(radii))
    centres = np.empty((*radii.shape, 2))
    while left.size:
        centres[left] = room[left] + rng.random((len(left), *centres.shape[1:])) * (size - 2 * room[left])
        steps = np.diff(centres[left], axis=1)
        steps = np.where(relations[left, None, None] == 0, steps, steps[..., ::-1])
        left = left[(steps[..., 0] - np.abs(steps[..., 1]) < MARGIN).any(1)]
    return centres


def _cover(kinds, centres, radii, size):
    flat = coverage(kinds[..., 2].ravel(), centres.reshape(-1, 2), radii.ravel(), size)
    return flat.reshape(*radii.shape, size, size)


def _slots(kinds):
    """(…, 3) ids of size, colour, shape -> their tokens."""
    return kinds + (ID[SIZES[0]], ID[COLOURS[0]], ID[SHAPES[0]])


def _things(kinds, centres, radii):
    words = zip(kinds.tolist(), centres.tolist(), radii.tolist())
    return [
        tuple(Thing(SIZES[k], COLOURS[c], SHAPES[s], *xy, r) for (k, c, s), xy, r in zip(*scene)) for scene in words
    ]


def _batch(rng, kinds, covers, scenes, slots, language, longest):
    """Colour, paint and add noise; write the captions."""
    N, M = kinds.shape[:2]
    colours = np.clip(_RGB[kinds[..., 1]] + rng.normal(0, _NEAR, (N, M, 3)), 0, 1)
    images, visible = paint(covers, colours, rng.uniform(0.86, 0.98, (N, 1)) + rng.normal(0, 0.01, (N, 3)))
    images = np.clip(images + rng.normal(0, _NOISE, images.shape), 0, 1).astype(np.float32)
    tokens, lengths = encode([caption(scene, language) for scene in scenes], language, longest + 2)
    return Batch(images, tokens, lengths, slots, visible >= 0.5, scenes)


def _check(rng, N, size, least, language):
    check_rng(rng)
    check_count(N=N)
    check_count(least, size=size)
    vocabulary(language)
