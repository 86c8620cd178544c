"""A trained character model in an .npz file: its weights, its vocabulary, and the facts of its training. No pickle.

And the translators and the writer of letters that the course ships.
"""

from typing import NamedTuple

import numpy as np

from unrolled.autodiff.trees import tree_map
from unrolled.data import folder
from unrolled.learning.checkpoints import load_checkpoint, save_checkpoint
from unrolled.models import char_lm


class Model(NamedTuple):
    """params: as `char_lm.init` makes them, which says cell and sizes; symbols: the characters of ids 0 … V-1, in a
    string; facts: {name: number or text}."""

    params: dict
    symbols: str
    facts: dict


def save(path, model):
    """Write a Model to an .npz file, whole or not at all."""
    vocabulary = np.array([ord(symbol) for symbol in model.symbols], np.uint32)
    facts = {name: np.array(value) for name, value in model.facts.items()}
    save_checkpoint(path, {"params": model.params, "vocabulary": vocabulary, "facts": facts})


def load(path):
    """The Model in a file. FileNotFoundError: there is none. ValueError: damaged, or no file of a character model."""
    tree = load_checkpoint(path)
    try:
        params, symbols = tree["params"], "".join(map(chr, tree["vocabulary"]))
        facts = {name: value.item() for name, value in tree["facts"].items()}
        logits, _ = char_lm.step(params, 0, char_lm.start(params))
        whole = logits.shape == (len(symbols),)
    except Exception as error:  # what is missing or misshapen can break anywhere: a key, a shape, a dtype
        raise ValueError(f"{path} must be the file of a character model, as unrolled.train writes it") from error
    if not whole:
        raise ValueError(f"{path} must have a symbol for each of its V = {len(logits)} logits, got {len(symbols)}")
    return Model(params, symbols, facts)


def shipped_translators():
    """{"numbers": {"plain", "bahdanau", "luong_both"}, "times": {"luong", "bahdanau"}}: parameters for `seq2seq`.

    In float32. The encoder of luong_both and of both times reads in two directions, the others' in one. luong_both has
    learnt round numbers too, and for longer.
    """
    return tree_map(lambda array: array.astype(np.float32), load_checkpoint(folder() / "translators.npz"))


def shipped_pen():
    """{"gru", "readout"}: a GRU that writes small letters point by point, in float32. Lesson 13 says how it is read."""
    return tree_map(lambda array: array.astype(np.float32), load_checkpoint(folder() / "pen.npz"))
