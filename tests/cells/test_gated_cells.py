"""LSTM and GRU: their laws number by number, their edges, and what they say to mistakes. Gradients: tests/agreement."""

import numpy as np
import pytest

from unrolled.autodiff.tape import Var
from unrolled.cells.gru import gru, gru_reference, gru_reset_before, gru_reset_before_step, gru_step
from unrolled.cells.lstm import lstm, lstm_bias, lstm_peephole, lstm_peephole_step, lstm_reference, lstm_step

N, D, H = 3, 2, 4
RNG = np.random.default_rng(0)
X, H_PREV, C_PREV, P, B_HN = (RNG.standard_normal(s) for s in ((N, D), (N, H), (N, H), 3 * H, H))
LSTM = {"W_xh": (D, 4 * H), "W_hh": (H, 4 * H), "b_h": (4 * H,)}
GRU = {"W_xh": (D, 3 * H), "W_hh": (H, 3 * H), "b_h": (3 * H,)}
LSTM, GRU = ({name: RNG.standard_normal(s) for name, s in shapes.items()} for shapes in (LSTM, GRU))


def sigma(z):
    return 1 / (1 + np.exp(-z))


def pre(weights, n, j, gate, h=H_PREV):
    """The pre-activation of one unit's gate, number by number: the input's share with the bias, and the state's."""
    column = gate * H + j
    from_x = weights["b_h"][column] + sum(X[n, k] * weights["W_xh"][k, column] for k in range(D))
    return from_x, sum(h[n, k] * weights["W_hh"][k, column] for k in range(H))


@pytest.mark.parametrize("peephole", [False, True])
def test_the_lstms_law_number_by_number(peephole):
    """The gates stand in the order i, f, o, g."""
    p_i, p_f, p_o = P.reshape(3, H) if peephole else np.zeros((3, H))
    hs, cs = np.empty((N, H)), np.empty((N, H))
    for n in range(N):
        for j in range(H):
            z_i, z_f, z_o, z_g = (sum(pre(LSTM, n, j, gate)) for gate in range(4))
            i, f = sigma(z_i + p_i[j] * C_PREV[n, j]), sigma(z_f + p_f[j] * C_PREV[n, j])
            cs[n, j] = f * C_PREV[n, j] + i * np.tanh(z_g)
            hs[n, j] = sigma(z_o + p_o[j] * cs[n, j]) * np.tanh(cs[n, j])
    step, kernels = (lstm_peephole_step, [lstm_peephole]) if peephole else (lstm_step, [lstm, lstm_reference])
    extra = {"p": P} if peephole else {}
    for kernel in kernels:
        h, c = kernel(X[None], H_PREV, C_PREV, **LSTM, **extra)
        np.testing.assert_allclose(h[0], hs, rtol=1e-12)
        np.testing.assert_allclose(c[0], cs, rtol=1e-12)
    for ours, law in zip(step(X, H_PREV, C_PREV, **LSTM, **extra), (hs, cs)):
        np.testing.assert_allclose(ours, law, rtol=1e-12)


def test_peepholes_of_zero_are_none():
    for a, b in zip(lstm_peephole(X[None], H_PREV, C_PREV, **LSTM, p=0 * P), lstm(X[None], H_PREV, C_PREV, **LSTM)):
        np.testing.assert_allclose(a, b, rtol=1e-12)


@pytest.mark.parametrize("form", ["after", "before"])
def test_the_grus_law_number_by_number(form):
    """The gates stand in the order r, z, n; z keeps the old state."""
    hs = np.empty((N, H))
    r = np.array([[sigma(sum(pre(GRU, n, j, 0))) for j in range(H)] for n in range(N)])
    for n in range(N):
        for j in range(H):
            z = sigma(sum(pre(GRU, n, j, 1)))
            from_x, from_h = pre(GRU, n, j, 2)
            reset = r[n, j] * (from_h + B_HN[j]) if form == "after" else pre(GRU, n, j, 2, r * H_PREV)[1]
            hs[n, j] = z * H_PREV[n, j] + (1 - z) * np.tanh(from_x + reset)
    if form == "after":
        step, kernels, extra = gru_step, (gru, gru_reference), {"b_hn": B_HN}
    else:
        step, kernels, extra = gru_reset_before_step, (gru_reset_before,), {}
    np.testing.assert_allclose(step(X, H_PREV, **GRU, **extra), hs, rtol=1e-12)
    for kernel in kernels:
        np.testing.assert_allclose(kernel(X[None], H_PREV, **GRU, **extra)[0], hs, rtol=1e-12)


def test_the_two_forms_agree_where_the_reset_gate_is_open():
    weights = GRU | {"b_h": np.concatenate([np.full(H, 1e3), GRU["b_h"][H:]])}
    after = gru(X[None], H_PREV, **weights, b_hn=np.zeros(H))
    np.testing.assert_allclose(after, gru_reset_before(X[None], H_PREV, **weights), rtol=1e-12)
    assert np.abs(gru(X[None], H_PREV, **GRU, b_hn=np.zeros(H)) - gru_reset_before(X[None], H_PREV, **GRU)).max() > 0.01


def test_the_forget_bias_opens_the_forget_gate_alone():
    b_h = lstm_bias(H, forget=3.0, dtype=np.float32)
    assert b_h.dtype == np.float32
    np.testing.assert_array_equal(b_h.reshape(4, H), np.array([[0], [3], [0], [0]]) * np.ones(H))
    silent = {"W_xh": np.zeros((D, 4 * H)), "W_hh": np.zeros((H, 4 * H))}
    _, c = lstm_step(X, H_PREV, C_PREV, **silent, b_h=lstm_bias(H))
    np.testing.assert_allclose(c / C_PREV, sigma(1), rtol=1e-12)


XS, C = X[None], C_PREV


@pytest.mark.parametrize(
    "mistake, error, said",
    [
        (lambda: lstm(X, H_PREV, C, **LSTM), ValueError, "xs must be (T, N, D) = (3, 2, D), got (3, 2)"),
        (lambda: lstm(XS, H_PREV.T, C, **LSTM), ValueError, "h0 must be (N, H) = (3, 4), got (4, 3)"),
        (lambda: lstm(XS, H_PREV, C[:1], **LSTM), ValueError, "c0 must be (N, H) = (3, 4), got (1, 4)"),
        (lambda: lstm(XS, H_PREV, C, **LSTM | GRU), ValueError, "W_hh must be (H, 4H) = (4, 16), got (4, 12)"),
        (
            lambda: lstm(XS, H_PREV, C, **LSTM | {"W_xh": LSTM["W_xh"].T}),
            ValueError,
            "W_xh must be (D, 4H) = (2, 16), got (16, 2)",
        ),
        (lambda: lstm(XS, H_PREV, C, **LSTM | {"b_h": P}), ValueError, "b_h must be (4H,) = (16,), got (12,)"),
        (lambda: lstm(XS, H_PREV, C.astype("f"), **LSTM), TypeError, "one dtype: xs is float64, c0 is float32"),
        (lambda: lstm(XS.astype(int), H_PREV, C, **LSTM), TypeError, "xs must be an array of floats, got dtype int64"),
        (lambda: lstm(XS, H_PREV, None, **LSTM), TypeError, "c0 must be an array of floats, got NoneType"),
        (lambda: lstm(XS, Var(H_PREV.T), C, **LSTM), ValueError, "h0 must be (N, H) = (3, 4), got (4, 3)"),
        (lambda: lstm_step(XS, H_PREV, C, **LSTM), ValueError, "x must be (N, D)"),
        (lambda: lstm_reference(XS, H_PREV[0], C, **LSTM), ValueError, "h_prev must be (N, H) = (3, 4), got (4,)"),
        (lambda: lstm_peephole(XS, H_PREV, C, **LSTM, p=B_HN), ValueError, "p must be (3H,) = (12,), got (4,)"),
        (lambda: gru(XS, H_PREV, **LSTM, b_hn=B_HN), ValueError, "W_hh must be (H, 3H) = (4, 12), got (4, 16)"),
        (lambda: gru(XS, H_PREV, **GRU, b_hn=P), ValueError, "b_hn must be (H,) = (4,), got (12,)"),
        (lambda: gru(XS, H_PREV, **GRU), TypeError, "b_hn"),
        (lambda: gru_step(X, H_PREV[:1], **GRU, b_hn=B_HN), ValueError, "h_prev must be (N, H) = (3, 4), got (1, 4)"),
        (lambda: gru_reset_before(XS, H_PREV[:1], **GRU), ValueError, "h0 must be (N, H) = (3, 4), got (1, 4)"),
        (lambda: gru_reset_before_step(X, C, **GRU | {"b_h": B_HN}), ValueError, "b_h must be (3H,) = (12,), got (4,)"),
    ],
)
def test_a_mistake_is_named(mistake, error, said):
    with pytest.raises(error) as raised:
        mistake()
    assert said in str(raised.value)
