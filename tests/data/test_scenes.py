"""Scenes: what is drawn is what the caption says, and training never shows what is held out."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unrolled.data.scenes import rasters, scenes

seeds = st.integers(0, 10_000)


def draw(seed, N=8, **options):
    return scenes.draw(np.random.default_rng(seed), N, **options)


@pytest.mark.parametrize("objects, size", [(2, 32), (2, 48), (3, 48)])
@pytest.mark.parametrize("split", ["train", "held_out"])
def test_shapes(objects, size, split):
    batch = draw(1, 20, split=split, objects=objects, size=size)
    assert batch.images.shape == (20, size, size, 3)
    assert batch.images.dtype == np.float32
    assert 0 <= batch.images.min() < batch.images.max() <= 1
    assert batch.masks.shape == (20, objects, size, size)
    assert batch.masks.dtype == bool
    assert batch.tokens.shape == (2 + 5 * objects - 2, 20)
    assert batch.slots.shape == (20, 3 * objects + 1)
    assert len(batch.scenes) == 20


def test_the_same_generator_gives_the_same_scenes():
    first, again, other = draw(1), draw(1), draw(2)
    assert np.array_equal(first.images, again.images)
    assert np.array_equal(first.tokens, again.tokens)
    assert not np.array_equal(first.images, other.images)


@given(seeds)
@settings(max_examples=20, deadline=None)
def test_one_caption_is_right_and_its_words_are_those_of_the_scene(seed):
    batch = draw(seed)
    for n, scene in enumerate(batch.scenes):
        first, second = scene.things
        dx, dy = second.x - first.x, second.y - first.y
        along, across = (dx, dy) if scene.relation == "left" else (dy, dx)
        assert along - abs(across) >= scenes.MARGIN
        slots = scenes.parse(scenes.caption(scene))
        assert [*slots.values()] == [*first[:3], scene.relation, *second[:3]]
        assert [scenes.WORDS[k] for k in batch.slots[n]] == [*slots.values()]
        assert scenes.decode(batch.tokens[:, n]) == scenes.caption(scene)


def test_tokens_are_start_the_words_end_and_padding():
    batch = draw(1, 50)
    for tokens, length in zip(batch.tokens.T, batch.lengths):
        assert tokens[0] == scenes.START
        assert tokens[length - 1] == scenes.END
        assert (tokens[length:] == scenes.PAD).all()
        assert (tokens[1 : length - 1] > scenes.END).all()
    assert len(set(batch.lengths)) == 2


def canonical(captions):
    """Those that follow the canonical law: no "right", no "below"."""
    return [caption for caption in captions if not {"right", "below"} & set(caption.split())]


@given(seeds)
@settings(max_examples=20, deadline=None)
def test_every_true_caption_is_true(seed):
    for scene in draw(seed).scenes:
        true = scenes.captions_true(scene)
        assert true[0] == scenes.caption(scene)
        assert len(set(true)) == len(true) in (2, 4)
        for caption in true:
            words = caption.split()
            slots = scenes.parse(words)
            subject = tuple(slots[f"{slot} 1"] for slot in ("size", "colour", "shape"))
            a, b = scene.things if subject == scene.things[0][:3] else scene.things[::-1]
            if scene.things[0][:3] == scene.things[1][:3]:
                continue  # two alike: either may be the subject
            gap = {"left": b.x - a.x, "right": a.x - b.x, "above": b.y - a.y, "below": a.y - b.y}
            assert gap[slots["relation"]] >= scenes.MARGIN


def test_a_scene_with_both_axes_has_two_canonical_looking_truths_and_one_right_caption():
    thing = lambda x, y: scenes.Thing("small", "red" if x < 15 else "blue", "circle", x, y, 4)
    scene = scenes.Scene((thing(8, 20), thing(24, 12)), "left")
    assert canonical(scenes.captions_true(scene)) == [
        "small red circle left of small blue circle",
        "small blue circle above small red circle",
    ]


@given(seeds, st.sampled_from([2, 3]))
@settings(max_examples=10, deadline=None)
def test_the_masks_are_the_drawn_shapes_and_hide_little_of_each_other(seed, objects):
    size = 16 * objects
    batch = draw(seed, 6, objects=objects, size=size)
    for n, scene in enumerate(batch.scenes):
        alone = []
        for m, thing in enumerate(scene.things):
            cover = rasters.coverage(
                np.array([scenes.SHAPES.index(thing.shape)]),
                np.array([[thing.x, thing.y]]),
                np.array([thing.radius]),
                size,
            )[0]
            alone.append(cover)
            mask = batch.masks[n, m]
            assert not (mask & (cover < 0.5)).any(), "a mask lies within its shape"
            assert (cover * mask).sum() > (1 - scenes.HIDDEN - 0.2) * cover.sum()
            on = np.median(batch.images[n][mask], axis=0)  # its edge is mixed with what lies behind
            wanted = scenes._RGB[scenes.COLOURS.index(thing.colour)]
            assert np.abs(on - wanted).max() < 0.25, "the pixels of a mask have the object's colour"
        for m, cover in enumerate(alone[:-1]):
            hidden = cover * (1 - np.prod([1 - top for top in alone[m + 1 :]], axis=0))
            assert hidden.sum() <= scenes.HIDDEN * cover.sum() + 1e-3
        assert not batch.masks[n].sum(0).max() > 1, "no pixel belongs to two"


def test_objects_lie_within_the_picture():
    """Moved to the middle of a larger picture, a shape has no more area than where it was drawn."""
    for scene in draw(1, 100).scenes:
        for thing in scene.things:
            shape, radius = np.array([scenes.SHAPES.index(thing.shape)]), np.array([thing.radius])
            here, there = (
                rasters.coverage(shape, np.array([middle]), radius, size)[0]
                for middle, size in (((thing.x, thing.y), 32), ((thing.x + 16, thing.y + 16), 64))
            )
            assert here.sum() == pytest.approx(there.sum(), rel=0.01)


@cache
def combinations(split, N=4000):
    objects = [(s.things[1].colour, s.things[1].shape, s.relation) for s in draw(1, N, split=split).scenes]
    return set(objects)


@pytest.mark.slow
def test_what_is_held_out_is_never_trained_on():
    every = {
        (colour, shape, relation)
        for colour in scenes.COLOURS
        for shape in scenes.SHAPES
        for relation in scenes.RELATIONS
    }
    kept = {combination for combination in every if scenes.held_out(*combination)}
    assert len(every) == 70
    assert len(kept) == 10
    assert combinations("train") == every - kept
    assert combinations("held_out") == kept


@pytest.mark.slow
def test_each_part_of_what_is_held_out_is_trained_on():
    """Compositional: colour with shape, colour with relation, shape with relation are all seen."""
    trained = combinations("train")
    for axes in ((0, 1), (0, 2), (1, 2)):
        pairs = {tuple(combination[axis] for axis in axes) for combination in trained}
        kept = {tuple(combination[axis] for axis in axes) for combination in combinations("held_out")}
        assert kept <= pairs


def test_the_grammar_has_about_ten_thousand_captions():
    objects = len(scenes.SIZES) * len(scenes.COLOURS) * len(scenes.SHAPES)
    assert objects**2 * len(scenes.RELATIONS) == 9800


@pytest.mark.slow
def test_relations_sizes_colours_and_shapes_are_drawn_evenly():
    batch = draw(1, 7000, split="all")
    for column, choices in enumerate((2, 7, 5, 2, 2, 7, 5)):
        _, counts = np.unique(batch.slots[:, column], return_counts=True)
        assert len(counts) == choices
        assert np.abs(counts / 7000 - 1 / choices).max() < 0.03


def test_korean_captions_name_the_second_object_first():
    things = (
        scenes.Thing("small", "red", "circle", 8, 16, 4),
        scenes.Thing("big", "blue", "square", 24, 16, 6),
        scenes.Thing("small", "green", "ring", 40, 16, 4),
    )
    two, three = scenes.Scene(things[:2], "left"), scenes.Scene(things, "left")
    assert scenes.caption(two) == "small red circle left of big blue square"
    assert scenes.caption(two, "ko") == "큰 파란 정사각형의 왼쪽에 작은 빨간 원"
    assert scenes.caption(two._replace(relation="above"), "ko") == "큰 파란 정사각형 위에 작은 빨간 원"
    assert scenes.caption(three, "ko") == "작은 초록색 고리의 왼쪽에 큰 파란 정사각형 그 왼쪽에 작은 빨간 원"
    assert scenes.caption(three).endswith("circle left of big blue square left of small green ring")


def test_korean_batches_are_of_the_korean_vocabulary():
    korean, english = draw(1, 30, language="ko"), draw(1, 30)
    assert np.array_equal(korean.images, english.images)
    for tokens, scene in zip(korean.tokens.T, korean.scenes):
        assert scenes.decode(tokens, "ko") == scenes.caption(scene, "ko")


def test_the_vocabularies_hold_each_word_once():
    for words in scenes.VOCABULARIES.values():
        assert words[:3] == ("<pad>", "<start>", "<end>")
        assert len(set(words)) == len(words)


def test_counts():
    batch = scenes.draw_counts(np.random.default_rng(1), 200)
    for n, scene in enumerate(batch.scenes):
        slots = scenes.parse(scenes.caption(scene))
        count = 1 + scenes.NUMBERS.index(slots["count"])
        assert count == len(scene.things)
        assert batch.masks[n].any((1, 2)).tolist() == [m < count for m in range(4)]
        assert batch.masks[n].sum(0).max() == 1
        assert [scenes.WORDS[k] for k in batch.slots[n]] == [*slots.values()]
    korean = scenes.draw_counts(np.random.default_rng(1), 200, language="ko")
    spoken = dict(zip((scenes.caption(scene) for scene in batch.scenes), korean.tokens.T))
    assert scenes.decode(spoken["three red circles"], "ko") == "빨간 원 세 개"


def test_named_says_which_object_a_word_names():
    tokens, _ = scenes.encode(["small red circle left of big blue square"])
    assert scenes.find_objects(tokens)[:, 0].tolist() == [-1, 0, 0, 0, -1, -1, 1, 1, 1, -1]
    assert scenes.find_objects(tokens[:, 0]).tolist() == scenes.find_objects(tokens)[:, 0].tolist()


@pytest.mark.parametrize(
    "caption, law",
    [
        ("red circle left of big blue square", "word 1 must be size"),
        ("small circle left of big blue square", "word 2 must be colour"),
        ("small red circle", "word 4 must be relation.*got the end"),
        ("small red circle left big blue square", "word 5 must be the word after"),
        ("small red circle above big blue square below", "word 8 must be 'above'"),
        ("small red circle above big blue", "word 7 must be shape"),
        ("two red circle", "word 3 must be shape"),
        ("one red circle here", "3 words, got 4"),
        ("", "word 1 must be size.*got the end"),
    ],
)
def test_parse_names_the_law_that_is_broken(caption, law):
    with pytest.raises(ValueError, match=law):
        scenes.parse(caption)


def test_a_colour_is_not_a_matter_of_the_edges():
    """Anti-aliased: the coverage adds up to the shape's area, wherever its middle lies."""
    middles = np.array([[16.0, 16.0], [16.3, 15.9], [15.5, 16.5]])
    for shape, area in ((0, np.pi), (1, 1.78**2)):
        covers = rasters.coverage(np.full(3, shape), middles, np.full(3, 6.0), 32)
        assert covers.sum((1, 2)) == pytest.approx(36 * area, rel=0.02)


@pytest.mark.parametrize(
    "wrong, error, law",
    [
        (lambda rng: scenes.draw(1, 4), TypeError, "rng must be"),
        (lambda rng: scenes.draw(rng, 0), ValueError, "N must be"),
        (lambda rng: scenes.draw(rng, 4, split="test"), ValueError, "split must be"),
        (lambda rng: scenes.draw(rng, 4, objects=4), ValueError, "objects must be 2 or 3"),
        (lambda rng: scenes.draw(rng, 4, objects=3), ValueError, "size must be a whole number >= 48"),
        (lambda rng: scenes.draw(rng, 4, language="fr"), ValueError, "language must be"),
        (lambda rng: scenes.encode(["small pink circle"]), ValueError, "got 'pink'"),
        (lambda rng: scenes.encode(["small red circle"], length=4), ValueError, "at most 2 words"),
    ],
)
def test_bad_input(wrong, error, law):
    with pytest.raises(error, match=law):
        wrong(np.random.default_rng(1))
