"""The checks have teeth: each copy of a kernel with one planted mistake in its backward pass is rejected.

The sizes let the mistakes run: D = H = O, so that every transpose fits, and T N = H, so that a sum over the wrong axis
does. Nothing but the numbers is wrong.
"""

import numpy as np
import pytest

from unrolled.autodiff.gradcheck import GradientError, gradcheck
from unrolled.cells.rnn import jordan, rnn_reference, rnn_step
from unrolled.exercises.mistakes import mutate
from unrolled.layers.attention import additive_attention, attention, weighted_mean
from unrolled.layers.convolution import conv2d
from unrolled.layers.dense import embedding, linear
from unrolled.layers.losses import cross_entropy, squared_error

T, N, D = 3, 2, 6
RNG = np.random.default_rng(0)


def normal(*shapes):
    return [0.7 * RNG.standard_normal(shape) for shape in shapes]


TOKENS = np.array([[0, 1], [1, 1], [2, 0]])  # ids repeat
TARGETS, MASK = RNG.integers(D, size=(T, N)), np.array([[True, True], [True, False], [False, True]])
CALLS = {
    rnn_reference: normal((T, N, D), (N, D), (D, D), (D, D), (D,)),
    rnn_step: normal((D, D), (D, D), (D, D), (D, D), (D,)),
    jordan: normal((T, N, D), (N, D), (D, D), (D, D), (D,), (D, D), (D,)),
    linear: normal((T, N, D), (D, D), (D,)),
    embedding: [TOKENS, *normal((3, D))],
    conv2d: normal((2, 4, 4, 2), (3, 3, 2, 2), (2,)),
    weighted_mean: normal((N, D, D), (N, D, D)),
    attention: normal((D, N, D), (N, D, D), (N, D, D)),
    additive_attention: normal((D, N, D), (N, D, D), (N, D, D), (D,)),
    cross_entropy: [*normal((T, N, D)), TARGETS, MASK],
    squared_error: [*normal((T, N), (T, N)), MASK],
}
MUTANTS = {
    rnn_reference: [
        ("(dhs[t] + dh) *", "(dhs[t] - dh) *", "the sign of the recurrent error"),
        ("(dhs[t] + dh) *", "dh *", "the local error is dropped"),
        ("(dhs[t] + dh) *", "dhs[t] *", "the recurrent error is dropped"),
        ("(dhs[t] + dh) * local", "dhs[t] + dh * local", "the local error does not pass f"),
        ("(dhs[t] + dh) * local(hs[t + 1])", "dhs[t] * local(hs[t + 1]) + dh", "the recurrent error does not pass f"),
        (" * local(hs[t + 1])", "", "f' is dropped"),
        ("local(hs[t + 1])", "local(hs[t])", "f' of the state before"),
        ("local(hs[t + 1])", "local(zs[t])", "f' of the input's share alone"),
        ("local(hs[t + 1])", "(hs[t + 1] * (1 - hs[t + 1]))", "the sigmoid's f' for tanh"),
        ("dh = dzs[t] @ W_hh.T", "dh = dzs[t] @ W_hh", "the error goes back without the transpose"),
        ("dh = dzs[t] @ W_hh.T", "dh = dzs[t] @ W_xh.T", "the error goes back through the input's matrix"),
        ("dh = dzs[t] @ W_hh.T", "dh = dzs[t]", "the error goes back past W_hh"),
        ("dh = dzs[t] @ W_hh.T", "dh = dhs[t] @ W_hh.T", "the error goes back one step only"),
        ("dh = dzs[t] @ W_hh.T", "dh = (dhs[t] + dh) @ W_hh.T", "the error goes back past f"),
        ("reversed(range(T))", "range(T)", "the walk goes forward"),
        ("flat(xs).T @ flat(dzs)", "flat(dzs).T @ flat(xs)", "dW_xh is transposed"),
        ("flat(hs[:-1]).T @ flat(dzs)", "flat(dzs).T @ flat(hs[:-1])", "dW_hh is transposed"),
        ("flat(hs[:-1]).T", "flat(hs[1:]).T", "dW_hh takes the state after for the state before"),
        ("flat(hs[:-1]).T", "flat(xs).T", "dW_hh takes x for s"),
        ("flat(xs).T @", "flat(hs[:-1]).T @", "dW_xh takes s for x"),
        ("flat(hs[:-1]).T @ flat(dzs)", "hs[-2].T @ dzs[-1]", "dW_hh of the last step alone"),
        ("flat(hs[:-1]).T @ flat(dzs)", "flat(hs[1:-1]).T @ flat(dzs[1:])", "dW_hh without the first step"),
        ("flat(xs).T @ flat(dzs)", "flat(xs).T @ flat(dzs[::-1])", "dW_xh with the steps reversed"),
        ("(flat(dzs) @ W_xh.T)", "(flat(dzs) @ W_xh)", "dxs without the transpose"),
        ("(flat(dzs) @ W_xh.T)", "(flat(dzs) @ W_hh.T)", "dxs through the state's matrix"),
        ("flat(dzs).sum(0)", "flat(dzs).sum(1)", "the bias sums over the wrong axis"),
        ("flat(dzs).sum(0)", "flat(dzs).mean(0)", "the bias takes the mean"),
        ("flat(dzs).sum(0)", "dzs[-1].sum(0)", "the bias of the last step alone"),
        ("flat(dzs).sum(0)", "-flat(dzs).sum(0)", "the sign of the bias"),
        ("xs.shape), dh,", "xs.shape), np.zeros_like(h0),", "dh0 is forgotten"),
        ("xs.shape), dh, dW_xh, dW_hh,", "xs.shape), dh, dW_hh, dW_xh,", "two gradients change places"),
    ],
    rnn_step: [
        ("dh * local(h)", "dh", "f' is dropped"),
        ("dh * local(h)", "dh * local(h_prev)", "f' of the state before"),
        ("dz @ W_xh.T", "dz @ W_xh", "dx without the transpose"),
        ("dz @ W_hh.T", "dz @ W_hh", "dh_prev without the transpose"),
        ("x.T @ dz", "x @ dz", "dW_xh without the transpose"),
        ("h_prev.T @ dz", "h.T @ dz", "dW_hh takes the new state for the old"),
        ("dz.sum(0)", "dz.sum(1)", "the bias sums over the wrong axis"),
    ],
    jordan: [
        ("dys[t] + dy", "dys[t]", "the fed-back error is dropped"),
        ("dys[t] + dy", "dy", "the local error is dropped"),
        ("dys[t] + dy", "dys[t] - dy", "the sign of the fed-back error"),
        ("dys_all[t] @ W_hy.T", "dys_all[t] @ W_hy", "the error enters h without the transpose"),
        ("dys_all[t] @ W_hy.T", "dys[t] @ W_hy.T", "h hears of its own output only"),
        (" * (1 - hs[t] ** 2)", "", "f' is dropped"),
        ("dy = dzs[t] @ W_yh.T", "dy = dzs[t] @ W_yh", "the fed-back error without the transpose"),
        ("dy = dzs[t] @ W_yh.T", "dy = dzs[t] @ W_hy.T", "the fed-back error through the wrong matrix"),
        ("flat(ys[:-1]).T", "flat(ys[1:]).T", "dW_yh takes the output after for the output before"),
        ("flat(hs).T @ flat(dys_all)", "flat(hs).T @ flat(dys)", "dW_hy misses the fed-back error"),
        ("flat(dzs).sum(0), dW_hy, flat(dys_all)", "flat(dzs).sum(0), dW_hy, flat(dys)", "db_y misses it, too"),
        ("flat(dzs).sum(0)", "flat(dzs).sum(1)", "the bias sums over the wrong axis"),
    ],
    linear: [
        ("dy @ W.T", "dy @ W", "dx without the transpose"),
        ("flat.T @ dy", "dy.T @ flat", "dW is transposed"),
        ("np.ones(len(dy), dy.dtype) @ dy", "dy @ np.ones(dy.shape[1], dy.dtype)", "the bias sums over the wrong axis"),
    ],
    embedding: [
        ("[*starts[1:], len(rows)]", "starts + 1", "of a repeated id only the first is kept"),
        ("[order], np.ones", "[order[::-1]], np.ones", "the steps are reversed"),
    ],
    conv2d: [
        ("+= dwindows", "= dwindows", "of a pixel in several windows the last alone counts"),
        ("+= dwindows", "-= dwindows", "the sign of dx"),
        ("dwindows[i, j]", "dwindows[j, i]", "the window is turned over"),
        ("dwindows[i, j]", "dwindows[k - 1 - i, k - 1 - j]", "the window is turned around"),
        ("(flat.T @ dy).reshape(W.shape)", "(flat.T @ dy[::-1]).reshape(W.shape)", "dW of other places"),
        ("(flat.T @ dy).reshape(W.shape)", "(flat.T @ dy).reshape(W.shape).swapaxes(0, 1)", "dW is turned over"),
        ("dy.sum(0)", "dy.mean(0)", "the bias takes the mean"),
    ],
    weighted_mean: [
        ("- (da * alphas).sum(-1, keepdims=True)", "", "the softmax's sum is dropped"),
        ("(da * alphas).sum(-1", "da.sum(-1", "the softmax's sum is not weighted"),
        ("alphas * (da -", "(da -", "the softmax's weight is dropped"),
        ("+ dalphas.transpose(1, 0, 2)", "", "what comes back through the weights is dropped"),
        ("d @ values.transpose(0, 2, 1)", "d @ values", "the values without the transpose"),
        ("alphas.transpose(0, 2, 1) @ d", "alphas @ d", "dvalues without the transpose"),
    ],
    attention: [
        ("ds = ds * scale", "ds = ds", "the scale is forgotten"),
        ("(ds @ keys)", "(ds @ values)", "dqueries takes values for keys"),
        ("ds.transpose(0, 2, 1) @ q", "ds @ q", "dkeys without the transpose"),
        ("ds.transpose(0, 2, 1) @ q, dvalues", "-ds.transpose(0, 2, 1) @ q, dvalues", "the sign of dkeys"),
        ("ds.transpose(0, 2, 1) @ q, dvalues", "dvalues, ds.transpose(0, 2, 1) @ q", "dkeys and dvalues are swapped"),
    ],
    additive_attention: [
        (" * (1 - hidden**2)", "", "tanh' is forgotten"),
        ("(1 - hidden**2) * w", "(1 - hidden**2)", "w is forgotten on the way to the sum"),
        (
            "dsum.sum(2).transpose(1, 0, 2), dsum.sum(1)",
            "dsum.sum(1).transpose(1, 0, 2), dsum.sum(2)",
            "the two sums are swapped",
        ),
        ("dsum.sum(2)", "dsum.mean(2)", "the mean over the keys"),
        ("dsum.sum(1)", "dsum[:, 0]", "dkeys of the first query alone"),
        ("np.tensordot(ds, hidden, 3)", "np.tensordot(ds, 1 - hidden**2, 3)", "dw takes tanh' for tanh"),
    ],
    cross_entropy: [
        ("targets, -1) - 1, -1)", "targets, -1), -1)", "the target's 1 is not taken off"),
        ("targets, -1) - 1, -1)", "targets, -1) + 1, -1)", "the sign of the target's 1"),
        ("dlogits * (d * weights)[..., None]", "dlogits * d / weights.size", "the mask is forgotten"),
        ("dlogits * (d * weights)[..., None]", "dlogits * d", "the mean is forgotten"),
        ("dlogits * (d * weights)[..., None]", "dlogits * weights[..., None]", "the gradient from above is forgotten"),
        ("dlogits = np.exp(log_p)", "dlogits = np.exp(shifted)", "the softmax is not normalized"),
    ],
    squared_error: [
        ("2 * d * weights", "d * weights", "the 2 is forgotten"),
        ("2 * d * weights", "2 * weights", "the gradient from above is forgotten"),
        ("2 * d * weights", "2 * d / weights.size", "the mean is over all entries, not those that count"),
        ("return dys, -dys", "return dys, dys", "the sign of the target's gradient"),
    ],
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
    np.testing.assert_array_equal(wrong(*CALLS[function]), function(*CALLS[function]), "only the gradient may be wrong")
    with pytest.raises(GradientError, match=r"the gradient of \w+ is wrong: analytic .*, numeric"):
        gradcheck(wrong, *CALLS[function])
