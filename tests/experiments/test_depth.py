"""The experiments on depth at a tiny size: equal parameters, the best step, and gradients that can be worked out."""

import numpy as np
import pytest

from unrolled.cells.table import CELLS
from unrolled.experiments import depth
from unrolled.models import char_lm

TINY = {"parameters": 3000, "D": 6, "T": 10, "N": 4, "steps": 30, "max_norm": 1.0}
SETTING = {"cell": "gru", "layers": 2, "residual": True, "learning_rate": 1e-2}


def rng(seed=1):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("residual", [False, True])
def test_the_loss_is_the_character_models_where_nothing_is_added(residual):
    tokens, targets = rng().integers(5, size=(2, 7, 3))
    for layers in (1, 2):
        params = char_lm.init(rng(), 5, 4, cell="lstm", D=3, layers=layers)
        batch = params, tokens, targets, char_lm.start(params, 3)
        same = np.isclose(char_lm.loss(*batch)[0], depth.loss_of(residual)(*batch)[0], rtol=1e-6)
        assert same == (layers == 1 or not residual)


def test_models_of_every_depth_have_as_many_parameters():
    for cell in ("gru", "lstm"):
        for layers in (1, 2, 4):
            H = char_lm.hidden_for(cell, 60, 39_000, D=24, layers=layers)
            params = char_lm.init(rng(), 60, H, cell=cell, D=24, layers=layers)
            assert char_lm.size(params) == pytest.approx(39_000, rel=0.03)
            assert len(params[cell]) == layers


def test_a_training_lowers_the_loss_and_evaluates_with_its_own_wiring():
    tokens = np.tile(np.arange(5), 200)
    *_, last = depth.train(rng(), 5, tokens, **SETTING, **TINY | {"steps": 150})
    loss = depth.loss_of(True)
    assert char_lm.evaluate(last.params, tokens, loss=loss) < 0.1
    assert char_lm.evaluate(last.params, tokens) > 2 * char_lm.evaluate(last.params, tokens, loss=loss)


@pytest.fixture
def course(monkeypatch):
    """course(validation nats of each check, share=…): `measure`'s numbers, checked each 10 steps; the lengths of the
    texts that were learnt and evaluated, and the read-out's bias at each evaluation."""
    parts, train = (5, rng().integers(5, size=400), np.arange(20) % 5, np.arange(21) % 5), depth.train
    monkeypatch.setattr(depth, "parts", lambda: parts)
    monkeypatch.setattr(depth, "LEAST", 40)

    def run(*nats, share=1.0, most=30, early=20):
        nats, evaluated, learnt = iter(nats), [], []

        def evaluate(params, tokens, **how):
            evaluated.append((len(tokens), params["readout"]["b"].copy()))
            return next(nats) if len(tokens) == 20 else 9.0

        def watched(rng, V, tokens, **how):
            learnt.append(len(tokens))
            return train(rng, V, tokens, **how)

        monkeypatch.setattr(char_lm, "evaluate", evaluate)
        monkeypatch.setattr(depth, "train", watched)
        how = TINY | {"most": most, "check_every": 10, "early": early}
        del how["steps"]
        return depth.measure(rng(), "gru", 2, "residual", share, 1e-2, **how), learnt, evaluated

    return run


def test_the_best_checked_step_is_kept(course):
    found, _, evaluated = course(2.0, 1.5, 1.7)
    assert [found[name] for name in ("step", "steps", "validation", "test")] == [20, 30, 1.5, 9.0]
    lengths, biases = zip(*evaluated)
    assert lengths == (20, 21, 20, 20, 21), "three checks, the test part early, and at the end"
    assert np.array_equal(biases[-1], biases[2])
    assert not np.array_equal(biases[-1], biases[3])
    assert found["parameters"] == pytest.approx(3000, rel=0.1)
    assert not found["stood_still"], "it may not end so early"


@pytest.mark.slow
def test_a_run_ends_a_quarter_after_its_best(course):
    found, *_ = course(*np.linspace(3, 2, 6), *[2.5] * 20, most=200)
    assert (found["step"], found["steps"], found["stood_still"]) == (60, 80, True)
    found, *_ = course(*np.linspace(3, 2, 20), most=200)
    assert (found["step"], found["steps"], found["stood_still"]) == (200, 200, False)


def test_a_share_of_the_text_is_its_end_for_the_model_and_for_the_table_of_counts(course):
    for share, length in ((1.0, 400), (0.25, 100)):
        found, learnt, _ = course(2.0, 1.5, 1.7, share=share)
        V, text, validation, test = depth.parts()
        table = depth.table_of_counts(V, text[-length:], validation, test)
        assert learnt == [length]
        assert (found["order"], found["table_validation"], found["table_test"]) == table


def test_without_a_squashing_the_gradient_of_one_layer_is_that_of_its_matrices(monkeypatch):
    """An rnn whose W_hh is 0 and whose activation is the identity: dL/dxs = dL/dys W_xh.T, layer by layer."""
    linear = CELLS["rnn"]._replace(kernel=lambda xs, h, W_xh, W_hh, b_h, lengths=None: xs @ W_xh)
    monkeypatch.setitem(depth.CELLS, "rnn", linear)
    found = depth.input_gradient(rng(), "rnn", 3, False, H=8, T=4, N=2)
    draw = rng()
    weights = [depth.init_cell(draw, "rnn", 8, 8, W_hh=depth.orthogonal)["W_xh"] for _ in range(3)]
    _, G = draw.standard_normal((2, 4, 2, 8))
    G /= np.linalg.norm(G)
    assert found == pytest.approx(np.linalg.norm(G @ weights[2].T @ weights[1].T @ weights[0].T))
    plus = np.eye(8)
    residual = depth.input_gradient(rng(), "rnn", 3, True, H=8, T=4, N=2)
    assert residual == pytest.approx(np.linalg.norm(G @ (weights[2].T + plus) @ (weights[1].T + plus) @ weights[0].T))


def test_an_lstms_gradient_vanishes_over_layers_and_a_residual_ones_does_not():
    how = {"H": 24, "T": 10, "N": 4}
    plain, residual = (
        [depth.measure_gradient(rng(), "lstm", layers, stack, **how)["gradient"] for layers in (1, 8)]
        for stack in ("plain", "residual")
    )
    assert plain[0] == residual[0], "the lowest layer has no residual"
    assert plain[1] < 0.5 * plain[0]
    assert residual[1] > residual[0]
