"""Write the notebooks for Colab and Kaggle, where nothing is installed: `make colab REPO=owner/name`.

    python -m tools.colab owner/name --wheel https://…/unrolled-1.0-py3-none-any.whl

Each gets badges in its head, and one cell that installs the course where it is missing: from the wheel, or else from
the repository. They are to stand on a branch of their own, to which the badges and the links between lessons lead.
"""

import argparse
import re
from pathlib import Path

import nbformat

from tools.strip import NOTEBOOKS, to_text

COLAB, KAGGLE = "https://colab.research.google.com", "https://kaggle.com"
INSTALL = """
# On Colab and Kaggle, this installs the course (on Kaggle, switch Internet on first). Where it is, nothing is done.
import importlib.util
import subprocess
import sys
from tempfile import TemporaryDirectory

if importlib.util.find_spec("unrolled") is None:
    pip = [sys.executable, "-m", "pip", "install", "--quiet"]
{how}
    importlib.invalidate_caches()
""".strip()
FROM_WHEEL = """
    subprocess.run([*pip, {wheel!r}], check=True)
""".strip("\n")
FROM_REPOSITORY = """
    with TemporaryDirectory() as folder:
        clone = ["git", "clone", "--quiet", "--depth", "1", {address!r}, folder]
        subprocess.run(clone, check=True)
        subprocess.run([*pip, folder], check=True)
""".strip("\n")


def export(notebook, name, repository, branch, wheel=None):
    """A notebook of the course for Colab and Kaggle, changed in place. name: of its file."""
    place = f"github/{repository}/blob/{branch}"
    here = f"{COLAB}/{place}/{name}"
    kaggle = f"{KAGGLE}/kernels/welcome?src=https://github.com/{repository}/blob/{branch}/{name}"
    badges = f"[![Open in Colab]({COLAB}/assets/colab-badge.svg)]({here}) "
    badges += f"[![Open in Kaggle]({KAGGLE}/static/images/open-in-kaggle.svg)]({kaggle})"
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = re.sub(r"\]\((\w+\.ipynb)", rf"]({COLAB}/{place}/\1", cell.source)
    head = notebook.cells[0]
    head.source = f"{head.source}\n\n{badges}"
    how = (
        FROM_WHEEL.format(wheel=wheel) if wheel else FROM_REPOSITORY.format(address=f"https://github.com/{repository}")
    )
    cell = nbformat.v4.new_code_cell(
        INSTALL.format(how=how), id="install", metadata={"slideshow": {"slide_type": "skip"}}
    )
    notebook.cells.insert(1, cell)
    return notebook


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("repository", help="where the course lies on GitHub: owner/name (make colab REPO=owner/name)")
    parser.add_argument("--branch", default="colab", help="the branch on which these notebooks will stand")
    parser.add_argument("--wheel", help="the address of the course's wheel, which is installed in place of a clone")
    parser.add_argument("--to", type=Path, default=NOTEBOOKS.parent / "build" / "colab")
    options = parser.parse_args()
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", options.repository):
        parser.error(f"repository must be owner/name, got {options.repository!r}")
    options.to.mkdir(parents=True, exist_ok=True)
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        notebook = export(nbformat.read(path, 4), path.name, options.repository, options.branch, options.wheel)
        (options.to / path.name).write_text(to_text(notebook), "utf-8", newline="\n")
    print(f"{options.to}: put these on the branch {options.branch} of https://github.com/{options.repository}")


if __name__ == "__main__":
    main()
