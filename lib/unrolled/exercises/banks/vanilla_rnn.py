"""One step, the count of its parameters, a Jordan step, Yule's model, a forecast of the reader's own."""

import numpy as np

from unrolled.cells.rnn import rnn_step
from unrolled.exercises.exercise import Exercise, Wrong
from unrolled.exercises.mistakes import drop_summands, mutants, transpose_weights


def plain_step(x, h_prev, W_xh, W_hh, b_h):
    """h = tanh(x W_xh + h_prev W_hh + b_h)        x (N, D), h_prev (N, H) -> h (N, H)"""
    return np.tanh(x @ W_xh + h_prev @ W_hh + b_h)


def _step_case(rng, N, D, H):
    draw = rng.standard_normal
    return {"x": draw((N, D)), "h_prev": draw((N, H)), "W_xh": draw((D, H)), "W_hh": draw((H, H)), "b_h": draw(H)}


RNN_STEP = Exercise(
    name="rnn_step",
    statement="Write one step of the network, h = tanh(x W_xh + h_prev W_hh + b_h), for any N, D and H.",
    reference=rnn_step,
    shown=plain_step,  # the library's brings its pullback, which is lesson 02's
    case=_step_case,
    results=("h",),
    hints=(
        "Which shape must the new state have, and how does each of the three summands come to it?",
        "Rows stand on the left of matrices: x is (N, D) and W_xh is (D, H), so x @ W_xh is (N, H).",
        "z = x @ W_xh + h_prev @ W_hh + b_h, and the new state is np.tanh(z).",
    ),
    wrong=mutants(
        rnn_step,
        ("tanh is missing: the state is the tanh of the sum", "h = f(x @", "h = (x @"),
        ("the sigmoid stands where tanh belongs", "h = f(x @", "h = (lambda z: 1 / (1 + np.exp(-z)))(x @"),
        ("relu stands where tanh belongs", "h = f(x @", "h = (lambda z: np.maximum(z, 0))(x @"),
        ("the sign is turned: h is tanh(z), not -tanh(z)", "h = f(x @", "h = -f(x @"),
        ("tanh stands there twice, once is enough", "h = f(x @", "h = (lambda z: f(f(z)))(x @"),
        ("tanh is taken of each part alone: add first, then squeeze", "f(x @ W_xh + h_prev @ W_hh + b_h)",
         "f(x @ W_xh) + f(h_prev @ W_hh) + f(b_h)"),
        ("tanh takes in the memory alone: the input's part and the bias belong inside, too",
         "f(x @ W_xh + h_prev @ W_hh + b_h)", "x @ W_xh + f(h_prev @ W_hh) + b_h"),
        ("h_prev W_hh stands outside tanh: it belongs inside", "f(x @ W_xh + h_prev @ W_hh + b_h)",
         "f(x @ W_xh + b_h) + h_prev @ W_hh"),
        ("b_h stands outside tanh: it belongs inside", "@ W_hh + b_h)", "@ W_hh) + b_h"),
        ("b_h is added twice", " + b_h)", " + 2 * b_h)"),
        ("b_h is multiplied with the sum: it is added", "f(x @ W_xh + h_prev @ W_hh + b_h)",
         "f((x @ W_xh + h_prev @ W_hh) * b_h)"),
        ("h_prev is added as it is: it is h_prev @ W_hh", "h_prev @ W_hh", "h_prev"),
        ("h_prev and W_hh are multiplied number by number: h_prev @ W_hh is a matrix product", "h_prev @ W_hh",
         "h_prev * W_hh"),
        ("x is added as it is: it is x @ W_xh", "x @ W_xh", "x"),
        ("x and W_xh are multiplied number by number: x @ W_xh is a matrix product", "x @ W_xh", "x * W_xh"),
        ("both products are the wrong way round, as if for columns: with rows it is x @ W_xh and h_prev @ W_hh",
         "x @ W_xh", "W_xh @ x", "h_prev @ W_hh", "W_hh @ h_prev"),
        ("the product is the wrong way round, W_hh h_prev, as if h_prev were a column: here it is h_prev @ W_hh",
         "h_prev @ W_hh", "W_hh @ h_prev"),
        ("the product is the wrong way round, W_xh x, as if x were a column: here it is x @ W_xh", "x @ W_xh",
         "W_xh @ x"),
        ("the vectors are columns, as in the lecture, and b_h is a row: here all are rows, x @ W_xh and h_prev @ W_hh",
         "x @ W_xh + h_prev @ W_hh + b_h", "W_xh.T @ x.T + W_hh.T @ h_prev.T + b_h"),
        ("the vectors are columns, as in the lecture, and no matrix is transposed: here all are rows, x @ W_xh and "
         "h_prev @ W_hh",
         "x @ W_xh + h_prev @ W_hh + b_h", "W_xh @ x.T + W_hh @ h_prev.T + b_h"),
        ("the matrices have changed places: x goes through W_xh, h_prev through W_hh",
         "x @ W_xh + h_prev @ W_hh", "x @ W_hh + h_prev @ W_xh"),
        ("x goes through W_hh: the input's matrix is W_xh", "x @ W_xh", "x @ W_hh"),
        ("h_prev goes through W_xh: the state's matrix is W_hh", "h_prev @ W_hh", "h_prev @ W_xh"),
        ("x stands where h_prev belongs: the memory is the previous state", "h_prev @ W_hh", "x @ W_hh"),
        ("h_prev stands where x belongs", "x @ W_xh", "h_prev @ W_xh"),
        ("the parts are multiplied with each other: they are added", "x @ W_xh + h_prev @ W_hh",
         "(x @ W_xh) * (h_prev @ W_hh)"),
        ("the mean of the two products is taken: it is their sum", "x @ W_xh + h_prev @ W_hh",
         "(x @ W_xh + h_prev @ W_hh) / 2"),
        ("h_prev is added to the new state: a vanilla RNN has no such way past tanh", "h = f(x @",
         "h = h_prev + f(x @"),
        ("all rows are added up: each sequence has a state of its own", "+ b_h)", "+ b_h).sum(0, keepdims=True)"),
        *drop_summands("before tanh", x__W_xh="x @ W_xh", h_prev__W_hh="h_prev @ W_hh", b_h="+ b_h"),
        *transpose_weights("x @ W_xh", "h_prev @ W_hh"),
    ),
)  # fmt: skip


def count(D, H, O):
    """The numbers that training changes: W_xh (D, H), W_hh (H, H), W_hy (H, O), b_h (H,), b_y (O,)."""
    return D * H + H * H + H * O + H + O


COUNT = Exercise(
    name="count",
    statement="For D inputs, H hidden units and O outputs: how many numbers does training change?",
    reference=count,
    case=lambda rng, D, H, O: {"D": D, "H": H, "O": O},
    results=("the count",),
    hints=(
        "Go through the table of shapes in section 1, and leave out what comes from the data or is computed.",
        "There are three matrices and two biases. A matrix (D, H) holds D * H numbers.",
        "D * H + H * H + H * O for the matrices; then add one bias for the state and one for the output.",
    ),
    wrong=mutants(
        count,
        ("both biases are missing, H and O", " + H + O", ""),
        ("b_y is missing: the read-out has a bias of O numbers", " + H + O", " + H"),
        ("b_h is missing: the step has a bias of H numbers", " + H + O", " + O"),
        ("W_xh is missing: from input to state there are D H numbers", "D * H + ", ""),
        ("W_hh is missing: from state to state there are H H numbers", "H * H + ", ""),
        ("W_hy is missing: from state to output there are H O numbers", "H * O + ", ""),
        ("W_hh is counted with H numbers: it is (H, H), from each unit to each unit", "H * H", "H"),
        ("H too many are counted, a second b_h or the state: the step has one bias, and the state is computed",
         " + H + O", " + 2 * H + O"),
        ("there is one more bias, of the input, with D numbers: the input has none", " + H + O", " + H + O + D"),
        ("W_hy is counted with O O numbers: it goes from H to O", "H * O", "O * O"),
        ("W_xh is counted with D D numbers: it goes from D to H", "D * H", "D * D"),
        ("the output is fed from the input, D O: the read-out takes the state, H O", "H * O", "D * O"),
        ("b_h and b_y are multiplied: they are H + O numbers", " + H + O", " + H * O"),
        ("b_h is counted with one number: it has one for each unit, H", " + H + O", " + 1 + O"),
        ("the sizes are multiplied: the sizes of five arrays are added", "D * H + H * H + H * O + H + O",
         "D * H * H * O"),
        ("the units are counted: the weights between them are asked for", "D * H + H * H + H * O + H + O", "D + H + O"),
        ("the step is counted four times, as for an LSTM: here it is one", "D * H + H * H + H * O + H + O",
         "4 * (D * H + H * H + H) + H * O + O"),
        ("the read-out is missing: W_hy and b_y have H O + O numbers", "H * O + H + O", "H"),
        ("both biases are counted with one number each: they have H and O", " + H + O", " + 2"),
    ),
)  # fmt: skip


def jordan_step(x, y_prev, W_xh, W_yh, b_h, W_hy, b_y):
    """h = tanh(x W_xh + y_prev W_yh + b_h), y = h W_hy + b_y        x (N, D), y_prev (N, O) -> y (N, O)"""
    h = np.tanh(x @ W_xh + y_prev @ W_yh + b_h)
    return h @ W_hy + b_y


def _jordan_case(rng, N, D, H, O):
    draw = rng.standard_normal
    inputs = {"x": draw((N, D)), "y_prev": draw((N, O)), "W_xh": draw((D, H)), "W_yh": draw((O, H)), "b_h": draw(H)}
    return inputs | {"W_hy": draw((H, O)), "b_y": draw(O)}


JORDAN_STEP = Exercise(
    name="jordan_step",
    statement="Write one step of the Jordan network: the previous output comes in, the new output goes out.",
    reference=jordan_step,
    case=_jordan_case,
    results=("y",),
    hints=(
        "It is the step that you know, with y_prev and W_yh in the place of h_prev and W_hh; then a read-out.",
        "The state is h = tanh(x W_xh + y_prev W_yh + b_h). It is not returned.",
        "y = h @ W_hy + b_y, without a tanh.",
    ),
    wrong=mutants(
        jordan_step,
        ("tanh is missing: the state is the tanh of its sum", "np.tanh(x @ W_xh + y_prev @ W_yh + b_h)",
         "(x @ W_xh + y_prev @ W_yh + b_h)"),
        ("the read-out has a tanh: it must be linear", "h @ W_hy + b_y", "np.tanh(h @ W_hy + b_y)"),
        ("tanh stands at the read-out: it belongs to the state", "np.tanh(x @ W_xh + y_prev @ W_yh + b_h)",
         "(x @ W_xh + y_prev @ W_yh + b_h)", "return h @ W_hy + b_y", "return np.tanh(h @ W_hy + b_y)"),
        ("the sigmoid stands where tanh belongs", "np.tanh(x", "(lambda z: 1 / (1 + np.exp(-z)))(x"),
        ("b_h stands outside tanh: it belongs inside", "W_yh + b_h)", "W_yh) + b_h"),
        ("one bias serves for both, b_h: the read-out has b_y", "W_hy + b_y", "W_hy + b_h"),
        ("y_prev comes in through W_hy: from output to state it is W_yh", "y_prev @ W_yh", "y_prev @ W_hy"),
        ("the output is read through W_yh: from state to output it is W_hy", "h @ W_hy", "h @ W_yh"),
        ("y_prev is added as it is: it is y_prev @ W_yh", "y_prev @ W_yh", "y_prev"),
        ("the state is returned: the output h W_hy + b_y goes out", "return h @ W_hy + b_y", "return h"),
        ("the output is read from the input: it is read from the state", "h @ W_hy", "x @ W_hy"),
        ("y_prev is added to the output, past the state", "W_hy + b_y", "W_hy + b_y + y_prev"),
        ("a softmax is taken of the output: the read-out is linear", "return h @ W_hy + b_y",
         "e = np.exp(h @ W_hy + b_y)\n    return e / e.sum(-1, keepdims=True)"),
        *drop_summands("before tanh", x__W_xh="x @ W_xh", y_prev__W_yh="y_prev @ W_yh", b_h="+ b_h"),
        *drop_summands("to the read-out", b_y="+ b_y"),
        *transpose_weights("x @ W_xh", "y_prev @ W_yh", "h @ W_hy"),
    ),
)  # fmt: skip


def yule(x):
    """x (T,) -> a_0, a_1, a_2 (3,) of the least squares fit of x_t to a_0 + a_1 x_{t-1} + a_2 x_{t-2}"""
    table = np.stack([np.ones(len(x) - 2), x[1:-1], x[:-2]], axis=1)
    return np.linalg.lstsq(table, x[2:])[0]


YULE = Exercise(
    name="yule",
    statement="Fit x_t = a_0 + a_1 x_{t-1} + a_2 x_{t-2} to any series by least squares; return a_0, a_1, a_2.",
    reference=yule,
    case=lambda rng, series: {"x": 5 + np.cumsum(rng.standard_normal(6 + 3 * series))},  # the first, second, third one
    results=("a",),
    hints=(
        "One row of the table for each year that has two years before it; one column for each of the three numbers.",
        "The columns are ones, the year before, the year before that; the targets are the series from its third year.",
        "The columns: np.ones(len(x) - 2), x[1:-1], x[:-2]. Then np.linalg.lstsq(table, x[2:])[0].",
    ),
    wrong=mutants(
        yule,
        ("a_1 and a_2 have changed places: a_1 belongs to the year before", "x[1:-1], x[:-2]", "x[:-2], x[1:-1]"),
        ("a_0 stands last: it is the first of the three", "np.ones(len(x) - 2), x[1:-1], x[:-2]",
         "x[1:-1], x[:-2], np.ones(len(x) - 2)"),
        ("the three stand in reverse: a_0, a_1, a_2 is the order", "return np.linalg.lstsq(table, x[2:])[0]",
         "return np.linalg.lstsq(table, x[2:])[0][::-1]"),
        ("a_0 is missing: the table needs a column of ones", "np.ones(len(x) - 2), ", ""),
        ("a_0 is held at 0: the table needs a column of ones, not of zeros", "np.ones", "np.zeros"),
        ("x_{t+1} stands where x_{t-2} belongs: a forecast knows the past alone", "x[1:-1], x[:-2]], axis=1",
         "x[1:-1], np.append(x[3:], x[-1])], axis=1"),
        ("the series is read backwards, from the future to the past: a year is forecast from those before it",
         "table = np", "x = x[::-1]\n    table = np"),
        ("the years before are one too early, t-2 and t-3", "np.ones(len(x) - 2), x[1:-1], x[:-2]",
         "np.ones(len(x) - 3), x[1:-2], x[:-3]", "x[2:]", "x[3:]"),
        ("the target is one year too early, so that it stands in the table itself: it is x[2:]", "x[2:])", "x[1:-1])"),
        ("the second column is x_{t-1} squared: x_{t-2} belongs there", "x[:-2]]", "x[1:-1] ** 2]"),
        ("the mean is taken off first: the fit is to the series as it is", "table = np",
         "x = x - x.mean()\n    table = np"),
        ("the last year is left out: each year from the third on counts", "np.ones(len(x) - 2), x[1:-1], x[:-2]",
         "np.ones(len(x) - 3), x[1:-2], x[:-3]", "x[2:]", "x[2:-1]"),
        ("the fitted values are returned: a_0, a_1, a_2 are asked for", "return np.linalg",
         "return table @ np.linalg"),
        ("a parabola is fitted to the years: the columns are the values of the years before",
         "np.linalg.lstsq(table, x[2:])[0]", "np.polyfit(np.arange(len(x)), x, 2)"),
        ("a_1 and a_2 are made of autocorrelations, Yule-Walker's way: least squares takes the rows themselves",
         "return np.linalg.lstsq(table, x[2:])[0]",
         "y = x - x.mean()\n"
         "    c = [np.sum(y[k:] * y[: len(y) - k]) for k in range(3)]\n"
         "    a = np.linalg.solve([[c[0], c[1]], [c[1], c[0]]], c[1:])\n"
         "    return np.append(x.mean() * (1 - a.sum()), a)"),
        ("the first years are left out: each year from the third on counts", "np.ones(len(x) - 2), x[1:-1], x[:-2]",
         "np.ones(len(x) - 4), x[3:-1], x[2:-2]", "x[2:]", "x[4:]"),
        ("np.roll is circular: at its end the series goes on with its start; leave out the two rows where it does",
         "np.ones(len(x) - 2), x[1:-1], x[:-2]", "np.ones(len(x)), np.roll(x, 1), np.roll(x, 2)", "x[2:]", "x"),
        ("the fit is to the differences: it is to the values", "x[2:])", "x[2:] - x[1:-1])"),
    ),
)  # fmt: skip


def forecast(past):
    """past (t,), the values up to last year -> this year's, by Yule's model with nine years, of their roots"""
    roots, p = np.sqrt(past), 9
    table = np.stack([np.ones(len(past) - p)] + [roots[p - k : -k] for k in range(1, p + 1)], axis=1)
    a = np.linalg.lstsq(table, roots[p:])[0]
    return (a[0] + a[1:] @ roots[-p:][::-1]) ** 2


def _forecast_case(rng, T):
    """A noisy cycle of ten and a half years; the error to beat is half of what the naive forecast makes."""
    t = np.arange(60 + 20 * T)
    values = 80 + 50 * np.sin(2 * np.pi * t / 10.5) + rng.standard_normal(len(t))
    start = len(t) - 21
    return {"values": values, "start": start, "bar": 0.5 * np.sqrt(np.mean(np.diff(values[start - 1 :]) ** 2))}


def _use_forecast(function, values, start, bar):
    made = []
    for t in range(start, len(values)):
        past = values[:t].copy()
        one = np.asarray(function(past))
        if not np.array_equal(past, values[:t]):
            raise Wrong("it writes into past: work on a copy, or make a new array")
        if one.size != 1 or one.dtype.kind not in "fiu":
            raise Wrong(f"it must return one number for the next year, got {np.array2string(one, threshold=5)[:60]}")
        made.append(float(one.reshape(())))
    if not np.isfinite(made).all():
        raise Wrong(f"each forecast must be a number, got {made[int(np.argmin(np.isfinite(made)))]}")
    made, true = np.array(made), values[start:]
    if np.allclose(made, true):
        raise Wrong("it says the true value each year: that is looked up, and not made of the past")
    error = np.sqrt(np.mean((made - true) ** 2))
    if error < bar:
        return ()
    if np.allclose(made, values[start - 1 : -1]):
        raise Wrong(f"it says that each year is like the last (error {error:.1f}, to beat {bar:.1f}): that is the "
                    "naive forecast")  # fmt: skip
    if start > 11 and np.allclose(made, values[start - 11 : -11]):
        raise Wrong(f"it repeats the value of 11 years before (error {error:.1f}, to beat {bar:.1f}): that is the "
                    "seasonal-naive forecast")  # fmt: skip
    if np.ptp(made) < 0.05 * np.ptp(true):
        raise Wrong(f"it says nearly the same each year (error {error:.1f}, to beat {bar:.1f}): use the last values")
    raise Wrong(f"its error is {error:.1f}, and the one to beat is {bar:.1f}")


FORECAST = Exercise(
    name="forecast",
    statement="Open: from the values up to last year, forecast this year's, and beat the best model of the lesson.",
    reference=forecast,
    case=_forecast_case,
    results=(),
    use=_use_forecast,
    seconds=60,
    hints=(
        "Start from the winner: what do you know that it does not?",
        "The mean of several good forecasts is often better than each of them.",
        "Fit to square roots, forecast the root, square it; or give Yule's model more years. Choose on the "
        "validation years.",
    ),
)

EXERCISES = RNN_STEP, COUNT, JORDAN_STEP, YULE, FORECAST
