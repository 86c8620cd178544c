"""Spaces taken out and put back, windows, F1 and the table of counts, each beside a slow loop."""

import numpy as np
import pytest

from unrolled.data import corpora
from unrolled.data.spacing import RARE, Part, f1, restore, spacing, strip, table, windows

TEXT = corpora.corpus("tales_ko").text
WHOLE = spacing(TEXT)


def test_the_spaces_are_taken_out_and_put_back():
    assert strip("새 집") == ("새집", [1, 0])
    assert strip("  둘째\n\n 줄 ") == ("둘째줄", [0, 1, 0])
    assert strip("") == ("", [])
    assert restore(*strip(TEXT)) == " ".join(TEXT.split())


def test_the_parts_follow_each_other():
    stripped, labels = strip(TEXT)
    parts = WHOLE[1:]
    assert np.concatenate([part.spaces for part in parts]).tolist() == labels
    tokens = np.concatenate([part.tokens for part in parts])
    assert all(WHOLE.symbols[t] == symbol for t, symbol in zip(tokens, stripped) if t != RARE)
    assert len(parts[1].tokens) == len(parts[2].tokens) == round(0.1 * len(stripped))
    learnt = stripped[: len(parts[0].tokens)]
    assert all(learnt.count(symbol) > 1 for symbol in WHOLE.symbols[1:])
    assert all((learnt.count(symbol) <= 1) == (t == RARE) for t, symbol in zip(tokens[:500], stripped[:500]))


def test_windows_are_stretches_of_the_part():
    part = Part(np.arange(30), np.arange(30) % 3)
    tokens, spaces = next(windows(np.random.default_rng(1), part, 4, 500))
    assert np.array_equal(tokens - tokens[0], np.arange(4)[:, None] * np.ones(500))
    assert np.array_equal(spaces, tokens % 3)
    assert set(tokens[0].tolist()) == set(range(27)), "wherever they fit"


def test_f1_by_hand():
    assert f1(np.array([1, 1, 0, 0]), np.array([1, 0, 1, 0])) == pytest.approx(1 / 2)
    assert f1(np.array([1, 0, 1]), np.array([1, 0, 1])) == 1
    assert f1(np.array([1, 1, 1, 1]), np.array([1, 0, 0, 0])) == pytest.approx(2 / 5)


def test_the_table_of_counts_by_hand():
    learn = Part(np.array([1, 2, 1, 2, 1, 3, 1]), np.array([1, 0, 1, 0, 0, 1, 0]))
    part = Part(np.array([1, 2, 1, 3, 2, 4]), np.zeros(6, int))
    assert table(learn, part, after=0).tolist() == [0, 0, 0, 1, 0, 0], "a tie is no space, and 4 was never seen"
    assert table(learn, part, after=1).tolist() == [1, 0, 0, 1, 0, 0], "3 2 was never seen: what 3 has by itself"
    part = Part(np.array([1, 3, 1, 2, 2]), np.zeros(5, int))
    assert table(learn, part, after=-1).tolist() == [1, 1, 0, 0, 0], "1 begins the part; 2 2 was never seen"


def test_the_next_symbol_helps_the_table():
    alone, before, pairs = (f1(table(WHOLE.learn, WHOLE.test, after=k), WHOLE.test.spaces) for k in (0, -1, 1))
    assert 0.7 < alone < before - 0.02 < pairs - 0.07
