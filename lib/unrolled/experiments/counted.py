"""The honest baseline of a table on the tales: n-grams, which have no state and take no training step."""

from typing import NamedTuple

import numpy as np

from unrolled.experiments.char_models import ORDERS, parts
from unrolled.models import ngram


class Counted(NamedTuple):
    """order; discount, None for Witten–Bell; test: nats per character of the last tenth of the tales."""

    order: int
    discount: float | None
    test: float


def on_tales(discounts=(None,), *, recount=False, share=1.0):
    """The n-gram that is best on the tenth before the last, of all orders and discounts, judged on the last: a Counted.

    It has counted the first 80 %, as `char_models` learns them.
    recount   once chosen, it counts what it was chosen on as well, for tables whose networks learn the first 90 %, as
              in `variants_compared.train_on_text`
    share     how much of the 80 % it counts, from their end, as `depth.measure` does
    ValueError: a share outside (0, 1].
    """
    if not 0 < share <= 1:
        raise ValueError(f"share must be above 0 and at most 1, got {share}")
    V, train, validation, test = parts()
    train = train[-round(share * len(train)) :]
    counted = ngram.count(train, V, max(ORDERS))
    models = [counted if discount is None else ngram.kneser_ney(counted, discount) for discount in discounts]
    tried = [(model, order) for model in models for order in ORDERS]
    model, order = min(tried, key=lambda each: ngram.evaluate(each[0], validation, each[1]))
    if recount:
        whole = ngram.count(np.concatenate([train, validation]), V, order)
        model = whole if model.discount is None else ngram.kneser_ney(whole, model.discount)
    return Counted(order, model.discount, ngram.evaluate(model, test, order))
