"""What a caption model reads and must say, clipped counts, attention with a mask, forward and back."""

from collections import Counter

import numpy as np

from unrolled.autodiff import ops
from unrolled.exercises.exercise import Exercise
from unrolled.exercises.mistakes import mutants, slip_softmax, turn_and_drop

PAD, START, END = 0, 1, 2


def shift(tokens):
    """One padded caption (L,) -> what is read (L-1,), what must be said (L-1,), which of these count (L-1,) bool"""
    return tokens[:-1], tokens[1:], tokens[1:] != PAD


def _shift_case(rng, words, padding):
    said = rng.choice(np.arange(3, 40), size=words + 1, replace=False)
    return {"tokens": np.concatenate([[START], said, [END], np.zeros(padding, int)]).astype(int)}


ALL = "tokens[:-1], tokens[1:], tokens[1:] != PAD"
SHIFT = Exercise(
    name="shift",
    statement="Of a padded caption, START … END, PAD: return what is read, what must be said, and which steps count.",
    reference=shift,
    case=_shift_case,
    results=("inputs", "targets", "mask"),
    kinds={"mask": ("b", "as an index, 0 and 1 pick the first two; a mask holds True and False")},
    hints=(
        "Write the caption down twice, one below the other, the second one place on.",
        "START is never a target, the last token never an input. What has padding as its target does not count.",
        "tokens[:-1], tokens[1:], and the mask is where the target is not 0. END counts.",
    ),
    wrong=mutants(
        shift,
        ("the inputs are not cut: the last token has no target", ALL, "tokens, tokens[1:], tokens[1:] != PAD"),
        ("the targets begin with START: they are one place on", ALL, "tokens[:-1], tokens[:-1], tokens[1:] != PAD"),
        ("inputs and targets have changed places", ALL, "tokens[1:], tokens[:-1], tokens[1:] != PAD"),
        ("START is missing among the inputs: it is what the first word is said from", ALL,
         "tokens[1:], tokens[1:], tokens[1:] != PAD"),
        ("nothing is shifted: the targets are one place on", ALL, "tokens, tokens, tokens != PAD"),
        ("the mask is that of the inputs: where END is read, padding is the target", "tokens[1:] != PAD",
         "tokens[:-1] != PAD"),
        ("the mask leaves END out: the network must learn to stop", "tokens[1:] != PAD",
         "(tokens[1:] != PAD) & (tokens[1:] != END)"),
        ("the mask is turned round: True is a step that counts", "tokens[1:] != PAD", "tokens[1:] == PAD"),
        ("the padding counts, too", "tokens[1:] != PAD", "tokens[1:] >= 0"),
        ("the mask leaves the first word out", "tokens[1:] != PAD", "(tokens[1:] != PAD) & (tokens[:-1] != START)"),
        ("the targets are two places on", ALL, "tokens[:-1], np.append(tokens[2:], PAD), tokens[1:] != PAD"),
        ("the targets stand in the wrong order", ALL, "tokens[:-1], tokens[1:][::-1], tokens[1:] != PAD"),
        ("the mask holds the places that count: one True or False for each target", "tokens[1:] != PAD",
         "np.flatnonzero(tokens[1:])"),
        ("the padding is cut away: every caption of a batch keeps its length", ALL,
         "(t := tokens[tokens != PAD])[:-1], t[1:], t[1:] != PAD"),
        ("START and END are left out by their value, not by their place: it is tokens[:-1] and tokens[1:]", ALL,
         "tokens[tokens != END], tokens[tokens != START], tokens[tokens != START] != PAD"),
        ("padding among the targets is written over: the mask alone says what counts", "tokens[:-1], tokens[1:],",
         "tokens[:-1], np.where(tokens[1:] != PAD, tokens[1:], -100),"),
        ("the mask holds END alone: every word counts", "tokens[1:] != PAD", "tokens[1:] == END"),
    ),
)  # fmt: skip


def precision(said, right):
    """The share of the words said that stand in the right caption, each at most as often as there: BLEU's p_1"""
    mine, theirs = Counter(said.split()), Counter(right.split())
    matches = sum(min(count, theirs[word]) for word, count in mine.items())
    return matches / sum(mine.values())


def _precision_case(rng, said, right):
    """So many words that some stand there twice; one never stands in the right one, and one is found within it."""
    words = np.array(["a", "an", "can"])
    mine, theirs = rng.choice(words, said + 2), rng.choice(words[:2], right + 1)
    return {"said": " ".join(mine), "right": " ".join(theirs)}


MIN = "min(count, theirs[word])"
PRECISION = Exercise(
    name="precision",
    statement="Write BLEU's p_1: the share of the words said that the right caption has, no more often than there.",
    reference=precision,
    case=_precision_case,
    results=("p_1",),
    hints=(
        'Why must "the the the" not be a perfect caption?',
        "Count each word on both sides. A word's matches are the smaller of its two counts.",
        "mine, theirs = Counter(said.split()), Counter(right.split()); (mine & theirs).total() over the words said.",
    ),
    wrong=mutants(
        precision,
        ("the counts are not clipped: a word counts at most as often as the right caption has it", MIN,
         "count * (word in theirs)"),
        ("each different word counts once: a word counts as often as both have it", MIN, "min(1, theirs[word])"),
        ("the larger count is taken: the smaller one", MIN, "max(count, theirs[word])"),
        ("it counts the right caption's words: those that were said", MIN, "theirs[word]"),
        ("it is divided by the right caption's words, which is recall: divide by the words said",
         "sum(mine.values())", "sum(theirs.values())"),
        ("it is divided by the different words: by all that were said", "sum(mine.values())", "len(mine)"),
        ("it is not divided: the share of the words said", " / sum(mine.values())", ""),
        ("it is the share that is wrong", "return matches", "return sum(mine.values()) - matches",
         " / sum(mine.values())", ""),
        ("both sides' different words are compared: repeats count", "matches /", "len(set(mine) & set(theirs)) /",
         "sum(mine.values())", "len(set(mine) | set(theirs))"),
        ("a word must stand at the same place: the order does not matter here", "matches /",
         "sum(a == b for a, b in zip(said.split(), right.split())) /"),
        ("it counts letters: split() makes words of a sentence",
         "Counter(said.split()), Counter(right.split())", "Counter(said), Counter(right)"),
        ("it counts letters, and divides by words: split() first",
         "Counter(said.split()), Counter(right.split())", "Counter(said), Counter(right)",
         "sum(mine.values())", "len(said.split())"),
        ("the words said are letters: said, too, is split", "said.split()", "said"),
        ("the right caption's words are letters: right, too, is split", "right.split()", "right"),
        ("a word is found within other words, too: right.split().count, not right.count", MIN,
         "min(count, right.count(word))"),
        ("that is F1, in which recall has a part: divide by the words said alone", "matches / sum(mine.values())",
         "2 * matches / (sum(mine.values()) + sum(theirs.values()))"),
        ("it is divided by the words of both, each as often as on either side: by the words said", "sum(mine.values())",
         "sum((mine | theirs).values())"),
        ("the brevity penalty is in it: p_1 alone is asked for", "return matches",
         "return min(1, np.exp(1 - sum(theirs.values()) / sum(mine.values()))) * matches"),
        ("pairs of words are counted: p_1 is of single words", "said.split()), Counter(right.split())",
         "zip(said.split(), said.split()[1:])), Counter(zip(right.split(), right.split()[1:]))",
         "sum(mine.values())", "max(sum(mine.values()), 1)"),
        ("all matches together are clipped by the right caption's length: clip each word by its own count", "matches =",
         "matches = min(sum(count for word, count in mine.items() if word in theirs), sum(theirs.values())) or"),
        ("each word said adds its matches anew: each different word adds them once", MIN, f"count * {MIN}"),
        ("all or nothing, as // divides: it is a share", "return matches / sum(mine.values())",
         "return float(matches == sum(mine.values()))"),
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

    At K = 2 the one that may be seen fits badly, -400, the other well, 400: e^400 is a number, and e^-800 is 0.
    """
    query, annotations = rng.standard_normal(A) * (1000 if K == 4 else 1), rng.standard_normal((K, A))
    if K == 2:
        query *= 20 / np.linalg.norm(query)
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
        *((f"what may not be seen has a fit of {low}, and what may be seen can fit worse: it must be minus infinity",
           HIDE, f"np.where(mask, fits, {low})") for low in (-10, -100)),
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

EXERCISES = SHIFT, PRECISION, ATTENTION, ATTENTION_BACKWARD
