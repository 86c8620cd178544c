"""A blues keeps its form, a rhythm its metre, and both sound."""

import numpy as np
import pytest

from unrolled.data import music


def test_the_chords_are_the_form_and_each_bar_begins_with_a_note_of_its_chord():
    chords, notes = music.blues(np.random.default_rng(0), 30, 3)
    assert chords.shape == notes.shape == (144, 30)
    assert np.array_equal(chords[::4].reshape(3, 12, 30), np.broadcast_to(music.FORM[:, None], (3, 12, 30)))
    assert all((chords[k::4] == chords[::4]).all() for k in range(4))
    semitones = np.array(music.MELODY)[notes[::4]] % 12
    triads = music.TRIADS[chords[::4]] % 12
    assert (semitones[..., None] == triads).any(-1).all()
    off = np.array(music.MELODY)[notes[2::4]] % 12
    assert not (off[..., None] == triads).any(-1).all(), "between them the melody is free"


def test_a_melody_walks():
    _, notes = music.blues(np.random.default_rng(0), 30)
    steps = np.abs(np.diff(notes, axis=0))
    inside = np.delete(steps, np.s_[3::4], axis=0)  # within bars
    assert inside.max() == 1
    assert steps.max() > 1


def test_a_rhythm_has_its_metre_at_any_tempo():
    onsets, metres = music.rhythms(np.random.default_rng(1), 400)
    assert onsets.shape == (24, 400, 2)
    assert set(metres) == {0, 1, 2}
    assert (music.fitted(onsets) == metres).mean() > 0.97
    faster = onsets * [0.7, 1]
    assert (music.fitted(faster) == metres).mean() > 0.6, "some are outside the tempi then"
    shuffled = np.random.default_rng(2).permuted(onsets[..., 0], axis=0)
    assert (music.fitted(np.stack([shuffled, onsets[..., 1]], -1)) == metres).mean() < 0.8


def test_the_pitch_of_a_tone_is_its_frequency():
    samples = music.tone(9, 1.0, 8000)  # A
    spectrum = np.abs(np.fft.rfft(samples))
    assert abs(spectrum.argmax() - 440) <= 1


@pytest.mark.parametrize("samples", [
    music.sound(*(part[:, 0] for part in music.blues(np.random.default_rng(0), 1, 1))),
    music.clicks(music.rhythms(np.random.default_rng(0), 1)[0][:, 0]),
])  # fmt: skip
def test_what_sounds_is_within_bounds_and_not_silent(samples):
    assert np.isclose(np.abs(samples).max(), 1)
    assert samples.std() > 0.02
    assert np.isfinite(samples).all()


def test_a_piece_lasts_as_long_as_its_beats():
    chords, notes = music.blues(np.random.default_rng(0), 1, 1)
    assert len(music.sound(chords[:, 0], notes[:, 0], rate=4000, seconds=0.25)) == 1000 * (48 + 4)
