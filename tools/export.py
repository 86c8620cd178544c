"""Make one self-contained page of a notebook: its outputs, its widgets alive, its formulas set, without a network.

    python -m tools.export notebooks/01_vanilla_rnn.ipynb --to build/pages

The notebook is run first, in a kernel of its own, and stays as it is. Exit 1 if a cell fails: there is no page then.
The scripts that a page holds are fetched once, by tools/page_scripts.py. `make handouts` makes all pages of the course.
"""

import argparse
import os
import re
import sys
from html import escape
from pathlib import Path

from bs4 import BeautifulSoup
from nbconvert import HTMLExporter, SlidesExporter

from tools.dress import dress
from tools.execute import execute
from tools.lecture import TEACHER
from tools.page_scripts import Missing, scripts
from unrolled.course.korean import SUMMARY as KOREAN
from unrolled.course.korean import with_korean

HERE = Path(__file__).parent


def page(notebook, name, scripts, neighbours=(), run=""):
    """The text of the page of an executed notebook.

    neighbours  {name: title} of all pages that stand beside it, in order: links to others become plain text
    run         the line that says when, where and with what it was run
    """
    named = {"name": name}
    if own := title(notebook):
        notebook.metadata["title"] = own
    parts = {"css": read("page/page.css"), "js": read("page/page.js"), "run": run} | beside(name, dict(neighbours))
    exporter = HTMLExporter(template_name="page", **options())
    resources = {"metadata": named, "scripts": scripts, "page": parts, "unpack": read("page/unpack.js")}
    body, _ = exporter.from_notebook_node(dress(with_korean(notebook, name)), resources)
    before, main, after = parts_of(body)
    finish(main, dict(neighbours))
    name_cells(main)
    return f"{before.replace('<!--contents-->', contents(main))}{main}{after}"


def slides(notebook, name, scripts, neighbours=()):
    """The text of the slides of an executed notebook, by its cells' slide types."""
    if own := title(notebook):
        notebook.metadata["title"] = own
    exporter = SlidesExporter(template_name="slides", **options())
    resources = {"metadata": {"name": name}, "scripts": scripts, "css": read("slides/slides.css")}
    resources |= {"js": read("slides/slides.js"), "unpack": read("page/unpack.js")}
    body, _ = exporter.from_notebook_node(dress(notebook, stills=False), resources)
    before, main, after = parts_of(body)
    for note in main.select("aside.notes"):
        unfold(note)
    finish(main, dict(neighbours))
    return f"{before}{main}{after}"


def options():
    return {"extra_template_basedirs": [str(HERE)], "exclude_input_prompt": True, "exclude_output_prompt": True}


def read(name):
    return (HERE / name).read_text("utf-8")


def title(notebook):
    """The text of a notebook's first heading, or None."""
    first = re.search(
        r"^# (.+)$", "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown"), re.MULTILINE
    )
    return first and first[1].strip()


def beside(name, neighbours):
    """{"back", "next": the link or nothing}."""
    names = list(neighbours)
    at = names.index(name) if name in names else None
    back = names[at - 1] if at else None
    following = names[at + 1] if at is not None and at + 1 < len(names) else None
    link = lambda to, mark: to and f'<a href="{to}.html" rel="{mark}">{escape(neighbours[to])}</a>' or ""
    return {"back": link(back, "prev"), "next": link(following, "next")}


def parts_of(body):
    """The text before a page's <main>, its tree, and the text after it; the megabytes of scripts are not parsed."""
    start, end = body.index("<main"), body.rindex("</main>") + len("</main>")
    return body[:start], BeautifulSoup(body[start:end], "html.parser").main, body[end:]


def headings(main, levels):
    """[(its element, its words)] of the headings that can be linked to: [("h2", "1. One step")]."""
    found = main.select(f":is({levels})[id]:has(> .anchor-link)")
    return [(heading, " ".join(heading.get_text().removesuffix("¶").split())) for heading in found]


def contents(main):
    """The list of a page's headings."""
    rows = [
        f'<li class="level-{heading.name[1]}"><a href="#{heading["id"]}">{escape(text)}</a></li>'
        for heading, text in headings(main, "h2, h3")
    ]
    return f"<ol>{chr(10).join(rows)}</ol>" if rows else ""


def finish(main, pages):
    """Mark what the text folds, and lead each link to a notebook to its page, where there is one: else its words stand.

    ValueError: a picture that is a file of its own, for which a page has no place.
    """
    for fold in main.select(".jp-RenderedMarkdown details"):
        said = {TEACHER: ["solution", "unprinted"], KOREAN: ["korean"]}
        fold["class"] = said.get(fold.summary.get_text(), ["solution"])
    for link in main.select('a[href*=".ipynb"]'):
        path, _, place = link["href"].partition(".ipynb")
        beside = re.fullmatch(r"(?:[^:]*/)?(\w+)", path)  # the lecture's links begin with a folder
        if beside and beside[1] in pages:
            link["href"] = f"{beside[1]}.html{place}"
        elif beside:
            link.unwrap()
    if picture := main.select_one('img:not([src^="data:"])'):
        raise ValueError(f"a page is one file, and its picture must stand in it, got {picture['src']}")


def name_cells(main):
    """Make the cells a list, by whose items a screen reader walks, and name what nbconvert lets Tab stop at."""
    for cell in main.select(".jp-Cell"):
        cell["role"] = "listitem"
    for number, cell in enumerate(main.select(".jp-CodeCell"), start=1):
        for parts, name in ((".jp-Cell-inputWrapper", "code"), (".jp-OutputArea-output", "output of code")):
            for part in cell.select(parts):
                part["role"], part["aria-label"] = "group", f"{name} {number}"


def unfold(tree):
    """A teacher's word without its fold, in place: a speaker has no hand free to open it."""
    for fold in tree("details"):
        fold.summary.decompose()
        fold.unwrap()
    return tree


def write(path, text):
    """A page is whole, or it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(text, "utf-8")
    os.replace(part, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("notebooks", nargs="+", type=Path)
    parser.add_argument("--to", type=Path, required=True, help="the folder for the pages")
    parser.add_argument("--timeout", type=int, default=120, help="seconds that one cell may take (default: 120)")
    parser.add_argument("--slides", action="store_true", help="slides instead of pages")
    options = parser.parse_args()
    try:
        found = scripts()
    except Missing as missing:
        sys.exit(str(missing))
    failed = 0
    for path in options.notebooks:
        notebook, _, error = execute(path, options.timeout)
        if error:
            failed += 1
            print(f"{path.name} failed:\n{error}", file=sys.stderr)
            continue
        target = options.to / f"{path.stem}.html"
        write(target, (slides if options.slides else page)(notebook, path.stem, found))
        print(f"{target.name}: {target.stat().st_size / 1e6:.1f} MB")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
