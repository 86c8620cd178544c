"""How does written Korean sound? Read forwards, backwards or both ways, beside the ceilings of each direction."""

from itertools import repeat

import numpy as np

from unrolled.autodiff import ops
from unrolled.data.pronunciation import CODAS, ONSETS, SOUNDS, VOWELS, ceilings, draw, join, split
from unrolled.experiments import directions
from unrolled.layers.dense import embedding
from unrolled.layers.initializers import gaussian
from unrolled.layers.losses import cross_entropy

ROWS = np.cumsum([0, len(ONSETS), len(VOWELS), len(CODAS)])  # where each kind of letter begins in the one embedding


def init(rng, direction, *, cell, E, parameters):
    """Parameters: an embedding of all letters, a reader, and a read-out of both answers side by side."""
    letters = gaussian(rng, (ROWS[-1], E), 0.5, dtype=directions.DTYPE)
    network = directions.init(rng, cell, direction, 3 * E, len(ONSETS) + len(SOUNDS), parameters)
    return {"letters": letters} | network


def logits(params, written, *, cell, direction):
    """written (3, T, N) -> of the onset (T, N, 19), of the coda (T, N, 8)"""
    letters = [embedding(row + start, params["letters"]) for row, start in zip(written, ROWS)]
    both = directions.answers(params, ops.concatenate(*letters, axis=2), cell, direction)
    return tuple(both[..., part] for part in (slice(len(ONSETS)), slice(len(ONSETS), None)))


def train(rng, direction, *, cell, E, parameters, T, N, **training):
    """The parameters after `directions.learn`, each step on N words that were not there before."""

    def loss(params, written, heard):
        pairs = zip(logits(params, written, cell=cell, direction=direction), heard)
        return ops.total(*(cross_entropy(answer, targets) for answer, targets in pairs))

    params = init(rng, direction, cell=cell, E=E, parameters=parameters)
    batches = (draw(rng, N, T) for _ in repeat(None))
    *_, last = directions.learn(loss, params, batches, **training)
    return last.params


def grades(params, words, **how):
    """The shares of right onsets, of right codas, and of words in which all are right."""
    right = [answer.argmax(-1) == heard for answer, heard in zip(logits(params, words.written, **how), words.heard)]
    return {"onset": right[0].mean(), "coda": right[1].mean(), "word": (right[0] & right[1]).all(0).mean()}


def say(params, word, **how):
    """A written word as the network pronounces it: say(params, "국물", cell="rnn", direction="both") -> "궁물"."""
    letters = [split(syllable) for syllable in word]
    places = [[table.index(letter) for table, letter in zip((ONSETS, VOWELS, CODAS), three)] for three in letters]
    onsets, codas = (answer[:, 0].argmax(-1) for answer in logits(params, np.transpose(places)[..., None], **how))
    return "".join(join(ONSETS[o], vowel, SOUNDS[c]) for o, c, (_, vowel, _) in zip(onsets, codas, letters))


def measure(rng, direction, *, test_size, **sizes):
    """`grades` on words never trained on, the ceilings of one direction counted from the same words (both: 1), and the
    share of right words among others, by which the learning rate is chosen."""
    params = train(rng, direction, **sizes)
    validation, test = (draw(rng, test_size, sizes["T"]) for _ in range(2))
    how = {"cell": sizes["cell"], "direction": direction}
    found = grades(params, test, **how)
    most = ceilings(test).get(direction, dict.fromkeys(found, 1.0))
    chosen_by = {"validation_word": grades(params, validation, **how)["word"]}
    return chosen_by | found | {f"{name}_ceiling": value for name, value in most.items()}
