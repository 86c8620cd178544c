"""The course's notebooks: where they lie, and a copy of them in a folder of the reader's own."""

import os
from pathlib import Path

import nbformat

from unrolled import data
from unrolled.course.korean import with_korean


def folder():
    """Path of the course's notebooks/ folder, beside data/. FileNotFoundError: as for `unrolled.data.folder`."""
    return data.folder().parent / "notebooks"


def copy(target, korean=False):
    """Write the notebooks that are missing in this folder; none that is there is ever overwritten.

    korean   with the Korean of a cell folded below its English
    -> {name: "written", "there already" (the same) or "changed" (a reader's own, or of another version)}
    """
    target, found = Path(target), {}
    target.mkdir(parents=True, exist_ok=True)
    for source in sorted(folder().glob("*.ipynb")):
        own, content = target / source.name, _in_both(source) if korean else source.read_bytes()
        if own.exists():
            found[own.name] = "there already" if own.read_bytes() == content else "changed"
            continue
        part = own.with_suffix(".part")
        part.write_bytes(content)
        os.replace(part, own)  # whole or not at all: half a notebook would count as changed by its reader
        found[own.name] = "written"
    return found


def _in_both(path):
    return nbformat.writes(with_korean(nbformat.read(path, 4), path.stem)).encode()
