"""Letters as strokes: the shapes, their acknowledgement, and what tremor leaves of them."""

import numpy as np
import pytest

from unrolled import data
from unrolled.data import strokes


def test_the_file_carries_the_acknowledgement_that_its_licence_asks_for():
    with np.load(data.folder() / "strokes.npz", allow_pickle=False) as file:
        said = str(file["acknowledgement"])
    assert "originally created by Dr. A. V. Hershey" in said
    assert "James Hurt" in said
    readme = (data.folder() / "README.md").read_text("utf-8")
    assert "Hershey" in readme
    assert "Hurt" in readme


@pytest.mark.parametrize("hand", strokes.HANDS)
@pytest.mark.parametrize("letter", strokes.LETTERS)
def test_each_letter_is_walked_at_even_steps_and_ends_with_a_lift(hand, letter):
    points, lifts = strokes.clean(letter, 0.45, hand)
    assert len(points) == len(lifts) >= 3
    assert lifts[-1] == 1
    steps = np.hypot(*np.diff(points, axis=0).T)[lifts[:-1] == 0]
    assert 0.05 < steps.min() <= steps.max() < 0.7


def test_i_has_a_dot_and_x_has_two_strokes():
    assert [int(strokes.clean(letter)[1].sum()) for letter in "aio"][:2] == [1, 2]
    assert strokes.clean("x", hand="print")[1].sum() == 2


def test_a_drawn_letter_lies_nearest_to_itself_and_a_mirrored_one_does_not():
    drawn = strokes.draw(np.random.default_rng(0), 156, letters=np.arange(26).repeat(6))
    right = []
    for turn in ([1, 1], [1, -1]):  # as it is, and upside down
        found = [strokes.nearest(np.cumsum(drawn.moves[drawn.mask[:, n], n] * turn, axis=0)) for n in range(156)]
        right.append(np.mean(np.array(found) == drawn.letters))
    assert right[0] > 0.85
    assert right[1] < 0.4


def test_padding_is_zero_and_the_last_point_lifts_the_pen():
    drawn = strokes.draw(np.random.default_rng(0), 40)
    lengths = drawn.mask.sum(0)
    assert len(drawn.moves) == lengths.max()
    assert not drawn.moves[~drawn.mask].any()
    assert not drawn.lifts[~drawn.mask].any()
    assert (drawn.lifts[lengths - 1, np.arange(40)] == 1).all()


def test_a_path_is_cut_where_the_pen_lifts():
    moves, lifts = np.ones((4, 2)), np.array([0, 1, 0, 1])
    first, second = strokes.path(moves, lifts)
    assert np.array_equal(first, [[0, 0], [1, 1], [2, 2]])
    assert np.array_equal(second, [[3, 3], [4, 4]])


def test_a_hand_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="script, print"):
        strokes.draw(np.random.default_rng(0), 2, "gothic")


def test_a_picture_of_a_letter_is_found_by_its_shape_whatever_its_size():
    for size in (24, 32):
        found = [strokes.nearest(strokes.trace(strokes.to_picture(a, size))[0], scaled=True) for a in strokes.LETTERS]
        assert np.mean(np.array(found) == np.arange(26)) > 0.9


def test_a_trace_takes_every_pixel_once_and_lifts_at_gaps():
    picture = np.zeros((8, 20))
    picture[3, 2:7] = picture[3, 12:15] = 1
    points, lifts = strokes.trace(picture)
    assert points[:, 0].tolist() == [2, 3, 4, 5, 6, 12, 13, 14]
    assert lifts.tolist() == [0, 0, 0, 0, 1, 0, 0, 1]
    with pytest.raises(ValueError, match="at least two"):
        strokes.trace(np.zeros((8, 8)))


def test_moves_lead_through_the_points():
    points, lifts = strokes.clean("t")
    written = strokes.to_moves(points, lifts)
    assert written.lifts.sum() == lifts.sum()
    assert np.allclose(written.moves.sum(axis=(0, 1)), points[-1] - points[0], atol=1e-5)
