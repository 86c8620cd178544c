"""Character models beside a table of counts: how soon, and by how much, a network passes it."""

import time

import numpy as np

from unrolled.data import corpora, text
from unrolled.learning.fit import fit
from unrolled.learning.optimizers import Adam, clip_by_norm
from unrolled.models import char_lm, ngram

CHECKED = (250, 500, 1000, 1500, 2000, 3000, 4000)  # steps after which the held-out text is read


def measure(rng, *, cell, parameters, D, T, N, learning_rate, dropout, max_norm):
    """Held-out nats per character after so many steps, the best n-gram's (order 1 to 6), and when it was passed."""
    tales = corpora.corpus("tales").text
    symbols, encode, _ = text.vocabulary(tales)
    learnt, held_out = text.split(encode(tales))
    table = ngram.count(learnt, len(symbols))
    counted = min(ngram.evaluate(table, held_out, order) for order in range(1, 7))
    H = char_lm.hidden_for(cell, len(symbols), parameters, D=D)
    params = char_lm.init(rng, len(symbols), H, cell=cell, D=D)
    seed = int(rng.integers(2**31))
    batches = ((*chunk, np.array([seed, k])) for k, chunk in enumerate(text.batches(learnt, T, N)))
    how = {"carry": char_lm.start(params, N), "clip": lambda grads: clip_by_norm(grads, max_norm)}
    nats, spent, passed, begin = {}, 0.0, np.nan, time.process_time()
    run = fit(char_lm.loss_with_dropout(dropout), params, batches, Adam(learning_rate), steps=CHECKED[-1],
              progress=False, **how)  # fmt: skip
    for step in run:
        if step.step in CHECKED:
            spent += time.process_time() - begin  # without the time of the evaluation
            nats[step.step] = char_lm.evaluate(step.params, held_out)
            passed = spent if np.isnan(passed) and nats[step.step] <= counted else passed
            begin = time.process_time()
    found = {f"nats_{step}": value for step, value in nats.items()}
    return {"H": H, **found, "best": min(nats.values()), "best_ngram": counted, "seconds_to_pass": passed}
