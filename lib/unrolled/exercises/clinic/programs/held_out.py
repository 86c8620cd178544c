"""A table for each pair of letters learns windows of a text; the curve is its loss on the tenth that is held out."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from unrolled.autodiff import value_and_grad
from unrolled.exercises.clinic.training import tales
from unrolled.layers import cross_entropy, embedding

T, STEPS, RATE = 8, 40, 300.0


def windows(rng, tokens):
    """All windows of T letters, in any order"""
    return rng.permutation(sliding_window_view(tokens, T))


def split(rng, tokens):
    """Windows to learn from, and about a ninth as many to test with"""
    cut = 9 * len(tokens) // 10
    return windows(rng, tokens[:cut]), windows(rng, tokens[cut:])


def loss(W, windows, V):
    """The mean nats of each letter after the pair that stands before it; W (V V, V) are the scores"""
    pairs, targets = windows[:, :-2] * V + windows[:, 1:-1], windows[:, 2:]
    return cross_entropy(embedding(pairs, W), targets)


def train():
    """The held-out loss at each step"""
    tokens, V = tales(2000)
    learnt, held_out = split(np.random.default_rng(0), tokens)
    W, losses = np.zeros((V * V, V)), []
    for _ in range(STEPS):
        _, dW = value_and_grad(lambda W: loss(W, learnt, V))(W)
        W = W - RATE * dW
        losses.append(float(loss(W, held_out, V)))
    return losses
