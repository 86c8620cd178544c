"""The summary of a table says what the table's own head says."""

import pytest

from unrolled import data
from unrolled.experiments.summary import table_summary
from unrolled.experiments.table import EXPERIMENTS


def test_it_says_sizes_seeds_machine_and_what_varies():
    machine, _, date = data.results("forget_bias").label.split("; ")
    alike = [name for name in EXPERIMENTS if data.results(name).label.startswith(f"{machine};")]
    text = table_summary("forget_bias", *alike)  # of one machine
    assert text.startswith(f"machine: {machine}\n\nforget_bias: seeds 1-5, {date}\n  T=100, H=64, N=4\n")
    assert "  forget: 0, 1, 2, 3, 5\n  gain: 0.0, 1.0, 3.0\n" in text
    assert text.count("machine: ") == 1
    assert "  candidate: 31 of them" in table_summary("random_cells")


@pytest.mark.parametrize("name", ["gates_in_order", "long_memory", "ablations", "race", "mutants", "time_constants"])
def test_the_lessons_tables_are_of_the_sizes_that_stand_in_the_code(name):
    assert f"\n  {EXPERIMENTS[name].setup()}\n" in table_summary(name)


def test_an_unknown_experiment_is_refused():
    with pytest.raises(KeyError):
        table_summary("no such table")
