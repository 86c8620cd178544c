"""Answers that were written without the banks: none is misjudged, and nearly all are named or located."""

from collections import Counter
from pathlib import Path

import pytest

from unrolled.exercises import EXERCISES
from unrolled.exercises.__main__ import judge

FOLDER = Path(__file__).with_name("independent")

pytestmark = pytest.mark.slow  # all answers of all files are checked first


@pytest.fixture(scope="module")
def verdicts():
    return judge(FOLDER)


def test_no_right_answer_is_refused_no_wrong_one_accepted_and_no_mistake_taken_for_another(verdicts):
    assert [v for v in verdicts if v.kind in ("refused", "accepted", "misnamed")] == []


def test_three_in_four_are_named_and_nine_in_ten_named_or_located(verdicts):
    kinds = Counter(v.kind for v in verdicts if v.kind != "right")
    assert kinds["named"] >= 0.75 * kinds.total(), kinds
    assert kinds["named"] + kinds["located"] >= 0.9 * kinds.total(), kinds


def test_every_exercise_that_compares_results_has_some(verdicts):
    for name, exercise in EXERCISES.items():
        kinds = Counter(v.kind == "right" for v in verdicts if v.exercise == name)
        assert not exercise.results or (kinds[False] >= 3 and kinds[True] >= 1), name
