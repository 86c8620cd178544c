"""Answers to the exercises on honest baselines, written without the bank: what it is, the answer, what must be said."""

import math

import numpy as np


def beside(truth=lambda values: values[1:], naive=lambda values: values[:-1], size=np.square, end=math.sqrt, top=None):
    """A share of two mean errors."""

    def answer(forecast, values):
        mine = sum(size(a - b) for a, b in zip(forecast, truth(values))) / len(forecast)
        others = sum(size(a - b) for a, b in zip(naive(values), values[1:])) / len(forecast)
        return (top or (lambda a, b: a / b))(end(mine), end(others))

    return answer


def seen(key=bytes, learnt=lambda learn: learn.T, tested=lambda test: test.T, negate=False):
    """A dictionary of what was learnt."""

    def answer(learn, test):
        known = {key(np.ascontiguousarray(row)): True for row in learnt(learn)}
        return np.array([known.get(key(np.ascontiguousarray(row)), False) != negate for row in tested(test)])

    return answer


def equal_somewhere(learn, test):
    return (learn.T[:, None] == test.T[None]).all(axis=2).any(axis=0)


def equal_in_part(learn, test):
    return (learn.T[:, None] == test.T[None]).any(axis=2).any(axis=0)


def steps_of_any(learn, test):
    return (learn.T[:, None] == test.T[None]).any(axis=0).all(axis=1)


def read(left=lambda xs, k: xs[:k], right=lambda xs, k: xs[k:][::-1], swap=False, join=np.hstack):
    """A loop over each half by hand."""

    def walk(steps, N, W_xh, W_hh, b_h):
        h = np.zeros((N, len(b_h)))
        for x in steps:
            h = np.tanh(x @ W_xh + h @ W_hh + b_h)
        return h

    def answer(xs, place, forward, backward):
        ways = [walk(left(xs, place), xs.shape[1], **forward), walk(right(xs, place), xs.shape[1], **backward)]
        return join(ways[::-1] if swap else ways)

    return answer


def logs(prices):
    return np.diff(np.log(prices), axis=0)


RIGHT = {
    "beside_today": [("sums", beside())],
    "seen_before": [("a dictionary", seen()), ("all pairs", equal_somewhere)],
    "read_to": [("by hand", read())],
    "price_returns": [("a difference of logarithms", logs)],
}
WRONG = {
    "beside_today": [
        ("of today", beside(truth=lambda values: values[:-1]), "compared with today"),
        ("no root", beside(end=float), "root is missing"),
        ("upside down", beside(top=lambda a, b: b / a), "on its head"),
        ("absolute", beside(size=abs, end=float), "absolute errors"),
        ("one minus", beside(top=lambda a, b: 1 - a / b), "1 minus the share"),
    ],
    "seen_before": [
        ("turned round", seen(negate=True), "turned round"),
        ("rows", seen(learnt=lambda learn: learn, tested=lambda test: test), "a sequence is a column"),
        ("one step is enough", equal_in_part, "one equal step"),
        ("steps of any", steps_of_any, "all must be those of one"),
        ("looked for anywhere", lambda learn, test: np.isin(test, learn).all(0), "looked for anywhere"),
        ("without order", seen(key=lambda row: bytes(np.sort(row))), "without their order"),
    ],
    "read_to": [
        ("outwards on the right", read(right=lambda xs, k: xs[k:]), "right half is read from the junction outwards"),
        ("through to the ends", read(left=lambda xs, k: xs, right=lambda xs, k: xs[::-1]), "go through to the other"),
        ("swapped", read(swap=True), "the halves have changed places"),
        ("added", read(join=sum), "added"),
        ("one step more", read(left=lambda xs, k: xs[: k + 1]), "is read by both"),
        ("turned before it is cut", read(right=lambda xs, k: xs[::-1][k:]), "turned before they are cut"),
        ("as many from the right", read(right=lambda xs, k: xs[: -k - 1 : -1]), "only `place` steps"),
    ],
    "price_returns": [
        ("a share", lambda prices: np.diff(prices, axis=0) / prices[:-1], "without logarithm"),
        ("upside down", lambda prices: -logs(prices), "today's stands above the line"),
        ("base ten", lambda prices: np.diff(np.log10(prices), axis=0), "base 10"),
        ("across", lambda prices: np.diff(np.log(prices), axis=1), "time is the first axis"),
        ("differences", lambda prices: np.diff(prices, axis=0), "not their logarithms"),
    ],
}
