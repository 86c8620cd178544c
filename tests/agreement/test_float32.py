"""float32 stays float32 through every kernel, layer and loss, the tape, the optimizers and a whole training run."""

import numpy as np
import pytest

from unrolled.autodiff import ops
from unrolled.autodiff.tape import value_and_grad
from unrolled.autodiff.trees import leaves, tree_map
from unrolled.cells.rnn import jordan, rnn, rnn_step
from unrolled.layers.dense import embedding, linear
from unrolled.layers.losses import cross_entropy, squared_error
from unrolled.learning import optimizers
from unrolled.learning.fit import fit

T, N, D, H, O, V = 4, 3, 2, 5, 2, 6
RNG = np.random.default_rng(5)
TOKENS, TARGETS, MASK = RNG.integers(V, size=(T, N)), RNG.integers(V, size=(T, N)), RNG.random((T, N)) < 0.7
WEIGHTS = [(D, H), (H, H), (H,)]
CALLS = {
    "rnn": (rnn, [(T, N, D), (N, H), *WEIGHTS], {}),
    "rnn relu": (rnn, [(T, N, D), (N, H), *WEIGHTS], {"activation": "relu"}),
    "rnn identity": (rnn, [(T, N, D), (N, H), *WEIGHTS], {"activation": "identity"}),
    "rnn of no step": (rnn, [(0, N, D), (N, H), *WEIGHTS], {}),
    "rnn_step": (rnn_step, [(N, D), (N, H), *WEIGHTS], {}),
    "rnn_step relu": (rnn_step, [(N, D), (N, H), *WEIGHTS], {"activation": "relu"}),
    "jordan": (jordan, [(T, N, D), (N, O), (D, H), (O, H), (H,), (H, O), (O,)], {}),
    "linear": (linear, [(T, N, D), (D, H), (H,)], {}),
    "embedding": (embedding, [TOKENS, (V, D)], {}),
    "cross_entropy": (cross_entropy, [(T, N, V), TARGETS, MASK], {}),
    "cross_entropy batch": (cross_entropy, [(T, N, V), TARGETS], {"reduction": "batch"}),
    "squared_error": (squared_error, [(T, N), (T, N), MASK], {"reduction": "sum"}),
}


@pytest.mark.parametrize("name", CALLS)
def test_values_and_gradients_stay_float32_and_close(name):
    function, arguments, config = CALLS[name]
    rng = np.random.default_rng(1)
    arguments = [rng.standard_normal(a) if isinstance(a, tuple) else a for a in arguments]
    cotangent = rng.standard_normal(np.shape(function(*arguments, **config)))
    results = {}
    for dtype in (np.float32, np.float64):
        cast = [a.astype(dtype) if a.dtype.kind == "f" else a for a in arguments]
        value, pullback = function.with_pullback(*cast, **config)
        results[dtype] = [value, *(g for g in pullback(cotangent.astype(dtype)) if g is not None)]
    for ours, exact in zip(results[np.float32], results[np.float64], strict=True):
        assert ours.dtype == np.float32
        np.testing.assert_allclose(ours, exact, rtol=1e-4, atol=1e-5)


def loss(params, tokens, targets, h):
    xs = embedding(tokens, params["embedding"])
    hs = rnn(xs, h, **params["rnn"])
    ys = 0.5 * ops.sigmoid(hs) + hs / 2 - 1.0
    return cross_entropy(linear(ys, **params["readout"]), targets) * 2, hs[-1]


def model(dtype):
    rng = np.random.default_rng(2)
    shapes = {
        "embedding": (V, D),
        "rnn": dict(zip(("W_xh", "W_hh", "b_h"), WEIGHTS)),
        "readout": {"W": (H, V), "b": (V,)},
    }
    return {
        key: {k: rng.standard_normal(s).astype(dtype) for k, s in shape.items()}
        if isinstance(shape, dict)
        else rng.standard_normal(shape).astype(dtype)
        for key, shape in shapes.items()
    }


def test_a_models_gradients_stay_float32():
    (value, h), grads = value_and_grad(loss, has_aux=True)(model("f"), TOKENS, TARGETS, np.zeros((N, H), "f"))
    assert {value.dtype, h.dtype, *(g.dtype for _, g in leaves(grads))} == {np.dtype(np.float32)}


@pytest.mark.parametrize("name", ["SGD", "Adagrad", "RMSProp", "Adam"])
def test_parameters_and_memory_stay_float32_however_the_numbers_are_given(name):
    """np.float64(0.1) in an optimizer or in clipping is a number like 0.1: it widens no array."""
    optimizer = getattr(optimizers, name)(np.float64(0.1))
    params = model("f")
    state = optimizer.init(params)
    grads = tree_map(lambda p: p + 1, params)
    for clip in (optimizers.clip_by_norm, optimizers.clip_by_value):
        clipped = clip(grads, np.float64(0.5))
        assert {g.dtype for _, g in leaves(clipped)} == {np.dtype(np.float32)}
    optimizer.update(params, grads, state)
    assert state.pop("t").dtype == np.int64
    assert {p.dtype for _, p in leaves((params, state))} == {np.dtype(np.float32)}


def test_a_training_run_stays_float32():
    run = fit(loss, model("f"), [(TOKENS, TARGETS)] * 3, optimizers.Adam(), carry=np.zeros((N, H), "f"), progress=False)
    *_, last = run
    assert last.step == 3
    assert {p.dtype for _, p in leaves((last.params, last.carry))} == {np.dtype(np.float32)}
