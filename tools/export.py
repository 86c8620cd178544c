"""Make one self-contained page of a notebook: its outputs, its widgets alive, its formulas set, without a network.

    python tools/export.py notebooks/01_vanilla_rnn.ipynb --to build/pages

The notebook is run first, in a kernel of its own, and stays as it is. Exit 1 if a cell fails: there is no page then.
The scripts that a page holds are fetched once, by tools/page_scripts.py.
"""

import argparse
import os
import sys
from pathlib import Path

from execute import execute
from nbconvert import HTMLExporter
from page_scripts import PACKAGES, Missing, script

HERE = Path(__file__).parent


def page(notebook, name, scripts):
    """The text of the page of an executed notebook."""
    exporter = HTMLExporter(template_name="page", extra_template_basedirs=[str(HERE)], embed_images=True)
    body, _ = exporter.from_notebook_node(notebook, {"metadata": {"name": name}, "scripts": scripts})
    return body


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("notebooks", nargs="+", type=Path)
    parser.add_argument("--to", type=Path, required=True, help="the folder for the pages")
    parser.add_argument("--timeout", type=int, default=120, help="seconds that one cell may take (default: 120)")
    options = parser.parse_args()
    try:
        scripts = {name: script(name) for name in [*PACKAGES, "anywidget"]}
    except Missing as missing:
        sys.exit(str(missing))
    options.to.mkdir(parents=True, exist_ok=True)
    failed = 0
    for path in options.notebooks:
        notebook, _, error = execute(path, options.timeout)
        if error:
            failed += 1
            print(f"{path.name} failed:\n{error}", file=sys.stderr)
            continue
        target = options.to / f"{path.stem}.html"
        part = target.with_suffix(".part")
        part.write_text(page(notebook, path.stem, scripts), "utf-8")
        os.replace(part, target)  # a page is whole, or it is not there
        print(f"{target.name}: {target.stat().st_size / 1e6:.1f} MB")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
