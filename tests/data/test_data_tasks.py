"""Tasks: every target is worked out again from the inputs by a slow loop; every baseline is measured."""

from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unrolled.data import published
from unrolled.data.tasks import (
    adding,
    copy_memory,
    cups,
    delayed_xor,
    echo,
    latch,
    lift,
    parity,
    temporal_order,
    two_sided_echo,
)

sizes = st.integers(1, 5)


def joined(stream, chunks):
    xs, targets = zip(*islice(stream, chunks))
    return np.concatenate(xs), np.concatenate(targets)


@pytest.mark.slow
@given(sizes, st.integers(1, 7), st.integers(0, 9))
def test_echo_goes_on_from_chunk_to_chunk(N, k, delay):
    xs, targets = joined(echo(np.random.default_rng(1), N, k, delay), 4)
    assert xs.shape == (4 * k, N, 1)
    assert targets.shape == (4 * k, N)
    assert set(np.unique(xs)) <= {0, 1}
    for t in range(4 * k):
        for n in range(N):
            assert targets[t, n] == (xs[t - delay, n, 0] if t >= delay else 0)


@given(sizes, st.integers(1, 7), st.integers(0, 9))
def test_delayed_xor_goes_on_from_chunk_to_chunk(N, k, delay):
    xs, targets = joined(delayed_xor(np.random.default_rng(1), N, k, delay), 4)
    x = lambda t, n: int(xs[t, n, 0]) if t >= 0 else 0
    for t in range(4 * k):
        for n in range(N):
            assert targets[t, n] == (x(t - delay, n) != x(t - delay - 1, n))


@given(sizes, sizes, st.integers(1, 4))
def test_two_sided_echo(N, T, k):
    xs, targets = two_sided_echo(np.random.default_rng(1), N, T, k)
    assert xs.shape == (T + 2 * k, N, 1)
    assert targets.shape == (T, N)
    for t in range(k, T + k):
        for n in range(N):
            assert targets[t - k, n] == 2 * xs[t - k, n, 0] + xs[t + k, n, 0]


def test_half_of_the_two_sided_echo_is_there_for_who_knows_the_past():
    xs, targets = two_sided_echo(np.random.default_rng(1), 2000, 20, 3)
    assert entropy(np.bincount(targets.ravel())) == pytest.approx(np.log(4), abs=1e-3)
    for x in (0, 1):
        assert entropy(np.bincount(targets[xs[:20, :, 0] == x])) == pytest.approx(np.log(2), abs=1e-3)


@given(sizes, st.integers(2, 12))
def test_adding(N, T):
    xs, targets = adding(np.random.default_rng(1), N, T)
    assert xs.shape == (T, N, 2)
    assert targets.shape == (N, 1)
    assert 0 <= xs[..., 0].min() <= xs[..., 0].max() < 1
    for n in range(N):
        marked = [t for t in range(T) if xs[t, n, 1] == 1]
        assert [t < T // 2 for t in marked] == [True, False]
        assert set(xs[:, n, 1]) <= {0, 1}
        assert targets[n, 0] == sum(xs[t, n, 0] for t in marked)


@given(sizes, sizes, st.integers(1, 6))
def test_copy_memory(N, T, S):
    tokens, targets = copy_memory(np.random.default_rng(1), N, T, S)
    assert tokens.shape == targets.shape == (T + 2 * S, N)
    for n in range(N):
        said = tokens[:S, n].tolist()
        assert set(said) <= set(range(8))
        assert tokens[:, n].tolist() == said + [8] * (T - 1) + [9] + [8] * S
        assert targets[:, n].tolist() == [8] * (T + S) + said


@given(sizes, st.integers(6, 60))
def test_temporal_order(N, T):
    tokens, targets = temporal_order(np.random.default_rng(1), N, T)
    assert tokens.shape == (T, N)
    assert targets.shape == (N,)
    for n in range(N):
        (p0, first), (p1, second) = [(t, tokens[t, n]) for t in range(T) if tokens[t, n] in (4, 5)]
        assert 10 * p0 >= T
        assert 10 * p0 < 2 * T
        assert 10 * p1 >= 5 * T
        assert 10 * p1 < 6 * T
        assert targets[n] == {(4, 4): 0, (4, 5): 1, (5, 4): 2, (5, 5): 3}[first, second]
        assert tokens[:, n].min() >= 0


@pytest.mark.parametrize("T", [6, 20, 50])
def test_temporal_order_reaches_all_of_both_stretches(T):
    tokens, _ = temporal_order(np.random.default_rng(1), 4000, T)
    where = {int(t) for t in np.nonzero(tokens >= 4)[0]}
    assert where == {t for t in range(T) if T <= 10 * t < 2 * T or 5 * T <= 10 * t < 6 * T}
    assert set(np.unique(tokens)) == set(range(6))


def test_temporal_order_anywhere_draws_every_pair_of_steps():
    tokens, targets = temporal_order(np.random.default_rng(1), 6000, 6, anywhere=True)
    places = (tokens >= 4).T.nonzero()[1].reshape(6000, 2)
    pairs, counts = np.unique(places, axis=0, return_counts=True)
    assert len(pairs) == 15
    assert counts.min() > 320
    first, second = (tokens[places[:, k], np.arange(6000)] - 4 for k in (0, 1))
    np.testing.assert_array_equal(targets, 2 * first + second)


def test_adding_marks_every_step():
    xs, _ = adding(np.random.default_rng(1), 2000, 7)
    assert (xs[..., 1].sum(1) > 0).all()


def test_adding_baseline():
    _, targets = adding(np.random.default_rng(1), 200_000, 4)
    assert np.mean((targets - 1) ** 2) == pytest.approx(published("adding-baseline")["value"], rel=0.01)
    assert np.mean(targets) == pytest.approx(1, abs=0.005)  # so no other constant does better


def entropy(counts):
    p = counts[counts > 0] / counts.sum()
    return -(p * np.log(p)).sum()


@pytest.mark.parametrize("task, name", [(echo, "echo"), (delayed_xor, "delayed-xor")])
def test_a_stream_says_nothing_to_those_who_forget(task, name):
    xs, targets = joined(task(np.random.default_rng(1), 50, 10, 5), 200)
    xs, targets = xs[6:, :, 0].astype(int).ravel(), targets[6:].ravel()
    chance = published(f"{name}-baseline")["value"]
    for x in (0, 1):  # the loss of the best answer from the present input alone
        assert entropy(np.bincount(targets[xs == x])) == pytest.approx(chance, abs=1e-3)


@pytest.mark.parametrize("shift", [0, 1])
def test_one_of_the_two_bits_is_not_enough(shift):
    xs, targets = joined(delayed_xor(np.random.default_rng(1), 50, 10, 5), 200)
    bit = np.roll(xs[:, :, 0], 5 + shift, axis=0)[6:].ravel()
    for x in (0, 1):
        found = entropy(np.bincount(targets[6:].ravel()[bit == x]))
        assert found == pytest.approx(published("delayed-xor-baseline")["value"], abs=1e-3)


def test_temporal_order_baseline():
    tokens, targets = temporal_order(np.random.default_rng(1), 40_000, 10)
    chance = published("temporal-order-baseline")["value"]
    assert entropy(np.bincount(targets)) == pytest.approx(chance, abs=1e-3)
    assert entropy(np.bincount(targets[tokens[-1] == 0])) == pytest.approx(chance, abs=2e-3)


def test_copy_baseline():
    """The blanks cost nothing; the S symbols are uniform and independent, so each costs ln 8."""
    S, T = 5, 20
    _, targets = copy_memory(np.random.default_rng(1), 20_000, T, S)
    loss = sum(entropy(np.bincount(row)) for row in targets) / len(targets)
    assert loss == pytest.approx(published("copy-baseline-s5-t20")["value"], rel=1e-3)
    pairs = np.bincount(8 * targets[-2] + targets[-1], minlength=64)
    assert entropy(pairs) == pytest.approx(2 * np.log(8), rel=1e-3)


@given(sizes, sizes, st.integers(2, 6))
def test_lift(N, T, floors):
    tokens, targets = lift(np.random.default_rng(1), N, T, floors)
    assert tokens.shape == (T, N)
    for n in range(N):
        floor = floors // 2
        for token in tokens[:, n]:
            floor += {0: -(floor > 0), 1: 0, 2: floor < floors - 1}[token]
        assert targets[n] == floor


@given(sizes, sizes)
def test_parity(N, T):
    xs, targets = parity(np.random.default_rng(1), N, T)
    assert xs.shape == (T, N, 1)
    for n in range(N):
        for t in range(T):
            assert targets[t, n] == (list(xs[: t + 1, n, 0]).count(1) % 2)


@given(sizes, st.integers(1, 12))
def test_latch(N, T):
    xs, targets = latch(np.random.default_rng(1), N, T)
    assert xs.shape == (T, N, 1)
    for n in range(N):
        for t in range(T):
            said = [x for x in xs[: t + 1, n, 0] if x]
            assert targets[t, n] == (said[-1] == 1 if said else 0)


@given(sizes, st.integers(1, 12), st.integers(2, 6))
def test_cups(N, T, count):
    tokens, targets = cups(np.random.default_rng(1), N, T, count)
    for n in range(N):
        under = ["ball"] + [""] * (count - 1)
        for t in range(T):
            k = tokens[t, n]
            under[k], under[k + 1] = under[k + 1], under[k]
            assert targets[t, n] == under.index("ball")


def test_baselines_of_states_that_are_followed():
    """What is likely at the last step, where the present symbol is known and nothing else is."""
    rng, N, T = np.random.default_rng(1), 20_000, 60
    assert entropy(np.bincount(lift(rng, N, T)[1])) == pytest.approx(np.log(5), rel=1e-3)
    assert entropy(np.bincount(cups(rng, N, T)[1][-1])) == pytest.approx(np.log(5), rel=1e-3)
    xs, targets = parity(rng, N, T)
    for x in (0, 1):
        assert entropy(np.bincount(targets[-1][xs[-1, :, 0] == x])) == pytest.approx(np.log(2), rel=1e-3)
    xs, targets = latch(rng, N, T)
    blank = xs[-1, :, 0] == 0
    assert blank.mean() * entropy(np.bincount(targets[-1][blank])) == pytest.approx(np.log(2) / 3, rel=0.03)
    assert (targets[-1][~blank] == (xs[-1, :, 0] > 0)[~blank]).all()


CALLS = {
    "lift": lambda rng: lift(rng, 3, 8),
    "parity": lambda rng: parity(rng, 3, 4),
    "latch": lambda rng: latch(rng, 3, 4),
    "cups": lambda rng: cups(rng, 3, 4),
    "echo": lambda rng: next(echo(rng, 3, 4, 2)),
    "delayed_xor": lambda rng: next(delayed_xor(rng, 3, 4, 2)),
    "adding": lambda rng: adding(rng, 3, 4),
    "copy_memory": lambda rng: copy_memory(rng, 3, 4, 2),
    "temporal_order": lambda rng: temporal_order(rng, 3, 10),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_seed_repeats_and_another_does_not(call):
    first, same, other = (call(np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(first, same))
    assert not all(np.array_equal(a, b) for a, b in zip(first, other))


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("rng", [1, None, np.random])
def test_the_generator_is_passed(call, rng):
    with pytest.raises(TypeError, match=r"rng must be a numpy\.random\.Generator"):
        call(rng)


@pytest.mark.parametrize("task", [echo, delayed_xor, adding])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype(task, dtype):
    made = task(np.random.default_rng(1), 2, 5, *[1] * (task is not adding), dtype=dtype)
    xs, targets = made if task is adding else next(made)
    assert xs.dtype == dtype
    assert targets.dtype == (dtype if task is adding else int)


@settings(max_examples=20)
@given(st.sampled_from([0, -1, 2.0, "3", True, None]))
def test_bad_sizes_say_the_law(bad):
    rng = np.random.default_rng(1)
    law = "must be a whole number >= 1, got "
    for call in (
        lambda: echo(rng, bad, 4, 2),  # at the call, not at the first chunk
        lambda: delayed_xor(rng, 1, bad, 2),
        lambda: adding(rng, bad, 4),
        lambda: copy_memory(rng, 1, bad),
        lambda: copy_memory(rng, 1, 4, bad),
        lambda: temporal_order(rng, bad, 10),
    ):
        with pytest.raises(ValueError, match=law):
            call()


def test_bad_lengths_say_the_law():
    rng = np.random.default_rng(1)
    with pytest.raises(ValueError, match="delay must be a whole number >= 0, got -1"):
        echo(rng, 1, 4, -1)
    with pytest.raises(ValueError, match="T must be a whole number >= 2, got 1"):
        adding(rng, 1, 1)
    with pytest.raises(ValueError, match="T must be a whole number >= 6, got 5"):
        temporal_order(rng, 1, 5)


def test_a_chunk_is_the_readers_own():
    """Writing into a chunk that was given does not change the ones to come."""
    clean = joined(echo(np.random.default_rng(1), 2, 3, 4), 4)
    stream = echo(np.random.default_rng(1), 2, 3, 4)
    spoilt = []
    for xs, targets in islice(stream, 4):
        spoilt.append((xs.copy(), targets.copy()))
        xs[:], targets[:] = 7, 7
    assert all(np.array_equal(np.concatenate(a), b) for a, b in zip(zip(*spoilt), clean))
