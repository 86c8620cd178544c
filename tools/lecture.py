"""Build the lecture: the cells of the lessons that are tagged `lecture`, in its own order, as one notebook.

    python -m tools.lecture build/lecture.ipynb

The path of that name (unrolled.course.paths) has its stages. A cell tagged `lecture-setup` runs where it stands in its
lesson, unseen, so the notebook runs alone. Each slide begins with a line that leads to its lesson's section.
"""

import argparse
import os
import re
from pathlib import Path

import nbformat
from nbformat.v4 import new_markdown_cell, new_notebook

from tools.strip import strip, to_text
from unrolled.course import notebooks
from unrolled.course.links import LINK
from unrolled.course.minutes import by_section, slide_type
from unrolled.course.paths import LECTURE

SHOWN, UNSEEN = "lecture", "lecture-setup"
SETUP = "setup"  # what an unseen cell is tagged with in the lecture: no page and no slide has it
NO_PART = {SHOWN, "stop"}  # tags that mean nothing in the lecture
PICTURE = re.compile(r"plots\.show\(|^(?:widgets\.)?(?:explore|stepper)\(|^diagram\(", re.MULTILINE)
FEW_WORDS = 60  # that leave room for a picture below them
OPENING = """# The lecture

Lecture 10 of Stanford's CS231n, from the cells of lessons 01 to 09. About {minutes} minutes, without an exercise.

| part | minutes | from |
|---|---|---|
{rows}"""
TIMES = """<details><summary>For the teacher</summary>

Part {number} of {count}, {stage.title}: {stage.minutes} minutes, from {begin} to {end}.

</details>"""


def build():
    """The notebook of the lecture."""
    rows, cells, at, lessons = [], [], 0, {}
    for number, stage in enumerate(LECTURE.stages, start=1):
        begin, end = clock(at), clock(at + stage.minutes)
        told = TIMES.format(number=number, count=len(LECTURE.stages), stage=stage, begin=begin, end=end)
        rows.append(f"| {stage.title} | {stage.minutes} | {begin} |")
        cells += stage_cells(stage, lessons, text(told, "notes", f"times-{number}"))
        at += stage.minutes
    opening = text(OPENING.format(minutes=LECTURE.minutes, rows="\n".join(rows)), "slide", "opening", "head")
    return strip(new_notebook(cells=[opening, *cells]))


def clock(minutes):
    """65 -> "1:05"."""
    return f"{minutes // 60}:{minutes % 60:02}"


def stage_cells(stage, lessons, note):
    """The cells of a stage, slide by slide, the first with a note; lessons {name: its cells to come} is used up."""
    slides = []
    for visit in stage.visits:
        if visit.name not in lessons:
            lessons[visit.name] = list(by_section(nbformat.read(notebooks.folder() / f"{visit.name}.ipynb", 4).cells))
        coming, gap = lessons[visit.name], True
        while any(visit.covers(section) for section, _ in coming):
            section, cell = coming.pop(0)
            tags = cell.metadata.get("tags", [])
            shown = SHOWN in tags and visit.covers(section)
            if shown and slide_type(cell) != "notes":
                if not slides or begins_slide(cell, gap, slides[-1]):
                    head = f"*{stage.title}* · [{visit.at(section)}]({visit.at(section).link()})"
                    yield text(head, "subslide" if slides else "slide", f"{visit.name[:2]}-{cell.id}-head")
                    if not slides:
                        yield note
                    slides.append([])
                    cell.metadata.slideshow.slide_type = "-"
                elif is_question(slides[-1][-1]) and slide_type(cell) == "-":
                    cell.metadata.slideshow.slide_type = "fragment"  # the answer waits for the next key
                slides[-1].append(cell)
            if shown or UNSEEN in tags:
                yield as_part(cell, visit.name)
            gap = not shown and (gap or UNSEEN not in tags)


def begins_slide(cell, gap, slide):
    """Whether a cell begins a slide: where its lesson does, or where cells were left out, but for code, which follows.

    A picture stands under a short text or on its own, and what comes after it begins a slide.
    """
    if slide_type(cell) in ("slide", "subslide") or is_picture(slide[-1]):
        return True
    if is_picture(cell):
        words = sum(len(before.source.split()) for before in slide)
        return words > FEW_WORDS or any(before.cell_type == "code" for before in slide)
    return gap and cell.cell_type == "markdown"


def is_picture(cell):
    """Whether a cell shows a figure or a widget that moves."""
    return cell.cell_type == "code" and bool(PICTURE.search(cell.source))


def is_question(cell):
    return "predict" in cell.metadata.get("tags", [])


def as_part(cell, name):
    """A lesson's cell as the lecture has it: a heading without number, a picture without code, an unseen one unseen."""
    cell.id = f"{name[:2]}-{cell.id}"
    cell.source = re.sub(r"^(#+) \d+\. ", r"\1 ", cell.source)
    tags = cell.metadata.get("tags", [])
    if UNSEEN in tags:
        cell.metadata |= {"tags": [SETUP], "slideshow": {"slide_type": "skip"}}
        cell.metadata["jupyter"] = {"source_hidden": True, "outputs_hidden": True}
        return cell
    cell.metadata["tags"] = [tag for tag in tags if tag not in NO_PART]
    if is_picture(cell):
        cell.metadata["jupyter"] = {"source_hidden": True}
    return cell


def text(source, kind, name, *tags):
    return new_markdown_cell(source, id=name, metadata={"slideshow": {"slide_type": kind}, "tags": list(tags)})


def write(target):
    """Write the lecture into a file, which is returned; its links lead from there to the lessons."""
    notebook = build()
    to = Path(os.path.relpath(notebooks.folder(), target.parent.resolve())).as_posix()
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = LINK.sub(lambda link: link[0].replace("](", f"]({to}/"), cell.source)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(to_text(notebook), "utf-8", newline="\n")
    return target


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("target", type=Path)
    write(parser.parse_args().target)


if __name__ == "__main__":
    main()
