"""Attention over the words of a batch: a mask from lengths, and additive scores."""

import numpy as np

from unrolled.exercises.exercise import Exercise
from unrolled.exercises.mistakes import mutants, slip_softmax


def masked_weights(scores, lengths):
    """Scores (T, N, S), lengths (N,) -> weights (T, N, S): softmax over the first lengths[n] places of sentence n"""
    inside = np.arange(scores.shape[2]) < lengths[:, None]
    e = np.where(inside, scores, -np.inf)
    powers = np.exp(e - e.max(axis=2, keepdims=True))
    return powers / powers.sum(axis=2, keepdims=True)


def _masked_case(rng, T, N, S):
    """One sentence is as long as the array, the next has padding. At T = 2 the scores are so large that exp overflows;
    at T = 3 what may be seen fits badly, -40000, and the padding well."""
    lengths = rng.integers(1, S + 1, N)
    longest = rng.integers(N)
    lengths[longest - 1], lengths[longest] = rng.integers(1, max(2, S)), S
    scores = rng.standard_normal((T, N, S)) * (1000 if T == 2 else 1)
    if T == 3:
        scores += np.where(np.arange(S) < lengths[:, None], -40_000, 40_000)
    return {"scores": scores, "lengths": lengths}


INSIDE, HIDE = "np.arange(scores.shape[2]) < lengths[:, None]", "np.where(inside, scores, -np.inf)"
BEST, SHARE, E = "e.max(axis=2, keepdims=True)", "powers / powers.sum(axis=2, keepdims=True)", "e - e.max"
MASKED_WEIGHTS = Exercise(
    name="masked_weights",
    statement="Write softmax over the words of each sentence, with the weight 0 in the padding behind lengths[n].",
    reference=masked_weights,
    case=_masked_case,
    results=("alphas",),
    hints=(
        "Place k of sentence n is a word if k < lengths[n]. Which shape has that for all n and k at once?",
        "np.arange(S) < lengths[:, None] is (N, S), and fits below (T, N, S). Hide the scores before softmax.",
        "e = np.where(inside, scores, -np.inf); softmax over axis 2, with the largest taken off.",
    ),
    wrong=mutants(
        masked_weights,
        ("the mask is forgotten: the padding has the weight 0", HIDE, "scores"),
        ("the score is 0 in the padding, and e^0 is 1: it must be minus infinity", HIDE,
         "np.where(inside, scores, 0)"),
        ("the weights are masked after softmax, and no longer add up to 1: mask the scores", HIDE, "scores", SHARE,
         f"{SHARE} * inside"),
        ("the largest score of all is taken off, the padding's too, and exp(score) can be 0 for all words: subtract "
         "the largest score of the words alone", HIDE, "scores", f"np.exp(e - {BEST})", f"np.exp(e - {BEST}) * inside"),
        *((f"the padding has a score of {named}, and what may be seen can have a lower one: minus infinity", HIDE,
           f"np.where(inside, scores, {low})") for named, low in ((-10, -10), ("-100 to -10000", -10_000))),
        ("the mask is turned round: places before lengths[n] may be seen", INSIDE,
         "(np.arange(scores.shape[2]) >= lengths[:, None]) | (lengths == scores.shape[2])[:, None]"),
        ("one place of padding may be seen: the words end before lengths[n]", " < lengths", " <= lengths"),
        ("the last word may not be seen: the places are 0 to lengths[n] - 1", " < lengths[:, None]",
         " < np.maximum(lengths[:, None] - 1, 1)"),
        ("the first sentence's length serves for all: each has its own", "lengths[:, None]", "lengths[:1, None]"),
        ("the shortest length serves for all: each sentence has its own", "lengths[:, None]", "lengths.min()"),
        ("the padding is taken to stand before the words: it stands behind them", INSIDE,
         "np.arange(scores.shape[2])[::-1] < lengths[:, None]"),
        ("the weights sum to 1 over the steps: over the places, axis 2", BEST, "e.max(axis=0, keepdims=True)", SHARE,
         "np.nan_to_num(powers / powers.sum(axis=0, keepdims=True))", "np.exp(", "np.exp(0 * inside + "),
        ("all weights of a step together sum to 1: each sentence's do", BEST, "e.max(axis=(1, 2), keepdims=True)",
         SHARE, "powers / powers.sum(axis=(1, 2), keepdims=True)"),
        ("exp(score) overflows with large scores: subtract the largest first", f"e - {BEST}", "e"),
        ("exp(score) is not divided by the sum: the weights sum to 1", SHARE, "powers"),
        ("all words have the same weight: the scores decide", f"np.exp(e - {BEST})", "1.0 * (e > -np.inf)"),
        ("the sign of the scores is turned: the best has the largest weight", "inside, scores", "inside, -scores"),
        *slip_softmax(f"e - {BEST}", SHARE, "powers", "axis=2"),
    ),
)  # fmt: skip


def additive_scores(s, hs, W_a, U_a, v_a):
    """s (N, H), hs (N, S, D), W_a (H, M), U_a (D, M), v_a (M,) -> scores (N, S): tanh(s W_a + h_k U_a) · v_a"""
    return np.tanh((s @ W_a)[:, None] + hs @ U_a) @ v_a


def _additive_case(rng, N, S, H, D, M):
    draw = rng.standard_normal
    return {"s": draw((N, H)), "hs": draw((N, S, D)), "W_a": draw((H, M)), "U_a": draw((D, M)), "v_a": draw(M)}


QUERY, KEYS, SUM = "(s @ W_a)[:, None]", "hs @ U_a", "(s @ W_a)[:, None] + hs @ U_a"
ADDITIVE_SCORES = Exercise(
    name="additive_scores",
    statement="Score each annotation against the decoder's state by a small network: tanh(s W_a + h_k U_a) · v_a.",
    reference=additive_scores,
    case=_additive_case,
    results=("e",),
    hints=(
        "s W_a is (N, M), one row for each sentence; hs U_a is (N, S, M). How can the two be added?",
        "Give the first an axis of places: [:, None] makes it (N, 1, M). Then tanh, then the product with v_a.",
        "np.tanh((s @ W_a)[:, None] + hs @ U_a) @ v_a.",
    ),
    wrong=mutants(
        additive_scores,
        ("tanh is missing: without it the state adds the same to all scores, and softmax does not see it",
         f"np.tanh({SUM})", f"({SUM})"),
        ("tanh is taken of state and annotation apart: of their sum", f"np.tanh({SUM})",
         f"(np.tanh({QUERY}) + np.tanh({KEYS}))"),
        ("tanh is taken at the end: before v_a", f"np.tanh({SUM}) @ v_a", f"np.tanh(({SUM}) @ v_a)"),
        ("the two are multiplied: this score adds them", SUM, f"{QUERY} * ({KEYS})"),
        ("the annotations are subtracted: they are added", SUM, f"{QUERY} - {KEYS}"),
        ("the state is left out: it asks", SUM, KEYS),
        ("the annotations are left out: each place has a score of its own", SUM, f"{QUERY} + 0 * ({KEYS})"),
        ("the numbers are summed in place of the product with v_a", "@ v_a", ".sum(-1) if True else v_a",
         "return np.tanh", "return (np.tanh", "hs @ U_a)", "hs @ U_a))"),
        ("the sigmoid stands in the place of tanh", f"np.tanh({SUM})", f"(1 / (1 + np.exp(-({SUM}))))"),
        ("relu stands in the place of tanh", f"np.tanh({SUM})", f"np.maximum({SUM}, 0)"),
        ("softmax is in it: the scores come before", f"np.tanh({SUM}) @ v_a",
         f"(lambda e: np.exp(e) / np.exp(e).sum(1, keepdims=True))(np.tanh({SUM}) @ v_a)"),
        ("the scores are divided by the root of M, as products are: these are not", "@ v_a",
         "@ v_a / np.sqrt(len(v_a))"),
        ("the scores are divided by M: they are not", "@ v_a", "@ v_a / len(v_a)"),
        ("a product is the score, s W_a · h_k U_a: the two are added, then tanh and v_a", f"np.tanh({SUM}) @ v_a",
         f"({QUERY} * ({KEYS})).sum(-1)"),
        ("the first sentence's state asks for all: each sentence has its own", QUERY, "(s[:1] @ W_a)[:, None]"),
        ("the sign is turned", f"np.tanh({SUM}) @ v_a", f"-(np.tanh({SUM}) @ v_a)"),
    ),
)  # fmt: skip

EXERCISES = MASKED_WEIGHTS, ADDITIVE_SCORES
