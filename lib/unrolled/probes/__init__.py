"""Measurements on a recurrent network: its gradients, its units, its gates."""

from unrolled.probes.gradients import (
    cosine,
    gradient_by_layer,
    largest_singular_value,
    sensitivity,
    shares,
    spectral_radius,
    state_gradient_norms,
    truncated_gradients,
    unroll,
    weight_gradient_terms,
)
from unrolled.probes.units import ablate, best_threshold, correlations, linear_probe
