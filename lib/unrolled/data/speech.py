"""The ten Korean digits, spoken by 47 voices of the program espeak-ng: as spectra, one or several, and as sound.

A frame of 25 ms is 20 numbers: how loud each band of pitch is, the natural logarithm of its power.
"""

from functools import cache

import numpy as np

from unrolled.autodiff.checks import check_count, check_rng
from unrolled.data import folder

DIGITS = ["영", "일", "이", "삼", "사", "오", "육", "칠", "팔", "구"]
VOICES, BANDS, FRAME = 47, 20, 0.025  # FRAME: seconds from frame to frame
SILENCE, STEP = -14.0, 0.1  # as data/scripts/make_speech.py stores them
WAKE, OTHERS = 5, (1, 2, 3, 4, 6)
SPLIT = {"learn": range(0, 29), "validate": range(29, 38), "test": range(38, 47)}  # no voice is in two parts


def word(voice, digit):
    """One word -> (frames, BANDS) float: ln power. voice 0 … 46, digit 0 … 9."""
    return _words()[voice][digit].copy()


@cache
def _words():
    with np.load(folder() / "speech.npz", allow_pickle=False) as file:
        frames, lengths = file["frames"] * STEP + SILENCE, file["lengths"].astype(int)
    found = np.split(frames, np.cumsum(lengths)[:-1])
    return [found[first : first + len(DIGITS)] for first in range(0, len(found), len(DIGITS))]


@cache
def _scaled():
    return [[scaled(frames) for frames in voice] for voice in _words()]


def scaled(frames):
    """Frames with mean 0 and spread 1 over the whole word: how loud a voice is does not count."""
    return (frames - frames.mean()) / frames.std()


def singles(rng, N, part="learn", *, shuffled=False):
    """N times one of the ten digits -> xs (T, N, BANDS), lengths (N,), targets (N,)"""
    voices, targets = _voices(rng, N, part), rng.integers(len(DIGITS), size=N)
    return *_spoken(rng, [utterance(voice, [digit]) for voice, digit in zip(voices, targets)], shuffled), targets


def pairs(rng, N, part="learn", digits=OTHERS, *, shuffled=False):
    """N times two different digits, one after the other -> xs (T, N, BANDS), lengths (N,), targets (N, 2)"""
    voices, targets = _voices(rng, N, part), np.stack([rng.permutation(digits)[:2] for _ in range(N)])
    return *_spoken(rng, [utterance(*row) for row in zip(voices, targets)], shuffled), targets


def orders(rng, N, part="learn", *, shuffled=False, pauses=(2, 8)):
    """N times 3 to 5 digits, among them the WAKE word -> xs (T, N, BANDS), lengths (N,), targets (N,)

    The target is the digit that follows the wake word, one of OTHERS; pauses: how many frames between two words, from
    … to, drawn for each utterance.
    """
    voices, spoken, targets = _voices(rng, N, part), [], []
    for voice in voices:
        said = rng.choice(OTHERS, rng.integers(2, 5)).tolist()
        place = rng.integers(len(said))
        targets.append(said[place])
        said.insert(place, WAKE)
        spoken.append(utterance(voice, said, rng.integers(pauses[0], pauses[1] + 1)))
    return *_spoken(rng, spoken, shuffled), np.array(targets)


def _voices(rng, N, part):
    check_rng(rng)
    check_count(N=N)
    if part not in SPLIT:
        raise ValueError(f"part must be one of {', '.join(SPLIT)}, got {part!r}")
    return rng.choice(SPLIT[part], N)


def _spoken(rng, utterances, shuffled):
    return pad([rng.permutation(frames) for frames in utterances] if shuffled else utterances)


def utterance(voice, digits, pause=2, *, raw=False):
    """Digits by one voice, with `pause` frames of silence between two -> (frames, BANDS). Each word is `scaled`; raw:
    it is as it was stored, for `resynthesise`."""
    words = [(_words() if raw else _scaled())[voice][digit] for digit in digits]
    silence = np.full((pause, BANDS), min(word.min() for word in words))
    return np.concatenate([part for word in words for part in (word, silence)][: 2 * len(words) - 1])


def pad(sequences):
    """Arrays (T_n, D) -> xs (T, N, D) float32, zeros behind each; lengths (N,)"""
    lengths = np.array([len(sequence) for sequence in sequences])
    xs = np.zeros((lengths.max(), len(sequences), sequences[0].shape[1]), np.float32)
    for n, sequence in enumerate(sequences):
        xs[: len(sequence), n] = sequence
    return xs, lengths


def bands():
    """The middle of each band in Hz: equal steps of the mel scale, from 100 to 7000 Hz. (BANDS,)"""
    low, high = 2595 * np.log10(1 + np.array([100, 7000]) / 700)
    return 700 * (10 ** (np.linspace(low, high, BANDS + 2)[1:-1] / 2595) - 1)


def resynthesise(frames, *, pitch=110, rate=16_000):
    """Frames (T, BANDS) of ln power -> samples (T FRAME rate,) from -1 to 1: what the 20 bands still hold, as sound.

    Sines at all multiples of `pitch`, in Hz, each as loud as the band that it lies in. What made the voice, its own
    pitch among it, is gone.
    """
    centres = bands()
    harmonics = pitch * np.arange(1, int(centres[-1] / pitch) + 1)
    times = np.arange(int(len(frames) * FRAME * rate)) / rate
    loud = np.array([np.interp(harmonics, centres, frame) for frame in frames])  # (T, harmonics)
    loud = np.exp(loud / 2) / np.interp(harmonics, centres, np.gradient(centres)) ** 0.5  # a wide band has more sines
    samples = np.zeros(len(times))
    for k, harmonic in enumerate(harmonics):
        level = np.interp(times / FRAME, np.arange(len(frames)), loud[:, k])
        samples += level * np.sin(2 * np.pi * harmonic * times + k * k)  # phases apart, or all sines peak at once
    return samples / np.abs(samples).max()
