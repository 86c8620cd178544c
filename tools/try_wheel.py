"""Show that the course works where it is only installed, `make test-wheel`; the notebooks that it ran are kept.

    python -m tools.try_wheel --to build/wheel

A wheel is built by way of the source distribution, and installed into a temporary folder, far from any checkout. Its
own command copies the notebooks there, and each is run by kernels that find that package first. `make handouts
EXECUTED=build/wheel/executed` makes pages of this run. Exit 1 if a notebook fails.
"""

import argparse
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from tools.build_handouts import ROOT, in_parallel, run

SHIPPED = """
import pathlib, unrolled
from unrolled import data
print(pathlib.Path(unrolled.__file__).parents[1], data.folder().parents[2], sep="\\n")
"""


def build(folder):
    """Make the source distribution, then the wheel from it alone -> path of the wheel."""
    hatch = [sys.executable, "-m", "hatchling", "build", "-d", folder]
    subprocess.run([*hatch, "-t", "sdist"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    (packed,) = folder.glob("*.tar.gz")
    with TemporaryDirectory() as unpacked, tarfile.open(packed) as archive:
        archive.extractall(unpacked, filter="data")
        (source,) = Path(unpacked).iterdir()
        subprocess.run([*hatch, "-t", "wheel"], cwd=source, check=True, stdout=subprocess.DEVNULL)
    (wheel,) = folder.glob("*.whl")
    return wheel


def install(wheel, away):
    """Install the wheel alone, and copy the course's notebooks: away/package, away/course -> variables for kernels.

    RuntimeError: it is not the installed package, with its own data, that Python finds with these variables.
    """
    package = (away / "package").resolve()
    variables = {"PYTHONPATH": str(package)}
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-index", "--no-deps"]
    subprocess.run([*pip, "--target", package, wheel], check=True)
    how = {"cwd": away, "env": {**os.environ, **variables}, "check": True, "stdout": subprocess.PIPE, "text": True}
    found = subprocess.run([sys.executable, "-c", SHIPPED], **how).stdout.splitlines()
    if found != [str(package)] * 2:
        raise RuntimeError(f"the package and its data must lie in {package}, got {found}")
    subprocess.run([sys.executable, "-m", "unrolled.course", "copy", "course"], **how)
    return variables


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--to", type=Path, default=ROOT / "build" / "wheel", help="the folder for wheel and notebooks")
    parser.add_argument("--only", default="", help="notebooks whose names begin so, separated by commas: 01,02")
    parser.add_argument("--jobs", type=int, default=2, help="notebooks side by side (default: 2)")
    parser.add_argument("--timeout", type=int, default=300, help="seconds that one cell may take (default: 300)")
    options = parser.parse_args()
    started, to, begins = perf_counter(), options.to.resolve(), tuple(options.only.split(","))
    to.mkdir(parents=True, exist_ok=True)
    for old in (*to.glob("unrolled-*"), *to.glob("executed/*.ipynb")):
        old.unlink()
    with TemporaryDirectory() as folder:
        away = Path(folder)
        variables = install(build(to), away)
        notebooks = [path for path in sorted((away / "course").glob("*.ipynb")) if path.stem.startswith(begins)]
        calls = {p.stem: (run, (p, to / "executed" / p.name, options.timeout, variables)) for p in notebooks}
        results = in_parallel(options.jobs, calls, "run")
    failed = {name: r if isinstance(r, BaseException) else r[2] for name, r in results.items()}
    failed = {name: error for name, error in failed.items() if error}
    for name, error in failed.items():
        print(f"{name} failed:\n{error}\n", file=sys.stderr)
    done = len(notebooks) - len(failed)
    print(f"{done} of {len(notebooks)} notebooks ran from the wheel in {perf_counter() - started:.0f} s: {to}")
    sys.exit(bool(failed) or not notebooks)


if __name__ == "__main__":
    main()
