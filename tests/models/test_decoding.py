"""Decoding: frequencies against probabilities, cuts to the symbol, beam search against every sequence there is."""

from itertools import product

import numpy as np
import pytest

from unrolled.models.decoding import beam, greedy, probabilities, sample, score

P = np.array([0.1, 0.4, 0.05, 0.25, 0.2])
LOGITS = np.log(P) + 3.0  # a constant changes nothing


def table(V, seed=0, spread=1.5):
    """A toy model whose next logits depend on the last two tokens; the state is the token before."""
    logits = spread * np.random.default_rng(seed).standard_normal((V, V, V))
    return lambda token, state: (logits[state, token], token)


def tree(V, seed):
    """A toy model whose next logits depend on all tokens, so that no two sequences are alike; the state is they."""
    return lambda token, state: (np.random.default_rng([seed, *state, token]).standard_normal(V), (*state, token))


def chi_square(tokens, p):
    expected = len(tokens) * p
    return float(((np.bincount(tokens, minlength=len(p)) - expected) ** 2 / expected).sum())


@pytest.mark.slow
@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_frequencies_are_the_probabilities(temperature):
    """The 99.9 % point of chi-square with 4 degrees of freedom is 18.5 (a table of it)."""
    expected = P ** (1 / temperature) / (P ** (1 / temperature)).sum()
    tokens = sample(lambda t, s: (LOGITS, s), None, 0, np.random.default_rng(1), 20_000, temperature=temperature)
    assert chi_square(tokens, expected) < 18.5
    wrong = P if temperature != 1 else P ** (1 / 0.9) / (P ** (1 / 0.9)).sum()
    assert chi_square(tokens, wrong) > 18.5, "and this test can tell them apart"


@pytest.mark.slow
def test_each_token_is_drawn_from_what_came_before_it():
    step, V = table(3), 3
    tokens, ps = sample(step, 2, [0, 1], np.random.default_rng(2), 6000, distributions=True)
    assert tokens.shape == (6000,)
    assert ps.shape == (6000, V)
    history = [0, 1, *tokens]
    for t in range(6000):
        logits, _ = step(history[t + 1], history[t])
        np.testing.assert_allclose(ps[t], np.exp(logits) / np.exp(logits).sum())
    for a, b in product(range(V), repeat=2):
        here = [t for t in range(6000) if history[t : t + 2] == [a, b]]
        assert len(here) > 20
        assert chi_square(tokens[here], ps[here[0]]) < 13.8  # the 99.9 % point for 2 degrees of freedom


def test_temperature_has_its_limits():
    np.testing.assert_allclose(probabilities(LOGITS), P)
    np.testing.assert_allclose(probabilities(LOGITS, temperature=1e9), np.full(5, 0.2), atol=1e-8)
    np.testing.assert_allclose(probabilities(LOGITS, temperature=1e-3), [0, 1, 0, 0, 0], atol=1e-8)
    np.testing.assert_allclose(probabilities(LOGITS, temperature=2), np.sqrt(P) / np.sqrt(P).sum())
    np.testing.assert_array_equal(probabilities([1e300, 0, -1e300], temperature=1e-3), [1, 0, 0])
    np.testing.assert_allclose(probabilities([0.0, -np.inf, 0.0]), [0.5, 0, 0.5])


@pytest.mark.parametrize("k, kept", [(1, [1]), (2, [1, 3]), (3, [1, 3, 4]), (4, [0, 1, 3, 4]), (5, [0, 1, 2, 3, 4])])
def test_top_k_cuts_exactly(k, kept):
    p = probabilities(LOGITS, top_k=k)
    assert np.flatnonzero(p).tolist() == kept
    np.testing.assert_allclose(p[kept], P[kept] / P[kept].sum())


@pytest.mark.parametrize(
    "top_p, kept",
    [
        (1e-9, [1]),
        (0.39, [1]),
        (0.41, [1, 3]),
        (0.66, [1, 3, 4]),
        (0.84, [1, 3, 4]),
        (0.86, [0, 1, 3, 4]),
        (0.96, 5),
        (1, 5),
    ],
)
def test_the_nucleus_cuts_exactly(top_p, kept):
    kept = list(range(kept)) if isinstance(kept, int) else kept
    p = probabilities(LOGITS, top_p=top_p)
    assert np.flatnonzero(p).tolist() == kept
    np.testing.assert_allclose(p[kept], P[kept] / P[kept].sum())


def test_the_cut_falls_where_enough_is_reached():
    quarters = np.log([0.5, 0.25, 0.125, 0.125])  # exact in binary
    assert np.flatnonzero(probabilities(quarters, top_p=0.5)).tolist() == [0]
    assert np.flatnonzero(probabilities(quarters, top_p=0.75)).tolist() == [0, 1]
    assert np.flatnonzero(probabilities(quarters, top_k=3)).tolist() == [0, 1, 2], "of equal ones the first"


@pytest.mark.parametrize("top_p, kept", [(0.6, [1]), (0.62, [1, 3]), (0.86, [1, 3, 4])])
def test_top_p_counts_what_temperature_and_top_k_left(top_p, kept):
    p = probabilities(LOGITS, temperature=0.5, top_k=3, top_p=top_p)
    left = P**2  # of the three that top_k keeps: .61, .24, .15; of all: .58, .23, .15
    assert np.flatnonzero(p).tolist() == kept
    np.testing.assert_allclose(p[kept], left[kept] / left[kept].sum())


def test_what_is_cut_is_never_drawn():
    tokens = sample(lambda t, s: (LOGITS, s), None, 0, np.random.default_rng(0), 3000, top_k=2)
    assert set(tokens.tolist()) == {1, 3}


def test_greedy_is_the_limit_of_sampling_and_a_beam_of_width_one():
    for seed in range(20):
        step = table(4, seed)
        tokens = greedy(step, 0, 1, 12)
        np.testing.assert_array_equal(sample(step, 0, 1, np.random.default_rng(seed), 12, temperature=1e-4), tokens)
        np.testing.assert_array_equal(sample(step, 0, 1, np.random.default_rng(seed), 12, top_k=1), tokens)
        for end, normalisation in product([None, 0, 3], [0.0, 1.0]):
            (found, _), *others = beam(step, 0, 1, 1, end, 12, normalisation=normalisation)
            assert not others
            np.testing.assert_array_equal(found, greedy(step, 0, 1, 12, end=end))


def all_sequences(step, state, first, V, end, most):
    """(tokens, log p) of every sequence that ends with `end`, or at `most` tokens."""
    logits, state = step(first, state)
    log_p = logits - np.log(np.exp(logits).sum())
    for token in range(V):
        if token == end or most == 1:
            yield (token,), log_p[token]
        else:
            for tokens, total in all_sequences(step, state, token, V, end, most - 1):
                yield (token, *tokens), log_p[token] + total


@pytest.mark.parametrize("end", [None, 0])
@pytest.mark.parametrize("normalisation", [0.0, 0.7, 1.0])
def test_a_beam_that_is_wide_enough_finds_the_best_of_all(end, normalisation):
    V, most = 3, 4
    for seed in range(10):
        step = tree(V, seed)
        every = [(t, p / len(t) ** normalisation) for t, p in all_sequences(step, (1,), 2, V, end, most)]
        every.sort(key=lambda pair: -pair[1])
        found = beam(step, (1,), 2, V**most, end, most, normalisation=normalisation)
        assert [tuple(t) for t, _ in found] == [t for t, _ in every]
        np.testing.assert_allclose([s for _, s in found], [s for _, s in every])
        best, score = beam(step, (1,), 2, V ** (most - 1), end, most, normalisation=normalisation)[0]
        assert tuple(best) == every[0][0]


@pytest.mark.parametrize("width", [1, 2, 5])
def test_no_more_are_found_than_the_beam_is_wide(width):
    for seed in range(10):
        assert len(beam(tree(3, seed), (1,), 2, width, 0, 5)) == width


def test_a_wider_beam_finds_what_greedy_misses():
    """A garden path: the likelier first token leads to an even choice, the other to a sure one."""
    p = {0: [0.0, 0.6, 0.4], 1: [0.5, 0.25, 0.25], 2: [0.98, 0.01, 0.01]}
    step = lambda token, state: (np.log(np.maximum(p[token], 1e-300)), state)
    assert beam(step, None, 0, 1, None, 2)[0][0].tolist() == [1, 0]
    found = beam(step, None, 0, 2, None, 2)
    assert found[0][0].tolist() == [2, 0]
    assert found[0][1] == pytest.approx(np.log(0.4 * 0.98))
    assert len(found) == 2


def test_normalisation_favours_the_long():
    step = lambda token, state: (np.log([0.5, 0.5]) if state == 0 else np.log([0.9, 0.1]), state + 1)
    assert beam(step, 0, 1, 8, 0, 3)[0][0].tolist() == [0]
    step = lambda token, state: (np.log([0.45, 0.55]) if state == 0 else np.log([0.8, 0.2]), state + 1)
    assert beam(step, 0, 1, 8, 0, 3)[0][0].tolist() == [0]
    assert beam(step, 0, 1, 8, 0, 3, normalisation=1.0)[0][0].tolist() == [1, 0]


def test_a_token_that_cannot_come_is_in_no_sequence():
    step = lambda token, state: (np.array([0.0, -np.inf]), state)
    assert [t.tolist() for t, _ in beam(step, None, 0, 4, None, 3)] == [[0, 0, 0]]


@pytest.mark.parametrize(
    "config, said",
    [
        ({"temperature": 0}, "temperature must be > 0 and finite, got 0: for the likeliest each time, call greedy"),
        ({"temperature": -1}, "temperature must be > 0 and finite, got -1"),
        ({"temperature": np.inf}, "temperature must be > 0 and finite, got inf"),
        ({"temperature": np.nan}, "temperature must be > 0 and finite, got nan"),
        ({"top_k": 0}, "top_k must be a whole number from 1 to V = 5, got 0"),
        ({"top_k": 6}, "top_k must be a whole number from 1 to V = 5, got 6"),
        ({"top_k": 2.0}, "top_k must be a whole number from 1 to V = 5, got 2.0"),
        ({"top_p": 0}, "top_p must be above 0 and at most 1, got 0"),
        ({"top_p": 1.1}, "top_p must be above 0 and at most 1, got 1.1"),
    ],
)
def test_numbers_outside_their_range_are_named(config, said):
    with pytest.raises(ValueError) as error:
        probabilities(LOGITS, **config)
    assert str(error.value) == said


def test_bad_logits_and_bad_calls():
    with pytest.raises(ValueError, match=r"logits must be \(V,\), got \(1, 2\)"):
        probabilities(np.zeros((1, 2)))
    for bad in ([np.nan, 0.0], [np.inf, 0.0], [-np.inf, -np.inf]):
        with pytest.raises(ValueError, match="the largest logit must be a finite number"):
            probabilities(bad)
    step = table(3)
    with pytest.raises(ValueError, match="first must be a token, or at least one, got none"):
        sample(step, 0, [], np.random.default_rng(0), 3)
    with pytest.raises(ValueError, match="width and max_length must be at least 1, got 0 and 3"):
        beam(step, 0, 0, 0, None, 3)
    with pytest.raises(ValueError, match="normalisation must be at least 0, got -1"):
        beam(step, 0, 0, 1, None, 3, normalisation=-1)


def test_nothing_asked_nothing_drawn():
    tokens, ps = sample(table(3), 0, 1, np.random.default_rng(0), 0, distributions=True)
    assert (tokens.shape, ps.shape) == ((0,), (0, 3))
    assert greedy(table(3), 0, 1, 0).shape == (0,)


@pytest.mark.parametrize("normalisation", [0.0, 0.6, 1.0])
def test_the_score_of_given_tokens_is_the_beams(normalisation):
    step = tree(3, 5)
    found = beam(step, (), 0, 9, 2, 4, normalisation=normalisation)
    assert len(found) == 9
    for tokens, value in found:
        assert score(step, (), 0, tokens, normalisation=normalisation) == pytest.approx(value)


def test_the_scores_of_all_sequences_are_a_distribution():
    step = table(3, 2)
    total = sum(np.exp(score(step, 1, [2, 0], tokens)) for tokens in product(range(3), repeat=4))
    assert total == pytest.approx(1)


@pytest.mark.parametrize(
    "tokens, normalisation, law",
    [([], 0, "at least one, got none"), ([0, 3], 0, "integers from 0 to 2, got 3"), ([0], -1, "at least 0, got -1")],
)
def test_a_score_of_nothing_is_refused(tokens, normalisation, law):
    with pytest.raises(ValueError, match=law):
        score(table(3), 0, 0, tokens, normalisation=normalisation)
