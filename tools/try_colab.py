"""Run the notebooks that `make colab` writes as Colab would: in an environment that has all but the course.

    python -m tools.try_colab --only 00

Each runs twice: first its cell installs the course, from a wheel of this checkout; then the wheel is gone, and the
cell has nothing to do. No network is needed. Exit 1 if a notebook fails.
"""

import argparse
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from tempfile import TemporaryDirectory

from tools import try_wheel
from tools.build_handouts import ROOT

REPOSITORY = "owner/name"
INSTALLED = "import importlib.util as u; print(u.find_spec('unrolled') is not None)"


class Place:
    """An environment of its own with every package of this one but the course."""

    def __init__(self, folder):
        self.folder, self.python = folder, folder / "place" / "bin" / "python"
        venv.create(folder / "place", symlinks=True)
        packages, mine = folder / "packages", Path(sysconfig.get_path("purelib"))
        packages.mkdir()
        for path in mine.iterdir():
            if "unrolled" not in path.name:
                (packages / path.name).symlink_to(path)
        (site,) = (folder / "place").glob("lib/python*/site-packages")
        (site / "packages.pth").write_text(f"{packages}\n", "utf-8")

    def run(self, *arguments, **variables):
        """This Python, which neither asks an index nor looks at anyone's settings -> what it printed."""
        own = {"PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1", "PIP_NO_BUILD_ISOLATION": "0", "HOME": str(self.folder)}
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        how = {"cwd": ROOT, "env": {**kept, **own, **variables}, "check": True, "stdout": subprocess.PIPE, "text": True}
        return subprocess.run([self.python, *map(str, arguments)], **how).stdout

    def has_the_course(self):
        """Whether it is installed there."""
        return self.run("-c", INSTALLED).strip() == "True"

    def forget(self):
        """As it was at first."""
        self.run("-m", "pip", "uninstall", "--yes", "--quiet", "unrolled")


def run_twice(place, notebook, remove, **variables):
    """Run an exported notebook where the course is missing, then where it is, and what it was installed from is not."""
    if place.has_the_course():
        place.forget()
    how = "-m", "tools.execute", "--to", place.folder / "executed", "--timeout", 300, notebook
    print(place.run(*how, **variables), end="")
    if not place.has_the_course():
        raise RuntimeError(f"{notebook.name} ran, but the course must be installed by its first cell, and is not")
    remove()
    print(place.run(*how, **variables), end="")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default="", help="notebooks whose names begin so, separated by commas: 00,01")
    begins = tuple(parser.parse_args().only.split(","))
    with TemporaryDirectory() as folder:
        folder = Path(folder).resolve()
        wheel, place = try_wheel.build(folder / "wheel"), Place(folder)
        exporting = [sys.executable, "-m", "tools.colab", REPOSITORY, "--to", folder / "colab", "--wheel", wheel]
        subprocess.run(exporting, cwd=ROOT, check=True)
        away = wheel.with_suffix(".away")
        for path in sorted((folder / "colab").glob("*.ipynb")):
            if path.stem.startswith(begins):
                run_twice(place, path, lambda: wheel.rename(away))
                away.rename(wheel)


if __name__ == "__main__":
    main()
