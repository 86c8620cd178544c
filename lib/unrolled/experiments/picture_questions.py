"""Questions about a picture: by what score the question looks at it, and what is right without a look.

Claims: Antol et al. (2015) compare with models that are blind; Bahdanau et al. (2014) score by a small network.
"""

from functools import partial

import numpy as np

from unrolled.autodiff import ops
from unrolled.autodiff.trees import tree_map
from unrolled.cells.lstm import lstm
from unrolled.data import folder
from unrolled.data.scenes import questions, scenes
from unrolled.layers.attention import additive_attention, attention
from unrolled.layers.dense import embedding, linear
from unrolled.layers.losses import cross_entropy
from unrolled.learning.checkpoints import load_checkpoint
from unrolled.learning.fit import fit
from unrolled.learning.optimizers import Adam
from unrolled.models import captioner

SCORES = ("dot", "unscaled", "mlp", "mean", "blind")


def trained_encoder():
    """The encoder of the shipped captioner `late`, as {"encoder": …}; it stays as it is."""
    late = load_checkpoint(folder() / "captioners.npz")["late"]
    return tree_map(lambda array: array.astype(np.float32), {"encoder": late["encoder"]})


def init(rng):
    """First weights of a network that answers, the same for every score."""
    like = captioner.init(rng, "late", V=len(questions.WORDS))
    (H, A), C = like["query"]["W"].shape, len(questions.ANSWERS)
    draw = lambda scale, *shape: np.float32(scale * rng.standard_normal(shape))
    readout = {"W": draw(0.1, H + A, C), "b": np.zeros(C, np.float32)}
    weights = {name: like[name] for name in ("embedding", "lstm", "query")}
    return weights | {"readout": readout, "key": {"W": draw(A**-0.5, A, A), "b": np.zeros(A, np.float32)},
                      "w": draw(A**-0.5, A)}  # fmt: skip


def answer(params, v, asked, *, score):
    """annotations v (N, K, A), questions (6, N) -> logits (N, answers)

    score    "dot"  scaled products; "unscaled"  the products as they are; "mlp"  a network with one hidden layer;
             "mean"  all weights equal; "blind"  no look
    """
    xs = embedding(asked, params["embedding"])
    zeros = np.zeros((len(v), params["lstm"]["W_hh"].shape[0]), v.dtype)
    h = lstm(xs, zeros, zeros, **params["lstm"])[0][-1]
    query = linear(h, **params["query"])
    query = ops.reshape(query, shape=(1, *query.shape))
    if score == "unscaled":
        query = query * np.float32(v.shape[2] ** 0.5)  # takes back the scale of `attention`
    if score in ("dot", "unscaled"):
        context = attention(query, v, v)[0][0]
    elif score == "mlp":
        context = additive_attention(query, linear(v, **params["key"]), v, params["w"])[0][0]
    else:
        context = v.mean(1) * np.float32(score == "mean")
    return linear(ops.concatenate(h, context), **params["readout"])


def measure(rng, score, *, steps, N, learning_rate, test_size):
    """Shares of right answers on fresh scenes: right, and of them yes_no and named, what is asked with "what"."""
    eyes = trained_encoder()

    def asked_of(size):
        batch = scenes.draw(rng, size)
        return captioner.encode(eyes, batch.images), *questions.ask(rng, batch)

    def loss(params, v, asked, answers):
        return cross_entropy(answer(params, v, asked, score=score), answers)

    batches = iter(partial(asked_of, N), None)
    *_, last = fit(loss, init(rng), batches, Adam(learning_rate), steps=steps, threads=1, progress=False)
    v, asked, answers = asked_of(test_size)
    right = answer(last.params, v, asked, score=score).argmax(1) == answers
    closed = np.isin(answers, [questions.ANSWERS.index(word) for word in ("yes", "no")])
    return {"right": right.mean(), "yes_no": right[closed].mean(), "named": right[~closed].mean()}
