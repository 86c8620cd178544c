"""The plain recurrent network: its law, its edges and what it says to mistakes. Gradients: tests/agreement."""

import numpy as np
import pytest

from unrolled.autodiff.tape import Var, backward
from unrolled.cells.rnn import jordan, rnn, rnn_step

T, N, D, H, O = 4, 3, 2, 5, 6
RNG = np.random.default_rng(0)
XS, H0, W_XH, W_HH, B_H = (RNG.standard_normal(s) for s in ((T, N, D), (N, H), (D, H), (H, H), (H,)))
Y0, W_YH, W_HY, B_Y = (RNG.standard_normal(s) for s in ((N, O), (O, H), (H, O), (O,)))
WEIGHTS = {"W_xh": W_XH, "W_hh": W_HH, "b_h": B_H}
JORDAN = {"W_xh": W_XH, "W_yh": W_YH, "b_h": B_H, "W_hy": W_HY, "b_y": B_Y}
FUNCTIONS = {"tanh": np.tanh, "relu": lambda z: np.maximum(z, 0), "identity": lambda z: z}


@pytest.mark.parametrize("activation", FUNCTIONS)
def test_the_law_number_by_number(activation):
    hs = np.zeros((T + 1, N, H))
    hs[0] = H0
    for t in range(T):
        for n in range(N):
            for j in range(H):
                z = B_H[j] + sum(XS[t, n, i] * W_XH[i, j] for i in range(D))
                z += sum(hs[t, n, i] * W_HH[i, j] for i in range(H))
                hs[t + 1, n, j] = FUNCTIONS[activation](z)
    np.testing.assert_allclose(rnn(XS, H0, **WEIGHTS, activation=activation), hs[1:], rtol=1e-12)
    np.testing.assert_allclose(rnn_step(XS[0], H0, **WEIGHTS, activation=activation), hs[1], rtol=1e-12)


def test_tanh_is_the_default():
    np.testing.assert_array_equal(rnn(XS, H0, **WEIGHTS), rnn(XS, H0, **WEIGHTS, activation="tanh"))


def test_jordans_law_feeds_back_the_output():
    y = Y0
    for t, ys in enumerate(jordan(XS, Y0, **JORDAN)):
        y = np.tanh(XS[t] @ W_XH + y @ W_YH + B_H) @ W_HY + B_Y
        np.testing.assert_allclose(ys, y, rtol=1e-12)


@pytest.mark.parametrize("cell, first, weights", [(rnn, H0, WEIGHTS), (jordan, Y0, JORDAN)])
def test_a_sequence_cut_in_two_goes_on_where_it_stopped(cell, first, weights):
    whole = cell(XS, first, **weights)
    head = cell(XS[:3], first, **weights)
    np.testing.assert_allclose(np.concatenate([head, cell(XS[3:], head[-1], **weights)]), whole, rtol=1e-12)


@pytest.mark.parametrize("cell, first, weights", [(rnn, H0, WEIGHTS), (jordan, Y0, JORDAN)])
def test_no_sequence_of_the_batch_hears_of_another(cell, first, weights):
    together = cell(XS, first, **weights)
    for n in range(N):
        alone = cell(XS[:, n : n + 1], first[n : n + 1], **weights)
        np.testing.assert_allclose(together[:, n : n + 1], alone, rtol=1e-12)


@pytest.mark.parametrize("cell, first, weights", [(rnn, H0, WEIGHTS), (jordan, Y0, JORDAN)])
def test_a_sequence_of_no_step(cell, first, weights):
    value, pullback = cell.with_pullback(XS[:0], first, **weights)
    assert value.shape == (0, *first.shape)
    dxs, dfirst, *dweights = pullback(value)
    assert dxs.shape == (0, N, D)
    assert not dfirst.any()
    assert dfirst.shape == first.shape
    for d, W in zip(dweights, weights.values(), strict=True):
        assert d.shape == W.shape
        assert not d.any()


@pytest.mark.parametrize("cell, first, weights", [(rnn, H0, WEIGHTS), (jordan, Y0, JORDAN)])
def test_the_last_output_hears_of_the_first_input(cell, first, weights):
    small = {key: 0.5 * W for key, W in weights.items()}
    xs = Var(XS)
    backward(cell(xs, first, **small)[-1], np.ones_like(first))
    assert np.abs(xs.grad[0]).min() > 0


def test_two_pullbacks_of_one_call_agree():
    """The pullback keeps nothing from one call to the next."""
    hs, pullback = rnn.with_pullback(XS, H0, **WEIGHTS)
    for a, b in zip(pullback(hs), pullback(hs)):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    "mistake, error, said",
    [
        (lambda: rnn(XS[0], H0, **WEIGHTS), ValueError, "xs must be (T, N, D) = (3, 2, D), got (3, 2)"),
        (lambda: rnn(XS, H0.T, **WEIGHTS), ValueError, "h0 must be (N, H) = (3, 5), got (5, 3)"),
        (lambda: rnn(XS, H0[:1], **WEIGHTS), ValueError, "h0 must be (N, H) = (3, 5), got (1, 5)"),
        (lambda: rnn(XS, H0, W_XH.T, W_HH, B_H), ValueError, "W_xh must be (D, H) = (2, 5), got (5, 2)"),
        (lambda: rnn(XS, H0, W_XH, W_HH[1:], B_H), ValueError, "W_hh must be (H, H) = (4, 4), got (4, 5)"),
        (lambda: rnn(XS, H0, W_XH, W_HH, B_H[None]), ValueError, "b_h must be (H,) = (5,), got (1, 5)"),
        (lambda: rnn(XS, H0, W_HH, W_XH, B_H), ValueError, "W_hh must be (H, H) = (2, 2), got (2, 5)"),
        (lambda: rnn(XS.astype(int), H0, **WEIGHTS), TypeError, "xs must be an array of floats, got dtype int64"),
        (lambda: rnn(XS.astype("f"), H0, **WEIGHTS), TypeError, "one dtype: xs is float32, W_hh is float64"),
        (lambda: rnn(XS, None, **WEIGHTS), TypeError, "h0 must be an array of floats, got NoneType"),
        (
            lambda: rnn(XS, H0, **WEIGHTS, activation="sigmoid"),
            ValueError,
            "one of tanh, relu, identity, got 'sigmoid'",
        ),
        (lambda: rnn(XS, H0, W_XH, W_HH), TypeError, "b_h"),
        (lambda: rnn_step(XS, H0, **WEIGHTS), ValueError, "x must be (N, D)"),
        (lambda: rnn_step(XS[0], H0[0], **WEIGHTS), ValueError, "h_prev must be (N, H) = (3, 5), got (5,)"),
        (lambda: rnn_step(XS[0], H0, **WEIGHTS, activation="x"), ValueError, "one of tanh, relu, identity, got 'x'"),
        (lambda: jordan(XS, H0, **JORDAN), ValueError, "y0 must be (N, O) = (3, 6), got (3, 5)"),
        (lambda: jordan(XS, Y0, **JORDAN | {"W_yh": W_HH}), ValueError, "W_yh must be (O, H) = (6, 5), got (5, 5)"),
        (lambda: jordan(XS, Y0, **JORDAN | {"b_y": B_H}), ValueError, "b_y must be (O,) = (6,), got (5,)"),
        (lambda: jordan(XS, Y0, **JORDAN | {"b_h": B_Y}), ValueError, "b_h must be (H,) = (5,), got (6,)"),
        (lambda: jordan(XS, Y0, **JORDAN | {"W_hy": W_HY.astype("f")}), TypeError, "xs is float64, W_hy is float32"),
    ],
)
def test_a_mistake_is_named(mistake, error, said):
    with pytest.raises(error) as raised:
        mistake()
    assert said in str(raised.value)


def test_mistakes_are_named_on_the_tape_as_well():
    with pytest.raises(ValueError, match=r"h0 must be \(N, H\) = \(3, 5\), got \(5, 3\)"):
        rnn(XS, Var(H0.T), **WEIGHTS)
