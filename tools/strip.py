"""Take out of notebooks what a run leaves in them: outputs, counts, timestamps, the name of this machine's kernel.

    python -m tools.strip                 every notebook of the course
    python -m tools.strip --check a.ipynb only say which are not stripped; exit 1 if there are any

Outputs of cells tagged nbval-check-output stay: they are what nbval compares a run with.
"""

import argparse
import sys
from pathlib import Path

import nbformat

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
CELL_METADATA = {"tags", "slideshow", "jupyter", "nbgrader"}


def strip(notebook):
    """The notebook as it is stored, changed in place."""
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL, "language_info": {"name": "python"}})
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({k: v for k, v in sorted(cell.metadata.items()) if k in CELL_METADATA})
        if cell.cell_type == "code":
            keep = "nbval-check-output" in cell.metadata.get("tags", [])
            cell.outputs = cell.outputs if keep else []
            cell.execution_count = 1 if cell.outputs else None  # nbval compares nothing in a cell without a count
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = 1
    return notebook


def to_text(notebook):
    """The text of a notebook's file."""
    return nbformat.writes(notebook).rstrip("\n") + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("notebooks", nargs="*", type=Path, default=sorted(NOTEBOOKS.glob("*.ipynb")))
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if a notebook is not stripped")
    options = parser.parse_args()
    unstripped = 0
    for path in options.notebooks:
        text = path.read_text("utf-8")
        stripped = to_text(strip(nbformat.reads(text, as_version=4)))
        if stripped != text:
            unstripped += 1
            print(f"{path.name} {'is not stripped' if options.check else 'stripped'}")
            if not options.check:
                path.write_text(stripped, "utf-8", newline="\n")
    sys.exit(options.check and unstripped > 0)


if __name__ == "__main__":
    main()
