"""Questions about a scene, each of six words, with the one right answer: "what colour is the circle ?" "blue"."""

import numpy as np

from unrolled.autodiff.checks import check_rng
from unrolled.data.scenes.grammar import COLOURS, SHAPES, SIZES

WORDS = ("what", "colour", "size", "shape", "is", "the", "on", "left", "top", "?", *COLOURS, *SHAPES)
ANSWERS = ("yes", "no", *SIZES, *COLOURS, *SHAPES)
LENGTH = 6


def ask(rng, batch):
    """A question for each scene of a `scenes.Batch` of two objects -> tokens (6, N) int of WORDS, answers (N,) int.

    An object is named by its shape, or by its colour, and only where the other object has another one. Asked are
    colour, size, shape and place; "yes" and "no" are as likely as each other. ValueError: scenes of other kinds.
    """
    check_rng(rng)
    tokens, answers = np.empty((LENGTH, len(batch.scenes)), int), np.empty(len(batch.scenes), int)
    for n, scene in enumerate(batch.scenes):
        if scene.relation is None or len(scene.things) != 2:
            raise ValueError(f"a scene must have two objects and a relation, got {scene}")
        pairs = _pairs(scene, int(rng.integers(2)))
        question, answer = pairs[rng.integers(len(pairs))]
        tokens[:, n] = [WORDS.index(word) for word in question.split()]
        answers[n] = ANSWERS.index(answer)
    return tokens, answers


def decode(tokens):
    """A column of tokens (6,) -> the question."""
    return " ".join(WORDS[token] for token in tokens)


def _pairs(scene, k):
    """(question, answer) of all that can be asked about object k without a doubt which one is meant."""
    thing, other = scene.things[k], scene.things[1 - k]
    pairs = []
    if thing.shape != other.shape:
        place = "left" if scene.relation == "left" else "top"
        pairs += [
            (f"what colour is the {thing.shape} ?", thing.colour),
            (f"what size is the {thing.shape} ?", thing.size),
            (f"is the {thing.shape} on {place} ?", ("yes", "no")[k]),
        ]
    if thing.colour != other.colour:
        pairs += [(f"what shape is the {thing.colour} ?", thing.shape)]
    return pairs or [(f"what colour is the {thing.shape} ?", thing.colour)]
