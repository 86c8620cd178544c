"""The file of a notebook, as a student may leave it: read whole, in today's format, or refused with the reason."""

import json
import re
from typing import NamedTuple

from unrolled.data.files import decode, kind

TYPES = "code", "markdown", "raw"


class Fault(NamedTuple):
    """What is wrong, with the law and the value, and what was done about it, or is to be done; mended: it was done."""

    what: str
    mend: str
    mended: bool = True


def read(raw):
    """(notebook, [Fault]) of a file's bytes, in nbformat 4, each cell with all that it must have.

    ValueError: no notebook, or a damaged one; it says which.
    """
    if not raw.strip():
        raise ValueError(f"must be a notebook, got an empty file ({len(raw)} bytes)")
    try:
        found = json.loads(raw)  # in UTF-8, 16 or 32, with an editor's mark at its beginning or without
    except (ValueError, RecursionError) as error:
        raise ValueError(f"must be a notebook, got {_damage(raw, error)}") from None
    if not isinstance(found, dict) or not isinstance(found.get("cells", found.get("worksheets")), list):
        raise ValueError("must be a notebook, got JSON without cells")
    faults = []
    if (encoding := json.detect_encoding(raw)) != "utf-8":
        faults.append(Fault(f"must be UTF-8 without a mark at its beginning, got {encoding}", "written so"))
    if (version := found.get("nbformat")) != 4 or "cells" not in found:
        faults.append(Fault(f"must be a notebook of nbformat 4, got {version!r}", "converted"))
        found = found | {"nbformat": 4} if "cells" in found else _convert(found)
    cells = [_whole(number, cell, faults) for number, cell in enumerate(found["cells"], 1)]
    if not isinstance(found.get("metadata"), dict):
        faults.append(Fault(f"its metadata must be an object, got {found.get('metadata')!r}", "written anew"))
        found["metadata"] = {}
    return found | {"cells": cells}, faults


def _damage(raw, error):
    if isinstance(error, UnicodeDecodeError):
        try:
            decode("it", raw)
        except ValueError as reason:
            return f"bytes of another kind: {reason}"
    return kind(raw) or f"no JSON, or a part of it alone ({len(raw)} bytes): {error}"


def _convert(old):
    import nbformat

    try:
        new = nbformat.convert(nbformat.from_dict({"metadata": {}, "nbformat_minor": 0} | old | {"nbformat": 3}), 4)
    except Exception as error:  # a damaged notebook of another version can break anywhere
        raise ValueError(f"must be a notebook, got one of nbformat {old.get('nbformat')!r}: {error}") from None
    for number, cell in enumerate(new["cells"]):
        cell["id"] = f"cell-{number}"  # nbformat draws them, and the same file shall give the same copy
    return new


def _whole(number, cell, faults):
    """The cell with its source in one string, and with what nbformat 4 asks for."""
    if not isinstance(cell, dict):
        raise ValueError(f"must be a notebook, got {type(cell).__name__} in place of cell {number}")
    source = cell.get("source", "")
    whole = cell | {"source": "".join(map(str, source)) if isinstance(source, list) else str(source)}
    if cell.get("cell_type") not in TYPES:
        whole["cell_type"] = "raw"
    if not isinstance(cell.get("metadata"), dict):
        whole["metadata"] = {}
    if whole["cell_type"] == "code":
        whole["outputs"] = cell["outputs"] if isinstance(cell.get("outputs"), list) else []
        whole.setdefault("execution_count", None)
    else:
        whole = {name: value for name, value in whole.items() if name not in ("outputs", "execution_count")}
    changed = {name for name in whole.keys() ^ cell.keys() if name != "source"}
    changed |= {name for name in whole.keys() & cell.keys() if name != "source" and whole[name] != cell[name]}
    if changed:
        what = f"cell {number}, {whole['cell_type']}, must have {' and '.join(sorted(changed))} as nbformat 4 asks for"
        faults.append(Fault(what, "set right"))
    return whole


def number_cells(notebook):
    """The notebook, each cell with an id of its own where this version of nbformat has ids; the same in every run."""
    minor, seen = notebook.get("nbformat_minor"), set()
    if not isinstance(minor, int):
        minor = 5 if all("id" in cell for cell in notebook["cells"]) else 4
    for number, cell in enumerate(notebook["cells"]):
        name = cell.pop("id", None)
        if minor < 5:
            continue
        if not isinstance(name, str) or not re.fullmatch(r"[\w-]{1,64}", name, re.ASCII) or name in seen:
            name = next(free for k in range(number + 1) if (free := f"cell-{number}-{k}") not in seen)
        seen.add(name)
        cell["id"] = name
    return notebook | {"nbformat_minor": minor}


def to_bytes(notebook):
    """The bytes of a notebook's file, as Jupyter writes it."""
    return (json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()
