"""The next word of the tales: a GRU beside tables of counts, with all that is chosen chosen on the validation part."""

import re
from collections import Counter

import numpy as np

from unrolled.autodiff.trees import tree_map
from unrolled.data import corpora, text
from unrolled.learning.fit import fit
from unrolled.learning.optimizers import Adam, clip_by_norm
from unrolled.models import char_lm, ngram

CHECKED = (150, 300, 600, 900, 1200, 1500)  # steps after which the validation part is read
ORDERS, DISCOUNTS = range(1, 5), (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)


def parts(at_least=3):
    """V, and the words and marks of the tales as numbers, 80 % to train on, 10 % to validate, 10 % to test.

    A word that stands fewer than `at_least` times in the first 80 % is <rare>.
    """
    words = re.findall(r"[a-z]+(?:'[a-z]+)?|[.,;:?!]", corpora.corpus("tales").text.lower())
    often = {word for word, n in Counter(words[: len(words) * 8 // 10]).items() if n >= at_least}
    words = [word if word in often else "<rare>" for word in words]
    lexicon, to_numbers, _ = text.vocabulary(words)
    rest, test = text.split(to_numbers(words), held_out=0.1)
    return len(lexicon), *text.split(rest, held_out=1 / 9), test


def tables(V, train, validation, test):
    """Orders and discount of the best tables on the validation part, and their nats on validation and on test."""
    counted, found, discounts = ngram.count(train, V, max(ORDERS)), {}, {}
    choices = {"witten_bell": {None: counted}, "kneser_ney": {D: ngram.kneser_ney(counted, D) for D in DISCOUNTS}}
    for name, models in choices.items():
        scores = {(D, n): ngram.evaluate(model, validation, n) for D, model in models.items() for n in ORDERS}
        D, order = min(scores, key=scores.get)
        found |= {f"{name}_order": order, f"{name}_validation": scores[D, order]}
        found[name], discounts[name] = ngram.evaluate(models[D], test, order), D
    return found | {"discount": discounts["kneser_ney"]}


def measure(rng, learning_rate, *, D, H, T, N, dropout, max_norm):
    """Validation nats after so many steps; test nats after 300, as in the lesson, and where validation is lowest;
    those of both tables."""
    V, train, validation, test = parts()
    params = char_lm.init(rng, V, H, cell="gru", D=D)
    params["embedding"] *= np.float32(0.1)
    seed = int(rng.integers(2**31))
    batches = ((*chunk, np.array([seed, k])) for k, chunk in enumerate(text.batches(train, T, N)))
    how = {"carry": char_lm.start(params, N), "clip": lambda grads: clip_by_norm(grads, max_norm), "threads": 1}
    loss = char_lm.loss_with_dropout(dropout)
    nats, after_300, kept = {}, None, None
    for step in fit(loss, params, batches, Adam(learning_rate), steps=CHECKED[-1], progress=False, **how):
        if step.step in CHECKED:
            nats[step.step] = char_lm.evaluate(step.params, validation)
            if nats[step.step] == min(nats.values()):
                kept = tree_map(np.copy, step.params)
        if step.step == 300:
            after_300 = char_lm.evaluate(step.params, test)
    found = {f"validation_{step}": value for step, value in nats.items()}
    chosen = {
        "network_300": after_300,
        "step": min(nats, key=nats.get),
        "validation": min(nats.values()),
        "network": char_lm.evaluate(kept, test),
    }
    return found | chosen | tables(V, train, validation, test)
