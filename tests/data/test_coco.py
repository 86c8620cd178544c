"""CS231n's COCO folder, on a small one that is made here: what is read of it, and what is said of a bad one."""

import json
import sys

import numpy as np
import pytest

from unrolled import data
from unrolled.data import coco
from unrolled.models import captioner

WORDS = ["<NULL>", "<START>", "<END>", "<UNK>", "a", "cat", "dog", "on", "mat"]
CAPTIONS = np.array([[1, 4, 5, 2, 0], [1, 4, 6, 7, 2], [1, 5, 2, 0, 0]], np.int32)
ROWS = np.array([1, 0, 1], np.int32)
FILES = {
    "coco2014_captions": {
        "train_captions": CAPTIONS, "train_image_idxs": ROWS, "val_captions": CAPTIONS[:2], "val_image_idxs": ROWS[:2],
    },
    "train2014_vgg16_fc7_pca": {"features": np.arange(12, dtype=np.float32).reshape(2, 6)},
    "val2014_vgg16_fc7_pca": {"features": np.ones((3, 6), np.float32)},
}  # fmt: skip


def write_npz(file, arrays):
    np.savez(file, **arrays)


def write_h5(file, arrays):
    h5py = pytest.importorskip("h5py", reason="files .h5 are read by h5py, of the extra coco")
    with h5py.File(file, "w") as opened:
        for name, array in arrays.items():
            opened[name] = array


@pytest.fixture
def make(tmp_path):
    """make(file={array: …}, …) writes the folder, with these arrays in place of the good ones (None: not there)."""

    def made(kind="npz", words=WORDS, **changed):
        for name, arrays in FILES.items():
            arrays = {key: array for key, array in (arrays | changed.get(name, {})).items() if array is not None}
            {"npz": write_npz, "h5": write_h5}[kind](tmp_path / f"{name}.{kind}", arrays)
        about = {"idx_to_word": words, "word_to_idx": {word: k for k, word in enumerate(words)}}
        (tmp_path / "coco2014_vocab.json").write_text(json.dumps(about), encoding="utf-8")
        (tmp_path / "train2014_urls.txt").write_text("http://a/1.jpg\nhttp://a/2.jpg\n", encoding="utf-8")
        return tmp_path

    return made


@pytest.mark.parametrize("kind", ["npz", "h5"])
def test_a_folder_is_read(make, kind):
    words, train, val = data.coco_folder(make(kind))
    assert words == WORDS
    assert np.array_equal(train.tokens, CAPTIONS.T), "time-major, as all of the course's tokens"
    assert np.array_equal(train.pictures, ROWS)
    assert np.array_equal(train.features[train.pictures[0]], np.arange(6, 12))
    assert (val.features.shape, val.tokens.shape) == ((3, 6), (5, 2))
    assert (train.urls, val.urls) == (["http://a/1.jpg", "http://a/2.jpg"], []), "the addresses are optional"
    assert [coco.decode(column, words) for column in train.tokens.T] == ["a cat", "a dog on", "cat"]
    assert (train.features.dtype, train.tokens.dtype, train.pictures.dtype) == (np.float32, np.int64, np.int64)


def test_the_ids_are_those_of_the_courses_captioner(make):
    words = data.coco_folder(make()).words
    special = captioner.PAD, captioner.START, captioner.END
    assert [words[token] for token in special] == ["<NULL>", "<START>", "<END>"]


def test_the_whole_features_are_those_without_pca(make):
    folder = make()
    for part in ("train", "val"):
        np.savez(folder / f"{part}2014_vgg16_fc7.npz", features=np.zeros((3, 8)))
    (folder / "train2014_urls.txt").unlink()
    assert data.coco_folder(folder, pca=False).train.features.shape == (3, 8)


def test_a_file_h5_goes_before_its_npz(make):
    folder = make()
    write_h5(folder / "val2014_vgg16_fc7_pca.h5", {"features": np.zeros((3, 2), np.float32)})
    assert data.coco_folder(folder).val.features.shape == (3, 2)


def test_files_that_are_not_there_are_all_named(make, tmp_path):
    with pytest.raises(FileNotFoundError, match="path must be .* coco_captioning, and there is no folder .*nowhere"):
        data.coco_folder(tmp_path / "nowhere")
    folder = make()
    for name in ("coco2014_captions.npz", "val2014_vgg16_fc7_pca.npz", "coco2014_vocab.json"):
        (folder / name).unlink()
    lacking = "lacks coco2014_captions.h5, val2014_vgg16_fc7_pca.h5, coco2014_vocab.json"
    with pytest.raises(FileNotFoundError, match=lacking):
        data.coco_folder(folder)


TRAIN, FEATURES = "coco2014_captions", "train2014_vgg16_fc7_pca"
BAD = {
    "a list of two": ({TRAIN: {"train_image_idxs": ROWS[:2]}}, "must be as many, got 3 and 2"),
    "a word too many": ({TRAIN: {"train_captions": CAPTIONS + (CAPTIONS == 7) * 2}}, "must be 0 to 8.* got 0 to 9"),
    "a picture too many": ({TRAIN: {"val_image_idxs": ROWS[:2] + 2}}, "val_image_idxs must be 0 to 2.* got 2 to 3"),
    "a negative picture": ({TRAIN: {"train_image_idxs": -ROWS}}, "0 to 1, the 2 rows of features, got -1 to 0"),
    "captions as text": ({TRAIN: {"train_captions": CAPTIONS.astype("S3")}}, "whole numbers .C, L . 1., got .S3"),
    "captions in one line": ({TRAIN: {"train_captions": CAPTIONS[0]}}, r"got int32 \(5,\)"),
    "no start": ({TRAIN: {"train_captions": CAPTIONS[:, 1:]}}, "must begin with <START>, 1, got 4 in row 0"),
    "no captions": ({TRAIN: {"val_captions": None}}, "must hold .*val_captions.* got train_captions, train_im"),
    "pictures, no features": ({FEATURES: {"features": np.zeros((2, 3, 3))}}, r"floats \(M, D\), got float64 \(2, 3, 3"),
    "addresses too few": ({FEATURES: {"features": np.zeros((3, 6))}}, "each of the 3 rows of features, got 2"),
}


@pytest.mark.parametrize("kind", ["npz", "h5"])
@pytest.mark.parametrize("name", BAD)
def test_a_bad_folder_is_told_by_law_and_value(make, name, kind):
    changed, said = BAD[name]
    with pytest.raises(ValueError, match=said):
        data.coco_folder(make(kind, **changed))


@pytest.mark.parametrize("missing", coco.SPECIAL)
def test_a_vocabulary_without_a_special_word(make, missing):
    words = [word for word in WORDS if word != missing]
    with pytest.raises(ValueError, match="must be a list that begins with .*<NULL>.*, got "):
        data.coco_folder(make(words=words))


@pytest.mark.parametrize("text", ["{", "[]", '{"idx_to_word": 3}', '{"word_to_idx": {}}'])
def test_a_vocabulary_of_another_form(make, text):
    folder = make()
    (folder / "coco2014_vocab.json").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="idx_to_word"):
        data.coco_folder(folder)


@pytest.mark.parametrize("kind", ["npz", "h5"])
def test_a_damaged_file(make, kind):
    folder = make(kind)
    (folder / f"coco2014_captions.{kind}").write_bytes(b"no such thing")
    with pytest.raises(ValueError, match=rf"coco2014_captions.{kind} must be a whole file of the kind .{kind}"):
        data.coco_folder(folder)


def test_without_h5py_it_is_named(make, monkeypatch):
    folder = make()
    (folder / "coco2014_captions.h5").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(ModuleNotFoundError, match="coco2014_captions.h5 needs h5py.*pip install .h5py>=3.12"):
        data.coco_folder(folder)
