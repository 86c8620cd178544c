"""Galleries: every picture with its caption; attention leaves light where it looks, and nowhere else."""

import numpy as np
import pytest

from unrolled.figures import pictures, plots


@pytest.mark.slow
def test_a_gallery_shows_each_picture_with_its_caption():
    images = np.random.default_rng(1).random((5, 8, 8, 3))
    fig = pictures.gallery(images, [f"picture {n}" for n in range(5)], columns=3, title="Five")
    shown = [ax for ax in fig.axes if ax.images]
    assert [ax.get_title() for ax in shown] == [f"picture {n}" for n in range(5)]
    for ax, image in zip(shown, images):
        assert np.array_equal(ax.images[0].get_array(), image)
    assert plots.bundle(fig, alt="Five pictures of noise.")


def test_a_caption_is_broken_before_its_relation():
    fig = pictures.gallery(np.zeros((1, 8, 8, 3)), ["small red circle left of big blue square"], title="One")
    assert fig.axes[0].get_title() == "small red circle\nleft of big blue square"


def test_attention_dims_all_but_the_cell_that_is_attended():
    image = np.ones((8, 8, 3))
    dimmed = pictures.dim(image, [0, 0, 1, 0.5], floor=0.2)
    assert (dimmed[4:, :4] == 1).all(), "cell 2 of a 2 by 2 grid is the left lower one"
    assert np.allclose(dimmed[:4], 0.2)
    assert np.allclose(dimmed[4:, 4:], 0.6)


def test_bad_input():
    with pytest.raises(ValueError, match="one for each of the 2"):
        pictures.gallery(np.zeros((2, 8, 8, 3)), ["one"], title="t")
    for weights in (np.ones(5), np.ones(9)):
        with pytest.raises(ValueError, match="square grid"):
            pictures.dim(np.zeros((8, 8, 3)), weights)
