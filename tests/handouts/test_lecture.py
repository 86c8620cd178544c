"""The lecture's deck, as `make handouts` builds it: it advances to its end, and each slide leads to its lesson."""

from itertools import pairwise

import pytest

from tests.handouts.conftest import ALL
from tests.handouts.test_slides import LEFT
from tools import lecture
from unrolled.course.minutes import slide_type
from unrolled.course.paths import LECTURE

pytestmark = pytest.mark.skipif(not ALL, reason="make test-handouts looks at it: it is built of all lessons")


@pytest.fixture
def deck(built, look_at):
    return look_at(built / "slides" / "lecture.html")


def test_it_has_all_slides_and_a_time_for_each_part(deck):
    types = [slide_type(cell) for cell in lecture.build().cells]
    assert deck.evaluate("Reveal.getTotalSlides()") == types.count("slide") + types.count("subslide")
    notes = deck.locator("aside.notes").all_text_contents()
    assert len(notes) == types.count("notes")
    assert sum(f"of {len(LECTURE.stages)}, " in note for note in notes) == len(LECTURE.stages)
    assert deck.locator("mjx-merror, [data-mjx-error]").count() == 0


def test_each_slide_but_the_first_leads_to_its_lesson(built, deck):
    links = deck.evaluate("""() => Reveal.getSlides().slice(1).map((slide) =>
        slide.querySelector(".jp-Cell a:not(.anchor-link)")?.getAttribute("href") ?? "")""")
    assert links
    assert all((built / "slides" / link.partition("#")[0]).is_file() and "#" in link for link in links), links


def test_it_advances_to_the_end_and_all_can_read_it(deck, serious):
    total, seen = deck.evaluate("Reveal.getTotalSlides()"), [deck.evaluate(LEFT)]
    while seen[-1] != [total - 1, False]:
        assert len(seen) < 20 * total
        deck.keyboard.press("Space")
        seen.append(deck.evaluate(LEFT))
    assert all(following == number + (not left) for (number, left), (following, _) in pairwise(seen))
    assert serious(deck) == {}


def test_no_page_of_it_has_what_only_runs(built, look_at):
    unseen = [cell.source for cell in lecture.build().cells if lecture.SETUP in cell.metadata.tags]
    shown = look_at(built / "handouts" / "lecture.html")
    code = shown.evaluate("[...document.querySelectorAll('.jp-InputArea-editor')].map((e) => e.textContent.trim())")
    assert len(code) > 5  # most slides show a picture or what a cell printed
    assert [source for source in unseen if source.strip() in code] == []


def test_no_slide_is_higher_than_the_screen(deck):
    """With all that its keys bring on; a class does not see what is below."""
    higher = deck.evaluate("""() => Reveal.getSlides().filter((slide) => {
        const { h, v } = Reveal.getIndices(slide);
        Reveal.slide(h, v, 99);
        return slide.scrollHeight > slide.clientHeight;
    }).map((slide) => slide.querySelector(".jp-Cell").id)""")
    assert higher == []


def test_no_step_of_a_widget_makes_its_slide_higher(deck):
    steppers = deck.locator("section:has(> .jp-Cell [data-widget=stepper])").all()
    assert len(steppers) == 2
    for slide in steppers:
        slide.evaluate("(slide) => { const { h, v } = Reveal.getIndices(slide); Reveal.slide(h, v, 99); }")
        steps = slide.get_by_role("slider", name="step")
        steps.press("Home")
        for _ in range(int(steps.get_attribute("max"))):
            steps.press("ArrowRight")
            assert slide.evaluate("(slide) => slide.scrollHeight - slide.clientHeight") <= 0
    deck.evaluate("Reveal.slide(0, 0)")
