"""Which exercises are right, kept from session to session in one small file of the reader's own."""

import json
import os
import tempfile
import warnings
from pathlib import Path


def path():
    """UNROLLED_PROGRESS, or unrolled/progress.json in the user's data folder (XDG_DATA_HOME, or .local/share)."""
    if chosen := os.environ.get("UNROLLED_PROGRESS"):
        return Path(chosen)
    folder = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(folder) / "unrolled" / "progress.json"


def load():
    """{exercise: whether it was right once}. A file that cannot be read is a warning, and counts as none."""
    try:
        return _read()
    except (OSError, ValueError) as error:
        warnings.warn(f"your progress in {path()} cannot be read, and counts as none: {error}", stacklevel=3)
        return {}


def note(name, right):
    """Write down an attempt. What was right once stays right. A file that cannot be written is a warning.

    The old file stands until the new one is whole; a damaged one is put aside, not overwritten.
    """
    try:
        try:
            done = _read()
        except ValueError as error:
            aside = path().with_suffix(".damaged")
            os.replace(path(), aside)
            warnings.warn(f"your progress was damaged ({error}): it is put aside as {aside}", stacklevel=4)
            done = {}
        new = done | {name: right or done.get(name, False)}
        if new != done:
            _write(new)
    except OSError as error:
        warnings.warn(f"your progress cannot be written to {path()}: {error}", stacklevel=4)


def _read():
    """ValueError where the file is not what `_write` writes."""
    try:
        done = json.loads(path().read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    if not isinstance(done, dict) or not all(isinstance(right, bool) for right in done.values()):
        raise ValueError("it must be a JSON object of true and false")
    return done


def _write(done):
    path().parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=path().parent, suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(done, stream, indent=1)
        os.replace(part, path())
    except BaseException:
        os.unlink(part)
        raise
