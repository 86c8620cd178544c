"""What data/results/char_models.csv shows, on every seed: learning rates within the grid, and who passes the counts."""

import numpy as np

from unrolled.data import by_seed


def chosen(cell):
    """The learning rates that were tried, and the one that is best on the validation part."""
    tried = by_seed("char_models", "validation", "learning_rate", cell=cell)
    return sorted(tried), min(tried, key=lambda rate: tried[rate].mean())


def test_the_best_learning_rate_of_each_cell_is_no_edge():
    for cell in ("rnn", "lstm", "gru"):
        rates, best = chosen(cell)
        assert rates[0] < best < rates[-1], cell


def test_the_gated_cells_pass_the_table_of_counts_and_the_plain_one_does_not():
    test = {}
    for cell in ("rnn", "lstm", "gru"):
        where = {"cell": cell, "learning_rate": chosen(cell)[1]}
        test[cell] = by_seed("char_models", "test", "cell", **where)[cell]
        passed = by_seed("char_models", "seconds_to_pass", "cell", **where)[cell]
        assert np.isnan(passed).all() if cell == "rnn" else np.isfinite(passed).all()
    counts = by_seed("char_models", "table_test", "cell")["lstm"][0]
    assert test["lstm"].max() < test["gru"].min() < test["gru"].max() < counts < test["rnn"].min()
