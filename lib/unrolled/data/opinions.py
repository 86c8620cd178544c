"""Two made-up tasks on short texts, whose laws are known: opinions, in which order matters, and spam, in which not.

the plot was not dull but the music is very weak        bad: what follows "but" decides
the plot was not dull although the music is weak        good: what follows "although" does not count
win a free prize / see you at six / bring the bread / click the link        spam: each phrase has its odds

GOOD and BAD are words of the lexicon of VADER (Hutto & Gilbert, 2014; MIT licence, copyright 2016 C. J. Hutto), each
with the sign that its readers gave it. The laws are the course's own: they are no model of what people write.
"""

from itertools import product
from typing import NamedTuple

import numpy as np

from unrolled.autodiff.checks import check_count, check_rng

GOOD = [
    "good", "great", "lovely", "brilliant", "wonderful", "happy", "excellent", "beautiful", "clever", "funny",
    "charming", "perfect", "pleasant", "delightful", "superb", "sweet", "warm", "fresh", "bright",
]  # fmt: skip
BAD = [
    "bad", "awful", "terrible", "horrible", "boring", "sad", "ugly", "stupid", "dreadful", "poor", "weak",
    "annoying", "dull", "nasty", "unpleasant", "hopeless", "cruel", "bitter", "dirty",
]  # fmt: skip
THINGS = ["film", "story", "acting", "music", "ending", "plot", "cast", "voice", "scene", "dialogue"]
TURNS, LINKS = ["not", "never", "hardly"], ["and", "but", "although"]
TAILS = ["", "at least for me", "so we said to each other on the way home"]  # which say nothing
SMALL = ["the", "of", "is", "was", "very", *dict.fromkeys(" ".join(TAILS).split())]
WORDS = ["", *SMALL, *TURNS, *LINKS, *THINGS, *GOOD, *BAD]  # "" is the padding
FORMS = ["{0} but {1}", "although {0} {1}", "{1} although {0}"]  # of two that differ; {1} decides

ODDS = {  # how many times as often a phrase stands in spam as in a message that is none
    "win a free prize": 4, "click the link": 4, "your account is closed": 4, "reply with your password": 4,
    "only today": 2, "you are the winner": 2, "a free ticket": 2, "call this number": 2,
    "see you at six": 1 / 2, "the ferry is late": 1 / 2, "call me today": 1 / 2, "thank you for the bread": 1 / 2,
    "i am at the harbour": 1 / 4, "bring the blue bag": 1 / 4, "the meeting is moved": 1 / 4, "happy birthday": 1 / 4,
}  # fmt: skip
PHRASES = list(ODDS)
MESSAGE_WORDS = ["", *dict.fromkeys(" ".join(PHRASES).split())]


class Texts(NamedTuple):
    """tokens (T, N) int, the padding is 0; lengths (N,); targets (N,): 1 where a text is good, or spam."""

    tokens: np.ndarray
    lengths: np.ndarray
    targets: np.ndarray


def draw(rng, N):
    """N opinions of two clauses -> Texts of WORDS. Each clause is good or bad, and turned or not, with even odds.

    Clauses of one sign are joined by "and", others in one of the FORMS: what follows "but" decides, and what follows
    "although" does not count. Behind them stands one of the TAILS. `law` is the same, read from words.
    """
    check_rng(rng)
    check_count(N=N)
    texts = [_opinion(rng) for _ in range(N)]
    return _pad([text.split() for text in texts], WORDS, [law(text) for text in texts])


def _opinion(rng):
    pick = lambda words: words[rng.integers(len(words))]
    two = []
    for _ in range(2):
        turned, very, longer = (rng.random(3) < (0.5, 0.3, 0.5)).tolist()
        said = ["the", pick(THINGS), *["of", "the", pick(THINGS)] * longer, pick(["is", "was"])]
        two.append(" ".join([*said, *[pick(TURNS)] * turned, *["very"] * very, pick(pick([GOOD, BAD]))]))
    alike = sign(two[0]) == sign(two[1])
    form = "{0} and {1}" if alike else pick(FORMS)
    return f"{form.format(*two)} {pick(TAILS)}".strip()


def sign(clause):
    """1 for a good clause, -1 for a bad one: the sign of its last word, turned by not, never or hardly."""
    words = clause.split()
    return (1 if words[-1] in GOOD else -1) * (-1 if any(word in TURNS for word in words) else 1)


def clauses(text):
    """The two clauses of an opinion, each up to its good or bad word, with what joins them."""
    words = text.split()
    first, second = (place + 1 for place, word in enumerate(words) if word in GOOD + BAD)
    return " ".join(words[:first]), " ".join(words[first:second])


def law(text):
    """1 for a good opinion, 0 for a bad one: the second clause decides, unless it begins with "although"."""
    first, second = clauses(text)
    return int(sign(first if second.startswith("although") else second) > 0)


def draw_messages(rng, N, phrases=4):
    """N messages -> Texts of MESSAGE_WORDS. Half are spam; the phrases are drawn one by one, in no order.

    A phrase that stands k times as often in spam than elsewhere has the weight sqrt(k) there, 1 / sqrt(k) elsewhere.
    """
    check_rng(rng)
    check_count(N=N, phrases=phrases)
    spam = rng.integers(2, size=N)
    weights = np.sqrt(list(ODDS.values()))
    weights = np.stack([1 / weights, weights])
    chances = weights / weights.sum(1, keepdims=True)
    chosen = [rng.choice(len(PHRASES), phrases, p=chances[kind]) for kind in spam]
    return _pad([" ".join(PHRASES[k] for k in row).split() for row in chosen], MESSAGE_WORDS, spam)


def _pad(texts, words, targets):
    lengths = np.array([len(text) for text in texts])
    tokens = np.zeros((lengths.max(), len(texts)), int)
    places = {word: place for place, word in enumerate(words)}
    for n, text in enumerate(texts):
        tokens[: len(text), n] = [places[word] for word in text]
    return Texts(tokens, lengths, np.array(targets))


def read(tokens, words=WORDS):
    """A column of tokens (T,) as a text."""
    return " ".join(words[token] for token in tokens if token)


def bag_ceiling():
    """The share of right answers that no reader of an opinion's bag of words can pass on average: exactly.

    Four even draws make an opinion: the sign of both words, and whether each is turned. The bag holds how many are
    good, how many are turned, and whether the clauses agree; the best answer to each bag is the more frequent one.
    Here the second clause is the one that decides, wherever it stands: a bag does not see where.
    """
    bags = {}
    for first, second, turn, turn_too in product([1, -1], repeat=4):
        one, other = first * turn, second * turn_too
        bags.setdefault((first + second, turn + turn_too, one == other), []).append(other > 0)
    return sum(max(sum(goods), len(goods) - sum(goods)) for goods in bags.values()) / 16


def best_guess(texts):
    """The best answer to a message, by the odds of its phrases: 1 where it is more likely spam, (N,) int."""
    guesses = []
    for column in texts.tokens.T:
        text, odds = read(column, MESSAGE_WORDS), 1.0
        for phrase in sorted(PHRASES, key=len, reverse=True):  # none is a part of another
            odds *= ODDS[phrase] ** text.count(phrase)
        guesses.append(int(odds > 1))
    return np.array(guesses)
