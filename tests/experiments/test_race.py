"""The race: parts that share nothing, honest baselines, equally many numbers, and the step that validates best."""

import numpy as np
import pytest

from unrolled.cells.table import CELLS
from unrolled.data import by_seed, series, tasks, text
from unrolled.experiments import race, yule
from unrolled.experiments.char_models import parts
from unrolled.experiments.table import EXPERIMENTS
from unrolled.models import ngram

FIXED = {name: EXPERIMENTS[name].fixed for name in ("race", "race_sunspots")}
TASKS = {
    "adding": (lambda rng: race.adding(rng, N), FIXED["race"]["parameters"]["adding"]),
    "text": (lambda rng: race.tales(N), FIXED["race"]["parameters"]["text"]),
    "sunspots": (lambda rng: race.sunspots(rng, N, 1875), FIXED["race_sunspots"]["parameters"]),
}
N = 4


@pytest.fixture(scope="module", params=TASKS)
def a_task(request):
    return request.param, TASKS[request.param][0](np.random.default_rng(1))


def test_all_cells_have_equally_many_numbers_within_two_percent(a_task):
    name, task = a_task
    _, parameters = TASKS[name]
    widths = {cell: race.width(cell, task.D, task.M, parameters) for cell in CELLS}
    counted = [race.size(cell, task.D, H, task.M) for cell, H in widths.items()]
    assert max(counted) < 1.02 * min(counted)


def test_the_held_out_parts_are_the_same_for_every_cell_and_differ_from_each_other(a_task):
    name, task = a_task
    again = TASKS[name][0](np.random.default_rng(1))
    for part in ("validation", "test"):
        assert all(map(np.array_equal, getattr(task, part), getattr(again, part)))
    assert not np.array_equal(task.validation[0], task.test[0])


def test_the_baselines_of_adding():
    task = race.adding(np.random.default_rng(1), N)
    assert task.memoryless == pytest.approx(1 / 6, abs=0.02)
    assert 0.9 < task.without_state / task.memoryless < 1.1, "no sum of inputs is a sum of products"
    xs, targets = tasks.adding(np.random.default_rng(2), 10, race.STEPS["adding"])
    assert xs.shape[0] == len(task.test[0]) == 50
    assert targets.shape == (10, 1)


@pytest.mark.parametrize("end", race.ENDS)
def test_the_years_and_baselines_of_the_sunspots(end):
    years, values = series.sunspots()
    values = values[years <= end]
    task = race.sunspots(np.random.default_rng(1), N, end)
    scaled, _, _ = series.standardise(values, slice(0, len(values) - 88))
    np.testing.assert_allclose(task.test[1][:, 0], scaled[-44:], rtol=1e-6)
    np.testing.assert_allclose(task.validation[1][:, 0], scaled[-88:-44], rtol=1e-6)
    np.testing.assert_allclose(task.test[0][-1, :, 0], scaled[-45:-1], rtol=1e-6)  # the last input is the year before
    assert task.memoryless == pytest.approx(np.mean((scaled[-45:-1] - scaled[-44:]) ** 2))
    assert task.without_state < 0.7 * task.memoryless
    learnt = np.concatenate([next(task.batches)[1] for _ in range(200)])
    assert np.isin(np.round(learnt, 5), np.round(scaled[24:-88].astype(race.DTYPE), 5)).all()


def test_yules_model_of_a_given_order_is_the_one_of_the_table():
    """The validation years choose orders 2, 9, 5 and 9; order 9 throughout does better on the years that judge."""
    shares = [yule.share_of_naive(end, p) for end, p in zip(race.ENDS, (2, 9, 5, 9))]
    in_table = by_seed("race_sunspots", "without_state", "cell")["rnn"]
    np.testing.assert_allclose(np.mean(shares), in_table, rtol=1e-5)
    assert np.mean([yule.share_of_naive(end, 9) for end in race.ENDS]) < in_table.min() - 0.01


def test_the_n_gram_reads_the_stretches_that_the_networks_read():
    task = race.tales(N)
    V, train, _, test = parts()
    counted = ngram.count(train, V)
    assert task.memoryless == pytest.approx(ngram.evaluate(counted, test, 2), abs=0.02)
    assert ngram.evaluate(counted, test, 5) < task.without_state < ngram.evaluate(counted, test, 5) + 0.03
    targets = task.test[1]
    assert targets.size > 0.98 * len(test) - race.STRETCH
    assert np.array_equal(next(text.batches(test, 100, targets.shape[1]))[1], targets)


@pytest.mark.slow
def test_the_step_that_validates_best_is_kept():
    """Of all at which the training looks: each is the end of a training of its own, which looks there alone."""

    def learn(steps, check_every):
        task = race.sunspots(np.random.default_rng(1), N, 1875)
        how = {"learning_rate": 0.1, "max_norm": 1.0, "check_every": check_every}
        params, step, validation, _ = race.learn(np.random.default_rng(2), "gru", task, 5, steps=steps, **how)
        assert validation == pytest.approx(float(race.loss_of("gru", task)(params, *task.validation)))
        return step, validation

    ends = dict(learn(steps, steps) for steps in range(5, 41, 5))
    best = min(ends, key=ends.get)
    assert 5 < best < 40, "the first or the last would be kept by mistakes, too"
    assert learn(40, 5) == (best, ends[best])


def test_a_row_of_the_table_has_all_columns():
    short = {"steps": 2, "check_every": 1}
    found = race.measure_sunspots(np.random.default_rng(1), "rnn", learning_rate=0.01, **FIXED["race_sunspots"] | short)
    assert found["H"] == 67
    assert found["memoryless"] == 1
    assert 0 < found["without_state"] < 0.7
    adding = race.measure(np.random.default_rng(1), "adding", "rnn", learning_rate=0.01, **FIXED["race"] | short)
    assert found.keys() == adding.keys()
    assert np.isfinite(list(found.values())).all()


def at_the_best_rate(table, cell, **where):
    tried = by_seed(table, "validation", "learning_rate", cell=cell, **where)
    rate = min(tried, key=lambda rate: np.median(tried[rate]))
    return by_seed(table, "test", "learning_rate", cell=cell, **where)[rate]


def test_the_race_as_it_came_out():
    rnn, lstm, gru = (at_the_best_rate("race", cell, task="adding") for cell in CELLS)
    assert max(lstm.max(), gru.max()) < 0.01 * rnn.min()
    assert rnn.min() > 0.95 / 6
    rnn, lstm, gru = (at_the_best_rate("race", cell, task="text") for cell in CELLS)
    n_gram = by_seed("race", "without_state", "task")["text"].max()
    assert n_gram < gru.min()
    assert (lstm - gru).min() > 0.01
    assert np.median(lstm) < np.median(rnn) - 0.02
