"""Tasks that need memory, generated from a random generator that is passed in; arrays are time-major.

Each has a baseline: the loss of the best answer that remembers nothing. A network that stays there has learnt nothing
of what the task is about. echo and delayed_xor are streams: chunks that go on where the last one stopped, for
truncated backpropagation with a carried state. The others give a fresh batch of whole sequences at each call.
"""

import numpy as np

from unrolled.autodiff.checks import check_count, check_rng

SYMBOLS, BLANK, GO = 8, 8, 9  # copy_memory: the symbols are 0 … 7
A, B = 4, 5  # temporal_order: the distractors are 0 … 3


def echo(rng, N, k, delay, *, dtype=np.float64):
    """A stream of bits; the target is the bit of `delay` steps ago: y_t = x_{t-delay}, and x_t = 0 before the start.

    Yields, without end, the next k steps: xs (k, N, 1) of 0 and 1, targets (k, N) int.
    Baseline: ln 2 = .693 nats, from delay >= 1 on: without memory the target is a fair coin.
    """
    return _stream(rng, N, k, delay, 0, lambda bits: bits[:k], dtype)


def delayed_xor(rng, N, k, delay, *, dtype=np.float64):
    """As echo, with two bits to hold: y_t = x_{t-delay} xor x_{t-delay-1}, and x_t = 0 before the start.

    Yields, without end, the next k steps: xs (k, N, 1) of 0 and 1, targets (k, N) int.
    Baseline: ln 2 = .693 nats, also for whoever remembers one of the two bits and not the other.
    """
    return _stream(rng, N, k, delay, 1, lambda bits: bits[:k] ^ bits[1 : k + 1], dtype)


def _stream(rng, N, k, delay, more, law, dtype):
    """law: bits (lag + k, N), from lag = delay + more steps before the chunk to its end -> targets (k, N)."""
    check_rng(rng)
    check_count(N=N, k=k)
    check_count(0, delay=delay)
    lag = delay + more

    def chunks():
        bits = np.zeros((lag + k, N), int)
        while True:
            bits = np.concatenate([bits[k:], rng.integers(2, size=(k, N))])
            yield bits[lag:, :, None].astype(dtype), law(bits)

    return chunks()


def two_sided_echo(rng, N, T, k, *, dtype=np.float64):
    """Say the bits of k steps before and of k steps after: xs (T + 2k, N, 1) of 0 and 1, targets (T, N) int in 0 … 3.

    targets[t] = 2 x_t + x_{t+2k} is asked at step t + k, so that all of it is there. k >= 1.
    Baseline: ln 4 = 1.386 nats. Who has read what came before, and nothing after: ln 2 = .693, and half are right.
    """
    check_rng(rng)
    check_count(N=N, T=T, k=k)
    bits = rng.integers(2, size=(T + 2 * k, N))
    return bits[..., None].astype(dtype), 2 * bits[:T] + bits[2 * k :]


def adding(rng, N, T, *, dtype=np.float64):
    """Add the two marked numbers: xs (T, N, 2), targets (N, 1).

    xs[..., 0] ~ U[0, 1); xs[..., 1] is 1 at two steps, one in each half of the sequence, and 0 elsewhere;
    target = the sum of the two numbers so marked. T >= 2.
    Baseline: a mean squared error of 1/6 for always answering 1, the variance 2 · 1/12 of the sum of two U[0, 1).
    Source: Hochreiter & Schmidhuber (1997), section 5.4, in the form of Le, Jaitly & Hinton (2015), section 4.1.
    """
    check_rng(rng)
    check_count(N=N)
    check_count(2, T=T)
    xs = np.zeros((T, N, 2))
    xs[..., 0] = rng.random((T, N))
    xs[rng.integers(T // 2, size=N), np.arange(N), 1] = 1
    xs[rng.integers(T // 2, T, size=N), np.arange(N), 1] = 1
    targets = (xs[..., 0] * xs[..., 1]).sum(0)[:, None]
    return xs.astype(dtype), targets.astype(dtype)


def copy_memory(rng, N, T, S=10):
    """Say S symbols again after T steps: tokens (T + 2S, N) int, targets (T + 2S, N) int, ids 0 … 9.

    tokens = S of the 8 symbols, T - 1 blanks, go, S blanks; targets = T + S blanks, the S symbols. T, S >= 1.
    Baseline: S ln 8 / (T + 2S) nats a step: the blanks are certain, each of the S symbols is a guess among 8.
    Source: after the noiseless memorization of Hochreiter & Schmidhuber (1997).
    """
    check_rng(rng)
    check_count(N=N, T=T, S=S)
    tokens = np.full((T + 2 * S, N), BLANK)
    targets = np.full((T + 2 * S, N), BLANK)
    tokens[:S] = targets[T + S :] = rng.integers(SYMBOLS, size=(S, N))
    tokens[T + S - 1] = GO
    return tokens, targets


def temporal_order(rng, N, T, *, anywhere=False):
    """In which order did the two signals come? tokens (T, N) int in 0 … 5, targets (N,) int in 0 … 3.

    Distractors 0 … 3 everywhere but at two steps, .1T <= p0 < .2T and .5T <= p1 < .6T, where A = 4 or B = 5 stands;
    targets: AA 0, AB 1, BA 2, BB 3. T >= 6, so that each of the two stretches holds a step. anywhere: p0 < p1 are any
    two steps, every pair as likely.
    Baseline: ln 4 = 1.386 nats, the four classes being equally likely.
    Source: Hochreiter & Schmidhuber (1997), section 5.6, as in Pascanu, Mikolov & Bengio (2013), section 4.1.1.
    """
    check_rng(rng)
    check_count(N=N)
    check_count(6, T=T)
    tokens = rng.integers(4, size=(T, N))
    signals = rng.integers(A, B + 1, size=(2, N))
    starts, ends = (-(-np.array(tenths) * T // 10) for tenths in ((1, 5), (2, 6)))  # rounded up, in whole numbers
    if anywhere:
        places = np.sort(rng.random((T, N)).argsort(0)[:2], axis=0)
    else:
        places = [rng.integers(start, end, size=N) for start, end in zip(starts, ends)]
    for signal, place in zip(signals, places):
        tokens[place, np.arange(N)] = signal
    return tokens, 2 * (signals[0] - A) + (signals[1] - A)


def lift(rng, N, T, floors=5):
    """On which floor is the lift? tokens (T, N) int, 0 down, 1 stay, 2 up; targets (N,) int, the floor after the last.

    It starts in the middle; at the lowest and at the highest floor it stays where it would go further. floors >= 2.
    Baseline: ln floors nats for long sequences, when every floor is as likely.
    """
    check_rng(rng)
    check_count(N=N, T=T)
    check_count(2, floors=floors)
    tokens, floor = rng.integers(3, size=(T, N)), np.full(N, floors // 2)
    for move in tokens - 1:
        floor = np.clip(floor + move, 0, floors - 1)
    return tokens, floor


def parity(rng, N, T, *, dtype=np.float64):
    """Is the number of ones so far odd? xs (T, N, 1) of 0 and 1, targets (T, N) int, asked at every step.

    Baseline: ln 2 = .693 nats from the second step on, where the count before is as often odd as even.
    """
    check_rng(rng)
    check_count(N=N, T=T)
    bits = rng.integers(2, size=(T, N))
    return bits[..., None].astype(dtype), bits.cumsum(0) % 2


def latch(rng, N, T, *, dtype=np.float64):
    """A flag: 1 sets it, -1 clears it, 0 leaves it. xs (T, N, 1), targets (T, N) int, the flag at every step.

    Before the first step it is 0. Baseline: about ln 2 / 3 = .231 nats, a coin where nothing is said: five
    answers of six are right without memory.
    """
    check_rng(rng)
    check_count(N=N, T=T)
    said = rng.integers(-1, 2, size=(T, N))
    targets, flag = np.empty((T, N), int), np.zeros(N, int)
    for t, now in enumerate(said):
        targets[t] = flag = np.where(now == 0, flag, now > 0)
    return said[..., None].astype(dtype), targets


def cups(rng, N, T, count=5):
    """Under which cup is the ball? tokens (T, N) int, targets (T, N) int in 0 … count - 1, asked at every step.

    Token k exchanges the cups at places k and k + 1. The ball starts at 0. count >= 2. The order of
    the exchanges matters, where parity is the same in any order.
    Baseline: ln count nats after many steps, when every place is as likely.
    """
    check_rng(rng)
    check_count(N=N, T=T)
    check_count(2, count=count)
    tokens, ball = rng.integers(count - 1, size=(T, N)), np.zeros(N, int)
    targets = np.empty_like(tokens)
    for t, left in enumerate(tokens):
        targets[t] = ball = ball + (ball == left) - (ball == left + 1)
    return tokens, targets
