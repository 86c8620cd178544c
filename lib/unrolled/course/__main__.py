"""The course in a folder of your own, for those who installed the package alone: no checkout is needed.

python -m unrolled.course copy FOLDER
python -m unrolled.course copy FOLDER --korean    with Korean folded below the English
"""

import argparse
import sys
from pathlib import Path

from unrolled.course import notebooks
from unrolled.environment.options import any_console


def main():
    """Copy the notebooks, and say of each what was done. Exit 1: one in the folder differs, and was left as it is."""
    parser = argparse.ArgumentParser(prog="python -m unrolled.course", description=__doc__.partition("\n")[0])
    commands = parser.add_subparsers(required=True, metavar="copy")
    copy = commands.add_parser("copy", help="write the notebooks into a folder; what is there is never overwritten")
    copy.add_argument("folder")
    copy.add_argument("--korean", action="store_true", help="with Korean folded below the English: heads, exercises …")
    options = parser.parse_args()
    folder = options.folder
    try:
        found = notebooks.copy(folder, options.korean)
    except FileExistsError:
        sys.exit(f"the notebooks cannot be written: {folder} is a file")
    except OSError as error:
        sys.exit(f"the notebooks cannot be written: {error}")
    for name, what in found.items():
        print(f"{what}: {name}")
    if changed := [name for name, what in found.items() if what == "changed"]:
        sys.exit(
            f"Not as the course has it, and left as it is in {folder}: {', '.join(changed)}. "
            "Rename a notebook of yours to have the course's beside it."
        )
    print(f"Open them: {_in_quotes(_this_python())} -m jupyterlab {_in_quotes(folder)}")


def _this_python():
    """The path of this Python, from here if it lies below: it works where no environment is activated."""
    path = Path(sys.executable)
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _in_quotes(path):
    return f'"{path}"' if " " in str(path) else path


if __name__ == "__main__":
    any_console()
    main()
