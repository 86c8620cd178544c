"""Two ways to clip a gradient: by its norm, which keeps the direction, and number by number, which does not."""

import numpy as np

from unrolled.autodiff.tape import value_and_grad
from unrolled.experiments import temporal_order
from unrolled.experiments.networks import answer_loss, elman, stream_loss, zero_state
from unrolled.layers.initializers import orthogonal
from unrolled.learning.fit import fit
from unrolled.learning.optimizers import SGD, clip_by_norm, clip_by_value, global_norm
from unrolled.probes.gradients import cosine


def largest_gradient(rng, *, T, H, N, std, learning_rate, max_norm, steps):
    """The largest gradient that SGD with clipping by norm meets on the temporal order task, before it is clipped."""
    params = elman(rng, temporal_order.SYMBOLS, H, temporal_order.CLASSES, std=std)
    zero, largest = zero_state(params, N), {}

    def clip(grads):
        if not largest or global_norm(grads) > global_norm(largest):
            largest.update(grads)
        return clip_by_norm(grads, max_norm)

    loss = lambda params, xs, targets: answer_loss(params, xs.astype(float), targets, zero)
    batches = temporal_order.batches(rng, N, T)
    for _ in fit(loss, params, batches, SGD(learning_rate), steps=steps, clip=clip, progress=False):
        pass
    return largest


def exploding_gradient(rng, *, T, H, N, gain):
    """The gradient of an untrained ReLU network whose W_hh is `gain` times an orthogonal matrix; random targets."""
    params = elman(rng, 1, H, 2)
    params["rnn"]["W_hh"] = orthogonal(rng, (H, H), gain=gain)
    xs, targets = rng.standard_normal((T, N, 1)), rng.integers(2, size=(T, N))
    zero = zero_state(params, N)
    loss = lambda params: stream_loss(params, xs, targets, zero, activation="relu")[0]
    return value_and_grad(loss)(params)[1]


def compare(grads, limit):
    """Clip the norm to `limit`, or every number to [-limit, limit]: the cosines to the raw gradient, and the norms."""
    by_norm, by_value = clip_by_norm(grads, limit), clip_by_value(grads, limit)
    return {
        "cosine_norm": cosine(by_norm, grads),
        "cosine_value": cosine(by_value, grads),
        "norm": global_norm(grads),
        "norm_value": global_norm(by_value),
        "share_clipped": np.mean(np.concatenate([np.ravel(np.abs(g) > limit) for g in _arrays(grads)])),
    }


def measure(rng, gradient, limit, training, untrained):
    """compare() for the gradient "largest in training" or "untrained ReLU"; training, untrained: their sizes."""
    grads = largest_gradient(rng, **training) if gradient == "training" else exploding_gradient(rng, **untrained)
    return compare(grads, limit)


def _arrays(grads):
    return [g for part in grads.values() for g in part.values()]
