"""Captions and features of COCO in the layout of CS231n's assignment 3: a folder that the reader already has.

    coco2014_captions.h5              train_captions, train_image_idxs, val_captions, val_image_idxs
    coco2014_vocab.json               idx_to_word, which begins with <NULL>, <START>, <END>
    train2014_vgg16_fc7_pca.h5        features; the same of val2014, and both without _pca
    train2014_urls.txt                optional: an address for each picture; the same of val2014

Nothing of it is shipped, and nothing is fetched. A file .npz with the same names in it does in place of a file .h5.
"""

import json
from functools import partial
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile

import numpy as np

from unrolled.data.files import decode as as_text

SPECIAL = ["<NULL>", "<START>", "<END>"]  # with the ids 0, 1, 2, as PAD, START and END of data.text
CAPTIONS, VOCABULARY = "coco2014_captions", "coco2014_vocab.json"


class Part(NamedTuple):
    """Of the training or of the validation pictures.

    features   (M, D) float32, a row for each picture
    tokens     (L + 1, C) int, time-major: <START>, the words, <END>, then <NULL>; a picture has several captions
    pictures   (C,) int: the row of features that a caption belongs to
    urls       M addresses, or [] where the folder has no such file
    """

    features: np.ndarray
    tokens: np.ndarray
    pictures: np.ndarray
    urls: list


class Coco(NamedTuple):
    """words: V words by their ids; train, val: the Part of each."""

    words: list
    train: Part
    val: Part


def coco_folder(path, *, pca=True):
    """The folder coco_captioning of CS231n's assignment 3 -> Coco(words, train, val).

    pca: features of 512 numbers, which the assignment uses; False: the network's own 4096, of eight times the size.
    FileNotFoundError: no such folder, or files that it lacks. ModuleNotFoundError: a file .h5, and h5py is not
    installed. ValueError: another form than the one above: shapes, ids out of range, a vocabulary of other words.
    """
    path = Path(path).expanduser()
    if not path.is_dir():
        raise FileNotFoundError(f"path must be CS231n's folder coco_captioning, and there is no folder {str(path)!r}")
    names = {part: f"{part}2014_vgg16_fc7{'_pca' * pca}" for part in ("train", "val")}
    files = {name: _file(path, name) for name in (CAPTIONS, *names.values())} | {VOCABULARY: path / VOCABULARY}
    if lacking := [name + ".h5" * (not Path(name).suffix) for name, file in files.items() if not file.is_file()]:
        raise FileNotFoundError(f"{path} must hold the files of CS231n's assignment 3, it lacks {', '.join(lacking)}")
    words = _words(files[VOCABULARY])
    keys = [f"{part}_{what}" for part in names for what in ("captions", "image_idxs")]
    arrays = _arrays(files[CAPTIONS], *keys)
    parts = {}
    for part, name in names.items():
        (features,) = _arrays(files[name], "features").values()
        captions, pictures = arrays[f"{part}_captions"], arrays[f"{part}_image_idxs"]
        _check(part, features, captions, pictures, len(words))
        urls = _urls(path / f"{part}2014_urls.txt", len(features))
        features, tokens = features.astype(np.float32, copy=False), np.ascontiguousarray(captions.T, dtype=np.int64)
        parts[part] = Part(features, tokens, pictures.astype(np.int64), urls)
    return Coco(words, **parts)


def decode(tokens, words):
    """A column of tokens (L,), up to its <END> -> the sentence; <START> and <NULL> are not shown."""
    said = [words[token] for token in tokens]
    said = said[: said.index("<END>")] if "<END>" in said else said
    return " ".join(word for word in said if word not in SPECIAL)


def _file(path, name):
    """The file .h5 of this name, or the .npz where that alone is there."""
    h5, npz = path / f"{name}.h5", path / f"{name}.npz"
    return npz if npz.is_file() and not h5.is_file() else h5


def _words(file):
    try:
        words = json.loads(as_text(file, file.read_bytes()))["idx_to_word"]
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise ValueError(
            f"{file} must be JSON with the list idx_to_word, got {type(error).__name__}: {error}"
        ) from None
    if not isinstance(words, list) or words[:3] != SPECIAL:
        got = words[:3] if isinstance(words, list) else type(words).__name__
        raise ValueError(f"idx_to_word in {file} must be a list that begins with {SPECIAL}, got {got}")
    return words


def _arrays(file, *names):
    """{name: array} of an .h5 or an .npz."""
    opened = partial(np.load, allow_pickle=False) if file.suffix == ".npz" else _h5py(file).File
    try:
        found = opened(file)
    except (OSError, ValueError, BadZipFile):
        raise ValueError(f"{file} must be a whole file of the kind {file.suffix}; it is another, or damaged") from None
    with found:
        if not set(names) <= set(found):
            raise ValueError(f"{file} must hold {', '.join(names)}, got {', '.join(found) or 'nothing'}")
        return {name: np.asarray(found[name]) for name in names}


def _h5py(file):
    try:
        import h5py
    except ModuleNotFoundError as error:
        command = 'python -m pip install "h5py>=3.12"'
        raise ModuleNotFoundError(f"{file.name} needs h5py, which is not installed: {command}") from error
    return h5py


def _check(part, features, captions, pictures, V):
    """That the arrays of a part belong together."""
    if features.ndim != 2 or features.dtype.kind != "f" or not len(features):
        raise ValueError(f"{part} features must be floats (M, D), got {features.dtype} {features.shape}")
    for name, array, axes in (("captions", captions, 2), ("image_idxs", pictures, 1)):
        if array.ndim != axes or array.dtype.kind not in "iu" or not array.size:
            law = "(C, L + 1)" if axes == 2 else "(C,)"
            raise ValueError(f"{part}_{name} must be whole numbers {law}, got {array.dtype} {array.shape}")
    if len(captions) != len(pictures):
        raise ValueError(
            f"{part}_captions and {part}_image_idxs must be as many, got {len(captions)} and {len(pictures)}"
        )
    words, rows = ("captions", captions, V, "words"), ("image_idxs", pictures, len(features), "rows of features")
    for name, array, end, what in (words, rows):
        least, most = array.min(), array.max()
        if least < 0 or most >= end:
            raise ValueError(f"{part}_{name} must be 0 to {end - 1}, the {end} {what}, got {least} to {most}")
    if (captions[:, 0] != SPECIAL.index("<START>")).any():
        row = np.argmax(captions[:, 0] != SPECIAL.index("<START>"))
        raise ValueError(f"{part}_captions must begin with <START>, 1, got {captions[row, 0]} in row {row}")


def _urls(file, M):
    if not file.is_file():
        return []
    urls = as_text(file, file.read_bytes()).split()
    if len(urls) != M:
        raise ValueError(f"{file} must have an address for each of the {M} rows of features, got {len(urls)}")
    return urls
