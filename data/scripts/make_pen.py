"""Makes pen.npz: a trained GRU that writes the letters of strokes.npz, in float16.

python data/scripts/make_pen.py        about a minute of one core

It is the network of the table `card_handwriting` with a state of 64 numbers, trained for longer, by a rate that falls.
"""

from itertools import repeat
from pathlib import Path

import numpy as np

from unrolled.autodiff.trees import tree_map
from unrolled.data import strokes
from unrolled.experiments.applications import handwriting, readers
from unrolled.learning.checkpoints import save_checkpoint
from unrolled.learning.fit import fit
from unrolled.learning.optimizers import Annealed, clip_by_norm

TARGET = Path(__file__).resolve().parents[1] / "pen.npz"
H, M, N, STEPS = 64, 8, 32, 6000


def main():
    rng = np.random.default_rng(1)
    params = readers.init_reader(rng, 3 + handwriting.V, H, 6 * M + 1)
    batches = (strokes.draw(rng, N) for _ in repeat(None))
    how = {"clip": lambda grads: clip_by_norm(grads, 1.0), "threads": 1}
    *_, last = fit(handwriting.nats, params, batches, Annealed(1e-2, steps=STEPS), steps=STEPS, **how)
    save_checkpoint(TARGET, tree_map(lambda array: array.astype(np.float16), last.params))
    fresh = strokes.draw(np.random.default_rng(2), 500)
    print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes, {handwriting.nats(last.params, *fresh):.2f} nats a point")


if __name__ == "__main__":
    main()
