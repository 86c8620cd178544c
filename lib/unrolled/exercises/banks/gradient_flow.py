"""Where a gradient vanishes or explodes: the spectral radius, what keeps it, clipping."""

import numpy as np

from unrolled.autodiff import ops
from unrolled.cells.rnn import rnn_step
from unrolled.exercises.exercise import Exercise, Wrong
from unrolled.layers.initializers import gaussian, orthogonal, with_spectral_radius
from unrolled.learning.optimizers import clip_by_norm
from unrolled.probes.gradients import state_gradient_norms

_eigenvalues = np.linalg.eigvals


def _radius_case(rng, H):
    """Rotations outweigh the rest: from H = 2 on, the largest eigenvalue is complex."""
    W, turn = rng.standard_normal((2, H, H))
    return {"W": 0.3 * W + turn - turn.T, "radius": float(rng.uniform(0.5, 1.5))}


WITH_SPECTRAL_RADIUS = Exercise(
    name="with_spectral_radius",
    statement="Scale a square matrix so that its largest absolute eigenvalue is radius.",
    reference=with_spectral_radius,
    case=_radius_case,
    results=("the scaled W",),
    hints=(
        "Twice the matrix has twice the eigenvalues. So one factor for all numbers is enough.",
        "np.linalg.eigvals(W) gives them; many are complex, and what counts is their absolute value.",
        "W * radius / np.abs(np.linalg.eigvals(W)).max()",
    ),
    wrong={
        "the largest singular value is scaled: the spectral radius is the largest |eigenvalue|":
            lambda W, radius: W * radius / np.linalg.norm(W, 2),
        "the largest real part is scaled: take the absolute value of the complex eigenvalues":
            lambda W, radius: W * radius / _eigenvalues(W).real.max(),
        "the absolute value of the real part is scaled: an eigenvalue has an imaginary part, too":
            lambda W, radius: W * radius / np.abs(_eigenvalues(W).real).max(),
        "the length of all numbers together is scaled: take the largest |eigenvalue|":
            lambda W, radius: W * radius / np.linalg.norm(W),
        "the largest number of W is scaled: take its largest |eigenvalue|":
            lambda W, radius: W * radius / np.abs(W).max(),
        "the smallest |eigenvalue| is scaled: take the largest":
            lambda W, radius: W * radius / np.abs(_eigenvalues(W)).min(),
        "the mean |eigenvalue| is scaled: take the largest":
            lambda W, radius: W * radius / np.abs(_eigenvalues(W)).mean(),
        "W is multiplied by radius: divide by its own spectral radius as well": lambda W, radius: W * radius,
        "radius is missing: the factor is radius / the largest |eigenvalue|":
            lambda W, radius: W / np.abs(_eigenvalues(W)).max(),
        "the factor is upside down: it is radius / the largest |eigenvalue|":
            lambda W, radius: W * np.abs(_eigenvalues(W)).max() / radius,
        "W stands for a Gaussian matrix with radius^2 / H as variance: scale by the eigenvalues it has":
            lambda W, radius: W * radius / np.sqrt(len(W)),
    },
)  # fmt: skip


def _clip_case(rng, N, M):
    """The norm is above max_norm in one case, below it in the next."""
    grads = {"W": rng.standard_normal((N, M)), "b": 3 * rng.standard_normal(M)}
    norm = np.sqrt(sum((g**2).sum() for g in grads.values()))
    return {"grads": grads, "max_norm": float(norm * (2 if (N + M) % 2 else 0.3))}


def _use_clip(function, grads, max_norm):
    clipped = function(grads, max_norm)
    if not isinstance(clipped, dict):
        raise Wrong(f"it must return a dict of arrays, got {type(clipped).__name__}")
    if set(clipped) != set(grads):
        raise Wrong(f"it must return a dict with the keys {', '.join(grads)}, got {', '.join(map(str, clipped))}")
    return clipped["W"], clipped["b"]


def _clip(factor):
    """An answer that scales by factor(g, all of them as one row, max_norm)."""

    def clip(grads, max_norm):
        row = np.concatenate([np.ravel(g) for g in grads.values()])
        return {name: g * factor(g, row, max_norm) for name, g in grads.items()}

    return clip


_norm = np.linalg.norm
_sum_of_norms = lambda grads: sum(_norm(g) for g in grads.values())
CLIP_BY_NORM = Exercise(
    name="clip_by_norm",
    statement="Clip a dict of gradients by their global norm: shorter where it exceeds max_norm, never turned.",
    reference=clip_by_norm,
    case=_clip_case,
    results=('the clipped "W"', 'the clipped "b"'),
    use=_use_clip,
    hints=(
        "One norm for all arrays together: the root of the sum of all squares.",
        "Where the norm exceeds max_norm, every number is multiplied by one factor, so that the norm becomes max_norm.",
        "norm = np.sqrt(sum((g**2).sum() for g in grads.values())); the factor is min(1, max_norm / norm).",
    ),
    wrong={
        "nothing is clipped: above max_norm all are multiplied by max_norm / norm": _clip(lambda g, row, m: 1.0),
        "each array is clipped by its own norm: one norm for all together keeps the direction":
            _clip(lambda g, row, m: min(1, m / _norm(g))),
        "each number is clipped on its own, by value: multiply all by one factor": lambda grads, m: {
            name: np.clip(g, -m, m) for name, g in grads.items()
        },
        "a gradient below max_norm is made longer: it stays as it is": _clip(lambda g, row, m: m / _norm(row)),
        "it is clipped where the norm is below max_norm: only one above is too long":
            _clip(lambda g, row, m: max(1, m / _norm(row))),
        "max_norm is missing: the factor is max_norm / norm, not 1 / norm":
            _clip(lambda g, row, m: 1 / _norm(row) if _norm(row) > m else 1),
        "the norm is missing: the factor is max_norm / norm, not max_norm":
            _clip(lambda g, row, m: m if _norm(row) > m else 1),
        "the factor is upside down: it is max_norm / norm": _clip(lambda g, row, m: max(1, _norm(row) / m)),
        "the root is missing: the norm is the root of the sum of squares":
            _clip(lambda g, row, m: min(1, m / _norm(row) ** 2)),
        "the norm takes the mean of the squares: it is the root of their sum":
            _clip(lambda g, row, m: min(1, m / np.sqrt(np.mean(row**2)))),
        "the norm is the sum of absolute values: it is the root of the sum of squares":
            _clip(lambda g, row, m: min(1, m / np.abs(row).sum())),
        "the norm is the largest number: it is the root of the sum of squares":
            _clip(lambda g, row, m: min(1, m / np.abs(row).max())),
        "the arrays are added before the norm is taken: add the squares of each": lambda grads, m: {
            name: g * min(1, m / _norm(sum(grads.values()))) for name, g in grads.items()
        },
        "the norm of \"W\" is its largest singular value: take the root of the sum of squares": lambda grads, m: {
            name: g * min(1, m / np.sqrt(sum(_norm(a, 2) ** 2 for a in grads.values()))) for name, g in grads.items()
        },
        "each array is made max_norm long, by its own norm: one norm for all, and only where it is too long":
            _clip(lambda g, row, m: m / _norm(g)),
        "the norms of the arrays are added: add the squares, then take one root": lambda grads, m: {
            name: g * min(1, m / _sum_of_norms(grads)) for name, g in grads.items()
        },
        "the norm is that of \"W\" alone: all arrays count": lambda grads, m: {
            name: g * min(1, m / _norm(grads["W"])) for name, g in grads.items()
        },
        "the norm is that of \"b\" alone: all arrays count": lambda grads, m: {
            name: g * min(1, m / _norm(grads["b"])) for name, g in grads.items()
        },
        "\"b\" is left as it is: the factor is for all arrays": lambda grads, m: {
            "W": _clip(lambda g, row, m: min(1, m / _norm(row)))(grads, m)["W"], "b": grads["b"]
        },
        "\"W\" is left as it is: the factor is for all arrays": lambda grads, m: {
            "W": grads["W"], "b": _clip(lambda g, row, m: min(1, m / _norm(row)))(grads, m)["b"]
        },
        "a gradient that is too long is set to zero: it is shortened": _clip(lambda g, row, m: float(_norm(row) <= m)),
        "the sign is turned": _clip(lambda g, row, m: -min(1, m / _norm(row))),
        "it must return a dict of arrays, got list": lambda grads, m: list(grads.values()),
    },
)  # fmt: skip


def W_hh(rng, H):
    """An orthogonal matrix, times a factor that makes up for what tanh takes"""
    return orthogonal(rng, (H, H), gain=1.85)


def backward_norms(W, T=99, N=8):
    """||dL/dh_t||, t = 0 … T, of a random direction that is sent back through tanh, with random inputs."""
    rng, H = np.random.default_rng(3), len(W)
    W_xh, G, xs = gaussian(rng, (H, H), H**-0.5), rng.standard_normal((N, H)), rng.standard_normal((T, N, H))
    return state_gradient_norms(lambda hs: ops.sum(hs[-1] * G), rnn_step, xs, np.zeros((N, H)), W_xh, W, np.zeros(H))


def _use_W_hh(function, H, norms):
    decades = []
    for seed in (1, 2, 3):
        W = function(np.random.default_rng(seed), H)
        if not isinstance(W, np.ndarray) or W.shape != (H, H) or W.dtype.kind != "f":
            got = f"{W.dtype} of shape {W.shape}" if isinstance(W, np.ndarray) else type(W).__name__
            raise Wrong(f"W_hh must be an array of floats of shape ({H}, {H}), got {got}")
        if not np.isfinite(W).all():
            raise Wrong("W_hh must hold numbers, and some are not finite")
        n = norms(W)
        if not n[0] > 0:
            raise Wrong("the gradient vanishes altogether on its way back")
        decades.append(np.log10(n[0] / n[-1]))
    worst = max(decades, key=abs)
    if not abs(worst) < 1:
        verb = "grows" if worst > 0 else "shrinks"
        raise Wrong(f"the gradient {verb} by {abs(worst):.1f} decades on its way back, and less than 1 is asked for")
    return ()


W_HH = Exercise(
    name="W_hh",
    statement="Open: draw a W_hh such that the gradient changes by less than one decade over 99 steps.",
    reference=W_hh,
    case=lambda rng: {"H": 64, "norms": backward_norms},
    results=(),
    use=_use_W_hh,
    hints=(
        "Without tanh, which matrices change no length at all?",
        "Each step back also multiplies with 1 - h^2, which is below 1. The matrix must make up for it.",
        "An orthogonal matrix times a factor between 1 and 3: try some, and look at the decades.",
    ),
)

EXERCISES = WITH_SPECTRAL_RADIUS, W_HH, CLIP_BY_NORM
