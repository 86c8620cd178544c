"""What truncated backpropagation gives up, and what it saves: direction, bias, memory and time.

Claim: unlike the gradient of SGD, the truncated gradient is biased. Source: Tallec & Ollivier (2017).
"""

import time
import tracemalloc
from itertools import islice

import numpy as np

from unrolled.autodiff.tape import value_and_grad
from unrolled.cells.rnn import rnn
from unrolled.cells.sequence import flat
from unrolled.data import tasks
from unrolled.experiments.networks import elman, stream_loss, zero_state
from unrolled.layers.dense import linear
from unrolled.layers.initializers import orthogonal
from unrolled.layers.losses import cross_entropy
from unrolled.probes.gradients import cosine, truncated_gradients


def init(rng, W_hh, H):
    """Parameters for a stream of bits: W_hh "glorot", or a number g: g times an orthogonal matrix."""
    params = elman(rng, 1, H, 2)
    if W_hh != "glorot":
        params["rnn"]["W_hh"] = orthogonal(rng, (H, H), gain=W_hh)
    return params


def sequences(rng, T, N, targets, delay):
    """xs (T, N, 1) bits, targets (T, N) int: "echo", the bit of `delay` steps ago, or "random" bits."""
    if targets not in ("echo", "random"):
        raise ValueError(f'targets must be "echo" or "random", got {targets!r}')
    xs, echoed = next(tasks.echo(rng, N, T, delay))
    return xs, (echoed if targets == "echo" else rng.integers(2, size=(T, N)))


def gradient(params, xs, targets, k):
    """The gradient of the loss summed over time, in chunks of k steps whose state is carried: k = T is the full one."""
    starts = range(0, len(xs), k)
    loss = lambda *batch: stream_loss(*batch, reduction="batch")
    chunks = ((xs[t : t + k], targets[t : t + k]) for t in starts)
    return truncated_gradients(loss, params, chunks, zero_state(params, xs.shape[1]))


def sliding_gradient(params, xs, targets, k):
    """The gradient of the same loss in which every step's loss goes back through k steps, its own the first of them.

    All losses at once: in each round every error goes one step further back. k = T is the full gradient.
    Source: Williams & Peng (1990), truncation after each step.
    """
    W_hh = params["rnn"]["W_hh"]
    h0 = zero_state(params, xs.shape[1])
    hs = rnn(xs, h0, **params["rnn"])

    def read_out(nest):
        return cross_entropy(linear(nest["hs"], **nest["readout"]), targets, reduction="batch")

    _, grads = value_and_grad(read_out)({"hs": hs, "readout": params["readout"]})
    slopes = 1 - hs**2
    errors = grads["hs"] * slopes
    dzs = errors.copy()
    for _ in range(k - 1):
        errors = np.concatenate([errors[1:] @ W_hh.T, np.zeros_like(errors[:1])]) * slopes
        dzs += errors
    before = np.concatenate([h0[None], hs[:-1]])
    dW_xh, dW_hh, db_h = flat(xs).T @ flat(dzs), flat(before).T @ flat(dzs), flat(dzs).sum(0)
    return {"rnn": {"W_xh": dW_xh, "W_hh": dW_hh, "b_h": db_h}, "readout": grads["readout"]}


GRADIENTS = {"chunks": gradient, "sliding": sliding_gradient}


def measure_cosine(rng, kind, targets, W_hh, k, H, N, T, delay):
    """The cosine between a truncated and the full gradient of one batch: of all weights, and of those in the loop."""
    params = init(rng, W_hh, H)
    batch = sequences(rng, T, N, targets, delay)
    cut, full = GRADIENTS[kind](params, *batch, k), gradient(params, *batch, T)
    return {"cosine": cosine(cut, full), "cosine_W_hh": cosine(cut["rnn"]["W_hh"], full["rnn"]["W_hh"])}


def measure_bias(rng, k, sequences_averaged, H, T, delay, sequences_in_all):
    """The cosine between a gradient averaged over a few sequences and the full one averaged over very many.

    k = T is the gradient of SGD, which tends to the full one; with k < T it tends to another.
    """
    params = init(rng, "glorot", H)
    everything = sequences(rng, T, sequences_in_all, "echo", delay)
    few = sequences(rng, T, sequences_averaged, "echo", delay)
    return {"cosine": cosine(gradient(params, *few, k), gradient(params, *everything, T))}


def measure_cost(rng, T, H, N, k, delay, repeats):
    """Memory and time of one gradient over all T steps, of one over k steps, and of T/k gradients over k steps each.

    Memory is the largest amount that was in use at once, in MB; time is the processor's, the shortest of `repeats`, in
    ms: while the process waits for its turn on a busy machine, it does not run.
    The truncated run reads its stream chunk by chunk, as a stream is read.
    """
    params = init(rng, "glorot", H)
    differentiate = value_and_grad(lambda *batch: stream_loss(*batch, reduction="batch"), has_aux=True)

    def gradients(window, count):
        state = zero_state(params, N)
        for xs, targets in islice(tasks.echo(rng, N, window, delay), count):
            (_, state), _ = differentiate(params, xs, targets, state)

    runs = {"full": (T, 1), "truncated": (k, 1), "pass": (k, T // k)}
    times = {name: [] for name in runs}
    gradients(k, 1)
    for _ in range(repeats):  # in turns, so that a slow moment of the machine hits all three
        for name, run in runs.items():
            start = time.process_time()
            gradients(*run)
            times[name].append(1e3 * (time.process_time() - start))
    return {
        "memory_full_MB": peak_memory(lambda: gradients(T, 1)),
        "memory_truncated_MB": peak_memory(lambda: gradients(k, T // k)),
        "time_full_ms": min(times["full"]),
        "time_truncated_ms": min(times["truncated"]),
        "time_pass_ms": min(times["pass"]),
    }


def peak_memory(function):
    """The largest amount of memory that Python and NumPy held at once for a call, in MB, above what was held before."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        function()
        return (tracemalloc.get_traced_memory()[1] - before) / 1e6
    finally:
        tracemalloc.stop()
