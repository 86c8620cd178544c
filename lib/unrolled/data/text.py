"""Text as numbers: a vocabulary, token ids, one-hot vectors; and the two texts of the first lessons."""

import numpy as np

from unrolled.checks import check_integers
from unrolled.data.arguments import check_count

HELLO = "hello"  # the lecture's training sequence: h, e, l, l predict e, l, l, o
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
