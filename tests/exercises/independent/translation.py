"""Answers to the exercises of lesson 11, written without the banks: what it is, the answer, what must be said."""

import heapq

import numpy as np

from unrolled.autodiff import ops

SILENT = {"hundred", "thousand", "million"}
NUMBERS = set("일이삼사오육칠팔구")
SAY = [
    ("이", "two", "twenty"), ("삼", "three", "thirty"), ("사", "four", "forty"), ("오", "five", "fifty"),
    ("육", "six", "sixty"), ("칠", "seven", "seventy"), ("팔", "eight", "eighty"), ("구", "nine", "ninety"),
]  # fmt: skip


def lines(silent=SILENT, none=-1, start=0, order=lambda places: places):
    """The places of the English digits in a list that is used up from the front."""

    def answer(source, target):
        left = order([k for k in range(len(source)) if source[k] not in silent])
        return [start + left.pop(0) if word in NUMBERS and left else none for word in target]

    return answer


def by_count(source, target):
    """The how-manieth digit it is, on both sides."""
    links = []
    for t, word in enumerate(target):
        nth = sum(other in NUMBERS for other in target[: t + 1])
        seen = 0
        for k, english in enumerate(source):
            seen += english not in SILENT
            if seen == nth and english not in SILENT:
                links.append(k if word in NUMBERS else -1)
                break
        else:
            links.append(-1)
    return links


def digits_alone(source, target):
    return [k for k, word in enumerate(source) if word not in SILENT]


def first_of_each(source, target):
    """Each digit's word looked up by its value, the first that has it."""
    value = {english: korean for korean, *both in SAY for english in both}
    by_value = {}
    for k, word in enumerate(source):
        by_value.setdefault(value.get(word), k)
    return [by_value[word] if word in NUMBERS else -1 for word in target]


def nothing_for_none(source, target):
    return [place if place >= 0 else None for place in lines()(source, target)]


def decoder(feed=lambda target, own, forced: target if forced else own, first=1, keep=True, pick=np.argmax):
    def answer(step, h, targets, forced):
        tokens = np.zeros(len(targets), int)
        reads = first
        for t in range(len(targets)):
            log_p, after = step(int(reads), h)
            h = after if keep else h
            tokens[t] = pick(log_p)
            reads = feed(targets[t], tokens[t], forced)
        return tokens

    return answer


def shifted(step, h, targets, forced):
    """Teacher forcing without START: each word is read where it is to be said."""
    said = []
    for target in targets:
        log_p, h = step(target if forced else (said[-1] if said else 1), h)
        said.append(int(np.argmax(log_p)))
    return said


def until_end(step, h, targets, forced):
    said, token = [], 1
    for target in targets:
        log_p, h = step(token, h)
        said.append(int(log_p.argmax()))
        if said[-1] == 2:
            break
        token = target if forced else said[-1]
    return said


def until_its_own_end(step, h, targets, forced):
    """Stops early where nothing forces it to go on."""
    if forced:
        return decoder()(step, h, targets, forced)
    said = [1]
    while len(said) <= len(targets) and said[-1] != 2:
        log_p, h = step(said[-1], h)
        said += [int(np.argmax(log_p))]
    return said[1:]


def one_by_one(scores, lengths):
    """Softmax of each row's words alone, written into zeros."""
    alphas = np.zeros_like(scores)
    for t in range(len(scores)):
        for n, length in enumerate(lengths):
            alphas[t, n, :length] = ops.softmax(scores[t, n, :length])
    return alphas


def hidden(low=-np.inf, keep=lambda places, lengths: places < lengths, after=False):
    def answer(scores, lengths):
        seen = keep(np.arange(scores.shape[2])[None], lengths[:, None])
        alphas = ops.softmax(scores if after else np.where(seen[None], scores, low))
        return alphas * seen if after else alphas

    return answer


def scored(join=np.add, f=np.tanh, end=lambda e: e):
    """Place by place, without broadcasting."""

    def answer(s, hs, W_a, U_a, v_a):
        e = [[f(join(s[n] @ W_a, h @ U_a)) @ v_a for h in hs[n]] for n in range(len(s))]
        return end(np.array(e))

    return answer


def stacked(s, hs, W_a, U_a, v_a):
    """As Luong writes it: one matrix on state and annotation side by side."""
    both = np.concatenate([np.repeat(s[:, None], hs.shape[1], axis=1), hs], axis=2)
    return np.einsum("nsm,m->ns", np.tanh(both @ np.concatenate([W_a, U_a])), v_a)


def best(total=lambda before, word: before + word, order=lambda best: best, take=heapq.nlargest, report=None):
    """All continuations in a list, the largest taken from a heap."""

    def answer(totals, log_p, width):
        grown = [(total(totals[b], log_p[b, k]), b, k) for b in range(len(totals)) for k in range(log_p.shape[1])]
        kept = order(take(width, grown))
        values = [report(totals[b], log_p[b, k]) if report else value for value, b, k in kept]
        return np.array([b for _, b, _ in kept]), np.array([k for *_, k in kept]), np.array(values)

    return answer


def along_the_words(totals, log_p, width):
    grown = totals + log_p
    rows, columns = np.divmod(np.argsort(grown, axis=None)[::-1][:width], log_p.shape[1])
    return rows, columns, grown[rows, columns]


def of_each_sentence(totals, log_p, width):
    """The best words of every sentence, one sentence after the other."""
    kept = []
    for b, row in enumerate(log_p):
        kept += [(b, k, totals[b] + row[k]) for k in sorted(range(len(row)), key=lambda k: -row[k])[:width]]
    return tuple(map(np.array, zip(*kept)))


def divided_by_the_sentences(totals, log_p, width):
    grown = (log_p.T + totals).T.ravel()
    best = grown.argsort()[::-1][:width]
    return best // len(totals), best % len(totals), grown[best]


RIGHT = {
    "align": [("a list used up", lines()), ("counted", by_count)],
    "decode": [("an array", decoder())],
    "masked_weights": [("one by one", one_by_one), ("where", hidden())],
    "additive_scores": [("place by place", scored()), ("side by side", stacked)],
    "beam_step": [("a heap", best())],
}
WRONG = {
    "align": [
        ("hundred is a digit", lines(silent=SILENT - {"hundred"}), "hundred says no digit"),
        ("0 for none", lines(none=0), "0, which is the place of the first"),
        ("from 1", lines(start=1), "counted from 1"),
        ("from the right", lines(order=lambda places: places[::-1]), "right to left"),
        ("no place words", digits_alone, "has one number"),
        ("the first of its value", first_of_each, "comes twice"),
        ("None for none", nothing_for_none, "which is no number"),
        ("one number for all", lambda source, target: np.array(3), "the shape ()"),
    ],
    "decode": [
        ("always forced", decoder(feed=lambda target, own, forced: target), "in both modes"),
        ("never forced", decoder(feed=lambda target, own, forced: own), "in both modes"),
        ("START again and again", decoder(feed=lambda target, own, forced: 1), "START at every step"),
        ("the first state for ever", decoder(keep=False), "not carried on"),
        ("reads what it has to say", shifted, "has to say"),
        ("END first", decoder(first=2), "END first"),
        ("stops at END", until_end, "stops when it has said END"),
        ("stops at its own END", until_its_own_end, "stops when it has said END"),
        ("stops a word early", lambda *all_of_it: decoder()(*all_of_it)[:-1], "at each of the"),
        ("one word for all", lambda step, h, targets, forced: np.array(3), "the shape ()"),
    ],
    "masked_weights": [
        ("0 for minus infinity", hidden(low=0), "e^0 is 1"),
        ("masked afterwards", hidden(after=True), "after softmax"),
        ("one place too many", hidden(keep=lambda places, lengths: places <= lengths), "one place of padding"),
        ("-1e4", hidden(low=-1e4), "can have a lower one"),
        ("no mask", lambda scores, lengths: ops.softmax(scores), "forgotten"),
        ("the shortest", lambda scores, lengths: hidden()(scores, 0 * lengths + lengths.min()), "shortest"),
    ],
    "additive_scores": [
        ("no tanh", scored(f=lambda z: z), "tanh is missing"),
        ("a product", scored(join=np.multiply), "multiplied"),
        ("softmax, too", scored(end=ops.softmax), "softmax is in it"),
        ("the annotations alone", scored(join=lambda q, k: k), "the state is left out"),
        ("relu", scored(f=lambda z: np.maximum(z, 0)), "relu"),
    ],
    "beam_step": [
        ("the word alone", best(total=lambda before, word: word), "sentences so far do not count"),
        ("the smallest", best(take=heapq.nsmallest), "the worst are kept"),
        ("the best last", best(order=lambda kept: kept[::-1]), "the best stand last"),
        ("a product", best(total=lambda before, word: before * word), "multiplied"),
        ("totals without an axis", along_the_words, "totals go along the words"),
        ("the best of each sentence", of_each_sentence, "best words of each sentence"),
        ("rows of B", divided_by_the_sentences, "so divide by V"),
        ("the word's log p reported", best(report=lambda before, word: word), "log p of the new word is returned"),
    ],
}
