"""fit: what it yields, what it carries, and how it stops."""

from itertools import count, islice

import numpy as np
import pytest

from unrolled.autodiff import ops
from unrolled.autodiff.tape import differentiable, value_and_grad
from unrolled.autodiff.trees import leaves, tree_map
from unrolled.cells.rnn import rnn
from unrolled.layers.losses import squared_error
from unrolled.learning.checkpoints import load_checkpoint
from unrolled.learning.fit import Step, fit
from unrolled.learning.optimizers import SGD, Adam, clip_by_norm, global_norm

N, D, H = 2, 1, 3


def start():
    rng = np.random.default_rng(0)
    shapes = {"W_xh": (D, H), "W_hh": (H, H), "b_h": (H,)}
    return {key: 0.5 * rng.standard_normal(shape) for key, shape in shapes.items()}


def chunks(seed=1, T=4):
    """A stream of sequences and targets, without end."""
    rng = np.random.default_rng(seed)
    while True:
        yield rng.standard_normal((T, N, D)), rng.standard_normal((T, N, H))


def plain_loss(params, xs, targets):
    return squared_error(rnn(xs, np.zeros((N, H)), **params), targets)


def carried_loss(params, xs, targets, h):
    hs = rnn(xs, h, **params)
    return squared_error(hs, targets), hs[-1]


def run(loss=plain_loss, batches=None, optimizer=None, **config):
    return fit(loss, start(), batches or chunks(), optimizer or SGD(0.1), progress=False, **config)


def assert_equal(tree, other):
    for (path, a), (other_path, b) in zip(leaves(tree), leaves(other), strict=True):
        assert path == other_path
        np.testing.assert_array_equal(a, b, strict=True)


# What it yields


def test_each_step_is_the_loss_before_the_update_and_the_parameters_after():
    params, optimizer = start(), SGD(0.1, momentum=0.5)
    opt_state = optimizer.init(params)
    differentiate = value_and_grad(plain_loss)
    steps = run(optimizer=optimizer, steps=4)
    for number, (step, batch) in enumerate(zip(steps, chunks()), start=1):
        value, grads = differentiate(params, *batch)
        optimizer.update(params, grads, opt_state)
        assert isinstance(step, Step)
        assert step == (number, float(value), global_norm(grads), step.params, None)
        assert_equal(step.params, params)
    assert number == 4


def test_training_trains():
    losses = [step.loss for step in run(batches=list(islice(chunks(), 1)) * 200, optimizer=Adam(0.02))]
    assert len(losses) == 200
    assert losses[-1] < 0.5 * losses[0]


def test_the_callers_parameters_stay_and_those_yielded_are_live():
    params = start()
    first, second = islice(fit(plain_loss, params, chunks(), SGD(0.1), progress=False), 2)
    assert_equal(params, start())
    assert first.params is second.params
    assert not np.array_equal(first.params["W_hh"], params["W_hh"])


def test_all_batches_are_taken_where_no_number_is_said():
    assert [s.step for s in run(batches=list(islice(chunks(), 3)))] == [1, 2, 3]
    assert list(run(batches=iter(()), steps=0)) == []


def test_no_batch_is_drawn_beyond_the_last_step():
    drawn = count()
    assert len(list(run(batches=((next(drawn), batch)[1] for batch in chunks()), steps=3))) == 3
    assert next(drawn) == 3


def test_a_caller_may_pause_and_go_on():
    steps = run(steps=5)
    assert [s.step for s in islice(steps, 2)] == [1, 2]
    assert [s.step for s in steps] == [3, 4, 5]


def test_progress_is_shown_where_it_is_wanted(capfd):
    list(fit(plain_loss, start(), chunks(), SGD(), steps=3))
    assert "0/3 [" in capfd.readouterr().err
    list(run(steps=3))
    assert capfd.readouterr().err == ""


# What it carries


def test_no_gradient_flows_into_the_chunk_before():
    """Each update takes its chunk's own gradient, with the carried state as a number; the loss hears all that was."""
    params, h, optimizer = start(), np.zeros((N, H)), SGD(0.1)
    opt_state = optimizer.init(params)
    for step, (xs, targets) in zip(run(carried_loss, carry=h, steps=5), chunks()):
        value, grads = value_and_grad(lambda p, xs, targets, h: carried_loss(p, xs, targets, h)[0])(
            params, xs, targets, h
        )
        h = rnn(xs, h, **params)[-1]
        optimizer.update(params, grads, opt_state)
        assert (step.loss, step.grad_norm) == (float(value), global_norm(grads))
        assert type(step.carry) is np.ndarray
        np.testing.assert_array_equal(step.carry, h)
        assert_equal(step.params, params)


def test_the_carried_state_matters():
    zero, one = (next(run(carried_loss, carry=np.full((N, H), h), steps=1)) for h in (0.0, 1.0))
    assert zero.loss != one.loss


def test_a_carry_may_be_a_nest():
    def loss(params, xs, targets, carry):
        h, seen = carry["h"], carry["seen"]
        value, h = carried_loss(params, xs, targets, h[0])
        return value, {"h": (h, 2.0 * h), "seen": seen + len(xs)}

    first = {"h": (np.zeros((N, H)), np.zeros((N, H))), "seen": np.int64(0)}
    *_, last = run(loss, carry=first, steps=3)
    *_, same = run(carried_loss, carry=np.zeros((N, H)), steps=3)
    assert last.carry["seen"] == 12
    np.testing.assert_array_equal(last.carry["h"][0], same.carry)
    np.testing.assert_array_equal(last.carry["h"][1], 2 * same.carry)


# Clipping


def test_clipping_comes_before_the_update_and_the_norm_is_that_before_it():
    params = start()
    value, grads = value_and_grad(plain_loss)(params, *next(chunks()))
    step = next(run(clip=lambda g: clip_by_norm(g, 1e-3), steps=1))
    assert step.grad_norm == global_norm(grads) > 1e-3
    moved = tree_map(lambda a, b: a - b, params, step.params)
    np.testing.assert_allclose(global_norm(moved), 0.1 * 1e-3)
    np.testing.assert_allclose(moved["W_hh"], 0.1 * 1e-3 * grads["W_hh"] / step.grad_norm, atol=1e-16)


# How it stops


@differentiable
def cliff(b, *, slope):
    """0, with a gradient that is not finite."""
    return 0.0, lambda d: (np.full_like(b, slope),)


SPOILT = {
    "loss": lambda value, params, bad: value + bad,
    "gradient norm": lambda value, params, bad: value + cliff(params["b_h"], slope=bad),
}


@pytest.mark.parametrize("what", SPOILT)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_stops_the_run_and_changes_nothing(what, bad, tmp_path):
    steps = iter(range(1, 9))

    def loss(params, xs, targets, h):
        value, h = carried_loss(params, xs, targets, h)
        return (SPOILT[what](value, params, bad) if next(steps) == 3 else value), h

    path = tmp_path / "run.npz"
    optimizer, carry = Adam(), np.zeros((N, H))
    training = run(loss, carry=carry, optimizer=optimizer, checkpoint=path)
    next(training)
    second = next(training)
    before = tree_map(np.copy, second.params)
    with pytest.raises(FloatingPointError) as error:
        next(training)
    shown = "nan" if np.isnan(bad) else "-inf" if what == "loss" and bad < 0 else "inf"
    said, _, advice = str(error.value).partition(". ")
    assert said == f"step 3: the {what} must be finite, got {shown}; the step was not taken"
    assert advice == "Clip the gradient by its norm, or lower the learning rate: lesson 07"
    assert_equal(second.params, before)
    like = {"params": before, "memory": optimizer.init(before), "step": np.int64(0), "carry": carry}
    saved = load_checkpoint(path, like=like | {"optimizer": repr(optimizer)})
    assert (saved["step"], saved["memory"]["t"]) == (2, 2)
    assert_equal(saved["params"], before)
    np.testing.assert_array_equal(saved["carry"], second.carry)


def test_batches_that_end_early_are_named():
    training = run(batches=list(islice(chunks(), 3)), steps=5)
    assert [next(training).step for _ in range(3)] == [1, 2, 3]
    with pytest.raises(ValueError, match="^there must be a batch for each of the 5 steps, got 3$"):
        next(training)


@pytest.mark.parametrize(
    "config, error, said",
    [
        ({"batches": [np.zeros((2, 3))]}, TypeError, "a batch must be a tuple: loss(params, *batch), got ndarray"),
        ({"save_every": 0}, ValueError, "save_every must be at least 1, got 0"),
        ({"checkpoint": "no folder/run.npz"}, ValueError, "checkpoint must lie in a folder that exists, got no folder"),
        ({"carry": np.zeros((N, H)), "loss": lambda p, *b: plain_loss(p, *b[:2])}, ValueError, "return (loss, aux)"),
        ({"loss": carried_loss}, TypeError, "'h'"),
        ({"loss": lambda p, *b: ops.mean(p["W_hh"], axis=0)}, ValueError, "backward needs a scalar"),
        ({"loss": lambda p, *b: 1.0}, ValueError, "the loss must be a Var made from the parameters, got float"),
        ({"clip": lambda grads: {}}, ValueError, "trees must have the same keys"),
    ],
)
def test_a_mistake_is_named_at_the_first_step(config, error, said):
    with pytest.raises(error) as raised:
        next(run(**config))
    assert said in str(raised.value)


# What a run knows of itself


def test_a_run_keeps_what_it_is_about_and_goes_on_with_nothing_else(tmp_path):
    path, used = tmp_path / "run.npz", np.zeros(())
    for step in run(checkpoint=path, about={"text": "a", "used": used}, steps=2):
        used[...] = step.step
    assert str(load_checkpoint(path)["about"]["text"]) == "a"
    assert float(load_checkpoint(path)["about"]["used"]) == 2
    for about in ({"text": "b", "used": used}, None, {"text": "a"}):
        with pytest.raises(ValueError, match=r"about/text in .* must be b, got a|must hold \["):
            next(run(checkpoint=path, about=about, steps=3))
    assert [step.step for step in run(checkpoint=path, about={"text": "a", "used": np.ones(())}, steps=3)] == [3]
