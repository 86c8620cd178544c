"""Give every cell that checks an exercise the metadata by which nbgrader marks it.

    python -m tools.grade_cells                every notebook of the course
    python -m tools.grade_cells --check        only say which lack it; exit 1 if there are any

A cell that calls check.<exercise> is a test: locked, one point, and known by the name of the exercise. The cell of the
answer needs nothing: it is the reader's own. What a check says is in docs/teaching.md.
"""

import argparse
import re
import sys
from pathlib import Path

import nbformat

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
CALL = re.compile(r"^check\.(\w+)\(", re.MULTILINE)


def add_marks(notebook):
    """The notebook with the metadata of its checks, changed in place. ValueError: an exercise is checked twice."""
    seen = set()
    for cell in notebook.cells:
        cell.metadata.pop("nbgrader", None)
        called = CALL.findall(cell.source) if cell.cell_type == "code" else []
        if not called:
            continue
        name = called[0]
        if name in seen:
            raise ValueError(f"check.{name} stands in two cells, and nbgrader knows a cell by the name")
        seen.add(name)
        cell.metadata["nbgrader"] = nbformat.from_dict(
            {"grade": True, "grade_id": name, "locked": True, "points": 1, "schema_version": 3, "solution": False}
            | {"task": False}
        )
        cell.metadata = nbformat.from_dict(dict(sorted(cell.metadata.items())))
    return notebook


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("notebooks", nargs="*", type=Path, default=sorted(NOTEBOOKS.glob("*.ipynb")))
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if a notebook lacks some")
    options = parser.parse_args()
    lacking = 0
    for path in options.notebooks:
        text = path.read_text("utf-8")
        written = nbformat.writes(add_marks(nbformat.reads(text, as_version=4))).rstrip("\n") + "\n"
        if written != text:
            lacking += 1
            print(f"{path.name} {'lacks metadata' if options.check else 'marked'}")
            if not options.check:
                path.write_text(written, "utf-8", newline="\n")
    sys.exit(options.check and lacking > 0)


if __name__ == "__main__":
    main()
