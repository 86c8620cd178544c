"""Text as numbers: a vocabulary, token ids, one-hot vectors, batches of them; and the texts of the first lessons."""

from itertools import count

import numpy as np

from unrolled.autodiff.checks import check_count, check_integers

HELLO = "hello"  # the lecture's training sequence: h, e, l, l predict e, l, l, o
PAD, START, END = 0, 1, 2  # the tokens that make sentences of one length, begin them and end them
SPECIAL = ("<pad>", "<start>", "<end>")  # with them a vocabulary begins where sentences are said
SENTENCE = "나는 사과를 먹는다"  # "I eat an apple": three words, three states; SENTENCE.split() gives the words


def vocabulary(text):
    """symbols, encode, decode of the distinct symbols of a text, sorted; symbols (V,) is a list.

    encode(text) -> tokens (T,) int, tokens[t] the place of text[t] in symbols. decode(tokens) goes back:
    decode(encode(text)) == text. A string has characters as symbols and decodes to a string; a list of words has
    words and decodes to a list. ValueError: an empty text, a symbol that is not in the vocabulary (with its
    position), a token outside 0 … V-1.
    """
    if not len(text):
        raise ValueError(f"text must have at least one symbol, got {text!r}")
    symbols = sorted(set(text))
    ids = {symbol: i for i, symbol in enumerate(symbols)}

    def encode(text):
        for position, symbol in enumerate(text):
            if symbol not in ids:
                known = ", ".join(map(repr, symbols[:10])) + (", …" if len(symbols) > 10 else "")
                raise ValueError(f"symbols must be among {known} (V = {len(symbols)}), got {symbol!r} at {position}")
        return np.array([ids[symbol] for symbol in text], dtype=int)

    def decode(tokens):
        tokens = np.asarray(tokens)
        if tokens.ndim != 1:
            raise ValueError(f"tokens must be (T,), got {tokens.shape}")
        chosen = [symbols[i] for i in check_integers("tokens", tokens, len(symbols))] if tokens.size else []
        return "".join(chosen) if isinstance(text, str) else chosen

    return symbols, encode, decode


def one_hot(tokens, V, *, dtype=np.float64):
    """1 at the token's place, 0 elsewhere: tokens (…) int -> (…, V). ValueError: a token outside 0 … V-1."""
    check_count(V=V)
    return np.eye(V, dtype=dtype)[check_integers("tokens", tokens, V)]


def split(text, *, held_out=0.1):
    """The text, or its tokens, without its tail, and the tail: what a model is tested on comes after what it learnt.

    held_out: the tail's share. ValueError: a share outside (0, 1), or one that leaves fewer than 2 symbols on a side.
    """
    if not 0 < held_out < 1:
        raise ValueError(f"held_out must be above 0 and below 1, got {held_out}")
    tail = round(held_out * len(text))
    if min(tail, len(text) - tail) < 2:
        raise ValueError(
            "the text is too short: what is learnt and the held-out tail must have at least 2 symbols each, "
            f"got {len(text) - tail} and {tail}"
        )
    return text[: len(text) - tail], text[len(text) - tail :]


def batches(tokens, T, N):
    """N streams through one text, T steps at a time, for truncated backpropagation with a carried state.

    tokens (length,) int. Yields, without end, tokens (T, N) and targets (T, N), the tokens one later. The streams start
    at equal distances and go round: each goes on where it stopped, so the carried state always belongs to what came
    before, but where the text begins again. What is yielded depends on the number of the batch alone, so `fit` can
    resume. ValueError: a text of at most T symbols, or of fewer than N.
    """
    tokens = np.asarray(tokens)
    check_count(T=T, N=N)
    if tokens.ndim != 1 or tokens.dtype.kind not in "iu":
        raise ValueError(f"tokens must be whole numbers (length,), got {tokens.dtype} of shape {tokens.shape}")
    if len(tokens) <= T or len(tokens) < N:
        raise ValueError(f"the text must have more than T = {T} symbols, and at least N = {N}, got {len(tokens)}")

    def chunks():
        places = np.arange(N) * (len(tokens) // N) + np.arange(T + 1)[:, None]
        for number in count():
            chunk = tokens[(places + number * T) % len(tokens)]
            yield chunk[:-1], chunk[1:]

    return chunks()
