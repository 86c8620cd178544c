"""Answers to exercises of lesson 13, written without the banks: what it is, the answer, what must be said."""

import numpy as np


def one_by_one(windows, places):
    """A loop over pictures, then over steps."""
    T = places.shape[1]
    return np.stack([[picture[k] for picture, k in zip(windows, places[:, t])] for t in range(T)])


def taken(windows, places):
    return np.swapaxes(np.take_along_axis(windows, places[..., None], 1), 0, 1)


def batch_first(windows, places):
    return np.take_along_axis(windows, places[..., None], 1)


def every_order_for_all(windows, places):
    return np.take(windows, places, axis=1)


def numbers_along_the_steps(windows, places):
    return windows[range(len(windows)), places].swapaxes(0, 1)


def all_like_the_first(windows, places):
    return np.stack([windows[:, k] for k in places[0]])


def backwards(windows, places):
    return one_by_one(windows, places)[::-1]


def each_clip(xs, lengths):
    return np.array([xs[:length, n].mean(0) for n, length in enumerate(lengths)])


def weighted(xs, lengths):
    inside = np.arange(len(xs)) < lengths[:, None]
    return np.einsum("nt,tnd->nd", inside / lengths[:, None], np.nan_to_num(xs))


def everything(xs, lengths):
    return np.array([xs[:, n].mean(0) for n in range(len(lengths))])


def by_T(xs, lengths):
    return np.array([xs[:length, n].sum(0) / len(xs) for n, length in enumerate(lengths)])


def without_the_last(xs, lengths):
    return np.array([xs[: length - 1, n].sum(0) / length for n, length in enumerate(lengths)])


def with_one_more(xs, lengths):
    return np.array([xs[: length + 1, n].mean(0) for n, length in enumerate(lengths)])


def times_the_mask(xs, lengths):
    mask = (np.arange(len(xs)) < lengths[:, None]).T
    return (xs * mask[..., None]).sum(0) / lengths[:, None]


def length_along_the_numbers(xs, lengths):
    return np.array([xs[:length, n].sum(0) for n, length in enumerate(lengths)]) / lengths


def total(xs, lengths):
    return np.array([xs[:length, n].sum(0) for n, length in enumerate(lengths)])


def bar_by_bar(chords, form, beats, first=0, count=np.mean, anew=True):
    right = []
    for n in range(chords.shape[1]):
        for t in range(first, len(chords), beats):
            bar = t // beats
            right.append(chords[t, n] == form[bar % len(form) if anew else min(bar, len(form) - 1)])
    return count(right)


def in_one_line(chords, form, beats):
    bars = len(chords) // beats
    return (chords.reshape(bars, beats, -1)[:, 0] == np.resize(form, bars)[:, None]).mean()


def every_beat(chords, form, beats):
    wanted = np.resize(np.repeat(form, beats), len(chords))
    return (chords == wanted[:, None]).mean()


def form_along_the_pieces(chords, form, beats):
    return (chords[::beats] == np.resize(form, len(chords) // beats)).mean()


RIGHT = {
    "glimpses": [("a loop", one_by_one), ("take_along_axis", taken)],
    "clip_mean": [("each clip", each_clip), ("weights", weighted)],
    "bars_in_form": [("a loop", bar_by_bar), ("reshaped", in_one_line)],
}
WRONG = {
    "glimpses": [
        ("batch first", batch_first, "time is the first axis"),
        ("the first order for all", all_like_the_first, "each has its own"),
        ("every order for all", every_order_for_all, "every picture gets every picture's order"),
        ("numbers along the steps", numbers_along_the_steps, "runs along the steps"),
        ("backwards", backwards, "from the first to the last"),
    ],
    "clip_mean": [
        ("all frames", everything, "the padding counts"),
        ("divided by T", by_T, "by the clip's own length"),
        ("a sum", total, "the mean"),
        ("one frame more", with_one_more, "one frame too many is in the mean"),
        ("times the mask", times_the_mask, "NaN times 0"),
        ("lengths along the numbers", length_along_the_numbers, "run along the D numbers"),
        ("without its last frame", without_the_last, "the last frame is missing"),
    ],
    "bars_in_form": [
        ("every beat", every_beat, "every beat is scored"),
        ("counted", lambda *a: bar_by_bar(*a, count=sum), "the bars are counted"),
        ("along the pieces", form_along_the_pieces, "laid along the pieces"),
        ("the form does not begin anew", lambda *a: bar_by_bar(*a, anew=False), "begun anew"),
        ("the second beat", lambda *a: bar_by_bar(*a, first=1), "second beat"),
    ],
}
