"""Video: which way a digit moves, from frames in order, shuffled, side by side, averaged, or from one of them.

Known beforehand, on a joined field: a clip that is played backwards is as likely, and goes the other way. So what
does not depend on the order of the frames, shuffled or averaged, knows the axis at best and not its sign: .5. One frame
alone tells nothing: .25. Where the digit begins inside the field, the places that it visits give the way away.
"""

from itertools import repeat

from unrolled.data import moving_digits
from unrolled.experiments.applications import ends, readers

PIXELS = moving_digits.SIDE**2
NETWORKS = ("in order", "shuffled", "side by side", "averaged", "one frame")


def show(rng, frames, network):
    """What a network gets of frames (T, N, 14, 14): a sequence (T, N, 196), or what has no steps, (N, …)"""
    T, N = frames.shape[:2]
    if network == "one frame":
        return frames[T // 2].reshape(N, PIXELS)
    if network == "averaged":
        return frames.mean(0).reshape(N, PIXELS)
    if network == "side by side":  # every frame has inputs of its own
        return frames.transpose(1, 0, 2, 3).reshape(N, T * PIXELS)
    return (moving_digits.shuffle(rng, frames) if network == "shuffled" else frames).reshape(T, N, PIXELS)


def init(rng, network, H, T):
    """A GRU for sequences, else one hidden layer."""
    if network in ("in order", "shuffled"):
        return readers.init_reader(rng, PIXELS, H, len(moving_digits.WAYS))
    inputs = PIXELS * (T if network == "side by side" else 1)
    return readers.init_layers(rng, inputs, H, len(moving_digits.WAYS))


def logits(params, xs):
    """The answer of either: (N, 4)"""
    return (readers.read if "gru" in params else ends.through_hidden)(params, xs)


def measure(rng, starts, network, learning_rate, *, T, H, N, test_size, **training):
    """validation, test: shares of right answers on unseen drawings; matched: by the best shift, on other test clips."""

    def draw(N, part):
        frames, ways = moving_digits.draw(rng, N, part, T=T, starts=starts)
        return show(rng, frames, network), ways

    params = readers.train(
        logits, init(rng, network, H, T), (draw(N, "train") for _ in repeat(None)),
        learning_rate=learning_rate, **training,
    )  # fmt: skip
    found = {part: readers.right(logits, params, *draw(test_size, part)) for part in ("validation", "test")}
    frames, ways = moving_digits.draw(rng, test_size, "test", T=T, starts=starts)
    return found | {"matched": (moving_digits.matched(frames) == ways).mean()}
