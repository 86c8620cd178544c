"""Who wins, by the tables of the cards: the rule, and on whose side each task lies."""

import numpy as np
import pytest

from unrolled.experiments.applications.verdicts import Side, Task, tasks, verdict


@pytest.mark.parametrize(
    "leads, said",
    [
        ([0.2, 0.1, 0.05], "recurrent wins"),
        ([-0.2, -0.1, -0.05], "the baseline wins"),
        ([0.2, 0.1, -0.001], "a tie"),  # not on every seed
        ([-0.2, -0.1, 0.0], "a tie"),
        ([0.009, 0.008, 0.009], "a tie"),  # less than the margin
    ],
)
def test_a_side_wins_on_every_seed_and_by_the_margin(leads, said):
    assert verdict(np.array(leads)) == said


@pytest.mark.parametrize("unit, lead", [("share", -0.5), ("nats", 0.5), ("°C", 0.5)])
def test_a_lead_is_above_0_where_the_network_is_better(unit, lead):
    sides = Side("ours", np.array([0.5])), Side("theirs", np.array([1.0]))
    assert Task(1, "one", unit, *sides, "why").leads == [lead]


def test_each_task_lies_where_the_lesson_says():
    every, by = tasks(), {}
    assert {task.card for task in every} == set(range(1, 9))
    for task in every:
        assert task.network.numbers.shape == task.baseline.numbers.shape
        assert len(task.network.numbers) >= 3
        by.setdefault(verdict(task.leads), []).append(task.name)
    assert by["recurrent wins"] == ["no pauses"]
    assert by["the baseline wins"] == [
        "two digits", "after the wake word", "splice junctions", "Google", "weather, one day", "weather, five days",
        "metre", "the next point", "six glimpses",
    ]  # fmt: skip
    assert by["a tie"][0] == "opinions"
    assert len(by["a tie"]) == 7
    (narrow,) = (task for task in every if task.name == "no pauses")
    assert narrow.leads.max() < 0.03


def test_of_baselines_the_best_on_the_test_counts():
    baselines = {task.name: task.baseline.name for task in tasks()}
    assert baselines["opinions"] == "a window of 10 words"
    assert baselines["no pauses"] == "a window slid along"
    assert baselines["two digits"] == "means of 8 parts"
    assert baselines["after the wake word"] == "cut at the silences"
    assert baselines["weather, five days"] == "one coefficient"
    assert baselines["blues, fourth chorus"] == "last 24 chords"
    assert baselines["metre"] == "pulses"
