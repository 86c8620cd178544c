"""A mixture density: a network that says where the pen goes next says several places, and how sure it is of each.

Of M bivariate normal densities and one Bernoulli: the outputs of a point are 6 M + 1 numbers, in the order
weights, mu_x, mu_y, log sigma_x, log sigma_y, atanh rho (M of each), and the pen's logit.
Source: Graves (2013), "Generating sequences with recurrent neural networks", section 4.1.
"""

import numpy as np

from unrolled.autodiff.checks import check_arrays
from unrolled.autodiff.tape import differentiable

FLAT = np.log(2 * np.pi)


@differentiable
def mixture_nats(outputs, moves, lifts, mask):
    """L = mean of -log sum_j pi_j N(move; mu_j, sigma_j, rho_j) - log p(lift), in nats a point

    outputs (T, N, 6 M + 1), moves (T, N, 2), lifts (T, N) 0 or 1, mask (T, N) bool: the points that count -> scalar
    ValueError: shapes that disagree, 6 M + 1 that is none, a mask that lets nothing through.
    """
    check_arrays("outputs T N K, moves T N A, lifts T N", outputs, moves, lifts)
    if outputs.shape[-1] % 6 != 1 or outputs.shape[-1] == 1 or moves.shape[-1] != 2:
        raise ValueError(f"outputs must be (T, N, 6 M + 1) and moves (T, N, 2), got {outputs.shape} and {moves.shape}")
    if mask.shape != lifts.shape or mask.dtype != bool or not mask.any():
        raise ValueError(f"mask must be bool {lifts.shape} with a True in it, got {mask.dtype} {mask.shape}")
    logits, mu_x, mu_y, log_x, log_y, r = np.split(outputs[..., :-1], 6, axis=-1)
    rho, e = np.tanh(r), outputs[..., -1]
    shifted = logits - logits.max(-1, keepdims=True)
    log_pi = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    z_x, z_y = (moves[..., :1] - mu_x) * np.exp(-log_x), (moves[..., 1:] - mu_y) * np.exp(-log_y)
    C = 1 / (1 - rho**2)
    Z = z_x**2 + z_y**2 - 2 * rho * z_x * z_y
    log_parts = log_pi - FLAT - log_x - log_y + np.log(C) / 2 - C * Z / 2
    top = log_parts.max(-1, keepdims=True)
    log_p = top + np.log(np.exp(log_parts - top).sum(-1, keepdims=True))
    nats = np.logaddexp(0, e) - lifts * e - log_p[..., 0]
    share = (mask / mask.sum()).astype(outputs.dtype)

    def pullback(d):
        gamma = np.exp(log_parts - log_p)  # how much of the point each part explains
        weights = (d * share)[..., None]
        dz_x, dz_y = gamma * C * (z_x - rho * z_y), gamma * C * (z_y - rho * z_x)  # equations 24 to 32, on our names
        parts = (
            np.exp(log_pi) - gamma, -dz_x * np.exp(-log_x), -dz_y * np.exp(-log_y), gamma - dz_x * z_x,
            gamma - dz_y * z_y, -gamma * (z_x * z_y + rho * (1 - C * Z)),
        )  # fmt: skip
        pen = (np.exp(-np.logaddexp(0, -e)) - lifts)[..., None]
        dmoves = np.stack([(dz_x * np.exp(-log_x)).sum(-1), (dz_y * np.exp(-log_y)).sum(-1)], axis=-1)
        return weights * np.concatenate([*parts, pen], axis=-1), weights * dmoves, -d * share * e, None

    return (share * nats).sum(), pullback


def draw_move(rng, outputs, *, sharp=0.0):
    """One point from each row of outputs (N, 6 M + 1) -> moves (N, 2), lifts (N,) 0 or 1

    sharp: 0 draws as the network says; more makes every part surer of itself, sigma e^-sharp and weights e^sharp as
    far apart in their logarithms (Graves's bias, section 5.4).
    """
    logits, mu_x, mu_y, log_x, log_y, r = np.split(outputs[:, :-1], 6, axis=-1)
    rows = np.arange(len(outputs))
    j = (logits * (1 + sharp) + rng.gumbel(size=logits.shape)).argmax(-1)
    rho, a, b = np.tanh(r[rows, j]), *rng.standard_normal((2, len(outputs)))
    x = mu_x[rows, j] + np.exp(log_x[rows, j] - sharp) * a
    y = mu_y[rows, j] + np.exp(log_y[rows, j] - sharp) * (rho * a + np.sqrt(1 - rho**2) * b)
    return np.stack([x, y], axis=-1), (rng.random(len(outputs)) < 1 / (1 + np.exp(-outputs[:, -1]))).astype(float)
