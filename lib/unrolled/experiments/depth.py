"""Deep or wide? Character models of one, two and four layers with equally many parameters; and gradients over layers.

Claims: a deep network had the record on TIMIT (Graves, Mohamed & Hinton 2013); many plain layers hardly work, and
residuals help (Wu et al. 2016); the notes: more layers need more data.
"""

import numpy as np

from unrolled.autodiff import ops
from unrolled.autodiff.tape import value_and_grad
from unrolled.autodiff.trees import tree_map
from unrolled.cells.stacks import stack_layers
from unrolled.cells.table import CELLS, cell_of, init_cell, init_states
from unrolled.data import text
from unrolled.experiments.char_models import parts, table_of_counts
from unrolled.layers.dense import embedding, linear
from unrolled.layers.initializers import orthogonal
from unrolled.layers.losses import cross_entropy
from unrolled.learning.fit import fit
from unrolled.learning.optimizers import Adam, clip_by_norm
from unrolled.models import char_lm

RESIDUAL = {"plain": False, "residual": True}  # the names that the tables use
STREAMS = 16  # a held-out text is read in so many pieces side by side
STILL, LEAST = 1 / 4, 600  # a run ends when its best step lies a quarter of it behind, after so many steps at least


def loss_of(residual):
    """`char_lm.loss`, with or without residuals from layer to layer."""

    def loss(params, tokens, targets, state):
        cell = cell_of(params)
        xs = embedding(tokens, params["embedding"])
        ys, last = stack_layers(CELLS[cell].kernel, xs, state, params[cell], residual=residual)
        return cross_entropy(linear(ys, **params["readout"]), targets), last

    return loss


def train(rng, V, tokens, *, cell, layers, residual, parameters, D, T, N, steps, learning_rate, max_norm):
    """The steps of one training, as `fit` yields them."""
    H = char_lm.hidden_for(cell, V, parameters, D=D, layers=layers)
    params = char_lm.init(rng, V, H, cell=cell, D=D, layers=layers)
    how = {"carry": char_lm.start(params, N), "clip": lambda grads: clip_by_norm(grads, max_norm), "threads": 1}
    batches = text.batches(tokens, T, N)
    return fit(loss_of(residual), params, batches, Adam(learning_rate), steps=steps, progress=False, **how)


def measure(rng, cell, layers, stack, share, learning_rate, *, most, check_every, early, **sizes):
    """Trains until the validation part costs no less, or to the step `most`; nats per character are of the best step.

    stack  "plain" or "residual"
    share  how much of the learnt part there is, from its end
    step, steps, stood_still  the best of the steps that were checked, all steps, and 1 where the run ended by itself
    test_early  nats of the test part after so many steps as `early` says
    order, table_validation, table_test  the n-gram of the same text, of the order that is best on the validation part
    """
    residual, (V, learnt, validation, test) = RESIDUAL[stack], parts()
    learnt = learnt[-round(share * len(learnt)) :]
    nats = lambda params, part: char_lm.evaluate(params, part, streams=STREAMS, loss=loss_of(residual))
    best, chosen, kept, still, after = np.inf, 0, None, False, np.nan
    setting = {"cell": cell, "layers": layers, "residual": residual, "learning_rate": learning_rate}
    for step in train(rng, V, learnt, steps=most, **setting, **sizes):
        if step.step == early:
            after = nats(step.params, test)
        if step.step % check_every:
            continue
        if (found := nats(step.params, validation)) < best:
            best, chosen, kept = found, step.step, tree_map(np.copy, step.params)
        still = step.step >= LEAST and step.step - chosen >= STILL * step.step
        if still:
            break
    found = {"step": chosen, "steps": step.step, "stood_still": still, "validation": best, "test": nats(kept, test)}
    of_model = {"H": len(kept[cell][0]["W_hh"]), "parameters": char_lm.size(kept)}
    counted = dict(zip(("order", "table_validation", "table_test"), table_of_counts(V, learnt, validation, test)))
    return found | {"test_early": after} | of_model | counted


def input_gradient(rng, cell, layers, residual, *, H, T, N):
    """||dL/dxs|| of an untrained stack, where ||dL/dys|| = 1: what is left below all layers of a gradient from above.

    xs ~ N(0, 1), dL/dys a random direction, W_hh orthogonal, W_xh Glorot's, the forget bias 1.
    """
    weights = tuple(init_cell(rng, cell, H, H, W_hh=orthogonal) for _ in range(layers))
    states = tuple(init_states(cell, N, H) for _ in range(layers))
    xs, G = rng.standard_normal((2, T, N, H))
    G /= np.linalg.norm(G)

    def loss(xs):
        ys, _ = stack_layers(CELLS[cell].kernel, xs, states, weights, residual=residual)
        return ops.sum(ops.multiply(ys, G))

    return np.linalg.norm(value_and_grad(loss)(xs)[1])


def measure_gradient(rng, cell, layers, stack, **sizes):
    """`input_gradient` of a stack that is "plain" or "residual"."""
    return {"gradient": input_gradient(rng, cell, layers, RESIDUAL[stack], **sizes)}
