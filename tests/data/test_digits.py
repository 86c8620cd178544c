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
        digits, "_read", lambda: (np.zeros((1797, 8, 8), np.float32), (np.arange(1797) >= digits.TRAIN) + 0)
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


def a_file(array, kind):
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, kind)
    return buffer.getvalue()


RAMP = np.linspace(0, 1, 32 * 32).reshape(32, 32)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
@pytest.mark.parametrize("dtype, white", [(np.uint8, 255), (np.uint16, 65535), (">u2", 65535), (np.float32, 1)])
def test_grey_is_scaled_by_what_its_numbers_can_hold(kind, dtype, white):
    if kind == "PNG" and (white == 1 or dtype == ">u2"):
        kind = "TIFF"
    found = read_picture(a_file((RAMP * white).astype(dtype), kind))
    np.testing.assert_allclose(found, np.repeat(RAMP[None, ..., None], 3, -1), atol=1.01 / 255)


def test_a_16_bit_picture_as_older_pillows_open_it(monkeypatch):
    opened = Image.open(io.BytesIO(a_file((RAMP * 65535).astype(np.uint16), "PNG"))).convert("I")
    opened.format = "PNG"
    monkeypatch.setattr(Image, "open", lambda file: opened)
    np.testing.assert_allclose(read_picture(b"")[0, ..., 0], RAMP, atol=1.01 / 255)


@pytest.mark.parametrize(
    "array, got",
    [
        (
            (RAMP * 1e6).astype(np.int32) - 1,
            "must be of 8 or 16 bits, or floats from 0 to 1, got int32 from -1 to 9999",
        ),
        ((RAMP * 255).astype(np.int32), "got int32 from 0 to 255: save it with 8 bits, or give an array, divided by"),
        ((RAMP * 255).astype(np.float32), "must be floats from 0 to 1, got float32 from 0.0 to 255.0"),
        (RAMP.astype(np.float32) - 0.5, "got float32 from -0.5 to 0.5"),
        (np.where(RAMP > 0.5, np.nan, 0).astype(np.float32), "got float32 from nan to nan"),
    ],
)
def test_grey_that_does_not_say_what_is_white_is_refused(array, got):
    with pytest.raises(ValueError, match="in grey") as error:
        read_picture(a_file(array, "TIFF"))
    assert got in str(error.value)


HEIC = b"\0\0\0\x24ftypheic\0\0\0\0mif1MiHEmiafMiHBheic\0\0\x0d\x5emeta" + bytes(60)
SVG = b'<?xml version="1.0"?>\n<!-- a line -->\n<svg xmlns="http://www.w3.org/2000/svg"/>'
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n"


@pytest.mark.parametrize(
    "given, law",
    [
        (HEIC, "got a photo in HEIC, as an iPhone takes it: open it and export it as JPEG or PNG"),
        (HEIC[:40] + b"\xff" * 300, "a photo in HEIC"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1heic", "a photo in HEIC"),
        (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom", "a camera's raw picture: open it and export it"),
        (b"II*\0\x10\0\0\0CR\2\0" + bytes(12), "a camera's raw picture"),
        (b"FUJIFILMCCD-RAW 0201", "a camera's raw picture"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "a film: save one of its pictures as PNG"),
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF: take out the text or the table, or export a page as PNG"),
        (SVG, r"a drawing of lines \(SVG, EPS\): open it and export it"),
        (b"<svg viewBox='0 0 1 1'/>", r"a drawing of lines \(SVG, EPS\)"),
        (EPS, "a drawing"),
        (b"<!doctype html><title>A picture</title>", "a web page: download the file itself"),
        (b"8BPS\0\1" + bytes(20), "a picture in a format of its own"),
        (b"PK\3\4" + bytes(30), r"an archive \(\.zip\)"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "must be a whole picture; it is damaged"),
        (np.array([[1 + 1e-7, 0], [0, 1.0]]), "must lie from 0 to 1, got 0.0 to 1.0000001$"),
        (np.array([[0, 255]]), "got 0 to 255: divide them by what is white, 255 or 65535"),
        (np.array([[0, 65535]], np.uint16), "got 0 to 65535: divide them by"),
        (np.array([[0, 1j]]), "must be of numbers from 0 to 1, or uint8, got dtype complex128"),
        (np.array([["a"]]), "must be of numbers from 0 to 1, or uint8, got dtype <U1"),
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
    with pytest.raises(FileNotFoundError, match="there is no file '.*none.png'"):
        read_picture(tmp_path / "none.png")
    (tmp_path / "a file.png").write_bytes(HEIC)
    with pytest.raises(ValueError, match="the file '.*a file.png' must be a picture"):
        read_picture(tmp_path / "a file.png")
    with pytest.raises(ValueError, match="got the folder"):
        read_picture(tmp_path)
