"""What is timed against what. Run as a program, it is one side, alone in its process: it reads jobs, answers times.

A job is a line of JSON, {"job": name, "side": name, "shape": [N, T, D, H], "runs": 15}; the answer is a line, too.
Each side imports only what it needs: two thread pools in one process would spin against each other.
"""

import json
import resource
import sys
import time
import tracemalloc

import numpy as np

GATES = {"lstm": 4, "gru": 3, "rnn": 1}
VOCABULARY = 65


def arrays(cell, shape, dtype=np.float32):
    """xs, first states, weights, and the gradient of hs, the same numbers for every side."""
    (N, T, D, H), G = shape, GATES[cell]
    rng = np.random.default_rng(0)
    make = lambda *s: (0.1 * rng.standard_normal(s)).astype(dtype)
    states = [make(N, H) for _ in range(2 if cell == "lstm" else 1)]
    weights = [make(D, G * H), make(H, G * H), make(G * H)] + ([make(H)] if cell == "gru" else [])
    return make(T, N, D), states, weights, make(T, N, H)


def floor(cell, shape):
    """The bare matrix products of forward and backward, and nothing else."""
    xs, (h, *_), (W_xh, W_hh, *_), dhs = arrays(cell, shape)
    T, N, H = dhs.shape
    rows, hs, dz = xs.reshape(T * N, -1), dhs.reshape(T * N, H), np.ones((T * N, W_hh.shape[1]), np.float32)
    W_T, z, dh = W_hh.T.copy(), np.empty((N, W_hh.shape[1]), np.float32), np.empty_like(h)

    def run():
        rows @ W_xh
        for _ in range(T):
            np.matmul(h, W_hh, out=z)
        for _ in range(T):
            np.matmul(z, W_T, out=dh)
        return dz @ W_xh.T, rows.T @ dz, hs.T @ dz

    return run


def _library(kernel, cell, shape):
    xs, states, weights, dhs = arrays(cell, shape)
    dstates = [np.zeros_like(dhs) for _ in states[1:]]

    def run():
        values, pullback = kernel.with_pullback(xs, *states, *weights)
        gradients = pullback(dhs, *dstates)
        return values, gradients[0], gradients[1 + len(states) :]

    return run


def fast(cell, shape):
    """The library's kernel."""
    from unrolled.cells import gru, lstm, rnn

    return _library({"lstm": lstm.lstm, "gru": gru.gru, "rnn": rnn.rnn}[cell], cell, shape)


def reference(cell, shape):
    """The library's reading by the book."""
    from unrolled.cells import gru, lstm, rnn

    kernels = {"lstm": lstm.lstm_reference, "gru": gru.gru_reference, "rnn": rnn.rnn_reference}
    return _library(kernels[cell], cell, shape)


def plain(cell, shape):
    """The usual teaching form: per step, per gate, in float64."""
    import plain

    xs, states, weights, dhs = arrays(cell, shape, np.float64)
    parts = plain.split(weights[:3], {"lstm": "ifog", "gru": "rzn", "rnn": "h"}[cell])
    return lambda: getattr(plain, cell)(xs, *states, parts, *weights[3:], dhs)


def torch(cell, shape):
    """PyTorch's module on the CPU: forward, and backward to inputs and weights."""
    import torch

    xs, states, _, dhs = arrays(cell, shape)
    module = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "rnn": torch.nn.RNN}[cell](shape[2], shape[3])
    xs, dhs = torch.from_numpy(xs).requires_grad_(), torch.from_numpy(dhs)
    first = [torch.from_numpy(s)[None] for s in states]
    first = tuple(first) if cell == "lstm" else first[0]

    def run():
        for parameter in (xs, *module.parameters()):
            parameter.grad = None
        output, _ = module(xs, first)
        output.backward(dhs)

    return run


def char_rnn_fast(shape):
    """A whole training step of the library: embedding, LSTM, read-out, loss, Adam."""
    from unrolled.autodiff.tape import value_and_grad
    from unrolled.learning.optimizers import Adam
    from unrolled.models import char_lm

    N, T, D, H = shape
    rng = np.random.default_rng(0)
    tokens = rng.integers(VOCABULARY, size=(T + 1, N))
    params = char_lm.init(rng, VOCABULARY, H, cell="lstm", D=D)
    state = char_lm.start(params, N)
    adam, differentiate = Adam(1e-3), value_and_grad(char_lm.loss, has_aux=True)
    opt_state = adam.init(params)

    def run():
        _, gradients = differentiate(params, tokens[:-1], tokens[1:], state)
        adam.update(params, gradients, opt_state)

    return run


def char_rnn_torch(shape):
    """The same of PyTorch."""
    import torch

    N, T, D, H = shape
    V, nn = VOCABULARY, torch.nn
    tokens = torch.from_numpy(np.random.default_rng(0).integers(V, size=(T + 1, N)))
    embedding, lstm, readout = nn.Embedding(V, D), nn.LSTM(D, H), nn.Linear(H, V)
    parameters = [*embedding.parameters(), *lstm.parameters(), *readout.parameters()]
    adam, first = torch.optim.Adam(parameters, 1e-3), (torch.zeros(1, N, H), torch.zeros(1, N, H))

    def run():
        adam.zero_grad(set_to_none=True)
        hs, _ = lstm(embedding(tokens[:-1]), first)
        nn.functional.cross_entropy(readout(hs).reshape(-1, V), tokens[1:].reshape(-1)).backward()
        adam.step()

    return run


def min_char_rnn_plain(shape):
    """One iteration of the plain program, in the shape that it always has."""
    import plain

    steps = plain.min_char_rnn(np.random.default_rng(0).integers(VOCABULARY, size=100_000))
    return lambda: next(steps)


def min_char_rnn_by_hand(shape):
    """The same program with the kernel in place of its two loops over time, and all parameters in one vector."""
    import fast_char_rnn

    steps = fast_char_rnn.by_hand(np.random.default_rng(0).integers(VOCABULARY, size=100_000))
    return lambda: next(steps)


def min_char_rnn_fit(shape):
    """The same as a lesson writes it: a loss on the tape, and `fit`."""
    import fast_char_rnn

    steps = fast_char_rnn.by_fit(np.random.default_rng(0).integers(VOCABULARY, size=100_000))
    return lambda: next(steps)


JOBS = {
    **{cell: {f.__name__: f for f in (floor, fast, reference, plain, torch)} for cell in GATES},
    "char-RNN step": {"fast": char_rnn_fast, "torch": char_rnn_torch},
    "min-char-rnn": {"plain": min_char_rnn_plain, "by hand": min_char_rnn_by_hand, "fit": min_char_rnn_fit},
}


def make(job, side, shape):
    """The function to be timed."""
    function = JOBS[job][side]
    return function(job, shape) if job in GATES else function(shape)


def times(run, runs, enough=0.5):
    """Seconds of each run, after one that does not count: so many, or three or more that take `enough` seconds."""
    run()
    seconds = []
    while len(seconds) < runs and (len(seconds) < 3 or sum(seconds) < enough):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return seconds


def memory(job, side, shape):
    """Peak of one training step beyond what stood before it, in bytes: by the system's count, and by Python's.

    The step runs first in a tiny size, which loads libraries and starts threads, and the inputs and weights stand.
    """
    for _ in range(3):
        make(job, side, (2, 3, 4, 5))()
    run = make(job, side, shape)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    run()
    run()
    system = 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    tracemalloc.start()
    run()
    return system, tracemalloc.get_traced_memory()[1]


def serve(side, threads):
    """Answer jobs until there are no more."""
    if side == "torch":
        import torch

        torch.set_num_threads(threads)
    made = {}
    for line in sys.stdin:
        ask = json.loads(line)
        key = ask["job"], tuple(ask["shape"])
        if ask.get("memory"):
            answer = memory(ask["job"], side, key[1])
        else:
            if key not in made:
                made.clear()  # one problem's arrays at a time
                made[key] = make(ask["job"], side, key[1])
                times(made[key], 2)
            answer = times(made[key], ask["runs"])
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
