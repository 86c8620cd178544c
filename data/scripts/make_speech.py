"""Makes speech.npz: the ten Korean digits, said by the voices of espeak-ng, as spectra. Needs that program:

apt-get install espeak-ng=1.51+dfsg-10+deb12u2
python data/scripts/make_speech.py
"""

import io
import subprocess
import wave
from pathlib import Path

import numpy as np

TARGET = Path(__file__).resolve().parents[1] / "speech.npz"
DIGITS = ["영", "일", "이", "삼", "사", "오", "육", "칠", "팔", "구"]
VOICES = [
    "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "f1", "f2", "f3", "f4", "f5", "Alex", "Andrea", "Andy", "Annie",
    "antonio", "belinda", "benjamin", "boris", "caleb", "david", "Denis", "Diogo", "ed", "Gene", "gustave", "iven",
    "Jacky", "john", "Lee", "linda", "marcelo", "Mario", "max", "Michael", "Mike", "pablo", "paul", "pedro",
    "quincy", "rob", "steph", "steph2", "travis", "Tweaky",
]  # fmt: skip
WINDOW, HOP, BANDS, LOW, HIGH = 512, 552, 20, 100, 7000  # in samples of 1/22050 s; in Hz
DEEPEST, STEP = -14.0, 0.1  # a stored number is (ln power - DEEPEST) / STEP, from 0 to 255


def mel(hertz):
    """The mel scale: equal steps of it sound equally high."""
    return 2595 * np.log10(1 + np.asarray(hertz) / 700)


def filters(rate):
    """(WINDOW / 2 + 1, BANDS): triangles that overlap by half, equally wide in mel."""
    edges = 700 * (10 ** (np.linspace(mel(LOW), mel(HIGH), BANDS + 2) / 2595) - 1)
    at = np.arange(WINDOW // 2 + 1)[:, None] * rate / WINDOW
    rise, fall = (at - edges[:-2]) / np.diff(edges)[:-1], (edges[2:] - at) / np.diff(edges)[1:]
    return np.maximum(0, np.minimum(rise, fall))


def say(word, voice):
    """The samples of a word, from -1 to 1, without the silence round it; and their rate."""
    command = ["espeak-ng", "-v", f"ko+{voice}", "-s", "150", "--stdout", word]
    written = subprocess.run(command, capture_output=True, check=True).stdout
    with wave.open(io.BytesIO(written)) as file:
        rate = file.getframerate()
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 2**15
    heard = np.flatnonzero(np.abs(samples) > 0.01 * np.abs(samples).max())
    return samples[heard[0] : heard[-1] + 1], rate


def spectra(samples, rate):
    """(frames, BANDS) uint8: the natural logarithm of the power in each band, in steps."""
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(samples, (0, WINDOW)), WINDOW)[::HOP]
    power = np.abs(np.fft.rfft(frames * np.hanning(WINDOW))) ** 2
    steps = (np.log(power @ filters(rate) + np.exp(DEEPEST)) - DEEPEST) / STEP
    return np.clip(np.round(steps), 0, 255).astype(np.uint8)


def main():
    words = [spectra(*say(word, voice)) for voice in VOICES for word in DIGITS]
    frames, lengths = np.concatenate(words), np.array([len(word) for word in words], np.uint8)
    np.savez_compressed(TARGET, frames=frames, lengths=lengths)
    print(f"{TARGET.name}: {len(words)} words, {lengths.min()} to {lengths.max()} frames, up to {frames.max()}")
    print(f"{TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
