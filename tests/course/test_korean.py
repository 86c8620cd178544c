"""The Korean beside the English: none is missing or stale, each keeps formulas, names and terms."""

import subprocess
import sys
from html import unescape

import nbformat
import pytest
from babel.messages.catalog import Message

from tools import korean as tool
from unrolled.course import korean, notebooks
from unrolled.course.lessons import LESSONS, CourseMap, in_korean

PLACES = tool.wanted()
TERMS = {
    "hidden state": ["은닉 상태"],
    "gate": ["게이트"],
    "input gate": ["입력 게이트"],
    "time step": ["시점", "타임 스텝"],
}
ENGLISH = "## Recap\n\n- The 3 hidden states $h_t$ of `rnn`, [here](01_a.ipynb).\n\n| `x` | 1.5 |"
KOREAN = "## 요약\n\n- [여기](01_a.ipynb) 있는 `rnn`의 은닉 상태 $h_t$ 3개.\n\n| `x` | 1.5 |"


@pytest.fixture
def catalogue(monkeypatch):
    """catalogue({(place, English): Korean}): the course's catalogue for one test."""
    return lambda entries: monkeypatch.setattr(korean, "_catalogue", lambda: entries)


def test_nothing_is_missing_stale_or_wrong():
    """To mend it: `python -m tools.korean --update`, then the Korean of each text named here in data/locale/ko.po."""
    assert list(tool.missing(PLACES, korean.read(tool.CATALOGUE))) == []


def test_the_catalogue_is_stored_in_the_order_of_the_course():
    assert tool.updated(PLACES, korean.read(tool.CATALOGUE)) == tool.CATALOGUE.read_text("utf-8")


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_head_recap_and_every_exercise_of_a_lesson_are_wanted(lesson):
    notebook = nbformat.read(notebooks.folder() / f"{lesson.name}.ipynb", 4)
    tagged = [c for c in notebook.cells if c.cell_type == "markdown" and tool.TAGS & set(c.metadata.get("tags", []))]
    assert {tag for cell in tagged for tag in cell.metadata.tags} >= tool.TAGS
    assert {f"{lesson.name}:{cell.id}" for cell in tagged} <= PLACES.keys()


def test_a_translation_that_keeps_all_has_no_fault():
    assert tool.faults(ENGLISH, KOREAN, TERMS) == []


@pytest.mark.parametrize(
    "there, here, said",
    [
        ("$h_t$", "$h_{t-1}$", "formula"),
        ("`rnn`", "`lstm`", "code"),
        ("`rnn`", "rnn", "code"),
        ("(01_a.ipynb)", "(02_b.ipynb)", "link"),
        ("## ", "# ", "heading"),
        ("- ", "", "item"),
        ("| `x` | 1.5 |", "`x` 1.5", "row"),
        ("1.5", "1,5", "number: 1.5"),
        ("3개", "세 개", "number: 3"),
        ("은닉 상태", "숨은 상태", "term: hidden state"),
    ],
)
def test_what_a_translation_loses_is_named(there, here, said):
    assert there in KOREAN
    [fault] = tool.faults(ENGLISH, KOREAN.replace(there, here), TERMS)
    assert fault.startswith(said)


@pytest.mark.parametrize("text", ["*All…*를", "**(a)**는", "`x`*를"])
def test_emphasis_that_markdown_does_not_set_is_named(text):
    assert [fault[:8] for fault in tool.faults("`x`" if "`" in text else "", text, {})] == ["emphasis"]
    assert tool.faults("`x`", "*만*은 `x`, **말**: (*뜻*) +와 \\*만", {}) == []


def test_the_longest_term_counts_and_any_of_its_words_will_do():
    assert tool.faults("Input gates", "입력 게이트", TERMS) == []
    assert tool.faults("An input gate is a gate", "입력 게이트는 게이트", TERMS) == []
    assert tool.faults("Input gates", "게이트", TERMS) == ["term: input gate is 입력 게이트"]
    assert tool.faults("A time step", "타임 스텝", TERMS) == tool.faults("Time steps", "시점", TERMS) == []


def test_missing_tells_what_is_to_do():
    done, old = Message("One", "하나", context="a:1"), Message("Two.", "둘", context="a:2")
    texts = {"a:1": "One", "a:2": "Two", "a:3": "Three", "a:4": "Four `f`"}
    entries = {"a:1": done, "a:2": old, "a:4": Message("Four `f`", "넷", context="a:4"), "a:5": done}
    assert list(tool.missing(texts, entries)) == [
        "a:2 is stale: its English has changed",
        "a:3 is not translated",
        "a:4: code: ['`f`'] became []",
        "a:5 is no longer in the course",
    ]


def test_an_update_keeps_the_korean_and_marks_what_changed(tmp_path, monkeypatch):
    monkeypatch.setattr(tool, "CATALOGUE", tmp_path / "ko.po")
    entries = {"a:1": Message("One", '하나\n\n- "하나"', context="a:1"), "a:2": Message("Two.", "둘", context="a:2")}
    texts = {"a:2": "Two", "a:1": "One", "a:3": "One"}
    tool.CATALOGUE.write_text(tool.updated(texts, entries), "utf-8")
    again = korean.read(tool.CATALOGUE)
    assert [(m.context, m.id, m.string, m.fuzzy) for m in again.values()] == [
        ("a:2", "Two", "둘", True),
        ("a:1", "One", '하나\n\n- "하나"', False),
        ("a:3", "One", "", False),
    ]
    assert tool.updated(texts, again) == tool.CATALOGUE.read_text("utf-8"), "a second update changes nothing"
    assert "a:2 is stale: its English has changed" in list(tool.missing(texts, again)), "until its mark is taken away"


def test_a_stale_or_a_fuzzy_translation_is_not_shown(tmp_path, monkeypatch):
    (tmp_path / "data" / "locale").mkdir(parents=True)
    entries = {
        "a:1": Message("One", "하나", context="a:1"),
        "a:2": Message("Two", "둘", flags=["fuzzy"], context="a:2"),
    }
    text = tool.updated({"a:1": "One", "a:2": "Two", "a:3": "Three"}, entries)
    (tmp_path / "data" / "locale" / "ko.po").write_text(text, "utf-8")
    monkeypatch.setattr(korean.data, "folder", lambda: tmp_path / "data")
    monkeypatch.setattr(korean, "_catalogue", korean._catalogue.__wrapped__)
    assert korean.translation("a:1", "One") == "하나"
    assert korean.translation("a:1", "One.") is None
    assert korean.translation("b:1", "One") is None
    assert korean.translation("a:2", "Two") is None
    assert korean.translation("a:3", "Three") is None


def test_it_stands_folded_below_the_english_without_a_heading_of_its_own(catalogue):
    cells = [nbformat.v4.new_markdown_cell(ENGLISH, id="1"), nbformat.v4.new_code_cell(ENGLISH, id="2")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    catalogue({("01_a:1", ENGLISH): KOREAN})
    both = korean.with_korean(notebook, "01_a")
    below = KOREAN.replace("## 요약", "**요약**")
    assert both.cells[0].source == f'{ENGLISH}\n\n<details lang="ko"><summary>한국어</summary>\n\n{below}\n\n</details>'
    assert both.cells[1].source == notebook.cells[0].source == ENGLISH
    assert korean.with_korean(notebook, "02_b") == notebook


@pytest.mark.slow
def test_a_copy_of_the_course_with_korean(tmp_path):
    mine = tmp_path / "내 강의"
    command = [sys.executable, "-m", "unrolled.course", "copy", str(mine), "--korean"]
    first = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert (first.returncode, first.stderr) == (0, "")
    for path in notebooks.folder().glob("*.ipynb"):
        plain, both = nbformat.read(path, 4), nbformat.read(mine / path.name, 4)
        assert both == korean.with_korean(plain, path.stem)
        folded = {f"{path.stem}:{cell.id}" for cell in both.cells if '<details lang="ko">' in cell.source}
        assert folded == {place for place in PLACES if place.startswith(f"{path.stem}:")}
    assert notebooks.copy(mine, korean=True).keys() == notebooks.copy(tmp_path / "b").keys()
    assert set(notebooks.copy(mine, korean=True).values()) == {"there already"}


def test_the_map_has_korean_below_its_english(catalogue):
    table = unescape(CourseMap()._repr_html_())
    for lesson in LESSONS:
        said = in_korean(lesson)
        assert f'{lesson.name[:2]} {lesson.title}</a><br><span lang="ko">{said["title"]}</span>' in table
        assert f'{lesson.shows}<br><span lang="ko">{said["shows"]}</span></td>' in table
    catalogue({})
    assert 'lang="ko"' not in CourseMap()._repr_html_()


def test_a_text_is_kept_to_the_letter(tmp_path, monkeypatch):
    """A cell has quotes, backslashes, tabs and lines that end in a space."""
    monkeypatch.setattr(tool, "CATALOGUE", tmp_path / "ko.po")
    text = 'a "b" \\tanh \\\\ \\n\n\t$x$ \n\n> c'
    tool.CATALOGUE.write_text(tool.updated({"a:1": text}, {"a:1": Message(text, text, context="a:1")}), "utf-8")
    entry = korean.read(tool.CATALOGUE)["a:1"]
    assert entry.id == entry.string == text
