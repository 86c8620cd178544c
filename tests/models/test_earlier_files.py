"""Files from before the package moved into rooms: models, runs and captioners still load, and a run goes on.

earlier/ was written by commit 0f4ccdc: a model of two LSTM layers and its run, stopped at step 9 of 24; a captioner;
and expected.npz, what that code went on to compute from them.
"""

import shutil
from pathlib import Path

import numpy as np
import pytest

from unrolled.autodiff.trees import leaves
from unrolled.cells import cell_of
from unrolled.data.languages import draw_toggles
from unrolled.data.scenes import scenes
from unrolled.learning.checkpoints import load_checkpoint
from unrolled.models import captioner
from unrolled.models.files import load
from unrolled.train import Settings, train

EARLIER = Path(__file__).parent / "earlier"
TEXT = draw_toggles(np.random.default_rng(0), 1500).text
SETTINGS = Settings(cell="lstm", H=6, D=4, layers=2, T=10, N=4, learning_rate=0.02)


@pytest.fixture(scope="module")
def expected():
    return load_checkpoint(EARLIER / "expected.npz")


def test_a_model_loads():
    model = load(EARLIER / "model.npz")
    assert cell_of(model.params) == "lstm"
    assert model.symbols == "".join(sorted(set(TEXT)))
    assert model.facts["step"] == 9


def test_a_run_goes_on_to_the_same_numbers(tmp_path, expected):
    for name in ("model.npz", "model.run.npz"):
        shutil.copy(EARLIER / name, tmp_path)
    assert load_checkpoint(tmp_path / "model.run.npz")["step"] == 9
    looks = list(train(TEXT, tmp_path / "model.npz", SETTINGS, steps=24, progress=False))
    np.testing.assert_allclose(looks, [(step, 24, *rest) for step, *rest in expected["looks"]], rtol=1e-4)
    params = load_checkpoint(tmp_path / "model.run.npz")["params"]
    for (path, W), (_, theirs) in zip(leaves(params), leaves(expected["params"]), strict=True):
        np.testing.assert_allclose(W, theirs, rtol=1e-3, atol=1e-5, err_msg=str(path))


def test_a_captioner_says_the_same(expected):
    params = load_checkpoint(EARLIER / "captioner.npz")["late"]
    batch = scenes.draw(np.random.default_rng(3), 4)
    logits, alphas = captioner.forward(params, batch.images, batch.tokens[:-1], kind="late")
    np.testing.assert_allclose(logits, expected["logits"], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(alphas, expected["alphas"], rtol=1e-4, atol=1e-6)
    tokens, _ = captioner.describe(params, batch.images, kind="late")
    np.testing.assert_array_equal(tokens, expected["tokens"])
