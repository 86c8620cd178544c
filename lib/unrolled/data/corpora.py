"""Texts to train on: the two that are shipped, the reader's own, Python's standard library, tinyshakespeare.

Each comes as a Corpus(text, source). The source is a sentence for the reader: what the text is, and, where only a part
was taken, how much of how much. Ends of lines are "\\n", whatever the file has.
"""

import codecs
import io
import sysconfig
import tokenize
from pathlib import Path
from typing import NamedTuple

from unrolled.autodiff.checks import check_count
from unrolled.data import folder
from unrolled.data.files import decode, existing

TALES = {"tales": "tales of a harbour town, in English", "tales_ko": "tales of a harbour town, in Korean"}

# The file that char-rnn came with. The sum is the one that those who use the file state; pooch compares.
TINYSHAKESPEARE = "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt"
TINYSHAKESPEARE_SHA256 = "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"


class Corpus(NamedTuple):
    """text: a string; source: where it is from, and how much of it this is."""

    text: str
    source: str


def corpus(name):
    """A shipped text: "tales" (English) or "tales_ko" (Korean), written for this course. ValueError: no such name."""
    if name not in TALES:
        raise ValueError(f"the shipped texts are {', '.join(TALES)}, got {name!r}; a file of your own: read_text(path)")
    return Corpus(read_text(folder() / f"{name}.txt").text, f"{TALES[name]} (data/{name}.txt)")


def read_text(path, *, most=5_000_000, encoding=None):
    """A text file, at most its first `most` bytes: in UTF-8, or in the encoding that is named ("cp949", "latin-1", …).

    FileNotFoundError: there is none. ValueError: a folder; fewer than 2 characters; bytes that are not UTF-8, with the
    first of them, its place and its line, and the encoding or the kind of file that they seem to be; no such encoding,
    or bytes that are not of it.
    """
    check_count(2, most=most)
    path = existing(path, "a text file")
    with path.open("rb") as file:
        raw = file.read(most)
        cut = len(raw) == most and bool(file.read(1))
    decoded = decode(path, raw, cut=cut) if encoding is None else _decode_as(encoding, path, raw, cut)
    text = io.StringIO(decoded, newline=None).read()
    if len(text) < 2:
        raise ValueError(f"{path} must hold at least 2 characters, one to read and one to predict, got {text!r}")
    if not cut:
        return Corpus(text, str(path))
    whole = path.stat().st_size  # 0: no file on a disk, but a pipe or a device, which does not say how long it is
    return Corpus(text, f"{path}, the first {len(raw):,}" + (f" of {whole:,} bytes" if whole else " bytes"))


def _decode_as(encoding, path, raw, cut):
    """Bytes as text in the encoding that the reader names."""
    try:
        return codecs.getincrementaldecoder(encoding)().decode(raw, final=not cut)
    except LookupError as error:
        raise ValueError(
            f"encoding must be one that Python knows, such as cp949 or latin-1, got {encoding!r}"
        ) from error
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(10) + 1
        raise ValueError(f"{path} must be text in {encoding}, got bytes that are not, in line {line}") from error


def standard_library(*, most=1_000_000):
    """Source of the running interpreter's standard library, in the order of its paths: the first `most` characters.

    The same interpreter gives the same text. FileNotFoundError: it came without its source.
    """
    check_count(2, most=most)
    root, parts, length, left_out = Path(sysconfig.get_path("stdlib")), [], 0, {"site-packages", "test", "tests"}
    paths = [path.relative_to(root) for path in root.rglob("*.py")]
    paths = sorted(path.as_posix() for path in paths if not left_out & set(path.parts))
    for name in paths:
        if length >= most:
            break
        try:
            with tokenize.open(root / name) as file:  # in the encoding that the file says it has
                parts.append(file.read())
        except (SyntaxError, UnicodeDecodeError):
            continue  # a few files are there to be wrong
        length += len(parts[-1])
    if not parts:
        raise FileNotFoundError(f"this Python came without the source of its standard library: none in {root}")
    text = "".join(parts)[:most]
    return Corpus(text, f"Python's standard library, {len(parts)} of {len(paths)} files, {len(text):,} characters")


def tinyshakespeare():
    """tinyshakespeare, 1,115,394 characters: fetched at the first call, kept in your cache folder, checked each time.

    ModuleNotFoundError: the package pooch is not installed. ConnectionError: it cannot be fetched. ValueError: what
    came is another file than the one with this sum. Source: Karpathy (2015), char-rnn.
    """
    try:
        import pooch
    except ModuleNotFoundError as error:
        command = 'python -m pip install "pooch>=1.8"'
        raise ModuleNotFoundError(f"the download needs pooch, which is not installed: {command}") from error
    try:
        path = pooch.retrieve(
            TINYSHAKESPEARE,
            known_hash=f"sha256:{TINYSHAKESPEARE_SHA256}",
            fname="tinyshakespeare.txt",
            path=pooch.os_cache("unrolled"),
        )
    except OSError as error:  # what requests raises is one, too
        raise ConnectionError(
            f"{TINYSHAKESPEARE} could not be fetched ({type(error).__name__}). Without a network, take a shipped text: "
            'corpus("tales"); or fetch it elsewhere and read it: read_text(path)'
        ) from error
    return Corpus(read_text(path).text, f"tinyshakespeare ({TINYSHAKESPEARE})")
