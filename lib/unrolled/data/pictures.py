"""A picture of the reader's own, as a captioner reads it."""

import io
from pathlib import Path

import numpy as np

from unrolled.autodiff.checks import check_count
from unrolled.data.files import existing, kind

MOST = 40_000_000  # pixels of a file


def read_picture(picture, size=32):
    """A picture -> images (1, size, size, 3) float32 from 0 to 1.

    picture: a path, the bytes of a file (PNG, JPEG, GIF, …) or an array (…, …) grey or (…, …, 3 or 4), of 0 to 1 or
    uint8. It may have any size: it is made square with white margins, never stretched, and averaged down (or enlarged).
    What is transparent shows white. Of a moving picture the first image is taken. Grey of 16 bits is divided by 65535;
    grey floats are from 0 to 1.
    FileNotFoundError: there is no such file. ValueError: no picture, a damaged one, one of more than 40 million pixels,
    grey whole numbers of 32 bits (nothing says which of them is white), numbers outside 0 to 1.
    """
    from PIL import Image, ImageOps

    check_count(1, size=size)
    name = f"the file {str(picture)!r}" if isinstance(picture, str | Path) else "the picture"
    image = Image.fromarray(_bytes_of(picture)) if isinstance(picture, np.ndarray) else _open(picture, name)
    form = image.format
    try:
        image = ImageOps.exif_transpose(image)
        image.load()
    except Exception as error:  # a damaged file makes Pillow raise errors of many kinds
        raise ValueError(f"{name} must be a whole picture; it is damaged") from error
    if image.mode[0] in "IF":  # Pillow cuts these off at 255 where it converts them
        image = Image.fromarray(_bytes_of(_grey(image, form, name)))
    elif image.mode == "LAB":
        raise ValueError(f"{name} must be grey or in red, green and blue, got L*a*b*: export it as PNG")
    image = image.convert("RGBA")
    side = max(image.size)
    square = Image.new("RGBA", (side, side), "white")
    square.alpha_composite(image, ((side - image.width) // 2, (side - image.height) // 2))
    small = square.convert("RGB").resize(
        (size, size), Image.Resampling.BOX if side >= size else Image.Resampling.BILINEAR
    )
    return (np.asarray(small, np.float32) / 255)[None]


def _open(picture, name):
    from PIL import Image, UnidentifiedImageError

    if isinstance(picture, str | Path):
        picture = existing(picture, "a picture's file").read_bytes()
    try:
        image = Image.open(io.BytesIO(picture))
    except UnidentifiedImageError:
        raise ValueError(f"{name} must be a picture (PNG, JPEG, GIF, …), got {_looks(bytes(picture))}") from None
    except Image.DecompressionBombError:
        raise ValueError(f"{name} must have at most {MOST:,} pixels") from None
    except Exception as error:  # cut within its head
        raise ValueError(f"{name} must be a whole picture; it is damaged") from error
    if image.format in ("EPS", "WMF"):  # for these Pillow would start another program
        raise ValueError(f"{name} must be a picture of pixels, got a drawing in {image.format}: export it as PNG")
    if image.width * image.height > MOST:
        raise ValueError(f"{name} must have at most {MOST:,} pixels, got {image.width} × {image.height}")
    return image


def _grey(image, form, name):
    """A picture of one number a pixel that is no byte, as an array from 0 to 1."""
    array = np.asarray(image)
    if image.mode.startswith("I;16") or (image.mode, form) == ("I", "PNG"):  # older Pillows read PNG as I
        return array / 65535
    if image.mode == "F" and np.isfinite(array).all() and array.min() >= 0 and array.max() <= 1:
        return array
    law = "floats from 0 to 1" if image.mode == "F" else "of 8 or 16 bits, or floats from 0 to 1"
    raise ValueError(
        f"{name}, in grey, must be {law}, got {array.dtype} from {array.min()} to {array.max()}: "
        "save it with 8 bits, or give an array, divided by what is white"
    )


def _looks(raw):
    """What a file that is no picture seems to be, for the message."""
    if not raw:
        return "an empty file"
    if known := kind(raw):
        return known if known != "a picture" else "one that is damaged"
    try:
        return f"text: {raw[:200].decode()[:40]!r}"
    except UnicodeDecodeError:
        return f"{len(raw):,} bytes of another kind"


def _bytes_of(array):
    if array.ndim == 4 and len(array) == 1:
        array = array[0]
    if array.ndim not in (2, 3) or not array.size or (array.ndim == 3 and array.shape[2] not in (3, 4)):
        raise ValueError(f"a picture must be (rows, columns) or (rows, columns, 3 or 4), got {array.shape}")
    if array.dtype == np.uint8:
        return array
    if array.dtype.kind not in "buif":
        raise ValueError(f"a picture must be of numbers from 0 to 1, or uint8, got dtype {array.dtype}")
    if not np.isfinite(array).all() or array.min() < 0 or array.max() > 1:
        mend = ": divide them by what is white, 255 or 65535" if array.min() >= 0 and 2 <= array.max() < np.inf else ""
        raise ValueError(f"a picture's numbers must lie from 0 to 1, got {array.min()} to {array.max()}{mend}")
    return np.round(255 * array).astype(np.uint8)
