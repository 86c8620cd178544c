"""First values of weights: their distribution, by its measure; their dtype; and what they say to mistakes."""

import numpy as np
import pytest

from unrolled.layers.initializers import gaussian, glorot, orthogonal, scaled_identity, with_spectral_radius


def rng():
    return np.random.default_rng(0)


def test_gaussian_has_its_standard_deviation_and_its_spectral_radius():
    W = gaussian(rng(), (144, 144), 0.05)
    assert abs(W.std() - 0.05) < 1e-3
    assert abs(W.mean()) < 1e-3
    assert abs(np.abs(np.linalg.eigvals(W)).max() - 0.05 * 12) < 0.06  # the circular law: std sqrt(n)


def test_glorot_is_uniform_up_to_its_limit():
    W, limit = glorot(rng(), (300, 100)), np.sqrt(6 / 400)
    assert np.abs(W).max() <= limit
    assert np.abs(W).max() > 0.999 * limit
    np.testing.assert_allclose(W.var(), limit**2 / 3, rtol=0.02)


@pytest.mark.parametrize("shape", [(5, 5), (7, 4), (4, 7), (1, 1), (1, 3)])
def test_orthogonal_has_one_singular_value(shape):
    W = orthogonal(rng(), shape, gain=1.5)
    assert W.shape == shape
    np.testing.assert_allclose(np.linalg.svd(W, compute_uv=False), 1.5)


def test_orthogonal_is_uniform():
    """Its eigenvalues have no favourite side, as those of a QR decomposition without its signs taken out have."""
    one_by_one = [orthogonal(generator, (1, 1))[0, 0] for generator in [rng()] for _ in range(200)]
    assert 70 < np.sum(np.array(one_by_one) > 0) < 130
    traces = [np.trace(orthogonal(generator, (4, 4))) for generator in [rng()] for _ in range(400)]
    assert abs(np.mean(traces)) < 0.2


def test_scaled_identity():
    np.testing.assert_array_equal(scaled_identity(3, 0.5), 0.5 * np.eye(3))
    np.testing.assert_array_equal(scaled_identity(2), np.eye(2))


@pytest.mark.parametrize("radius", [0.0, 0.5, 1.3])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_spectral_radius_can_be_asked_for(radius, dtype):
    W = gaussian(rng(), (6, 6), 1.0, dtype=dtype)
    scaled = with_spectral_radius(W, np.float64(radius))
    assert scaled.dtype == dtype
    np.testing.assert_allclose(np.abs(np.linalg.eigvals(scaled)).max(), radius, rtol=1e-5)
    assert np.vdot(scaled, W) >= 0
    np.testing.assert_allclose(with_spectral_radius(np.diag([2, 4]), 1.0), np.diag([0.5, 1.0]))


def test_dtype_and_generator():
    for make in (
        lambda rng, **k: glorot(rng, (3, 2), **k),
        lambda rng, **k: gaussian(rng, (3, 2), np.float64(0.1), **k),
        lambda rng, **k: orthogonal(rng, (3, 2), **k),
        lambda rng, **k: scaled_identity(3, **k),
    ):
        assert make(rng()).dtype == np.float64
        assert make(rng(), dtype=np.float32).dtype == np.float32
        np.testing.assert_array_equal(make(rng()), make(rng()))


@pytest.mark.parametrize(
    "W, radius, said",
    [
        (np.ones((2, 3)), 1.0, "W must be square (H, H), got (2, 3)"),
        (np.ones(3), 1.0, "W must be square (H, H), got (3,)"),
        (np.eye(2), -1.0, "the spectral radius must be >= 0, got -1.0"),
        (np.zeros((2, 2)), 1.0, "W has spectral radius 0: no scale changes that"),
    ],
)
def test_a_radius_that_cannot_be_had_is_named(W, radius, said):
    with pytest.raises(ValueError) as error:
        with_spectral_radius(W, radius)
    assert str(error.value) == said
