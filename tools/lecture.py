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
from unrolled.course.minutes import DRAWN, MOVES, by_section, slide_type
from unrolled.course.paths import LECTURE

SHOWN, UNSEEN = "lecture", "lecture-setup"
FOLDED, FIRST = "lecture-folded", "lecture-first"  # shown without its code; of a text, its first block alone
SETUP = "setup"  # what an unseen cell is tagged with in the lecture: no page and no slide has it
NO_PART = {SHOWN, FOLDED, FIRST, "stop"}  # tags that mean nothing in the lecture
FEW_WORDS, MANY_WORDS = 75, 110  # that leave room for a picture below them, for a question
OPENING = """# The lecture

Lecture 10 of Stanford's CS231n, from the cells of lessons 01 to 09. About {minutes} minutes, without an exercise.

| part | minutes | from |
|---|---|---|
{rows}"""
# What only the lecture says, by the cell that it stands before: a lesson's reader has read it elsewhere.
BEFORE = {
    "06-att-056": """## The matrix that fills while the caption is spoken

Two trained captioners. *Late*: the new state $h_t$ asks, and the context goes to the read-out alone. *Early*: the old
state asks, and the context goes into the recurrence. (Their cell is an LSTM, which comes in 20 minutes; read it as
$h_t$.)""",
    "09-07-106": "*memoryless* sees the last input alone; *no state* is a linear model of the same past, or an n-gram.",
}
# A slide of its own, which begins the part of that title.
OWN = {
    "Summary": """## What to remember

- One step, the same weights at every step.
- Back: $dh_t$ is the local error plus what step $t+1$ hands back; $W$ sums its terms.
- Truncation cuts the way back alone.
- Attention mixes places; it need not explain a word.
- Products of Jacobians vanish or explode; clipping mends the second alone.
- A cell that adds leaves $f$ alone on its direct path."""
}
# To the speaker, by the cell that it stands after.
SAY = {
    "opening": "Late? Leave out a whole part, Captioning or Clipping, and not a piece of each.",
    "01-01-021": "Say it once: the read-out is a product and a sum, and here its weights are chosen by hand.",
    "02-02-071": "Let all write a number down before you press. The lines then say it: visits 4, 7 and 10.",
    "04-04-028": "Half a minute. To those for 0: what does it say after the first l, and after the second?",
    "03-03-082": "Hands on each choice. The state goes over the border as a number; the way it was made does not.",
    "03-03-109": "With a pencil: at k = 10 the bit that is asked for lies just outside the chunk.",
    "06-att-009": "Length 0: the mean. Length 8: one place. At 45 degrees no length decides. 1 minute.",
    "06-att-057": "Scene 0, late form, word 1 to 8; say each word first. Then early. 2 minutes.",
    "06-att-080": "The late form sees by this look alone; the early form may have stored the shape before.",
    "07-07-007": "Most will say 1e17. Let two of them argue before you press: one step against many.",
    "07-07-234": "The class can bet. “Made 1 long” sounds good, but it lengthens the near part as well.",
    "08-06-021": "Ask what the sum cannot do: refuse, and forget. Each gate answers one of these.",
    "08-08-009": "Play forward once, at a run. Then step backward from the end, and stop at dc_1. 2 minutes.",
    "09-09-003": "Ask: what is lost without an output gate? The GRU cannot hold a number and hide it.",
}
TIMES = """<details><summary>For the teacher</summary>

Part {number} of {count}, {stage.title}: {minutes}, from {begin} to {end}.

</details>"""


def build():
    """The notebook of the lecture."""
    rows, cells, at, lessons = [], [], 0, {}
    for number, stage in enumerate(LECTURE.stages, start=1):
        begin, end = clock(at), clock(at + stage.minutes)
        minutes = f"{stage.minutes} minute{'s' * (stage.minutes > 1)}"
        told = TIMES.format(
            number=number, count=len(LECTURE.stages), stage=stage, minutes=minutes, begin=begin, end=end
        )
        rows.append(f"| {stage.title} | {stage.minutes} | {begin} |")
        cells += stage_cells(stage, lessons, text(told, "notes", f"times-{number}"))
        at += stage.minutes
    opening = text(OPENING.format(minutes=LECTURE.minutes, rows="\n".join(rows)), "slide", "opening", "head")
    return strip(new_notebook(cells=[opening, *said("opening"), *cells]))


def said(name):
    """The speaker's note to a cell, if there is one."""
    if name in SAY:
        yield text(f"<details><summary>For the teacher</summary>\n\n{SAY[name]}\n\n</details>", "notes", f"{name}-say")


def clock(minutes):
    """65 -> "1:05"."""
    return f"{minutes // 60}:{minutes % 60:02}"


def stage_cells(stage, lessons, note):
    """The cells of a stage, slide by slide, the first with a note; lessons {name: its cells to come} is used up."""
    slides, places, note = [], [None], [note]

    def begin(visit, name):
        yield text(f"*{stage.title}* · [{visit}]({visit.link()})", "subslide" if slides else "slide", f"{name}-head")
        yield from note[len(slides) :]  # below the first head alone
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
                yield from said(part.id)
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
