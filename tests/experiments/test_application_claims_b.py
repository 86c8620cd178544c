"""What the tables of the cards on music, handwriting, video and glimpses show, on every seed."""

from unrolled import data


def columns(table, by, column, **at):
    """{value of `by`: the numbers of the column, seed by seed}."""
    return data.by_seed(table, column, by, **at)


def best_rate(table, **at):
    """The learning rate whose mean on validation is highest, over all rows that `at` names."""
    rates = columns(table, "learning_rate", "validation", **at)
    return max(rates, key=lambda rate: rates[rate].mean())


def test_the_network_plays_on_in_the_form_and_so_does_a_table_that_sees_24_beats():
    for chorus in range(1, 5):
        network = columns("card_blues", "writer", f"chorus_{chorus}")["network"]
        assert sum(network > 0.95) == (5 if chorus == 1 else 4)
        tables = columns("card_blues", "k", f"chorus_{chorus}", writer="table")
        assert tables[24].min() == 1
        assert max(tables[4].max(), tables[16].max()) < 0.75
    assert network.min() < 0.85, "one seed gets lost"
    assert columns("card_blues", "k", "chorus_4", writer="table")[23].max() < 0.9


def test_the_metre_is_read_in_order_and_best_by_the_rules():
    rates = {network: best_rate("card_metre", network=network) for network in ("in order", "bag of onsets")}
    order, bag = (
        columns("card_metre", "network", "test", learning_rate=rate)[network] for network, rate in rates.items()
    )
    assert order.min() > 0.93
    assert bag.max() < 0.65
    fitted = columns("card_metre", "network", "fitted")
    assert all(each.min() > 0.99 for each in fitted.values())
    assert order.max() < min(each.min() for each in fitted.values())


def test_a_mixture_is_ahead_of_one_density_and_both_of_the_baselines():
    rates = columns("card_handwriting", "learning_rate", "validation", M=8.0)
    assert min(rates, key=lambda rate: rates[rate].mean()) == 0.01
    for rate in (0.005, 0.01):
        nats = columns("card_handwriting", "M", "test", learning_rate=rate)
        assert (nats[8] < nats[1] - 0.05).all()
    table = columns("card_handwriting", "M", "by_number", learning_rate=0.01)
    lines = columns("card_handwriting", "M", "least_squares", learning_rate=0.01)
    for M in (1, 8):
        assert (nats[M] < table[M] - 1.5).all()
        assert (table[M] < lines[M] - 0.8).all()
    assert columns("card_handwriting", "M", "other_hand")[8].min() > 3
    legible, true = (
        columns("card_handwriting", "M", name, learning_rate=0.01)[8] for name in ("legible", "legible_true")
    )
    assert (legible < true - 0.1).all()
    assert legible.min() > 0.6


def test_order_tells_the_way_and_needs_no_recurrence():
    for rate in (0.003, 0.006):
        test = columns("card_video", "network", "test", starts="anywhere", learning_rate=rate)
        assert min(test["in order"].min(), test["side by side"].min()) > 0.99
        assert min(test["shuffled"].min(), test["averaged"].min()) > 0.43
        assert max(test["shuffled"].max(), test["averaged"].max()) < 0.57
        assert abs(test["one frame"] - 0.25).max() < 0.08
    assert columns("card_video", "starts", "matched")["anywhere"].min() == 1


def test_the_first_version_gave_the_way_away():
    test = columns("card_video", "network", "test", starts="inside")
    assert test["averaged"].min() > 0.9
    assert test["shuffled"].min() > 0.95
    assert test["one frame"].min() > 0.65


def test_a_learnt_order_is_ahead_of_a_random_one_and_not_of_a_fixed_one():
    rows = data.results("card_glimpses")[0]
    validation = {}
    for row in rows:
        key = row["order"], row["learning_rate"], row["sharpest"]
        validation.setdefault(key, []).append(row["validation"])
    best = {}
    for order in ("centre first", "row by row", "random", "learnt"):
        key = max((key for key in validation if key[0] == order), key=lambda key: sum(validation[key]))
        best[order] = [row for row in rows if (row["order"], row["learning_rate"], row["sharpest"]) == key]
    third, sixth = ({order: [row[f"right_{t}"] for row in seeds] for order, seeds in best.items()} for t in (3, 6))
    assert min(third["learnt"]) > max(third["random"]) + 0.05
    assert sum(third["learnt"]) < sum(third["centre first"])
    assert abs(sum(sixth["learnt"]) - sum(sixth["centre first"])) / 3 < 0.03
    for row in rows:
        for t in range(3, 7):
            if row["order"] != "row by row":
                assert row[f"neighbour_{t}"] > row[f"right_{t}"] + 0.01
        assert row["nearest"] > row["right_6"] + 0.03
