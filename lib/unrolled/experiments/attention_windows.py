"""What an attention map follows from: how far an annotation sees, and where the context goes.

Claims: Jain & Wallace (2019) shuffle a trained network's weights to ask whether its answer rests on them; Wiegreffe &
Pinter (2019) say what such a test can and cannot show.
"""

from functools import partial

import numpy as np

from unrolled.data.scenes import scenes
from unrolled.experiments.captioning import STAGES, grades
from unrolled.learning.fit import fit
from unrolled.learning.optimizers import Adam, clip_by_norm
from unrolled.models import captioner

WINDOWS = {12: (6, 2, 2), 18: (4, 2, 4), 22: (4, 4, 4)}  # the side in pixels of what an annotation sees
NAMING = {"size": scenes.SIZES, "colour": scenes.COLOURS, "shape": scenes.SHAPES}


def train(rng, kind, *, window, filters, steps, N):
    """The params of a captioner whose annotations see so many pixels; filters: those of the second convolution."""
    params = captioner.init(rng, kind, filters=(16, filters), windows=WINDOWS[window])
    batches = ((batch.images, batch.tokens) for batch in iter(lambda: scenes.draw(rng, N), None))
    how = {"clip": partial(clip_by_norm, max_norm=5.0), "threads": 1, "progress": False}
    for rate, share in STAGES:
        loss = partial(captioner.loss, kind=kind)
        *_, last = fit(loss, params, batches, Adam(rate), steps=round(share * steps), **how)
        params = last.params
    return params


def kept_words(params, images, rng, *, kind, longest=12):
    """What a caption's words owe to the look at that very step -> {"size": share, "colour": share, "shape": share}.

    At each word the weights are shuffled over the places, at this step alone: the share of words that stay. NaN where
    no word of a kind was said.
    """
    state = captioner.start(params, images, kind=kind)
    tokens, pairs = np.full(len(images), scenes.START), []
    for _ in range(longest):
        logits, after, alphas = captioner.step(params, tokens, state, kind=kind)
        states, v, picture = state
        context = np.einsum("nk,nka->na", rng.permuted(alphas, axis=1), v)
        same = np.repeat(context[:, None], v.shape[1], axis=1)  # wherever it looks now, it finds the shuffled context
        shuffled, _, _ = captioner.step(params, tokens, (states, same, picture), kind=kind)
        tokens, state = logits.argmax(-1), after
        pairs.append((tokens, shuffled.argmax(-1)))
    said, instead = (np.array(those) for those in zip(*pairs))
    over = np.cumsum(said == scenes.END, axis=0) > 0
    shares = {}
    for name, words in NAMING.items():
        named = np.isin(said, [scenes.WORDS.index(word) for word in words]) & ~over
        shares[name] = np.mean((said == instead)[named]) if named.any() else np.nan
    return shares


def measure(rng, kind, *, window, filters, test_size, **sizes):
    """`grades` on fresh scenes, `kept_words` as kept_<word>, and encoder_weights: how many numbers the encoder has."""
    params = train(rng, kind, window=window, filters=filters, **sizes)
    batch = scenes.draw(rng, test_size)
    kept = kept_words(params, batch.images, rng, kind=kind)
    weights = sum(array.size for name, array in params["encoder"].items() if name.startswith("W"))
    return {
        **grades(params, batch, kind=kind),
        **{f"kept_{name}": share for name, share in kept.items()},
        "encoder_weights": weights,
    }
