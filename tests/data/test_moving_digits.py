"""A moving digit: where it is, what shuffling keeps, and what the first version gave away."""

import numpy as np
import pytest

from unrolled.data import moving_digits
from unrolled.data.moving_digits import SIDE, WAYS


def draw(N=200, **how):
    return moving_digits.draw(np.random.default_rng(0), N, **how)


@pytest.mark.parametrize("starts", moving_digits.STARTS)
def test_each_frame_is_the_one_before_moved_by_one_pixel(starts):
    frames, ways = draw(starts=starts)
    for n, way in enumerate(np.array(list(WAYS.values()))[ways]):
        assert all(np.array_equal(np.roll(a, way, axis=(0, 1)), b) for a, b in zip(frames[:-1, n], frames[1:, n]))
    assert np.array_equal(moving_digits.matched(frames), ways)
    assert set(ways) == set(range(4))


def test_a_clip_played_backwards_goes_the_other_way():
    frames, ways = draw()
    assert np.array_equal(moving_digits.matched(frames[::-1]), ways ^ 1)


def test_inside_the_first_frame_holds_the_digit_in_one_piece():
    ink = draw(starts="inside")[0][0] > 0
    wrapped = (ink[:, :, 0].any(1) & ink[:, :, -1].any(1)) | (ink[:, 0].any(1) & ink[:, -1].any(1))
    assert not wrapped.any()
    anywhere = draw()[0][0] > 0
    assert (anywhere[:, :, 0].any(1) & anywhere[:, :, -1].any(1)).any()


def test_on_a_joined_field_every_pixel_is_as_likely_whatever_the_way():
    frames, ways = draw(20_000)
    ink = frames.mean(0)
    spread = [ink[ways == way].mean(0) for way in range(4)]
    assert np.ptp(spread) < 0.25 * np.mean(spread)
    inside, ways = draw(2000, starts="inside")
    assert np.ptp([inside.mean(0)[ways == way].mean(0) for way in range(4)]) > np.mean(spread)


def test_shuffled_frames_are_the_same_frames_in_an_order_for_each_clip():
    frames, _ = draw(50)
    shuffled = moving_digits.shuffle(np.random.default_rng(1), frames)
    orders = []
    for n in range(50):
        order = [next(t for t in range(8) if np.array_equal(frames[t, n], frame)) for frame in shuffled[:, n]]
        assert sorted(order) == list(range(8))
        orders.append(tuple(order))
    assert len(set(orders)) > 40


def test_the_parts_have_different_drawings():
    shapes = {}
    for part in moving_digits.PARTS:
        first = draw(300, part=part)[0][0].reshape(300, SIDE * SIDE)
        shapes[part] = {tuple(sorted(image[image > 0])) for image in first}
    assert not shapes["train"] & shapes["validation"]
    assert not shapes["train"] & shapes["test"]
    assert not shapes["validation"] & shapes["test"]


@pytest.mark.parametrize("wrong", [{"part": "exam"}, {"starts": "nowhere"}, {"T": 0}])
def test_what_is_not_there_is_refused(wrong):
    with pytest.raises(ValueError):
        draw(2, **wrong)
