"""Makes captioners.npz: trained weights of the captioners of lesson 05, in float16.

python data/scripts/make_captioners.py [kind …]        all kinds take about 9 minutes of one core
"""

import sys
import time
from functools import partial
from pathlib import Path

import numpy as np

from unrolled.data import scenes
from unrolled.models import captioner, files
from unrolled.optimizers import Adam, clip_by_norm
from unrolled.training import fit, save_checkpoint
from unrolled.trees import tree_map

TARGET = Path(__file__).resolve().parents[1] / "captioners.npz"
N, STAGES = 64, ((3e-3, 0.6), (1e-3, 0.25), (3e-4, 0.15))  # learning rates, and the share of the steps for each
STEPS = {"late": 9000, "early": 3000, "blind": 500, "mean": 1600, "every": 1600, "once": 1600, "h_0": 1600}


def train(kind, steps, seed=1):
    """A captioner of this kind after so many steps."""
    rng, clip = np.random.default_rng(seed), partial(clip_by_norm, max_norm=5.0)
    params = captioner.init(rng, kind, A=24 if kind in captioner.INJECTED else 48)  # all files below 1 MB
    batches = ((batch.images, batch.tokens) for batch in iter(lambda: scenes.draw(rng, N), None))
    for rate, share in STAGES:
        loss = partial(captioner.loss, kind=kind)
        *_, last = fit(loss, params, batches, Adam(rate), steps=round(share * steps), clip=clip, progress=False)
        params = last.params
        print(f"{kind}: rate {rate}, loss {last.loss:.3f}, {time.process_time():.0f} s of processor time", flush=True)
    return params


def main(kinds):
    models = files.load_nest(TARGET) if TARGET.exists() else {}
    for kind in kinds or STEPS:
        models[kind] = tree_map(lambda array: array.astype(np.float16), train(kind, STEPS[kind]))
        save_checkpoint(TARGET, models)
    print(f"{TARGET.name}: {', '.join(models)}, {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
