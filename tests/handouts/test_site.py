"""The site from its files: every link leads somewhere, search finds, teaching tells; nothing is built twice."""

import os
import re
from urllib.parse import unquote  # noqa: TID251 - it asks no network

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tests.handouts.conftest import PLAIN
from unrolled.course.paths import PATHS

DROPPED = re.compile(r"<(script|style)\b(?![^>]*\bsrc=)[^>]*>.*?</\1>", re.DOTALL)
LINK = re.compile(r'<(?:a|link|img|script|form)\b[^>]*? (?:href|src|action)="([^"]*)"')
PHRASE = "forget gate" if os.environ.get("UNROLLED_HANDOUTS") == "all" else "recurrent neural networks"


def dead(folder):
    """{page: links that lead nowhere} of all pages of a folder."""
    texts = {path: DROPPED.sub("", path.read_text("utf-8")) for path in folder.rglob("*.html")}
    named = {path: set(map(unquote, re.findall(r'\bid="([^"]+)"', text))) for path, text in texts.items()}
    found = {}
    for path, text in texts.items():
        for link in LINK.findall(text):
            if re.match("https?:|data:|mailto:", link):
                continue
            address, _, fragment = link.partition("#")
            target = (path.parent / address).resolve() if address else path
            # A browser encodes a link as it looks for its id, so either may stand there with or without.
            lost = fragment and target.suffix == ".html" and unquote(fragment) not in named.get(target, ())
            if not target.is_file() or lost:
                found.setdefault(path.name, []).append(link)
    return found


@pytest.fixture
def site(built):
    return (built / "site").resolve()


def test_dead_links_are_named(tmp_path):
    (tmp_path / "a.html").write_text('<a href="b.html">b</a> <a href="#x">x</a> <a href="#y">y</a><p id="y">', "utf-8")
    assert dead(tmp_path.resolve()) == {"a.html": ["b.html", "#x"]}


def test_every_link_leads_somewhere(site):
    assert dead(site) == {}


def test_handouts_outside_the_site_link_to_each_other(built):
    assert dead((built / "handouts").resolve()) == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name_of_page", ["index", "paths", "search", "teaching", "404"])
def test_all_can_read_the_site(site, open_page, serious, name_of_page, scheme):
    shown = open_page(site / f"{name_of_page}.html", color_scheme=scheme)
    shown.evaluate("document.querySelectorAll('details').forEach((e) => { e.open = true; })")
    assert serious(shown) == {}


def test_the_paths_lead_to_the_pages_that_stand(site, open_page):
    shown = open_page(site / "paths.html")
    assert shown.locator(".path table").count() == len(PATHS)
    links = shown.locator(".path a").evaluate_all("(links) => links.map((link) => link.getAttribute('href'))")
    assert links
    assert all(re.match(r"handouts/\w+\.html(#|$)", link) for link in links)


def test_search_finds_a_phrase_from_the_index(site, open_page):
    shown = open_page(site / "index.html")
    shown.get_by_role("searchbox").fill(PHRASE)
    shown.get_by_role("button", name="search").press("Enter")
    first = shown.locator("#found li").first
    first.wait_for()
    assert PHRASE in {mark.lower() for mark in first.locator("mark").all_text_contents()}
    assert PHRASE in first.locator("p").text_content().lower()
    assert not set("$\\") & set(first.locator("p").text_content())  # formulas are shown as a line
    first.locator("a").click()
    shown.wait_for_url("**/handouts/**")
    assert PHRASE in shown.locator("main").text_content().lower()


def test_on_a_phone_what_is_found_fits(site, open_page):
    shown = open_page(f"{(site / 'search.html').as_uri()}?q=W_hh", viewport={"width": 390, "height": 844})
    assert shown.locator("#found li").count() > 0
    assert shown.evaluate("document.documentElement.scrollWidth") == 390
    assert {mark.lower() for mark in shown.locator("mark").all_text_contents()} == {"w_hh"}


def test_a_question_that_no_section_has_in_full_finds_what_has_some_of_its_words(site, open_page):
    shown = open_page(site / "search.html")
    found = {}
    for asked in (PHRASE, f"zzyzx {PHRASE}"):
        shown.get_by_role("searchbox").fill(asked)
        found[asked] = {link.text_content() for link in shown.locator("#found a").all()}
    whole, some = found.values()
    assert whole & some


def test_search_for_nothing_that_is_there_says_so(site, open_page):
    shown = open_page(site / "search.html")
    shown.get_by_role("searchbox").fill("zzyzx")
    assert shown.locator("#count").text_content() == "0 sections"


def test_the_map_shows_each_lesson_with_a_picture_and_its_minutes(site, open_page):
    cards = open_page(site / "index.html").locator(".map > li")
    made = cards.filter(has_text="handout").all()
    lessons = [card for card in made if not any(f"{name}.html" in card.inner_html() for name in PLAIN)]
    assert len(made) - len(lessons) <= len(PLAIN)
    for card in lessons:
        assert card.locator("img[alt]").evaluate("(e) => e.naturalWidth > 0 && e.alt.length > 9")
        assert re.search(r"\w+ (minutes|hours) in class", card.text_content())
        assert {link.text_content() for link in card.locator(".links a").all()} == {"handout", "PDF", "slides"}
    assert cards.count() >= 7


def test_teaching_tells_times_pauses_questions_and_answers(site, open_page):
    shown = open_page(site / "teaching.html")
    assert shown.locator("section").count() == len([*(site / "handouts").glob("*.html")])
    questions = shown.locator("section details ol > li")
    assert questions.count() > 0
    assert shown.locator("section details li.right").count() == questions.count()
    sections = shown.locator("section").all_text_contents()
    told = [text for text in sections if re.search(r"\w+ (minutes|hours)\.", text)]
    assert len(sections) - len(told) <= len(PLAIN)
    assert os.environ.get("UNROLLED_HANDOUTS") != "all" or sum("Pause." in text for text in sections) >= 7


def lesson(folder, name, *sources):
    cells = [new_markdown_cell(f"# {name}\n\nA lesson."), *map(new_code_cell, sources)]
    folder.mkdir(exist_ok=True)
    nbformat.write(new_notebook(cells=cells), folder / f"{name}.ipynb")


def test_a_failed_lesson_is_named_and_the_others_are_built(make, tmp_path):
    lesson(tmp_path / "notebooks", "20_right", "1 + 1")
    lesson(tmp_path / "notebooks", "21_wrong", "1 / 0")
    options = "--notebooks", tmp_path / "notebooks", "--no-pdf"
    done = make(tmp_path / "build", *options)
    assert done.returncode == 1
    assert "21_wrong failed" in done.stderr
    assert "ZeroDivisionError" in done.stderr
    assert (tmp_path / "build/handouts/20_right.html").is_file()
    assert not (tmp_path / "build/handouts/21_wrong.html").exists()
    assert dead((tmp_path / "build/site").resolve()) == {}

    lesson(tmp_path / "notebooks", "21_wrong", "1 / 1")  # only what changed is run; both know each other now
    done = make(tmp_path / "build", *options)
    assert done.returncode == 0, done.stderr
    assert "21_wrong: ran" in done.stdout
    assert "20_right: ran" not in done.stdout
    written = {path: path.stat().st_mtime_ns for path in (tmp_path / "build").rglob("*.html")}
    done = make(tmp_path / "build", *options)
    assert done.returncode == 0, done.stderr
    assert {path: path.stat().st_mtime_ns for path in written} == written
