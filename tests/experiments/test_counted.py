"""The n-gram of the tables: chosen on one part of the tales, judged on another."""

import numpy as np
import pytest

from unrolled.experiments import char_models, counted
from unrolled.models import ngram


def test_it_is_the_table_of_the_character_models():
    order, _, test = char_models.table_of_counts(*char_models.parts())
    assert counted.on_tales() == (order, None, test)


@pytest.mark.parametrize("discount", [None, 0.9])
def test_it_counts_what_it_was_chosen_on_only_when_it_is_chosen(discount):
    V, train, validation, test = char_models.parts()
    found = counted.on_tales([discount], recount=True)
    assert found.order == counted.on_tales([discount]).order
    model = ngram.count(np.concatenate([train, validation]), V, found.order)
    model = ngram.kneser_ney(model, discount) if discount else model
    assert found.test == ngram.evaluate(model, test, found.order)


def test_the_discount_is_chosen_on_the_validation_part():
    V, train, validation, _ = char_models.parts()
    model, discounts = ngram.count(train, V, 6), (0.1, 0.5, 0.9)
    nats = lambda discount, order: ngram.evaluate(ngram.kneser_ney(model, discount), validation, order)
    found = counted.on_tales(discounts)
    assert nats(found.discount, found.order) == min(nats(d, order) for d in discounts for order in char_models.ORDERS)


def test_a_share_of_the_text_is_its_end():
    V, train, validation, test = char_models.parts()
    order, _, nats = char_models.table_of_counts(V, train[-round(0.25 * len(train)) :], validation, test)
    assert counted.on_tales(share=0.25) == (order, None, nats)


@pytest.mark.parametrize("share", [0, -0.5, 1.5, float("nan")])
def test_a_share_is_one_of_the_text(share):
    with pytest.raises(ValueError, match=f"share must be above 0 and at most 1, got {share}"):
        counted.on_tales(share=share)
