"""What a caption model reads and must say, clipped counts, and BLEU."""

from collections import Counter
from math import exp, log

import numpy as np

from unrolled.data.text import END, PAD, START  # noqa: F401 - some wrong answers use them
from unrolled.exercises.exercise import Exercise
from unrolled.exercises.mistakes import mutants


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


def bleu(said, right, n):
    """BLEU-n of one sentence: min(1, e^(1 - r/c)) (p_1 p_2 ... p_n)^(1/n), and 0 where some p_k is 0"""
    mine, theirs = said.split(), right.split()
    total = 0.0
    for k in range(1, n + 1):
        grams, known = (Counter(zip(*(words[i:] for i in range(k)))) for words in (mine, theirs))
        matches = (grams & known).total()
        if matches == 0:
            return 0.0
        total += log(matches / grams.total())
    return min(1.0, exp(1 - len(theirs) / len(mine))) * exp(total / n)


def _bleu_case(rng, n, words):
    """Words that come twice; the sentence said is the right one, cut or made longer, and most often with a slip."""
    length = 2 * n + words + 1
    right = rng.choice(["a", "an", "can", "red", "of"], length)
    way = rng.integers(3)
    said = right[: length - words] if way == 0 else np.append(right, right[:words]) if way == 1 else right.copy()
    said[-1] = rng.choice(["a", "an", "big"])
    return {"said": " ".join(said), "right": " ".join(right), "n": n}


PENALTY, MEAN = "min(1.0, exp(1 - len(theirs) / len(mine)))", "exp(total / n)"
BLEU = Exercise(
    name="bleu",
    statement="Write BLEU-n of one sentence beside one right caption: clipped precisions, their mean, the penalty.",
    reference=bleu,
    case=_bleu_case,
    results=("BLEU",),
    hints=(
        "It is the p_1 of before, for groups of k words, k = 1 to n. How does one mean of n shares become 0 if one is?",
        "The geometric mean: exp of the mean of the logarithms. The groups are zip(words, words[1:], ...).",
        "min(1, exp(1 - r / c)) * exp(sum of log p_k / n), with r words in the right caption and c in what was said.",
    ),
    wrong=mutants(
        bleu,
        ("the penalty for short sentences is missing: min(1, e^(1 - r/c))", f"{PENALTY} * ", ""),
        ("the penalty meets long sentences: r/c, right words over words said", PENALTY,
         "min(1.0, exp(1 - len(mine) / len(theirs)))"),
        ("a long sentence is rewarded: the penalty is at most 1", PENALTY, "exp(1 - len(theirs) / len(mine))"),
        ("the penalty is c/r: it is e^(1 - r/c)", PENALTY, "min(1.0, len(mine) / len(theirs))"),
        ("the penalty counts words that are missing, e^(c - r): it is e^(1 - r/c)", PENALTY,
         "min(1.0, exp(len(mine) - len(theirs)))"),
        ("the n-th root is missing: BLEU takes the geometric mean", MEAN, "exp(total)"),
        ("only the longest groups count: p_1 to p_n", "range(1, n + 1)", "(n,) * n"),
        ("only single words count: p_1 to p_n", "range(1, n + 1)", "(1,) * n"),
        ("the groups of n words are left out: p_1 to p_n", "range(1, n + 1)", "range(1, max(n, 2))",
         MEAN, "exp(total / max(n - 1, 1))"),
        ("single words are left out: p_1 to p_n", "range(1, n + 1)", "range(min(2, n), n + 1)",
         MEAN, "exp(total / max(n - 1, 1))"),
        ("n is not used: BLEU-4 whatever is asked for", "mine, theirs = said.split(), right.split()",
         "mine, theirs, n = said.split(), right.split(), 4"),
        ("it is the arithmetic mean: BLEU takes the geometric one", "total += log(matches / grams.total())",
         "total += matches / grams.total()", MEAN, "(total / n)", "return 0.0", "continue"),
        ("the counts are not clipped: a group counts at most as often as the right caption has it",
         "(grams & known).total()", "sum(count for gram, count in grams.items() if gram in known)"),
        ("each different group counts once: as often as both have it", "(grams & known).total()",
         "len(set(grams) & set(known))"),
        ("it is divided by the right caption's groups, which is recall: by those said", "grams.total()",
         "known.total()"),
        ("the logarithms' mean is returned: e to its power", f"return {PENALTY} * {MEAN}", "return total / n"),
        ("it counts letters: split() makes words of a sentence", "said.split(), right.split()", "said, right"),
        ("the penalty is taken to the power 1/n, too: it stands before the mean", f"{PENALTY} * {MEAN}",
         f"({PENALTY}) ** (1 / n) * {MEAN}"),
    ),
)  # fmt: skip


EXERCISES = SHIFT, PRECISION, BLEU
