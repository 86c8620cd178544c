"""The chatbot at a tiny size: what a table of counts answers, by hand, what is graded, and that it learns."""

import numpy as np
import pytest

from unrolled import data
from unrolled.data import town
from unrolled.data.translation import Pair
from unrolled.experiments import chatbot, translators

SIZES = {"E": 8, "M": 8, "N": 16, "max_norm": 1.0, "learning_rate": 1e-2, "parameters": 12_000, "steps": 200}
LEARNT = [Pair(q, a, ()) for q, a in ((("a", "x"), ("p",)), (("a", "y"), ("p",)), (("b", "x"), ("q",)))]


def test_the_table_of_counts_by_hand():
    two, one = np.log(3 / 2), np.log(3)  # a and x stand in two of three questions, b and y in one
    assert chatbot.vote(("a", "x"), LEARNT) == (("p",), pytest.approx((2 * two + two) / (2 * two + 2 * two)))
    assert chatbot.vote(("b", "y"), LEARNT)[1] == pytest.approx(one / (2 * one))
    assert chatbot.vote(("b", "b", "x"), LEARNT) == (("q",), pytest.approx((one + two) / (one + 2 * two)))


def test_an_answer_that_is_always_the_same_is_graded():
    """One fact of 50 is right; the same sentence is whole wherever it is said, and never surer."""
    (fact, *_) = town.questions("learnt")
    assert chatbot.grades(lambda words: (fact.target, 0.0)) == {
        "learnt": 1 / 50, "paraphrase": 1 / 50, "fluent": 1, "surer": 0,
    }  # fmt: skip
    silent = chatbot.grades(lambda words: ((), len(words)))
    assert (silent["learnt"], silent["fluent"]) == (0, 0)
    right = {pair.source: pair.target for part in ("learnt", "paraphrase") for pair in town.questions(part)}
    knows = chatbot.grades(lambda words: (right.get(words, ("no",)), float(words in right)))
    assert knows == {"learnt": 1, "paraphrase": 1, "fluent": 0, "surer": 1}


@pytest.mark.slow
def test_a_reply_is_as_sure_as_its_words_are_likely():
    params = translators.train(np.random.default_rng(1), chatbot.WORDS, chatbot.draw, "luong", both=False,
                               reverse=False, **SIZES)  # fmt: skip
    said, sure = zip(*(chatbot.reply(params, pair.source, "luong") for pair in town.questions("learnt")))
    right = np.array([words == pair.target for words, pair in zip(said, town.questions("learnt"))])
    assert right.mean() > 0.2
    assert np.array(sure)[right].mean() > np.array(sure)[~right].mean()
    assert max(sure) < 0


@pytest.mark.slow
def test_a_row_holds_the_network_and_the_table():
    found = chatbot.measure(np.random.default_rng(1), "plain", **SIZES | {"steps": 1})
    assert found["learnt"] == 0
    assert found["counted_learnt"] == found["counted_paraphrase"] == 1
    assert found["counted_fluent"] == 1


def test_the_table_says_fluent_and_wrong_and_no_better_than_counts():
    for kind in ("plain", "luong"):
        column = lambda name, kind=kind: np.concatenate([*data.by_seed("chatbot", name, "kind", kind=kind).values()])
        assert column("learnt").min() == 1
        assert column("paraphrase").min() > 0.85
        assert np.all(column("paraphrase") <= column("counted_paraphrase"))
        assert np.all(column("surer") > column("counted_surer") + 0.15)
        assert column("fluent").mean() > 0.5
    assert np.all(column("counted_paraphrase") == 1)
    by_kind = data.by_seed("chatbot", "fluent", "kind")
    assert by_kind["plain"].min() > by_kind["luong"].max()
