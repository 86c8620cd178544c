"""predict: the reader commits, then sees the verdict, and nothing before."""

import json

import pytest
from traitlets import TraitError

from unrolled.figures import plots
from unrolled.widgets import predict

QUESTION = "Does `dL/dh_1` vanish if $\\rho < 1$?"
WHY = {"yes": "0.9^100 is 3e-5.", "no": "It would need $\\rho \\geq 1$ & luck.", "it depends": "Not for a linear one."}


@pytest.fixture
def asked():
    plots.style()
    return predict(QUESTION, WHY, "yes")


def test_before_the_reader_commits_nothing_is_told(asked):
    assert (asked.place, asked.chosen, asked.right) == (None, None, None)
    figure, words = asked.still()
    drawn = " ".join(text.get_text() for ax in figure.axes for text in (*ax.texts, ax.title, ax._left_title))
    assert all(choice in drawn and choice in words for choice in WHY)
    assert not any(why[:9] in drawn + words + repr(asked) for why in WHY.values())


@pytest.mark.parametrize("place, choice", list(enumerate(WHY)))
def test_chosen_and_right_follow_the_reader(place, choice, asked):
    asked.place = place
    assert (asked.chosen, asked.right) == (choice, choice == "yes")
    asked.place = None
    assert (asked.chosen, asked.right) == (None, None)


@pytest.mark.parametrize("place", [-1, 3])
def test_a_place_without_a_choice_is_refused(place, asked):
    with pytest.raises(TraitError, match=f"place must be None or from 0 to 2, got {place}"):
        asked.place = place
    assert asked.chosen is None


def test_text_goes_over_as_text_with_code_and_formulas(asked):
    assert asked.scene["question"][0] == "Does "
    assert asked.scene["question"][1] == ["code", {}, "dL/dh_1"]
    assert asked.scene["question"][3][0] == "math"
    assert asked.scene["choices"][1]["why"][-1] == " & luck."
    assert asked.scene["answer"] == 0
    bad = predict("<script>alert(1)</script>", {"<b>": "no", "x": "yes"}, "x")
    assert bad.scene["question"] == ["<script>alert(1)</script>"]
    json.dumps(bad.scene)


def test_a_formula_that_cannot_be_set_is_refused():
    with pytest.raises(ValueError, match=r"\\begin.* cannot be set"):
        predict(r"$\begin{matrix}$?", {"a": "yes", "b": "no"}, "a")


def test_the_repr_is_whole_and_always_the_same(asked):
    text = f"Predict: {QUESTION}\n  A  yes\n  B  no\n  C  it depends"
    assert repr(asked) == repr(predict(QUESTION, WHY, "no")) == text
    data, metadata = asked._repr_mimebundle_()
    assert data["text/plain"] == text
    assert data["image/png"].startswith(b"\x89PNG")
    assert "yes" in metadata["image/png"]["alt"]
    asked.place = 0
    assert repr(asked) == text


def test_the_still_wraps_between_words_and_not_within_a_formula():
    plots.style()
    law = r"$\frac{\partial L}{\partial h_t} = W_{hh}^\top \odot a + b + c$"
    asked = predict(
        "Which law holds here of all those that were shown in the lesson before this one? " + law,
        {"a": "yes", "b": "no"},
        "a",
    )
    figure, _ = asked.still()
    title = figure.axes[0].get_title("left")
    assert "\n" in title
    assert law in title
    code = predict("What is `a$b$c`?", {"a $5 note": "no", "b": "yes"}, "b")
    assert code.still()[0].axes[0].get_title("left") == r"What is a\$b\$c?"


def test_two_questions_are_independent(asked):
    other = predict(QUESTION, WHY, "yes")
    asked.place = 0
    assert other.chosen is None


def test_choices_may_be_numbers():
    asked = predict("2 + 2?", {3: "Count again.", 4: "So it is."}, 4)
    asked.place = 1
    assert (asked.chosen, asked.right) == (4, True)
    assert asked.scene["choices"][1] == {"choice": ["4"], "why": ["So it is."]}


@pytest.mark.parametrize(
    "choices, answer, error, law",
    [
        ({"a": "w"}, "a", ValueError, "at least two"),
        (dict.fromkeys(range(27), "w"), 0, ValueError, "26 at most"),
        ({"a": "w", "b": "v"}, "c", ValueError, r"answer must be one of the choices \['a', 'b'\], got 'c'"),
        ({"a": "w", "b": " "}, "b", ValueError, "the choice 'b' must have a sentence that says why, got ' '"),
        ({"a": "w", "b": None}, "a", ValueError, "the choice 'b' must have a sentence that says why, got None"),
        (["a", "b"], "b", TypeError, "choices must be {choice: why it is right or wrong}, got"),
    ],
)
def test_bad_input_is_refused_with_the_law(choices, answer, error, law):
    with pytest.raises(error, match=law):
        predict("Which?", choices, answer)
