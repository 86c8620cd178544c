"""The loss backwards, a lookup backwards, temperature."""

import numpy as np

from unrolled.exercises.exercise import Exercise
from unrolled.exercises.mistakes import mutants, slip_softmax


def dlogits(logits, targets, mask):
    """Backwards through softmax and the mean cross-entropy of the steps that count: -> (T, V)"""
    p = np.exp(logits - logits.max(1, keepdims=True))
    p = p / p.sum(1, keepdims=True)
    p[np.arange(len(p)), targets] -= 1
    return p * mask[:, None] / mask.sum()


def _dlogits_case(rng, T, V):
    """At T = 4 the logits are so large that e^y overflows. Of two steps and more, one does not count."""
    logits, targets = rng.standard_normal((T, V)) * (1000 if T == 4 else 1), rng.integers(V, size=T)
    return {"logits": logits, "targets": targets, "mask": np.arange(T) != 1}


def _dlogits_terms(logits, targets, mask):
    p = np.exp(logits - logits.max(1, keepdims=True))
    p, weight = p / p.sum(1, keepdims=True), mask[:, None] / mask.sum()
    hits = np.eye(logits.shape[1])[targets]
    return {"dlogits": {"the probabilities": p * weight, "the 1 at the target": hits * weight}}


DLOGITS = Exercise(
    name="dlogits",
    statement="Write the way back through softmax and cross-entropy, averaged over the steps where the mask is True.",
    reference=dlogits,
    case=_dlogits_case,
    results=("dlogits",),
    terms=_dlogits_terms,
    hints=(
        "Softmax and cross-entropy together have a short gradient: nearly the probabilities themselves.",
        "It is p, minus 1 at the target. A step that does not count has the gradient 0; the mean is over the others.",
        "p = softmax of each row, its largest logit taken off first; p[np.arange(T), targets] -= 1; then times "
        "mask[:, None], divided by mask.sum().",
    ),
    wrong=mutants(
        dlogits,
        ("this is the sum's gradient: divide by the number of steps that count", " / mask.sum()", ""),
        ("the mean is over all T steps: divide by the steps that count, mask.sum()", "mask.sum()", "len(mask)"),
        ("the mask is forgotten: a step that does not count has the gradient 0", "mask[:, None] / mask.sum()",
         "1 / len(mask)"),
        ("the mask is only in the divisor: a step that does not count has the gradient 0", "p * mask[:, None]", "p"),
        ("the mask is turned round: True is a step that counts", "mask[:, None]", "~mask[:, None]"),
        ("it divides by T V, all numbers: the mean is over the steps that count", "mask.sum()",
         "mask.sum() / p.shape[1]"),
        ("the sign is turned: p - 1 at the target, p elsewhere", "return p", "return -p"),
        ("the 1 at the target is missing: p - 1 there, p elsewhere", "-= 1\n", "-= 0\n"),
        ("1 is added at the target: it is taken off", "-= 1\n", "+= 1\n"),
        ("1 is taken off everywhere: only at the target", "p[np.arange(len(p)), targets] -= 1", "p = p - 1"),
        ("the target's place holds -1 alone: it is p - 1", "targets] -= 1", "targets] = -1"),
        ("only the target has a gradient: the other logits have p",
         "p[np.arange(len(p)), targets] -= 1", "p = (p - 1) * np.eye(p.shape[1])[targets]"),
        ("all rows lose 1 at every target: pair them, p[np.arange(T), targets]", "p[np.arange(len(p)), targets]",
         "p[:, np.unique(targets)]"),
        ("the targets are read one step late: row t has targets[t]", ", targets]", ", np.roll(targets, -1)]"),
        ("the targets are read one step early: row t has targets[t]", ", targets]", ", np.roll(targets, 1)]"),
        ("softmax is missing: p is made of the logits", "p / p.sum(1, keepdims=True)", "logits.copy()"),
        ("softmax is over the steps, axis 0: it is over the symbols, axis 1", "p.sum(1, keepdims=True)",
         "p.sum(0, keepdims=True)", "logits.max(1, keepdims=True)", "logits.max()"),
        ("softmax is over all numbers at once: each row has the sum 1", "p.sum(1, keepdims=True)", "p.sum()",
         "logits.max(1, keepdims=True)", "logits.max()"),
        ("the sum is missing in softmax: each row has the sum 1", "p / p.sum(1, keepdims=True)", "p"),
        ("e^y overflows with large logits: take off the row's largest first", "logits - logits.max(1, keepdims=True)",
         "logits"),
        ("the largest of all logits is taken off, and a row far below it is 0/0: take off the row's largest",
         "logits.max(1, keepdims=True)", "logits.max()"),
        ("the mask is in softmax, where a step that does not count is 0/0: it belongs to the gradient",
         "p / p.sum(1, keepdims=True)", "p * mask[:, None] / (p * mask[:, None]).sum(1, keepdims=True)"),
        ("the steps that do not count are left out: their gradient is 0, and dlogits has the shape of the logits",
         "p * mask[:, None]", "p[mask]"),
        ("the slope p (1 - p) is multiplied in: it belongs to softmax alone, and is in p - 1 already",
         "return p *", "s = p + np.eye(p.shape[1])[targets]\n    return p * s * (1 - s) *"),
        *slip_softmax("logits", "p / p.sum(1, keepdims=True)", "p", axis="1"),
        ("softmax's own slope, p (1 - p), is returned: with the cross-entropy it is p - 1 at the target, p elsewhere",
         "p[np.arange(len(p)), targets] -= 1", "p = p * (1 - p)"),
        ("the targets' numbers are taken off: 1 is, at the place that the target names",
         "p[np.arange(len(p)), targets] -= 1", "p = p - targets[:, None]"),
        ("1 is taken off where the network would choose: at the target", ", targets]", ", p.argmax(1)]"),
        ("a step that does not count still has p: the mask is for the whole row",
         "p[np.arange(len(p)), targets] -= 1", "p[np.arange(len(p)), targets] -= mask", "p * mask[:, None]", "p"),
        ("the gradient is that of bits: divided by ln 2, and nats are asked for", " / mask.sum()",
         " / mask.sum() / np.log(2)"),
        ("the loss is returned: its gradient is asked for", "p[np.arange(len(p)), targets] -= 1\n",
         "nats = -np.log(np.maximum(p[np.arange(len(p)), targets], 1e-300))\n",
         "p * mask[:, None]", "(nats * mask).sum()"),
    ),
)  # fmt: skip


def embedding_backward(ids, dy, V):
    """Backwards through y = E[ids]: ids (n,), dy (n, D) -> dE (V, D). A row that was used twice adds both."""
    dE = np.zeros((V, dy.shape[1]))
    np.add.at(dE, ids, dy)
    return dE


def _embedding_case(rng, n, V, D):
    return {"ids": rng.integers(V, size=n), "dy": rng.standard_normal((n, D)), "V": V}


ADD = "np.add.at(dE, ids, dy)"
EMBEDDING_BACKWARD = Exercise(
    name="embedding_backward",
    statement="Write the way back through a lookup, y = E[ids]: from dy (n, D) to dE (V, D).",
    reference=embedding_backward,
    case=_embedding_case,
    results=("dE",),
    hints=(
        "As a product, the lookup is one_hot(ids) @ E. What is the gradient of E there?",
        "Row v of dE is the sum of all dy whose id is v. An id that is not there leaves zeros.",
        "Zeros of shape (V, D), then np.add.at(dE, ids, dy): unlike dE[ids] += dy, it adds for every repeat.",
    ),
    wrong=mutants(
        embedding_backward,
        ("dE[ids] += dy keeps the last of each repeated id: use np.add.at, which adds them all", ADD, "dE[ids] += dy"),
        ("the first of each repeated id stays: all of them add", ADD, "dE[ids[::-1]] = dy[::-1]"),
        ("repeated ids are averaged: their gradients add", ADD,
         ADD + "\n    dE /= np.maximum(np.bincount(ids, minlength=V), 1)[:, None]"),
        ("the gradient is divided by the number of ids: nothing is averaged here", ADD, ADD + "\n    dE /= len(ids)"),
        ("every row gets a gradient: only those that were looked up", ADD, "dE += dy.sum(0)"),
        ("the rows stand in the order of the text: row v of dE belongs to the id v", ADD,
         "np.add.at(dE, np.arange(len(ids)) % V, dy)"),
        ("the ids are off by one: row v of dE belongs to the id v", ADD, "np.add.at(dE, (ids + 1) % V, dy)"),
        ("it counts the ids: each adds its row of dy", ADD, "np.add.at(dE, ids, 1)"),
        ("this is dy looked up again: the way back scatters, it does not gather", ADD, "dE = dy[ids % len(dy)]"),
        ("the sign is turned: the gradients are added", ADD, "np.subtract.at(dE, ids, dy)"),
        ("dE stands transposed: it has E's shape, (V, D)", "return dE", "return dE.T"),
        ("dE is summed over D: it has E's shape, (V, D)", "return dE", "return dE.sum(1)"),
        ("dE has only the rows that were used: it has E's shape, (V, D)", "return dE", "return dE[np.unique(ids)]"),
        ("dE has as many rows as the largest id asks for: it has V", "np.zeros((V,", "np.zeros((ids.max() + 1,"),
        ("dE has the shape of dy: it has E's, (V, D)", "np.zeros((V, dy.shape[1]))", "np.zeros_like(dy)"),
        ("the gradients are cut to whole numbers: make dE of floats", ADD, "np.add.at(dE, ids, np.trunc(dy))"),
        ("these are squares of the gradients", ADD, "np.add.at(dE, ids, dy**2)"),
        ("the ids 0 are left out: 0 is an id as any other", ADD, "np.add.at(dE, ids[ids > 0], dy[ids > 0])"),
        ("the last of the ids is left out", ADD, "np.add.at(dE, ids[:-1], dy[:-1])"),
        ("the first of the ids is left out", ADD, "np.add.at(dE, ids[1:], dy[1:])"),
    ),
)  # fmt: skip


def softmax(logits, tau):
    """The probabilities at temperature tau: (V,) -> (V,), sum 1"""
    z = (logits - logits.max()) / tau
    p = np.exp(z)
    return p / p.sum()


def _softmax_case(rng, case):
    """In the third case the logits are so large that e^y overflows."""
    logits = rng.standard_normal(case + 2) * (1000 if case == 3 else 1)
    return {"logits": logits, "tau": 0.5 if case % 2 else 2.0}


Z = "(logits - logits.max()) / tau"
SOFTMAX = Exercise(
    name="softmax",
    statement="Return the probabilities of logits (V,) at temperature tau; large logits must not overflow.",
    reference=softmax,
    case=_softmax_case,
    results=("p",),
    hints=(
        "Temperature acts on the scores, before softmax.",
        "p_k is e^(y_k / tau), divided by the sum of all. A number taken off all the logits changes nothing.",
        "z = (logits - logits.max()) / tau, then np.exp(z), divided by its sum.",
    ),
    wrong=mutants(
        softmax,
        ("the temperature does nothing, forgotten, or cancelled by the sum: divide the logits by tau", " / tau", ""),
        ("the logits are multiplied with tau: divide them", " / tau", " * tau"),
        ("the probabilities are divided by tau: divide the logits, before softmax", " / tau", "",
         "p / p.sum()", "p / p.sum() / tau"),
        ("the probabilities are raised to tau: it is 1/tau", " / tau", "", "p / p.sum()", "(p / p.sum())**tau"),
        ("the sum is missing: the probabilities add up to 1", "p / p.sum()", "p"),
        ("e^y overflows with large logits: take off the largest first", Z, "logits / tau"),
        ("tau is added to the logits: divide by it", " / tau", " + tau * np.arange(len(logits))"),
        ("tau^2 divides the logits: divide by tau", " / tau", " / tau**2"),
        ("2 stands where e belongs: p is made of e^z", "np.exp(z)", "np.exp2(z)"),
        ("the sign is turned: the largest logit is the likeliest", "np.exp(z)", "np.exp(-z)"),
        ("the logits themselves are divided by their sum: softmax takes e^z", "np.exp(z)", "logits"),
        *slip_softmax("logits / tau", "p / p.sum()", "p"),
        ("the smallest logit is taken off, and e^y overflows: take off the largest", "logits.max()", "logits.min()"),
    ),
)  # fmt: skip

EXERCISES = DLOGITS, EMBEDDING_BACKWARD, SOFTMAX
