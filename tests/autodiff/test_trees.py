"""Nested dicts and tuples."""

import numpy as np
import pytest

from unrolled.autodiff.trees import leaves, tree_map

TREE = {"rnn": {"W": 1, "b": 2}, "state": (3, (4,)), 5: 6}


def test_leaves_come_in_order_with_their_paths():
    assert leaves(TREE) == [
        (("rnn", "W"), 1),
        (("rnn", "b"), 2),
        (("state", "0"), 3),
        (("state", "1", "0"), 4),
        (("5",), 6),
    ]
    assert leaves({"empty": {}, "none": ()}) == []


def test_what_is_no_dict_and_no_tuple_is_a_leaf():
    for leaf in (np.ones(2), [1, 2], None, 3.0):
        assert leaves(leaf) == [((), leaf)]
        assert tree_map(lambda x: x, leaf) is leaf


def test_tree_map_keeps_the_nest_and_takes_leaves_by_key_not_by_order():
    other = {5: 60, "state": (30, (40,)), "rnn": {"b": 20, "W": 10}}
    mapped = tree_map(lambda x, y: x + y, TREE, other)
    assert mapped == {"rnn": {"W": 11, "b": 22}, "state": (33, (44,)), 5: 66}
    assert list(mapped) == list(TREE)


def test_tree_map_makes_a_new_nest():
    mapped = tree_map(lambda x: x, TREE)
    mapped["rnn"]["W"] = 0
    assert TREE["rnn"]["W"] == 1


@pytest.mark.parametrize(
    "other, said",
    [
        ({"a": 1}, r"\['a', 'b'\] and \['a'\]"),
        ({"a": 1, "b": 2, "c": 3}, r"\['a', 'b', 'c'\]"),
        ({"a": 1, "b": {"c": 2}}, r"a leaf and \['c'\]"),
        ({"a": 1, "b": (2,)}, "a leaf and a tuple of 1"),
        ((1, 2), r"\['a', 'b'\] and a tuple of 2"),
        (1, "and a leaf"),
    ],
)
def test_trees_of_other_keys_are_rejected(other, said):
    with pytest.raises(ValueError, match=f"trees must have the same keys, got .*{said}"):
        tree_map(lambda x, y: x, {"a": 1, "b": 2}, other)


def test_tuples_of_two_lengths_are_rejected():
    with pytest.raises(ValueError, match="a tuple of 2 and a tuple of 3"):
        tree_map(lambda x, y: x, (1, 2), (1, 2, 3))
