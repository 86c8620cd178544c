"""Six layers of an LSTM, and what leads up through them: nothing, a depth gate, the cells of a grid, or a sum.

Claims: the depth gate improves language models (Yao et al. 2015), the Grid LSTM is the best network on characters
(Kalchbrenner, Danihelka & Graves 2015). The baselines: a highway's gated sum (Srivastava, Greff & Schmidhuber 2015)
and the residual (He et al. 2015; in stacks of LSTMs, Wu et al. 2016).
"""

import numpy as np

from unrolled.autodiff.ops import sigmoid
from unrolled.autodiff.trees import leaves
from unrolled.cells.lstm import lstm
from unrolled.cells.over_depth import climb, depth_gated_step, grid_step
from unrolled.cells.stacks import one_direction, stack_layers
from unrolled.cells.table import init_cell, init_states
from unrolled.data import text
from unrolled.experiments.char_models import parts
from unrolled.layers.dense import embedding, linear
from unrolled.layers.initializers import dense, gaussian, glorot, orthogonal
from unrolled.layers.losses import cross_entropy
from unrolled.learning.fit import fit
from unrolled.learning.optimizers import Adam, clip_by_norm

DTYPE = np.float32
PATHS = ("plain", "depth gate", "depth gate +2", "grid", "highway", "residual")
OPEN = {"depth gate": 0, "depth gate +2": 2}  # the bias b_d at the start: half open, or .88


def init(rng, path, V, H, layers):
    """{"embedding", "layers", "readout"}, all of the width H. The grid's layers are tied: it has the weights of one."""
    draw = lambda: init_cell(rng, "lstm", H, H, W_hh=orthogonal, dtype=DTYPE)
    if path == "grid":
        stack = ({"time": draw(), "depth": draw()},)
    else:
        stack = tuple(draw() for _ in range(layers))
    if path in OPEN:
        start = lambda: {"w_cd": np.zeros(H, DTYPE), "w_ld": np.zeros(H, DTYPE), "b_d": np.full(H, OPEN[path], DTYPE)}
        gated = (weights | {"W_xd": glorot(rng, (H, H), dtype=DTYPE)} | start() for weights in stack[1:])
        stack = stack[0], *gated
    if path == "highway":
        gate = lambda: {"W": glorot(rng, (H, H), dtype=DTYPE), "b": np.full(H, -2, DTYPE)}
        stack = stack[0], *({"lstm": weights, "gate": gate()} for weights in stack[1:])
    table = {"W": gaussian(rng, (V, H), 0.5, dtype=DTYPE)}
    return {"embedding": table, "layers": stack, "readout": dense(rng, H, V, dtype=DTYPE)}


def run(path, xs, states, layers):
    """xs (T, N, H) through as many layers as there are states -> ys (T, N, H), and their last states."""
    if path in OPEN:
        hs, cs = lstm(xs, *states[0], **layers[0])
        ys, _, last = climb(depth_gated_step, hs, cs, states[1:], layers[1:])
        return ys, ((hs[-1], cs[-1]), *last)
    if path == "grid":
        ys, _, last = climb(grid_step, xs, np.zeros(xs.shape, xs.dtype), states, layers * len(states))
        return ys, last
    if path == "highway":
        return run_highway(xs, states, layers)
    return stack_layers(lstm, xs, states, layers, residual=path == "residual")


def run_highway(xs, states, layers):
    """A gate t says how much of a layer's answer comes in, 1 - t how much of what it read stays; the lowest has none.

    At the start the bias is -2: t is .12. Source: Srivastava, Greff & Schmidhuber (2015), "Highway networks".
    """
    xs, *last = one_direction(lstm, xs, states[0], layers[0])
    for state, layer in zip(states[1:], layers[1:]):
        ys, end = one_direction(lstm, xs, state, layer["lstm"])
        t = sigmoid(linear(xs, **layer["gate"]))
        xs = t * ys + (1 - t) * xs
        last.append(end)
    return xs, tuple(last)


def loss_of(path):
    """loss(params, tokens, targets, states) -> nats per character, and the last states."""

    def loss(params, tokens, targets, states):
        ys, last = run(path, embedding(tokens, **params["embedding"]), states, params["layers"])
        return cross_entropy(linear(ys, **params["readout"]), targets), last

    return loss


def evaluate(params, tokens, path, layers, *, T=50, N=50):
    """Nats per character of a held-out text, read as N streams side by side, each from the state 0."""
    loss, states, chunks = loss_of(path), zero_states(N, params, layers), (len(tokens) // N - 1) // T
    found = []
    for _, batch in zip(range(chunks), text.batches(tokens, T, N)):
        nats, states = loss(params, *batch, states)
        found.append(float(nats))
    return np.mean(found)


def zero_states(N, params, layers):
    """(h, c) of each layer, zeros (N, H)."""
    return (init_states("lstm", N, len(params["readout"]["W"]), dtype=DTYPE),) * layers


def train(rng, path, V, tokens, *, layers, H, T, N, steps, learning_rate, max_norm):
    """The steps of one training, as `fit` yields them."""
    params = init(rng, path, V, H, layers)
    how = {"carry": zero_states(N, params, layers), "clip": lambda grads: clip_by_norm(grads, max_norm), "threads": 1}
    batches = text.batches(tokens, T, N)
    return fit(loss_of(path), params, batches, Adam(learning_rate), steps=steps, progress=False, **how)


def measure(rng, path, learning_rate, *, early, **sizes):
    """Nats per character of the validation part at the end, of the test part after `early` steps and at the end."""
    V, learnt, validation, test = parts()
    nats = lambda step, tokens: evaluate(step.params, tokens, path, sizes["layers"])
    for step in train(rng, path, V, learnt, learning_rate=learning_rate, **sizes):
        if step.step == early:
            test_early = nats(step, test)
    weights = sum(W.size for _, W in leaves(step.params))
    return {
        "validation": nats(step, validation),
        "test_early": test_early,
        "test": nats(step, test),
        "weights": weights,
    }
