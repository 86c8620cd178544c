"""First values of weights. Every function takes the random generator; none keeps one."""

import numpy as np


def gaussian(rng, shape, std, *, dtype=np.float64):
    """W_ij ~ N(0, std^2). For a square matrix of size n, the spectral radius is near std sqrt(n) for large n."""
    return (std * rng.standard_normal(shape)).astype(dtype)


def glorot(rng, shape, *, dtype=np.float64):
    """W_ij ~ U(-a, a), a = sqrt(6 / (in + out)), shape (in, out). Source: Glorot & Bengio (2010), equation 16."""
    limit = np.sqrt(6 / np.sum(shape[-2:]))
    return rng.uniform(-limit, limit, shape).astype(dtype)


def orthogonal(rng, shape, *, gain=1.0, dtype=np.float64):
    """gain Q, with orthonormal rows or columns, whichever are fewer: all singular values are gain.

    Uniform over such matrices: the QR decomposition of a Gaussian, with the signs of R's diagonal taken out.
    Source: Saxe, McClelland & Ganguli (2014).
    """
    rows, columns = shape
    q, r = np.linalg.qr(rng.standard_normal((max(shape), min(shape))))
    q *= np.sign(np.diag(r))
    return (gain * (q if rows >= columns else q.T)).astype(dtype)


def in_blocks(initializer, rng, shape, blocks, *, dtype=np.float64):
    """`blocks` matrices of this shape side by side, each drawn on its own: (in, out) -> (in, blocks out)

    The gates of a cell are packed in one matrix, and each starts as it would if it stood alone.
    """
    return np.concatenate([initializer(rng, shape, dtype=dtype) for _ in range(blocks)], axis=1)


def dense(rng, D, M, *, W=glorot, dtype=np.float64):
    """First weights of `linear`: {"W": (D, M), "b": (M,)}, W by an initializer (rng, shape, dtype=…), b = 0."""
    return {"W": W(rng, (D, M), dtype=dtype), "b": np.zeros(M, dtype)}


def scaled_identity(n, scale=1.0, *, dtype=np.float64):
    """scale I (n, n): at first every state is carried over. With relu this is the IRNN. Source: Le et al. (2015)."""
    return (scale * np.eye(n)).astype(dtype)


def with_spectral_radius(W, radius):
    """W, scaled so that its largest |eigenvalue| is radius. ValueError: W is not square, or its radius is 0."""
    if W.ndim != 2 or W.shape[0] != W.shape[1]:
        raise ValueError(f"W must be square (H, H), got {W.shape}")
    if radius < 0:
        raise ValueError(f"the spectral radius must be >= 0, got {radius}")
    now = np.abs(np.linalg.eigvals(W)).max(initial=0)
    if now == 0:
        raise ValueError("W has spectral radius 0: no scale changes that")
    return W * float(radius / now)
