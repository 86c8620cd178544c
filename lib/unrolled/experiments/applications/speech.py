"""Spoken Korean digits: one, two in their order, and the one behind a wake word; by a GRU on the frames, and by means.

The GRU gets the frames as they come, or shuffled. The baselines get means: of all frames, or of each of k parts of
equal length, side by side; a hidden layer reads them. One more cuts the utterance at its silences, takes each piece for
a digit, by the means of 4 parts, and answers with the piece behind the likeliest wake word. And one slides a window
along the utterance: the same hidden layer at each place has a score for each answer, and the scores of all are pooled.
"""

from functools import partial

import numpy as np

from unrolled.autodiff.tape import differentiable
from unrolled.data import speech
from unrolled.experiments.applications import ends
from unrolled.layers.losses import cross_entropy

SEGMENTS = {"mean frame": 1} | {f"means of {k} parts": k for k in (2, 4, 8, 16)}
CUT, PART = "cut at the silences", "means of 4 parts"  # how each of its pieces is read
SLID, WINDOW = "a window slid along", 36  # frames: of the wake word and the one behind it, 92 in 100 are no longer
FRAMES_SEEN = SEGMENTS | {SLID: WINDOW // 2}  # by a hidden layer, side by side; each is a mean
READERS = ["in order", "shuffled", *SEGMENTS, CUT, SLID]
PAIRS = [(a, b) for a in speech.OTHERS for b in speech.OTHERS if a != b]
ANSWERS = {"one digit": list(range(10)), "two digits": PAIRS, "after the wake word": list(speech.OTHERS)}
ANSWERS["no pauses"] = ANSWERS["after the wake word"]  # the same task, each word right behind the one before
DRAW = {"one digit": speech.singles, "two digits": speech.pairs, "after the wake word": speech.orders}
DRAW["no pauses"] = partial(speech.orders, pauses=(0, 0))


def draw(rng, N, task, part, reader):
    """xs (T, N, 20), lengths (N,), targets (N,), which are places in ANSWERS[task]."""
    xs, lengths, said = DRAW[task](rng, N, part, shuffled=reader == "shuffled")
    return xs, lengths, np.array([ANSWERS[task].index(answer) for answer in map(plain, said)])


def plain(answer):
    """A digit as an int, two as a tuple."""
    return tuple(answer.tolist()) if np.ndim(answer) else int(answer)


def means(xs, lengths, k):
    """The mean frame of each of k parts, side by side: xs (T, N, D) -> (N, k D)"""
    T, N, D = xs.shape
    part = np.arange(T)[:, None] * k // lengths  # (T, N); from k on it is padding
    weights = (part == np.arange(k)[:, None, None]).astype(xs.dtype)  # (k, T, N)
    weights /= np.maximum(weights.sum(1, keepdims=True), 1)
    return np.einsum("ktn,tnd->nkd", weights, xs).reshape(N, k * D)


def slide(xs, lengths, size):
    """Each stretch of so many steps: xs (T, N, …) -> (P, N, …, size), inside (P, N) bool, P the number of places

    A stretch is inside where its first half is: the other may stand behind the sequence, where all is 0. Of a shorter
    sequence the first stretch is inside.
    """
    half = size // 2
    padded = np.zeros((max(len(xs), half) + size - half, *xs.shape[1:]), xs.dtype)
    padded[: len(xs)] = xs
    found = np.lib.stride_tricks.sliding_window_view(padded, size, axis=0)
    return found, np.arange(len(found))[:, None] + half <= np.maximum(lengths, half)


def windows(xs, lengths):
    """Each stretch of WINDOW frames, as means of two: xs (T, N, D) -> (P, N, WINDOW / 2 D), inside (P, N)"""
    T, N, D = xs.shape
    frames = np.zeros((T + T % 2, N, D), xs.dtype)
    frames[:T] = xs * (np.arange(T)[:, None] < lengths)[..., None]  # noise on the padding goes
    found, inside = slide(frames.reshape(-1, 2, N, D).mean(1), lengths / 2, WINDOW // 2)
    return found.reshape(len(found), N, -1), inside


@differentiable
def pool(scores, inside):
    """ln of the sum of e^score over the places inside        scores (P, N, M), inside (P, N) bool -> (N, M)"""
    scores = np.where(inside[..., None], scores, -np.inf)
    highest = scores.max(0)
    weights = np.exp(scores - highest)
    total = weights.sum(0)
    return highest + np.log(total), lambda d: (d * weights / total, None)


def cut(frames):
    """The stretches of an utterance (T, D) between its silences: two frames or more in which all bands are alike. One
    such frame is a part of a word: 육 has it before its last sound."""
    silent = np.ptp(frames, axis=1) == 0
    two = silent[:-1] & silent[1:]
    silence = np.append(two, False) | np.append(False, two)
    edges = np.flatnonzero(np.diff(silence)) + 1
    return [piece for piece, quiet in zip(np.split(frames, edges), silence[[0, *edges]]) if not quiet]


def spot(params, xs, lengths):
    """(N,) places in the answers: the digit behind the likeliest wake word, each piece read by itself."""
    found = []
    for n, length in enumerate(lengths):
        digits = np.asarray(logits(params, *speech.pad(cut(xs[:length, n])), PART))
        wake = digits[:, speech.WAKE] - np.log(np.exp(digits).sum(1))
        answer = digits[wake[:-1].argmax() + 1] if len(digits) > 1 else digits[0]
        found.append(answer[list(speech.OTHERS)].argmax())
    return np.array(found)


def init(rng, reader, M, *, parameters):
    """First weights: of a GRU, or of a hidden layer on means, with at most so many."""
    if reader not in FRAMES_SEEN:
        return ends.init(rng, "gru", speech.BANDS, ends.width("gru", speech.BANDS, M, parameters), M)
    return ends.init_hidden(rng, FRAMES_SEEN[reader] * speech.BANDS, M, parameters)


def logits(params, xs, lengths, reader):
    """(N, M) of xs (T, N, 20)"""
    if reader == SLID:
        seen, inside = windows(xs, lengths)
        return pool(ends.through_hidden(params, seen), inside)
    if reader not in SEGMENTS:
        return ends.answer(params, xs, "gru", lengths)
    return ends.through_hidden(params, means(xs, lengths, SEGMENTS[reader]))


def train(rng, task, reader, *, parameters, N, noise, test_size, **how):
    """(parameters, share right by voices that are for validation) of the step that is best there."""
    held = draw(rng, test_size, task, "validate", reader)

    def noisy():
        xs, lengths, targets = draw(rng, N, task, "learn", reader)
        return xs + noise * rng.standard_normal(xs.shape, np.float32), lengths, targets

    loss = lambda params, xs, lengths, targets: cross_entropy(logits(params, xs, lengths, reader), targets)
    score = lambda params: ends.right(logits(params, *held[:2], reader), held[2])
    params = init(rng, reader, len(ANSWERS[task]), parameters=parameters)
    return ends.learn(loss, params, noisy, score, **how)[:2]


def measure(rng, task, reader, *, test_size, **sizes):
    """Shares of right answers by voices never heard; either_order: the right two digits, in either order."""
    learnt = ("one digit", PART) if reader == CUT else (task, reader)
    params, validation = train(rng, *learnt, test_size=test_size, **sizes)
    xs, lengths, targets = draw(rng, test_size, task, "test", reader)
    said = spot(params, xs, lengths) if reader == CUT else np.asarray(logits(params, xs, lengths, reader)).argmax(-1)
    either = said == targets
    if task == "two digits":
        either = [set(PAIRS[a]) == set(PAIRS[b]) for a, b in zip(said, targets)]
    return {"validation": validation, "test": (said == targets).mean(), "either_order": np.mean(either)}
