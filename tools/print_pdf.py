"""Print a page as a PDF, by Chromium: formulas set, widgets as their pictures, tagged, with page numbers.

python -m tools.print_pdf build/handouts/01_vanilla_rnn.html build/01.pdf --paper Letter
"""

import argparse
import logging
import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject, TextStringObject

BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]
AUTHOR = "The Unrolled authors"
FOOT = (
    '<div style="font: 8px sans-serif; width: 100%; margin: 0 16mm; display: flex; justify-content: space-between">'
    '<span class="title"></span><span><span class="pageNumber"></span> / <span class="totalPages"></span></span></div>'
)


class NoBrowser(Exception):
    """There is no Chromium to print with."""


def chromium():
    """How Playwright starts the Chromium that is installed here. NoBrowser: there is none."""
    named = os.environ.get("UNROLLED_CHROMIUM")
    found = [path for name in ([named] if named else BROWSERS) if (path := shutil.which(name))]
    if not found:
        raise NoBrowser(
            "Chromium is needed to print. Install it (Debian, Ubuntu: sudo apt install chromium), or name one in "
            "UNROLLED_CHROMIUM, or leave the PDF out: make handouts PDF=0"
        )
    root = getattr(os, "geteuid", lambda: 1)() == 0  # Chromium's sandbox does not start for root
    return {"executable_path": found[0], "args": ["--disable-gpu", *(["--no-sandbox"] if root else [])]}


def print_page(page, target, paper="A4"):
    """Write the PDF of a self-contained page: whole, or not at all."""
    part = target.with_suffix(".part")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**chromium())
        shown = browser.new_context(offline=True, color_scheme="light").new_page()
        shown.goto(page.resolve().as_uri())
        shown.evaluate("window.pageReady")
        shown.pdf(
            path=part,
            format=paper,
            tagged=True,
            outline=True,
            print_background=True,
            display_header_footer=True,
            header_template="<span></span>",
            footer_template=FOOT,
            margin={"top": "16mm", "bottom": "18mm", "left": "16mm", "right": "16mm"},
        )
        browser.close()
    sign(part)
    os.replace(part, target)


def sign(path):
    """Chromium writes the title; the author is ours to add. A link to a page beside this one leads to its PDF."""
    logging.getLogger("pypdf").setLevel(logging.ERROR)  # it counts Chromium's objects anew, and says so
    writer = PdfWriter(clone_from=PdfReader(path))
    writer.add_metadata({"/Author": AUTHOR})
    for page in writer.pages:
        for note in page.get("/Annots") or []:
            act = note.get_object().get("/A", {})
            if str(act.get("/URI", "")).startswith("file:"):  # Chromium writes this machine's path
                beside = str(act["/URI"]).partition("#")[0].rpartition("/")[2]
                act[NameObject("/URI")] = TextStringObject(beside.replace(".html", ".pdf"))
    writer.write(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("page", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--paper", choices=["A4", "Letter"], default="A4")
    options = parser.parse_args()
    try:
        print_page(options.page, options.target, options.paper)
    except NoBrowser as missing:
        sys.exit(str(missing))


if __name__ == "__main__":
    main()
