"""The verdict on an answer is one line, whatever the answer does."""

import numpy as np
import pytest

from unrolled.exercises import attempt


def stub():
    raise NotImplementedError


def wrong():
    raise AssertionError("h must be (N, H) = (4, 2), got (2, 4)")


def broken():
    return np.ones(2) @ np.ones(3)


@pytest.mark.parametrize(
    ("check", "verdict"),
    [
        (stub, "Not attempted.\n"),
        (wrong, "Not yet: h must be (N, H) = (4, 2), got (2, 4)\n"),
        (lambda: None, "Right.\n"),
        (lambda: "k = 8, wider than need be", "k = 8, wider than need be\n"),
    ],
)
def test_the_verdict_is_one_line(check, verdict, capsys):
    attempt(check)
    assert capsys.readouterr().out == verdict


def test_an_answer_that_raises_is_named_and_stops_nothing(capsys):
    attempt(broken)
    assert capsys.readouterr().out.startswith("Not yet: ValueError: ")


def test_arguments_are_handed_on(capsys):
    attempt(lambda a, b: a + b, 2, 3)
    assert capsys.readouterr().out == "5\n"


def test_the_law_stands_below_a_wrong_answer_alone(capsys):
    attempt(wrong, law="h has a row for each sequence")
    assert capsys.readouterr().out.splitlines()[1:] == ["The law: h has a row for each sequence"]
    attempt(stub, law="h has a row for each sequence")
    assert capsys.readouterr().out == "Not attempted.\n"
