"""Training as a generator: the loop is here, and what is done between two steps is the caller's."""

from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
from threadpoolctl import ThreadpoolController
from tqdm.auto import tqdm

from unrolled.autodiff.tape import value_and_grad
from unrolled.autodiff.trees import tree_map
from unrolled.learning.checkpoints import load_checkpoint, save_checkpoint
from unrolled.learning.optimizers import global_norm


class Step(NamedTuple):
    """What `fit` yields after each update. params is the live nested dict: copy what you want to keep."""

    step: int
    loss: float
    grad_norm: float
    params: dict
    carry: object = None


def fit(
    loss,
    params,
    batches,
    optimizer,
    *,
    steps=None,
    carry=None,
    clip=None,
    checkpoint=None,
    about=None,
    save_every=100,
    threads=None,
    progress=True,
):
    """Yield a Step after each update: for step, loss, grad_norm, params, carry in fit(…): plot, stop, or go on.

    loss        loss(params, *batch) -> a scalar; with carry, loss(params, *batch, carry) -> (scalar, next carry)
    params      nested dict of arrays: the start, which is copied and stays as it is
    batches     an iterable of tuples; steps: how many of them (all by default)
    carry       the first carried state (array, or a nest of them). It leaves each step as plain arrays, so no gradient
                flows into the step before: that is truncated backpropagation through time
    clip        a function grads -> grads, called before the update; grad_norm is the norm before it
    checkpoint  a path: the run is saved there every save_every steps, and however it ends: its last step, an error, a
                caller who stops. Where the file exists, the run goes on from it, past the batches that it has seen
    about       a nest of texts and arrays, kept with the run as it is at each save: with other texts, no run goes on
    threads     on how many threads BLAS multiplies in a step (by default as many as it likes). On an idle machine more
                were never slower; where others compute, too, threads that wait for each other cost much: take 1
    FloatingPointError: a loss or a gradient that is not finite; it names the step, and that step changes nothing.
    ValueError: a checkpoint of another run or in no folder, save_every or threads < 1, steps < 0, batches that end
    before `steps`. TypeError: steps is no whole number, a batch is no tuple.
    """
    _check_run(checkpoint, steps, save_every, threads)
    params, opt_state, step = tree_map(np.array, params), optimizer.init(params), 0
    if checkpoint and Path(checkpoint).exists():
        saved = load_checkpoint(checkpoint, like=_run(optimizer, params, opt_state, carry, step, about))
        params, opt_state, carry, step = saved["params"], saved["memory"], saved.get("carry"), int(saved["step"])
    on_threads = ThreadpoolController().select(user_api="blas").wrap(limits=threads)  # between steps: as it was
    differentiate, norm_of = on_threads(value_and_grad(loss, has_aux=carry is not None)), on_threads(global_norm)
    clip = on_threads(clip) if clip else None
    saved_at, whole = step, True

    def save():
        nonlocal saved_at
        if checkpoint and saved_at != step:
            save_checkpoint(checkpoint, _run(optimizer, params, opt_state, carry, step, about))
            saved_at = step

    with tqdm(total=steps, initial=step, disable=not progress, leave=False) as bar:
        try:
            for batch in islice(batches, step, steps):
                if not isinstance(batch, tuple | list):
                    raise TypeError(f"a batch must be a tuple: loss(params, *batch), got {type(batch).__name__}")
                result, grads = differentiate(params, *batch, *(() if carry is None else (carry,)))
                value, following = (result, None) if carry is None else result
                norm = norm_of(grads)
                _check_finite(step + 1, loss=float(value), **{"gradient norm": norm})
                clipped = clip(grads) if clip else grads
                whole = False
                optimizer.update(params, clipped, opt_state)
                carry, step, whole = following, step + 1, True
                if step % save_every == 0:
                    save()
                bar.update()
                yield Step(step, float(value), norm, params, carry)
        finally:  # the last step, an error, an interrupt, or a caller who stops: what was learnt is kept
            if whole:
                save()
    if steps is not None and step < steps:
        raise ValueError(f"there must be a batch for each of the {steps} steps, got {step}")


def _check_run(checkpoint, steps, save_every, threads):
    """What `fit` asks of its numbers and of the path."""
    if checkpoint and not Path(checkpoint).parent.is_dir():
        raise ValueError(f"checkpoint must lie in a folder that exists, got {checkpoint}")
    if steps is not None and (not isinstance(steps, int | np.integer) or steps < 0):
        kind = ValueError if isinstance(steps, int | np.integer) else TypeError
        raise kind(f"steps must be a whole number, at least 0, got {steps}")
    if save_every < 1:
        raise ValueError(f"save_every must be at least 1, got {save_every}")
    if threads is not None and threads < 1:
        raise ValueError(f"threads must be at least 1, got {threads}")


def _run(optimizer, params, opt_state, carry, step, about):
    """All that a run is, as one nest. Files of earlier runs call the optimizer's state "memory"."""
    run = {"optimizer": repr(optimizer), "params": params, "memory": opt_state, "step": np.int64(step)}
    run |= {} if carry is None else {"carry": carry}
    return run | ({} if about is None else {"about": about})


def _check_finite(step, **values):
    for name, value in values.items():
        if not np.isfinite(value):
            raise FloatingPointError(
                f"step {step}: the {name} must be finite, got {value}; the step was not taken. "
                "Clip the gradient by its norm, or lower the learning rate: lesson 07"
            )
