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

from tools.lecture_words import BEFORE, OWN, SAY
from tools.strip import strip, to_text
from unrolled.course import notebooks
from unrolled.course.links import LINK
from unrolled.course.minutes import DRAWN, MOVES, by_section, estimate_lecture, slide_type
from unrolled.course.paths import LECTURE

SHOWN, UNSEEN = "lecture", "lecture-setup"
FOLDED, FIRST = "lecture-folded", "lecture-first"  # shown without its code; of a text, its first block alone
TEACHER = "For the teacher"  # above a fold that is the speaker's
SETUP = "setup"  # what an unseen cell is tagged with in the lecture: no page and no slide has it
NO_PART = {SHOWN, FOLDED, FIRST, "stop"}  # tags that mean nothing in the lecture
FEW_WORDS, MANY_WORDS = 70, 110  # that leave room for a picture below them, for a question
OPENING = """# The lecture

Lecture 10 of Stanford's CS231n, from the cells of lessons 01 to 09. About {minutes} minutes, without an exercise.

| part | minutes | from |
|---|---|---|
{rows}"""
NOTE = f"""<details><summary>{TEACHER}</summary>

{{part}}{{time}} {{word}}

</details>"""


def build():
    """The notebook of the lecture."""
    rows, cells, at, lessons = [], [], 0, {}
    for stage in LECTURE.stages:
        rows.append(f"| {stage.title} | {stage.minutes} | {clock(at)} |")
        cells.append(list(stage_cells(stage, lessons)))
        at += stage.minutes
    opening = text(OPENING.format(minutes=LECTURE.minutes, rows="\n".join(rows)), "slide", "opening", "head")
    cells[0].insert(0, opening)
    return strip(new_notebook(cells=list(with_notes(cells))))


def with_notes(parts):
    """The cells of all parts; below the first one of each slide, what the speaker needs: minutes, a clock, a word."""
    at = 0
    for number, (stage, cells) in enumerate(zip(LECTURE.stages, parts), start=1):
        taken, begin, span = taken_by(cells), at, f"from {clock(at)} to {clock(at + stage.minutes)}"
        part = f"Part {number} of {len(parts)}, {stage.title}: {in_words(stage.minutes)}, {span}.\n\n"
        for cell in cells:
            yield cell
            if cell.id in taken:
                slide, minutes = cell.id.removesuffix("-head"), taken[cell.id]
                time = f"{in_words(minutes).capitalize()}, from {clock(int(begin))}."
                note = NOTE.format(part=part, time=time, word=SAY.get(slide, ""))
                yield text(note, "notes", f"times-{number}" if part else f"{slide}-say")
                part = ""
                begin += minutes * stage.minutes / sum(taken.values())  # a part has whole minutes
        at += stage.minutes


def taken_by(cells):
    """{first cell of each slide: the minutes that the slide takes}, for the cells of a part."""
    slides = []
    for cell in cells:
        if slide_type(cell) in ("slide", "subslide"):
            slides.append([cell])
        elif slides:  # what runs before the first slide is on none
            slides[-1].append(cell)
    return {first.id: estimate_lecture(rest if first.id.endswith("-head") else [first]) for first, *rest in slides}


def in_words(minutes):
    """To the half of a minute: 0.4 -> "half a minute", 1.6 -> "1½ minutes"."""
    whole, half = divmod(max(1, round(2 * minutes)), 2)
    return f"{whole}{'½' * half} minute{'s' * (whole + half > 1)}" if whole else "half a minute"


def clock(minutes):
    """65 -> "1:05"."""
    return f"{minutes // 60}:{minutes % 60:02}"


def stage_cells(stage, lessons):
    """The cells of a stage, slide by slide; lessons {name: its cells to come} is used up."""
    slides, places = [], [None]

    def begin(visit, name):
        yield text(f"*{stage.title}* · [{visit}]({visit.link()})", "subslide" if slides else "slide", f"{name}-head")
        slides.append([])
        places.append(visit)

    if stage.title in OWN:
        own = text(OWN[stage.title], "-", f"own-{stage.title.lower()}")
        yield from [*begin(stage.visits[0], own.id), own]
        slides[-1].append(own)
    for visit in stage.visits:
        if visit.name not in lessons:
            lessons[visit.name] = list(by_section(nbformat.read(notebooks.folder() / f"{visit.name}.ipynb", 4).cells))
        coming, gap = lessons[visit.name], True
        while any(visit.covers(section) for section, _ in coming):
            section, cell = coming.pop(0)
            tags = cell.metadata.get("tags", [])
            shown = SHOWN in tags and visit.covers(section)
            if shown or UNSEEN in tags:
                part = as_part(cell, visit.name)
            if shown and slide_type(part) != "notes":
                if places[-1] != visit.at(section) or begins_slide(part, gap, slides[-1]):
                    yield from begin(visit.at(section), part.id)
                    part.metadata.slideshow.slide_type = "-"
                elif slide_type(part) in ("slide", "subslide"):
                    part.metadata.slideshow.slide_type = "-"
                elif is_question(slides[-1][-1]) and slide_type(part) == "-":
                    part.metadata.slideshow.slide_type = "fragment"  # the answer waits for the next key
                if part.id in BEFORE:
                    yield text(BEFORE[part.id], "-", f"{part.id}-before")
                slides[-1].append(part)
            if shown or UNSEEN in tags:
                yield part
            gap = not shown and (gap or UNSEEN not in tags)


def begins_slide(cell, gap, slide):
    """Whether a cell begins a slide: where its lesson does, or where cells were left out, but for code, which follows.

    A picture stands under a short text or on its own, and a short text may stand below it alone. Two short texts
    stand together.
    """
    alone = len(slide) == 1 and is_picture(slide[0])
    words = sum(map(room, slide))
    with_it = words + room(cell)
    code = any(before.cell_type == "code" for before in slide)
    if slide_type(cell) == "slide" or code and any(map(is_picture, slide)) and not alone:
        return True
    if is_picture(cell):
        return moves(cell) or code or words > FEW_WORDS
    if alone:
        return moves(slide[0]) or cell.cell_type == "code" or with_it > FEW_WORDS
    if is_question(cell):
        return code or words > MANY_WORDS
    return (gap and cell.cell_type == "markdown" or slide_type(cell) == "subslide") and (code or with_it > MANY_WORDS)


def room(cell):
    """The words that a text takes the room of: a formula on lines of its own, that of twenty."""
    return len(cell.source.split()) + 20 * (cell.source.count("$$") // 2) if cell.cell_type == "markdown" else 0


def moves(cell):
    """Whether a cell shows a widget that moves: it takes a slide of its own."""
    return cell.cell_type == "code" and bool(MOVES.search(cell.source))


def is_picture(cell):
    """Whether a cell shows a figure or a widget that moves."""
    return cell.cell_type == "code" and (moves(cell) or bool(DRAWN.search(cell.source)))


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
    if FIRST in tags:
        heading, cut, rest = cell.source.partition("\n\n")
        cell.source = heading + cut + rest.partition("\n\n")[0] if heading.startswith("#") else heading
    cell.metadata["tags"] = [tag for tag in tags if tag not in NO_PART]
    if is_picture(cell) or FOLDED in tags:
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
