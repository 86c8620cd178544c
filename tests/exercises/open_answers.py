"""Wrong answers to the open exercises, which are judged by what they do: {exercise: {what is said: a wrong answer}}."""

import numpy as np

from unrolled import layers
from unrolled.autodiff import ops
from unrolled.autodiff.gradcheck import GradientError, gradcheck
from unrolled.autodiff.tape import history
from unrolled.cells.linear_recurrence import min_gru_step
from unrolled.cells.rnn import rnn
from unrolled.data import text
from unrolled.exercises.banks.backward_pass import backward, gets_wrong
from unrolled.exercises.banks.char_rnn import ENCODE, first_parameters, hello
from unrolled.exercises.banks.graph import one_to_many
from unrolled.exercises.banks.own_cell import cell
from unrolled.exercises.mistakes import mutants
from unrolled.layers.initializers import orthogonal
from unrolled.learning.fit import fit
from unrolled.learning.optimizers import SGD

rng, noise = np.random.default_rng, np.random.default_rng(0)


def looks_at_one(layer, arguments, at):
    """Whether the gradient of one argument alone is right."""
    before, after = arguments[:at], arguments[at + 1 :]
    try:
        gradcheck(lambda a: layer(*before, a, *after), arguments[at])
    except GradientError:
        return False
    return True


def add_in_place(y):
    """The walk back; what arrives first is kept as it came, and += writes into it."""
    records = history(y)[::-1]
    for v in (v for record in records for v in record.inputs):
        v.grad = None
    y.grad = np.ones_like(y.value)
    for record in records:
        for v, d in zip(record.inputs, record.pullback(record.outputs[0].grad)):
            if v.grad is None:
                v.grad = d
            else:
                v.grad += d


def with_a_teacher(params):
    """Teacher forcing: the next input is the right letter, whatever the network said."""
    xs, h_0 = text.one_hot(ENCODE("hell"), 4)[:, None], np.zeros((1, 3))
    loss = lambda params: layers.cross_entropy(
        layers.linear(rnn(xs, h_0, **params["rnn"]), **params["readout"]), ENCODE("ello")[:, None], reduction="sum"
    )
    *_, last = fit(loss, params, [()] * 200, SGD(0.3), progress=False)
    return last.params


WRONG = {
    "hello": {
        "it read right letters, not its own": with_a_teacher,
        "letter 1 is wrong, and from there on it reads its own mistake": lambda params: params,
        "it must return the trained parameters, a dict as it came in, got list": lambda params: list(params.values()),
        '"rnn" must be a dict with W_xh, W_hh, b_h': lambda params: {"readout": params["readout"]},
        '"W" of "readout" must have shape (3, 4), got (4, 3)': lambda params: (
            params | {"readout": {name: W.T for name, W in params["readout"].items()}}
        ),
        "the steps are too large": lambda params: params | {"rnn": {k: W * np.inf for k, W in params["rnn"].items()}},
        "it gives the same parameters wherever it starts": lambda params: hello(first_parameters(rng(1))),
        "letter 4 is wrong, and all four count": lambda params: (
            (trained := hello(params)) | {"readout": trained["readout"] | {"b": np.array([0, 0, 0, -100.0])}}
        ),
    },
    "backward": mutants(
        backward,
        ("its last gradient has replaced the first: they must be added", "v.grad = v.grad + d", "v.grad = d"),
        ("walk in reverse, the last first", "history(y)[::-1]", "history(y)"),
        (
            "in L = a * b + c only the record of y is visited, one of 2: does return stand inside the loop?",
            "            v.grad = v.grad + d",
            "            v.grad = v.grad + d\n        return records",
        ),
        (
            "no pullback is called: the walk must visit all 2 records",
            "    for record in records:\n        gradients",
            "    for record in []:\n        gradients",
        ),
        ("called with the gradient of y: it takes that of its own record", "record.outputs[0].grad", "y.grad"),
        ("called with a value: it takes a gradient", "record.outputs[0].grad", "record.outputs[0].value"),
        ("subtracted: it must be added", "v.grad + d", "v.grad - d"),
        ("multiplied: they must be added", "v.grad + d", "v.grad * d"),
        ("each gets its own", "zip(record.inputs, gradients)", "[(v, gradients[0]) for v in record.inputs]"),
        (
            "the walk has changed the value of c: gradients are added to v.grad",
            "v.grad = v.grad + d",
            "v.value = v.value + d",
        ),
        ("starts with dL/dL = 1, and the gradient of y is 0", "    y.grad = np.ones_like(y.value)\n", ""),
        ("y has the shape (1, 1), and its gradient must have it", "np.ones_like(y.value)", "1.0"),
        ("a second walk over L = a * b + c must start afresh", "            v.grad = 0", "            pass"),
        ("in L = a * b + c the gradient of a is 8.0, and right is 2.0", "v.grad + d", "v.grad + 2 * d"),
        ("in L = a * b + c the gradient of a is 14.0, and right is 2.0", "ones_like(y.value)", "full_like(y.value, 7)"),
        (
            "the gradient of a must be a number or an array, got str",
            "v.grad = v.grad + d",
            'v.grad = d if v.record else "d"',
        ),
    )
    | {"do two Vars share one array that += changes?": add_in_place},
    "gets_wrong": {
        "the walk that overwrites gets it right, (2.0, 3.0)": lambda a, b: a * b,
        "the walk that overwrites gets it right, (1.0, 1.0)": lambda a, b: a + b,
        "L must depend on a and on b, and b is not in it": lambda a, b: a * a,
        "L must depend on a and on b, and a is not in it": lambda a, b: b * b,
        "L must be a Var, made of a and b by + and *, got float": lambda a, b: float(a.value * a.value + b.value),
    },
    "gets_right": {
        "the walk that overwrites says (3.0, 1.0), right is (6.0, 1.0): a is used more than once": gets_wrong,
        "right is (1.0, 4.0): b is used more than once": lambda a, b: a + b * b,
        "a and b is used more than once": lambda a, b: a * b + a * b,
        "and b is not in it": lambda a, b: a + a,
        "got int": lambda a, b: 7,
    },
    "one_to_many": mutants(
        one_to_many,
        (
            "x_1 must be one Var for all steps, made by a single call of make_var, got 3",
            "rnn_step(x, h",
            'rnn_step(make_var("x_1"), h',
        ),
        ("W_xh must be one Var for all steps", "h, W_xh, W_hh, no_bias", 'h, make_var("W_xh"), W_hh, no_bias'),
        ("W_hh must be one Var for all steps", "h, W_xh, W_hh, no_bias", 'h, W_xh, make_var("W_hh"), no_bias'),
        (
            "x_1 itself must enter every step, and here a computed value does: is an output fed back?",
            "losses.append(squared_error(h @ W_hy, targets[t]))",
            "x = h @ W_hy; losses.append(squared_error(x, targets[t]))",
        ),
        ("each state must go into the next step", "rnn_step(x, h", 'rnn_step(x, make_var("h_0")'),
        ("3 steps are 3 calls of rnn_step that lead to L, got 2", "range(T)", "range(T - 1)"),
        ("it must return L, a Var, got list", "total(*losses)", "losses"),
        ("3 steps are 3 calls of rnn_step that lead to L, got 1", "total(*losses)", "losses[0]"),
        ("an output at each step has a loss at each step: 3 of squared_error, got 1", "total(*losses)", "losses[-1]"),
        ("it must return L, a Var, got NoneType", "return total", "total"),
        ("x_1 must enter every step as a Var", "rnn_step(x, h", "rnn_step(x.value, h"),
        ("x_1 is [[0.8]] in this lesson, and in its place stands x_2", 'make_var("x_1")', 'make_var("x_2")'),
        ("2 steps are 2 calls of rnn_step that lead to L, got 3", "range(T)", "range(3)"),
        ("h_1 is [[", 'make_var("h_0")', "np.zeros((1, 2))"),
        ("h_t @ W_hy, and got [[", "squared_error(h @ W_hy,", "squared_error(h, np.ones((1, 2)) *"),
        ("a loss is taken of h_0 @ W_hy: the step comes first", "h = rnn", "before, h = h, rnn", "(h @", "(before @"),
        ("that of step 1 stands there twice", "h = rnn", "before, h = h, rnn", "(h @", "((before if t == 1 else h) @"),
        (
            "W_hy must be one Var for all steps, made by a single call of make_var, got 3",
            "h @ W_hy",
            'h @ make_var("W_hy")',
        ),
        ("W_hy must read out every state as a Var", "h @ W_hy", "h @ W_hy.value"),
        ("the target of step 2 is targets[1], and it is compared with targets[0]", "targets[t]", "targets[0]"),
        ("the target of step 1 is targets[0], and it is compared with targets[2]", "targets[t]", "targets[t - 1]"),
        ("the target of step 1 is targets[0], and its loss is ", "targets[t]", "2 * targets[t]"),
        ("L must be the total of the losses, 2.81299, got 4.09441", "total(*losses)", "total(*losses, losses[0])"),
        (", their mean", "total(*losses)", "total(*losses) / T"),
        ("a part of the gradient of x_1 is lost", "squared_error(h @", "squared_error((h if t else h.value) @"),
    ),
    "cell": {
        "it must return a Var, got ndarray": lambda x, h_prev, W_xh, W_hh, b_h: cell(x, h_prev, W_xh, W_hh, b_h).value,
        "h must have the shape of h_prev, (2, 4), got (2, 8)": lambda x, h_prev, W_xh, W_hh, b_h: ops.tanh(
            x @ W_xh + h_prev @ W_hh + b_h
        ),
        "no gradient comes back to h_prev": lambda x, h_prev, W_xh, W_hh, b_h: ops.split(
            ops.tanh(x @ W_xh + h_prev.value @ W_hh + b_h), parts=2
        )[0],
        "no gradient comes back to x:": lambda x, h_prev, W_xh, W_hh, b_h: ops.split(
            ops.tanh(h_prev @ W_hh + b_h), parts=2
        )[0],
        "it leaves the tape somewhere": lambda x, h_prev, W_xh, W_hh, b_h: (
            cell(x, h_prev, W_xh, W_hh, b_h) + 0.1 * h_prev.value
        ),
        "the state grows without end": lambda x, h_prev, W_xh, W_hh, b_h: 2 * h_prev + cell(x, h_prev, W_xh, W_hh, b_h),
        "it forgets": lambda x, h_prev, W_xh, W_hh, b_h: cell(x, 0.01 * h_prev, W_xh, W_hh, b_h),
    },
    "variant": {
        "it must return a Var, got ndarray": lambda x, h_prev, W_xh, W_hh, b_h: cell(x, h_prev, W_xh, W_hh, b_h).value,
        "h must have the shape of h_prev, (2, 4), got (2, 8)": lambda x, h_prev, W_xh, W_hh, b_h: x @ W_xh + b_h,
        "no gradient comes back to h_prev": lambda x, h_prev, W_xh, W_hh, b_h: ops.split(x @ W_xh + b_h, parts=2)[0],
        "it leaves the tape somewhere": lambda x, h_prev, W_xh, W_hh, b_h: (
            cell(x, h_prev, W_xh, W_hh, b_h) + 0.1 * h_prev.value
        ),
        "it loses count": lambda x, h_prev, W_xh, W_hh, b_h: min_gru_step(x, h_prev, W_xh, b_h)[0],
    },
    "operation": {
        "the sign of dx is turned": lambda x: (np.cos(x), lambda d: (d * np.sin(x),)),
        "this dx is the slope alone: it is d times the slope": lambda x: (np.sin(x), lambda d: (np.cos(x),)),
        "this dx is d itself: it is d times the slope": lambda x: (np.sin(x), lambda d: (d,)),
        "dx[2, 1] is 1.20688, and finite differences say -0.38045": lambda x: (np.sin(x), lambda d: (d * np.sin(x),)),
        "the pullback must return a tuple of 1 (dx,), got an array of shape (3, 4)": lambda x: (
            np.sin(x),
            lambda d: d * np.cos(x),
        ),
        "it must return two things, the value and the pullback": lambda x: (np.sin(x), np.cos(x)),
        "the value must be a number or an array of numbers, got NoneType": lambda x: None,
        "dx must have the shape of x, (3, 4), got (4,)": lambda x: (np.sin(x), lambda d: ((d * np.cos(x)).sum(0),)),
        "it writes into its argument x": lambda x: (np.sin(x, out=x), lambda d: (d * np.cos(x),)),
        "the pullback writes into x or d": lambda x: (np.sin(x), lambda d: (np.multiply(d, np.cos(x), out=d),)),
        "a second call with the same x gives another value": lambda x: (
            (keep := noise.random(x.shape) < 0.5) * x,
            lambda d: (d * keep,),
        ),
        "where x is -3.796": lambda x: (np.abs(x), lambda d: (d * np.where(x < -2, 1, np.sign(x)),)),
        "this is tanh, which the library has": lambda x: (np.tanh(x), lambda d: (d * (1 - np.tanh(x) ** 2),)),
        "the value does not move with x at all": lambda x: (np.sign(x), lambda d: (d,)),
        "also for negative ones": lambda x: (np.log(x), lambda d: (d / x,)),
    },
    "is_sound": {
        "it lets case 1 of the clinic pass": lambda layer, arguments: True,
        "it lets a layer whose gradient of xs alone is wrong pass": lambda layer, arguments: (
            looks_at_one(layer, arguments, 3) and looks_at_one(layer, arguments, 4)
        ),
        "it leaves the arguments of the layer changed": lambda layer, arguments: arguments[0].fill(1),
        "it calls a sound layer wrong": lambda layer, arguments: False,
        "it must return True or False, got Report": lambda layer, arguments: gradcheck(layer, *arguments, tolerance=9),
        "it must return True or False, got NoneType": lambda layer, arguments: None,
        "it raised GradientError": lambda layer, arguments: gradcheck(layer, *arguments).worst < 1e-6,
    },
    "window": {
        "k = 6 is not above the delay of 6": lambda: 6,
        "k = 5 is not above the delay of 6": lambda: 5,
        "k = 100 is more than twice the delay of 6": lambda: 100,
        "it must return a whole number, got 7.5": lambda: 7.5,
        "it must return a whole number, got str": lambda: "8",
        "a chunk has at least one step, got 0": lambda: 0,
    },
    "W_hh": {
        "(64, 64), got float64 of shape (64,)": lambda rng, H: rng.standard_normal(H),
        "got list": lambda rng, H: [[0.0] * H] * H,
        "of shape (64, 64), got int64": lambda rng, H: 2 * np.eye(H).astype(np.int64),
        "some are not finite": lambda rng, H: np.full((H, H), np.nan),
        "the gradient vanishes altogether": lambda rng, H: np.zeros((H, H)),
        "the gradient shrinks by": lambda rng, H: orthogonal(rng, (H, H), gain=1.0),
        "the gradient grows by": lambda rng, H: orthogonal(rng, (H, H), gain=6.0),
    },
    "forecast": {
        "it says that each year is like the last": lambda past: past[-1],
        "it repeats the value of 11 years before": lambda past: past[-11],
        "it says nearly the same each year": lambda past: past.mean(),
        "it must return one number for the next year": lambda past: past[-2:],
        "it writes into past": lambda past: np.multiply(past, 2, out=past)[-1],
        "each forecast must be a number, got nan": lambda past: past[-1] * np.nan,
        "its error is": lambda past: 2 * past[-1] + 300,
    },
}
