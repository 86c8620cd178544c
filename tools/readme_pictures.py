"""Take the README's two still pictures of today's course: lesson 07 in JupyterLab, and the page of lesson 01.

    python -m tools.readme_pictures [--to FOLDER]

Both lessons are run first; what is opened needs no kernel. tools/animate_stepper.py makes the moving one.
"""

import argparse
import io
import os
import re
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from time import sleep

import nbformat
from PIL import Image
from playwright.sync_api import sync_playwright

from tools.execute import execute
from tools.export import page, title, write
from tools.page_scripts import scripts
from tools.print_pdf import chromium

ROOT = Path(__file__).parents[1]
NOTEBOOKS = ROOT / "notebooks"
FIRST_CELL = "def linear_norms"  # in lesson 07 the first cell that is seen
HEADING = "9. Two units"  # on the page of lesson 01
TO_THE_TOP = "(cell) => cell.scrollIntoView({ block: 'start' })"


def executed(name):
    """A lesson with its outputs. RuntimeError: a cell failed."""
    notebook, _, error = execute(NOTEBOOKS / f"{name}.ipynb", 300)
    if error:
        raise RuntimeError(f"{name} failed: {error}")
    return notebook


@contextmanager
def lab(folder):
    """JupyterLab over a folder, on this machine alone: its address, once it says it."""
    options = ["--no-browser", "--allow-root", "--ip=127.0.0.1", "--IdentityProvider.token="]
    command = [sys.executable, "-m", "jupyterlab", *options, f"--ServerApp.root_dir={folder}"]
    own = {"JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"), "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces")}
    log = folder / "log"
    with log.open("w") as out:
        server = subprocess.Popen(command, env=os.environ | own, stdout=out, stderr=out)
    try:
        while not (found := re.search(r"http://127\.0\.0\.1:\d+", log.read_text("utf-8"))):
            if server.poll() is not None:
                raise RuntimeError(log.read_text("utf-8"))
            sleep(0.2)
        yield found[0]
    finally:
        server.terminate()
        server.wait()


def keep(shown, target):
    """What a page shows, in 128 colours: a third of the bytes."""
    Image.open(io.BytesIO(shown.screenshot())).convert("RGB").quantize(128).save(target, optimize=True)


def take_lesson(browser, folder, target):
    """Lesson 07 in JupyterLab: a small cell, and the figure of a folded one."""
    name = "07_gradient_flow.ipynb"
    nbformat.write(executed(name.removesuffix(".ipynb")), folder / name)
    with lab(folder) as address:
        shown = browser.new_page(viewport={"width": 1360, "height": 960})
        shown.goto(f"{address}/lab/tree/{name}?reset")
        shown.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=90_000)
        shown.keyboard.press("Control+b")  # the side bar gives way
        cell = shown.locator(".jp-CodeCell", has_text=FIRST_CELL)
        for _ in range(200):  # a cell far below is drawn when it comes near
            if cell.count():
                break
            shown.locator(".jp-WindowedPanel-outer").evaluate("(outer) => outer.scrollBy(0, 400)")
            sleep(0.1)
        for _ in range(3):
            cell.evaluate(TO_THE_TOP)
            sleep(1)
        keep(shown, target)


def take_page(browser, folder, target):
    """The page of lesson 01, at the section of two units."""
    titles = {path.stem: title(nbformat.read(path, 4)) or path.stem for path in sorted(NOTEBOOKS.glob("*.ipynb"))}
    write(folder / "page.html", page(executed("01_vanilla_rnn"), "01_vanilla_rnn", scripts(), titles))
    shown = browser.new_page(viewport={"width": 1360, "height": 900}, color_scheme="light")
    shown.goto((folder / "page.html").as_uri())
    shown.evaluate("window.pageReady")
    sleep(2)
    shown.locator("h2", has_text=HEADING).evaluate(TO_THE_TOP)
    sleep(1)
    keep(shown, target)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--to", type=Path, default=ROOT / "docs" / "images")
    to = arguments.parse_args().to
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(**chromium())
        take_page(browser, Path(folder), to / "handout.png")
        take_lesson(browser, Path(folder), to / "lesson.png")
        browser.close()


if __name__ == "__main__":
    main()
