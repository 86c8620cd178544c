"""The checks have teeth for the gated cells, too: each copy of a kernel with one planted mistake is rejected.

D = H and N = H let every transpose and every wrong axis run; gates are packed, so a matrix cannot be square.
"""

import numpy as np
import pytest

from unrolled.autodiff.gradcheck import GradientError, gradcheck
from unrolled.cells import gru as gru_module
from unrolled.cells import lstm as lstm_module
from unrolled.cells import rnn as rnn_module
from unrolled.cells import sequence
from unrolled.cells.gru import gru, gru_recurrence, gru_reset_before_step, gru_step
from unrolled.cells.lstm import lstm, lstm_peephole_step, lstm_recurrence, lstm_step
from unrolled.cells.rnn import rnn, rnn_recurrence
from unrolled.cells.sequence import after_lookup
from unrolled.cells.stacks import reverse
from unrolled.exercises.mistakes import mutate

T, N, H = 3, 5, 5
RNG = np.random.default_rng(0)


def normal(*shapes):
    return [0.7 * RNG.standard_normal(shape) for shape in shapes]


def weights(gates):
    return (H, gates * H), (H, gates * H), (gates * H,)


CALLS = {
    rnn_recurrence: normal((T, N, H), (N, H), (H, H)),
    lstm_step: normal((N, H), (N, H), (N, H), *weights(4)),
    lstm_peephole_step: normal((N, H), (N, H), (N, H), *weights(4), (3 * H,)),
    lstm_recurrence: normal((T, N, 4 * H), (N, H), (N, H), (H, 4 * H)),
    gru_step: normal((N, H), (N, H), *weights(3), (H,)),
    gru_recurrence: normal((T, N, 3 * H), (N, H), (H, 3 * H), (H,)),
    gru_reset_before_step: normal((N, H), (N, H), *weights(3)),
    reverse: normal((T, N, H)),
}
MUTANTS = {
    rnn_recurrence: [
        ("dh += dh_t", "dh[:] = dh_t", "the recurrent error is dropped"),
        ("dh += dh_t", "pass", "the local error is dropped"),
        ("dz *= dh", "dz += dh", "f' is added"),
        ("local(hs[1:])", "local(hs[:-1])", "f' of the state before"),
        ("local(hs[1:])", "np.ones_like(hs[1:])", "f' is dropped"),
        ("W_hh.T.copy()", "W_hh.copy()", "the error goes back without the transpose"),
        ("in zip(dhs[::-1], dzs[::-1])", "in zip(dhs, dzs)", "the walk goes forward"),
        (
            "flat(hs[:-1]).T @ flat(dzs)",
            "flat(hs[1:]).T @ flat(dzs)",
            "dW_hh takes the state after for the state before",
        ),
    ],
    lstm_step: [
        ("dc = dc + dh * o * (1 - tanh_c**2)", "dc = dc * 1", "the cell does not hear of h"),
        ("dc = dc + dh * o * (1 - tanh_c**2)", "dc = dh * o * (1 - tanh_c**2)", "the error of c is dropped"),
        ("dh * o * (1 - tanh_c**2)", "dh * o", "tanh' of c is dropped"),
        ("dh * o * (1 - tanh_c**2)", "dh * (1 - tanh_c**2)", "o is dropped"),
        ("dh * o * (1 - tanh_c**2)", "dh * o * (1 - c**2)", "tanh' of c, taken at c"),
        ("dc * g, dc * c_prev", "dc * c_prev, dc * g", "di and df change places"),
        ("dc * g, dc * c_prev", "dc * g, dc * c", "df takes the new cell"),
        ("dc * g,", "dc * i,", "di takes i for g"),
        ("dh * tanh_c,", "dh * c,", "do takes c for tanh(c)"),
        ("dh * tanh_c,", "dc * tanh_c,", "do hears dc"),
        ("dh * tanh_c, dc * i", "dh * tanh_c, dc * o", "dg takes o for i"),
        ("di * i * (1 - i)", "di", "sigmoid' of i is dropped"),
        ("di * i * (1 - i)", "di * (1 - i**2)", "tanh' for sigmoid' of i"),
        ("df * f * (1 - f)", "df", "sigmoid' of f is dropped"),
        ("do * o * (1 - o)", "do", "sigmoid' of o is dropped"),
        ("do * o * (1 - o)", "do * o", "half of sigmoid' of o"),
        ("dg * (1 - g**2)", "dg", "tanh' of g is dropped"),
        ("dg * (1 - g**2)", "dg * g * (1 - g)", "sigmoid' for tanh' of g"),
        ("[di * i * (1 - i), df * f * (1 - f),", "[df * f * (1 - f), di * i * (1 - i),", "the gates' order"),
        ("dc * f,", "dc,", "the cell's error goes past f"),
        ("dc * f,", "dc * i,", "the cell's error goes through i"),
        ("x.T @ dz", "x @ dz", "dW_xh without the transpose"),
        ("h_prev.T @ dz", "c_prev.T @ dz", "dW_hh takes c for h"),
    ],
    lstm_peephole_step: [
        (" + do * p_o ", " ", "the cell does not hear of o's peephole"),
        ("do * p_o ", "dh * tanh_c * p_o ", "o's peephole without sigmoid'"),
        (" + di * p_i", "", "c_prev does not hear of i's peephole"),
        (" + df * p_f", "", "c_prev does not hear of f's peephole"),
        ("(do * c).sum(0)", "(do * c_prev).sum(0)", "o's peephole takes the old cell"),
        ("(di * c_prev).sum(0)", "(di * c).sum(0)", "i's peephole takes the new cell"),
        ("(df * c_prev).sum(0)", "(df * h_prev).sum(0)", "f's peephole takes h"),
    ],
    lstm_recurrence: [
        ("local *= gates", "local *= 1", "sigmoid' is half"),
        ("local[:, 0] *= g", "local[:, 0] *= i", "di takes i for g"),
        ("local[:, 0] *= g", "local[:, 0] *= 1", "di without g"),
        ("local[:, 1] *= cs[:-1]", "local[:, 1] *= cs[1:]", "df takes the new cell"),
        ("local[:, 1] *= cs[:-1]", "local[:, 1] *= hs[:-1]", "df takes h for c"),
        ("local[:, 2] *= tanh_cs", "local[:, 2] *= cs[1:]", "do takes c for tanh(c)"),
        ("np.multiply(1 - g * g, i,", "np.multiply(1 - g * g, o,", "dg takes o for i"),
        ("np.multiply(1 - g * g, i,", "np.multiply(1 - g, i,", "half of tanh' of g"),
        ("(1 - tanh_cs * tanh_cs) * o", "(1 - tanh_cs * tanh_cs) * f", "h's error enters c through f"),
        ("(1 - tanh_cs * tanh_cs) * o", "o", "tanh' of c is dropped"),
        ("dh += dhs[t]", "dh[:] = dhs[t]", "the recurrent error of h is dropped"),
        ("dc += dcs[t]", "dc[:] = dcs[t]", "the recurrent error of c is dropped"),
        ("dc += dcs[t]", "pass", "the local error of c is dropped"),
        ("dc += np.multiply(dh, dc_dh[t], out=through_h)", "pass", "c does not hear of h"),
        ("np.multiply(l[2], dh, out=dz[2])", "np.multiply(l[2], dc, out=dz[2])", "o hears dc for dh"),
        ("np.multiply(l, dc, out=dz)", "np.multiply(l, dh, out=dz)", "i, f and g hear dh for dc"),
        ("dc *= f[t]", "dc *= i[t]", "the cell's error goes through i"),
        ("dc *= f[t]", "pass", "the cell's error goes past f"),
        ("dc *= f[t]", "dc *= f[t - 1]", "the cell's error goes through another step's f"),
        ("in reversed(range(T))", "in range(T)", "the walk goes forward"),
        ("flat(hs[:-1]).T @ flat(dzs)", "flat(cs[:-1]).T @ flat(dzs)", "dW_hh takes c for h"),
        (
            "flat(hs[:-1]).T @ flat(dzs)",
            "flat(hs[1:]).T @ flat(dzs)",
            "dW_hh takes the state after for the state before",
        ),
        ("return dzs, dh, dc,", "return dzs, dc, dh,", "dh0 and dc0 change places"),
    ],
    gru_step: [
        ("dn = dh * (1 - z) * (1 - n**2)", "dn = dh * z * (1 - n**2)", "z for 1 - z at n"),
        ("dn = dh * (1 - z) * (1 - n**2)", "dn = dh * (1 - z)", "tanh' of n is dropped"),
        ("dn * u * r * (1 - r)", "dn * u", "sigmoid' of r is dropped"),
        ("dn * u * r * (1 - r)", "dn * h_prev * r * (1 - r)", "dr of the other form: the reset before"),
        ("dh * (h_prev - n)", "dh * (n - h_prev)", "dz of the other convention"),
        ("(h_prev - n) * z * (1 - z)", "(h_prev - n)", "sigmoid' of z is dropped"),
        ("(h_prev - n) * z", "h_prev * z", "dz without n"),
        ("dn * r], axis=1)", "dn], axis=1)", "the reset is dropped on the way back to h"),
        (" + dh * z ", " ", "the way past the gates is dropped"),
        (" + dh * z ", " + dh * (1 - z) ", "the way past the gates with 1 - z"),
        ("(dn * r).sum(0)", "dn.sum(0)", "db_hn without the reset"),
        ("x.T @ dx_side", "x.T @ dh_side", "dW_xh takes the state's side"),
        ("h_prev.T @ dh_side", "h_prev.T @ dx_side", "dW_hh takes the input's side"),
    ],
    gru_recurrence: [
        ("dh += dhs[t]", "dh[:] = dhs[t]", "the recurrent error is dropped"),
        ("np.multiply(dn, local[t, 0], out=d[1])", "np.multiply(dh, local[t, 0], out=d[1])", "r hears dh for dn"),
        ("np.multiply(dh, local[t, 1], out=d[2])", "np.multiply(dn, local[t, 1], out=d[2])", "z hears dn for dh"),
        ("np.multiply(dn, r[t], out=d[0])", "np.copyto(d[0], dn)", "the reset is dropped on the way back to h"),
        ("np.multiply(dn, r[t], out=d[0])", "np.multiply(dn, z[t], out=d[0])", "z for r"),
        ("dh *= z[t]", "dh *= 1 - z[t]", "the way past the gates with 1 - z"),
        ("dh *= z[t]", "dh *= 0", "the way past the gates is dropped"),
        ("dh += ds[t, :, : 3 * H]", "dh += ds[t, :, H:]", "the state hears the input's three"),
        ("return ds[:, :, H:]", "return ds[:, :, : 3 * H]", "the input hears the state's three"),
        ("np.roll(W_hh, H, axis=1)", "np.roll(W_hh, -H, axis=1)", "W_hh in another order"),
        ("h_side, -H, axis=1", "h_side, H, axis=1", "dW_hh in another order"),
        ("h_side[:, :H]", "h_side[:, H : 2 * H]", "db_hn is r's"),
        ("local[:, 2] *= 1 + n", "local[:, 2] *= 1", "half of tanh' of n"),
        ("local[:, 2] *= local[:, 1]", "local[:, 2] *= z", "z for 1 - z at n"),
        ("gates[:, :2]", "1", "sigmoid' is half"),
        ("local[:, 0] *= us", "local[:, 0] *= hs[:-1]", "dr of the other form"),
        ("hs[:-1] - n", "hs[1:] - n", "dz takes the new state"),
        ("hs[:-1] - n", "n - hs[:-1]", "dz of the other convention"),
    ],
    gru_reset_before_step: [
        ("drh * h_prev * r * (1 - r)", "drh * r * (1 - r)", "dr without the state"),
        ("drh * h_prev * r * (1 - r)", "dn * h_prev * r * (1 - r)", "dr not through U_n"),
        ("dn @ U_n.T", "dn @ U_n", "through U_n without the transpose"),
        (" + drh * r ", " ", "the way through the candidate is dropped"),
        (" + drh * r ", " + drh ", "the way through the candidate past the reset"),
        ("(r * h_prev).T @ dn", "h_prev.T @ dn", "dU_n takes h for r h"),
        ("dh * (h_prev - n) * z", "dh * (n - h_prev) * z", "dz of the other convention"),
    ],
    reverse: [("d[order]", "d", "the gradient is not turned around")],
}
CASES = [pytest.param(f, old, new, id=f"{f.__name__}: {what}") for f in MUTANTS for old, new, what in MUTANTS[f]]


@pytest.mark.parametrize("function", MUTANTS, ids=lambda f: f.__name__)
def test_the_copy_without_a_mistake_passes(function):
    copy = mutate(function, "@differentiable", "@differentiable")
    assert copy is not function
    assert gradcheck(copy, *CALLS[function], tolerance=1e-7).worst < 1e-7


@pytest.mark.parametrize("function, old, new", CASES)
def test_gradcheck_rejects(function, old, new):
    wrong = mutate(function, old, new)
    for a, b in zip(wrong(*CALLS[function]), function(*CALLS[function]), strict=True):
        np.testing.assert_array_equal(a, b, "only the gradient may be wrong")
    with pytest.raises(GradientError, match=r"the gradient of \w+ is wrong: analytic .*, numeric"):
        gradcheck(wrong, *CALLS[function])


WHOLE = {
    rnn: normal((T, N, H), (N, H), *weights(1)),
    lstm: normal((T, N, H), (N, H), (N, H), *weights(4)),
    gru: normal((T, N, H), (N, H), *weights(3), (H,)),
}
LENGTHS = [3, 0, 2, 1, 2]
HELPERS = [
    # the module that uses a helper, the helper, a kernel that hears of it, and what is wrong
    (lstm_module, "after_linear", lstm, "to_input(dzs)", "to_input(0 * dzs)", "the input's share hears nothing"),
    (gru_module, "after_linear", gru, "to_input(dzs)", "to_input(dzs[:, ::-1])", "the batch is turned around"),
    (rnn_module, "after_linear", rnn, "dW_xh, dW_hh, db_h", "dW_hh, dW_xh, db_h", "two weights change places"),
    (lstm_module, "after_linear", lstm, "(dxs, *dstates,", "(dxs, *dstates[::-1],", "dh0 and dc0 change places"),
    (sequence, "carry_through_padding", lstm, ".sum(0)", ".sum(0) * 0", "the gradient of the copies is lost"),
    (sequence, "carry_through_padding", lstm, "np.where(padded, 0, d)", "d", "a padded step gets gradient"),
    (sequence, "carry_through_padding", lstm, "dstate + d[0]", "dstate", "that of an empty sequence's state is lost"),
    (
        sequence,
        "carry_through_padding",
        rnn,
        "np.where(padded, d, 0)",
        "np.where(padded, 0, d)",
        "the steps that count, twice",
    ),
]


@pytest.mark.parametrize("module, name, kernel, old, new, what", HELPERS, ids=[f"{h[1]}: {h[5]}" for h in HELPERS])
def test_gradcheck_rejects_a_mistake_in_what_kernels_share(monkeypatch, module, name, kernel, old, new, what):
    values = kernel(*WHOLE[kernel], lengths=LENGTHS)
    monkeypatch.setattr(module, name, mutate(getattr(module, name), old, new))
    for a, b in zip(values, kernel(*WHOLE[kernel], lengths=LENGTHS), strict=True):
        np.testing.assert_array_equal(a, b, "only the gradient may be wrong")
    with pytest.raises(GradientError, match=r"the gradient of \w+ is wrong"):
        gradcheck(kernel, *WHOLE[kernel], lengths=LENGTHS)


TOKENS = RNG.integers(4, size=(T, N))


@pytest.mark.parametrize(
    "new", ["to_table(dzs[::-1])", "to_table(0 * dzs)"], ids=["another step's rows", "the table hears nothing"]
)
def test_gradcheck_rejects_a_mistake_in_the_way_from_tokens(new):
    wrong, (_, *rest) = mutate(after_lookup, "to_table(dzs)", new), CALLS[rnn_recurrence]
    arguments = TOKENS, RNG.standard_normal((4, H)), *rest
    right = after_lookup(*arguments, recurrence=rnn_recurrence)
    np.testing.assert_array_equal(wrong(*arguments, recurrence=rnn_recurrence), right, "only the gradient may be wrong")
    gradcheck(after_lookup, *arguments, recurrence=rnn_recurrence)
    with pytest.raises(GradientError, match=r"the gradient of \w+ is wrong"):
        gradcheck(wrong, *arguments, recurrence=rnn_recurrence)


@pytest.mark.parametrize(
    "old, new, what",
    [
        ("[ds[t] + d for", "[d for", "the local error is dropped"),
        ("np.where(padded[t], 0, d)", "d", "a padded step gets gradient"),
        ("np.where(padded[t], d, new)", "new", "the gradient of the copies is lost"),
        ("reversed(range(len(xs)))", "range(len(xs))", "the walk goes forward"),
        ("total += term", "total[:] = term", "a weight keeps the first step's term alone"),
    ],
)
def test_gradcheck_rejects_a_mistake_in_bptt_by_the_book(monkeypatch, old, new, what):
    monkeypatch.setattr(lstm_module, "scan", mutate(sequence.scan, old, new))
    with pytest.raises(GradientError, match=r"the gradient of \w+ is wrong"):
        gradcheck(lstm_module.lstm_reference, *WHOLE[lstm], lengths=LENGTHS)
