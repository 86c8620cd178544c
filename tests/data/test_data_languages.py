"""The generated language: its features and its probabilities, found again by reading the text."""

import numpy as np
import pytest

from unrolled.data.languages import broken, draw_toggles

STREAM = draw_toggles(np.random.default_rng(0), 60_000)


def test_the_features_are_what_the_text_says():
    quote, position, opened = False, 0, []
    for t, symbol in enumerate(STREAM.text):
        quote ^= symbol == '"'
        position = 0 if symbol == "\n" else position + 1
        if symbol in "([{":
            opened.append(symbol)
        elif symbol in ")]}":
            assert opened.pop() + symbol in ("()", "[]", "{}")
        elif symbol.isalpha():
            assert symbol in ("ABCD" if quote else "abcd")
        assert len(opened) <= 3
        features = STREAM.features
        assert (features["quote"][t], features["position"][t], features["depth"][t]) == (quote, position, len(opened))
    assert {len(line) for line in STREAM.text.split("\n")[:-1]} == {39}
    assert features["quote"].dtype == bool
    assert features["depth"].dtype.kind == features["position"].dtype.kind == "i"


def test_every_state_occurs_often():
    assert 0.4 < STREAM.features["quote"].mean() < 0.6
    assert (np.bincount(STREAM.features["depth"]) > 0.1 * 60_000).all()
    assert set(STREAM.features["position"].tolist()) == set(range(40))


def test_nats_are_those_of_the_laws():
    """Counted: each kind of symbol where it may stand, by what the state before allows."""
    text, depth = STREAM.text, STREAM.features["depth"]
    kinds = dict.fromkeys("abcdABCD", "letter") | {'"': "quote", "\n": "end"}
    kinds |= dict.fromkeys("([{", "open") | dict.fromkeys(")]}", "close")
    free = np.flatnonzero(STREAM.features["position"][:-1] != 39) + 1
    for before, can_open, can_close in ((0, 1, 0), (1, 1, 1), (3, 0, 1)):
        here = free[depth[free - 1] == before]
        share = {kind: np.mean([kinds[text[t]] == kind for t in here]) for kind in ("quote", "open", "close", "letter")}
        expected = {"quote": 0.06, "open": 0.08 * can_open, "close": 0.08 * can_close}
        expected["letter"] = 1 - sum(expected.values())
        for kind, p in expected.items():
            assert share[kind] == pytest.approx(p, abs=4 * np.sqrt(p * (1 - p) / len(here)) + 1e-12)
            each = {"quote": p, "open": p / 3, "close": p, "letter": p / 4}[kind]
            for t in here[:2000]:
                if kinds[text[t]] == kind:
                    assert STREAM.nats[t] == pytest.approx(-np.log(each))
    ends = [t for t in range(60_000) if text[t] == "\n"]
    assert (STREAM.nats[ends] == 0).all()
    # -log p is a fair price: its mean is the entropy, and a price list that is off in one entry costs more.
    assert 1.5 < STREAM.nats.mean() < 2.0


def test_a_seed_gives_the_same_stream():
    a, b, c = (draw_toggles(np.random.default_rng(seed), 500).text for seed in (3, 3, 4))
    assert a == b != c


def test_what_is_right_is_not_broken():
    assert broken(STREAM.text) == {"quote": 0, "position": 0, "depth": 0}


LINE = "a" * 39 + "\n"


@pytest.mark.parametrize(
    "text, law, share",
    [
        ('ab"AB"cd', "quote", 0),
        ('ab"AbCD"cD', "quote", 3 / 7),
        ('AB"ab(c""c)"C', "quote", 0),
        ('"AB"ab', "quote", 0),
        ('a""A', "quote", 1),
        (LINE + LINE[1:] + LINE + LINE + "aaa", "position", 1 / 4),
        (LINE + "a" * 40, "position", 0),
        (LINE + "a" * 41, "position", 1 / 2),
        ("([a]b)", "depth", 0),
        ("([a)b]", "depth", 1 / 2),
        (")(a)", "depth", 1 / 2),
    ],
)
def test_what_is_broken_is_counted(text, law, share):
    assert broken(text)[law] == pytest.approx(share)


def test_no_chance_is_no_share():
    assert all(np.isnan(value) for value in broken("((").values())


def test_bad_calls():
    with pytest.raises(TypeError, match="rng must be a numpy.random.Generator"):
        draw_toggles(0, 10)
    with pytest.raises(ValueError, match="T must be a whole number >= 1, got 0"):
        draw_toggles(np.random.default_rng(0), 0)
