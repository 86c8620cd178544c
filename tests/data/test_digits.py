"""Digits: the file is scikit-learn's, the captions are those of the labels; and pictures of the reader's own."""

import io

import numpy as np
import pytest
from PIL import Image

from unrolled.data import digits
from unrolled.data.pictures import read_picture
from unrolled.data.scenes import scenes


def test_the_file_holds_all_digits():
    images, labels = digits.load()
    assert images.shape == (1797, 8, 8)
    assert images.min() == 0
    assert images.max() == 1
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_the_file_is_scikit_learns():
    theirs = pytest.importorskip("sklearn.datasets", reason="the source: only data/scripts/make_digits.py needs it")
    copy, (images, labels) = theirs.load_digits(), digits.load()
    assert np.array_equal(copy.images / 16, images)
    assert np.array_equal(copy.target, labels)


@pytest.mark.parametrize("objects", [1, 2])
@pytest.mark.parametrize("split", ["train", "held_out"])
def test_a_batch(objects, split):
    batch = digits.draw(np.random.default_rng(1), 40, split, objects)
    assert batch.images.shape == (40, 32, 32, 3)
    assert batch.images.dtype == np.float32
    assert (batch.images[..., 0] == batch.images[..., 2]).all()
    assert batch.masks.shape == (40, objects, 32, 32)
    for n, caption in enumerate(batch.scenes):
        words = [digits.WORDS[k] for k in batch.slots[n]]
        assert caption == " ".join(words).replace("left", "left of")
        assert digits.decode(batch.tokens[:, n]) == caption
        assert batch.tokens[batch.lengths[n] - 1, n] == scenes.END


def test_the_digits_stand_where_the_caption_says():
    batch = digits.draw(np.random.default_rng(1), 200)
    at = np.arange(32)
    for masks, caption in zip(batch.masks, batch.scenes):
        xs, ys = (np.array([(mask.sum(axis) * at).sum() / mask.sum() for mask in masks]) for axis in (0, 1))
        along, across = (xs, ys) if "left" in caption else (ys, xs)
        assert along[1] - along[0] > abs(across[1] - across[0]) - 4  # of ink, not of the frame that it stands in
        assert not (masks[0] & masks[1]).any()


def test_the_two_splits_draw_different_images(monkeypatch):
    monkeypatch.setattr(
        digits, "load", lambda: (np.zeros((1797, 8, 8), np.float32), (np.arange(1797) >= digits.TRAIN) + 0)
    )
    drawn = {split: digits.draw(np.random.default_rng(1), 300, split).slots[:, 0] for split in ("train", "held_out")}
    assert (drawn["train"] == digits.WORDS.index("zero")).all()
    assert (drawn["held_out"] == digits.WORDS.index("one")).all()


def test_bad_input_to_draw():
    rng = np.random.default_rng(1)
    with pytest.raises(ValueError, match="split must be"):
        digits.draw(rng, 4, "test")
    with pytest.raises(ValueError, match="objects must be 1 or 2"):
        digits.draw(rng, 4, objects=3)


def png(image):
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize("size", [(1, 1), (32, 32), (7, 40), (640, 480), (33, 65)])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "1", "LA", "I;16"])
def test_a_picture_of_any_size_and_mode(size, mode, tmp_path):
    path = tmp_path / "picture.png"
    path.write_bytes(png(Image.new(mode, size)))
    for given in (path, str(path), path.read_bytes()):
        images = read_picture(given)
        assert images.shape == (1, 32, 32, 3)
        assert images.dtype == np.float32
        assert 0 <= images.min() <= images.max() <= 1


def test_a_picture_is_not_stretched_and_what_is_transparent_is_white():
    red = Image.new("RGBA", (64, 32), (255, 0, 0, 255))
    images = read_picture(png(red))[0]
    assert np.allclose(images[8:24], (1, 0, 0))
    assert np.allclose(images[:8], 1)
    half = Image.new("RGBA", (32, 32), (255, 0, 0, 128))
    assert np.allclose(read_picture(png(half)), (1, 0.5, 0.5), atol=0.01)
    assert np.allclose(read_picture(png(Image.new("RGBA", (32, 32), (0, 0, 0, 0)))), 1)


def test_a_picture_is_averaged_down():
    checks = np.indices((64, 64)).sum(0) % 2 * 255
    assert np.allclose(read_picture(png(Image.fromarray(checks.astype(np.uint8)))), 0.5, atol=0.01)


def test_a_scene_passes_unchanged():
    image = scenes.draw(np.random.default_rng(1), 1).images
    assert np.allclose(read_picture(image), image, atol=1 / 255)


@pytest.mark.parametrize(
    "given, law",
    [
        (b"", "an empty file"),
        (b"no picture at all", "text: 'no picture at all'"),
        (b"\xff\x00\x13\x37", "4 bytes of another kind"),
        (png(Image.new("RGB", (300, 300), "red"))[:200], "damaged"),
        (np.zeros((4, 4, 2)), r"got \(4, 4, 2\)"),
        (np.full((4, 4), 2.0), "from 0 to 1"),
        (np.full((4, 4), np.nan), "from 0 to 1"),
    ],
)
def test_what_is_no_picture_is_named(given, law):
    with pytest.raises(ValueError, match=law):
        read_picture(given)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no file"):
        read_picture(tmp_path / "none.png")
    with pytest.raises(ValueError, match="got the folder"):
        read_picture(tmp_path)
