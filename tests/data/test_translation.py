"""Batches of pairs: tokens by hand, lengths, reversal, there and back; and the parts."""

import numpy as np
import pytest

from unrolled.data.translation import END, PAD, PARTS, SPECIAL, START, Pair, batch, decode, encode, part

SOURCE, TARGET = (*SPECIAL, "a", "b", "c"), (*SPECIAL, "x", "y")
PAIRS = [Pair(("a", "b", "c"), ("y",), ((0,),)), Pair(("c",), ("x", "x", "y"), ((), (0,), ()))]


def test_a_batch_by_hand():
    source, lengths, target = batch(PAIRS, SOURCE, TARGET)
    assert source.T.tolist() == [[3, 4, 5], [5, PAD, PAD]]
    assert lengths.tolist() == [3, 1]
    assert target.T.tolist() == [[START, 4, END, PAD, PAD], [START, 3, 3, 4, END]]


def test_a_source_is_turned_within_its_own_length():
    plain, turned = batch(PAIRS, SOURCE, TARGET), batch(PAIRS, SOURCE, TARGET, reverse=True)
    assert turned.source.T.tolist() == [[5, 4, 3], [5, PAD, PAD]]
    assert np.array_equal(plain.target, turned.target), "the target is not"


def test_there_and_back():
    for pair, column in zip(PAIRS, batch(PAIRS, SOURCE, TARGET).target.T):
        assert decode(column, TARGET) == decode(column[1:], TARGET) == pair.target
    assert decode([3, PAD, 4], TARGET) == ("x", "<pad>", "y"), "a model may say it"
    assert decode([END, 3], TARGET) == ()


def test_the_parts_are_shares_that_hang_on_no_digit():
    found = np.array([PARTS.index(part(n)) for n in range(10_000, 20_000)])
    assert np.bincount(found).tolist() == pytest.approx([7938, 1031, 1031], abs=15)
    last = np.arange(10_000, 20_000) % 10
    for digit in range(10):
        assert np.mean(found[last == digit] == 2) == pytest.approx(0.103, abs=0.01)


@pytest.mark.parametrize(
    "wrong, law",
    [
        (lambda: encode(("a", "d"), SOURCE), "words must be of a, b, c, got 'd'"),
        (lambda: encode((), SOURCE), "words must be of a, b, c, got none"),
        (lambda: encode(("<end>",), SOURCE), "words must be of a, b, c, got '<end>'"),
        (lambda: batch([], SOURCE, TARGET), "at least one pair, got none"),
    ],
)
def test_bad_input(wrong, law):
    with pytest.raises(ValueError, match=law):
        wrong()
