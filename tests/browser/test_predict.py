"""predict in the browser: a choice by mouse and by keys, its verdict, and the way back."""

import pytest

SOURCE = r"""
from unrolled.widgets import predict
from unrolled.widgets.base import presenter
def ask():
    wraps = r"others, with $\rho < 1$, and so long a choice that a narrow page has to wrap its words"
    choices = {"yes: 2": r"It has $\sigma(2x)$.", wraps: "Stretching changes no width.", "no": "No $a$ can mend that."}
    return predict(
        r"Are there $a$ with $\tanh(x) = a\,\sigma(x)$ and `W_hh`? <b>$\frac{\partial L}{\partial h_{t-1}}$</b>",
        choices,
        answer="no",
    )
first, second = ask(), ask()
"""
CELLS = [SOURCE, "first", "second", "first"]  # the third view is one more of the first question


@pytest.fixture
def shown(place):
    return place(CELLS)


def choose(widget, letter, how):
    """Answer by a click, or from the first choice by its letter and Enter."""
    if how == "mouse":
        widget.locator(f"[data-name={letter}]").click()
    else:
        widget.locator(".unrolled-choice[tabindex='0']").press(letter.lower())
        widget.page.keyboard.press("Enter")


@pytest.mark.parametrize("how", ["mouse", "keyboard"])
def test_an_answer_its_verdict_and_the_way_back(shown, how):
    first, second = shown.widget("predict"), shown.widget("predict", 1)
    said, again = first.locator(".unrolled-words"), first.get_by_role("button", name="again")
    assert said.text_content() == ""
    assert again.is_hidden()

    choose(first, "A", how)
    assert said.text_content() == "You chose A. Not so: the answer is C. It has σ(2x)."
    marks = first.locator(".unrolled-mark").all_text_contents()
    assert marks == ["✗ your choice", "", "✓ the answer"]
    choose(first, "C", how) if how == "keyboard" else first.locator("[data-name=C]").click(force=True)
    assert first.locator(".unrolled-mark").all_text_contents() == marks  # an answer stands
    assert second.locator(".unrolled-words").text_content() == ""
    if shown.kind == "lab":
        assert shown.kernel("[first.chosen, first.right, second.chosen]") == ["yes: 2", False, None]

    again.click() if how == "mouse" else again.press("Enter")
    assert said.text_content() == ""
    assert first.locator("[data-name]:focus").count() == 1  # the keys are where they were
    if shown.kind == "lab":
        assert shown.kernel("[first.chosen, first.right]") == [None, None]

    choose(first, "C", how)
    assert said.text_content() == "You chose C. Right. No a can mend that."
    assert first.locator(".unrolled-mark").all_text_contents() == ["", "", "✓ the answer"]
    if shown.kind == "lab":
        assert shown.kernel("[first.chosen, first.right]") == ["no", True]
        assert shown.widget("predict", 2).locator(".unrolled-words").text_content() == said.text_content()


def test_every_key_walks_over_the_choices(shown):
    first = shown.widget("predict")
    first.locator("[data-name=A]").focus()
    for key, letter in [
        ("ArrowDown", "B"), ("ArrowRight", "C"), ("ArrowDown", "A"), ("ArrowUp", "C"), ("Home", "A"), ("End", "C"),
        ("ArrowLeft", "B"), ("c", "C"), ("A", "A"), ("z", "A"),
    ]:  # fmt: skip
        shown.page.keyboard.press(key)
        assert first.locator("[data-name]:focus").get_attribute("data-name") == letter, key
    assert first.locator("[tabindex='0']").count() == 1
    shown.page.keyboard.press("b")
    shown.page.keyboard.press("Space")
    assert first.locator(".unrolled-words").text_content().startswith("You chose B. Not so")


def test_formulas_are_mathml_and_text_is_text(shown):
    first = shown.widget("predict")
    question = first.locator("div").first
    assert "<b>" in question.text_content()
    assert question.locator("code").text_content() == "W_hh"
    assert question.locator("b").count() == 0
    fraction = question.locator("mfrac")
    assert fraction.evaluate("node => node.namespaceURI") == "http://www.w3.org/1998/Math/MathML"
    box, line = fraction.bounding_box(), fraction.locator("mrow").first.bounding_box()
    assert box["height"] > 1.6 * line["height"]  # one above the other, by the browser itself


def test_a_question_is_seen_in_both_themes_large_and_narrow(shown):
    first = shown.widget("predict")
    choose(first, "A", "mouse")
    for theme in ("light", "dark"):
        shown.theme(theme)
        shown.screenshot("predict")
    narrow = first.evaluate("root => { root.style.width = '22em'; return root.scrollWidth - root.clientWidth; }")
    assert narrow <= 0
    first.evaluate("root => { root.style.width = ''; }")
    if shown.kind == "lab":
        before = first.locator("mfrac").bounding_box()["height"]
        assert shown.kernel("presenter(2)") is None
        shown.page.wait_for_function(
            "() => document.querySelector('.unrolled').style.getPropertyValue('--scale') === '2'"
        )
        assert first.locator("mfrac").bounding_box()["height"] == pytest.approx(2 * before, rel=0.1)
        assert shown.kernel("presenter(1)") is None


def test_an_answer_is_there_after_the_page_was_loaded_again(lab):
    shown = lab(CELLS)
    choose(shown.widget("predict"), "A", "mouse")
    assert shown.kernel("first.place") == 0
    shown.page.evaluate("jupyterapp.commands.execute('docmanager:save')")
    shown.page.reload()
    first = shown.widget("predict")
    assert first.locator(".unrolled-words").text_content().startswith("You chose A. Not so")
    assert first.locator(".unrolled-mark").all_text_contents() == ["✗ your choice", "", "✓ the answer"]
    assert shown.widget("predict", 1).locator(".unrolled-words").text_content() == ""
