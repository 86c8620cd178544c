"""A one-to-many and its records."""

import numpy as np

from unrolled.autodiff import tape
from unrolled.autodiff.tape import Var, differentiable, history
from unrolled.cells.rnn import rnn_step
from unrolled.exercises.exercise import Exercise, Wrong
from unrolled.exercises.mistakes import mutants
from unrolled.layers.losses import squared_error


@differentiable
def total(*losses):
    """The sum of the losses, one record."""
    return np.sum(losses), lambda d: (d,) * len(losses)


NUMBERS = {"W_xh": [[1.0, -0.5]], "W_hh": [[0.5, 0.8], [-0.8, 0.5]], "W_hy": [[1.0], [0.5]], "h_0": [[0.4, -0.2]]}
NUMBERS |= {"x_1": [[0.8]], "x_2": [[-0.4]], "x_3": [[0.6]]}
NUMBERS |= {"W_yh": [[0.5, -1.0]], "W_dec": [[0.6, -0.4], [0.4, 0.6]], "y_0": [[0.0]]}
READ_OUT_OF_H_0 = np.array(NUMBERS["h_0"]) @ np.array(NUMBERS["W_hy"])
targets, no_bias = np.array([[[-0.4]], [[0.6]], [[-0.2]]]), np.zeros(2)


def make_var(name):
    """A Var with the lesson's numbers."""
    return Var(np.array(NUMBERS[name]), name)


def one_to_many(T):
    """x_1 enters at every step through W_xh, and no output is fed back"""
    W_xh, W_hh, W_hy = make_var("W_xh"), make_var("W_hh"), make_var("W_hy")
    x, h, losses = make_var("x_1"), make_var("h_0"), []
    for t in range(T):
        h = rnn_step(x, h, W_xh, W_hh, no_bias)
        losses.append(squared_error(h @ W_hy, targets[t]))
    return total(*losses)


def _use_one_to_many(function, T):
    for steps in (T, max(T - 1, 1)):  # a number of steps that is written into the answer fits one of the two alone
        _check_one_to_many(function(steps), steps)
    return ()


def _check_one_to_many(L, T):
    if not isinstance(L, Var):
        raise Wrong(f"it must return L, a Var, got {type(L).__name__}")
    records = history(L)
    steps = [record for record in records if record.name == "rnn_step"]
    losses = [record for record in records if record.name == "squared_error"]
    if any(np.array_equal(v.value, READ_OUT_OF_H_0) for record in losses for v in record.inputs):
        raise Wrong("a loss is taken of h_0 @ W_hy: the step comes first, its output is read from the new state")
    if len(steps) != T:
        raise Wrong(f"{T} steps are {T} calls of rnn_step that lead to L, got {len(steps)}")
    for slot, what in ((0, "x_1"), (2, "W_xh"), (3, "W_hh")):
        found = {step.inputs[step.slots.index(slot)] for step in steps if slot in step.slots}
        if any(v.record for v in found):
            raise Wrong(f"{what} itself must enter every step, and here a computed value does: is an output fed back?")
        _check_make_var(what, found, "must enter every step as a Var that make_var(…) made")
    for now, then in zip(steps, steps[1:]):
        if now.outputs[0] not in then.inputs:
            raise Wrong("each state must go into the next step")
    if len(losses) != T:
        raise Wrong(f"an output at each step has a loss at each step: {T} of squared_error, got {len(losses)}")
    if np.shape(L.value) != ():
        raise Wrong(f"L must be one number, the total of the losses, got shape {np.shape(L.value)}")
    _check_numbers(L, records, steps, losses)


def _check_make_var(what, found, asked):
    """what: its name; found: the Vars that stand in its place."""
    if len(found) > 1:
        raise Wrong(f"{what} must be one Var for all steps, made by a single call of make_var, got {len(found)}")
    if not found:
        raise Wrong(f"{what} {asked}")
    (v,) = found
    if not np.array_equal(v.value, NUMBERS[what]):
        raise Wrong(f"{what} is {NUMBERS[what]} in this lesson, and in its place stands {v.name or v.value.tolist()}")


def _check_numbers(L, records, steps, losses):
    """Whether each number of the graph is what the law gives: states, outputs, losses, their total, the gradients."""
    ours = one_to_many(len(steps))
    states = [record.outputs[0].value for record in history(ours) if record.name == "rnn_step"]
    for t, (step, h) in enumerate(zip(steps, states), start=1):
        if not np.allclose(mine := step.outputs[0].value, h):
            law = f"rnn_step of x_1, h_{t - 1}, the weights and no_bias gives {h.round(4).tolist()}"
            raise Wrong(f"h_{t} is {mine.round(4).tolist()}, and {law}")
    outputs, compared = [h @ np.array(NUMBERS["W_hy"]) for h in states], []
    for record in losses:
        y = record.inputs[0].value
        t = next((t for t, output in enumerate(outputs) if y.shape == output.shape and np.allclose(y, output)), None)
        if t is None or t in compared:
            got = f"got {y.round(4).tolist()}" if t is None else f"that of step {t + 1} stands there twice"
            raise Wrong(f"each loss must compare the output of its step, h_t @ W_hy, and {got}")
        compared.append(t)
    leaves = {v for record in records for v in record.inputs if not v.record}
    found = {v for v in leaves if v.shape == (2, 1)}
    _check_make_var("W_hy", found, "must read out every state as a Var that make_var(…) made")
    for t, record in zip(compared, losses):
        each = [float(squared_error(outputs[t], target)) for target in targets]
        if not np.isclose(mine := float(record.outputs[0].value), each[t]):
            other = [k for k, value in enumerate(each) if np.isclose(mine, value)]
            got = f"it is compared with targets[{other[0]}]" if other else f"its loss is {mine:.6g}, not {each[t]:.6g}"
            raise Wrong(f"the target of step {t + 1} is targets[{t}], and {got}")
    if not np.isclose(L.value, ours.value):
        kind = ", their mean" if np.isclose(L.value * len(steps), ours.value) else ""
        raise Wrong(f"L must be the total of the losses, {ours.value:.6g}, got {L.value:.6g}{kind}")
    for each in (L, ours):
        tape.backward(each)
    right = {v.name: v.grad for record in history(ours) for v in record.inputs if not v.record}
    for name in ("x_1", "W_xh", "W_hh", "W_hy"):
        grad = next(v.grad for v in leaves if np.array_equal(v.value, NUMBERS[name]))
        if not np.allclose(grad, right[name]):
            raise Wrong(f"a part of the gradient of {name} is lost: somewhere on its way .value leaves the tape")


ONE_TO_MANY = Exercise(
    name="one_to_many",
    statement="Write the loss of a one-to-many in which one Var x_1 enters at every step, and no output is fed back.",
    reference=one_to_many,
    case=lambda rng: {"T": 3},
    results=(),
    use=_use_one_to_many,
    hints=(
        "Call make_var once for each name, before the loop: a second call makes a second Var, with its own gradient.",
        "In the loop: a step from x and h, a read-out h @ W_hy, a squared error against targets[t].",
        "h = rnn_step(x, h, W_xh, W_hh, no_bias); losses.append(squared_error(h @ W_hy, targets[t])); then total.",
    ),
)  # fmt: skip


def note_count(T):
    """A step, its read-out and its loss are three records; the total is one"""
    return 3 * T + 1


NOTE_COUNT = Exercise(
    name="note_count",
    statement="How many records has your one-to-many of T steps? A formula in T.",
    reference=note_count,
    case=lambda rng, T: {"T": T},
    results=("the count",),
    hints=(
        "A record for each call. Which calls happen T times, which once?",
        "In the loop: rnn_step, the product with W_hy, squared_error. After it: total. Leaves have no record.",
        "Three records a step, T times; and one more.",
    ),
    wrong=mutants(
        note_count,
        ("the record of the total is missing: one more, at the end", "3 * T + 1", "3 * T"),
        ("the steps alone are counted, with the total: the read-out and the loss leave records, too", "3 * T", "T"),
        ("the steps alone are counted: read-outs, losses and the total leave records, too", "3 * T + 1", "T"),
        ("one record a step is missing: a step, the product with W_hy, a loss", "3 * T", "2 * T"),
        ("one record a step and that of the total are missing", "3 * T + 1", "2 * T"),
        ("the total is counted at every step: it is one record, at the end", "3 * T + 1", "4 * T"),
        ("a step has three records: x_1 and the weights are leaves, and leave none", "3 * T", "4 * T"),
        ("the five leaves are counted: a leaf has no record", "3 * T + 1", "3 * T + 6"),
        ("the loop is counted once: its three records stand there T times", "3 * T + 1", "4 + 0 * T"),
        ("that is section 3's tape, where a step has six records: here rnn_step is a single one",
         "3 * T + 1", "7 * T - 1"),
        ("the losses are added pair by pair, T - 1 records: total is a single one", "3 * T + 1", "4 * T - 1"),
    ),
)  # fmt: skip


EXERCISES = ONE_TO_MANY, NOTE_COUNT
