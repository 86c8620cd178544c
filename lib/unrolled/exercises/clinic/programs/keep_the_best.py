"""A table for each pair of letters learns a text. The weights that are best on held-out text are kept."""

import numpy as np

from unrolled.autodiff import value_and_grad
from unrolled.data.text import split
from unrolled.exercises.clinic.training import tales
from unrolled.layers import cross_entropy, embedding

STEPS, RATE = 60, 300.0


def loss(W, tokens, V):
    """The mean nats of each letter after the pair that stands before it; W (V V, V) are the scores"""
    pairs, targets = tokens[:-2] * V + tokens[1:-1], tokens[2:]
    return cross_entropy(embedding(pairs, W), targets)


def train():
    """The held-out loss of what is kept, at each step"""
    tokens, V = tales(2000)
    learnt, held_out = split(tokens)
    W, losses = np.zeros((V * V, V)), []
    best, lowest = W, np.inf
    for _ in range(STEPS):
        _, dW = value_and_grad(lambda W: loss(W, learnt, V))(W)
        W -= RATE * dW
        if loss(W, held_out, V) < lowest:
            best, lowest = W.copy(), loss(W, held_out, V)
        losses.append(float(loss(best, held_out, V)))
    return losses
