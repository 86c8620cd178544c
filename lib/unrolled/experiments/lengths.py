"""The bottleneck by length: number words of 1 … 9 digits, without attention, reversed, and with each kind of it."""

import time

import numpy as np

from unrolled.data import number_words
from unrolled.experiments import translators
from unrolled.experiments.translators import MODELS, NUMBERS

DIGITS = range(1, 10)


def exact(params, kept, kind, reverse, test_size):
    """{digits: the share of numbers of that length that are translated right}."""
    found = {}
    for digits in DIGITS:
        pairs = [number_words.pair(n) for n in translators.numbers(digits, test_size, kept)]
        found[digits] = translators.answers(params, pairs, NUMBERS, kind, reverse)[0].mean()
    return found


def measure(rng, model, learning_rate, *, test_size, **sizes):
    """digits_1 … digits_9: exact match on the test part, free running; validation: its mean over the lengths on the
    validation part, by which the learning rate is chosen. forced, free: the share of right words at nine digits with
    teacher forcing and without. seconds: of the processor, for the training."""
    kind, reverse = MODELS[model]
    began = time.process_time()
    params = translators.train(rng, NUMBERS, translators.draw_numbers, kind, reverse=reverse,
                               learning_rate=learning_rate, **sizes)  # fmt: skip
    seconds = time.process_time() - began
    pairs = [number_words.pair(n) for n in translators.numbers(DIGITS[-1], test_size, "test")]
    *_, asked = translators.answers(params, pairs, NUMBERS, kind, reverse)
    forced, free = translators.right_words(params, asked, kind)
    found = {f"digits_{k}": share for k, share in exact(params, "test", kind, reverse, test_size).items()}
    validation = np.mean(list(exact(params, "validation", kind, reverse, test_size).values()))
    return {"validation": validation} | found | {"forced": forced, "free": free, "seconds": seconds}
