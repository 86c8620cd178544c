"""The source notes, line by line: every link leads to a section that is there, and every note has its table."""

import re

import nbformat
import pytest

from unrolled.course import links, notebooks

PAGE = "source_notes.ipynb"


def test_no_section_that_the_source_notes_link_to_is_missing():
    assert links.find_broken(PAGE) == []
    assert len(links.list_links(PAGE)) > 100


def test_every_statement_has_a_section_or_the_lesson_that_it_comes_with():
    cells = nbformat.read(notebooks.folder() / PAGE, 4).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    assert re.findall(r"^## Note (\d+)", text, re.M) == ["000", "001", "002", "003", "004"]
    rows = [line.split(" | ") for line in text.splitlines() if re.match(r"\| \d", line)]
    assert len(rows) > 130
    for line, statement, taught, care in rows:
        assert re.fullmatch(r"\| \d+(–\d+)?(, \d+)?", line)
        assert re.search(r"<br>\*[^*]+\*$", statement), "the note's words, and their English"
        assert links.LINK.search(taught) or re.search(r"comes with lesson 1\d", taught), statement
        assert care.endswith("|")


def test_the_lines_of_a_note_stand_in_order():
    cells = nbformat.read(notebooks.folder() / PAGE, 4).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    for part in re.split(r"^## Note", text, flags=re.M)[1:]:
        firsts = [int(number) for number in re.findall(r"^\| (\d+)", part, re.M)]
        assert firsts == sorted(firsts)


@pytest.fixture
def folder(tmp_path):
    """Two notebooks; the second one's sections are those of the first one's links, but for what a test changes."""

    def write(name, *texts):
        cells = [nbformat.v4.new_markdown_cell(text) for text in texts]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / name)

    write("a.ipynb", "[one](b.ipynb#1.-The-`x`-가) and [two](b.ipynb#2.-%22hi%22), [whole](b.ipynb), [gone](c.ipynb#d)")
    write("b.ipynb", "# B\n\n```\n## no heading\n```\n\n## 1. The `x` 가\n", '## 2. "hi"')
    return tmp_path


def test_a_link_that_leads_nowhere_is_named(folder):
    assert links.list_sections("b.ipynb", folder) == ["B", "1.-The-x-가", '2.-"hi"']
    assert links.find_broken("a.ipynb", folder) == ["b.ipynb has no section '1.-The-`x`-가'", "there is no c.ipynb"]
    assert links.list_links("a.ipynb", folder)[1:3] == [("b.ipynb", '2.-"hi"'), ("b.ipynb", "")]
