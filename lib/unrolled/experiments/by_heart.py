"""CS231n's check that nothing is broken: how long until a captioner says the same captions by heart, sound or broken.

Claim: CS231n's assignment on captions, of the loss after 100 iterations on 50 captions.
"""

import numpy as np

from unrolled.data.scenes import scenes
from unrolled.experiments import captioning
from unrolled.layers.losses import cross_entropy
from unrolled.learning.fit import fit
from unrolled.learning.optimizers import Adam
from unrolled.models import captioner

# What is broken: the target is the word that was just read, not the next; or every picture is a blank one.
BREAKS = ("nothing", "target", "picture")


def broken_loss(params, images, tokens, *, kind, broken):
    """Nats summed over a caption's words, mean over captions, of a captioner that is sound or has one of two bugs.

    Where broken is "picture", the images are the caller's to make blank. ValueError: broken is none of BREAKS.
    """
    if broken not in BREAKS:
        raise ValueError(f"broken must be one of {', '.join(BREAKS)}, got {broken!r}")
    logits, _ = captioner.forward(params, images, tokens[:-1], kind=kind)
    targets = tokens[:-1] if broken == "target" else tokens[1:]
    return cross_entropy(logits, targets, tokens[1:] != scenes.PAD, reduction="batch")


def measure(rng, kind, cell, broken, *, N, H, learning_rate, check_every, most):
    """Of the same N captions at each step, and of what is said of them each `check_every` steps:

    by_heart  the first check at which all are said word by word, NaN where there is none in `most` steps
    exact     the share that is said so at the last check
    loss_100  the loss of step 100, NaN in a shorter run; loss: that of the last step. Nats summed over a caption

    A run ends with the check at which all are said, but not before step 100.
    """
    batch = scenes.draw(rng, N)
    images = np.full_like(batch.images, 0.5) if broken == "picture" else batch.images
    params, by_heart, exact, loss_100 = captioner.init(rng, kind, cell=cell, H=H), np.nan, np.nan, np.nan
    batches = ((images, batch.tokens) for _ in range(most))
    loss = lambda params, images, tokens: broken_loss(params, images, tokens, kind=kind, broken=broken)
    for last in fit(loss, params, batches, Adam(learning_rate), threads=1, progress=False):
        loss_100 = last.loss if last.step == 100 else loss_100
        if last.step % check_every == 0:
            exact = captioning.exact(last.params, images, batch.tokens, kind=kind)
            if exact == 1 and np.isnan(by_heart):
                by_heart = last.step
        if last.step >= 100 and not np.isnan(by_heart):
            break
    return {"by_heart": by_heart, "exact": exact, "loss_100": loss_100, "loss": last.loss}
