"""Scores: equal to slow definitions, to NLTK's BLEU, and to what a case worked out by hand gives."""

import numpy as np
import pytest
from nltk.translate import bleu_score as nltk_bleu

from unrolled.data.scenes import scenes
from unrolled.models import scores

RIGHT = "small red circle left of big blue square"


def test_exact_match_takes_any_right_caption():
    said = [RIGHT, "big blue square right of small red circle", "small red circle"]
    assert scores.exact_match(said, [RIGHT] * 3) == 1 / 3
    assert scores.exact_match(said, [[RIGHT, said[1]]] * 3) == 2 / 3


def test_exact_match_of_true_captions():
    batch = scenes.draw(np.random.default_rng(1), 50)
    true = [scenes.captions_true(scene) for scene in batch.scenes]
    assert scores.exact_match([those[-1] for those in true], true) == 1
    assert scores.exact_match([those[-1] for those in true], [those[0] for those in true]) == 0


def test_bleu_counts_a_word_at_most_as_often_as_a_right_caption_has_it():
    assert scores.bleu(["red red red"], ["red blue green"], 1) == pytest.approx(1 / 3)
    assert scores.bleu(["red red red"], [["red blue", "red red blue"]], 1) == pytest.approx(2 / 3)


def test_bleu_punishes_brevity_alone():
    assert scores.bleu(["a b"], ["a b c d"], 1) == pytest.approx(np.exp(-1))
    assert scores.bleu(["a b c d"], ["a b"], 1) == pytest.approx(0.5)


def test_bleu_of_the_right_caption_is_1_and_of_a_stranger_0():
    assert scores.bleu([RIGHT], [RIGHT]) == pytest.approx(1)
    assert scores.bleu(["big blue square"], [RIGHT]) == 0


@pytest.mark.parametrize("n", [1, 2, 3, 4])
@pytest.mark.parametrize("seed", range(5))
def test_bleu_is_nltks(n, seed):
    rng = np.random.default_rng(seed)
    words = ["a", "b", "c", "d"]
    sentence = lambda: " ".join(rng.choice(words, rng.integers(4, 12)))
    said, right = [sentence() for _ in range(20)], [[sentence() for _ in range(3)] for _ in range(20)]
    theirs = nltk_bleu.corpus_bleu(
        [[reference.split() for reference in those] for those in right],
        [sentence.split() for sentence in said],
        weights=(1 / n,) * n,
    )
    assert theirs > 0.01
    assert scores.bleu(said, right, n) == pytest.approx(theirs, rel=1e-12)


def test_slots():
    said = ["small red circle left of big blue square", "small red ring above big green square", "red circle"]
    found = scores.slot_accuracy(said, [RIGHT] * 3)
    assert found == pytest.approx(
        {"size": 4 / 6, "colour": 3 / 6, "shape": 3 / 6, "relation": 1 / 3, "all": (7 + 4) / 21}
    )


def test_slots_of_a_count():
    found = scores.slot_accuracy(["two red circles"], ["three red circles"])
    assert found == pytest.approx({"count": 0, "colour": 1, "shape": 1, "all": 2 / 3})


def test_cells_lie_on_what_fills_a_quarter_of_them_and_on_the_fullest():
    masks = np.zeros((1, 3, 8, 8), bool)
    masks[0, 0, :4, :5] = True  # all of cell 0, a quarter of cell 1
    masks[0, 1, 7, 7] = True  # one pixel: a sixteenth of cell 3
    on = scores.cells(masks, 4)[0]
    assert on.tolist() == [[True, True, False, False], [False, False, False, True], [False] * 4]
    assert scores.cells(masks, 4, least=0.3)[0, 0].tolist() == [True, False, False, False]
    masks[0, 0, 4, 0] = True  # a pixel of cell 2
    assert scores.cells(masks, 4, least=0)[0, 0].tolist() == [True, True, True, False]


def weights_on(batch, object_of):
    """Weights (T, N, 16), all on one cell of the object that object_of(token's object) says."""
    on = scores.cells(batch.masks, 16)
    names = scenes.find_objects(batch.tokens)
    alphas = np.zeros((*batch.tokens.shape, 16))
    for t, n in np.ndindex(*names.shape):
        alphas[t, n, np.argmax(on[n, object_of(max(names[t, n], 0))])] = 1
    return alphas


def test_pointing_is_1_on_the_object_and_falls_on_the_other():
    batch = scenes.draw(np.random.default_rng(1), 60)
    right = scores.pointing(weights_on(batch, lambda m: m), batch.tokens, batch.masks)
    wrong = scores.pointing(weights_on(batch, lambda m: 1 - m), batch.tokens, batch.masks)
    assert set(right) == {"size", "colour", "shape", "phrase"}
    assert all(share == 1 for share, _ in right.values())
    assert all(share < 0.4 for share, _ in wrong.values())


@pytest.mark.slow
def test_chance_is_what_random_weights_reach():
    rng = np.random.default_rng(1)
    batch = scenes.draw(rng, 2000)
    found = scores.pointing(rng.random((*batch.tokens.shape, 16)), batch.tokens, batch.masks)
    for share, chance in found.values():
        assert share == pytest.approx(chance, abs=0.03)
        assert 0.05 < chance < 0.4


def test_a_weight_at_the_edge_of_an_object_is_on_it_where_the_least_share_is_small():
    masks = np.zeros((1, 1, 8, 8), bool)
    masks[0, 0, :4, :5] = True
    tokens, _ = scenes.encode(["small red circle left of big blue square"])
    alphas = np.zeros((len(tokens), 1, 4))
    alphas[:, 0, 1] = 1  # on the cell that the object fills to a quarter
    assert scores.pointing(alphas, tokens, masks)["colour"][0] == 1
    assert scores.pointing(alphas, tokens, masks, least=0.3)["colour"][0] == 0


def test_a_phrase_sums_the_weights_of_its_words():
    masks = np.zeros((1, 2, 8, 8), bool)
    masks[0, 0, :4, :4] = masks[0, 1, 4:, 4:] = True
    tokens, _ = scenes.encode([RIGHT])
    alphas = np.zeros((len(tokens), 1, 4))
    alphas[1, 0, 0] = 0.9  # "small" points, "red" and "circle" point elsewhere, weakly
    alphas[2:4, 0, 1] = 0.4
    alphas[6:9, 0, 3] = 1
    found = scores.pointing(alphas, tokens, masks)
    assert found["phrase"] == (1, 0.25)
    assert found["colour"] == (0.5, 0.25)


def test_nothing_said_is_nan():
    batch = scenes.draw(np.random.default_rng(1), 2)
    found = scores.pointing(np.ones((3, 2, 16)), np.zeros((3, 2), int), batch.masks)
    assert np.isnan([number for pair in found.values() for number in pair]).all()


@pytest.mark.parametrize(
    "wrong, law",
    [
        (lambda: scores.exact_match(RIGHT, [RIGHT]), "lists of the same length"),
        (lambda: scores.bleu([], []), "at least 1"),
        (lambda: scores.slot_accuracy([RIGHT], [RIGHT, RIGHT]), "got 1 and 2"),
        (lambda: scores.cells(np.zeros((1, 1, 8, 8), bool), 5), "K must be a square"),
        (lambda: scores.pointing(np.zeros((3, 2)), np.zeros((3, 2)), np.zeros((2, 1, 8, 8), bool)), "alphas, tokens"),
    ],
)
def test_bad_input(wrong, law):
    with pytest.raises(ValueError, match=law):
        wrong()
