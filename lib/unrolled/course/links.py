"""Links from a notebook of the course to sections of others, [words](03_bptt.ipynb#5.-Truncated-backpropagation)."""

import json
import re

from unrolled.course import notebooks

LINK = re.compile(r"\]\((\w+\.ipynb)(?:#([^)\s]*))?\)")
HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)


def anchor(heading):
    """The place of a heading, as JupyterLab and the exported pages name it: its words, with - for each space."""
    return re.sub(r"[`*]", "", heading).replace(" ", "-")


def list_sections(name, folder=None):
    """The anchors of all headings of a notebook of the course, in order. FileNotFoundError: there is none."""
    return [anchor(heading) for text in _markdown(name, folder) for heading in HEADING.findall(FENCE.sub("", text))]


def list_links(name, folder=None):
    """[(notebook, anchor or "")] for each link of a notebook to a notebook, in order; %22 is a quotation mark."""
    return [(to, place.replace("%22", '"')) for text in _markdown(name, folder) for to, place in LINK.findall(text)]


def find_broken(name, folder=None):
    """The links of a notebook that lead to no notebook or to no section of it: one sentence each."""
    wrong, known = [], {}
    for to, place in dict.fromkeys(list_links(name, folder)):
        if not (notebooks.folder() if folder is None else folder).joinpath(to).is_file():
            wrong.append(f"there is no {to}")
            continue
        if to not in known:
            known[to] = list_sections(to, folder)
        if place and place not in known[to]:
            wrong.append(f"{to} has no section {place!r}")
    return wrong


def _markdown(name, folder):
    path = (notebooks.folder() if folder is None else folder) / name
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
