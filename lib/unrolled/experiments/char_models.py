"""Character models beside a table of counts, on a text in three parts: learnt from, chosen on, judged on."""

import time

import numpy as np

from unrolled.autodiff.trees import tree_map
from unrolled.data import corpora, text
from unrolled.learning.fit import fit
from unrolled.learning.optimizers import Adam, clip_by_norm
from unrolled.models import char_lm, ngram

CHECKED = (250, 500, 1000, 1500, 2000, 2500)  # steps after which the validation part is read
ORDERS = range(1, 7)


def parts():
    """V, and the tokens of the tales: the first 80 % train, the next 10 % validate, the last 10 % test."""
    tales = corpora.corpus("tales").text
    symbols, encode, _ = text.vocabulary(tales)
    rest, test = text.split(encode(tales), held_out=0.1)
    return len(symbols), *text.split(rest, held_out=1 / 9), test


def table_of_counts(V, train, validation, test):
    """The n-gram whose order is the best on the validation part: its order, and its nats on validation and on test."""
    counted = ngram.count(train, V, max(ORDERS))
    order = min(ORDERS, key=lambda n: ngram.evaluate(counted, validation, n))
    return order, ngram.evaluate(counted, validation, order), ngram.evaluate(counted, test, order)


def learn(rng, train, V, *, cell, parameters, D, T, N, learning_rate, dropout, max_norm, steps):
    """The steps of one training, as `fit` yields them; the first weights and the dropout are drawn from rng."""
    params = char_lm.init(rng, V, char_lm.hidden_for(cell, V, parameters, D=D), cell=cell, D=D)
    seed = int(rng.integers(2**31))
    batches = ((*chunk, np.array([seed, k])) for k, chunk in enumerate(text.batches(train, T, N)))
    how = {"carry": char_lm.start(params, N), "clip": lambda grads: clip_by_norm(grads, max_norm), "threads": 1}
    loss = char_lm.loss_with_dropout(dropout)
    return fit(loss, params, batches, Adam(learning_rate), steps=steps, progress=False, **how)


def measure(rng, **setting):
    """Validation nats after so many steps; of the step where they are lowest the test nats; and the table's of both.

    seconds_to_pass: processor seconds of training until the validation part costs less than it costs the table.
    """
    V, train, validation, test = parts()
    order, table_validation, table_test = table_of_counts(V, train, validation, test)
    nats, spent, passed, kept = {}, 0.0, np.nan, None
    begin = time.process_time()
    for step in learn(rng, train, V, **setting, steps=CHECKED[-1]):
        if step.step in CHECKED:
            spent += time.process_time() - begin  # without the time of the evaluation
            nats[step.step] = char_lm.evaluate(step.params, validation)
            if nats[step.step] == min(nats.values()):
                kept = tree_map(np.copy, step.params)
            passed = spent if np.isnan(passed) and nats[step.step] <= table_validation else passed
            begin = time.process_time()
    found = {f"validation_{step}": value for step, value in nats.items()}
    chosen = {"step": min(nats, key=nats.get), "validation": min(nats.values()), "test": char_lm.evaluate(kept, test)}
    counts = {"order": order, "table_validation": table_validation, "table_test": table_test}
    return {"H": len(kept[setting["cell"]][0]["W_hh"]), **found, **chosen, **counts, "seconds_to_pass": passed}
