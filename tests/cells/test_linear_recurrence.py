"""Linear recurrences: the loop, the scan and the law agree; joining is associative; the minGRU is its equations."""

import math
from functools import reduce

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unrolled.autodiff import ops
from unrolled.autodiff.gradcheck import gradcheck
from unrolled.cells.linear_recurrence import by_loop, by_scan, join, linear_recurrence, min_gru, min_gru_step
from unrolled.cells.variants import initial, over_steps

RUNS = by_loop, by_scan
every_run = pytest.mark.parametrize("run", RUNS)


def drawn(T, N=2, H=3, seed=4):
    rng = np.random.default_rng(seed)
    return rng.uniform(-1.2, 1.2, (T, N, H)), rng.standard_normal((T, N, H)), rng.standard_normal((N, H))


@given(st.integers(1, 40))
def test_loop_and_scan_are_the_sum_of_all_that_came_before(T):
    """h_t = a_t … a_1 h_0 + the sum over s of a_t … a_{s+1} b_s, each product taken anew."""
    a, b, h0 = drawn(T)
    law = [
        math.prod([*a[: t + 1], h0]) + sum(math.prod([*a[s + 1 : t + 1], b[s]]) for s in range(t + 1)) for t in range(T)
    ]
    for run in RUNS:
        np.testing.assert_allclose(linear_recurrence(a, b, h0, run=run), law, rtol=1e-9, atol=1e-12)


@given(st.integers(1, 70))
def test_loop_and_scan_leave_their_arguments_alone_and_agree(T):
    a, b, _ = drawn(T)
    kept = a.copy(), b.copy()
    np.testing.assert_allclose(by_scan(a, b), by_loop(a, b), rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal((a, b), kept)
    assert by_scan(a.astype(np.float32), b.astype(np.float32)).dtype == np.float32


def test_joining_is_associative_and_not_commutative():
    a, b, h = drawn(5)
    first, second, third, *_ = zip(a, b)
    left, right = join(join(first, second), third), join(first, join(second, third))
    np.testing.assert_allclose(left, right, rtol=1e-12)
    assert np.abs(np.subtract(join(first, second), join(second, first))[1]).max() > 0.1
    joined_a, joined_b = reduce(join, zip(a, b))
    np.testing.assert_allclose(joined_a * h + joined_b, linear_recurrence(a, b, h)[-1], rtol=1e-12)


def test_a_scan_takes_as_many_passes_as_the_length_has_doublings(monkeypatch):
    passes = []
    monkeypatch.setitem(by_scan.__globals__, "join", lambda *steps: passes.append(len(steps[1][0])) or join(*steps))
    for T, lengths in ((1, []), (2, [1]), (8, [7, 6, 4]), (9, [8, 7, 5, 1])):
        passes.clear()
        by_scan(*drawn(T)[:2])
        assert passes == lengths


@pytest.mark.parametrize(("T", "times"), [(512, 16.0), (4096, 22.0)])
def test_a_scan_takes_about_2_log2_t_times_as_many_products(T, times):
    """Counted by numbers that count, not by a formula."""

    class Number:
        products = 0

        def __mul__(self, other):
            Number.products += 1
            return self

        def __add__(self, other):
            return self

    counted = []
    for run in RUNS:
        Number.products = 0
        run(*np.full((2, T), Number()))
        counted.append(Number.products)
    assert counted[0] == T - 1
    assert counted[1] / counted[0] == pytest.approx(times, abs=0.05)


@every_run
@pytest.mark.parametrize("T", [1, 6])
def test_gradients_are_those_of_finite_differences_and_of_the_tape(run, T):
    assert gradcheck(linear_recurrence, *drawn(T), run=run).worst < 1e-6

    def by_steps(a, b, h):
        hs = []
        for a_t, b_t in zip(ops.unstack(a), ops.unstack(b)):
            h = a_t * h + b_t
            hs.append(h)
        return tuple(hs)

    assert gradcheck(by_steps, *drawn(T)).worst < 1e-6
    np.testing.assert_allclose(linear_recurrence(*drawn(T), run=run), by_steps(*drawn(T)), rtol=1e-9)


@every_run
def test_the_min_gru_is_its_equations_and_its_step(run):
    rng = np.random.default_rng(6)
    T, N, D, H = 5, 2, 3, 2
    xs, h0, weights = rng.standard_normal((T, N, D)), rng.standard_normal((N, H)), initial(rng, "minGRU", D, H)
    weights["b_h"] += rng.standard_normal(2 * H)
    hs = min_gru(xs, h0, **weights, run=run)
    np.testing.assert_allclose(hs, over_steps(min_gru_step, xs, (h0,), weights)[0], rtol=1e-10)
    for n in range(N):
        h = list(h0[n])
        for t in range(T):
            seen = [
                sum(xs[t, n, d] * weights["W_xh"][d, k] for d in range(D)) + weights["b_h"][k] for k in range(2 * H)
            ]
            h = [h[k] + (seen[H + k] - h[k]) / (1 + math.exp(seen[k])) for k in range(H)]  # 1 - z pulls h towards n
            np.testing.assert_allclose(hs[t, n], h, rtol=1e-10)
    run_it = lambda xs, h0, weights: min_gru(xs, h0, **weights, run=run)
    assert gradcheck(run_it, xs, h0, weights).worst < 1e-6


def test_a_negative_gate_counts_parity_exactly_and_a_sigmoid_only_shrinks_the_state():
    """z = 1 at a 0 and -1 at a 1, n = 0: the state is 1 after an even number of ones, else -1."""
    bits = np.random.default_rng(6).integers(2, size=(50, 4))
    weights = {"W_xh": np.array([[-100.0, 0.0]]), "b_h": np.array([50.0, 0.0])}
    xs, h0 = bits[..., None].astype(float), np.ones((4, 1))
    for run in RUNS:
        hs = min_gru(xs, h0, **weights, gate=ops.tanh, run=run)[..., 0]
        np.testing.assert_allclose(hs, 1 - 2 * (bits.cumsum(0) % 2), rtol=1e-12)
        assert (min_gru(xs, h0, **weights, run=run) >= 0).all()
    (h,) = min_gru_step(xs[0], h0, **weights, gate=ops.tanh)
    np.testing.assert_allclose(h[:, 0], 1 - 2 * bits[0], rtol=1e-12)
    noisy = {name: np.random.default_rng(8).standard_normal(W.shape) for name, W in weights.items()}
    run_it = lambda xs, h0, weights: min_gru(xs, h0, **weights, gate=ops.tanh)
    assert gradcheck(run_it, xs[:5], h0, noisy).worst < 1e-6


def test_gates_that_see_x_alone():
    """Another h_0 changes h_t by the product of the gates alone: the difference is the same for every pair."""
    rng = np.random.default_rng(6)
    xs, weights = rng.standard_normal((4, 1, 3)), initial(rng, "minGRU", 3, 2)
    hs = [min_gru(xs, np.full((1, 2), h), **weights) for h in (0.0, 1.0, 5.0)]
    np.testing.assert_allclose(hs[2] - hs[0], 5 * (hs[1] - hs[0]), rtol=1e-9)
