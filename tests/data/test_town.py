"""Questions about the town: what is learnt, what is held out, and what no fact tells."""

from collections import Counter

import pytest

from unrolled.data import corpora, town

PARTS = {part: town.questions(part) for part in town.PARTS}


def asked(part):
    return {pair.source for pair in PARTS[part]}


def test_four_ways_to_ask_are_learnt_and_one_is_held_out():
    assert {part: len(asked(part)) for part in PARTS} == {"learnt": 200, "paraphrase": 50, "untold": 50}
    assert set(Counter(pair.target for pair in PARTS["learnt"]).values()) == {4}
    assert sorted(pair.target for pair in PARTS["paraphrase"]) == sorted({pair.target for pair in PARTS["learnt"]})


def test_no_question_is_in_two_parts():
    assert len(set.union(*map(asked, PARTS))) == 300


def test_every_word_of_every_question_is_learnt():
    assert {word for part in PARTS for words in asked(part) for word in words} == {*town.QUESTION_WORDS[3:]}
    assert {word for pair in PARTS["learnt"] for word in pair.target} == {*town.ANSWER_WORDS[3:]}
    assert all(pair.source and pair.links == () for pairs in PARTS.values() for pair in pairs)


def test_each_way_to_ask_is_learnt_of_most_things_and_held_out_of_two():
    for kind, forms in town.FORMS.items():
        for form in forms:
            of = {part: sum(tuple(form.format(thing).split()) in asked(part) for thing in town.FACTS[kind])
                  for part in PARTS}  # fmt: skip
            assert of == {"learnt": 8, "paraphrase": 2, "untold": 0}


def test_what_is_untold_asks_a_known_thing_in_a_known_way_and_no_fact_says_it():
    assert {pair.target for pair in PARTS["untold"]} == {()}
    for kind, things in town.UNTOLD.items():
        assert len(things) == 10
        assert not {*things} & town.FACTS[kind].keys()
    assert ("what", "is", "the", "price", "of", "sheep") in asked("untold")


def test_the_things_are_those_of_the_tales():
    tales = corpora.corpus("tales").text.lower()
    things = [thing for facts in town.FACTS.values() for thing in facts]
    assert len(set(things)) == 50
    for thing in things:
        assert thing.removeprefix("the ").split()[0].rstrip("s") in tales, thing


def test_an_unknown_part_is_named():
    with pytest.raises(ValueError, match="part must be one of learnt, paraphrase, untold, got 'test'"):
        town.questions("test")
