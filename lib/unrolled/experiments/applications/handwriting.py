"""Handwriting: where the pen goes next, in nats a point, by a network with a mixture density and by baselines.

Graves's law (2013), on letters of one hand with tremor. The letter is told. Baselines: least squares from the last
moves; and a table of the letter and the number of the point, with the mean move there and its spread.
"""

from itertools import repeat

import numpy as np

from unrolled.cells.gru import gru_step
from unrolled.data import strokes
from unrolled.data.text import one_hot
from unrolled.experiments.applications import readers
from unrolled.experiments.directions import learn
from unrolled.layers.dense import linear
from unrolled.layers.mixture import draw_move, mixture_nats

V = len(strokes.LETTERS)
LONGEST = 70  # points of a letter that is written
LAGS = 1, 2, 4, 8, 16  # moves that least squares may read


def hear(moves, lifts, letters):
    """What is read before each point: the move and lift before it, and the letter: (T, N, 3 + 26)

    The first point is read as a lift without a move.
    """
    T, N = lifts.shape
    pen = np.concatenate([moves, lifts[..., None]], axis=-1)
    pen = np.concatenate([np.broadcast_to([0, 0, 1], (1, N, 3)), pen[:-1]])
    told = np.broadcast_to(one_hot(letters, V), (T, N, V))
    return np.concatenate([pen, told], axis=-1).astype(readers.DTYPE)


def outputs(params, written):
    """The read-out at each point: (T, N, 6 M + 1)"""
    xs = hear(written.moves, written.lifts, written.letters)
    return linear(readers.states(params, xs), **params["readout"])


def nats(params, *written):
    """Nats a point of letters that were written."""
    written = strokes.Written(*written)
    return mixture_nats(outputs(params, written), written.moves, written.lifts, written.mask)


def train(rng, *, H, M, N, **training):
    """The weights after training on letters drawn afresh."""
    params = readers.init_reader(rng, 3 + V, H, 6 * M + 1)
    *_, last = learn(nats, params, (strokes.draw(rng, N) for _ in repeat(None)), **training)
    return last.params


def write(rng, params, letters, *, sharp=0.0):
    """Each of the letters (N,), point by point, until the pen lifts as often as the font's -> Written"""
    N = len(letters)
    h, wanted = np.zeros((N, len(params["gru"]["W_hh"])), readers.DTYPE), [_strokes(letter) for letter in letters]
    move, lift, going = np.zeros((N, 2)), np.ones(N), np.ones(N, bool)
    moves, lifts, mask, lifted = [], [], [], np.zeros(N)
    while going.any() and len(moves) < LONGEST:
        x = np.concatenate([move, lift[:, None], one_hot(letters, V)], axis=1).astype(readers.DTYPE)
        h = gru_step(x, h, **params["gru"])
        move, lift = draw_move(rng, linear(h, **params["readout"]), sharp=sharp)
        moves.append(move * going[:, None])
        lifts.append(lift * going)
        mask.append(going)
        lifted = lifted + lift
        going = going & (lifted < wanted)
    return strokes.Written(np.array(moves), np.array(lifts), np.array(mask), np.asarray(letters))


def _strokes(letter):
    """How many strokes the letter of this number has."""
    return strokes.clean(strokes.LETTERS[letter])[1].sum()


def gaussian_nats(moves, means, covariances, lifts, chances):
    """Nats (n,) of moves (n, 2) by normal densities, and of lifts (n,) by their chances."""
    off = moves - means
    solved = np.linalg.solve(covariances, off[..., None])[..., 0]
    pen = -np.log(np.where(lifts == 1, chances, 1 - chances))
    return np.log(2 * np.pi) + np.linalg.slogdet(covariances)[1] / 2 + (off * solved).sum(-1) / 2 + pen


def least_squares(known, test, k):
    """Nats a point of `test` where the move is a linear function of the last k moves and lifts and of the letter, with
    one covariance, and a lift's chance is that of its letter; both are learnt from `known`. known, test: Written."""

    def rows(written):
        pen = hear(written.moves, written.lifts, written.letters)
        padded = np.pad(pen[..., :3], ((k - 1, 0), (0, 0), (0, 0)))
        past = [padded[lag : lag + len(pen)] for lag in range(k)]
        return np.concatenate([*past, pen[..., 3:]], axis=-1)[written.mask]

    X, Y = rows(known), known.moves[known.mask]
    W = np.linalg.solve(X.T @ X + 1e-3 * np.eye(X.shape[1]), X.T @ Y)
    spread = np.cov((Y - X @ W).T)
    lifted, there = known.lifts[known.mask], X[:, -V:]
    chance = (there.T @ lifted + 1) / (there.sum(0) + 2)
    found = gaussian_nats(
        test.moves[test.mask], rows(test) @ W, spread, test.lifts[test.mask], rows(test)[:, -V:] @ chance
    )
    return found.mean()


def by_number(known, test):
    """Nats a point of `test` by a table that counts `known`: for each letter and number of the point the mean move, its
    covariance, how often the pen lifts. known, test: Written.

    A number that is rare counts with what the letter does elsewhere.
    """
    T = max(len(known.moves), len(test.moves))
    means, covariances = np.zeros((T, V, 2)), np.zeros((T, V, 2, 2))
    chances = np.zeros((T, V))
    for letter in range(V):
        of = known.letters == letter
        everywhere = known.moves[:, of][known.mask[:, of]]
        overall = np.cov(everywhere.T)
        for t in range(T):
            there = known.mask[t] & of if t < len(known.mask) else np.zeros_like(of)
            some = known.moves[t, there] if t < len(known.mask) else everywhere[:0]
            if len(some) > 3:
                means[t, letter] = some.mean(0)
                covariances[t, letter] = (np.cov(some.T) * len(some) + overall) / (len(some) + 1)
                chances[t, letter] = (known.lifts[t, there].sum() + 0.5) / (len(some) + 1)
            else:
                means[t, letter], covariances[t, letter], chances[t, letter] = everywhere.mean(0), overall, 0.5
    t, n = np.nonzero(test.mask)
    at = t, test.letters[n]
    return gaussian_nats(test.moves[t, n], means[at], covariances[at], test.lifts[t, n], chances[at]).mean()


def legible(written):
    """The share of letters that lie nearest to the one that was meant."""
    found = [strokes.nearest(strokes.to_points(written, n)[0]) for n in range(len(written.letters))]
    return np.mean(np.array(found) == written.letters)


def measure(rng, M, learning_rate, *, known, test_size, **training):
    """Nats a point of fresh letters: validation and test, the network's; other_hand, the network's of printed letters.

    On the same test: least_squares, by as many moves as are best on validation, and by_number, both from `known`
    letters. legible, legible_true: the share of letters, written by the network and drawn, that look like themselves.
    """
    params = train(rng, M=M, learning_rate=learning_rate, **training)
    learnt, validation, test = (strokes.draw(rng, N) for N in (known, test_size, test_size))
    k = min(LAGS, key=lambda k: least_squares(learnt, validation, k))
    found = {"validation": nats(params, *validation), "test": nats(params, *test)}
    found |= {"least_squares": least_squares(learnt, test, k), "lags": k, "by_number": by_number(learnt, test)}
    meant = np.arange(V).repeat(4)
    found |= {"legible": legible(write(rng, params, meant))}
    found |= {"legible_true": legible(strokes.draw(rng, len(meant), letters=meant))}
    return found | {"other_hand": nats(params, *strokes.draw(rng, test_size, "print"))}


def recognise(params, points, lifts):
    """Which letter surprises the network least, of points (n, 2) in any unit and in the order of the pen.

    For each letter they are brought to its size. -> its number in strokes.LETTERS
    """
    surprises = []
    for k, letter in enumerate(strokes.LETTERS):
        scale = strokes.extent(strokes.clean(letter)[0]) / strokes.extent(points)
        surprises.append(nats(params, *strokes.to_moves(points * scale, lifts)._replace(letters=np.array([k]))))
    return int(np.argmin(surprises))
