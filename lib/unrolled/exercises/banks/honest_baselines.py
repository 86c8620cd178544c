"""What a network is measured against: today's value, a split without repeats, where a reading ends, returns."""

import numpy as np

from unrolled.cells.rnn import rnn
from unrolled.exercises.exercise import Exercise
from unrolled.exercises.mistakes import mutants


def beside_today(forecast, values):
    """forecast (T,) of values[1:] (T,) -> its root mean squared error over that of today's value as the forecast"""
    error = np.sqrt(np.mean((forecast - values[1:]) ** 2))
    return error / np.sqrt(np.mean((values[:-1] - values[1:]) ** 2))


ERROR, TODAY = "np.sqrt(np.mean((forecast - values[1:]) ** 2))", "np.sqrt(np.mean((values[:-1] - values[1:]) ** 2))"
BESIDE_TODAY = Exercise(
    name="beside_today",
    statement="forecast[t] was made at step t for values[t + 1]. Return its root mean squared error, divided by that "
    "of saying values[t].",
    reference=beside_today,
    case=lambda rng, T: {"forecast": rng.standard_normal(T), "values": rng.standard_normal(T + 1)},
    results=("share",),
    hints=(
        "Somebody who knows no network says: tomorrow is as today. How wrong is that, over the same days?",
        "The truth of both is values[1:]. One says forecast, the other values[:-1]; of each take the root of the mean "
        "of the squared differences.",
        "np.sqrt(np.mean((forecast - values[1:]) ** 2)) / np.sqrt(np.mean((values[:-1] - values[1:]) ** 2)).",
    ),
    wrong=mutants(
        beside_today,
        ("the forecast is compared with today, values[:-1]: it is for tomorrow, values[1:]", ERROR,
         "np.sqrt(np.mean((forecast - values[:-1]) ** 2))"),
        ("the root is missing: errors in the unit of the values are compared", ERROR,
         "np.mean((forecast - values[1:]) ** 2)", TODAY, "np.mean((values[:-1] - values[1:]) ** 2)"),
        ("the root of the forecast's error is missing: it has that of today's", ERROR,
         "np.mean((forecast - values[1:]) ** 2)"),
        ("the share stands on its head: the forecast's error is above the line", f"error / {TODAY}",
         f"{TODAY} / error"),
        ("the error of the mean stands below the line: today's value belongs there", TODAY, "values[1:].std()"),
        ("the error of the whole series' mean stands below the line: today's value belongs there", TODAY,
         "values.std()"),
        ("it is R squared against the mean: the share of today's error is asked for", f"error / {TODAY}",
         "1 - error**2 / values[1:].var()"),
        ("it is 1 minus the share: the share itself is asked for", f"error / {TODAY}", f"1 - error / {TODAY}"),
        ("absolute errors are compared: the root of the mean of the squares", ERROR,
         "np.mean(np.abs(forecast - values[1:]))", TODAY, "np.mean(np.abs(values[:-1] - values[1:]))"),
        ("the size of the steps alone, their spread, stands below the line: a drift counts as an error, too", TODAY,
         "np.diff(values).std()"),
        ("the error is not divided: its share of today's error is asked for", f"error / {TODAY}", "error"),
        ("today's error is subtracted: divide by it", f"error / {TODAY}", f"error - {TODAY}"),
        ("the largest errors are compared: the root of the mean of the squares", ERROR,
         "np.abs(forecast - values[1:]).max()", TODAY, "np.abs(values[:-1] - values[1:]).max()"),
    ),
)  # fmt: skip


def seen_before(learn, test):
    """learn (T, M) int, test (T, N) int, a column a sequence -> (N,) bool: which of test's stand in learn, too"""
    known = {tuple(column) for column in learn.T}
    return np.array([tuple(column) in known for column in test.T])


def _seen_case(rng, T, M, others):
    """Of test's: two that were learnt, one with the same steps in another order, a new one twice, and others."""
    learn, drawn = rng.integers(3, size=(T, M)), rng.integers(3, size=(T, others))
    turned, new = np.roll(learn[:, :1], 1, axis=0), rng.integers(3, 6, (T, 1))
    test = np.concatenate([learn[:, [0, -1]], turned, new, new, drawn], axis=1)
    return {"learn": learn, "test": rng.permutation(test, axis=1)}


KNOWN, ASK = "{tuple(column) for column in learn.T}", "np.array([tuple(column) in known for column in test.T])"
SEEN_BEFORE = Exercise(
    name="seen_before",
    statement="Which of the sequences to test on, the columns of test (T, N), stand among those that were learnt, the "
    "columns of learn (T, M)? Return (N,) bool.",
    reference=seen_before,
    case=_seen_case,
    results=("seen",),
    kinds={"seen": ("b", "True or False for each sequence")},
    hints=(
        "A sequence is seen if all its T steps are equal to those of one and the same learnt sequence.",
        "Make a set of the learnt sequences. An array cannot be in a set, a tuple can; learn.T goes through columns.",
        "known = {tuple(column) for column in learn.T}, then tuple(column) in known for each column of test.T.",
    ),
    wrong=mutants(
        seen_before,
        ("the answer is turned round: True where a sequence was learnt", "in known for", "not in known for"),
        ("rows are compared, the steps of all sequences: a sequence is a column", KNOWN,
         "{tuple(row) for row in learn}", ASK, "np.array([tuple(row) in known for row in test])"),
        ("it says which learnt sequences are tested: which of test's were learnt is asked for", KNOWN,
         "{tuple(column) for column in test.T}", ASK, "np.array([tuple(column) in known for column in learn.T])"),
        ("the places are compared: a sequence of test may stand anywhere in learn", ASK,
         "np.array([n < learn.shape[1] and (learn[:, n] == column).all() for n, column in enumerate(test.T)])"),
        ("one equal step is enough: all T steps of one learnt sequence must be equal", ASK,
         "(learn[:, :, None] == test[:, None]).any((0, 1))"),
        ("each step is looked for among all learnt sequences: all must be those of one", ASK,
         "(learn[:, :, None] == test[:, None]).any(1).all(0)"),
        ("each number is looked for anywhere in learn: all T steps must be those of one, in their order", ASK,
         "np.isin(test, learn).all(0)"),
        ("all learnt sequences must be equal to it: one is enough", ASK,
         "(learn[:, :, None] == test[:, None]).all((0, 1))"),
        ("the steps are compared without their order: a sequence is its steps in order", KNOWN,
         "{tuple(sorted(column)) for column in learn.T}", "tuple(column) in known", "tuple(sorted(column)) in known"),
        ("the sums are compared: all T steps must be equal", KNOWN, "set(learn.sum(0).tolist())",
         "tuple(column) in known", "column.sum() in known"),
        ("the first step alone is compared: all T of them", KNOWN, "{tuple(column[:1]) for column in learn.T}",
         "tuple(column) in known", "tuple(column[:1]) in known"),
        ("a sequence that test holds twice counts as seen: it must stand in learn", KNOWN,
         "{tuple(column) for column in learn.T} | {tuple(c) for k, c in enumerate(test.T) if any((c == d).all() for "
         "d in test.T[:k])}"),
    ),
)  # fmt: skip


def read_to(xs, place, forward, backward):
    """xs (T, N, D), a junction before step `place` -> (N, 2H): both readings from 0, where each has come to it"""
    h_0 = np.zeros((xs.shape[1], len(forward["b_h"])))
    before = rnn(xs[:place], h_0, **forward)[-1]
    behind = rnn(xs[place:][::-1], h_0, **backward)[-1]
    return np.concatenate([before, behind], axis=1)


def _read_case(rng, before, behind, N, D, H):
    draw = rng.standard_normal
    weights = lambda: {"W_xh": draw((D, H)), "W_hh": draw((H, H)) / 2, "b_h": draw(H)}
    return {"xs": draw((before + behind, N, D)), "place": before, "forward": weights(), "backward": weights()}


BEFORE, BEHIND = "rnn(xs[:place], h_0, **forward)[-1]", "rnn(xs[place:][::-1], h_0, **backward)[-1]"
HALVES = "np.concatenate([before, behind], axis=1)"
READ_TO = Exercise(
    name="read_to",
    statement="The question is what lies between the steps place - 1 and place of xs (T, N, D). Read up to it from the "
    "left with forward, and up to it from the right with backward, both from the state 0: (N, 2H).",
    reference=read_to,
    case=_read_case,
    results=("states",),
    hints=(
        "Each of the two readings ends at the junction. Which step must it have read last?",
        "From the left read xs[:place]. From the right read xs[place:], the last step first. Of each the last state.",
        "rnn(xs[:place], h_0, **forward)[-1] and rnn(xs[place:][::-1], h_0, **backward)[-1], side by side.",
    ),
    wrong=mutants(
        read_to,
        ("the right half is read from the junction outwards: it must end there, so turn it round", BEHIND,
         "rnn(xs[place:], h_0, **backward)[-1]"),
        ("the left half is read from the junction outwards: it must end there", BEFORE,
         "rnn(xs[:place][::-1], h_0, **forward)[-1]"),
        ("both halves are read from the junction outwards: both must end there", BEFORE,
         "rnn(xs[:place][::-1], h_0, **forward)[-1]", BEHIND, "rnn(xs[place:], h_0, **backward)[-1]"),
        ("the first states are taken, far from the junction: the last ones have come to it", BEFORE,
         "rnn(xs[:place], h_0, **forward)[0]", BEHIND, "rnn(xs[place:][::-1], h_0, **backward)[0]"),
        ("both readings go through to the other end: each stops at the junction", BEFORE, "rnn(xs, h_0, **forward)[-1]",
         BEHIND, "rnn(xs[::-1], h_0, **backward)[-1]"),
        ("the reading from the left goes through to the end: it stops at the junction", BEFORE,
         "rnn(xs, h_0, **forward)[-1]"),
        ("the reading from the right goes through to the start: it stops at the junction", BEHIND,
         "rnn(xs[::-1], h_0, **backward)[-1]"),
        ("step `place` is read by both: the junction lies before it", BEFORE,
         "rnn(xs[: place + 1], h_0, **forward)[-1]"),
        ("step `place` - 1 is read by both: the junction lies behind it", BEHIND,
         "rnn(xs[place - 1 :][::-1], h_0, **backward)[-1]"),
        ("step `place` - 1 is not read: from the left it is the last", BEFORE,
         "rnn(xs[: place - 1], h_0, **forward)[-1]"),
        ("step `place` is not read: from the right it is the last", BEHIND,
         "rnn(xs[place + 1 :][::-1], h_0, **backward)[-1]"),
        ("the steps are turned before they are cut: cut at the junction first, then turn the right half", BEHIND,
         "rnn(xs[::-1][place:], h_0, **backward)[-1]"),
        ("from the right only `place` steps are read: all that stand behind the junction", BEHIND,
         "rnn(xs[::-1][:place], h_0, **backward)[-1]"),
        ("both readings have forward's weights: the one from the right has backward's", "**backward", "**forward"),
        ("both readings have backward's weights: the one from the left has forward's", "**forward)", "**backward)"),
        ("the weights have changed places: forward's read from the left", BEFORE,
         "rnn(xs[:place], h_0, **backward)[-1]", BEHIND, "rnn(xs[place:][::-1], h_0, **forward)[-1]"),
        ("the halves have changed places: the one from the left comes first", "[before, behind]", "[behind, before]"),
        ("the halves are added: they stand side by side", HALVES, "before + behind"),
        ("the halves stand one below the other: they stand side by side, axis=1", "axis=1", "axis=0"),
        ("the half from the left alone is there: the one from the right stands beside it", HALVES, "before"),
        ("the half from the right alone is there: the one from the left stands before it", HALVES, "behind"),
        ("the half from the right begins with the state of the left one: it begins with 0", BEHIND,
         "rnn(xs[place:][::-1], before, **backward)[-1]"),
        ("the batch is turned round, and not the steps: time is the first axis", BEHIND,
         "rnn(xs[place:, ::-1], h_0, **backward)[-1]"),
        ("the mean of the states is taken: the last one has come to the junction", BEFORE,
         "rnn(xs[:place], h_0, **forward).mean(0)", BEHIND, "rnn(xs[place:][::-1], h_0, **backward).mean(0)"),
    ),
)  # fmt: skip


def price_returns(prices):
    """ln(price / the price before) along time: prices (T, N) above 0 -> (T - 1, N)"""
    return np.log(prices[1:] / prices[:-1])


LAW = "np.log(prices[1:] / prices[:-1])"
PRICE_RETURNS = Exercise(
    name="price_returns",
    statement="prices (T, N) are N series of T days. Return their returns ln(price / the price before), (T - 1, N).",
    reference=price_returns,
    case=lambda rng, T, N: {"prices": np.exp(rng.standard_normal((T, N)))},
    results=("returns",),
    hints=(
        "The first day has no price before it, so there is one return fewer than prices.",
        "Divide each day's price by that of the day before: prices[1:] by prices[:-1]. Then the natural logarithm.",
        "np.log(prices[1:] / prices[:-1]), which is np.diff(np.log(prices), axis=0).",
    ),
    wrong=mutants(
        price_returns,
        ("yesterday's price is divided by today's: today's stands above the line", LAW,
         "np.log(prices[:-1] / prices[1:])"),
        ("it is the change as a share of the price before, without logarithm: ln(price / the price before)", LAW,
         "prices[1:] / prices[:-1] - 1"),
        ("it is the quotient, without logarithm: ln of it", LAW, "prices[1:] / prices[:-1]"),
        ("prices are subtracted, not their logarithms: a price of 10 and one of 1000 would not be alike", LAW,
         "np.diff(prices, axis=0)"),
        ("the change is divided by today's price: it is ln(price / the price before)", LAW,
         "(prices[1:] - prices[:-1]) / prices[1:]"),
        ("the logarithm has the base 10: the natural one", "np.log", "np.log10"),
        ("the logarithm has the base 2: the natural one", "np.log", "np.log2"),
        ("it is ln(1 + quotient): ln of the quotient", "np.log", "np.log1p"),
        ("a step of two days is taken: from one day to the next", LAW, "np.log(prices[2:] / prices[:-2])"),
        ("the series are compared with each other: time is the first axis", LAW,
         "np.log(prices[:, 1:] / prices[:, :-1])"),
        ("each price is divided by the first, which adds the returns up: by the one before it", LAW,
         "np.cumsum(np.log(prices[1:] / prices[:-1]), axis=0)"),
        ("the mean over the series is taken: each has its own", LAW, f"{LAW}.mean(1)"),
        ("the first day gets a return of 0: it has none, so there are T - 1", LAW,
         "np.concatenate([np.zeros((1, prices.shape[1])), np.log(prices[1:] / prices[:-1])])"),
        ("they are in percent: ln(price / the price before) as it is", LAW, "100 * np.log(prices[1:] / prices[:-1])"),
    ),
)  # fmt: skip

EXERCISES = BESIDE_TODAY, SEEN_BEFORE, READ_TO, PRICE_RETURNS
