"""Captioners compared after as many steps: where the picture enters, what attention looks at, what each part is for.

Claims: Xu et al. (2015) for attention and its penalty.
"""

from functools import partial

import numpy as np

from unrolled.data.scenes import scenes
from unrolled.learning.fit import fit
from unrolled.learning.optimizers import Adam, clip_by_norm
from unrolled.models import captioner, scores

STAGES = ((3e-3, 0.6), (1e-3, 0.25), (3e-4, 0.15))  # learning rates, and the share of the steps for each


def train(
    rng, kind, *, steps, N=64, cell="lstm", encoder="trained", penalty=0.0, max_norm=5.0, report=lambda last: None
):
    """The params of a captioner after so many steps on N fresh scenes each.

    encoder "random": the encoder stays as it was drawn, a fixed random projection. report(last Step) is called after
    each stage.
    """
    params = captioner.init(rng, kind, cell=cell)
    fixed = {} if encoder == "trained" else {"encoder": params.pop("encoder")}

    def loss(params, images, tokens):
        return captioner.loss(params | fixed, images, tokens, kind=kind, penalty=penalty)

    batches = ((batch.images, batch.tokens) for batch in iter(lambda: scenes.draw(rng, N), None))
    how = {"clip": partial(clip_by_norm, max_norm=max_norm), "threads": 1, "progress": False}
    for rate, share in STAGES:
        *_, last = fit(loss, params, batches, Adam(rate), steps=round(share * steps), **how)
        report(last)
        params = last.params
    return params | fixed


def grades(params, batch, *, kind):
    """Its captions, each from 0 to 1: exact, any_true, bleu_4, slots, size, colour, shape, relation.

    With attention (else NaN): points_<word>, how often the highest weight is on a cell of which the named object fills
    a quarter; shows_<word>, on one in which it shows at all; each with its chance; uncovered, mean (1 - sum_t alpha)^2.
    """
    tokens, alphas = captioner.describe(params, batch.images, kind=kind)
    captions = [scenes.decode(column) for column in tokens.T]
    right = [scenes.caption(scene) for scene in batch.scenes]
    slots = scores.slot_accuracy(captions, right)
    looked = {}
    for name, least in (("points", 0.25), ("shows", 0.0)):
        found = scores.pointing(alphas, tokens, batch.masks, least=least)
        looked |= {f"{name}_{word}": share for word, (share, _) in found.items()}
        looked[f"{name}_chance"] = found["phrase"][1]
    looked["uncovered"] = np.mean((1 - alphas.sum(0)) ** 2)
    attends = kind in ("late", "early")
    return {
        "exact": scores.exact_match(captions, right),
        "any_true": scores.exact_match(captions, [scenes.captions_true(scene) for scene in batch.scenes]),
        "bleu_4": scores.bleu(captions, right),
        "slots": slots.pop("all"),
        **slots,
        **{name: number if attends else np.nan for name, number in looked.items()},
    }


def exact(params, images, tokens, *, kind):
    """The share of pictures of which it says the caption tokens (L + 1, N) to the last word."""
    said, _ = captioner.describe(params, images, kind=kind, longest=len(tokens) - 1)
    return scores.exact_match(*([scenes.decode(column) for column in those.T] for those in (said, tokens)))


def measure(rng, kind, *, test_size, **how):
    """`grades` on fresh scenes, and on the combinations that training never shows: held_out_exact, held_out_slots."""
    params = train(rng, kind, **how)
    seen, unseen = (grades(params, scenes.draw(rng, test_size, split), kind=kind) for split in ("train", "held_out"))
    return seen | {f"held_out_{score}": unseen[score] for score in ("exact", "slots", "shape")}
