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
    return predict(QUESTION, list(WHY), "yes", WHY)


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
    bad = predict("<script>alert(1)</script>", ["<b>", "x"], "x", ["", ""])
    assert bad.scene["question"] == ["<script>alert(1)</script>"]
    json.dumps(bad.scene)


def test_a_formula_that_cannot_be_set_is_refused():
    with pytest.raises(ValueError, match=r"got \\begin"):
        predict(r"$\begin{matrix}$?", ["a", "b"], "a", ["", ""])


def test_the_repr_is_whole_and_always_the_same(asked):
    text = f"Predict: {QUESTION}\n  A  yes\n  B  no\n  C  it depends"
    assert repr(asked) == repr(predict(QUESTION, list(WHY), "no", WHY)) == text
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
        ["a", "b"],
        "a",
        ["", ""],
    )
    figure, _ = asked.still()
    title = figure.axes[0].get_title("left")
    assert "\n" in title
    assert law in title
    code = predict("What is `a$b$c`?", ["a $5 note", "b"], "b", ["", ""])
    assert code.still()[0].axes[0].get_title("left") == r"What is a\$b\$c?"


def test_two_questions_are_independent(asked):
    other = predict(QUESTION, list(WHY), "yes", WHY)
    asked.place = 0
    assert other.chosen is None


def test_why_may_be_a_list_and_choices_numbers():
    asked = predict("2 + 2?", [3, 4], 4, ["Count again.", "So it is."])
    asked.place = 1
    assert (asked.chosen, asked.right) == (4, True)
    assert asked.scene["choices"][1] == {"choice": ["4"], "why": ["So it is."]}


@pytest.mark.parametrize(
    "choices, answer, why, law",
    [
        (["a"], "a", ["w"], "at least two different ones"),
        (["a", "a"], "a", ["w", "v"], "at least two different ones"),
        (list(range(27)), 0, [""] * 27, "26 at most"),
        (["a", "b"], "c", ["w", "v"], r"answer must be one of the choices \['a', 'b'\], got 'c'"),
        (["a", "b"], "b", ["w"], "one sentence for each of the 2 choices"),
        (["a", "b"], "b", "because", "one sentence for each of the 2 choices"),
        (["a", "b"], "b", {"a": "w"}, r"must have the choices \['a', 'b'\] as its keys"),
    ],
)
def test_bad_input_is_refused_with_the_law(choices, answer, why, law):
    with pytest.raises(ValueError, match=law):
        predict("Which?", choices, answer, why)
