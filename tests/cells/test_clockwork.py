"""The Clockwork RNN beside its equations, unit by unit; who fires, who is heard; and what is not multiplied."""

import numpy as np
import pytest

from unrolled.autodiff import ops
from unrolled.autodiff.gradcheck import gradcheck
from unrolled.autodiff.tape import value_and_grad
from unrolled.cells.clockwork import ARROWS, blocks, clockwork, clockwork_size, clockwork_step, multiplications
from unrolled.cells.rnn import rnn
from unrolled.cells.stacks import one_direction

T, N, D, H = 9, 2, 3, 6
PERIODS = (1, 2, 4)
every_arrow = pytest.mark.parametrize("arrows", ARROWS)


def setup():
    rng = np.random.default_rng(3)
    weights = {"W_xh": (D, H), "W_hh": (H, H), "b_h": (H,)}
    draw = lambda shape: 0.7 * rng.standard_normal(shape)
    return draw((T, N, D)), draw((N, H)), {name: draw(shape) for name, shape in weights.items()}


def by_units(xs, h0, w, periods, arrows):
    """The paper's law as it is read: unit k has the period T_k; it hears unit j where T_j >= T_k."""
    period_of = np.repeat(periods, H // len(periods))
    heard = {"slow to fast": np.greater_equal, "fast to slow": np.less_equal, "all": lambda a, b: True}[arrows]
    h, hs = h0, []
    for t, x in enumerate(xs):
        new = h.copy()
        for n in range(N):
            for k in range(H):
                if t % period_of[k] == 0:
                    z = w["b_h"][k] + sum(x[n, d] * w["W_xh"][d, k] for d in range(D))
                    z += sum(h[n, j] * w["W_hh"][j, k] for j in range(H) if heard(period_of[j], period_of[k]))
                    new[n, k] = np.tanh(z)
        h = new
        hs.append(h)
    return np.stack(hs)


def by_steps(xs, h, weights, **clock):
    hs = []
    for t, x in enumerate(ops.unstack(xs)):
        h = clockwork_step(x, h, **weights, t=t, **clock)
        hs.append(h)
    return tuple(hs)


@every_arrow
@pytest.mark.parametrize("periods", [PERIODS, (1, 3), (2, 5)])
def test_step_and_kernel_are_the_law(arrows, periods):
    xs, h0, weights = setup()
    law = by_units(xs, h0, weights, periods, arrows)
    clock = {"periods": periods, "arrows": arrows}
    np.testing.assert_allclose(clockwork(xs, h0, **weights, **clock), law, rtol=1e-12)
    np.testing.assert_allclose(np.stack(by_steps(xs, h0, weights, **clock)), law, rtol=1e-12)


@every_arrow
def test_gradients_are_those_of_finite_differences(arrows):
    xs, h0, weights = setup()
    assert gradcheck(clockwork, xs, h0, *weights.values(), periods=PERIODS, arrows=arrows).worst < 1e-6
    assert gradcheck(by_steps, xs, h0, weights, periods=PERIODS, arrows=arrows).worst < 1e-6


def test_lengths_and_gradients_through_them():
    xs, h0, weights = setup()
    long, _ = one_direction(lambda *args, **how: clockwork(*args, **how, periods=PERIODS), xs, (h0,), weights)
    hs = clockwork(xs, h0, **weights, periods=PERIODS, lengths=[9, 5])
    np.testing.assert_array_equal(hs[:, 0], long[:, 0])
    np.testing.assert_array_equal(hs[4:, 1], long[[4] * 5, 1])
    assert gradcheck(clockwork, xs, h0, *weights.values(), periods=PERIODS, lengths=[9, 5]).worst < 1e-6


def test_with_all_periods_1_and_all_arrows_it_is_the_plain_network():
    xs, h0, weights = setup()
    hs = clockwork(xs, h0, **weights, periods=(1, 1, 1), arrows="all")
    np.testing.assert_allclose(hs, rnn(xs, h0, **weights), rtol=1e-12)


def test_an_idle_block_holds_its_value_and_its_gradient_passes_unchanged():
    xs, h0, weights = setup()
    slow = blocks(H, PERIODS)[2].own
    hs = clockwork(xs, h0, **weights, periods=PERIODS)
    np.testing.assert_array_equal(hs[5:8, :, slow], hs[[4, 4, 4]][:, :, slow])
    assert (hs[4][:, slow] != hs[3][:, slow]).all()
    assert (hs[0] != h0).all(), "at the first step all fire"
    _, dh = value_and_grad(lambda h: clockwork_step(xs[0], h, **weights, t=1, periods=(2, 2))[0, 0])(h0)
    assert dh[0, 0] == 1
    assert dh.sum() == 1


def test_slow_blocks_hear_nothing_of_the_fast_ones():
    xs, h0, weights = setup()
    other = h0.copy()
    other[:, :2] += 1  # the fastest block's
    for arrows, reached in (("slow to fast", [0, 1]), ("fast to slow", range(6)), ("all", range(6))):
        hs, changed = (clockwork(xs, h, **weights, periods=PERIODS, arrows=arrows) for h in (h0, other))
        assert list(np.flatnonzero((hs != changed).any((0, 1)))) == list(reached)


class Counted(np.ndarray):
    """An array that counts the multiplications of its matrix products."""

    count = 0

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **kwargs):
        plain = [np.asarray(x) for x in inputs]
        if ufunc is np.matmul:
            Counted.count += plain[0].size * plain[1].shape[-1]
        how = {} if out is None else {"out": tuple(np.asarray(x) for x in out)}
        return getattr(ufunc, method)(*plain, **how, **kwargs).view(Counted)


@every_arrow
@pytest.mark.parametrize("run", [by_steps, clockwork])
def test_idle_rows_are_really_skipped(arrows, run, monkeypatch):
    """Counted by the arrays themselves, in the step and in the kernel."""
    monkeypatch.setattr(Counted, "count", 0)
    xs, h0, weights = setup()
    watched = {name: W.view(Counted) for name, W in weights.items()}
    given = (watched,) if run is by_steps else watched.values()
    run(xs, h0, *given, periods=PERIODS, arrows=arrows)
    assert Counted.count == N * multiplications(T, D, H, PERIODS, arrows)


def test_the_count_by_hand():
    """9 steps; blocks of 2: 9 times 2 (3 + 6), 5 times 2 (3 + 4), 3 times 2 (3 + 2); a plain network 9 6 (3 + 6)."""
    assert multiplications(9, 3, 6, PERIODS) == 9 * 18 + 5 * 14 + 3 * 10
    assert multiplications(9, 3, 6, (1, 1, 1), "all") == 9 * 6 * 9


@every_arrow
def test_the_weights_that_count_are_those_with_a_gradient(arrows):
    xs, h0, weights = setup()
    loss = lambda weights: ops.sum(clockwork(xs, h0, **weights, periods=PERIODS, arrows=arrows))
    _, grads = value_and_grad(loss)(weights)
    assert sum(np.count_nonzero(grad) for grad in grads.values()) == clockwork_size(D, H, PERIODS, arrows)


@pytest.mark.parametrize(
    "H, periods, arrows, said",
    [
        (7, (1, 2), "all", "H must divide into 2 blocks, one for each period, got 7"),
        (6, (0, 2), "all", "periods must be >= 1 and stand from fast to slow"),
        (6, (4, 2), "all", "periods must be >= 1 and stand from fast to slow"),
        (6, (1, 2), "up", "arrows must be one of slow to fast, fast to slow, all, got 'up'"),
    ],
)
def test_a_wrong_clock_is_explained(H, periods, arrows, said):
    with pytest.raises(ValueError, match=said):
        blocks(H, periods, arrows)
