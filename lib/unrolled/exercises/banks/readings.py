"""Readings: glimpses in the order of each picture, the mean of padded clips, and bars scored against a form."""

import numpy as np

from unrolled.exercises.exercise import Exercise
from unrolled.exercises.mistakes import mutants


def glimpses(windows, places):
    """windows (N, K, D) of N pictures, places (N, T) of each -> what is read, (T, N, D)"""
    rows = np.arange(len(windows))[:, None]
    return windows[rows, places].transpose(1, 0, 2)


def _glimpses_case(rng, T, N, K, D):
    return {"windows": rng.standard_normal((N, K, D)), "places": rng.integers(K, size=(N, T))}


PICK = "windows[rows, places].transpose(1, 0, 2)"
GLIMPSES = Exercise(
    name="glimpses",
    statement="Of windows (N, K, D) and the places (N, T) where each picture is looked at: the sequence (T, N, D).",
    reference=glimpses,
    case=_glimpses_case,
    results=("xs",),
    hints=(
        "Each picture has an order of its own. Which index picks the picture, and which one the place?",
        "windows[rows, places] with rows (N, 1) and places (N, T) is (N, T, D). Which axis comes first in a sequence?",
        "windows[np.arange(N)[:, None], places].transpose(1, 0, 2).",
    ),
    wrong=mutants(
        glimpses,
        ("the first picture's order serves for all: each has its own", PICK,
         "windows[:, places[0]].transpose(1, 0, 2)"),
        ("the last picture's order serves for all: each has its own", PICK,
         "windows[:, places[-1]].transpose(1, 0, 2)"),
        ("every picture gets every picture's order, (N, N, T, D): picture n has the order places[n]", PICK,
         "windows[:, places]"),
        ("the picture's number runs along the steps: along the pictures, as (N, 1)", "np.arange(len(windows))[:, None]",
         "np.arange(len(windows))"),
        ("the batch comes first, (N, T, D): time is the first axis", PICK, "windows[rows, places]"),
        ("the windows are read in the order in which they lie: places says the order", PICK,
         "windows[rows, np.arange(places.shape[1]) % windows.shape[1] + 0 * places].transpose(1, 0, 2)"),
        ("the places are sorted: they are read in their own order", PICK,
         "windows[rows, np.sort(places, axis=1)].transpose(1, 0, 2)"),
        ("the places are read from the last to the first: from the first to the last", PICK,
         "windows[rows, places[:, ::-1]].transpose(1, 0, 2)"),
        ("the glimpses of the first picture stand in every place: picture n has windows[n]", PICK,
         "windows[0 * rows, places].transpose(1, 0, 2)"),
        ("places is taken for what sorts it, argsort: it holds the places themselves", PICK,
         "windows[rows, np.argsort(places, axis=1)].transpose(1, 0, 2)"),
        ("the first place is read at every step: step t has places[:, t]", PICK,
         "windows[rows, places[:, :1] + 0 * places].transpose(1, 0, 2)"),
        ("the place is counted from 1: the first is 0", PICK,
         "windows[rows, places - 1].transpose(1, 0, 2)"),
    ),
)  # fmt: skip


def clip_mean(xs, lengths):
    """The mean of each clip's own frames: xs (T, N, D), padded from lengths[n] on -> (N, D)"""
    mask = np.arange(len(xs))[:, None] < lengths
    return np.where(mask[:, :, None], xs, 0).sum(axis=0) / lengths[:, None]


def _clip_case(rng, T, N, D):
    lengths = rng.integers(1, T + 1, N)
    lengths[rng.integers(N)] = T
    xs = rng.standard_normal((T, N, D))
    if T < N < D:  # a mask that multiplies lets NaN through
        xs[np.arange(T)[:, None] >= lengths] = np.nan
    return {"xs": xs, "lengths": lengths}


MASK, MEAN = "np.arange(len(xs))[:, None] < lengths", "np.where(mask[:, :, None], xs, 0).sum(axis=0) / lengths[:, None]"
CLIP_MEAN = Exercise(
    name="clip_mean",
    statement="The mean of each clip's own frames, (N, D): xs (T, N, D) is padded from lengths[n] on.",
    reference=clip_mean,
    case=_clip_case,
    results=("means",),
    hints=(
        "xs.mean(axis=0) is right for the longest clip alone. What does it add for the others, and divide by?",
        "A mask (T, N) says which frames are a clip's own: t < lengths[n]. Divide by how many there are.",
        "mask = np.arange(T)[:, None] < lengths; then np.where(mask[:, :, None], xs, 0).sum(0) / lengths[:, None].",
    ),
    wrong=mutants(
        clip_mean,
        ("it is the mean of all T frames: the padding counts, too", MEAN, "xs.mean(axis=0)"),
        ("all T frames are added, and divided by the length: the padding is left out of the sum", MEAN,
         "xs.sum(axis=0) / lengths[:, None]"),
        ("it is divided by T: by the clip's own length", "/ lengths[:, None]", "/ len(xs)"),
        ("the lengths (N,) run along the D numbers of a frame: along the clips, as (N, 1)", "/ lengths[:, None]",
         "/ lengths"),
        ("the padding is multiplied by 0, and NaN times 0 is NaN: put 0 in its place", MEAN,
         "(xs * mask[:, :, None]).sum(axis=0) / lengths[:, None]"),
        ("one frame too many is in the mean: the last is lengths - 1", MASK,
         "np.arange(len(xs))[:, None] <= lengths", "/ lengths[:, None]", "/ np.minimum(lengths + 1, len(xs))[:, None]"),
        ("it is the sum of the clip's frames: the mean", " / lengths[:, None]", ""),
        ("one frame too many is in the mask: the last is lengths - 1", "< lengths", "<= lengths"),
        ("the last frame is missing in the mask: t < lengths", "< lengths", "< lengths - 1"),
        ("the mask lets the padding through, and not the clip", "< lengths", ">= lengths"),
        ("the first clip's length serves for all: each has its own", MEAN, "xs[: lengths[0]].mean(axis=0)"),
        ("the shortest length serves for all: each has its own", MEAN, "xs[: lengths.min()].mean(axis=0)"),
        ("the last frame alone is taken: the mean of all of the clip's own", MEAN,
         "xs[lengths - 1, np.arange(len(lengths))]"),
        ("the largest of each number is taken: the mean", MEAN,
         "np.where(mask[:, :, None], xs, -np.inf).max(axis=0)"),
        ("it is the mean over all clips, too: each clip has its own", MEAN,
         "np.where(mask[:, :, None], xs, 0).sum(axis=(0, 1)) / lengths.sum() + np.zeros(xs.shape[1:])"),
        ("it is divided by the mean length: by the clip's own", "/ lengths[:, None]", "/ lengths.mean()"),
    ),
)  # fmt: skip


def bars_in_form(chords, form, beats):
    """The share of bars that begin with the chord of the form: chords (T, N), form (B,), T = beats times the bars"""
    onsets = chords[::beats]
    wanted = form[np.arange(len(onsets)) % len(form)]
    return np.mean(onsets == wanted[:, None])


def _form_case(rng, T, N, B):
    beats = int(rng.integers(2, 5))
    form, bars = rng.integers(3, size=B), T + B
    chords = np.repeat(np.tile(form, bars)[:bars], beats)[:, None].repeat(N, axis=1)
    wrong = rng.random(chords.shape) < 0.4
    return {"chords": np.where(wrong, rng.integers(3, size=chords.shape), chords), "form": form, "beats": beats}


ONSETS, WANTED = "chords[::beats]", "form[np.arange(len(onsets)) % len(form)]"
BARS_IN_FORM = Exercise(
    name="bars_in_form",
    statement="The share of bars, of all pieces, whose first beat has the chord of the form, which begins anew after B "
    "bars: chords (T, N), form (B,), beats a bar.",
    reference=bars_in_form,
    case=_form_case,
    results=("share",),
    hints=(
        "By hand, for T = 8 and beats = 4: which rows count? With a form of three entries, which one does row 12 need?",
        "chords[::beats] has a row for each bar; bar k has the chord form[k % len(form)].",
        "np.mean(chords[::beats] == form[np.arange(bars) % len(form)][:, None]).",
    ),
    wrong=mutants(
        bars_in_form,
        ("every beat is scored, not only the first of each bar", ONSETS, "chords", WANTED,
         "form[np.arange(len(onsets)) // beats % len(form)]"),
        ("the last beat of each bar is scored: the first", ONSETS, "chords[beats - 1 :: beats]"),
        ("the second beat of each bar is scored: the first", ONSETS, "chords[1::beats]"),
        ("the form is not begun anew, its last chord stays: bar k has the chord k % B", WANTED,
         "form[np.minimum(np.arange(len(onsets)), len(form) - 1)]"),
        ("the form begins one bar late: bar 0 has its first chord", WANTED,
         "form[(np.arange(len(onsets)) + 1) % len(form)]"),
        ("the form is read backwards", WANTED, "form[::-1][np.arange(len(onsets)) % len(form)]"),
        ("the form is laid along the pieces: along time, the first axis", "wanted[:, None]", "wanted"),
        ("the first piece alone is scored: all N of them", "onsets == wanted[:, None]", "onsets[:, 0] == wanted"),
        ("the bars are counted: their share is asked for", "np.mean", "np.sum"),
        ("it is the share of bars that are not in the form", "==", "!="),
        ("it is the share of pieces that are right throughout: the share of bars", "np.mean(onsets == wanted[:, None])",
         "np.mean((onsets == wanted[:, None]).all(axis=0))"),
        ("the first chorus alone is scored: all bars", "np.mean(onsets == wanted[:, None])",
         "np.mean((onsets == wanted[:, None])[: len(form)])"),
        ("the chords are compared with the bar's number in the form: with its chord", WANTED,
         "np.arange(len(onsets)) % len(form)"),
    ),
)  # fmt: skip

EXERCISES = GLIMPSES, CLIP_MEAN, BARS_IN_FORM
