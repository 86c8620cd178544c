"""The course's notebooks: where they lie, and a copy of them in a folder of the reader's own."""

import filecmp
import os
import shutil
from pathlib import Path

from unrolled import data


def folder():
    """Path of the course's notebooks/ folder, beside data/. FileNotFoundError: as for `unrolled.data.folder`."""
    return data.folder().parent / "notebooks"


def copy(target):
    """Write the notebooks that are missing in this folder; none that is there is ever overwritten.

    -> {name: "written", "there already" (the same) or "changed" (a reader's own, or of another version)}
    """
    target, found = Path(target), {}
    target.mkdir(parents=True, exist_ok=True)
    for source in sorted(folder().glob("*.ipynb")):
        own = target / source.name
        if own.exists():
            found[own.name] = "there already" if filecmp.cmp(source, own, shallow=False) else "changed"
            continue
        part = own.with_suffix(".part")
        shutil.copyfile(source, part)
        os.replace(part, own)  # whole or not at all: half a notebook would count as changed by its reader
        found[own.name] = "written"
    return found
