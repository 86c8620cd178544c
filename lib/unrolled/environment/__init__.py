"""Is this environment fit for the course? `python -m unrolled.environment` says what is wrong and how to mend it.

It exits with 1 if it finds a problem. It needs no package beyond Python, so it runs where one is missing.
"""

import errno
import os
import platform
import re
import sys
import tempfile
import textwrap
from importlib import metadata, util
from pathlib import Path
from shutil import which
from subprocess import list2cmdline
from typing import NamedTuple

from unrolled import data

PACKAGE = Path(__file__).resolve().parents[1]
SHOWN = "−·×∂Σσ⊙→… 순환"  # of each kind of character that the course prints
AS_ROOT = "You are root: `make lab` gives JupyterLab --allow-root --ip=127.0.0.1, and without make you give it both."
PLACES = {  # a variable that a place sets: what one must know there
    "COLAB_RELEASE_TAG": "Google Colab: its disk is emptied when it ends. File, Save a copy in Drive keeps a notebook.",
    "KAGGLE_KERNEL_RUN_TYPE": "Kaggle: Save Version keeps a notebook; to install, switch Internet on in its settings.",
    "CODESPACES": "GitHub Codespaces: it stops when idle, and is deleted after weeks: commit and push what you keep.",
    "BINDER_LAUNCH_HOST": "Binder: it ends after minutes without you: download what you want to keep.",
    "JUPYTERHUB_USER": "A JupyterHub: where it stopped, File, Hub Control Panel starts it again.",
    "VSCODE_PID": "VS Code: choose the kernel of .venv, or in the course's container that of /srv/unrolled.",
    "UNROLLED_CONTAINER": "The course's container: only the mounted folder is kept when it is removed.",
}


class Finding(NamedTuple):
    """One thing that was looked at. verdict: ok, warning or problem; remedy: the command that mends what is not ok."""

    name: str
    verdict: str
    sentence: str
    remedy: str = ""


class Report(tuple):
    """A tuple of Findings; prints as a table. Its problems must be mended, its warnings may be."""

    @property
    def problems(self):
        return [finding for finding in self if finding.verdict == "problem"]

    def __str__(self):
        width = max(len(finding.name) for finding in self)
        indent, lines = " " * (width + 11), []
        for name, verdict, sentence, remedy in self:
            layout = {"width": 80, "initial_indent": f"{verdict:<9}{name:<{width}}  ", "subsequent_indent": indent}
            lines += textwrap.wrap(sentence, **layout, break_long_words=False, break_on_hyphens=False)
            lines += [f"{indent}Mend it:  {remedy}"] if remedy else []  # unbroken, to be copied
        last = "Mend it, restart, and look again." if self.problems else "Everything needed is in place."
        return "\n".join([*lines, last])


def progress_path():
    """Where the exercises keep which are right: UNROLLED_PROGRESS, or unrolled/progress.json in the user's data folder
    (XDG_DATA_HOME, or .local/share). FileNotFoundError: this user has no home.
    """
    if chosen := os.environ.get("UNROLLED_PROGRESS"):
        return Path(chosen)
    try:
        folder = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    except RuntimeError:
        raise FileNotFoundError(errno.ENOENT, "this user has no home folder") from None
    return Path(folder) / "unrolled" / "progress.json"


def check_environment():
    """Look at Python, the packages, the course's own installation, the place where it runs, and PyTorch -> Report."""
    folder = Path.cwd()
    courses = (f for f in (folder, *folder.parents, PACKAGE.parents[1]) if (f / "lib" / "unrolled").is_dir())
    home = next(courses, None)  # an installed package needs no checkout
    course = next(iter(metadata.distributions(name="unrolled")), None)
    if course is None:
        return Report((Finding("unrolled", "problem", f"is not installed in {sys.prefix}.", _install(home)),))
    needed, bounds = course.metadata["Requires-Python"].removeprefix(">="), _bounds(course.requires or ())
    python = _at_least("Python", platform.python_version(), needed, "make clean lab PYTHON=python3.12")
    if python.verdict == "problem":
        return Report((python,))  # an older Python may lack what the rest uses
    packages = (_at_least(n, _version(n), bound, _install(home, f"{n}>={bound}")) for n, bound in bounds.items())
    kernel = _kernel(course, home, bounds) if home else _check_installed(course)
    others = _course(home), kernel, _writable(folder, home), _progress(), _place(), _console(), _blas(home), _torch()
    return Report((python, *packages, *_notebook(), *_nbgrader(), *others))


def _at_least(name, version, bound, remedy):
    if version and _numbers(version) >= _numbers(bound):
        loaded = getattr(sys.modules.get(name), "__version__", version)
        if _numbers(loaded) < _numbers(bound):  # as after an installation in a notebook
            restart = "restart the kernel (in Colab: Runtime, Restart session)"
            return Finding(name, "problem", f"{version} is installed, but {loaded} was loaded before.", restart)
        return Finding(name, "ok", f"{version} ({bound} or newer is needed)")
    what = f"{version} is too old" if version else "is not installed"
    return Finding(name, "problem", f"{what}; the course needs {bound} or newer.", remedy)


def _course(home):
    if home and (home / "lib" / "unrolled").resolve() != PACKAGE:
        sentence = f"Python uses the package in {PACKAGE}, not the one in the course's folder."
        return Finding("unrolled", "problem", sentence, _install(home))
    fetch = list2cmdline(["git", "-C", home, "checkout", "--", "data"]) if home else ""
    try:
        changed = b"\r\n" in (data.folder() / "published.csv").read_bytes()
    except FileNotFoundError:
        if home is None:
            return Finding("unrolled", "problem", f"{PACKAGE} came without the course's data.", _install(home))
        return Finding("unrolled", "problem", f"{home / 'data'} is not there, or not whole.", fetch)
    if changed:
        sentence = (
            "The ends of lines in data/ are no longer \\n: the lessons read the same, but the files' sums differ."
        )
        return Finding("unrolled", "warning", sentence, fetch or _install(home))
    how = "from the course's own folder" if home else "as installed"
    return Finding("unrolled", "ok", f"runs {how}, with its data")


def _kernel(course, home, bounds):
    import tomllib  # new in Python 3.11: an older one comes as far as to be told that it is too old

    place, prefix = Path(course.locate_file("")).resolve(), Path(sys.prefix).resolve()
    if not place.is_relative_to(prefix):
        sentence = f"Python runs in {prefix}, but finds the course through {place}, outside it."
        return Finding("kernel", "warning", sentence, _install(home))
    pyproject = home / "pyproject.toml"
    today = tomllib.loads(pyproject.read_text("utf-8"))["project"]["dependencies"] if pyproject.is_file() else ()
    if today and _bounds(today) != bounds:
        return Finding("kernel", "warning", "The dependencies changed after the course was installed.", _install(home))
    return Finding("kernel", "ok", f"runs in the environment {prefix.name}, where the course is installed")


def _check_installed(course):
    """The kernel's finding where there is no checkout."""
    place = Path(course.locate_file("")).resolve()
    if place != PACKAGE.parent:
        sentence = f"Python uses the package in {PACKAGE}, but the versions that it needs are read in {place}."
        return Finding("kernel", "warning", sentence, _install(None))
    return Finding("kernel", "ok", "runs where the course is installed")


def _writable(folder, home):
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        sentence = f"{folder} cannot be written to ({error.strerror}): no lesson can keep your work. Use a copy."
        copy = f"{list2cmdline([sys.executable])} -m unrolled.course copy ~/unrolled-copy"
        if home:
            copy = f"cp -r {list2cmdline([home])} ~/unrolled-copy && make -C ~/unrolled-copy clean lab"
        return Finding("folder", "problem", sentence, copy)
    return Finding("folder", "ok", "can be written to, so a lesson can keep your work")


def _progress():
    """Looked at without writing: what is not there yet can be made where its nearest folder can be written to."""
    try:
        path = progress_path().absolute()
        nearest = next(place for place in path.parents if place.exists())
        if path.is_dir() or not nearest.is_dir() or not os.access(nearest, os.W_OK):
            raise PermissionError(errno.EACCES, f"{path} cannot be written to")
    except OSError as error:
        sentence = f"The exercises cannot keep which of them are right: {error.strerror}."
        return Finding("progress", "warning", sentence, "UNROLLED_PROGRESS=/a/file/of/yours make lab")
    return Finding("progress", "ok", "can be kept: which exercises are right")


def _place():
    """For information: what the reader of this place must know to lose nothing."""
    said = [sentence for name, sentence in PLACES.items() if os.environ.get(name)]
    if getattr(os, "geteuid", lambda: 1)() == 0:
        said.append(AS_ROOT)
    return Finding("place", "ok", " ".join(said) or "an account of your own on this machine")


def _console():
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    known = SHOWN.encode(encoding, "ignore").decode(encoding)
    if not (lacks := SHOWN.translate(dict.fromkeys(map(ord, known)))):
        return Finding("console", "ok", f"{encoding} has every character of the course")
    sentence = f"{encoding} lacks characters of the course, as {ascii(lacks[0])}, and writes them so."
    remedy = (
        "$env:PYTHONUTF8=1 (PowerShell), set PYTHONUTF8=1 (cmd), export PYTHONUTF8=1 (else); then start Python again"
    )
    return Finding("console", "warning", sentence, remedy)


def _blas(home):
    """For information: with what, and on how many threads, NumPy multiplies matrices."""
    try:
        import numpy  # noqa: F401  (it loads the BLAS that threadpool_info finds)
        from threadpoolctl import threadpool_info
    except ImportError as error:
        remedy = _install(home, "numpy", "threadpoolctl")
        return Finding("BLAS", "problem", f"NumPy cannot be asked for it: {error}", remedy)
    found = [library for library in threadpool_info() if library["user_api"] == "blas"]
    told = [f"{blas['internal_api']} {blas['version']}, threads: {blas['num_threads']}" for blas in found]
    return Finding("BLAS", "ok", f"{told[0] if told else 'one that does not tell'}; cores: {os.cpu_count()}")


def _torch():
    version = _version("torch")
    start = f"{version}: the tests compare" if version else "is not here. `make test TORCH=1` installs it, and compares"
    return Finding("PyTorch", "ok", f"{start} the course with it. No lesson needs it.")


def _notebook():
    """For information, where it is installed: how the course is opened in Notebook 7."""
    if version := _version("notebook"):
        yield Finding("Notebook", "ok", f"{version}: `jupyter notebook notebooks` opens the course in it, too.")


def _nbgrader():
    """Where it is installed: it calls alembic by its name, in this environment's folder of commands."""
    if version := _version("nbgrader"):
        if which("alembic"):
            yield Finding("nbgrader", "ok", f"{version}: docs/teaching.md has its steps.")
        else:
            folder = Path(sys.executable).parent
            sentence = f"{version} calls alembic by its name, and fails: no folder on PATH has it. It is in {folder}."
            yield Finding("nbgrader", "warning", sentence, f"export PATH={folder}:$PATH, or activate the environment")


def _version(name):
    return next((found.version for found in metadata.distributions(name=name)), None)


def _numbers(version):
    """The numbers to compare: "2.10.0rc1" -> (2, 10)."""
    return tuple(map(int, re.sub(r"(\.0+)+$", "", re.match(r"\d+(\.\d+)*", version)[0]).split(".")))


def _bounds(requirements):
    """["numpy>=2.0", "torch>=2.13; extra == 'torch'"] -> {"numpy": "2.0"}"""
    return dict(found.groups() for line in requirements if (found := re.fullmatch(r"([\w.-]+)>=([\d.]+)", line)))


def _install(home, *packages):
    """The command that installs the course, and what it needs, where this kernel runs; without a checkout, packages."""
    uv = "uv", "pip", "install", "--python", sys.executable  # its environments have no pip
    start = (sys.executable, "-m", "pip", "install") if util.find_spec("pip") else uv
    return list2cmdline([*start, *(("-e", home) if home else packages or ["unrolled-*.whl"])])
