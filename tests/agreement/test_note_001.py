"""The derivation of note 001: corrected it passes the gradient check; with a line as the note has it, it fails."""

import numpy as np
import pytest

from unrolled.autodiff import ops
from unrolled.autodiff.gradcheck import GradientError, gradcheck
from unrolled.autodiff.tape import value_and_grad
from unrolled.cells.rnn import rnn
from unrolled.exercises.clinic import note_001
from unrolled.exercises.clinic.note_001 import CORRECTED
from unrolled.probes.gradients import cosine

SLIPS = {
    "x for s": {"dU": lambda x_prev, s_prev, e_h: x_prev.T @ e_h},
    "V for W.T": {"from_output": lambda e_o, V, W: e_o @ V},  # the note's line: another letter, and no transpose
    "W for W.T": {"from_output": lambda e_o, V, W: e_o @ W},  # the letter alone mended
    "V.T for W.T": {"from_output": lambda e_o, V, W: e_o @ V.T},  # the transpose alone mended
    "U for U.T": {"from_next": lambda e_h, U: e_h @ U},
    "no local error": {"join": lambda local, later: later},
}
ERRORS = {"V", "U", "b_s"}
T, N = 6, 3
SEEDS = range(5)


def network(seed, D=4, H=4, O=4):
    """The arguments of note_001.loss, and its keywords. Equal sizes hide what is wrong with a shape."""
    rng = np.random.default_rng(seed)
    V, U, W = (rng.normal(0, 0.6, shape) for shape in ((D, H), (H, H), (H, O)))
    xs, ds = rng.standard_normal((T, N, D)), rng.standard_normal((T, N, O))
    return (V, U, W, np.zeros((T, N, H)), np.zeros((T, N, O))), {"xs": xs, "ds": ds}


def gradients(seed, slip):
    arguments, data = network(seed)
    value, pullback = note_001.loss.with_pullback(*arguments, **data, lines=CORRECTED | SLIPS.get(slip, {}))
    return dict(zip(("V", "U", "W", "b_s", "b_y"), pullback(1.0), strict=True))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("sizes", [{}, {"D": 2, "H": 5, "O": 3}])
def test_the_corrected_derivation_passes(seed, sizes):
    arguments, data = network(seed, **sizes)
    assert gradcheck(note_001.loss, *arguments, **data).worst < 1e-6


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("slip", SLIPS)
def test_each_slip_fails(slip, seed):
    arguments, data = network(seed)
    with pytest.raises(GradientError, match="wrong"):
        gradcheck(note_001.loss, *arguments, **data, lines=CORRECTED | SLIPS[slip])


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("slip, hurt", [(slip, {"U"} if slip == "x for s" else ERRORS) for slip in SLIPS])
def test_each_slip_turns_the_gradients_that_its_line_reaches_and_no_other(slip, hurt, seed):
    right, wrong = gradients(seed, None), gradients(seed, slip)
    turned = {name for name in right if cosine(right[name], wrong[name]) < 0.99}
    assert turned == hurt
    assert all(np.array_equal(right[name], wrong[name]) for name in right.keys() - hurt)


@pytest.mark.parametrize("slip, said", [("x for s", "broadcast"), ("V for W.T", "matmul")])
def test_where_sizes_differ_the_slip_shows_by_its_shape(slip, said):
    arguments, data = network(0, D=2, H=5, O=3)
    with pytest.raises(ValueError, match=said):
        gradcheck(note_001.loss, *arguments, **data, lines=CORRECTED | SLIPS[slip])


def test_the_slip_of_the_local_error_is_hidden_where_only_the_last_step_has_a_target():
    arguments, data = network(0)
    V, U, W, *_ = arguments
    ys = rnn(data["xs"], np.zeros((N, len(U))), V, U, np.zeros(len(U))) @ W
    ds = np.concatenate([ys[:-1], data["ds"][-1:]])  # no error before the last step
    report = gradcheck(note_001.loss, *arguments, xs=data["xs"], ds=ds, lines=CORRECTED | SLIPS["no local error"])
    assert report.worst < 1e-6


@pytest.mark.parametrize("seed", SEEDS)
def test_the_corrected_derivation_is_the_tape_s_gradient(seed):
    (V, U, W, *_), data = network(seed, D=2, H=5, O=3)

    def loss(params):
        hs = rnn(data["xs"], np.zeros((N, 5)), params["V"], params["U"], np.zeros(5))
        return ops.sum((data["ds"] - hs @ params["W"]) ** 2) / 2

    value, grads = value_and_grad(loss)({"V": V, "U": U, "W": W})
    ours, pullback = note_001.loss.with_pullback(V, U, W, np.zeros((T, N, 5)), np.zeros((T, N, 3)), **data)
    np.testing.assert_allclose(ours, value, rtol=1e-12)
    for mine, theirs in zip(pullback(1.0), (grads["V"], grads["U"], grads["W"])):
        np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-12)
