"""Losses: one number that says how far the outputs are from the targets, over any leading axes, with a mask.

reduction  "mean"   the mean over the entries that count (mask True), the default
           "sum"    their sum
           "batch"  their sum over all axes but the batch, the mean over the batch: (T, N) -> sum over t, mean over N
"""

import numpy as np

from unrolled.autodiff.checks import check_arrays, check_integers
from unrolled.autodiff.tape import differentiable


@differentiable
def cross_entropy(logits, targets, mask=None, *, reduction="mean"):
    """L = reduction of -log softmax(logits)[target], in nats        logits (…, V), targets (…) int, mask (…) bool

    dL/dlogits = weight (softmax(logits) - one-hot(target)). ValueError: shapes that disagree, a target outside
    0 … V-1 where the mask holds, a mask that lets nothing through.
    """
    V = logits.shape[-1]
    check_arrays("logits rows V", logits.reshape(-1, V))
    weights = _weights(logits.shape[:-1], np.shape(targets), mask, reduction, logits.dtype)
    targets = check_integers("targets", np.where(weights != 0, targets, 0), V)[..., None]
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    loss = -(weights * np.take_along_axis(log_p, targets, -1)[..., 0]).sum()

    def pullback(d):
        dlogits = np.exp(log_p)
        np.put_along_axis(dlogits, targets, np.take_along_axis(dlogits, targets, -1) - 1, -1)
        return dlogits * (d * weights)[..., None], None, None

    return loss, pullback


@differentiable
def squared_error(ys, targets, mask=None, *, reduction="mean"):
    """L = reduction of (y - target)^2        ys (…), targets (…), mask (…) bool

    dL/dy = weight 2 (y - target). With "mean" it is the mean squared error, in the squared unit of y.
    """
    weights = _weights(ys.shape, np.shape(targets), mask, reduction, ys.dtype)
    check_arrays("ys size, targets size", ys.ravel(), targets.ravel())
    difference = np.where(weights != 0, ys - targets, 0)

    def pullback(d):
        dys = 2 * d * weights * difference
        return dys, -dys, None

    return (weights * difference**2).sum(), pullback


def _weights(shape, target_shape, mask, reduction, dtype):
    """How much each entry counts: 0 where the mask is False."""
    if target_shape != shape:
        raise ValueError(f"targets must have shape {shape}, got {target_shape}")
    mask = np.ones(shape, bool) if mask is None else np.asarray(mask)
    if mask.shape != shape or mask.dtype != bool:
        raise ValueError(f"mask must be bool of shape {shape}, got {mask.dtype} of shape {mask.shape}")
    if not mask.any():
        raise ValueError(f"the loss needs at least one entry that counts, got none in shape {shape}")
    if reduction == "batch" and len(shape) < 2:
        raise ValueError(f'reduction "batch" needs axes (T, N, …), got shape {shape}')
    divisors = {"mean": mask.sum(), "sum": 1, "batch": shape[1] if len(shape) > 1 else 1}
    if reduction not in divisors:
        raise ValueError(f"reduction must be one of {', '.join(divisors)}, got {reduction!r}")
    return (mask / divisors[reduction]).astype(dtype)
