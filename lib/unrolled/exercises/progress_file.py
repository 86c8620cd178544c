"""Which exercises are right, kept from session to session in one small file of the reader's own."""

import json
import os
import tempfile
import warnings

from unrolled.environment import progress_path

_told = set()  # what was said in this session: that nothing can be kept is no news at the next check


def load():
    """{exercise: whether it was right once}. A file that cannot be read is a warning, and counts as none."""
    try:
        return _read()
    except OSError as error:
        _warn_unkept(error, stacklevel=4)
    except ValueError as error:
        warnings.warn(f"your progress in {progress_path()} cannot be read, and counts as none: {error}", stacklevel=3)
    return {}


def note(name, right):
    """Write down an attempt. What was right once stays right. A file that cannot be written is a warning.

    The old file stands until the new one is whole; a damaged one is put aside, not overwritten.
    """
    try:
        try:
            done = _read()
        except ValueError as error:
            aside = progress_path().with_suffix(".damaged")
            os.replace(progress_path(), aside)
            warnings.warn(f"your progress was damaged ({error}): it is put aside as {aside}", stacklevel=4)
            done = {}
        new = done | {name: right or done.get(name, False)}
        if new != done:
            _write(new)
    except OSError as error:
        _warn_unkept(error, stacklevel=5)


def _warn_unkept(error, stacklevel):
    """Say it once: a home that is missing or locked is so at every check."""
    reason = error.strerror or error  # without the name of a temporary file, which is another one each time
    try:
        reason = f"{progress_path()}: {reason}"
    except OSError:  # there is no place at all, and that is the reason
        pass
    if reason not in _told:
        _told.add(reason)
        mend = "To keep it, restart with UNROLLED_PROGRESS=/a/file/of/yours"
        warnings.warn(f"your progress cannot be kept ({reason}). {mend}", stacklevel=stacklevel)


def _read():
    """ValueError where the file is not what `_write` writes."""
    try:
        done = json.loads(progress_path().read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    if not isinstance(done, dict) or not all(isinstance(right, bool) for right in done.values()):
        raise ValueError("it must be a JSON object of true and false")
    return done


def _write(done):
    progress_path().parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=progress_path().parent, suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(done, stream, indent=1)
        os.replace(part, progress_path())
    except BaseException:
        os.unlink(part)
        raise
