"""A trained character model in an .npz file: its weights, its vocabulary, and the facts of its training. No pickle."""

from typing import NamedTuple

import numpy as np

from unrolled.models import char_lm


class Model(NamedTuple):
    """params: as `char_lm.init` makes them, which says cell and sizes; symbols: the characters of ids 0 … V-1, in a
    string; facts: {name: number or text}."""

    params: dict
    symbols: str
    facts: dict


def packed(model):
    """A Model as a nest of arrays, for `unrolled.learning.fit.save_checkpoint`."""
    vocabulary = np.array([ord(symbol) for symbol in model.symbols], np.uint32)
    facts = {name: np.array(value) for name, value in model.facts.items()}
    return {"params": model.params, "vocabulary": vocabulary, "facts": facts}


def load(path):
    """The Model in a file. FileNotFoundError: there is none. ValueError: damaged, or no file of a character model."""
    tree = load_nest(path)
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


def load_nest(path):
    """Any .npz file of a nest, such as a checkpoint: "params/gru/0/b_h" is ["params"]["gru"][0]["b_h"] again.

    FileNotFoundError: there is none. ValueError: damaged, or another kind of file.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except FileNotFoundError:
        raise FileNotFoundError(f"there is no file {path}") from None
    except Exception as error:  # a damaged file makes zipfile and NumPy raise errors of half a dozen kinds
        raise ValueError(f"{path} must be an .npz file; it is damaged, or another file") from error
    nest = {}
    for name, array in arrays.items():
        *branches, leaf = name.split("/")
        at = nest
        for branch in branches:
            at = at.setdefault(branch, {})
        at[leaf] = array
    return _tuples(nest)


def _tuples(nest):
    """Where the keys are 0, 1, …, a tuple was saved."""
    if not isinstance(nest, dict):
        return nest
    inner = {key: _tuples(value) for key, value in nest.items()}
    places = [str(i) for i in range(len(inner))]
    return tuple(inner[place] for place in places) if sorted(inner) == sorted(places) and inner else inner
