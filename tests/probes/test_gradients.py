"""Probes against the same quantities computed another way: finite differences of every number, one at a time."""

import numpy as np
import pytest

from unrolled.autodiff import ops
from unrolled.autodiff.tape import Var, value_and_grad
from unrolled.autodiff.trees import leaves
from unrolled.cells.rnn import rnn, rnn_step
from unrolled.cells.stacks import stack_layers
from unrolled.cells.table import CELLS, init_cell, init_states
from unrolled.experiments import depth
from unrolled.layers.initializers import orthogonal
from unrolled.layers.losses import squared_error
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

T, N, D, H = 6, 2, 3, 4
RNG = np.random.default_rng(0)
XS, H0, W_XH, W_HH, B_H = (0.6 * RNG.standard_normal(s) for s in ((T, N, D), (N, H), (D, H), (H, H), (H,)))
WEIGHTS = W_XH, W_HH, B_H
TARGETS = RNG.standard_normal((T, N, H))


def jacobian(f, x, h=1e-6):
    """df/dx by central differences, one number of x at a time: (*f's shape, *x's shape)."""
    columns = []
    for i in range(x.size):
        step = np.zeros(x.size)
        step[i] = h
        columns.append((f(x + step.reshape(x.shape)) - f(x - step.reshape(x.shape))) / (2 * h))
    return np.stack(columns, -1).reshape(*np.shape(columns[0]), *x.shape)


def loss(hs):
    """A loss at every step, of the Vars [h_0, …, h_T]."""
    return squared_error(ops.stack(*hs[1:]), TARGETS, reduction="sum")


def plain_loss(xs, h0, weights_at, since=0):
    """The same for plain arrays, from a step on; weights_at(t) gives step t's weights."""
    total, h = 0.0, h0
    for t in range(since, T):
        h = rnn_step(xs[t], h, *weights_at(t))
        total += ((h - TARGETS[t]) ** 2).sum()
    return total


def test_unrolled_states_are_those_of_the_sequence():
    hs = unroll(rnn_step, XS, H0, *WEIGHTS, activation="relu")
    assert [h.name for h in hs] == [f"h_{t}" for t in range(T + 1)]
    assert all(isinstance(h, Var) for h in hs)
    np.testing.assert_array_equal(hs[0].value, H0)
    np.testing.assert_allclose(np.stack([h.value for h in hs[1:]]), rnn(XS, H0, *WEIGHTS, activation="relu"))


def test_untied_weights_are_taken_step_by_step():
    copies = [W_HH * (t + 1) for t in range(T)]
    h = H0
    for t, unrolled in enumerate(unroll(rnn_step, XS, H0, W_XH, copies, B_H)[1:]):
        h = rnn_step(XS[t], h, W_XH, copies[t], B_H)
        np.testing.assert_allclose(unrolled.value, h)


def test_states_and_inputs_may_be_vars():
    first, inputs = Var(H0), [Var(x) for x in XS]
    hs = unroll(rnn_step, inputs, first, *WEIGHTS)
    assert hs[0] is first
    assert hs[1].record.inputs[0] is inputs[0]


def test_state_gradient_norms_are_those_of_the_rest_of_the_run():
    """dL/dh_t: start again at step t from h_t, moved a little; what the loss says of h_t itself comes on top."""
    hs = [H0, *rnn(XS, H0, *WEIGHTS)]
    norms = []
    for t, h in enumerate(hs):
        own = 2 * (h - TARGETS[t - 1]) if t else 0
        norms.append(np.linalg.norm(jacobian(lambda h, t=t: plain_loss(XS, h, lambda _: WEIGHTS, since=t), h) + own))
    np.testing.assert_allclose(state_gradient_norms(loss, rnn_step, XS, H0, *WEIGHTS), norms, rtol=1e-6)


def test_where_no_gradient_arrives_the_norm_is_0():
    norms = state_gradient_norms(lambda hs: ops.sum(hs[2]), rnn_step, XS, H0, *WEIGHTS)
    assert (norms[:3] > 0).all()
    np.testing.assert_array_equal(norms[3:], 0)


def test_gradients_of_a_linear_network_shrink_with_its_matrix():
    """With W_hh = 0.9 Q, Q orthogonal, each step back multiplies the norm by 0.9, exactly."""
    Q = np.linalg.qr(W_HH)[0]
    norms = state_gradient_norms(
        lambda hs: ops.sum(hs[-1]), rnn_step, XS, H0, W_XH, 0.9 * Q, B_H, activation="identity"
    )
    np.testing.assert_allclose(norms, np.sqrt(N * H) * 0.9 ** np.arange(T, -1, -1))


def test_weight_gradient_terms_are_those_of_untied_weights():
    terms = weight_gradient_terms(loss, rnn_step, XS, H0, *WEIGHTS)
    for i, W in enumerate(WEIGHTS):
        for t in range(T):

            def moved(w, i=i, t=t):
                return plain_loss(XS, H0, lambda s: WEIGHTS[:i] + (w if s == t else WEIGHTS[i],) + WEIGHTS[i + 1 :])

            np.testing.assert_allclose(terms[i][t], jacobian(moved, W), rtol=1e-5, atol=1e-8)


def test_the_terms_add_up_to_the_kernels_gradient():
    hs, pullback = rnn.with_pullback(XS, H0, *WEIGHTS)
    _, _, *gradients = pullback(2 * (hs - TARGETS))
    terms = weight_gradient_terms(loss, rnn_step, XS, H0, *WEIGHTS)
    for term, gradient, W in zip(terms, gradients, WEIGHTS, strict=True):
        assert term.shape == (T, *W.shape)
        np.testing.assert_allclose(term.sum(0), gradient, rtol=1e-10)


def test_steps_after_the_last_that_counts_have_no_term():
    for term in weight_gradient_terms(lambda hs: ops.sum(hs[2]), rnn_step, XS, H0, *WEIGHTS):
        assert term[:2].any()
        assert not term[2:].any()


def test_shares_are_projections_that_sum_to_1():
    for term in weight_gradient_terms(loss, rnn_step, XS, H0, *WEIGHTS):
        parts = shares(term)
        assert parts.shape == (T,)
        np.testing.assert_allclose(parts.sum(), 1)
    terms = np.array([[3.0, 1.0], [1.0, -1.0], [0.0, 0.0]])  # the whole is (4, 0)
    np.testing.assert_allclose(shares(terms), [0.75, 0.25, 0])
    np.testing.assert_allclose(shares(np.array([2.0, -1.0])), [2, -1])


def test_sensitivity_is_the_norm_of_the_jacobian():
    xs, h0 = XS[:, :1], H0[:1]
    norms = []
    for t in range(T):

        def last(x, t=t):
            return rnn(np.concatenate([xs[:t], x[None], xs[t + 1 :]]), h0, *WEIGHTS)[-1]

        norms.append(np.linalg.norm(jacobian(last, xs[t])))
    np.testing.assert_allclose(sensitivity(rnn_step, xs, h0, *WEIGHTS), norms, rtol=1e-6)


# Truncation


PARAMS = {"W_xh": W_XH, "W_hh": W_HH, "b_h": B_H}


def chunk_loss(params, xs, targets, h):
    hs = rnn(xs, h, **params)
    return squared_error(hs, targets, reduction="sum"), hs[-1]


def truncated(window):
    chunks = [(XS[t : t + window], TARGETS[t : t + window]) for t in range(0, T, window)]
    return truncated_gradients(chunk_loss, PARAMS, chunks, H0)


FULL = value_and_grad(lambda p: chunk_loss(p, XS, TARGETS, H0)[0])(PARAMS)[1]


def test_a_window_of_the_whole_sequence_gives_the_full_gradient():
    for window in (T, T + 5):
        for (_, a), (_, b) in zip(leaves(truncated(window)), leaves(FULL), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12)
    np.testing.assert_allclose(cosine(truncated(T), FULL), 1)


@pytest.mark.parametrize("window", [1, 2, 3, 4, 5])
def test_a_shorter_window_gives_another_one(window):
    assert cosine(truncated(window), FULL) < 1 - 1e-5


def test_a_truncated_gradient_is_that_of_a_loss_whose_carried_states_are_numbers():
    """Finite differences know nothing of truncation, so the states between the chunks are held fixed for them."""
    window = 2
    states = np.concatenate([H0[None], rnn(XS, H0, **PARAMS)])
    for key, ours in truncated(window).items():

        def held(w, key=key):
            p = PARAMS | {key: w}
            return sum(
                chunk_loss(p, XS[t : t + window], TARGETS[t : t + window], states[t])[0] for t in range(0, T, window)
            )

        np.testing.assert_allclose(ours, jacobian(held, PARAMS[key]), rtol=1e-6, atol=1e-8)


# Numbers


def test_cosine_of_known_angles():
    a = {"x": np.array([1.0, 0.0]), "y": (np.array(1.0),)}
    assert cosine(a, {"y": (np.array(3.0),), "x": np.array([3.0, 0.0])}) == pytest.approx(1)
    assert cosine(a, {"x": np.array([-1.0, 5.0]), "y": (np.array(1.0),)}) == pytest.approx(0)
    assert cosine(a, {"x": np.array([-2.0, 0.0]), "y": (np.array(-2.0),)}) == pytest.approx(-1)
    assert cosine(a, {"x": np.array([1.0, 0.0]), "y": (np.array(0.0),)}) == pytest.approx(0.5**0.5)
    assert cosine(np.ones(3), np.ones(3)) == pytest.approx(1)


def test_cosine_of_the_smallest_and_the_largest_gradients():
    """Two gradients that vanished have a direction, too."""
    for size in (1e-150, 1e-100, 1e100, 1e150):
        assert cosine(size * np.array([1.0, 1.0]), size * np.array([1.0, 0.0])) == pytest.approx(0.5**0.5)
    tiny = np.array([1e-30, 1e-30], np.float32)
    assert cosine(tiny, tiny) == pytest.approx(1)


@pytest.mark.parametrize(
    "W, radius, stretch",
    [
        (np.diag([0.5, -2.0, 1.0]), 2, 2),
        (np.array([[0.0, 1.0], [0.0, 0.0]]), 0, 1),  # nilpotent: stretches once, then is gone
        (np.array([[0.0, -1.5], [1.5, 0.0]]), 1.5, 1.5),  # a rotation: its eigenvalues are complex
        (np.array([[1.0, 100.0], [0.0, 1.0]]), 1, (100 + np.sqrt(100**2 + 4)) / 2),
        (np.ones((4, 4)), 4, 4),
    ],
)
def test_spectral_radius_and_largest_singular_value_of_known_matrices(W, radius, stretch):
    assert spectral_radius(W) == pytest.approx(radius)
    assert largest_singular_value(W) == pytest.approx(stretch)


@pytest.mark.parametrize(
    "mistake, said",
    [
        (lambda: shares(np.array([[1.0], [-1.0]])), "the shares of a gradient need one that is not 0"),
        (lambda: cosine(np.zeros(2), np.ones(2)), "needs two vectors that are not 0, got norms 0, 1.41"),
        (lambda: cosine({"a": np.ones(2)}, {"b": np.ones(2)}), "trees must have the same keys, got ['a'] and ['b']"),
        (lambda: cosine(np.ones((2, 3)), np.ones((3, 2))), "all input arrays must have the same shape"),
        (lambda: sensitivity(rnn_step, XS, H0, *WEIGHTS), "that of one sequence: h0 must be (1, H), got (2, 4)"),
        (lambda: state_gradient_norms(lambda hs: hs[-1], rnn_step, XS, H0, *WEIGHTS), "backward needs a scalar"),
    ],
)
def test_a_mistake_is_named(mistake, said):
    with pytest.raises(ValueError) as error:
        mistake()
    assert said in str(error.value)


@pytest.mark.parametrize("stack", ["plain", "residual"])
@pytest.mark.parametrize("cell", CELLS)
def test_the_gradient_by_layer_is_that_of_each_layers_input(cell, stack):
    rng = np.random.default_rng(3)
    weights = tuple(init_cell(rng, cell, H, H) for _ in range(3))
    states = tuple(init_states(cell, N, H) for _ in range(3))
    xs, dys = rng.standard_normal((2, T, N, H))
    residual = stack == "residual"
    norms = gradient_by_layer(CELLS[cell].kernel, xs, dys, states, weights, residual=residual)
    assert norms.shape == (4,)
    np.testing.assert_allclose(norms[-1], np.linalg.norm(dys))

    def above(read, k):
        """L, of what layer k reads: a residual goes past every layer but the lowest of all."""
        ys = read
        for number, (start, layer) in enumerate(zip(states[k:], weights[k:]), start=k):
            hs, _ = stack_layers(CELLS[cell].kernel, ys, (start,), (layer,))
            ys = ys + hs if number and residual else hs
        return np.vdot(dys, ys)

    read = xs
    for k in range(3):
        np.testing.assert_allclose(norms[k], np.linalg.norm(jacobian(lambda x, k=k: above(x, k), read)), rtol=1e-5)
        hs, _ = stack_layers(CELLS[cell].kernel, read, states[k : k + 1], weights[k : k + 1])
        read = read + hs if k and residual else hs


def test_below_all_layers_it_is_what_the_table_over_depth_measures():
    for stack, residual in depth.RESIDUAL.items():
        there = depth.input_gradient(np.random.default_rng(1), "lstm", 4, residual, H=8, T=5, N=2)
        rng = np.random.default_rng(1)
        weights = tuple(init_cell(rng, "lstm", 8, 8, W_hh=orthogonal) for _ in range(4))
        states = tuple(init_states("lstm", 2, 8) for _ in range(4))
        xs, dys = rng.standard_normal((2, 5, 2, 8))
        norms = gradient_by_layer(
            CELLS["lstm"].kernel, xs, dys / np.linalg.norm(dys), states, weights, residual=residual
        )
        np.testing.assert_allclose(norms[0], there, err_msg=stack)
