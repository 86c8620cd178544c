"""Six layers and what leads up, tiny: what a path is made of, what is carried on, and that each one learns."""

import numpy as np
import pytest

from unrolled.autodiff.trees import leaves
from unrolled.experiments import depth_paths
from unrolled.models import char_lm

SIZES = {"layers": 3, "H": 6, "T": 8, "N": 4, "steps": 60, "learning_rate": 2e-2, "max_norm": 1.0}
every_path = pytest.mark.parametrize("path", depth_paths.PATHS)


def rng(seed=1):
    return np.random.default_rng(seed)


@every_path
def test_a_path_has_the_weights_that_it_needs(path):
    params, H, V = depth_paths.init(rng(), path, 5, 6, 3), 6, 5
    lstm = 4 * H * (2 * H + 1)
    of_layers = {
        "plain": 3 * lstm,
        "depth gate": 3 * lstm + 2 * (H * H + 3 * H),
        "depth gate +2": 3 * lstm + 2 * (H * H + 3 * H),
        "grid": 2 * lstm,
        "highway": 3 * lstm + 2 * (H * H + H),
        "residual": 3 * lstm,
    }
    assert sum(W.size for _, W in leaves(params)) == of_layers[path] + 2 * H * V + V


@every_path
def test_two_chunks_are_one_text(path):
    params, tokens = depth_paths.init(rng(), path, 5, 6, 3), rng(2).integers(5, size=(10, 2))
    xs, zero = params["embedding"]["W"][tokens], depth_paths.zero_states(2, params, 3)
    whole, end = depth_paths.run(path, xs, zero, params["layers"])
    first, between = depth_paths.run(path, xs[:4], zero, params["layers"])
    second, last = depth_paths.run(path, xs[4:], between, params["layers"])
    np.testing.assert_allclose(np.concatenate([first, second]), whole, atol=1e-6)
    for (_, ours), (_, theirs) in zip(leaves(last), leaves(end), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)
    assert len(last) == 3


def test_the_paths_differ_and_the_plain_one_is_the_character_models():
    params, tokens = depth_paths.init(rng(), "plain", 5, 6, 3), rng(2).integers(5, size=(10, 2))
    zero = depth_paths.zero_states(2, params, 3)
    model = {"embedding": params["embedding"]["W"], "lstm": params["layers"], "readout": params["readout"]}
    batch = tokens[:-1], tokens[1:]
    plain, residual = (depth_paths.loss_of(path)(params, *batch, zero)[0] for path in ("plain", "residual"))
    assert plain == pytest.approx(char_lm.loss(model, *batch, zero)[0], rel=1e-6)
    assert residual != plain


def test_a_highway_is_a_residual_or_nothing_by_its_gate():
    """A gate that is shut passes on what the lowest layer says, one that is open is the plain stack."""
    params, xs = depth_paths.init(rng(), "highway", 5, 6, 3), rng(2).standard_normal((4, 2, 6)).astype("f")
    zero = depth_paths.zero_states(2, params, 3)
    lowest, *above = params["layers"]
    assert np.all(above[0]["gate"]["b"] == -2)
    for bias, layers in ((-100, (lowest,)), (100, (lowest, *(layer["lstm"] for layer in above)))):
        for layer in above:
            layer["gate"]["b"][:] = bias
        ys, _ = depth_paths.run("highway", xs, zero, params["layers"])
        theirs, _ = depth_paths.run("plain", xs, zero[: len(layers)], layers)
        np.testing.assert_allclose(ys, theirs, atol=1e-6)


def test_a_depth_gate_starts_half_open_or_open():
    for path, bias in (("depth gate", 0), ("depth gate +2", 2)):
        _, *gated = depth_paths.init(rng(), path, 5, 6, 3)["layers"]
        assert all(np.all(weights["b_d"] == bias) for weights in gated)


@pytest.mark.slow
@every_path
def test_each_path_learns_and_is_judged_by_its_own_wiring(path):
    tokens = np.tile(np.arange(5), 400)
    *_, last = depth_paths.train(rng(), path, 5, tokens, **SIZES)
    *_, first = depth_paths.train(rng(), path, 5, tokens, **SIZES | {"steps": 1})
    nats = lambda step: depth_paths.evaluate(step.params, tokens, path, 3, T=20, N=4)
    assert nats(last) < 0.7 * nats(first)
    other = {"plain": "residual", "residual": "plain"}.get(path)
    if other:
        assert depth_paths.evaluate(last.params, tokens, other, 3, T=20, N=4) > nats(last)


def test_measured_are_validation_and_test_at_the_end(monkeypatch):
    learnt, validation, test = np.tile(np.arange(5), 400), np.tile(np.arange(5), 600), np.zeros(3000, int)
    monkeypatch.setattr(depth_paths, "parts", lambda: (5, learnt, validation, test))
    sizes = {key: SIZES[key] for key in SIZES if key != "learning_rate"}
    found = depth_paths.measure(rng(), "residual", 2e-2, early=1, **sizes)
    assert found["validation"] < 1 < found["test"], "one symbol for ever is not what it has learnt"
    assert 1 < found["test_early"] < found["test"], "at first, no symbol is more likely than another"
    last = depth_paths.measure(rng(), "residual", 2e-2, early=sizes["steps"], **sizes)
    assert last["test_early"] == last["test"] == found["test"]
