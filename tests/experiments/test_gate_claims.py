"""What lesson 08 leans on in its tables: it holds on every seed."""

import numpy as np

from unrolled import data


def by(name, column, key, **where):
    """{value of key: (seeds,)} of the rows where the given columns are as given; at least three seeds."""
    found = {}
    for row in data.results(name).rows:
        if where.items() <= row.items():
            found.setdefault(row[key], []).append(row[column])
    assert min(map(len, found.values())) >= 3
    return {value: np.array(numbers) for value, numbers in found.items()}


def test_the_forget_bias_decides_what_is_left_of_a_gradient():
    left = by("forget_bias", "ratio", "forget", gain=1.0)
    for lower, higher in zip([0, 1, 2, 3], [1, 2, 3, 5]):
        assert left[lower].max() < left[higher].min()
    assert left[0].max() < 1e-12
    assert left[1].max() < 1e-6
    assert ((left[3] > 0.1) & (left[3] < 10)).all()


def test_it_explodes_all_the_same():
    assert by("forget_bias", "ratio", "forget", gain=3.0)[3].min() > 100


def test_the_direct_path_is_a_small_part_and_all_there_is_without_W_hh():
    for forget in (0, 1, 2, 3, 5):
        for gain in (1.0, 3.0):
            direct, whole = (by("forget_bias", name, "forget", gain=gain)[forget] for name in ("direct", "whole"))
            assert (direct / whole).max() < 0.05
        direct, whole = (by("forget_bias", name, "forget", gain=0.0)[forget] for name in ("direct", "whole"))
        np.testing.assert_allclose(direct, whole, rtol=1e-6)
    direct, whole = (by("forget_bias", name, "forget", gain=1.0)[3] for name in ("direct", "whole"))
    assert (direct / whole).max() < 0.01


def test_what_each_gate_buys():
    adding, echo = (by("gates_in_order", "share", "cell", task=task) for task in ("adding", "echo"))
    learnt = {cell: (values < 0.1).sum() for cell, values in adding.items()}
    assert learnt["carousel"] == 0
    assert learnt["+ input gate"] >= 4  # of five
    assert learnt["+ forget gate"] == len(adding["+ forget gate"])
    assert echo["+ input gate"].min() > 0.5 > np.median(echo["+ output gate"])
    assert echo["+ forget gate"].max() < echo["+ output gate"].min()
    assert echo["forget and input"].max() < echo["+ output gate"].min()
    assert (echo["forget alone"] < echo["+ output gate"].min()).sum() == 3  # of five
    assert max(echo["forget and input"].max(), echo["forget alone"].max()) < 0.1  # without an output gate
    assert adding["forget and input"].max() < 0.1 < 0.9 < adding["forget alone"].min()


def test_a_cell_without_output_activation_runs_away_at_the_higher_rate_alone():
    higher, lower = by("ablations", "held_out", "cell"), by("ablations_slower", "held_out", "cell")
    assert sum(higher["NOAF"] > higher["vanilla"].max()) == 4
    assert (lower["NOAF"] < lower["vanilla"]).all()
    assert lower["NFG"].min() > lower["vanilla"].max()
