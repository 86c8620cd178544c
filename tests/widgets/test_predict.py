"""predict: the reader commits, then sees the verdict, and nothing before."""

import pytest

from unrolled.widgets import predict

QUESTION = "Does `dL/dh_1` vanish if $\\rho < 1$?"
WHY = {"yes": "0.9^100 is 3e-5.", "no": "It would need $\\rho \\geq 1$ & luck.", "it depends": "Not for a linear one."}


@pytest.fixture
def asked():
    return predict(QUESTION, list(WHY), "yes", WHY)


def everything(widget):
    """All text that the reader sees."""
    own = getattr(widget, "value", "") or getattr(widget, "description", "")
    return " ".join([str(own), *map(everything, getattr(widget, "children", ()))])


def test_before_the_reader_commits_nothing_is_told(asked):
    assert (asked.chosen, asked.right) == (None, None)
    shown = everything(asked) + repr(asked) + str(asked._repr_mimebundle_())
    assert not any(sentence[:9] in shown for sentence in WHY.values())
    assert [button.icon for button in asked.buttons] == [""] * 3
    assert not any(button.disabled for button in asked.buttons)


@pytest.mark.parametrize("number, choice", list(enumerate(WHY)))
def test_the_verdict_and_the_explanation_are_those_of_the_choice(number, choice, asked):
    asked.buttons[number].click()
    assert (asked.chosen, asked.right) == (choice, choice == "yes")
    told = asked.verdict.value
    assert f"You chose {'ABC'[number]}." in told
    assert ("Right." in told) == (choice == "yes")
    assert ("the answer is A." in told) == (choice != "yes")
    others = [why for other, why in WHY.items() if other != choice]
    assert not any(why[:9] in told for why in others)
    assert asked.buttons[0].icon == "check"
    assert asked.buttons[number].icon == ("check" if choice == "yes" else "times")


def test_a_choice_is_final(asked):
    asked.buttons[1].click()
    asked.buttons[0].click()
    assert (asked.chosen, asked.right) == ("no", False)
    assert all(button.disabled for button in asked.buttons)


def test_text_is_set_as_text_with_code_and_formulas(asked):
    asked.buttons[1].click()
    assert "<code>dL/dh_1</code>" in asked.children[0].value
    assert "$\\rho &lt; 1$" in asked.children[0].value
    assert "$\\rho \\geq 1$ &amp; luck." in asked.verdict.value
    bad = predict("<script>alert(1)</script>", ["<b>", "x"], "x", ["", ""])
    assert "<script>" not in everything(bad)
    assert "&lt;b&gt;" in everything(bad)


def test_every_button_says_what_it_chooses(asked):
    assert [button.tooltip for button in asked.buttons] == ["Choose A: yes", "Choose B: no", "Choose C: it depends"]


def test_the_repr_is_whole_and_always_the_same(asked):
    text = f"Predict: {QUESTION}\n  A  yes\n  B  no\n  C  it depends"
    assert repr(asked) == repr(predict(QUESTION, list(WHY), "no", WHY)) == text
    assert asked._repr_mimebundle_()["text/plain"] == text
    asked.buttons[0].click()
    assert repr(asked) == text


def test_two_questions_are_independent(asked):
    other = predict(QUESTION, list(WHY), "yes", WHY)
    asked.buttons[0].click()
    assert other.chosen is None
    assert other.verdict.value == ""


def test_why_may_be_a_list_and_choices_numbers():
    asked = predict("2 + 2?", [3, 4], 4, ["Count again.", "So it is."])
    asked.buttons[1].click()
    assert asked.right is True
    assert "So it is." in asked.verdict.value


@pytest.mark.parametrize(
    "choices, answer, why, law",
    [
        (["a"], "a", ["w"], "at least two different ones"),
        (["a", "a"], "a", ["w", "v"], "at least two different ones"),
        (["a", "b"], "c", ["w", "v"], r"answer must be one of the choices \['a', 'b'\], got 'c'"),
        (["a", "b"], "b", ["w"], "one sentence for each of the 2 choices"),
        (["a", "b"], "b", "because", "one sentence for each of the 2 choices"),
        (["a", "b"], "b", {"a": "w"}, r"must have the choices \['a', 'b'\] as its keys"),
    ],
)
def test_bad_input_is_refused_with_the_law(choices, answer, why, law):
    with pytest.raises(ValueError, match=law):
        predict("Which?", choices, answer, why)
