"""What the exporter and the site do to the tree of a page: folds, links, contents, sections, the text of a search."""

import os

import pytest

from tools.export import contents, finish, headings, parts_of, unfold, write
from tools.lecture import TEACHER
from tools.website import sections, set_line

ANCHOR = '<a class="anchor-link" href="#{0}">¶</a>'
PAGE = f"""<script>"<p>not parsed"</script><main id="lesson"><h1 id="T">Gates{ANCHOR.format("T")}</h1>
<div class="jp-RenderedMarkdown"><h2 id="A">1. Less &lt; <em>more</em>{ANCHOR.format("A")}</h2>
<details><summary>Solution</summary><p>a &amp; b</p></details><details><summary>{TEACHER}</summary>ask</details>
<p><a href="02_b.ipynb#A">two</a> <a href="09_c.ipynb">nine</a> <a href="../notes of mine/02_b.ipynb#B">there</a> <a href="https://x.y/02_b.ipynb">far</a></p>
<p>The state $h_t = \\tanh(z)$ costs.</p><pre><span>np</span>.<span>tanh</span>("$")</pre></div>
<details><summary>of an output</summary></details></main><script>after</script>"""


@pytest.fixture
def main():
    return parts_of(PAGE)[1]


def test_a_page_is_whole_or_it_is_not_there(tmp_path, monkeypatch):
    path = tmp_path / "pages" / "a.html"
    write(path, "first")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        write(path, "second")
    assert path.read_text() == "first"


def test_what_stands_around_the_text_is_left_as_it_is():
    before, main, after = parts_of(PAGE)
    assert (before, after) == ('<script>"<p>not parsed"</script>', "<script>after</script>")
    assert main.name == "main"


def test_contents_hold_the_headings_words(main):
    assert [words for _, words in headings(main, "h1, h2")] == ["Gates", "1. Less < more"]
    assert contents(main) == '<ol><li class="level-2"><a href="#A">1. Less &lt; more</a></li></ol>'


def test_a_link_leads_to_a_page_or_is_words(main):
    finish(main, {"02_b": "two"})
    assert [(link["href"], link.text) for link in main("a") if link.text != "¶"] == [
        ("02_b.html#A", "two"),
        ("02_b.html#B", "there"),
        ("https://x.y/02_b.ipynb", "far"),
    ]
    assert "nine" in main.text


def test_what_the_text_folds_is_marked_and_the_teachers_word_more_so(main):
    finish(main, {})
    solution, teacher, output = main("details")
    assert solution["class"] == ["solution"]
    assert len(teacher["class"]) == 2
    assert "class" not in output.attrs


def test_a_speaker_has_the_teachers_word_unfolded(main):
    unfold(main)
    assert main("details") == main("summary") == []
    assert "ask" in main.text


def test_a_picture_in_a_file_of_its_own_is_refused():
    main = parts_of('<main><img src="data:,"><img src="figure.png"></main>')[1]
    with pytest.raises(ValueError, match="figure.png"):
        finish(main, {})


def test_a_search_reads_formulas_as_lines_and_code_in_one_piece(main):
    first, second = sections("01_a", main)
    assert (first["lesson"], first["heading"], first["text"]) == ("Gates", "Gates", "")
    assert (second["heading"], second["link"]) == ("1. Less < more", "handouts/01_a.html#A")
    assert "The state h_t = tanh(z) costs. np.tanh" in second["text"]
    assert "Solution" not in second["text"]


def test_one_line_of_markdown_is_no_list():
    assert set_line("1. A *gate*") == "1. A <em>gate</em>"
