"""What holds for every kernel: its edges, lengths, saturated gates, what it keeps in memory and what it writes to."""

import gc
import platform
import tracemalloc

import numpy as np
import pytest

from unrolled.cells.gru import gru, gru_reference, gru_reset_before, gru_reset_before_step, gru_step
from unrolled.cells.lstm import lstm, lstm_peephole, lstm_peephole_step, lstm_reference, lstm_step
from unrolled.cells.rnn import rnn, rnn_step

T, N, D, H = 5, 3, 2, 4
# The kernel: gates, states, and the shapes of weights beyond W_xh, W_hh, b_h in multiples of H.
KERNELS = {
    rnn: (1, 1, ()),
    lstm: (4, 2, ()),
    lstm_reference: (4, 2, ()),
    lstm_peephole: (4, 2, (3,)),
    gru: (3, 1, (1,)),
    gru_reference: (3, 1, (1,)),
    gru_reset_before: (3, 1, ()),
}
STEPS = {
    rnn_step: rnn,
    lstm_step: lstm,
    lstm_peephole_step: lstm_peephole,
    gru_step: gru,
    gru_reset_before_step: gru_reset_before,
}
every_kernel = pytest.mark.parametrize("kernel", KERNELS, ids=lambda k: k.__name__)
fast_kernel = pytest.mark.parametrize("kernel", [rnn, lstm, gru], ids=lambda k: k.__name__)


def draw(kernel, T=T, N=N, D=D, H=H, scale=1.0, dtype=np.float64):
    """xs, the first states, the weights."""
    gates, states, extra = KERNELS[kernel]
    rng = np.random.default_rng(1)
    weights = (D, gates * H), (H, gates * H), (gates * H,), *((k * H,) for k in extra)
    make = lambda shape: (scale * rng.standard_normal(shape)).astype(dtype)
    return make((T, N, D)), [make((N, H)) for _ in range(states)], [make(shape) for shape in weights]


def several(values):
    return values if isinstance(values, tuple) else (values,)


@every_kernel
def test_a_sequence_cut_in_two_goes_on_where_it_stopped(kernel):
    xs, states, weights = draw(kernel)
    head = several(kernel(xs[:3], *states, *weights))
    tail = several(kernel(xs[3:], *(s[-1] for s in head), *weights))
    for whole, a, b in zip(several(kernel(xs, *states, *weights)), head, tail):
        np.testing.assert_allclose(np.concatenate([a, b]), whole, rtol=1e-12)


@every_kernel
def test_no_sequence_of_the_batch_hears_of_another(kernel):
    xs, states, weights = draw(kernel)
    together = several(kernel(xs, *states, *weights))
    for n in range(N):
        alone = kernel(xs[:, n : n + 1], *(s[n : n + 1] for s in states), *weights)
        for a, b in zip(together, several(alone)):
            np.testing.assert_allclose(a[:, n : n + 1], b, rtol=1e-12)


@every_kernel
@pytest.mark.parametrize("lengths", [None, [0] * N])
def test_a_sequence_of_no_step(kernel, lengths):
    xs, states, weights = draw(kernel, T=0)
    values, pullback = kernel.with_pullback(xs, *states, *weights, lengths=lengths)
    assert [v.shape for v in several(values)] == [(0, N, H)] * len(states)
    gradients = pullback(*several(values))
    assert [g.shape for g in gradients] == [a.shape for a in (xs, *states, *weights)]
    assert not any(g.any() for g in gradients)


@every_kernel
@pytest.mark.parametrize("lengths", [None, [1]])
def test_all_sizes_of_one(kernel, lengths):
    xs, states, weights = draw(kernel, T=1, N=1, D=1, H=1)
    values, pullback = kernel.with_pullback(xs, *states, *weights, lengths=lengths)
    gradients = pullback(*(np.ones((1, 1, 1)) for _ in states))
    assert [g.shape for g in gradients] == [a.shape for a in (xs, *states, *weights)]
    assert all(np.isfinite(v).all() for v in (*several(values), *gradients))


@every_kernel
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scale", [1e4, 1e30])
def test_saturated_gates_overflow_nowhere(kernel, dtype, scale):
    """A warning would be an error here: see pyproject.toml."""
    xs, states, weights = draw(kernel, dtype=dtype)
    with np.errstate(all="raise", under="ignore"):
        values, pullback = kernel.with_pullback(xs * dtype(scale), *states, *weights)
        gradients = pullback(*(np.ones_like(v) for v in several(values)))
    assert all(np.isfinite(v).all() for v in several(values))
    assert all(np.isfinite(g).all() for g in gradients)
    assert np.abs(several(values)[0]).max() <= np.abs(states[0]).max() + 1


@every_kernel
def test_two_pullbacks_of_one_call_agree_and_harm_nothing(kernel):
    """The pullback keeps nothing from one call to the next, and what was handed out stays as it is."""
    xs, states, weights = draw(kernel)
    arguments = [xs, *states, *weights]
    before = [a.copy() for a in arguments]
    values, pullback = kernel.with_pullback(*arguments)
    handed_out = [v.copy() for v in several(values)]
    cotangents = [np.ones_like(v) for v in several(values)]
    first = pullback(*cotangents)
    kept = [g.copy() for g in first]
    kernel.with_pullback(*(a + 1 for a in arguments))[1](*cotangents)  # other numbers through the same memory
    for a, b, c in zip(first, pullback(*cotangents), kept):
        np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(a, c)
    for now, then in zip(
        [*arguments, *several(values), *cotangents], [*before, *handed_out, *map(np.ones_like, handed_out)]
    ):
        np.testing.assert_array_equal(now, then)


@every_kernel
def test_what_stands_in_the_padding_has_no_say(kernel):
    xs, states, weights = draw(kernel)
    lengths = np.array([T, 2, 0])
    spoiled = xs.copy()
    spoiled[2:, 1], spoiled[:, 2] = np.nan, np.inf

    def results(xs):
        values, pullback = kernel.with_pullback(xs, *states, *weights, lengths=lengths)
        return [*several(values), *pullback(*(np.ones_like(v) for v in several(values)))]

    for a, b in zip(results(xs), results(spoiled), strict=True):
        np.testing.assert_array_equal(a, b)
    for state, value in zip(states, results(spoiled)):
        np.testing.assert_array_equal(value[:, 2], np.broadcast_to(state[2], (T, H)))  # of length 0: it never moves
        np.testing.assert_array_equal(value[2:, 1], np.broadcast_to(value[1, 1], (T - 2, H)))


@every_kernel
def test_full_lengths_are_none(kernel):
    xs, states, weights = draw(kernel)
    with_lengths = kernel.with_pullback(xs, *states, *weights, lengths=[T] * N)
    without = kernel.with_pullback(xs, *states, *weights)
    ones = [np.ones((T, N, H))] * len(states)
    for a, b in zip((*several(with_lengths[0]), *with_lengths[1](*ones)), (*several(without[0]), *without[1](*ones))):
        np.testing.assert_array_equal(a, b)


@every_kernel
@pytest.mark.parametrize(
    "lengths, error, said",
    [
        ([5, 5], ValueError, "lengths must be (N,) = (3,), got (2,)"),
        ([[5, 5, 5]], ValueError, "lengths must be (N,) = (3,), got (1, 3)"),
        ([5, 6, 1], ValueError, "lengths must be from 0 to T = 5, got 6"),
        ([5, -1, 1], ValueError, "lengths must be from 0 to T = 5, got -1"),
        ([5.0, 1.0, 1.0], TypeError, "lengths must be whole numbers, got dtype float64"),
        (np.ones(3, bool), TypeError, "lengths must be whole numbers, got dtype bool"),
    ],
)
def test_wrong_lengths_are_named(kernel, lengths, error, said):
    xs, states, weights = draw(kernel)
    with pytest.raises(error) as raised:
        kernel(xs, *states, *weights, lengths=lengths)
    assert said in str(raised.value)


@every_kernel
def test_arrays_in_any_memory_layout_are_taken(kernel):
    xs, states, weights = draw(kernel)
    ones = [np.broadcast_to(1.0, (T, N, H))] * len(states)
    plain = kernel.with_pullback(xs, *states, *weights)
    odd = kernel.with_pullback(*(np.asfortranarray(a)[..., ::-1][..., ::-1] for a in (xs, *states, *weights)))
    for a, b in zip((*several(plain[0]), *plain[1](*ones)), (*several(odd[0]), *odd[1](*ones))):
        np.testing.assert_allclose(a, b, rtol=1e-12)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_generation_allocates_no_weights(step):
    """One step at a time with plain arrays: far less memory than one copy of W_hh, and no tape."""
    xs, states, weights = draw(STEPS[step], T=8, N=1, D=8, H=64)
    step(xs[0], *states, *weights)
    tracemalloc.start()
    try:
        for x in xs:
            states = several(step(x, *states, *weights))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < weights[1].nbytes / 2
    assert all(type(s) is np.ndarray for s in states)


@fast_kernel
def test_a_value_alone_keeps_no_work_array_alive(kernel):
    """An evaluation's hs holds hs, and the first state that lies before it in memory, but neither gates nor cs."""
    xs, states, weights = draw(kernel, T=50, N=8, H=32)
    several(kernel(xs, *states, *weights))
    gc.freeze()  # the collector looks at what this call leaves, not at all that pytest holds
    tracemalloc.start()
    try:
        hs = several(kernel(xs, *states, *weights))[0]
        gc.collect()
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        gc.unfreeze()
    assert hs.nbytes <= kept < 1.1 * hs.nbytes + 8192


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="page faults are those of glibc's malloc")
@fast_kernel
def test_a_call_makes_no_page_fault(kernel):
    """Its work arrays take up the memory of the call before: see cells/allocator.py. Fresh ones would cost hundreds."""
    import resource  # not on every platform

    xs, states, weights = draw(kernel, T=50, N=32, D=64, H=64, dtype=np.float32)
    ones = [np.ones((50, 32, 64), np.float32)] * len(states)

    def faults():
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        kernel.with_pullback(xs, *states, *weights)[1](*ones)
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

    faults()
    assert min(faults() for _ in range(5)) < 20
