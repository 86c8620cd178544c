"""A submitted notebook beside the released one: what nbgrader would not mark as it should, and a copy that it marks.

nbgrader knows a check by the grade_id in its cell's metadata: each of the release's must stand in one cell, as it was
released. All else is the student's, and stays.
"""

import functools
import json
import re
import symtable
import warnings
from copy import deepcopy
from typing import NamedTuple

from unrolled.exercises.notebook_files import Fault, number_cells

WRITTEN_BY_NBGRADER = "checksum", "cell_type"  # it sets them itself, from its database
FLAGS = "grade", "locked", "solution"


class Names(NamedTuple):
    """Of a code cell: the names that it binds, and those that it reads, in its functions too."""

    bound: frozenset
    read: frozenset


def grade_id(cell):
    """The name by which nbgrader knows a cell, or None."""
    mark = cell["metadata"].get("nbgrader")
    name = mark.get("grade_id") if isinstance(mark, dict) else None
    return name if isinstance(name, str) else None


def is_marked(cell):
    """Whether nbgrader looks after a cell: to mark it, to keep it as released, or because an answer belongs there."""
    mark = cell["metadata"].get("nbgrader")
    return grade_id(cell) is not None and any(mark.get(flag) for flag in (*FLAGS, "task"))


def text(cell):
    """What a cell says, whatever the ends of its lines."""
    return "\n".join(line.rstrip() for line in cell["source"].splitlines()).strip()


def is_locked(cell):
    """nbgrader writes its own copy over a cell that gives points, or is locked, and is not the answer itself."""
    mark = cell["metadata"]["nbgrader"]
    return not mark.get("solution") and bool(mark.get("grade") or mark.get("locked"))


def overlap(notebook, released):
    """How many of the release's cells stand in a notebook; a check counts most, by its name or by what it says."""
    said = {text(cell) for cell in notebook["cells"]} - {""}
    names = {grade_id(cell) for cell in notebook["cells"]} - {None}
    ids = {cell.get("id") for cell in notebook["cells"]} - {None}
    points = 0
    for cell in released["cells"]:
        if is_marked(cell):
            points += 100 * (grade_id(cell) in names or text(cell) in said)
        else:
            points += text(cell) in said or cell.get("id") in ids
    return points


def mend(notebook, released):
    """(the notebook as nbgrader marks it, [Fault]); with no fault, the notebook as it was given.

    notebook, released: as `read` gives them. The released one may come from release/ or from source/.
    """
    faults = []
    cells, edited = _mark(deepcopy(notebook["cells"]), released["cells"], faults)
    _restore(cells, released["cells"], faults)
    _follow_answers(cells, released["cells"], edited, faults)
    return (number_cells({**notebook, "cells": cells}) if faults else notebook), faults


def _mark(cells, released, faults):
    """The cells, with each of the release's marks on one of them and no other; and the names of the checks edited."""
    marks = {grade_id(cell): cell for cell in released if is_marked(cell)}
    chosen = {}
    for name, original in sorted(marks.items(), key=lambda item: all(grade_id(cell) != item[0] for cell in cells)):
        same = [at for at, cell in enumerate(cells) if grade_id(cell) == name]
        free = [at for at in range(len(cells)) if at not in chosen]  # those that bear their name were chosen before
        pool = same or [at for at in free if text(cells[at]) == text(original)]
        pool = pool or [at for at in free if "id" in original and cells[at].get("id") == original["id"]]
        # A check as released before one that was edited, an answer before a stub; then the last, as nbgrader means to.
        best = [at for at in pool if _alike(cells[at], original) == is_locked(original)] or pool
        if best:
            chosen[best[-1]] = name
            faults += _differences(name, original, cells, same, best[-1])
    out, edited = [], set()
    for at, cell in enumerate(cells):
        if (name := chosen.get(at)) is None:
            idle = grade_id(cell) not in marks and _says_nothing(cell["metadata"].get("nbgrader"))
            if "nbgrader" in cell["metadata"] and not idle:
                stray = cell["metadata"].pop("nbgrader")
                if not isinstance(stray, dict) or stray.get("grade_id") not in marks:
                    what = f"cell {at + 1} must have nbgrader metadata of the release or none, got {_short(stray)}"
                    faults.append(Fault(what, "taken off"))
            out.append(cell)
            continue
        original = deepcopy(marks[name])
        if not is_locked(original):
            mark = {"nbgrader": original["metadata"]["nbgrader"]}
            original |= {"source": cell["source"], "metadata": cell["metadata"] | mark}
        elif text(cell) not in ("", text(original)):
            cell["metadata"].pop("nbgrader", None)
            out.append(cell)
            edited.add(name)
        out.append(original)
    for index, original in enumerate(released):
        if is_marked(original) and (name := grade_id(original)) not in chosen.values():
            what = f"{name} must stand in one cell, got none (deleted, or merged into another)"
            faults.append(Fault(what, "put back"))
            out.insert(_before_next(out, released, index), deepcopy(original))
    return out, edited


def _says_nothing(mark):
    """Metadata that nbgrader accepts and does nothing with."""
    return isinstance(mark, dict) and mark.get("schema_version") == 3 and all(mark.get(f) is False for f in FLAGS)


def _differences(name, original, cells, same, at):
    """The faults of the cell that is to be this check."""
    cell, mark = cells[at], original["metadata"]["nbgrader"]
    got = cell["metadata"].get("nbgrader")
    if len(same) > 1:
        what = f"{name} must stand in one cell, got {len(same)} (cells {', '.join(str(one + 1) for one in same)})"
        yield Fault(what, f"cell {at + 1} is the check, the others stay as cells of the student's own")
    if not same:
        yield Fault(f"cell {at + 1} must be marked as {name}, got {_short(got)}", "marked again")
    else:
        keys = [key for key in mark | got if key not in WRITTEN_BY_NBGRADER and mark.get(key) != got.get(key)]
        keys = [key for key in keys if key != "task" or got.get(key, False) != mark.get(key, False)]
        if keys:
            pairs = [", ".join(f"{key} {_short(each.get(key))}" for key in keys) for each in (mark, got)]
            yield Fault(f"{name} must have {pairs[0]}, got {pairs[1]}", "set back")
    if cell["cell_type"] != original["cell_type"]:
        yield Fault(f"{name} must be a {original['cell_type']} cell, got {cell['cell_type']}", "turned back")
    if is_locked(original) and text(cell) != text(original):
        what = f"{name} is locked and must read {_short(text(original))}, got {_short(text(cell))}"
        stays = "; what stood there stays in a cell above it" if text(cell) else ""
        yield Fault(what, f"put back as released{stays}")


def _alike(cell, original):
    return cell["cell_type"] == original["cell_type"] and text(cell) == text(original)


def _short(value):
    """A value in a sentence: none says more than its beginning does."""
    if value is None:
        return "none"
    written = " | ".join(value.splitlines()) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return written if len(written) <= 70 else written[:69] + "…"


def _find(cells, original):
    """Where a cell of the release stands: by its mark, by its id, or by what it says; None: nowhere."""
    name, words = grade_id(original), text(original)
    tests = [
        lambda cell: name and grade_id(cell) == name,
        lambda cell: "id" in original and cell.get("id") == original["id"],
        lambda cell: words and text(cell) == words,
    ]
    return next((at for test in tests for at, cell in enumerate(cells) if test(cell)), None)


def _before_next(cells, released, index):
    """Where a check goes: before the next cell of the release that is there, so below what was written for it."""
    found = (_find(cells, later) for later in released[index + 1 :])
    return next((at for at in found if at is not None), len(cells))


def _after_previous(cells, released, index):
    """Where a cell of the lesson goes: as high as it stood."""
    found = (_find(cells, earlier) for earlier in reversed(released[:index]))
    return next((at + 1 for at in found if at is not None), 0)


@functools.lru_cache(4096)
def _names_in(source):
    """Names, or None where this is not Python; a line of IPython's own (%, !) counts for nothing."""
    try:
        with warnings.catch_warnings(action="ignore"):
            top = symtable.symtable(re.sub(r"(?m)^\s*[%!?].*", "", source), "cell", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    reads, tables = set(), [top]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        reads |= {s.get_name() for s in table.get_symbols() if s.is_referenced() and (table is top or s.is_global())}
    bound = {s.get_name() for s in top.get_symbols() if s.is_assigned() or s.is_imported() or s.is_namespace()}
    return Names(frozenset(bound), frozenset(reads))


def _binds(cell, name, sure=False):
    """Whether a cell binds a name; of what is not Python, and so not sure, whether the name stands in it."""
    names = _names_in(cell["source"])
    if names is None:
        return not sure and re.search(rf"\b{re.escape(name)}\b", cell["source"]) is not None
    return name in names.bound


def _needs(released, at):
    """[(name, index of the release's cell that binds it)] of the names that a cell of the release reads."""
    names = _names_in(released[at]["source"])
    for name in sorted(names.read if names and released[at]["cell_type"] == "code" else ()):
        binding = [i for i in range(at) if released[i]["cell_type"] == "code" and _binds(released[i], name, sure=True)]
        if binding:
            yield name, binding[-1]


def _is_stub(cell):
    return "NotImplementedError" in cell["source"]


def _restore(cells, released, faults):
    """What a check reads and no code cell binds: from a cell that is code no more, else from the release."""
    todo = [at for at, cell in enumerate(released) if is_marked(cell)]
    kept = {text(cell) for cell in released if _is_stub(cell)}  # a stub gives nothing
    while todo:
        for name, source in _needs(released, todo.pop()):
            if any(cell["cell_type"] == "code" and text(cell) not in kept and _binds(cell, name) for cell in cells):
                continue
            turned = [c for c in cells if c["cell_type"] != "code" and not grade_id(c) and _binds(c, name, sure=True)]
            if turned:
                what = f"{name} must be bound in a code cell, got a {turned[-1]['cell_type']} cell"
                faults.append(Fault(what, "turned back"))
                turned[-1].update(cell_type="code", outputs=[], execution_count=None)
                turned[-1].pop("attachments", None)
            elif not _is_stub(released[source]):
                faults.append(Fault(f"the checks need {name}, and no cell binds it", "the lesson's cell is put back"))
                cells.insert(_after_previous(cells, released, source), deepcopy(released[source]))
                todo.append(source)


def _follow_answers(cells, released, edited, faults):
    """A check above the only answer to it goes below: run from top to bottom it would see the stub."""
    lesson = {text(cell) for cell in released}
    for index, original in enumerate(released):
        if not is_marked(original) or not is_locked(original):
            continue
        for name, source in _needs(released, index):
            if not _is_stub(released[source]):
                continue
            at = _find(cells, original)
            written = [i for i, c in enumerate(cells) if c["cell_type"] == "code" and text(c) not in lesson]
            own = [i for i in written if _binds(cells[i], name)]
            below = [i for i in own if _binds(cells[i], name, sure=True)]
            if not own and grade_id(original) in edited:
                what = f"{name} must be bound by the answer, and no cell binds it; the check was edited"
                faults.append(Fault(what, "has the answer another name? Look at it", False))
            elif below and min(own) > at:
                what = f"{grade_id(original)} must stand below its answer, got {name} in a cell further down"
                faults.append(Fault(what, "the check is moved below it"))
                cells.insert(below[-1], cells.pop(at))
