"""Attention: softmax over places, scaled scores, a mask, and the way back."""

import numpy as np

from unrolled.autodiff import ops
from unrolled.exercises.exercise import Exercise
from unrolled.exercises.mistakes import mutants, slip_softmax, turn_and_drop


def place_weights(e):
    """Scores (N, K) of K places for each of N pictures -> weights (N, K), which sum to 1 for each picture"""
    powers = np.exp(e - e.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _place_weights_case(rng, N, K):
    """At K = 3 the pictures' scores lie 2000 apart; at N = 4 each has one that is 2000 larger than its others."""
    e = rng.standard_normal((N, K)) + (2000 * np.arange(N)[:, None] if K == 3 else 0)
    e[:, 0] += 2000 if N == 4 else 0
    return {"e": e}


BEST, SHARE = "e.max(axis=1, keepdims=True)", "powers / powers.sum(axis=1, keepdims=True)"
PLACE_WEIGHTS = Exercise(
    name="place_weights",
    statement="Write softmax over the places of each picture: scores (N, K) to weights (N, K).",
    reference=place_weights,
    case=_place_weights_case,
    results=("alpha",),
    hints=(
        "e to the score, divided by the sum. Over which axis must the weights sum to 1?",
        "The places are axis 1. Take each picture's largest score off first, and nothing can overflow.",
        "powers = np.exp(e - e.max(1, keepdims=True)), divided by powers.sum(1, keepdims=True).",
    ),
    wrong=mutants(
        place_weights,
        ("the weights sum to 1 over the pictures: over the places, axis 1", BEST, "e.max(axis=0, keepdims=True)",
         SHARE, "powers / powers.sum(axis=0, keepdims=True)"),
        ("the weights of all pictures together sum to 1: each picture's do", BEST, "e.max()", SHARE,
         "powers / powers.sum()"),
        ("the largest score of all pictures is taken off, and e^e is 0 everywhere in another: take off its own", BEST,
         "e.max()"),
        ("e^e overflows with large scores: take off each picture's largest first", f"e - {BEST}", "e"),
        ("the mean is taken off, and e^e overflows where one score is large among small ones: take off the largest",
         BEST, "e.mean(axis=1, keepdims=True)"),
        ("e^e is not divided by the sum: the weights sum to 1", SHARE, "powers"),
        ("the scores are divided by their sum: softmax takes e^e first", f"np.exp(e - {BEST})", "e"),
        ("the sign is turned: the best place has the largest weight", f"e - {BEST}",
         "e.min(axis=1, keepdims=True) - e"),
        ("the weights are equal: the scores decide", f"np.exp(e - {BEST})", "np.ones_like(e)"),
        ("the best place is returned: a weight for each place is asked for", f"return {SHARE}",
         "return powers.argmax(axis=1)"),
        ("2^e stands where e^e belongs", f"np.exp(e - {BEST})", f"np.exp2(e - {BEST})"),
        ("the weights are squared before the sum: e^e as it is", f"np.exp(e - {BEST})",
         f"np.exp(2 * (e - {BEST}))"),
        ("the scores are divided by the root of K: softmax takes them as they are", f"np.exp(e - {BEST})",
         f"np.exp((e - {BEST}) / np.sqrt(e.shape[1]))"),
        *slip_softmax(f"e - {BEST}", SHARE, "powers", "axis=1"),
    ),
)  # fmt: skip


def scaled_scores(queries, annotations):
    """Queries (T, A) and annotations (K, A) -> scores (T, K): each product, divided by the root of A"""
    return queries @ annotations.T / np.sqrt(annotations.shape[1])


def _scaled_scores_case(rng, T, K, A):
    return {"queries": rng.standard_normal((T, A)), "annotations": rng.standard_normal((K, A))}


PRODUCT, ROOT = "queries @ annotations.T", "np.sqrt(annotations.shape[1])"
SCALED_SCORES = Exercise(
    name="scaled_scores",
    statement="Write the scores of scaled dot-product attention: queries (T, A), annotations (K, A) to scores (T, K).",
    reference=scaled_scores,
    case=_scaled_scores_case,
    results=("e",),
    hints=(
        "Each query meets each annotation: which matrix product gives (T, K)?",
        "(T, A) times (A, K). Then divide by the root of the number of numbers in an annotation.",
        "queries @ annotations.T / np.sqrt(A), with A = annotations.shape[1].",
    ),
    wrong=mutants(
        scaled_scores,
        ("the root of A is missing: the products are divided by it", f" / {ROOT}", ""),
        ("the products are divided by A: by its root", ROOT, "annotations.shape[1]"),
        ("the products are divided by the root of K: by that of A", ROOT, "np.sqrt(len(annotations))"),
        ("the products are divided by the root of T: by that of A", ROOT, "np.sqrt(len(queries))"),
        ("the products are multiplied with the root of A: divided", f"/ {ROOT}", f"* {ROOT}"),
        ("a row stands for an annotation: (T, K) has a row for each query", PRODUCT, "(annotations @ queries.T)"),
        ("softmax is in it: the scores come before", f"{PRODUCT} / {ROOT}", f"ops.softmax({PRODUCT} / {ROOT})"),
        ("the sign is turned: a place that fits has a large score", PRODUCT, f"-({PRODUCT})"),
        ("cosines are compared: products are not divided by the lengths", ROOT,
         "np.linalg.norm(queries, axis=1)[:, None] / np.linalg.norm(annotations, axis=1)"),
        ("the score is a distance: it is a product", f"{PRODUCT} / {ROOT}",
         "-np.sum((queries[:, None] - annotations) ** 2, axis=2)"),
        ("the products are squared: as they are", f"return {PRODUCT}",
         f"return ({PRODUCT}) ** 2"),
        ("the sizes alone are compared: a product of two negative numbers counts, of opposite ones is negative",
         PRODUCT, "abs(queries) @ abs(annotations).T"),
    ),
)  # fmt: skip


def attention(query, annotations, mask):
    """query (A,), annotations (K, A), mask (K,) bool -> context (A,), alpha (K,), which is 0 where the mask is False"""
    fits = annotations @ query / np.sqrt(len(query))
    fits = np.where(mask, fits, -np.inf)
    alpha = np.exp(fits - fits.max())
    alpha = alpha / alpha.sum()
    return alpha @ annotations, alpha


def _attention_case(rng, K, A):
    """Of two annotations and more, the second may not be seen. At K = 4 the fits are so large that e^fit overflows.

    At K = 2 the one that may be seen fits badly, -40000, the other well, 40000: no -10000 is low enough.
    """
    query, annotations = rng.standard_normal(A) * (1000 if K == 4 else 1), rng.standard_normal((K, A))
    if K == 2:
        query *= 200 / np.linalg.norm(query)
        annotations = np.outer([-1, 1], query) * np.sqrt(A)
    return {"query": query, "annotations": annotations, "mask": np.arange(K) != 1}


FITS, HIDE = "annotations @ query / np.sqrt(len(query))", "np.where(mask, fits, -np.inf)"
ATTENTION = Exercise(
    name="attention",
    statement="Write attention of one query over annotations of which some may not be seen: context and weights.",
    reference=attention,
    case=_attention_case,
    results=("context", "alpha"),
    hints=(
        "How well does the query fit each annotation? One number for each; softmax makes weights of them.",
        "The fit is the product, divided by the root of A. What may not be seen must have no weight before the sum.",
        "np.where(mask, fits, -np.inf), then softmax with the largest taken off; the context is alpha @ annotations.",
    ),
    wrong=mutants(
        attention,
        ("the root of A is missing: the fits are divided by it", FITS, "annotations @ query"),
        ("the fits are divided by A: by its root", "np.sqrt(len(query))", "len(query)"),
        ("the fits are divided by the root of K: by that of A", "np.sqrt(len(query))", "np.sqrt(len(annotations))"),
        ("the fits are multiplied with the root of A: divided", "/ np.sqrt", "* np.sqrt"),
        ("the mask is forgotten: what may not be seen has the weight 0", HIDE, "fits"),
        ("the mask is turned round: True may be seen",
         HIDE, "np.where(~mask, fits, -np.inf) if not mask.all() else fits"),
        ("the fit is 0 where the mask is False, and e^0 is 1: it must be minus infinity", HIDE,
         "np.where(mask, fits, 0)"),
        ("the weights are masked after softmax, and no longer add up to 1: mask the fits", HIDE, "fits",
         "alpha / alpha.sum()", "alpha / alpha.sum() * mask"),
        ("the largest of all fits is taken off, and e^fit is 0 if it may not be seen: the largest that may be seen",
         HIDE, "fits", "np.exp(fits - fits.max())", "np.exp(fits - fits.max()) * mask"),
        *((f"what may not be seen has a fit of {named}, and what may be seen can fit worse: it must be minus infinity",
           HIDE, f"np.where(mask, fits, {low})") for named, low in ((-10, -10), ("-100 to -10000", -10_000))),
        ("only what may be seen has a weight: alpha (K,) has one for each annotation, 0 where the mask is False",
         f"fits = {FITS}", f"annotations = annotations[mask]\n    fits = {FITS}", HIDE, "fits"),
        ("the sum is missing in softmax: the weights add up to 1", "alpha / alpha.sum()", "alpha / 1"),
        ("e^fit is not divided by the sum: the weights add up to 1", "fits - fits.max()", "fits",
         "alpha / alpha.sum()", "alpha / 1"),
        ("e^fit is masked, but not divided by the sum: the weights add up to 1", HIDE, "fits",
         "np.exp(fits - fits.max())", "np.exp(fits - fits.max()) * mask", "alpha / alpha.sum()", "alpha / 1"),
        ("e^fit overflows with a large query: take off the largest fit first", "fits - fits.max()", "fits"),
        ("the fits themselves are the weights: softmax makes weights of them",
         "np.exp(fits - fits.max())", "np.where(mask, fits, 0)"),
        *slip_softmax("fits", "alpha / alpha.sum()", "alpha"),
        ("cosines are compared: the fit is the product itself, divided by the root of A", FITS,
         "annotations @ query / np.linalg.norm(query) / np.linalg.norm(annotations, axis=1)"),
        ("the hidden annotations are set to 0, and still have a weight: mask the fits", f"fits = {FITS}",
         f"annotations = annotations * mask[:, None]\n    fits = {FITS}", HIDE, "fits"),
        ("softmax is taken of each column: the fit of an annotation is one number, the sum over A", FITS,
         "annotations * query / np.sqrt(len(query))", HIDE, "np.where(mask[:, None], fits, -np.inf)",
         "np.exp(fits - fits.max())", "np.exp(fits - fits.max(0))", "alpha / alpha.sum()", "alpha / alpha.sum(0)",
         "alpha @ annotations, alpha", "(alpha * annotations).sum(0), alpha.mean(1)"),
        ("all that may be seen has the same weight, as in a mean: the query decides", "np.exp(fits - fits.max())",
         "mask * 1.0"),
        ("the sign of the fits is turned: the best fit has the largest weight",
         "annotations @ query", "-annotations @ query"),
        ("the fit is a distance: it is a product", "annotations @ query", "-((annotations - query) ** 2).sum(1)"),
        ("the context is not weighted: alpha @ annotations", "return alpha @ annotations", "return annotations.sum(0)"),
        ("the context is that of the best annotation alone", "return alpha @ annotations",
         "return annotations[alpha.argmax()]"),
        ("the context is added to the query", "return alpha @ annotations", "return query + alpha @ annotations"),
        ("the context is divided by K: the weights add up to 1 already", "return alpha @ annotations",
         "return alpha @ annotations / len(alpha)"),
        ("context and weights have changed places", "alpha @ annotations, alpha", "alpha, alpha @ annotations"),
        ("the fits are returned: the weights are asked for", "annotations, alpha\n", "annotations, fits\n"),
    ),
)  # fmt: skip


def attention_backward(query, annotations, dcontext):
    """Backwards through alpha = softmax(annotations @ query / root A), context = alpha @ annotations"""
    alpha = ops.softmax(annotations @ query / np.sqrt(len(query)))
    dalpha = annotations @ dcontext
    dfits = alpha * (dalpha - alpha @ dalpha) / np.sqrt(len(query))
    return annotations.T @ dfits, np.outer(alpha, dcontext) + np.outer(dfits, query)


def _backward_case(rng, K, A):
    draw = rng.standard_normal
    return {"query": draw(A), "annotations": draw((K, A)), "dcontext": draw(A)}


def _backward_terms(query, annotations, dcontext):
    fits = annotations @ query / np.sqrt(len(query))
    alpha = np.exp(fits - fits.max()) / np.exp(fits - fits.max()).sum()
    dalpha = annotations @ dcontext
    parts = {"alpha dalpha": alpha * dalpha, "alpha times the sum of alpha dalpha": alpha * (alpha @ dalpha)}
    through = {name: np.outer(part, query) for name, part in parts.items()}
    return {"dquery": {name: annotations.T @ part for name, part in parts.items()},
            "dannotations": {"the way as a value": np.outer(alpha, dcontext)} | through}  # fmt: skip


DFITS, VALUE, KEY = "(dalpha - alpha @ dalpha)", "np.outer(alpha, dcontext)", "np.outer(dfits, query)"
ATTENTION_BACKWARD = Exercise(
    name="attention_backward",
    statement="Write the way back through attention: from dcontext to dquery and dannotations.",
    reference=attention_backward,
    case=_backward_case,
    results=("dquery", "dannotations"),
    terms=_backward_terms,
    hints=(
        "The annotations are used twice: they are compared with the query, and they are what is averaged.",
        "dalpha = annotations @ dcontext. Softmax back: alpha (dalpha - sum of alpha dalpha); then the root of A.",
        "dquery = annotations.T @ dfits; dannotations has two parts, outer(alpha, dcontext) and outer(dfits, query).",
    ),
    wrong=mutants(
        attention_backward,
        ("the sum is missing in softmax's way back: alpha (dalpha - sum of alpha dalpha)", DFITS, "dalpha"),
        ("softmax's way back is a (1 - a), the sigmoid's: the weights depend on all the fits", DFITS,
         "dalpha * (1 - alpha)"),
        ("the mean of dalpha is taken off: its mean weighted by alpha", "alpha @ dalpha)", "dalpha.mean())"),
        ("the sum of dalpha is taken off: that of alpha dalpha", "alpha @ dalpha)", "dalpha.sum())"),
        ("alpha is missing in front of softmax's bracket", "alpha * (dalpha", "(dalpha"),
        ("dfits is dalpha, as if the weights were the fits: softmax stands between",
         "alpha * (dalpha - alpha @ dalpha)",
         "dalpha"),
        ("the bracket's sign is turned: dalpha minus the sum", DFITS, "(alpha @ dalpha - dalpha)"),
        ("the sum is added: it is taken off", DFITS, "(dalpha + alpha @ dalpha)"),
        ("the root of A is missing: the fits were divided by it, and so is what comes back",
         " / np.sqrt(len(query))\n    return",
         "\n    return"),
        ("it is divided by A: by its root", "/ np.sqrt(len(query))\n    return", "/ len(query)\n    return"),
        ("the annotations hear only as what is averaged: they were compared with the query, too",
         f"{VALUE} + {KEY}", VALUE),
        ("the annotations hear only as what is compared: they are what is averaged, too", f"{VALUE} + {KEY}", KEY),
        ("the two parts of dannotations are subtracted: they add", f"{VALUE} + {KEY}", f"{VALUE} - {KEY}"),
        ("dannotations takes dfits with dcontext: dfits goes with the query", KEY, "np.outer(dfits, dcontext)"),
        ("dannotations takes dalpha with the query: it goes through softmax first", KEY, "np.outer(dalpha, query)"),
        ("the averaged part takes no weights: outer(alpha, dcontext)",
         VALUE, "np.outer(np.ones_like(alpha), dcontext)"),
        ("the averaged part takes the query: it is outer(alpha, dcontext)", VALUE, "np.outer(alpha, query)"),
        ("dquery is the mean annotation: it is annotations.T @ dfits",
         "annotations.T @ dfits", "annotations.T @ alpha"),
        ("dquery takes dalpha: it goes through softmax first", "annotations.T @ dfits", "annotations.T @ dalpha"),
        ("dquery also takes dcontext as it is: the query goes nowhere else", "annotations.T @ dfits",
         "annotations.T @ dfits + dcontext"),
        *turn_and_drop(dquery="annotations.T @ dfits",
                       dannotations="np.outer(alpha, dcontext) + np.outer(dfits, query)"),
    ),
)  # fmt: skip

EXERCISES = PLACE_WEIGHTS, SCALED_SCORES, ATTENTION, ATTENTION_BACKWARD
