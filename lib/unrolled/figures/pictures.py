"""Figures of small pictures: with what was said about them, and with where a model looked when it said it."""

from textwrap import fill

import numpy as np

from unrolled.figures import plots


def gallery(images, captions, *, columns=4, title):
    """Pictures (N, size, size, 3) side by side, a caption above each -> Figure, for plots.show."""
    if len(images) != len(captions):
        raise ValueError(f"captions must be one for each of the {len(images)} images, got {len(captions)}")
    rows = -(-len(images) // columns)
    fig, axes = plots.figure(rows, columns, size=(3 * columns, 2.9 * rows + 0.5), squeeze=False)
    for ax in axes.flat:
        ax.axis("off")
    for ax, image, caption in zip(axes.flat, images, captions):
        ax.imshow(image, interpolation="nearest", vmin=0, vmax=1)
        ax.set_title(_wrap(caption), fontsize=14)
    fig.suptitle(title)
    return fig


def dim(image, weights, floor=0.15):
    """The picture (size, size, 3), dimmed where a model did not look: weights (K,), a square grid row by row.

    The cell with the highest weight stays as it is; one of weight 0 keeps the share `floor` of its light.
    """
    side = int(round(np.sqrt(len(weights))))
    if side * side != len(weights) or len(image) % side:
        raise ValueError(f"weights must be a square grid whose side divides {len(image)}, got {len(weights)} of them")
    share = np.reshape(weights, (side, side)) / np.max(weights)
    light = np.kron(share, np.ones((len(image) // side,) * 2))
    return image * (floor + (1 - floor) * light[..., None])


def attention(image, words, alphas, *, columns=6, title):
    """The picture once for each word, dimmed by alphas (T, K), its weights at that word -> Figure."""
    return gallery([dim(image, weights) for weights in alphas], list(words), columns=columns, title=title)


def _wrap(caption):
    """A caption in lines, broken before the words of the relation, and where a line would be too long."""
    for mark in (" left of ", " right of ", " above ", " below "):
        caption = caption.replace(mark, f"\n{mark.strip()} ")
    return "\n".join(fill(line, 26) for line in caption.split("\n"))
