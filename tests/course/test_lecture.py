"""The lecture, built of the lessons' tagged cells: it keeps its time, and each slide leads to its section."""

import builtins
import re
import symtable

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tests.structure.test_lessons import figure_faults, heading_faults
from tests.structure.test_notebooks import storage_faults
from tools import lecture
from unrolled.course import links, notebooks
from unrolled.course.minutes import estimate_lecture, slide_type
from unrolled.course.paths import LECTURE

MOST = 75  # minutes
ELSEWHERE = re.compile(r"section \d|note 00\d|[Ee]xercise|your `|the cells? below|at the top")


@pytest.fixture(scope="module")
def built():
    return lecture.build()


def tagged(tag):
    """{lesson: its cells with this tag}."""
    found = {}
    for path in sorted(notebooks.folder().glob("*.ipynb")):
        cells = [c for c in nbformat.read(path, 4).cells if tag in c.metadata.get("tags", [])]
        found |= {path.stem: cells} if cells else {}
    return found


def by_part(notebook):
    """The cells of each part, the opening with the first; nobody reads the heads of the slides aloud."""
    parts, title = [[]], LECTURE.stages[0].title
    for cell in notebook.cells:
        if not cell.id.endswith("-head"):
            parts[-1].append(cell)
        elif (named := cell.source.split("*")[1]) != title:
            parts.append([])
            title = named
    return parts


def test_the_whole_takes_seventy_five_minutes_at_most(built):
    assert sum(map(estimate_lecture, by_part(built))) <= MOST
    assert LECTURE.minutes <= MOST


@pytest.mark.parametrize("number, stage", [*enumerate(LECTURE.stages)], ids=lambda part: getattr(part, "title", ""))
def test_a_part_takes_the_minutes_that_it_says(built, number, stage):
    minutes = estimate_lecture(by_part(built)[number])
    assert abs(minutes - stage.minutes) <= max(0.7, 0.1 * stage.minutes)


def test_a_speaker_plays_each_widget_and_speaks_to_each_figure():
    sources = "plots.show(fig)", "widgets.explore(f)", "diagram(first)"
    cells = [new_code_cell(source, metadata={"jupyter": {"source_hidden": True}}) for source in sources]
    assert estimate_lecture(cells) == 0.5 + 2 + 0.5


def elsewhere(cells):
    """What leads a listener to a place that no slide is."""
    shown = [c for c in cells if slide_type(c) not in ("skip", "notes") and not c.id.endswith("-head")]
    shown = [
        c for c in shown if c.cell_type == "markdown" or not c.metadata.get("jupyter") or "predict" in c.metadata.tags
    ]
    return [found for cell in shown for found in ELSEWHERE.findall(cell.source)]


def test_no_slide_speaks_of_what_is_not_in_the_lecture(built):
    assert elsewhere(built.cells[1:]) == []
    assert elsewhere([new_markdown_cell("as your `f` does in section 3", metadata={"slideshow": {"slide_type": "-"}})])


def test_a_word_of_the_lectures_own_stands_at_a_cell_that_is_there(built):
    assert {*lecture.BEFORE} <= {cell.id for cell in built.cells}
    assert {*lecture.OWN} <= {stage.title for stage in LECTURE.stages}


def test_it_has_each_tagged_cell_once_and_in_the_lectures_own_order(built):
    shown = [f"{name[:2]}-{cell.id}" for name, cells in tagged("lecture").items() for cell in cells]
    there = [cell.id for cell in built.cells if cell.id in set(shown)]
    assert sorted(there) == sorted(shown), "a tagged cell stands in a section that no stage visits"
    assert len(there) >= 70
    order = list(dict.fromkeys(name[:2] for name in there))
    assert order == ["01", "02", "04", "03", "05", "06", "07", "08", "09"], "hello comes before the way back"


def test_it_is_stored_and_headed_as_a_lesson_is(built):
    assert storage_faults(built) + heading_faults(built) == []
    assert [fault for cell in built.cells if cell.cell_type == "code" for fault in figure_faults(cell.source)] == []
    assert not any(re.match(r"#+ \d+\.", cell.source) for cell in built.cells), "a lesson's number of a section"


def test_each_slide_leads_to_its_section(built):
    slides = [cell for cell in built.cells[1:] if slide_type(cell) in ("slide", "subslide")]
    assert len(slides) > 40
    for cell in slides:
        [(name, place)] = links.LINK.findall(cell.source)
        assert place.replace("%22", '"') in links.list_sections(name)


def test_the_speaker_is_told_the_time_of_each_part(built):
    told = [cell.source for cell in built.cells if cell.id.startswith("times-")]
    spans = [re.search(r"(\d+) minutes?, from (\d):(\d\d) to (\d):(\d\d)", text).groups() for text in told]
    spans = [(int(m), 60 * int(a) + int(b), 60 * int(c) + int(d)) for m, a, b, c, d in spans]
    assert [minutes for minutes, _, _ in spans] == [stage.minutes for stage in LECTURE.stages]
    assert [end for _, _, end in spans[:-1]] == [begin for _, begin, _ in spans[1:]]
    assert spans[0][1] == 0
    assert all(begin + minutes == end for minutes, begin, end in spans)
    for before, cell in zip(built.cells, built.cells[1:]):
        if cell.id.startswith("times-"):
            assert (slide_type(before), slide_type(cell)) == ("slide", "notes"), "a part's first slide has its time"


def test_each_slide_tells_the_speaker_what_to_say_and_for_how_long(built):
    begin, slides = 0, [cell for cell in built.cells if slide_type(cell) in ("slide", "subslide")]
    assert [cell.id.removesuffix("-head") for cell in slides] == [*lecture.SAY], "the slides, in the lecture's order"
    for cell, note in zip(built.cells, built.cells[1:]):
        if slide_type(cell) in ("slide", "subslide"):
            assert slide_type(note) == "notes"
            said = re.search(r"^(Half a|\d½?) minutes?, from (\d):(\d\d)\. .{20,}", note.source, re.MULTILINE)
            assert said, cell.id
            assert begin <= (begin := 60 * int(said[2]) + int(said[3])) <= LECTURE.minutes


def test_a_speaker_presses_at_each_question_and_widget(built):
    """The words to a slide with a question or a widget say what to press, or how far to move it."""
    slides, asked = [], 0
    for cell in built.cells:
        slides += [[]] * (slide_type(cell) in ("slide", "subslide"))
        slides[-1] = [*slides[-1], cell]
    for slide in slides:
        if any(lecture.is_question(cell) or lecture.moves(cell) for cell in slide):
            asked += 1
            assert re.search(r"[Pp]ress|[Ww]alk|[Pp]lay|Length|Scene", lecture.SAY[slide[0].id.removesuffix("-head")])
    assert asked > 10


def test_minutes_are_said_in_halves():
    said = {0.1: "half a minute", 0.7: "half a minute", 0.8: "1 minute", 1.6: "1½ minutes", 2.9: "3 minutes"}
    assert {minutes: lecture.in_words(minutes) for minutes in said} == said


def test_what_only_runs_is_on_no_slide(built):
    unseen = [cell for cell in built.cells if lecture.SETUP in cell.metadata.tags]
    assert {slide_type(cell) for cell in unseen} == {"skip"}
    assert len(unseen) == sum(map(len, tagged("lecture-setup").values()))


def names(source):
    """(the names that a cell needs or binds, those that it binds)."""
    reads, binds, tables = set(), set(), [symtable.symtable(source, "cell", "exec")]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        here = table.get_type() == "module"
        symbols = [symbol for symbol in table.get_symbols() if here or symbol.is_global()]
        reads |= {symbol.get_name() for symbol in symbols if symbol.is_referenced()}
        binds |= {s.get_name() for s in symbols if s.is_assigned() or s.is_imported() or s.is_namespace()}
    return reads, binds


def missing(cells):
    """The names that cells of one lesson read, and none of them binds: another lesson's would be taken."""
    reads, binds = (set().union(*found) for found in zip(*(names(c.source) for c in cells if c.cell_type == "code")))
    return sorted(reads - binds - set(dir(builtins)))


def test_no_lesson_takes_a_name_from_another():
    shown, unseen = tagged("lecture"), tagged("lecture-setup")
    assert {name: lost for name in shown if (lost := missing(shown[name] + unseen[name]))} == {}


def test_a_name_that_is_not_there_is_named():
    sources = "import os\na = 1", "def f(x, y=b):\n    return a + c * x", "print([k for k in 'a'])"
    cells = [new_code_cell(source) for source in sources]
    assert missing(cells) == ["b", "c"]


def test_a_gap_begins_a_new_slide(tmp_path, monkeypatch):
    kinds = ["slide", "-", "fragment", "-", "-", "notes"]
    cells = [new_markdown_cell(f"{k}", metadata={"slideshow": {"slide_type": kind}}) for k, kind in enumerate(kinds)]
    cells[0].source = "## 2. Two"
    cells[1].source, cells[4].source = "one " * 40, "four " * 80
    for k in (0, 1, 4, 5):
        cells[k].metadata["tags"] = ["lecture"]
    nbformat.write(new_notebook(cells=cells), tmp_path / "03_bptt.ipynb")
    monkeypatch.setattr(notebooks, "folder", lambda: tmp_path)
    [stage] = [stage for stage in LECTURE.stages if stage.title == "Backpropagation through time"]
    found = [(slide_type(cell), cell.source) for cell in lecture.stage_cells(stage, {})]
    head = "*Backpropagation through time* · [03, section 2](03_bptt.ipynb#2.-Two)"
    assert found == [
        *(("slide", head), ("-", "## Two"), ("-", "one " * 40)),
        *(("subslide", head), ("-", "four " * 80), ("notes", "5")),
    ]


def test_its_links_lead_from_its_folder_to_the_lessons(tmp_path):
    lecture.write(tmp_path / "deep" / "lecture.ipynb")
    cells = nbformat.read(tmp_path / "deep" / "lecture.ipynb", 4).cells
    found = [to for cell in cells for to in re.findall(r"\]\(([^)#]*\.ipynb)", cell.source)]
    assert len(found) > 40
    assert all((tmp_path / "deep" / to).resolve().is_file() for to in found)


def test_a_part_of_a_cell_is_shown_where_it_is_asked():
    cell = new_markdown_cell("### Three\n\nOne.\n\nTwo.", id="a", metadata={"tags": [lecture.SHOWN, lecture.FIRST]})
    assert lecture.as_part(cell, "03_bptt").source == "### Three\n\nOne."
    cell = new_code_cell("print(1)", id="b", metadata={"tags": [lecture.SHOWN, lecture.FOLDED]})
    assert lecture.as_part(cell, "03_bptt").metadata.jupyter == {"source_hidden": True}
    assert cell.metadata.tags == []
