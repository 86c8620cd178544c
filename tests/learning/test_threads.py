"""fit(threads=…): BLAS's threads are limited inside a step, and are the caller's between two steps, however it ends."""

import sys

import numpy as np
import pytest
from threadpoolctl import ThreadpoolController

from unrolled.autodiff import ops
from unrolled.learning.fit import fit
from unrolled.learning.optimizers import SGD

module = sys.modules["unrolled.learning.fit"]
BLAS = ThreadpoolController().select(user_api="blas")
PARAMS, BATCHES = {"W": np.ones((2, 2))}, [(np.ones((1, 2)),)] * 3


def threads():
    return {library["num_threads"] for library in BLAS.info()}


@pytest.fixture
def two_threads():
    if not BLAS.info():
        pytest.skip("threadpoolctl does not know this BLAS")
    with BLAS.limit(limits=2):
        yield


def run(seen, **config):
    def loss(params, x):
        seen.append(threads())
        return ops.sum(x @ params["W"])

    return fit(loss, PARAMS, BATCHES, SGD(0.1), progress=False, **config)


@pytest.mark.parametrize("limit, inside", [(1, {1}), (None, {2})])
def test_the_threads_of_a_step_are_limited_and_those_of_the_caller_are_not(two_threads, limit, inside):
    seen = []
    for _ in run(seen, threads=limit):
        assert threads() == {2}
    assert seen == [inside] * 3
    assert threads() == {2}


def test_the_norm_and_the_clip_are_part_of_the_step(two_threads, monkeypatch):
    """A dot product of long gradients takes two threads, too; on a busy machine that made a step five times as long."""
    seen = []
    norm = module.global_norm
    monkeypatch.setattr(module, "global_norm", lambda grads: seen.append(threads()) or norm(grads))
    for _ in run([], threads=1, clip=lambda grads: seen.append(threads()) or grads):
        assert threads() == {2}
    assert seen == [{1}] * 6


def test_an_error_in_a_step_leaves_the_threads_as_they_were(two_threads):
    def loss(params, x):
        raise RuntimeError("in the middle of a step")

    with pytest.raises(RuntimeError):
        next(fit(loss, PARAMS, BATCHES, SGD(0.1), progress=False, threads=1))
    assert threads() == {2}


def test_no_thread_at_all_is_refused():
    with pytest.raises(ValueError, match=r"threads must be at least 1, got 0"):
        next(run([], threads=0))
