"""What the tables of the cards on music, handwriting, video and glimpses show, on every seed."""

from unrolled import data
from unrolled.experiments.applications.chosen import chosen


def columns(table, by, column, **at):
    """{value of `by`: the numbers of the column, seed by seed}."""
    return data.by_seed(table, column, by, **at)


def test_the_network_keeps_the_form_after_enough_steps_and_so_does_a_table_that_sees_24_beats():
    fast, slow = (columns("card_blues", "steps", "chorus_4", writer="network", learning_rate=r) for r in (0.01, 0.005))
    assert (fast[600] < 0.8).sum() == 2, "two seeds get lost"
    assert min(fast[1500].min(), slow[600].min(), slow[1500].min()) > 0.95
    for chorus in range(1, 5):
        tables = columns("card_blues", "k", f"chorus_{chorus}", writer="table")
        assert tables[24].min() == 1
        assert max(tables[4].max(), tables[16].max()) < 0.75
    assert columns("card_blues", "k", "chorus_4", writer="table")[23].max() < 0.9


def test_the_metre_is_read_in_order_and_better_by_pulses():
    test = chosen("card_metre", "test", "network")
    assert test["pulses"].min() > test["in order"].max()
    assert test["in order"].min() > 0.93
    assert test["in order"].min() > test["bag of onsets"].max() + 0.1
    assert chosen("card_metre", "fitted", "network")["pulses"].min() > 0.99


def test_the_nearest_points_are_ahead_of_the_network_with_as_many_letters_and_the_pen_is_ahead_of_them():
    network = chosen("card_handwriting", "test", "M", best=min)[8]
    near, pen = (columns("card_handwriting_nearest", "known", column) for column in ("test", "pen"))
    assert (near[4000] < network - 0.05).all()
    assert (near[48000] < network - 0.25).all()
    assert (pen[48000] < near[48000] - 0.05).all()
    for known in near:
        line, own, points = (
            columns("card_handwriting_nearest", "known", f"print{way}")[known] for way in ("_line", "_pen", "")
        )
        assert line.max() + 10 < own.min() < points.min() - 50


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
    third, sixth = (chosen("card_glimpses", f"right_{t}", "order", show=False) for t in (3, 6))
    assert third["learnt"].min() > third["random"].max() + 0.05
    assert third["learnt"].mean() < third["centre first"].mean()
    assert abs(sixth["learnt"].mean() - sixth["centre first"].mean()) < 0.03
    for row in data.results("card_glimpses")[0]:
        for t in range(3, 7):
            if row["order"] != "row by row":
                assert row[f"neighbour_{t}"] > row[f"right_{t}"] + 0.01
        assert row["nearest"] > row["right_6"] + 0.03
