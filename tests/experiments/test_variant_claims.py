"""What the tables of the variants show, on every seed: what a lesson may lean on."""

import statistics

from unrolled import data


def shares(table, column, by, **at):
    """{value of `by`: all numbers of the column}, over seeds and over what `at` leaves open."""
    rows = [row for row in data.results(table)[0] if all(row[key] == value for key, value in at.items())]
    return {value: [row[column] for row in rows if row[by] == value] for value in dict.fromkeys(r[by] for r in rows)}


def test_a_scan_wins_where_a_step_is_small_and_loses_where_it_is_large():
    for row in data.results("scan")[0]:
        times = row["loop_ms"] / row["scan_ms"]
        assert times > 3 if row["size"] == 16 else times < 0.8 if row["size"] == 256 else times < 0.25


TASKS = "parity", "latch", "3 cups"
SIGNED = "signed 1", "signed 2"


def test_what_the_sign_gives_back_and_what_it_does_not():
    parity, latch, three = (shares("parity", "right_24", "network", task=t, steps=600) for t in TASKS)
    for network in ("minGRU 1", "minGRU 2"):
        assert max(parity[network]) < 0.55
        assert max(three[network]) < 0.4
    for network in ("gru", *SIGNED):
        assert min(parity[network]) > 0.98
        assert min(three[network]) > 0.9
    assert sorted(right > 0.98 for right in parity["rnn"]) == [False] * 4 + [True] * 2
    assert min(min(right) for right in latch.values()) > 0.98
    five = shares("parity", "right_24", "network", task="5 cups", steps=600, learning_rate=0.01)
    assert min(five["gru"]) > 0.98
    assert max(max(five[network]) for network in ("rnn", *SIGNED)) < 0.8
    assert max(max(five[network]) for network in ("minGRU 1", "minGRU 2")) < 0.3


def test_three_cups_are_followed_and_four_and_five_are_not_with_five_times_the_steps_either():
    """The exchanges of four cups form a solvable group, those of five do not: the runs do not part there."""
    longer = {n: shares("parity", "right_24", "network", task=f"{n} cups", steps=3000) for n in (3, 4, 5)}
    briefer = {n: shares("parity", "right_24", "network", task=f"{n} cups", steps=600) for n in (4, 5)}
    for network in SIGNED:
        assert max(longer[4][network] + longer[5][network]) < 0.9 < min(longer[3][network])
        assert max(briefer[4][network] + briefer[5][network]) < 0.82
    assert min(longer[3]["gru"] + longer[4]["gru"] + longer[5]["gru"] + longer[4]["rnn"]) > 0.98
    assert sorted(right > 0.98 for right in longer[5]["rnn"]) == [False, True, True]
    for network in SIGNED:
        three, four, five = (statistics.median(longer[n][network]) for n in (3, 4, 5))
        assert three > four + 0.05 > five + 0.1, "the share falls with each cup, and not at five alone"
    assert max(max(briefer[4][network]) for network in ("minGRU 1", "minGRU 2")) < 0.3


def test_slices_know_the_order_of_signals_and_not_where_the_lift_is():
    order = shares("sliced", "right", "network", task="temporal order", steps=400)
    assert min(order["sliced"]) > 0.98
    assert sum(right > 0.98 for right in order["gru"]) == 4
    for rate in (0.002, 0.005, 0.01):
        lift = shares("sliced", "right", "network", task="lift", steps=400, learning_rate=rate)
        assert min(lift["gru"]) > max(lift["sliced"]) + 0.05
        assert rate == 0.002 or min(lift["gru"]) > 0.98


def test_the_order_is_no_win_for_slices_where_signals_come_anywhere_or_training_is_longer():
    order, lift = (shares("sliced", "right", "network", task=task, steps=2000) for task in ("temporal order", "lift"))
    assert min(min(right) for right in order.values()) > 0.98
    assert max(lift["sliced"]) < 0.97 < 0.99 < min(lift["gru"] + lift["narrow gru"])
    for rate in (0.005, 0.01):
        anywhere = shares("sliced", "right", "network", task="order anywhere", learning_rate=rate)
        assert min(min(right) for right in anywhere.values()) > 0.98
        early = shares("sliced", "right_early", "network", task="order anywhere", learning_rate=rate)
        assert min(early["sliced"]) > max(early["gru"]), "sooner, all the same"


def test_slices_save_overhead_and_no_step_of_a_cell():
    rows = data.results("sliced_speed")[0]
    assert all(row["cell_steps"] > 1 for row in rows)
    times = {(row["T"], row["N"], row["seed"]): row["gru_ms"] / row["sliced_ms"] for row in rows}
    assert all(times[32768, 1, seed] > 4 for seed in (1, 2, 3))
    assert all(times[32768, 1, seed] < 1.2 * times[4096, 1, seed] for seed in (1, 2, 3)), "no more from 4096 on"
    assert all(1.3 < times[4096, 8, seed] < times[4096, 1, seed] for seed in (1, 2, 3))
    assert all(times[T, 64, seed] < 1.2 for T in (64, 512) for seed in (1, 2, 3))


def test_the_clock_generates_a_wave():
    error, weights = (shares("clockwork", column, "network") for column in ("error", "weights"))
    assert max(error["clockwork"]) < 0.01
    assert min(min(error[network]) for network in ("rnn", "lstm", "gru", "no clock")) > 0.3
    assert 0.04 < min(error["arrows reversed"]) <= max(error["arrows reversed"]) < 0.3
    assert max(error["all arrows"]) < 0.04
    without, turned, whole = (statistics.median(error[n]) for n in ("no clock", "arrows reversed", "clockwork"))
    assert without - turned > 0.8 * (without - whole), "most of its lead is that it knows the time"
    assert statistics.median(error["clockwork"]) < statistics.median(error["all arrows"]) < 0.01
    assert weights["all arrows"][0] > 1.7 * weights["clockwork"][0]
    equal = [weights[network][0] for network in ("clockwork", "rnn", "lstm", "gru")]
    assert max(equal) < 1.03 * min(equal)


def test_who_is_told_the_step_generates_it_as_well():
    error, weights = (shares("clockwork", column, "network") for column in ("error", "weights"))
    for cell in ("rnn", "lstm", "gru"):
        told = f"{cell}, bits of t"
        assert max(error[told]) < 0.03
        assert statistics.median(error[told]) < statistics.median(error["clockwork"])
        assert weights[told][0] <= 1850


def test_the_plain_network_lacks_the_slow_sines_and_gated_ones_the_quick_one():
    best = {"rnn": 0.001, "lstm": 0.001, "gru": 0.003}
    lacks = lambda period, cell: shares("clockwork", f"missing_{period}", "network", learning_rate=best[cell])[cell]
    assert max(lacks(8, "rnn")) < 0.1 < 0.8 < min(lacks(130, "rnn"))
    for cell in ("lstm", "gru"):
        assert max(lacks(130, cell)) < 0.2 < 0.8 < min(lacks(8, cell))


def test_the_clock_costs_a_third_of_a_nat_on_a_text():
    nats = shares("clockwork_text", "held_out", "network")
    with_clock, without = nats["clockwork"] + nats["all arrows"], nats["no clock"] + nats["rnn"]
    assert min(with_clock) > max(without) + 0.15
    assert min(nats["clockwork"]) > max(nats["gru"])
    assert 0.25 < statistics.median(nats["clockwork"]) - statistics.median(nats["no clock"]) < 0.4


def test_the_missing_arrow_costs_runs_where_each_signal_has_its_stretch():
    stretches, anywhere = (shares("clockwork_order", "right", "network", where=w) for w in ("stretches", "anywhere"))
    assert sum(right > 0.98 for right in stretches["clockwork"]) == 5
    assert sum(right < 0.7 for right in stretches["clockwork"]) == 4
    by_rate = shares("clockwork_order", "right", "learning_rate", where="stretches", network="clockwork")
    assert [sum(right < 0.7 for right in by_rate[rate]) for rate in (0.002, 0.005, 0.01)] == [0, 1, 3]
    assert sum(right > 0.98 for right in stretches["fast block"]) == 1
    assert min(min(stretches[n]) for n in ("arrows reversed", "all arrows", "rnn", "gru")) > 0.98
    assert 0.8 < min(anywhere["clockwork"]) < 0.9 < min(anywhere["all arrows"] + anywhere["rnn"])
    assert min(anywhere["gru"]) > 0.98


def test_six_layers_learn_by_the_grid_and_by_residuals_and_by_a_depth_gate_now_and_then():
    letters = 3.1  # nats: who says no more than how frequent each letter is
    early, late = (shares("depth_paths", column, "path") for column in ("test_early", "test"))
    assert min(early["plain"]) > letters
    assert sum(nats < 2.4 for nats in late["depth gate"]) == 3
    assert sum(nats > letters for nats in late["depth gate"]) == 3
    assert sum(nats < 2.7 for nats in late["depth gate +2"]) == 5
    assert min(late["depth gate"] + late["depth gate +2"]) > max(late["grid"] + late["highway"])
    assert sum(nats > letters for nats in late["plain"]) == 3
    left = [[n for n in late[path] if n < letters] for path in ("depth gate", "depth gate +2", "plain")]
    assert max(left[0]) < min(left[1]) <= max(left[1]) < min(left[2])
    assert max(late["grid"]) < min(late["plain"]) - 0.3
    for nats in (early, late):
        assert max(nats["residual"]) + 0.1 < min(nats["grid"]) <= max(nats["grid"]) < min(nats["depth gate"])


def test_a_simpler_lstm_is_ahead_and_the_gru_is_ahead_of_it_at_one_width():
    odyssey, mutants = (shares(table, "held_out", "cell") for table in ("ablations", "mutants"))
    assert max(odyssey["CIFG"]) < min(odyssey["NP"]) <= max(odyssey["NP"]) < min(odyssey["vanilla"])
    assert max(mutants["GRU"]) < min(mutants["NP"])
