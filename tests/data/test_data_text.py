"""Text: encode and decode are inverse, what is unknown is named with its place, one-hot rows pick."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unrolled.data.text import HELLO, SENTENCE, one_hot, vocabulary


def test_hello():
    symbols, encode, decode = vocabulary(HELLO)
    assert symbols == ["e", "h", "l", "o"]
    tokens = encode(HELLO)
    assert tokens.tolist() == [1, 0, 2, 2, 3]
    assert tokens.dtype.kind == "i"
    assert decode(tokens) == "hello"
    assert decode([3, 0]) == "oe"
    assert decode([]) == ""


def test_three_words():
    words = SENTENCE.split()
    assert words == ["나는", "사과를", "먹는다"]
    symbols, encode, decode = vocabulary(words)
    assert len(symbols) == 3
    assert decode(encode(words)) == words


@given(st.text(min_size=1))
def test_decode_undoes_encode(text):
    symbols, encode, decode = vocabulary(text)
    assert symbols == sorted(set(symbols))
    assert decode(encode(text)) == text


def test_unknown_symbols_and_tokens():
    symbols, encode, decode = vocabulary(HELLO)
    with pytest.raises(ValueError, match=r"among 'e', 'h', 'l', 'o' \(V = 4\), got 'p' at 3"):
        encode("help")
    with pytest.raises(ValueError, match=r"tokens must be integers from 0 to 3, got 4"):
        decode([0, 4])
    with pytest.raises(ValueError, match=r"tokens must be integers from 0 to 3, got -1"):
        decode([0, -1])
    with pytest.raises(TypeError, match="dtype float64"):
        decode([0.0])
    with pytest.raises(ValueError, match=r"tokens must be \(T,\), got \(1, 2\)"):
        decode([[0, 1]])
    with pytest.raises(ValueError, match="at least one symbol, got ''"):
        vocabulary("")


@pytest.mark.parametrize("shape", [(), (1,), (3,), (4, 2)])
def test_one_hot_by_a_slow_loop(shape):
    tokens = np.random.default_rng(1).integers(5, size=shape)
    xs = one_hot(tokens, 5, dtype=np.float32)
    assert xs.shape == (*shape, 5)
    assert xs.dtype == np.float32
    for place in np.ndindex(*shape):
        assert [xs[(*place, v)] for v in range(5)] == [float(v == tokens[place]) for v in range(5)]


def test_one_hot_rejects():
    with pytest.raises(ValueError, match="tokens must be integers from 0 to 1, got 2"):
        one_hot([0, 2], 2)
    with pytest.raises(ValueError, match="tokens must be integers from 0 to 1, got -1"):
        one_hot([-1], 2)
    with pytest.raises(TypeError, match="dtype float64"):
        one_hot([0.5], 2)
    with pytest.raises(ValueError, match="V must be a whole number >= 1, got 0"):
        one_hot([0], 0)
