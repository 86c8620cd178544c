"""From scores to a caption: the likeliest word each time, and beam search."""

import numpy as np

from unrolled.data.text import END, PAD, START
from unrolled.exercises.exercise import Exercise, Wrong
from unrolled.exercises.mistakes import mutants

H = 4  # units of the network that speaks


class Speaker:
    """A small network with random weights: step(token, h) -> log p (V,), the next h.

    It says no PAD, no START, and something before END.
    """

    def __init__(self, rng, V):
        self.W_e, self.W_hh = 1.5 * rng.standard_normal((V, H)), rng.standard_normal((H, H))
        self.W_hy = 0.7 * rng.standard_normal((H, V))

    def __call__(self, token, h):
        if isinstance(token, bool) or np.shape(token) or not isinstance(token, int | np.integer):
            raise Wrong(f"step takes one token, a whole number, got {token!r}"[:120])
        if np.shape(h) != (H,):
            raise Wrong(f"step takes a state as it gave it, of shape ({H},), got {np.shape(h)}")
        h = np.tanh(self.W_e[token] + h @ self.W_hh)
        y = h @ self.W_hy
        y[[PAD, START, END] if token == START else [PAD, START]] = -9
        return y - np.log(np.exp(y).sum()), h

    def __repr__(self):
        return "a network that says " + " " * 100  # too long for the smallest input of a report


def greedy(step, h, longest):
    """The likeliest word each time, up to END: step(token, h) -> log p (V,), the next h -> a list of tokens"""
    token, said = START, []
    while len(said) < longest:
        log_p, h = step(token, h)
        token = int(log_p.argmax())
        if token == END:
            break
        said.append(token)
    return said


def _greedy_case(rng, V, longest):
    return {"step": Speaker(rng, V + 4), "h": rng.standard_normal(H), "longest": longest + 2}


def _use_words(function, *arguments):
    said = function(*arguments)
    if said is None:
        return said
    if isinstance(said, tuple | str | dict) or np.ndim(said) != 1:
        raise Wrong(f"it must return the tokens as one list, got {type(said).__name__}")
    return _pad(said, arguments[-1])


def _pad(said, longest):
    """The tokens as an array of a length that does not depend on how many there are."""
    said = np.asarray(said, float)[: longest + 2]
    return np.append(said, -np.ones(longest + 2 - len(said)))


FEED = "log_p, h = step(token, h)"
GREEDY = Exercise(
    name="greedy",
    statement="Say the likeliest word each time, from START on, until END or until `longest` words are said.",
    reference=greedy,
    case=_greedy_case,
    results=("the tokens (filled up with -1)",),
    use=_use_words,
    hints=(
        "What does the network read first, and what after that?",
        "It reads START, then the token that it has just said. Two things go from step to step: the token and h.",
        "log_p, h = step(token, h); token = int(log_p.argmax()); break at END, else append the token.",
    ),
    wrong=mutants(
        greedy,
        ("the state is not carried on: the next step takes the h that this one gave", FEED,
         "log_p, _ = step(token, h)"),
        ("it reads START every time: the next step reads the token just said", FEED, "log_p, h = step(START, h)"),
        ("it reads PAD first: START asks for the first word", "token, said = START", "token, said = PAD"),
        ("it reads END first: START asks for the first word", "token, said = START", "token, said = END"),
        ("END is among the words: it only says that the sentence is over", "said.append(token)", "pass",
         "if token == END", "said.append(token)\n        if token == END"),
        ("START is among the words: it is read, and not said", "START, []", "START, [START]",
         "len(said) < longest", "len(said) <= longest"),
        ("it goes on after END: there the sentence is over", "break", "pass"),
        ("END is left out, and it goes on: there the sentence is over", "break", "continue"),
        ("END can never be said: a network must be free to stop", "int(log_p.argmax())", "3 + int(log_p[3:].argmax())"),
        ("the least likely word is taken: the likeliest", "log_p.argmax()", "log_p.argmin()"),
        ("the second likeliest word is taken: the likeliest", "log_p.argmax()", "log_p.argsort()[-2]"),
        ("one word is missing: there may be `longest`", "len(said) < longest", "len(said) < longest - 1"),
        ("there is one word too many: at most `longest`", "len(said) < longest", "len(said) <= longest"),
        ("only the last word is returned: all of them are asked for", "return said", "return said[-1:]"),
        ("the words stand in the wrong order, the last first", "return said", "return said[::-1]"),
    ),
)  # fmt: skip


def beam(step, h, width, longest):
    """The likeliest sentence that a beam of this width finds -> its tokens without END, the sum of log p with END's"""
    live, over = [([START], 0.0, h)], []
    for _ in range(longest):
        grown = []
        for tokens, total, h in live:
            log_p, h_next = step(tokens[-1], h)
            grown += [([*tokens, k], total + log_p[k], h_next) for k in range(len(log_p))]
        grown.sort(key=lambda sentence: sentence[1], reverse=True)
        kept = grown[: width - len(over)]
        over += [sentence for sentence in kept if sentence[0][-1] == END]
        live = [sentence for sentence in kept if sentence[0][-1] != END]
    tokens, total, _ = max(over + live, key=lambda sentence: sentence[1])
    return [token for token in tokens[1:] if token != END], total


def _beam_case(rng, V, width, longest):
    return {"step": Speaker(rng, V + 4), "h": rng.standard_normal(H), "width": width + 1, "longest": longest + 2}


def _use_beam(function, step, h, width, longest):
    found = function(step, h, width, longest)
    if found is None:
        return found
    if not isinstance(found, tuple | list) or len(found) != 2 or np.ndim(found[0]) != 1 or np.ndim(found[1]):
        raise Wrong(f"it must return the tokens of the best sentence and its log p, got {type(found).__name__}")
    return _pad(found[0], longest), found[1]


ROOM, BEST, SUM = "grown[: width - len(over)]", "max(over + live, key=lambda sentence: sentence[1])", "total + log_p[k]"
WORDS = "[token for token in tokens[1:] if token != END]"
BEAM = Exercise(
    name="beam",
    statement="Keep the `width` likeliest sentences at each step, and return the likeliest of all.",
    reference=beam,
    case=_beam_case,
    results=("the tokens (filled up with -1)", "log p"),
    use=_use_beam,
    seconds=10,
    hints=(
        "Each unfinished sentence needs three things to go on: its tokens, its log p so far, and its own state.",
        "Continue every live sentence by every token, sort by the sum, and keep width minus those that have ended.",
        "grown += [([*tokens, k], total + log_p[k], h_next) for k in range(V)]; sort; those at END go to `over`.",
    ),
    wrong=mutants(
        beam,
        ("the states are not carried on: a sentence keeps the state that its own last step gave", "log_p[k], h_next)",
         "log_p[k], h)"),
        ("all sentences go on from one state: each keeps its own", "live = [sentence for sentence in kept",
         "live = [(*sentence[:2], h_next) for sentence in kept"),
        ("the words are not fed back: each step reads START", "step(tokens[-1], h)", "step(START, h)"),
        ("the last word alone has a score: a sentence's is the sum of its log p", SUM, "log_p[k]"),
        ("the log p are multiplied: of logarithms the sum is taken", SUM, "log_p[k] * (total or 1)"),
        ("probabilities are added up: their logarithms", SUM, "total + np.exp(log_p[k])"),
        ("the mean of log p for each word decides at the end: the sum", BEST,
         "max(over + live, key=lambda sentence: sentence[1] / (len(sentence[0]) - 1))"),
        ("the mean of log p for each word is returned: the sum", f"return {WORDS}, total",
         f"return {WORDS}, total / (len(tokens) - 1)"),
        ("the least likely are kept: the likeliest", "reverse=True", "reverse=False"),
        ("the width is not used: it is greedy, with one sentence", ROOM, "grown[: 1 - len(over)]"),
        ("a sentence goes on after END: there it is over",
         "over += [sentence for sentence in kept if sentence[0][-1] == END]",
         "pass", "live = [sentence for sentence in kept if sentence[0][-1] != END]", "live = kept"),
        ("a sentence that has ended is forgotten while others go on: it stays in the race", "max(over + live",
         "max(live or over"),
        ("a sentence that has ended wins, whatever its score: an unfinished one may be likelier", "max(over + live",
         "max(over or live"),
        ("END is among the tokens: it only says that the sentence is over", WORDS, "tokens[1:]"),
        ("START is among the tokens: it is read, and not said", WORDS, "[token for token in tokens if token != END]"),
        ("the log p of END is left out: to stop has a price, too", "return [token",
         "total -= log_p[END] if tokens[-1] == END else 0\n    return [token"),
        ("one step too few: there may be `longest` words", "range(longest)", "range(longest - 1)"),
        ("each sentence goes on with its likeliest word alone: all words compete", "for k in range(len(log_p))]",
         "for k in ([int(log_p.argmax())] if len(tokens) > 1 else range(len(log_p)))]"),
    ),
)  # fmt: skip


EXERCISES = GREEDY, BEAM
