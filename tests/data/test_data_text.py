"""Text: encode and decode are inverse, what is unknown is named with its place, one-hot rows pick, streams go round."""

from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unrolled.data.text import HELLO, SENTENCE, batches, one_hot, split, vocabulary


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


@pytest.mark.slow
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


def test_the_tail_is_held_out():
    assert split("abcdefghijklmnopqrst") == ("abcdefghijklmnopqr", "st")
    training, tail = split(np.arange(100), held_out=0.25)
    assert training.tolist() + tail.tolist() == list(range(100))
    assert len(tail) == 25


@pytest.mark.parametrize("text, share, said", [("abc", 0.1, "got 3 and 0"), ("abcd", 0.7, "got 1 and 3")])
def test_a_side_that_is_too_short(text, share, said):
    with pytest.raises(ValueError, match=f"must have at least 2 symbols each, {said}"):
        split(text, held_out=share)


@pytest.mark.parametrize("share", [0, 1, -0.1, np.nan])
def test_a_share_that_is_none(share):
    with pytest.raises(ValueError, match="held_out must be above 0 and below 1"):
        split("abcdef", held_out=share)


@pytest.mark.parametrize("length, T, N", [(20, 5, 4), (23, 4, 3), (7, 6, 7), (50, 3, 1)])
def test_each_stream_goes_on_where_it_stopped_and_reads_the_whole_text(length, T, N):
    chunks = list(islice(batches(np.arange(length), T, N), 3 * length))
    for tokens, targets in chunks:
        assert tokens.shape == targets.shape == (T, N)
        np.testing.assert_array_equal(targets, (tokens + 1) % length)
    for (_, targets), (following, _) in zip(chunks, chunks[1:]):
        np.testing.assert_array_equal(following[0], targets[-1])
    for n in range(N):
        stream = np.concatenate([tokens[:, n] for tokens, _ in chunks])
        np.testing.assert_array_equal(stream, (np.arange(len(stream)) + n * (length // N)) % length)


def test_the_streams_read_the_text_once_between_them():
    tokens = np.concatenate([tokens.ravel() for tokens, _ in islice(batches(np.arange(60), 5, 4), 3)])
    assert sorted(tokens.tolist()) == list(range(60))


@pytest.mark.parametrize(
    "tokens, T, N, said",
    [
        (np.arange(5), 5, 1, "more than T = 5 symbols, and at least N = 1, got 5"),
        (np.arange(5), 2, 6, "more than T = 2 symbols, and at least N = 6, got 5"),
        (np.arange(5), 0, 1, "T must be a whole number >= 1, got 0"),
        (np.arange(5.0), 2, 1, "tokens must be whole numbers (length,), got float64 of shape (5,)"),
        (np.ones((2, 3), int), 2, 1, "tokens must be whole numbers (length,), got int64 of shape (2, 3)"),
    ],
)
def test_batches_reject_before_the_first_one(tokens, T, N, said):
    with pytest.raises(ValueError) as error:
        batches(tokens, T, N)
    assert said in str(error.value)
