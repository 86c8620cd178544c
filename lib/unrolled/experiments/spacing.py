"""Restore the spaces of the course's Korean tales: read forwards, backwards or both ways, beside a table of counts."""

import numpy as np

from unrolled.autodiff.trees import tree_map
from unrolled.data import corpora, spacing
from unrolled.experiments import directions
from unrolled.layers.dense import embedding
from unrolled.layers.initializers import gaussian
from unrolled.layers.losses import cross_entropy


def parts():
    """The Korean tales as a `spacing.Spacing`."""
    return spacing.spacing(corpora.corpus("tales_ko").text)


def logits(params, tokens, *, cell, direction):
    """Is there a space after each symbol? tokens (T, N) -> (T, N, 2)"""
    return directions.answers(params, embedding(tokens, params["symbols"]), cell, direction)


def score(params, part, **how):
    """F1 of the spaces of a part, which is read whole, from end to end."""
    found = logits(params, part.tokens[:, None], **how).argmax(-1)[:, 0]
    return spacing.f1(found, part.spaces)


def train(rng, text, direction, *, cell, E, parameters, T, N, **training):
    """The steps of one training, as `fit` yields them."""
    symbols = gaussian(rng, (len(text.symbols), E), 0.5, dtype=directions.DTYPE)
    params = {"symbols": symbols} | directions.init(rng, cell, direction, E, 2, parameters)
    loss = lambda params, tokens, spaces: cross_entropy(logits(params, tokens, cell=cell, direction=direction), spaces)
    return directions.learn(loss, params, spacing.windows(rng, text.learn, T, N), **training)


def measure(rng, direction, *, check_every, **sizes):
    """F1 on the validation part, at its best of the steps that were checked; of that step the test part's; and those of
    the table by the symbol, and by the symbol and the next one."""
    text, how = parts(), {"cell": sizes["cell"], "direction": direction}
    best, chosen, kept = -1.0, 0, None
    for step in train(rng, text, direction, **sizes):
        if step.step % check_every == 0 and (found := score(step.params, text.validate, **how)) > best:
            best, chosen, kept = found, step.step, tree_map(np.copy, step.params)
    tables = {
        f"table_{name}": spacing.f1(spacing.table(text.learn, text.test, after=after), text.test.spaces)
        for after, name in enumerate(("symbol", "pair"))
    }
    return {"step": chosen, "validation": best, "test": score(kept, text.test, **how)} | tables
