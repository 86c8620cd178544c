"""Answers by heart: what a translator from questions to answers knows, and what it says where it knows nothing.

Source of the set-up: Vinyals & Le (2015), A Neural Conversational Model.
"""

from collections import Counter

import numpy as np

from unrolled.data import town
from unrolled.data.text import END, START
from unrolled.data.translation import decode, encode
from unrolled.experiments import translators
from unrolled.models import decoding, seq2seq

WORDS = town.QUESTION_WORDS, town.ANSWER_WORDS
LONGEST = 20  # words: the longest answer has 14, and END


def draw(rng, N):
    """N of the learnt pairs, each as likely."""
    learnt = town.questions("learnt")
    return [learnt[k] for k in rng.integers(len(learnt), size=N)]


def reply(params, words, kind):
    """What is said to the words of a question, the likeliest each time, and how sure: log p for each word, in nats."""
    step, state = seq2seq.one_sentence(params, encode(words, WORDS[0]), kind=kind)
    tokens = decoding.greedy(step, state, START, LONGEST, end=END)
    return decode(tokens, WORDS[1]), decoding.score(step, state, START, tokens, normalisation=1)


def vote(words, learnt):
    """The answer before which most of these words have stood, and how sure: its share of all votes.

    A word votes once for each learnt question that has it, with the weight log(questions / those that have it).
    """
    votes = Counter()
    for word in dict.fromkeys(words):  # each once, always in the same order
        answers = [pair.target for pair in learnt if word in pair.source]
        votes.update({answer: n * np.log(len(learnt) / len(answers)) for answer, n in Counter(answers).items()})
    answer, most = votes.most_common(1)[0]
    return answer, most / votes.total()


def grades(answer):
    """answer(words) -> words and how sure, graded: the shares of right answers to what was learnt, and to paraphrases;
    and of the questions that no fact answers, the share to which it says a whole sentence that it has learnt (fluent).
    surer: of all pairs of a paraphrase and such a question, the share in which it is surer of its answer to the
    paraphrase; .5 is chance."""
    said = {part: [answer(pair.source) for pair in town.questions(part)] for part in town.PARTS}
    right = lambda part: np.mean([words == pair.target for (words, _), pair in zip(said[part], town.questions(part))])
    whole = {pair.target for pair in town.questions("learnt")}
    fluent = np.mean([words in whole for words, _ in said["untold"]])
    known, untold = (np.array([sure for _, sure in said[part]]) for part in ("paraphrase", "untold"))
    surer = np.mean(known[:, None] > untold)
    return {"learnt": right("learnt"), "paraphrase": right("paraphrase"), "fluent": fluent, "surer": surer}


def measure(rng, kind, **sizes):
    """The grades of a network, and those of a table of counts (counted_…), which are the same for every seed."""
    params = translators.train(rng, WORDS, draw, kind, both=False, reverse=False, **sizes)
    learnt = town.questions("learnt")
    table = grades(lambda words: vote(words, learnt))
    return grades(lambda words: reply(params, words, kind)) | {f"counted_{name}": v for name, v in table.items()}
