"""The PDF of a lesson: all its headings, no line of code cut, a title, an author, tags, live links."""

import re
import subprocess
import sys
import unicodedata
from functools import cache
from html import unescape
from pathlib import Path

import nbformat
import pytest
from pypdf import PdfReader

from tests.handouts.conftest import PLAIN
from tools.lecture import SETUP, TEACHER

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "notebooks"


@pytest.fixture
def pdf(built, name):
    return PdfReader(built / "handouts" / f"{name}.pdf")


@pytest.fixture
def text(built, name):
    return text_of(built / "handouts" / f"{name}.pdf")


@cache  # it takes seconds
def text_of(path):
    """All that a PDF says, without the pages' feet."""
    pages = PdfReader(path).pages
    text = "\n".join(page.extract_text() for page in pages)
    return re.sub(rf"\n[^\n]*\n?\d+ / {len(pages)}(?=\n|$)", "\n", text)  # a line of code may end with 2 / 5


def bare(text):
    """Letters alone: a PDF has its own idea of spaces and ligatures."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def missing(lines, text):
    """The lines that the text does not hold whole."""
    there = bare(text)
    return [line for line in lines if bare(line) not in there]


def words(heading):
    """A heading without its formulas, which are pictures in a PDF: the pieces between them."""
    return [piece for piece in re.split(r"\$[^$]*\$|[`*]", heading) if piece.strip()]


def test_a_cut_line_is_seen():
    assert missing(["h = np.tanh(z)", "a = 1"], "h = np.ta  a  = 1") == ["h = np.tanh(z)"]


def test_all_headings_and_every_line_of_code_are_in_it(text, name):
    headings, code = [], []
    for cell in nbformat.read(NOTEBOOKS / f"{name}.ipynb", 4).cells:
        if cell.cell_type == "markdown":
            fenceless = re.sub(r"```.*?```", "", cell.source, flags=re.DOTALL)
            headings += [piece for line in re.findall(r"^#+ (.+)$", fenceless, re.MULTILINE) for piece in words(line)]
        elif not cell.metadata.get("jupyter", {}).get("source_hidden") and SETUP not in cell.metadata.get("tags", []):
            code += cell.source.splitlines()
    assert missing(headings, text) == []
    assert missing(code, text) == []


def test_hints_and_solutions_stand_at_its_end_and_the_teachers_notes_nowhere(built, name, text):
    page = (built / "handouts" / f"{name}.html").read_text("utf-8")
    folds = re.findall(
        r'<details class="solution(?! unprinted)[^"]*"><summary>(.*?)</summary>(.*?)</details>', page, re.DOTALL
    )
    end = text.rpartition("Answers, hints and solutions")[2]
    code = "\n".join(
        unescape(re.sub("<[^>]+>", "", inside)) for said, inside in folds if said.startswith("Our solution")
    )
    answers = [row for said, inside in folds if said == "Answer" for row in re.findall("<li>(.*?)</li>", inside)]
    answers = [unescape(re.sub("<[^>]+>", "", row)) for row in answers if "<math" not in row]
    assert folds or name in PLAIN
    assert answers or name in PLAIN
    assert missing(answers, end) == []
    assert missing([said for said, _ in folds], end) == []
    assert missing(code.splitlines(), end) == []
    assert TEACHER not in text


def test_it_says_what_it_is(pdf):
    assert pdf.metadata.title
    assert pdf.metadata.author == "The Unrolled authors"
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert pdf.trailer["/Root"]["/Lang"] == "en"
    assert len(pdf.outline) > 0
    width, height = pdf.pages[0].mediabox[2:]
    assert (width, height) == pytest.approx((595, 842), abs=2)  # A4, in points
    assert re.search(rf"1 / {len(pdf.pages)}", pdf.pages[0].extract_text())


def test_its_links_are_live(built, name, pdf):
    targets = [
        note.get_object().get("/A", {}).get("/URI", "") for page in pdf.pages for note in page.get("/Annots") or []
    ]
    outside = re.findall(r'<a href="(https?://[^"]+)"', (built / "handouts" / f"{name}.html").read_text("utf-8"))
    assert {t.rstrip("/") for t in outside} <= {t.rstrip("/") for t in targets}
    beside = {target for target in targets if target and "://" not in target and not target.startswith("mailto:")}
    assert all((built / "handouts" / target).is_file() for target in beside), beside


def test_letter_paper(built, browser_type_launch_args, tmp_path):
    page, target = built / "handouts" / "00_start_here.html", tmp_path / "00.pdf"
    command = [sys.executable, "-m", "tools.print_pdf", page, target, "--paper", "Letter"]
    subprocess.run(command, cwd=ROOT, check=True)
    width, height = PdfReader(tmp_path / "00.pdf").pages[0].mediabox[2:]
    assert (width, height) == pytest.approx((612, 792), abs=2)
