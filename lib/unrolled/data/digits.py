"""Real handwriting: 1,797 digits of 13 writers, 8 by 8 pixels, and pictures composed of two: "three above seven".

Source: the test part of "Optical recognition of handwritten digits" (E. Alpaydin, C. Kaynak, UCI Machine Learning
Repository, 1998), from scikit-learn's copy.
"""

from functools import cache

import numpy as np

from unrolled.autodiff.checks import check_count, check_rng
from unrolled.data import folder
from unrolled.data.scenes.scenes import Batch
from unrolled.data.text import END, PAD, SPECIAL, START

NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
WORDS = (*SPECIAL, *NAMES, "left", "of", "above")
TRAIN = 1400  # of the images, in their order: train draws from these, held_out from the others
SIZE, SIDE, MARGIN = 32, 13, 3  # a picture's side, a digit's on it, and what `scenes` asks of a relation: in pixels


def load():
    """All digits -> images (1797, 8, 8) float32 from 0, paper, to 1, ink; labels (1797,) int."""
    images, labels = _read()
    return images.copy(), labels.copy()


def draw(rng, N, split="train", objects=2):
    """N pictures of one or two digits, dark on light -> scenes.Batch; "seven", "three left of seven".

    images (N, 32, 32, 3), of equal channels; tokens are ids of this module's WORDS; slots are the digits and, between
    two of them, the relation; masks are the pixels that are at least 1/4 ink; scenes are the captions. As in `scenes`
    the subject is the left or upper digit, and the relation's distance is the larger one by at least MARGIN.
    split: the digits of "train" and of "held_out" are different drawings. ValueError: another split or number.
    """
    check_rng(rng)
    check_count(N=N)
    if split not in ("train", "held_out"):
        raise ValueError(f'split must be "train" or "held_out", got {split!r}')
    if objects not in (1, 2):
        raise ValueError(f"objects must be 1 or 2, got {objects!r}")
    every, labels = _read()
    chosen = rng.integers(*((0, TRAIN) if split == "train" else (TRAIN, len(every))), size=(N, objects))
    relations = rng.integers(2, size=N)
    ink = np.zeros((N, objects, SIZE, SIZE), np.float32)
    corners = _corners(rng, N, objects, relations)
    for (n, m), image in zip(np.ndindex(N, objects), _enlarge(every[chosen.ravel()])):
        x, y = corners[n, m]
        ink[n, m, y : y + SIDE, x : x + SIDE] = image
    paper = rng.uniform(0.86, 0.98, (N, 1, 1))
    images = paper * (1 - 0.9 * ink.max(1)) + rng.normal(0, 0.02, (N, SIZE, SIZE))
    images = np.repeat(np.clip(images, 0, 1)[..., None], 3, -1).astype(np.float32)
    tokens, lengths, captions = _captions(labels[chosen], relations)
    slots = labels[chosen] + WORDS.index("zero")
    if objects == 2:
        said = np.where(relations == 0, WORDS.index("left"), WORDS.index("above"))
        slots = np.stack([slots[:, 0], said, slots[:, 1]], axis=1)
    return Batch(images, tokens, lengths, slots, ink >= 0.25, captions)


@cache
def _read():
    """The arrays of `load`, read once and not to be written into: unpacking the file takes as long as a batch."""
    with np.load(folder() / "digits.npz", allow_pickle=False) as file:
        return (file["images"] / np.float32(16)).astype(np.float32), file["labels"].astype(int)


def decode(tokens):
    """A column of tokens (L,), up to its END -> the sentence. START and PAD are not shown."""
    tokens = [int(token) for token in tokens]
    tokens = tokens[: tokens.index(END)] if END in tokens else tokens
    return " ".join(WORDS[token] for token in tokens if token not in (PAD, START))


def _corners(rng, N, objects, relations):
    """Left upper corners (N, objects, 2), x and y: two digits never overlap."""
    corners = rng.integers(SIZE - SIDE + 1, size=(N, objects, 2))
    if objects == 2:
        along = rng.integers(SIDE, SIZE - SIDE + 1, size=N)  # from digit to digit, on the relation's axis
        across = rng.integers(-(along - MARGIN), along - MARGIN + 1)
        first = rng.integers(0, SIZE - SIDE - along + 1)
        other = rng.integers(np.maximum(0, -across), SIZE - SIDE + 1 - np.maximum(0, across))
        pairs = np.stack([np.stack([first, other], -1), np.stack([first + along, other + across], -1)], axis=1)
        corners = np.where(relations[:, None, None] == 0, pairs, pairs[..., ::-1])
    return corners


def _enlarge(images):
    """(M, 8, 8) -> (M, SIDE, SIDE), each pixel mixed from its neighbours along both axes."""
    at = np.clip((np.arange(SIDE) + 0.5) * 8 / SIDE - 0.5, 0, 7)
    weights = np.maximum(0, 1 - np.abs(at[:, None] - np.arange(8))).astype(np.float32)
    return weights @ images @ weights.T


def _captions(digits, relations):
    """tokens (L + 1, N), lengths (N,), sentences."""
    said = [("left", "of"), ("above",)]
    sentences = [
        [NAMES[row[0]], *(said[relation] if len(row) > 1 else ()), *(NAMES[digit] for digit in row[1:])]
        for row, relation in zip(digits, relations)
    ]
    tokens = np.full((2 + (4 if digits.shape[1] > 1 else 1), len(sentences)), PAD)
    for n, words in enumerate(sentences):
        tokens[: len(words) + 2, n] = START, *(WORDS.index(word) for word in words), END
    return tokens, np.array([len(words) + 2 for words in sentences]), [" ".join(words) for words in sentences]
