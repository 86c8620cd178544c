"""A picture of the reader's own, as a captioner reads it."""

import io
from pathlib import Path

import numpy as np

from unrolled.autodiff.checks import check_count

MOST = 40_000_000  # pixels of a file


def read_picture(picture, size=32):
    """A picture -> images (1, size, size, 3) float32 from 0 to 1.

    picture: a path, the bytes of a file (PNG, JPEG, GIF, …) or an array (…, …) grey or (…, …, 3 or 4), of 0 to 1 or
    uint8. It may have any size: it is made square with white margins, never stretched, and averaged down (or enlarged).
    What is transparent shows white. Of a moving picture the first image is taken.
    FileNotFoundError: there is no such file. ValueError: no picture, a damaged one, one of more than 40 million pixels.
    """
    from PIL import Image, ImageOps

    check_count(1, size=size)
    name = f"the file {picture}" if isinstance(picture, str | Path) else "the picture"
    image = Image.fromarray(_bytes_of(picture)) if isinstance(picture, np.ndarray) else _opened(picture, name)
    try:
        image = ImageOps.exif_transpose(image).convert("RGBA")
    except Exception as error:  # a damaged file makes Pillow raise errors of many kinds
        raise ValueError(f"{name} must be a whole picture; it is damaged") from error
    side = max(image.size)
    square = Image.new("RGBA", (side, side), "white")
    square.alpha_composite(image, ((side - image.width) // 2, (side - image.height) // 2))
    small = square.convert("RGB").resize(
        (size, size), Image.Resampling.BOX if side >= size else Image.Resampling.BILINEAR
    )
    return (np.asarray(small, np.float32) / 255)[None]


def _opened(picture, name):
    from PIL import Image, UnidentifiedImageError

    if isinstance(picture, str | Path):
        path = Path(picture)
        if path.is_dir():
            raise ValueError(f"picture must be a file, got the folder {path}")
        if not path.exists():
            raise FileNotFoundError(f"there is no file {path}; the current folder is {Path.cwd()}")
        picture = path.read_bytes()
    try:
        image = Image.open(io.BytesIO(picture))
    except UnidentifiedImageError:
        raise ValueError(f"{name} must be a picture (PNG, JPEG, GIF, …), got {_looks(bytes(picture))}") from None
    except Image.DecompressionBombError:
        raise ValueError(f"{name} must have at most {MOST:,} pixels") from None
    if image.width * image.height > MOST:
        raise ValueError(f"{name} must have at most {MOST:,} pixels, got {image.width} × {image.height}")
    return image


def _looks(raw):
    """What a file that is no picture seems to be, for the message."""
    if not raw:
        return "an empty file"
    try:
        text = raw[:200].decode()
    except UnicodeDecodeError:
        return f"{len(raw):,} bytes of another kind"
    return f"text: {text[:40]!r}"


def _bytes_of(array):
    if array.ndim == 4 and len(array) == 1:
        array = array[0]
    if array.ndim not in (2, 3) or not array.size or (array.ndim == 3 and array.shape[2] not in (3, 4)):
        raise ValueError(f"a picture must be (rows, columns) or (rows, columns, 3 or 4), got {array.shape}")
    if array.dtype == np.uint8:
        return array
    if not np.isfinite(array).all() or array.min() < 0 or array.max() > 1:
        raise ValueError(f"a picture's numbers must lie from 0 to 1, got {array.min():.4g} to {array.max():.4g}")
    return np.round(255 * array).astype(np.uint8)
