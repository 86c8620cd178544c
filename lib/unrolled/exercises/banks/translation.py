"""Sequence to sequence: which word says which digit, the decoder's loop, one step of a beam."""

from numbers import Real

import numpy as np

from unrolled.data import number_words
from unrolled.data.text import END, START
from unrolled.exercises.banks.caption_search import H, Speaker
from unrolled.exercises.exercise import Exercise, Named, Wrong
from unrolled.exercises.mistakes import mutants

DIGITS, PLACES = number_words.DIGITS, ("hundred", "thousand", "million")


def align(source, target):
    """For each Korean word the place, from 0, of the English word that says its digit; -1 for a place word"""
    saying = iter([k for k, word in enumerate(source) if word not in PLACES])
    return [next(saying) if word in DIGITS else -1 for word in target]


def _align_case(rng, groups, case):
    """A number of so many groups of up to three digits: its words in English and in Korean. No 1: it may be silent."""
    digits = min(9, 3 * groups - case % 3)
    number = int("".join(str(rng.choice([2, 3, 4, 5, 6, 7, 8, 9, 0] if k else range(2, 10))) for k in range(digits)))
    return {"source": number_words.english(number), "target": number_words.korean(number)}


def _use_links(function, source, target):
    links = _check_length(function(source, target), len(target), "each of the {} Korean words has one number")
    for word, link in zip(target, links if isinstance(links, list | tuple) else ()):
        if not isinstance(link, Real | np.ndarray):
            raise Named(f"for {word} the list holds {link!r}, which is no number: a place word has -1")
    return links


def _check_length(found, length, law):
    """What an answer gave, if it has this length; what is no sequence has none, and goes on to the check."""
    is_sequence = isinstance(found, list | tuple) or (isinstance(found, np.ndarray) and found.ndim > 0)
    if is_sequence and len(found) != length:
        raise Wrong(f"{law.format(length)}, got {len(found)}")
    return found


SAYING, LINKS = "[k for k, word in enumerate(source) if word not in PLACES]", "next(saying) if word in DIGITS else -1"
ALIGN = Exercise(
    name="align",
    statement="Say for each Korean word at which place the English word stands that says its digit; -1: none does.",
    reference=align,
    case=_align_case,
    results=("the places",),
    use=_use_links,
    hints=(
        "Both languages say the digits from left to right and leave out each 0. Which words say no digit?",
        "List the places of the English words that say a digit; each Korean digit takes the next one of them.",
        'saying = iter([… if word not in ("hundred", "thousand", "million")]); next(saying) for a digit, else -1.',
    ),
    wrong=mutants(
        align,
        ("the digits' words are counted, not the places at which they stand: hundred and thousand have places, too",
         SAYING, "range(len(source))"),
        ("the places are counted from 1: the first English word stands at 0", "enumerate(source)",
         "enumerate(source, 1)"),
        ("the digits are taken from right to left: both languages begin with the largest", f"iter({SAYING})",
         f"iter({SAYING}[::-1])"),
        ("a place word has the place of the digit before it: it says no digit, -1", LINKS,
         "(digit := next(saying)) if word in DIGITS else digit"),
        ("a place word has 0, which is the place of the first English word: -1", "else -1", "else 0"),
        ("hundred says no digit, and is taken for one", "not in PLACES", "not in PLACES[1:]"),
        ("thousand and million say no digit, and are taken for ones", "not in PLACES", "not in PLACES[:1]"),
        ("million says no digit, and is taken for one", "not in PLACES", "not in PLACES[:2]"),
        ("every digit has the place of the first: each has its own", f"iter({SAYING})", "iter([0] * 99)"),
        ("every Korean word has a place, one after the other: a place word has -1", f"[{LINKS} for word in target]",
         "list(range(len(target)))"),
        ("the places of the place words are asked for by nobody: -1 stands for them, and a place for each digit",
         f"[{LINKS} for word in target]", "[-1 if word in DIGITS else k for k, word in enumerate(target)]"),
        ("a digit that comes twice has its first word both times: take the next one", LINKS,
         "[k for k, digit in enumerate(source) if digit in (number_words.ONES[DIGITS.index(word)], "
         "number_words.TENS[DIGITS.index(word)])][0] if word in DIGITS else -1"),
        ("the digits stand by their places in the Korean: those in the English are asked for",
         f"[{LINKS} for word in target]", "[k if word in DIGITS else -1 for k, word in enumerate(target)]"),
    ),
)  # fmt: skip


def decode(step, h, targets, forced):
    """The decoder's loop: step(word, h) -> log p (V,), the next h; targets (T,) -> the T words that it says, a list"""
    word, said = START, []
    for target in targets:
        y, h = step(word, h)
        said.append(int(y.argmax()))
        word = target if forced else said[-1]
    return said


def _decode_case(rng, V, T, case):
    """Where it reads its own words it says END before the last step: it has to go on."""
    targets, h, forced = rng.integers(3, V + 5, T + 2), rng.standard_normal(H), case % 2 == 1
    step = Speaker(rng, V + 5)
    while not forced and END not in decode(step, h, targets, forced)[:-1]:
        step = Speaker(rng, V + 5)
    return {"step": step, "h": h, "targets": targets, "forced": forced}


STOPS = "it stops when it has said END: all T steps are asked for, and what follows END is cut off later"


def _use_said(function, step, h, targets, forced):
    said = function(step, h, targets, forced)
    if isinstance(said, list | tuple | np.ndarray) and 0 < np.size(said) < len(targets) and np.ravel(said)[-1] == END:
        raise Named(STOPS)
    return _check_length(said, len(targets), "it must say a word at each of the {} steps")


FEED, READ, SAY = "y, h = step(word, h)", "target if forced else said[-1]", "said.append(int(y.argmax()))"
DECODE = Exercise(
    name="decode",
    statement="Run the decoder for T steps, with the right words as it reads (forced) or with its own.",
    reference=decode,
    case=_decode_case,
    results=("the tokens",),
    use=_use_said,
    hints=(
        "What does the decoder read at its first step, and what at the second, in either mode?",
        "It reads START. Then it reads targets[0] if forced, else the word that it has just said. And h goes on.",
        "y, h = step(word, h); said.append(int(y.argmax())); word = target if forced else said[-1].",
    ),
    wrong=mutants(
        decode,
        ("its own words are read in both modes: the right ones, if forced", READ, "said[-1]"),
        ("the right words are read in both modes: its own, unless forced", READ, "target"),
        ("the modes have changed places: forced means that it reads the right words", READ,
         "said[-1] if forced else target"),
        ("it reads START at every step: the next step reads a word", READ, "START"),
        ("the state is not carried on: the next step takes the h that this one gave", FEED,
         "y, _ = step(word, h)"),
        ("the first step reads the first right word, which it has to say: it reads START", "word, said = START, []",
         "word, said = (targets[0] if forced else START), []"),
        ("it reads the word that it has to say: read the word before it", FEED,
         "y, h = step(target if forced else word, h)"),
        ("it reads END first: START", "word, said = START", "word, said = END"),
        ("it reads the first right word in both modes, and goes on from there: START, then its own", READ,
         "targets[0]"),
        ("a right word is read one step late", READ, "([START, START, *targets][len(said)] if forced else said[-1])"),
        ("the word said two steps ago is read: the last one", "else said[-1]", "else (said[-2:])[0]"),
        ("if forced, the right words are returned: those that it says", "return said",
         "return list(targets) if forced else said"),
        ("the words that it reads are returned: those that it says", SAY,
         "said.append(int(y.argmax()))\n        read = [*read, word]", "word, said = START, []",
         "word, said, read = START, [], []", "return said", "return read"),
        ("the least likely word is said: the likeliest", "y.argmax()", "y.argmin()"),
        ("the second likeliest word is said: the likeliest", "y.argmax()", "y.argsort()[-2]"),
        (STOPS, SAY, f"{SAY}\n        if said[-1] == END and not forced:\n            break"),
        ("END can never be said: a decoder must be free to stop", "int(y.argmax())",
         "3 + int(y[3:].argmax())"),
        ("the words stand in the wrong order, the last first", "return said", "return said[::-1]"),
        ("the words themselves are asked for: here stands whether each is right", "return said",
         "return [int(own == target) for own, target in zip(said, targets)]"),
    ),
)  # fmt: skip


def beam_step(totals, log_p, width):
    """totals (B,), log_p (B, V) -> of the `width` best continuations, the best first: sentence, word, new total"""
    grown = totals[:, None] + log_p
    best = np.argsort(-grown, axis=None)[:width]
    sentences, words = np.unravel_index(best, grown.shape)
    return sentences, words, grown[sentences, words]


def _beam_step_case(rng, B, V, width):
    log_p = rng.standard_normal((B, V + 1)) * 2
    log_p -= np.log(np.exp(log_p).sum(1, keepdims=True))
    return {"totals": -3 * rng.random(B), "log_p": log_p, "width": min(width + 1, B * (V + 1))}


GROWN, CUT = "totals[:, None] + log_p", "np.argsort(-grown, axis=None)[:width]"
PAIRS = "np.unravel_index(best, grown.shape)"
BEAM_STEP = Exercise(
    name="beam_step",
    statement="Continue each of B sentences by each of V words, and keep the `width` with the highest log p.",
    reference=beam_step,
    case=_beam_step_case,
    results=("sentences", "words", "totals"),
    hints=(
        "There are B times V continuations. What is the log p of one: of the sentence so far and of the new word?",
        "A (B, V) array of sums; sort all its numbers at once, and find for each its row and its column.",
        "best = np.argsort(-grown, axis=None)[:width]; np.unravel_index(best, grown.shape) gives rows and columns.",
    ),
    wrong=mutants(
        beam_step,
        ("the sentences so far do not count: a total is the sum of all log p", GROWN, "0 * totals[:, None] + log_p"),
        ("the totals go along the words: each belongs to a row of log_p, totals[:, None]", GROWN, "totals + log_p"),
        ("the best words of each sentence are kept: all sentences compete for the width places", f"best = {CUT}",
         "best = [V * b + k for V in [grown.shape[1]] for b, row in enumerate(grown)\n"
         "            for k in np.argsort(-row)[:width]]"),
        ("the place among all continuations is divided by B: in a row are V words, so divide by V", PAIRS,
         "divmod(best, len(totals))", "grown[sentences, words]\n", "grown.ravel()[best]\n"),
        ("the new word does not count: a total is the sum of all log p", GROWN, "totals[:, None] + 0 * log_p"),
        ("the log p are multiplied: of logarithms the sum is taken", GROWN, "totals[:, None] * log_p"),
        ("the probability of the word is added: its logarithm", GROWN, "totals[:, None] + np.exp(log_p)"),
        ("log p of the sentence is subtracted: it is added", GROWN, "log_p - totals[:, None]"),
        ("the worst are kept: the best", "np.argsort(-grown", "np.argsort(grown"),
        ("the best stand last: the best first", CUT, f"{CUT}[::-1]"),
        ("rows and columns have changed places: the row is the sentence, the column the word",
         "return sentences, words,", "return words, sentences,"),
        ("the log p of the new word is returned: that of the whole sentence", "grown[sentences, words]\n",
         "log_p[sentences, words]\n"),
        ("the total of the sentence so far is returned: the new word has a log p, too", "grown[sentences, words]\n",
         "totals[sentences]\n"),
        ("a probability is returned: its logarithm", "grown[sentences, words]\n", "np.exp(grown[sentences, words])\n"),
        ("the place among all B V continuations is returned: the word is the column", PAIRS,
         "np.unravel_index(best, grown.shape)[0], best", "grown[sentences, words]\n", "grown.ravel()[best]\n"),
        ("the best words of the best sentence alone: all sentences compete", GROWN,
         "np.where(np.arange(len(totals))[:, None] == totals.argmax(), totals[:, None] + log_p, -99 + log_p)"),
        ("each sentence goes on with its likeliest word first: all continuations compete", GROWN,
         "totals[:, None] + log_p\n"
         "    grown = np.where(log_p == log_p.max(1, keepdims=True), grown, grown - 99)",
         "grown[sentences, words]\n", "(totals[:, None] + log_p)[sentences, words]\n"),
        ("the words compete at their own log p, and the sentence's is added afterwards: the sums compete", CUT,
         "np.argsort(-log_p, axis=None)[:width]"),
    ),
)  # fmt: skip

EXERCISES = ALIGN, DECODE, BEAM_STEP
