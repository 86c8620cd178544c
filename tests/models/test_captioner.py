"""Captioners: gradients of every kind, one word at a time equals the whole sentence, and what no kind may see."""

from functools import partial
from itertools import product, repeat

import numpy as np
import pytest

from unrolled.autodiff.gradcheck import gradcheck
from unrolled.autodiff.trees import leaves, tree_map
from unrolled.data import digits, folder
from unrolled.data.scenes import scenes
from unrolled.learning.checkpoints import load_checkpoint
from unrolled.learning.fit import fit
from unrolled.learning.optimizers import Adam
from unrolled.models import captioner, decoding, scores

BATCH = scenes.draw(np.random.default_rng(1), 4)
IMAGES = BATCH.images[:, ::2, ::2].astype(np.float64)  # 16 x 16: four places


def small(kind, cell="lstm"):
    return captioner.init(np.random.default_rng(2), kind, cell=cell, H=6, E=5, A=4, size=16, dtype=np.float64)


@pytest.mark.parametrize("kind, cell", [*product(captioner.KINDS, ["lstm"]), *product(captioner.INJECTED, ["rnn"])])
def test_one_word_at_a_time_is_the_whole_sentence(kind, cell):
    params, tokens = small(kind, cell), BATCH.tokens[:-1]
    logits, alphas = captioner.forward(params, IMAGES, tokens, kind=kind)
    state = captioner.start(params, IMAGES, kind=kind)
    for t, words in enumerate(tokens):
        said, state, looked = captioner.step(params, words, state, kind=kind)
        assert np.allclose(said, logits[t])
        assert np.allclose(looked, alphas[t])


@pytest.mark.parametrize("kind, cell", [*product(captioner.KINDS, ["lstm"]), ("every", "rnn")])
def test_the_gradients_of_the_loss(kind, cell):
    penalty = 0.1 * (kind == "late")
    loss = lambda params: captioner.loss(params, IMAGES[:2], BATCH.tokens[:, :2], kind=kind, penalty=penalty)
    gradcheck(loss, small(kind, cell), tolerance=1e-5)


def test_a_blind_captioner_does_not_see():
    params = small("blind")
    logits, _ = captioner.forward(params, IMAGES, BATCH.tokens[:-1], kind="blind")
    other, _ = captioner.forward(params, 0 * IMAGES, BATCH.tokens[:-1], kind="blind")
    assert np.array_equal(logits, other)


@pytest.mark.parametrize("kind", [kind for kind in captioner.KINDS if kind != "blind"])
def test_every_other_captioner_sees(kind):
    params = small(kind)
    logits, _ = captioner.forward(params, IMAGES, BATCH.tokens[:-1], kind=kind)
    other, _ = captioner.forward(params, 1 - IMAGES, BATCH.tokens[:-1], kind=kind)
    assert not np.allclose(logits, other)


@pytest.mark.parametrize("kind", ["late", "early", "mean"])
def test_the_weights_sum_to_1_and_the_mean_has_equal_ones(kind):
    _, alphas = captioner.forward(small(kind), IMAGES, BATCH.tokens[:-1], kind=kind)
    assert np.allclose(alphas.sum(-1), 1)
    assert np.allclose(alphas, 1 / 4) == (kind == "mean")


def test_late_and_mean_have_as_many_parameters():
    sizes = [sum(array.size for _, array in leaves(small(kind))) for kind in ("late", "mean", "blind")]
    assert len(set(sizes)) == 1


@pytest.mark.parametrize("kind", ["late", "early"])
def test_describe_is_greedy(kind):
    params = small(kind)
    tokens, alphas = captioner.describe(params, IMAGES, kind=kind)
    assert tokens.shape == alphas.shape[:2]
    for n in range(4):

        def step(token, state):
            logits, state, _ = captioner.step(params, [token], state, kind=kind)
            return logits[0], state

        start = captioner.start(params, IMAGES[n : n + 1], kind=kind)
        alone = decoding.greedy(step, start, scenes.START, 12, end=scenes.END)
        assert np.array_equal(tokens[: len(alone), n], alone)
        assert (tokens[len(alone) :, n] == scenes.PAD).all()


def test_a_sentence_that_is_over_is_padded(shipped):
    tokens, _ = captioner.describe(shipped["late"], BATCH.images, kind="late")
    lengths = (tokens == scenes.END).argmax(0) + 1
    assert lengths.min() < lengths.max() == len(tokens) < 12, "it stops when all are over"
    for column, length in zip(tokens.T, lengths):
        assert (column[length:] == scenes.PAD).all()


def test_padding_does_not_count():
    params = small("late")
    longer = np.concatenate([BATCH.tokens, np.zeros((3, 4), int)])
    losses = [captioner.loss(params, IMAGES, tokens, kind="late") for tokens in (BATCH.tokens, longer)]
    assert losses[0] == pytest.approx(losses[1])


@pytest.mark.parametrize("kind", ["late", "early"])
def test_the_penalty_asks_that_each_place_is_looked_at_once_in_a_sentence(kind):
    """lambda sum_k (1 - sum_t alpha_tk)^2, the mean over pictures; looks after the end do not count."""
    params = small(kind)
    _, alphas = captioner.forward(params, IMAGES, BATCH.tokens[:-1], kind=kind)
    costs = []
    for n, length in enumerate(BATCH.lengths):
        looked = alphas[: length - 1, n].sum(0)
        costs.append(sum((1 - share) ** 2 for share in looked))
    assert len(set(BATCH.lengths)) == 2, "some are padded"
    plain, punished = (captioner.loss(params, IMAGES, BATCH.tokens, kind=kind, penalty=p) for p in (0, 0.3))
    assert punished - plain == pytest.approx(0.3 * np.mean(costs))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["late", "early", "h_0"])
def test_it_learns_four_captions_by_heart(kind):
    params = captioner.init(np.random.default_rng(1), kind)
    run = fit(partial(captioner.loss, kind=kind), params, repeat((BATCH.images, BATCH.tokens)), Adam(1e-2), steps=150,
              progress=False)  # fmt: skip
    *_, last = run
    assert last.loss < 0.02
    tokens, _ = captioner.describe(last.params, BATCH.images, kind=kind)
    assert [scenes.decode(column) for column in tokens.T] == [scenes.caption(scene) for scene in BATCH.scenes]


def test_an_unknown_kind_is_named():
    with pytest.raises(ValueError, match="kind must be one of h_0, once"):
        captioner.init(np.random.default_rng(1), "soft")


@pytest.fixture(scope="module")
def shipped():
    return tree_map(lambda array: array.astype(np.float32), load_checkpoint(folder() / "captioners.npz"))


def test_the_shipped_captioners_are_of_every_kind_and_small(shipped):
    assert set(shipped) == set(captioner.KINDS)
    assert (folder() / "captioners.npz").stat().st_size < 1_000_000
    for kind, params in shipped.items():
        tokens, _ = captioner.describe(params, BATCH.images, kind=kind)
        assert (tokens == scenes.END).any(0).all(), "each sentence comes to its end"


@pytest.fixture(scope="module")
def graded(shipped):
    """{kind: (exact match, that of held-out scenes, pointing)} of the shipped captioners, 200 scenes of each."""
    batch, unseen = (scenes.draw(np.random.default_rng(7), 200, split) for split in ("train", "held_out"))
    found = {}
    for kind in ("late", "early", "mean", "blind"):
        exact = []
        for each in (unseen, batch) if kind in ("late", "early") else (batch,):
            tokens, alphas = captioner.describe(shipped[kind], each.images, kind=kind)
            right = [scenes.caption(scene) for scene in each.scenes]
            exact.append(scores.exact_match([scenes.decode(column) for column in tokens.T], right))
        points = scores.pointing(alphas, tokens, batch.masks)
        found[kind] = exact[-1], exact[0], {name: share for name, (share, _) in points.items()}
    return found


def test_attention_captions_well_seen_and_held_out(graded):
    assert min(graded[kind][0] for kind in ("late", "early")) > 0.9
    assert min(graded[kind][1] for kind in ("late", "early")) > 0.8
    assert graded["blind"][0] < 0.02 < graded["mean"][0] < graded["early"][0]


def test_the_late_form_points_where_it_names_and_the_early_form_does_not(graded):
    late, early = graded["late"][2], graded["early"][2]
    assert min(late.values()) > 0.8  # size, colour, shape, and the phrase
    assert late["shape"] > early["shape"] + 0.3


def test_the_shipped_captioner_of_digits_reads_drawings_that_it_was_not_trained_on():
    path = folder() / "digit_captioner.npz"
    assert path.stat().st_size < 250_000
    params = tree_map(lambda array: array.astype(np.float32), load_checkpoint(path))["every"]
    exact = {}
    for split in ("train", "held_out"):
        batch = digits.draw(np.random.default_rng(7), 400, split)
        tokens, _ = captioner.describe(params, batch.images, kind="every")
        exact[split] = scores.exact_match([digits.decode(column) for column in tokens.T], batch.scenes)
    assert exact["held_out"] > 0.8
    assert exact["train"] > 0.9
