"""Music: a blues written beat by beat, its chords scored against the form; and the metre of a rhythm.

Claim: an LSTM learns the form of a twelve-bar blues, and plays on in it (Eck & Schmidhuber 2002). Beside it stand a
table of the last k chords: 24 beats are the longest stretch of one chord, so whoever looks back 24 is always right.

Metre: which of 3/4, 4/4 and 6/8 a rhythm has, at any tempo. Beside the network that reads it stand a bag of onsets,
their order forgotten; a softmax regression on how alike the loudness is some pulses apart; and a fit of every metre,
tempo and beginning, which knows the rules of the game.
"""

from collections import Counter, defaultdict
from itertools import repeat

import numpy as np

from unrolled.autodiff import ops
from unrolled.cells.gru import gru_step
from unrolled.data import music
from unrolled.data.text import one_hot
from unrolled.experiments.applications import readers
from unrolled.experiments.directions import learn
from unrolled.layers.dense import linear
from unrolled.layers.initializers import dense
from unrolled.layers.losses import cross_entropy

C, M = len(music.CHORDS), len(music.MELODY)
BARS = len(music.FORM)


def hear(chords, notes):
    """chords, notes (T, N) -> what is read, one-hot (T, N, 9)"""
    return np.concatenate([one_hot(chords, C), one_hot(notes, M)], axis=-1, dtype=readers.DTYPE)


def blues_loss(params, chords, notes):
    """Nats of the next beat: its chord and its note."""
    logits = linear(readers.states(params, hear(chords[:-1], notes[:-1])), **params["readout"])
    chord, note = ops.index(logits, key=np.s_[..., :C]), ops.index(logits, key=np.s_[..., C:])
    return cross_entropy(chord, chords[1:]) + cross_entropy(note, notes[1:])


def train_blues(rng, *, H, N, choruses, **training):
    """The weights after training on pieces of so many choruses, from the first bar on."""
    batches = (music.blues(rng, N, choruses) for _ in repeat(None))
    *_, last = learn(blues_loss, readers.init_reader(rng, C + M, H, C + M), batches, **training)
    return last.params


def draw(rng, logits):
    """One class a row, with the probabilities softmax(logits): (N, V) -> (N,)"""
    return (logits + rng.gumbel(size=logits.shape)).argmax(-1)


def play(rng, params, N, T):
    """N pieces of T beats that the network writes after a first beat in C -> chords, notes (T, N)"""
    chords, notes = np.zeros((T, N), int), np.zeros((T, N), int)
    h = np.zeros((N, len(params["gru"]["W_hh"])), readers.DTYPE)
    for t in range(1, T):
        h = gru_step(hear(chords[t - 1], notes[t - 1]), h, **params["gru"])
        logits = linear(h, **params["readout"])
        chords[t], notes[t] = draw(rng, logits[:, :C]), draw(rng, logits[:, C:])
    return chords, notes


def in_form(chords):
    """Which bars begin with the chord of the form: chords (T, N) -> bool (bars, N)"""
    onsets = chords[:: music.BEATS]
    return onsets == music.FORM[np.arange(len(onsets)) % BARS, None]


def count(chords, k):
    """{the last k chords: Counter of the next}, of chords (T,); at the beginning fewer are known."""
    table = defaultdict(Counter)
    for t in range(1, len(chords)):
        table[tuple(chords[max(0, t - k) : t])][chords[t]] += 1
    return table


def play_table(rng, k, N, T):
    """N sequences of T chords that a table of the last k chords writes; it has counted two choruses -> chords (T, N)"""
    table = count(np.repeat(np.tile(music.FORM, 2), music.BEATS).tolist(), k)
    chords = np.zeros((T, N), int)
    for n in range(N):
        for t in range(1, T):
            found = table[tuple(chords[max(0, t - k) : t, n].tolist())]
            chords[t, n] = rng.choice(list(found), p=np.array(list(found.values())) / found.total())
    return chords


def measure_blues(rng, writer, k, *, pieces, choruses, heard, **training):
    """chorus_1, …: the share of bars that begin with the chord of the form, of pieces played on from one first beat;
    validation: that of all choruses, of other pieces."""
    T = choruses * BARS * music.BEATS
    if writer == "network":
        params = train_blues(rng, choruses=heard, **training)
        write = lambda: play(rng, params, pieces, T)[0]
    else:
        write = lambda: play_table(rng, k, pieces, T)
    found = {"validation": in_form(write()).mean()}
    shares = in_form(write()).reshape(choruses, BARS, pieces).mean(axis=(1, 2))
    return found | {f"chorus_{c + 1}": share for c, share in enumerate(shares)}


def see_all(params, onsets):
    """A bag of onsets: what a hidden layer makes of each, averaged: (T, N, 2) -> logits (N, 3)"""
    return linear(ops.mean(ops.tanh(linear(onsets, **params["hidden"])), axis=0), **params["readout"])


METRE_NETWORKS = {"in order": (readers.read, readers.init_reader), "bag of onsets": (see_all, readers.init_layers)}


def train_metre(rng, network, *, H, N, T, **training):
    """The weights after training on fresh rhythms of T onsets."""
    logits, init = METRE_NETWORKS[network]
    batches = (music.rhythms(rng, N, T) for _ in repeat(None))
    return readers.train(logits, init(rng, 2, H, len(music.METRES)), batches, **training)


def by_pulse(onsets, lags=24, tempi=80):
    """How alike the loudness is some pulses apart, and how many pairs of onsets lie so: (T, N, 2) -> (N, 2 lags)

    The pulse of a clip is the length into which the seconds between its onsets fit best.
    """
    seconds, louder = onsets[:-1, :, 0], onsets[..., 1] - onsets[..., 1].mean(0)
    lengths = np.geomspace(*music.EIGHTHS, tempi)
    pulse = lengths[np.argmax([np.cos(2 * np.pi * seconds / length).mean(0) for length in lengths], axis=0)]
    times = np.concatenate([np.zeros((1, onsets.shape[1])), np.cumsum(seconds, axis=0)])
    a, b = np.triu_indices(len(times), 1)
    apart, alike = np.round((times[b] - times[a]) / pulse), louder[a] * louder[b]
    so = [apart == lag for lag in range(1, lags + 1)]
    means = [(alike * pairs).sum(0) / np.maximum(pairs.sum(0), 1) for pairs in so]
    return np.concatenate([means, [pairs.sum(0) / len(onsets) for pairs in so]]).T


def learn_by_pulse(rng, clips, metres):
    """A function from onsets (T, N, 2) to metres (N,): a softmax regression on `by_pulse`, learnt from known clips."""
    known = by_pulse(clips)
    scale = lambda xs: ((xs - known.mean(0)) / known.std(0)).astype(readers.DTYPE)
    logits = lambda params, xs: linear(xs, **params["readout"])
    loss = lambda params, xs, targets: cross_entropy(logits(params, xs), targets)
    params = {"readout": dense(rng, known.shape[1], len(music.METRES), dtype=readers.DTYPE)}
    *_, last = learn(loss, params, repeat((scale(known), metres)), steps=400, learning_rate=0.05, max_norm=1.0)
    return lambda onsets: logits(last.params, scale(by_pulse(onsets))).argmax(-1)


def measure_metre(rng, network, learning_rate, *, T, test_size, known, **sizes):
    """validation, test: shares of right metres, of fresh rhythms; fitted: that of the fit, on the same test.

    network "pulses": no network, but `learn_by_pulse` from so many known clips.
    """
    if network == "pulses":
        name = learn_by_pulse(rng, *music.rhythms(rng, known, T))
        right = lambda onsets, metres: (name(onsets) == metres).mean()
    else:
        params = train_metre(rng, network, T=T, learning_rate=learning_rate, **sizes)
        right = lambda *drawn: readers.right(METRE_NETWORKS[network][0], params, *drawn)
    parts = {part: music.rhythms(rng, test_size, T) for part in ("validation", "test")}
    found = {part: right(*drawn) for part, drawn in parts.items()}
    onsets, metres = parts["test"]
    return found | {"fitted": (music.fitted(onsets) == metres).mean()}
