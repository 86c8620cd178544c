"""Start a lesson from tools/lesson_template.ipynb.

    python -m tools.new_lesson 15_memory "Memory"

The template has a lesson's parts in order, with the tags and the slide types that the tests ask for.
"""

import argparse
import re
import sys
from pathlib import Path

import nbformat

TEMPLATE = Path(__file__).parent / "lesson_template.ipynb"
NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("name", help="two digits, then words in lower case: 15_memory")
    parser.add_argument("title")
    options = parser.parse_args()
    if not re.fullmatch(r"\d\d_[a-z0-9_]+", options.name):
        sys.exit(f"the name must be two digits, then words in lower case, as in 15_memory; got {options.name}")
    path = NOTEBOOKS / f"{options.name}.ipynb"
    if path.exists():
        sys.exit(f"{path.name} is there already")
    lesson = nbformat.read(TEMPLATE, as_version=4)
    lesson.cells[0].source = lesson.cells[0].source.replace("# Title", f"# {options.title}", 1)
    nbformat.write(lesson, path)
    print(f"wrote {path.name}; add it to the map in lib/unrolled/course/lessons.py")


if __name__ == "__main__":
    main()
