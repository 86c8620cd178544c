"""Parts that gradcheck passes, or cannot judge: another law says whether they are right."""

from itertools import islice

import numpy as np

from unrolled.autodiff import ops
from unrolled.autodiff.tape import value_and_grad
from unrolled.cells.rnn import rnn
from unrolled.exercises.clinic.case import GRADIENT, SOUND, Case
from unrolled.exercises.clinic.training import SYMBOLS, H, first_weights, learn, recall, tales
from unrolled.layers.dense import linear
from unrolled.layers.initializers import dense
from unrolled.layers.losses import cross_entropy


def masked_loss(nats, mask):
    """The mean nats of the steps that count, where the mask is 1"""
    return ops.sum(nats * mask) / mask.sum()


def _nats(logits, targets):
    p = ops.sum(ops.softmax(logits) * np.eye(logits.shape[-1])[targets], axis=-1)
    return -ops.log(p)


def _train_masked(masked_loss):
    """Sequences of which most are much shorter than the longest."""
    rng = np.random.default_rng(2)
    params = {"cell": first_weights(rng), "readout": dense(rng, H, SYMBOLS)}

    def batches():
        for xs, targets, heard in recall(rng, 2, T=12):
            yield xs, targets, heard & (np.arange(12)[:, None] < rng.integers(3, 13, xs.shape[1]))

    def loss(params, xs, targets, mask):
        hs = rnn(xs, np.zeros((xs.shape[1], H)), **params["cell"])
        return masked_loss(_nats(linear(hs, **params["readout"]), targets), mask.astype(float))

    return learn(loss, params, batches())


def _masked_arguments():
    return np.array([1.0, 2.0, 3.0, 4.0]), np.array([1, 1, 0, 0])


def probabilities(logits):
    """Softmax over the symbols: each row of (N, V) adds up to 1"""
    e = ops.exp(logits)
    return e / ops.sum(e, axis=1, keepdims=True)


def _pairs_of_letters(rng, N=200):
    """Letters of the tales and those that follow them, without end."""
    tokens, _ = tales()
    while True:
        at = rng.integers(len(tokens) - 1, size=N)
        yield tokens[at], tokens[at + 1]


def _table():
    """What the training with pairs of letters begins with: a generator, V, and small weights."""
    rng, V = np.random.default_rng(1), tales()[1]
    return rng, V, {"W": 0.1 * rng.standard_normal((V, V)), "b": np.zeros(V)}


def _train_softmax(probabilities):
    rng, V, params = _table()

    def loss(params, tokens, targets):
        logits = linear(np.eye(V)[tokens], **params)
        return -ops.mean(ops.log(ops.sum(probabilities(logits) * np.eye(V)[targets], axis=1)))

    return learn(loss, params, _pairs_of_letters(rng), learning_rate=3e-2)


def _softmax_arguments():
    return (np.random.default_rng(3).standard_normal((3, 5)),)


def rate(step, first, steps):
    """The learning rate falls in a straight line from `first` to 0, and stays there"""
    return first - first * min(step, steps) / steps


def _train_rate(rate):
    rng, V, params = _table()
    loss = lambda p, tokens, targets: cross_entropy(linear(np.eye(V)[tokens], **p), targets)
    found = []
    for step, batch in enumerate(islice(_pairs_of_letters(rng), 120)):
        L, grads = value_and_grad(loss)(params, *batch)
        params = {name: params[name] - rate(step, 10.0, 80) * grads[name] for name in params}
        found.append(float(L))
    return found


LOOK = "Try the law: it does not hold."
FINE = "gradcheck finds nothing here: the gradient is that of what is computed. It is not what was meant."

CASES = {
    "mean with a mask": Case(
        "The loss of sequences of many lengths",
        "Sequences of 1 to 10 symbols that count stand in a batch of 12 steps. The loss is the mean of the steps that "
        "count.",
        masked_loss,
        ("ops.sum(nats * mask) / mask.sum()", "ops.mean(nats * mask)"),
        _train_masked,
        _masked_arguments,
        "It starts below ln 4 = 1.39, what a guess costs. An untrained network cannot know so much.",
        "It is smooth and ends near 0. So it would with any factor in front of the loss: look at where it begins.",
        ("the mean is over the padding, too", "The sum is right, because the mask is 0 in the padding. But it is "
         "divided by all steps, and half of them are padding: one padded step more changes the loss, and it must not."),
        {GRADIENT: FINE, "the mask is turned round": "Steps that count have a 1, and add their nats.",
         SOUND: LOOK},
    ),
    "which axis": Case(
        "Softmax, by hand",
        "A row of scores for each of 200 letters; softmax makes probabilities of them; the loss is -log p of the "
        "letter that came.",
        probabilities,
        ("axis=1", "axis=0"),
        _train_softmax,
        _softmax_arguments,
        "It starts at 5.3. A guess among the 67 symbols costs ln 67 = 4.2, and small first weights begin near that.",
        "It does fall, by more than a tenth. But its first value is no guess among the symbols of this text.",
        ("softmax is over the batch, not over the symbols", "A column adds up to 1 here, not a row. The 200 rows "
         "of a batch compete for each symbol: a guess among them costs ln 200 = 5.3. The network learns which of "
         "these letters comes before a symbol, and nothing of how frequent the symbol is."),
        {GRADIENT: FINE, "e^y overflows": "These scores are small. It is a danger, not what is wrong here.",
         SOUND: LOOK},
    ),
    "down to 0": Case(
        "A learning rate that falls",
        "The learning rate falls in a straight line to 0 at step 80, and stays there until step 120.",
        rate,
        (),
        _train_rate,
        lambda: (100, 10.0, 80),
        "No curve can prove that. Call it at four steps, and you know.",
        "It goes nowhere from step 80 on. But the text asks for that: there the rate is 0, and the batches alone move "
        "the loss.",
        (SOUND, "The rate is 10 at step 0, 5 at step 40, and 0 at steps 80 and 120. min holds the step at 80, so the "
         "line ends there. Print a schedule at both ends before a long run."),
        {"after step 80 the learning rate is negative": "It would be so without min.",
         "it falls too fast": "Half way, at step 40, it is half of what it was at first.",
         GRADIENT: "There is no gradient in a schedule: it only says how far to step."},
    ),
}  # fmt: skip
