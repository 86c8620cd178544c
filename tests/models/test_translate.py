"""The command that translates: which words are a number and which a time, what is printed, and every bad input."""

import os
import subprocess
import sys

import numpy as np
import pytest

from unrolled import translate as command
from unrolled.data import clock_times, number_words
from unrolled.models.files import shipped_translators


@pytest.fixture(scope="module", autouse=True)
def shipped_once():
    shipped = shipped_translators()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(command, "shipped_translators", lambda: shipped)
        yield


@pytest.mark.parametrize(
    "text, task",
    [
        ("three hundred forty five", "numbers"),
        ("twenty to nine", "times"),
        ("half past one", "times"),
        ("forty five", "numbers"),  # both vocabularies have the words: a number, where they say one
        ("nine", "numbers"),
        ("eight forty", "times"),
        ("ten twenty five", "times"),
    ],
)
def test_the_words_say_which_it_is(text, task):
    assert command.task_of(tuple(text.split())) == task


@pytest.mark.parametrize(
    "text, wrong",
    [
        ("hello", "unknown: 'hello'"),
        ("half past twleve", "unknown: 'twleve' (did you mean twelve?)"),
        ("an elephant at nnine an", "unknown: 'an', 'elephant', 'at', 'nnine' (did you mean nine?)"),
        ("20:40", "unknown: '20:40'; write numbers in words"),
        ("half past hundred", "all words must be of one of these lists, got 'half past hundred'"),
        ("<pad>", "unknown: '<pad>'"),
    ],
)
def test_what_is_unknown_is_named_first_and_then_all_that_is_known(text, wrong):
    with pytest.raises(ValueError) as error:
        command.translate(text)
    said, _, known = str(error.value).partition(". ")
    assert said == wrong
    for word in ("million", "quarter", "o'clock", "zero"):
        assert word in known.replace(";", "").split()
    assert "<" not in known


@pytest.mark.parametrize("text", ["", "and", " ?"])
def test_a_sentence_without_words_has_a_message_of_its_own(text):
    with pytest.raises(ValueError, match="^there must be a word to translate"):
        command.translate(text)


@pytest.mark.parametrize("text", ["Nine o’clock.", "nine o'clock?!", "nine o'clock . "])
def test_the_end_of_a_sentence_and_a_curly_apostrophe_do_no_harm(text):
    assert command.words_of(text) == ("nine", "o'clock")


@pytest.mark.parametrize("text", ["Three hundred and forty-five thousand, six hundred and seventy-eight",
                                  "three hundred forty five thousand six hundred seventy eight"])  # fmt: skip
def test_hyphens_commas_capitals_and_the_word_and_are_not_needed(text):
    answer = command.translate(text)
    assert answer.read == number_words.english(345_678)
    assert answer.said == answer.right == number_words.korean(345_678)
    assert number_words.written(answer.said) == "삼십사만 오천육백칠십팔"


@pytest.mark.slow
def test_most_of_what_it_says_is_right_and_the_rules_know_it():
    said = [command.translate(" ".join(pair.source)) for pair in clock_times.phrases("test")[::7]]
    said += [command.translate(" ".join(number_words.english(n))) for n in range(7, 10**9, 27_182_818)]
    assert all(answer.right for answer in said)
    assert sum(answer.right == answer.said for answer in said) > 0.9 * len(said)


def test_round_numbers_are_right_which_hardly_any_draw_of_digits_has():
    thousands, rounds = range(1000, 100_000, 1000), (digit * 10**k for k in range(12) for digit in range(1, 10))
    for number in (0, *thousands, *rounds):
        answer = command.translate(" ".join(number_words.english(number)))
        assert answer.said == answer.right, number


def test_the_alignment_has_a_row_for_each_word_and_says_where_the_weight_is():
    answer = command.translate("forty five")
    heads, forty, five, legend = command.alignment(answer).splitlines()
    assert heads.split() == ["sa", "sip", "o", "END"]
    assert forty.split()[:4] == ["forty", "X", "X", "."]  # where it looks as it ends is its own affair
    assert five.split()[:4] == ["five", ".", ".", "X"]
    assert legend.startswith("in tenths")
    weights = np.array([[0.04, 0.96], [0.06, 0.94], [0.5, 0.5], [1, 0]])
    _, forty, five, _ = command.alignment(answer._replace(alphas=weights)).splitlines()
    assert forty.split()[1:] == [".", "1", "5", "X"]
    assert five.split()[1:] == ["X", "9", "5", "."]


def test_it_prints_the_answer_as_it_is_written_then_romanised_then_in_english(capsys):
    command.main(["twenty to nine"])
    assert capsys.readouterr().out.splitlines() == [
        "여덟 시 사십 분", "yeodeol si sa sip bun", "8 o'clock 4 10 minutes",
    ]  # fmt: skip
    command.main(["twenty", "to", "nine", "--show"])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[4:8]] == ["yeodeol", "twenty", "to", "nine"]
    assert lines[4].split()[-1] == "END"


def test_what_is_wrong_by_the_rules_is_said_and_what_the_rules_do_not_know(capsys, monkeypatch):
    command.main(["ten past past"])
    assert "nothing to compare with, and it may be nonsense" in capsys.readouterr().out
    monkeypatch.setattr(number_words, "korean", lambda n: ("영",))
    command.main(["five"])
    assert "(This is wrong. By the rules it is 영.)" in capsys.readouterr().out


def test_bad_words_end_the_command_with_one_line(capsys):
    with pytest.raises(SystemExit) as end:
        command.main(["twenty", "to", "none"])
    assert end.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("python -m unrolled.translate: unknown: 'none' (did you mean one?). numbers: zero")
    assert err.count("\n") == 1


def test_it_runs_on_a_console_of_another_encoding():
    run = subprocess.run(
        [sys.executable, "-m", "unrolled.translate", "nine o'clock", "--show"],
        capture_output=True, text=True, check=True, env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    assert run.stdout.startswith(r"\uc544\ud649 \uc2dc" + "\nahop si\n9 o'clock\n")
    assert "PYTHONIOENCODING=utf-8" in run.stderr
