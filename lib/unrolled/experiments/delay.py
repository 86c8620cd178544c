"""One direction that answers late: it says what a network of both directions says, as soon as it has read far enough.

Claim: a bidirectional network is not limited to a preset stretch of the future, as one with a delay is.
Source: Schuster & Paliwal (1997), abstract.
"""

from itertools import repeat

from unrolled.data.tasks import two_sided_echo
from unrolled.experiments import directions
from unrolled.layers.losses import cross_entropy

CLASSES = 4


def logits(params, xs, *, cell, direction, k, delay):
    """The answers about T steps, each given `delay` steps later: xs (T + 2k, N, 1) -> (T, N, 4). delay <= k."""
    if delay > k:
        raise ValueError(f"delay must be at most k = {k}: nothing is read after that, got {delay}")
    first, T = k + delay, xs.shape[0] - 2 * k
    return directions.answers(params, xs, cell, direction)[first : first + T]


def train(rng, direction, delay, *, cell, parameters, k, T, N, **training):
    """The parameters after `directions.learn`, each step on N sequences that were not there before."""
    how = {"cell": cell, "direction": direction, "k": k, "delay": delay}
    loss = lambda params, xs, targets: cross_entropy(logits(params, xs, **how), targets)
    batches = (two_sided_echo(rng, N, T, k, dtype=directions.DTYPE) for _ in repeat(None))
    params = directions.init(rng, cell, direction, 1, CLASSES, parameters)
    *_, last = directions.learn(loss, params, batches, **training)
    return last.params


def measure(rng, direction, delay, *, test_size, **sizes):
    """The shares of right answers, of right bits of the past, and of the future, on sequences never trained on."""
    params = train(rng, direction, delay, **sizes)
    xs, targets = two_sided_echo(rng, test_size, sizes["T"], sizes["k"], dtype=directions.DTYPE)
    found = logits(params, xs, cell=sizes["cell"], direction=direction, k=sizes["k"], delay=delay).argmax(-1)
    right = {"both": found == targets, "past": found // 2 == targets // 2, "future": found % 2 == targets % 2}
    return {f"{name}_right": share.mean() for name, share in right.items()}
