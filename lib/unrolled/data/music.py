"""Music as numbers: a twelve-bar blues with a melody, rhythms in three metres, and how both sound."""

import numpy as np

from unrolled.autodiff.checks import check_count, check_rng

CHORDS = ("C", "F", "G")  # I, IV and V of C
FORM = np.array([0, 0, 0, 0, 1, 1, 0, 0, 2, 1, 0, 0])  # the chord of each of the twelve bars
BEATS = 4  # steps of a bar
MELODY = (0, 3, 5, 7, 10, 12)  # semitones above C: the blues scale without its blue note, and the octave
TRIADS = np.array([(0, 4, 7), (5, 9, 12), (7, 11, 14)])  # semitones above C
IN_CHORD = np.isin(np.array(MELODY) % 12, [0, 7]), np.isin(MELODY, [0, 5, 12]), np.isin(MELODY, [7])

METRES = ("3/4", "4/4", "6/8")
# The eighths of a bar: 2 for the first, 1 for the other beats, 0 for what lies between them.
ACCENTS = ((2, 0, 1, 0, 1, 0), (2, 0, 1, 0, 1, 0, 1, 0), (2, 0, 0, 1, 0, 0))
LOUDNESS = np.array([0.3, 0.6, 1.0])  # of these three
PLAYED = np.array(
    [0.55, 0.9, 0.95]
)  # how often each is there; the eighths between the beats from .2 to .9, by the clip
SPREAD, LATE = 0.2, 0.04  # of the logarithm of the loudness; of the onset, in eighths
EIGHTHS = 0.15, 0.4  # seconds: the shortest and the longest


def blues(rng, N, choruses=2):
    """N pieces from the first bar on -> chords (T, N) int, notes (T, N) int, T = 48 choruses

    A step is a beat. The chords follow FORM. The melody walks at random along MELODY, by at most one place a beat; on
    the first beat of a bar it goes to the nearest note of the chord.
    """
    check_rng(rng)
    check_count(N=N, choruses=choruses)
    chords = np.repeat(np.tile(FORM, choruses), BEATS)
    notes, now = np.empty((len(chords), N), int), rng.integers(len(MELODY), size=N)
    for t, chord in enumerate(chords):
        now = np.clip(now + rng.integers(-1, 2, N), 0, len(MELODY) - 1)
        if t % BEATS == 0:
            right = np.flatnonzero(IN_CHORD[chord])
            now = right[np.abs(now[:, None] - right).argmin(1)]
        notes[t] = now
    return np.tile(chords[:, None], N), notes


def rhythms(rng, N, T=24):
    """N clips of T onsets -> onsets (T, N, 2) float32, seconds to the next and loudness; metres (N,) int, of METRES

    A clip has a tempo of its own, an eighth from .15 to .4 seconds, and begins anywhere in a bar.
    """
    check_rng(rng)
    check_count(N=N, T=T)
    onsets, metres = np.zeros((T, N, 2), np.float32), rng.integers(len(METRES), size=N)
    for n, metre in enumerate(metres):
        bar, k = np.array(ACCENTS[metre]), np.arange(10 * T)
        accents = bar[(k + rng.integers(len(bar))) % len(bar)]
        played = np.array([rng.uniform(0.2, 0.9), *PLAYED[1:]])[accents]
        heard = np.flatnonzero(rng.random(len(k)) < played)[: T + 1]
        times = rng.uniform(*EIGHTHS) * (heard + rng.normal(0, LATE, T + 1))
        onsets[:, n, 0] = np.diff(times)
        onsets[:, n, 1] = LOUDNESS[accents[heard[:-1]]] * rng.lognormal(0, SPREAD, T)
    return onsets, metres


def fitted(onsets, tempi=120):
    """The metre of each clip, by trial of every metre, beginning and tempo, with the numbers that `rhythms` draws from:
    onsets (T, N, 2) -> metres (N,). Nothing is learnt; it has to know the rules.
    """
    best = []
    times = np.concatenate([np.zeros((1, onsets.shape[1])), np.cumsum(onsets[:-1, :, 0], axis=0)])
    loudness = np.log(onsets[..., 1])
    lengths = np.geomspace(*EIGHTHS, tempi)[:, None, None]
    places = times / lengths  # (tempi, T, N), in eighths
    near = np.round(places).astype(int)
    off = ((places - near) ** 2).sum(1) / (2 * (2 * LATE) ** 2)  # both ends of an interval are late by chance
    for bar in map(np.array, ACCENTS):
        fits = []
        for begin in range(len(bar)):
            accents = bar[(near + begin) % len(bar)]
            misses = ((loudness - np.log(LOUDNESS)[accents]) ** 2).sum(1) / (2 * SPREAD**2)
            left_out = np.cumsum(np.log(1 - PLAYED)[bar[(np.arange(near.max() + 1) + begin) % len(bar)]])
            there = (np.log(PLAYED) - np.log(1 - PLAYED))[accents].sum(1)
            fits.append(left_out[near[:, -1]] + there - misses - off)
        best.append(np.max(fits, axis=(0, 1)))
    return np.argmax(best, axis=0)


def tone(semitones, seconds, rate):
    """A plucked tone, so many semitones above middle C: four partials that fade."""
    t = np.arange(int(seconds * rate)) / rate
    f = 261.63 * 2 ** (semitones / 12)
    partials = sum(np.sin(2 * np.pi * k * f * t) / k**2 for k in range(1, 5))
    return partials * np.exp(-3 * t / seconds) * np.minimum(1, 200 * t)


def sound(chords, notes, *, rate=8000, seconds=0.25):
    """A piece (T,), (T,) as samples from -1 to 1: the melody above, each bar's chord an octave below."""
    check_count(rate=rate)
    length = int(seconds * rate)
    samples = np.zeros(len(chords) * length + length * BEATS)
    for t, (chord, note) in enumerate(zip(chords, notes)):
        parts = [(12 + MELODY[note], 2 * seconds, 0.5)]
        if t % BEATS == 0:
            parts += [(pitch - 12, BEATS * seconds, 0.3) for pitch in TRIADS[chord]]
        for pitch, lasts, loud in parts:
            wave = loud * tone(pitch, lasts, rate)
            samples[t * length :][: len(wave)] += wave
    return samples / np.abs(samples).max()


def clicks(onsets, *, rate=8000):
    """A clip of onsets (T, 2) as samples from -1 to 1: a click for each."""
    check_count(rate=rate)
    click, starts = tone(12, 0.1, rate), np.concatenate([[0], np.cumsum(onsets[:, 0])])
    samples = np.zeros(int(rate * starts[-1]) + len(click))
    for start, loud in zip(starts, onsets[:, 1]):
        samples[int(rate * start) :][: len(click)] += loud * click
    return samples / np.abs(samples).max()
