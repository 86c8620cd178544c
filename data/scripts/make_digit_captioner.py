"""Makes digit_captioner.npz: trained weights of a captioner of two digits, in float16.

python data/scripts/make_digit_captioner.py        about 3 minutes of one core
"""

from functools import partial
from itertools import repeat
from pathlib import Path

import numpy as np

from unrolled.autodiff.trees import tree_map
from unrolled.data import digits
from unrolled.learning.checkpoints import save_checkpoint
from unrolled.learning.fit import fit
from unrolled.learning.optimizers import Adam, clip_by_norm
from unrolled.models import captioner

TARGET = Path(__file__).resolve().parents[1] / "digit_captioner.npz"
KIND = "every"
STAGES = ((3e-3, 3600), (1e-3, 1500), (3e-4, 900))  # learning rates, and the steps of each


def main():
    rng = np.random.default_rng(1)
    params = captioner.init(rng, KIND, len(digits.WORDS))
    batches = ((batch.images, batch.tokens) for batch in (digits.draw(rng, 64) for _ in repeat(None)))
    clip, loss = partial(clip_by_norm, max_norm=5.0), partial(captioner.loss, kind=KIND)
    for rate, steps in STAGES:
        *_, last = fit(loss, params, batches, Adam(rate), steps=steps, clip=clip, threads=1, progress=False)
        params = last.params
        print(f"rate {rate:g}: loss {last.loss:.3f}", flush=True)
    save_checkpoint(TARGET, {KIND: tree_map(lambda array: array.astype(np.float16), params)})
    print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
