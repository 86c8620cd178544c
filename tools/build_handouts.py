"""Build the course, `make handouts`: each lesson is run once, then written as a page, a PDF, slides, and into a site.

    python -m tools.build_handouts --to build
    python -m tools.build_handouts --only 01 --no-pdf

What is built is kept until what it was made of changes: a run until its notebook, the package, the data or the
versions do, a page until its run or these tools do. A lesson that fails is named; the others are still built, and
the exit is 1. UNROLLED_SCALE=class runs the lessons for longer.
"""

import argparse
import hashlib
import json
import multiprocessing
import os
import platform
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from time import perf_counter

import nbformat
from tqdm import tqdm

from tools import lecture, website
from tools.execute import execute
from tools.export import page, slides, title, write
from tools.page_scripts import PACKAGES, Missing, read_package, scripts
from tools.print_pdf import NoBrowser, chromium, print_page

ROOT = Path(__file__).parents[1]
VERSIONS = ("numpy", "matplotlib", "ipywidgets", "anywidget", *(["torch"] if find_spec("torch") else []))
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
WRITERS = "page", "slides", "web", "dress.py", "export.py", "page_scripts.py", "print_pdf.py", "website.py"
NOTEBOOKS = ROOT / "notebooks"
SCALE = os.environ.get("UNROLLED_SCALE", "quick")


def digest(*parts):
    """A name for the content of texts and files; of a folder's files, those that count."""
    sums = hashlib.sha256()
    for part in parts:
        if isinstance(part, Path):
            files = sorted(p for p in part.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
            for path in files if part.is_dir() else [part]:
                sums.update(path.relative_to(part.parent).as_posix().encode() + path.read_bytes())
        else:
            sums.update(str(part).encode())
        sums.update(b"\0")
    return sums.hexdigest()[:20]


def about_run():
    """The line of a page that says when, from which state of the course, and with what it was run."""
    commit = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    found = [f"Unrolled {version('unrolled')}"] + [f"commit {commit.stdout.strip()}"] * (commit.returncode == 0)
    found += [f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in VERSIONS)]
    return f"Run on {datetime.now(UTC):%d %B %Y} at {SCALE} scale: {', '.join(found)}."


def run(path, target, timeout, environment=None):
    """Execute a notebook and keep it with its outputs, whole or not at all -> (its name, seconds, error or None)."""
    started, one_thread = perf_counter(), dict.fromkeys(THREADS, "1")  # two kernels run side by side
    notebook, _, error = execute(path, timeout, {**one_thread, **(environment or {})})
    if not error:
        notebook.metadata["unrolled_run"] = about_run()
        write(target, nbformat.writes(notebook))
    return path.stem, perf_counter() - started, error and str(error)


def write_products(name, executed, targets, titles, paper):
    """Write those products of a lesson that are asked for: {kind: path} -> (its name, seconds)."""
    started, found = perf_counter(), scripts()
    read = lambda: nbformat.read(executed, 4)
    line = read().metadata["unrolled_run"]
    if "page" in targets:
        write(targets["page"], page(read(), name, found, titles, line))
    if "slides" in targets:
        write(targets["slides"], slides(read(), name, found, titles))
    if "pdf" in targets:
        print_page(targets["page of pdf"], targets["pdf"], paper)
    return name, perf_counter() - started


class Stamps:
    """Which content each product was made of, in one file beside them."""

    def __init__(self, path):
        self.path = path
        self.kept = json.loads(path.read_text("utf-8")) if path.is_file() else {}

    def name_of(self, product):
        return product.relative_to(self.path.parent).as_posix()

    def fresh(self, product, key):
        return product.is_file() and self.kept.get(self.name_of(product)) == key

    def note(self, product, key):
        self.kept[self.name_of(product)] = key
        write(self.path, json.dumps(self.kept, indent=1))


def end_with_parent():
    """A worker would wait for ever for one that was killed; it ends instead, and the kernel that it runs with it."""
    parent = multiprocessing.parent_process()
    Thread(target=lambda: (parent.join(), os._exit(1)), daemon=True).start()


def in_parallel(jobs, calls, label):
    """Make the calls {name: (function, arguments)} side by side, with a bar -> {name: result or exception}."""
    results = {}
    if not calls:
        return results
    with (
        ProcessPoolExecutor(jobs, initializer=end_with_parent) as pool,
        tqdm(total=len(calls), desc=label, unit="lesson") as bar,
    ):
        waiting = {pool.submit(function, *arguments): name for name, (function, arguments) in calls.items()}
        for future in as_completed(waiting):
            name = waiting[future]
            results[name] = future.exception() or future.result()
            bar.update()
            bar.set_postfix_str(name)
    return results


def executed_lessons(notebooks, folder, options):
    """Run what has changed -> {name: path of the executed notebook}, {name: why there is none}."""
    common = digest(
        *(ROOT / "lib" / "unrolled", ROOT / "data", ROOT / "tools" / "execute.py"),
        *(platform.python_version(), SCALE, *(f"{name} {version(name)}" for name in VERSIONS)),
    )
    there = {path.stem: folder / f"{path.stem}-{digest(path, common)}.ipynb" for path in notebooks}
    changed = {n: (run, (p, there[n], options.timeout)) for p in notebooks if not there[n := p.stem].is_file()}
    failed = {}
    for name, result in in_parallel(options.jobs, changed, "run").items():
        error = str(result) if isinstance(result, BaseException) else result[2]
        if error:
            failed[name] = error
        else:
            print(f"{name}: ran in {result[1]:.0f} s")
        for old in folder.glob(f"{name}-*.ipynb"):
            if old != there[name]:
                old.unlink()
    return {name: path for name, path in there.items() if name not in failed}, failed


def taken_lessons(notebooks, folder):
    """What another run has executed -> {name: path of the executed notebook}, {name: why it is not taken}."""
    sources = lambda path: [cell.source for cell in nbformat.read(path, 4).cells]
    failed = {}
    for path in notebooks:
        if not (folder / path.name).is_file():
            failed[path.stem] = f"{path.name} is not in {folder}"
        elif sources(folder / path.name) != sources(path):
            failed[path.stem] = f"{path.name} has changed since it was run into {folder}"
    return {path.stem: folder / path.name for path in notebooks if path.stem not in failed}, failed


def tools_digest():
    """A name for the tools that write pages."""
    return digest(*(ROOT / "tools" / part for part in WRITERS), ROOT / "data" / "locale")


def products(executed, to, options):
    """{name: {kind: path}} of all that belongs to the lessons that ran."""
    kinds = {"page": "handouts/{}.html", "slides": "slides/{}.html"}
    kinds |= {"pdf": "handouts/{}.pdf"} if options.pdf else {}
    return {name: {kind: to / where.format(name) for kind, where in kinds.items()} for name in executed}


def written_lessons(executed, titles, to, options):
    """Write the products that are not fresh -> ({name: {kind: path}}, {name: why it failed})."""
    stamps, all_products = Stamps(to / "stamps.json"), products(executed, to, options)
    tools, calls, keys = tools_digest(), {}, {}
    for name, made in all_products.items():
        key = keys[name] = digest(executed[name], tools, json.dumps(titles), options.paper)
        stale = {kind: path for kind, path in made.items() if not stamps.fresh(path, key + kind)}
        if stale:
            wanted = stale | {"page of pdf": made["page"]}
            calls[name] = write_products, (name, executed[name], wanted, titles, options.paper)
    failed = {}
    for name, result in in_parallel(options.jobs, calls, "write").items():
        if isinstance(result, BaseException):
            failed[name] = f"{type(result).__name__}: {result}"
            continue
        for kind, path in all_products[name].items():
            stamps.note(path, keys[name] + kind)
            print(f"{path.relative_to(to)}: {path.stat().st_size / 1e6:.1f} MB")
    return {name: made for name, made in all_products.items() if name not in failed}, failed


def site_of(built, executed, options):
    """Write the site, if one of its lessons or these tools changed."""
    site, stamps = options.to / "site", Stamps(options.to / "stamps.json")
    key = digest(tools_digest(), options.paper, *(part for n, made in built.items() for part in (executed[n], *made)))
    if not stamps.fresh(site / "index.html", key):
        line = nbformat.read(executed[next(iter(built))], 4).metadata["unrolled_run"]
        website.build(site, built, executed, line)
        stamps.note(site / "index.html", key)
    print(f"site: {site / 'index.html'}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--to", type=Path, default=ROOT / "build", help="the folder for all that is built")
    parser.add_argument("--notebooks", type=Path, default=NOTEBOOKS, help="the folder of the lessons")
    parser.add_argument("--executed", type=Path, help="take the lessons that were run into this folder, and run none")
    parser.add_argument("--only", default="", help="lessons whose names begin so, separated by commas: 01,02")
    parser.add_argument("--jobs", type=int, default=2, help="lessons side by side (default: 2)")
    parser.add_argument("--timeout", type=int, default=300, help="seconds that one cell may take (default: 300)")
    parser.add_argument("--paper", choices=["A4", "Letter"], default="A4")
    parser.add_argument("--no-pdf", dest="pdf", action="store_false", help="no Chromium is needed then")
    options = parser.parse_args()
    started = perf_counter()
    try:
        for package in PACKAGES.values():
            read_package(package, package.path)
        if options.pdf:
            chromium()
    except (Missing, NoBrowser) as missing:
        sys.exit(str(missing))
    begins = tuple(options.only.split(","))
    notebooks = [p for p in sorted(options.notebooks.glob("*.ipynb")) if p.stem.startswith(begins)]
    if options.executed:
        executed, failed = taken_lessons(notebooks, options.executed)
        run_here = []
    else:
        executed, failed, run_here = {}, {}, notebooks[:]
    if options.notebooks == NOTEBOOKS and "lecture".startswith(begins):  # it is made of the lessons, so it is run here
        notebooks.append(lecture.write(options.to / "lecture.ipynb"))
        run_here.append(notebooks[-1])
    ran, not_run = executed_lessons(run_here, options.to / "executed", options)
    executed, failed = executed | ran, failed | not_run
    titles = {p.stem: title(nbformat.read(p, 4)) or p.stem for p in notebooks if p.stem in executed}
    built, unwritten = written_lessons(executed, titles, options.to, options)
    if built:
        site_of(built, executed, options)
    for name, why in (failed | unwritten).items():
        print(f"{name} failed:\n{why}\n", file=sys.stderr)
    print(f"{len(built)} of {len(notebooks)} lessons in {perf_counter() - started:.0f} s, in {options.to}")
    sys.exit(bool(failed or unwritten))


if __name__ == "__main__":
    main()
