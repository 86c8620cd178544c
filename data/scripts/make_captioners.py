"""Makes captioners.npz: trained weights of the captioners of lessons 05 and 06, in float16.

python data/scripts/make_captioners.py [kind …]        all kinds take about 10 minutes of one core
"""

import sys
import time
from pathlib import Path

import numpy as np

from unrolled.autodiff.trees import tree_map
from unrolled.experiments.captioning import train
from unrolled.learning.checkpoints import load_checkpoint, save_checkpoint

TARGET = Path(__file__).resolve().parents[1] / "captioners.npz"
STEPS = {"late": 9000, "early": 4000, "blind": 500, "mean": 1600, "every": 1600, "once": 1600, "h_0": 1600}


def main(kinds):
    models = load_checkpoint(TARGET) if TARGET.exists() else {}
    for kind in kinds or STEPS:

        def report(last, kind=kind):
            print(f"{kind}: loss {last.loss:.3f}, {time.process_time():.0f} s of processor time", flush=True)

        params = train(np.random.default_rng(1), kind, steps=STEPS[kind], report=report)
        models[kind] = tree_map(lambda array: array.astype(np.float16), params)
        save_checkpoint(TARGET, models)
    print(f"{TARGET.name}: {', '.join(models)}, {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
