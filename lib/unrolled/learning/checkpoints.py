"""A nest of arrays in an .npz file, written whole or not at all, and read back only where it fits."""

import os
from pathlib import Path

import numpy as np

from unrolled.autodiff.trees import leaves, tree_map


def save_checkpoint(path, tree):
    """Write a nest of arrays to an .npz file, whole or not at all: a new file takes the old one's place at once.

    TypeError: a leaf that is no array of numbers (an object would be pickled, and a pickle runs code when it is read).
    """
    path = Path(path)
    arrays = {"/".join(keys): np.asarray(leaf) for keys, leaf in leaves(tree)}
    for key, array in arrays.items():
        if array.dtype.hasobject:
            raise TypeError(f"a checkpoint holds arrays of numbers, got dtype object at {key}")
    part = path.with_name(path.name + ".part")  # one name: what a kill leaves, the next save takes over
    try:
        with part.open("wb") as file:
            np.savez(file, **arrays)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def load_checkpoint(path, like=None):
    """The nest of arrays in an .npz file: "params/gru/0/b_h" is ["params"]["gru"][0]["b_h"] again.

    like: a nest that the file must agree with, name by name, in shape and dtype.
    FileNotFoundError: there is none. ValueError: damaged, another kind of file, or a nest that is not as `like`.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            saved = {name: file[name] for name in file.files}
    except FileNotFoundError:
        raise FileNotFoundError(f"there is no file {str(path)!r}") from None
    except Exception as error:  # a damaged file makes zipfile and NumPy raise errors of half a dozen kinds
        raise ValueError(f"{path} must be an .npz file; it is damaged, or another file") from error
    if like is None:
        return _nest(saved)
    _check_alike(path, saved, like)
    names = iter(["/".join(keys) for keys, _ in leaves(like)])
    return tree_map(lambda leaf: saved[next(names)], like)


def _check_alike(path, saved, like):
    wanted = {"/".join(keys): np.asarray(leaf) for keys, leaf in leaves(like)}
    if saved.keys() != wanted.keys():
        raise ValueError(f"{path} must hold {sorted(wanted)}, got {sorted(saved)}")
    for name, leaf in wanted.items():
        if leaf.dtype.kind == "U":  # a text says what the run is, and must be the same
            if saved[name].shape or str(saved[name]) != str(leaf):
                raise ValueError(f"{name} in {path} must be {leaf}, got {saved[name]}")
        elif (saved[name].shape, saved[name].dtype) != (leaf.shape, leaf.dtype):
            found = f"{saved[name].dtype} {saved[name].shape}"
            raise ValueError(f"{name} in {path} must be {leaf.dtype} {leaf.shape}, got {found}")


def _nest(arrays):
    nest = {}
    for name, array in arrays.items():
        *branches, leaf = name.split("/")
        at = nest
        for branch in branches:
            at = at.setdefault(branch, {})
        at[leaf] = array
    return _with_tuples(nest)


def _with_tuples(nest):
    """Where the keys are 0, 1, …, a tuple was saved."""
    if not isinstance(nest, dict):
        return nest
    inner = {key: _with_tuples(branch) for key, branch in nest.items()}
    places = [str(place) for place in range(len(inner))]
    return tuple(inner[place] for place in places) if inner and sorted(inner) == sorted(places) else inner
