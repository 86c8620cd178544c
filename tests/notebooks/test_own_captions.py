"""Lesson 05's last section on a folder of CS231n's layout: nobody else runs it, for the course has no such folder."""

import json

import numpy as np

WORDS = ["<NULL>", "<START>", "<END>", "<UNK>", "a", "cat", "dog", "on", "mat"]
CAPTIONS = np.array([[1, 4, 5, 2, 0], [1, 4, 6, 7, 2], [1, 4, 5, 2, 0]], np.int32)
ROWS = np.array([0, 1, 0], np.int32)  # two captions are of one picture


def write_folder(folder):
    captions = {"train_captions": CAPTIONS, "train_image_idxs": ROWS, "val_captions": CAPTIONS, "val_image_idxs": ROWS}
    np.savez(folder / "coco2014_captions.npz", **captions)
    for part in ("train", "val"):
        np.savez(folder / f"{part}2014_vgg16_fc7_pca.npz", features=np.eye(2, 6, dtype=np.float32))
    (folder / "coco2014_vocab.json").write_text(json.dumps({"idx_to_word": WORDS}), encoding="utf-8")


def test_the_readers_captioner_trains_on_the_readers_own_folder(tmp_path, capsys, code_of, names_of):
    write_folder(tmp_path)
    cells = code_of("05_captioning")
    scope = names_of(cells)
    first = next(k for k, source in enumerate(cells) if source.startswith("PATH ="))
    for source in cells[first : first + 3]:
        exec(source.replace('"coco_captioning"', repr(str(tmp_path))).replace("2000", "40"), scope)
    loss, *said = capsys.readouterr().out.splitlines()
    assert float(loss.split()[-1]) < 0.5
    assert said == ["a cat", "a dog on"]
