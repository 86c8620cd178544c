"""The Korean of a handout: folded below its English, opened by one button, printed; not on slides, nor searched."""

import re
from pathlib import Path

import nbformat
import pytest

from tests.handouts.test_pdf import bare, text_of
from unrolled.course.korean import translation
from unrolled.course.lessons import LESSONS, in_korean

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
OPEN = "(folds) => folds.map((fold) => fold.open && fold.querySelector('p').checkVisibility())"


@pytest.fixture
def texts(name):
    """What of the lesson is translated."""
    cells = nbformat.read(NOTEBOOKS / f"{name}.ipynb", 4).cells
    return [korean for cell in cells if (korean := translation(f"{name}:{cell.id}", cell.source))]


def test_one_button_opens_all_of_it_and_the_page_remembers(built, name, texts, open_page):
    page = open_page(built / "handouts" / f"{name}.html")
    folds, button = page.locator("main details.korean[lang=ko]"), page.get_by_role("button", name="한국어")
    assert folds.evaluate_all(OPEN) == [False] * len(texts)
    button.press("Enter")
    assert folds.evaluate_all(OPEN) == [True] * len(texts)
    assert button.get_attribute("aria-pressed") == "true"
    page.reload()
    page.evaluate("window.pageReady")
    assert folds.evaluate_all(OPEN) == [True] * len(texts)
    button.press("Enter")
    assert folds.evaluate_all(OPEN) == [False] * len(texts)
    assert button.get_attribute("aria-pressed") == "false"


def test_paper_has_it_open_and_the_screen_afterwards_as_it_was(built, name, texts, open_page):
    text = bare(text_of(built / "handouts" / f"{name}.pdf"))
    lines = [line for korean in texts for line in re.split(r"[^가-힣 ]+", korean) if len(line) > 8]
    assert lines
    assert [line for line in lines if bare(line) not in text] == []
    page = open_page(built / "handouts" / f"{name}.html")
    folds = page.locator("main details.korean")
    folds.first.locator("summary").click()
    for event in ("beforeprint", "afterprint"):
        page.evaluate(f"dispatchEvent(new Event('{event}'))")
    assert folds.evaluate_all(OPEN) == [True] + [False] * (len(texts) - 1)


def test_it_adds_no_heading_and_is_neither_on_slides_nor_searched(built, name, texts):
    page = (built / "handouts" / f"{name}.html").read_text("utf-8")
    assert not re.search(r"<h\d[^>]*>[^<]*\b요약", page)
    assert '<details lang="ko">' not in (built / "slides" / f"{name}.html").read_text("utf-8")
    first = texts[0].split("\n\n")[1].partition(". ")[0]
    found = (built / "site" / "sections.js").read_text("utf-8")
    assert bare(re.sub("[*]", "", first)) not in bare(found)


def test_the_map_of_the_site_has_korean_below_its_english(built, open_page):
    page = open_page(built / "site" / "index.html")
    shown = page.locator(".map [lang=ko]").all_text_contents()
    for lesson in LESSONS:
        assert "".join(in_korean(lesson).values()) in shown
    assert any(text.startswith("여기서 시작하세요") for text in shown)
