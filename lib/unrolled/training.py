"""Training as a generator: the loop is here, and what is done between two steps is the caller's."""

import os
import tempfile
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tqdm.auto import tqdm

from unrolled.optimizers import global_norm
from unrolled.tape import value_and_grad
from unrolled.trees import leaves, tree_map


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
    save_every=100,
    progress=True,
):
    """Yield a Step after each update: for step, loss, grad_norm, params, carry in fit(…): plot, stop, or go on.

    loss        loss(params, *batch) -> a scalar; with carry, loss(params, *batch, carry) -> (scalar, next carry)
    params      nested dict of arrays: the start, which is copied and stays as it is
    batches     an iterable of tuples; steps: how many of them (all by default)
    carry       the first carried state (array, or a nest of them). It leaves each step as plain arrays, so no gradient
                flows into the step before: that is truncated backpropagation through time
    clip        a function grads -> grads, called before the update; grad_norm is the norm before it
    checkpoint  a path: the run is saved there every save_every steps, at its end, and where the caller stops; where
                the file exists, the run goes on from it (batches that were seen are passed over)
    FloatingPointError: a loss or a gradient that is not finite; it names the step, and that step changes nothing.
    ValueError: a checkpoint of another model, or batches that end before `steps`.
    """
    params = tree_map(np.array, params)
    memory, step = optimizer.init(params), 0
    if checkpoint and Path(checkpoint).exists():
        saved = load_checkpoint(checkpoint, like=_run(params, memory, carry, step))
        params, memory, carry, step = saved["params"], saved["memory"], saved.get("carry"), int(saved["step"])
    differentiate = value_and_grad(loss, has_aux=carry is not None)
    saved_at = step

    def save():
        nonlocal saved_at
        if checkpoint and saved_at != step:
            save_checkpoint(checkpoint, _run(params, memory, carry, step))
            saved_at = step

    with tqdm(total=steps, initial=step, disable=not progress, leave=False) as bar:
        for batch in islice(batches, step, steps):
            if carry is None:
                value, grads = differentiate(params, *batch)
                following = None
            else:
                (value, following), grads = differentiate(params, *batch, carry)
            norm = global_norm(grads)
            _check_finite(step + 1, loss=float(value), **{"gradient norm": norm})
            optimizer.update(params, clip(grads) if clip else grads, memory)
            carry, step = following, step + 1
            if step % save_every == 0:
                save()
            bar.update()
            try:
                yield Step(step, float(value), norm, params, carry)
            except GeneratorExit:  # the caller stops here: what was learnt is kept
                save()
                raise
    save()
    if steps is not None and step < steps:
        raise ValueError(f"there must be a batch for each of the {steps} steps, got {step}")


def save_checkpoint(path, tree):
    """Write a nest of arrays to an .npz file, whole or not at all: a new file takes the old one's place at once."""
    path = Path(path)
    arrays = {"/".join(keys): np.asarray(leaf) for keys, leaf in leaves(tree)}
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, **arrays)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def load_checkpoint(path, like):
    """The nest of arrays in an .npz file, in the shape of `like`.

    ValueError: no such file format, or another set of names, shapes or dtypes than that of `like`.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            saved = {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, KeyError) as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise ValueError(f"{path} must be a checkpoint (.npz), and cannot be read: {error}") from error
    wanted = {"/".join(keys): np.asarray(leaf) for keys, leaf in leaves(like)}
    if saved.keys() != wanted.keys():
        raise ValueError(f"{path} must hold {sorted(wanted)}, got {sorted(saved)}")
    for name, leaf in wanted.items():
        if (saved[name].shape, saved[name].dtype) != (leaf.shape, leaf.dtype):
            found = f"{saved[name].dtype} {saved[name].shape}"
            raise ValueError(f"{name} in {path} must be {leaf.dtype} {leaf.shape}, got {found}")
    names = iter(wanted)
    return tree_map(lambda leaf: saved[next(names)], like)


def _run(params, memory, carry, step):
    """All that a run is, as one nest."""
    run = {"params": params, "memory": memory, "step": np.int64(step)}
    return run if carry is None else run | {"carry": carry}


def _check_finite(step, **values):
    for name, value in values.items():
        if not np.isfinite(value):
            raise FloatingPointError(f"step {step}: the {name} must be finite, got {value}; the step was not taken")
