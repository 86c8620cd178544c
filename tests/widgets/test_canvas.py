"""sketchpad: a picture that the reader draws, as an array."""

import numpy as np
import pytest
from traitlets import TraitError

from unrolled.figures import plots
from unrolled.widgets import sketchpad

rng = np.random.default_rng(1)


@pytest.fixture(autouse=True)
def _style():
    plots.style()


@pytest.mark.parametrize("channels, shape", [(1, (8, 8)), (3, (8, 8, 3))])
def test_a_new_pad_is_black(channels, shape):
    pad = sketchpad(8, channels=channels)
    assert (pad.array.shape, pad.array.dtype) == (shape, np.float32)
    assert not pad.array.any()
    assert (pad.scene["size"], pad.scene["channels"]) == (8, channels)
    assert all(len(colour) == channels for colour in pad.scene["colours"].values())


def test_it_starts_with_a_picture_and_follows_the_strokes():
    start = rng.random((8, 8, 3)).astype(np.float32)
    pad = sketchpad(8, channels=3, start=start)
    assert np.array_equal(pad.array, start)
    drawn = rng.random((8, 8, 3)).astype("<f4")
    pad.pixels = drawn.tobytes()
    assert np.array_equal(pad.array, drawn)
    pad.set_state({"pixels": memoryview(start.tobytes())})  # as it comes from a browser
    assert np.array_equal(pad.array, start)
    pad.array[:] = 0  # a copy
    assert np.array_equal(pad.array, start)


def test_pixels_of_another_size_are_refused():
    with pytest.raises(TraitError, match=r"256 bytes for shape \(8, 8\), got 3"):
        sketchpad(8).pixels = b"abc"


def test_the_colours_are_the_lessons():
    assert sketchpad(8, colours={"ink": 0.5}).scene["colours"] == {"ink": [0.5]}
    assert sketchpad(8, channels=3, colours={"sky": (0, 0.5, 1)}).scene["colours"] == {"sky": [0, 0.5, 1]}


def test_the_still_is_the_first_picture():
    start = np.zeros((8, 8))
    start[2, 3] = 1
    pad = sketchpad(8, start=start, title="Draw a 7")
    pad.pixels = bytes(256)
    figure, words = pad.still()
    assert np.array_equal(figure.axes[0].images[0].get_array(), start)
    assert words == "Draw a 7. A pad to draw on, 8 by 8 pixels; 1 pixels are not black."
    data, metadata = pad._repr_mimebundle_()
    assert data["text/plain"] == repr(pad) == "sketchpad(8 by 8 pixels, 0 painted)"
    assert metadata["image/png"]["alt"] == words


@pytest.mark.parametrize(
    "size, options, kind, law",
    [
        (3, {}, ValueError, "size must be a whole number from 4 to 64, got 3"),
        (65, {}, ValueError, "got 65"),
        (8.0, {}, ValueError, "got 8.0"),
        (8, {"channels": 4}, ValueError, r"channels must be 1 \(grey\) or 3 \(colour\), got 4"),
        (8, {"start": np.zeros((9, 8))}, ValueError, r"start must have shape \(8, 8\), got \(9, 8\)"),
        (8, {"start": np.zeros((8, 8)), "channels": 3}, ValueError, r"start must have shape \(8, 8, 3\)"),
        (8, {"start": np.full((8, 8), 16)}, ValueError, r"start must lie from 0 to 1, got 16\.0 to 16\.0"),
        (8, {"start": np.full((8, 8), 1 + 1e-7)}, ValueError, "from 0 to 1, got 1.0000001 to 1.0000001"),
        (8, {"start": np.full((8, 8), np.nan)}, ValueError, "finite"),
        (8, {"colours": {}}, TypeError, "colours must be a dict"),
        (8, {"colours": {"red": (1, 0, 0)}}, ValueError, r"colours\['red'\] must have shape \(\), got \(3,\)"),
        (8, {"colours": {"red": 2}}, ValueError, "from 0 to 1, got 2"),
    ],
)
def test_bad_input_is_refused_with_the_law(size, options, kind, law):
    with pytest.raises(kind, match=law):
        sketchpad(size, **options)
