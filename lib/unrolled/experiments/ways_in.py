"""Three ways to give the picture to a captioner, each trained until its validation captions have stood still.

Claims: Vinyals et al. (2015) and Karpathy & Fei-Fei (2015) give it once; CS231n's lecture at every step, its assignment
in the first state.
"""

from functools import partial
from itertools import islice, repeat
from typing import NamedTuple

import numpy as np

from unrolled.autodiff.trees import tree_map
from unrolled.data.scenes import scenes
from unrolled.experiments import captioning
from unrolled.learning.fit import fit
from unrolled.learning.optimizers import Adam, clip_by_norm
from unrolled.models import captioner

RATES, CHOSEN_AFTER = (2e-3, 4e-3), 800  # each way, and each seed, goes on with the better of these
CHECK_EVERY = 100  # steps between two looks at the validation pictures
STILL = 1 / 5  # of the run so far: so long there has been no better share of exact captions, when a run ends
LEAST = 1500  # steps before it may end: before the first word is learnt, too, captions stand still


class Check(NamedTuple):
    """After so many steps: nats a word and the share of exact captions of the validation pictures, and the params."""

    step: int
    nats: float
    exact: float
    params: dict


def grade(params, batch, *, kind):
    """Nats a word under teacher forcing, and the share of captions that are right to the last word."""
    shown = batch.images, batch.tokens
    return float(captioner.loss(params, *shown, kind=kind)), captioning.exact(params, *shown, kind=kind)


def best_of(checks):
    """The first of those with the largest share of exact captions."""
    return max(checks, key=lambda check: check.exact)


def stands_still(checks):
    """Does the best check lie a fifth of the run behind?"""
    step = checks[-1].step
    return step >= LEAST and step - best_of(checks).step >= STILL * step


def train(rng, kind, *, learning_rate, validation, N, most):
    """Yields a Check each CHECK_EVERY steps on N fresh pictures each, until it stands still, or to the step `most`."""
    params = captioner.init(rng, kind)
    batches = ((batch.images, batch.tokens) for batch in (scenes.draw_counts(rng, N) for _ in repeat(None)))
    how = {"clip": partial(clip_by_norm, max_norm=5.0), "threads": 1, "progress": False}
    checks = []
    for last in fit(partial(captioner.loss, kind=kind), params, batches, Adam(learning_rate), steps=most, **how):
        if last.step % CHECK_EVERY == 0:
            nats, exact = grade(last.params, validation, kind=kind)
            checks.append(Check(last.step, nats, exact, tree_map(np.copy, last.params)))
            yield checks[-1]
            if stands_still(checks):
                return


def choose(rng, kind, **how):
    """Trains at each of RATES for CHOSEN_AFTER steps, and goes on with the one of the lowest validation loss.

    -> the rate, the Checks of its whole run, and {rate: validation nats when it was chosen}
    """
    runs = {rate: train(child, kind, learning_rate=rate, **how) for rate, child in zip(RATES, rng.spawn(len(RATES)))}
    begun = {rate: list(islice(run, CHOSEN_AFTER // CHECK_EVERY)) for rate, run in runs.items()}
    nats = {rate: checks[-1].nats for rate, checks in begun.items()}
    rate = min(nats, key=nats.get)
    return rate, [*begun[rate], *runs[rate]], nats


def measure(rng, kind, *, N, most, test_size):
    """Where most validation captions are exact, at `step`: nats a word, and exact captions, of validation and test.

    learning_rate, nats_<rate>  the rate that was chosen, and from which validation losses
    steps, stood_still          how many there were in all, and 1 where the run ended by itself
    half, nine_tenths           the first step at which so many validation captions were exact, NaN for never
    """
    pictures = np.random.default_rng(0)
    sets = {part: scenes.draw_counts(pictures, test_size) for part in ("validation", "test")}
    rate, checks, tried = choose(rng, kind, validation=sets["validation"], N=N, most=most)
    best = best_of(checks)
    found = {"learning_rate": rate} | {f"nats_{rate:g}": nats for rate, nats in tried.items()}
    found |= {"step": best.step, "steps": checks[-1].step, "stood_still": stands_still(checks)}
    for name, share in (("half", 0.5), ("nine_tenths", 0.9)):
        found[name] = next((check.step for check in checks if check.exact >= share), np.nan)
    for part, batch in sets.items():
        found[f"{part}_nats"], found[f"{part}_exact"] = grade(best.params, batch, kind=kind)
    return found
