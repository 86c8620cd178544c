"""Makes translators.npz: trained translators of number words and of times, in float16.

python data/scripts/make_translators.py        about 2 minutes of one core

They are those of the tables `lengths`, `alignment` and `times`, at their sizes, with seed 1, all at one learning rate:
in `lengths` another one is the best for `plain`.
"""

from pathlib import Path

import numpy as np

from unrolled.autodiff.trees import tree_map
from unrolled.data import clock_times
from unrolled.experiments import translators
from unrolled.experiments.table_translation import SIZES
from unrolled.learning.checkpoints import save_checkpoint

TARGET = Path(__file__).resolve().parents[1] / "translators.npz"
NUMBERS = {"parameters": 30_000, "steps": 800}
TIMES = {"parameters": 40_000, "steps": 700, "both": True}
MODELS = {  # task, and its models: the kind, and how it is trained
    "numbers": {
        "plain": ("plain", NUMBERS | {"both": False}),
        "bahdanau": ("bahdanau", NUMBERS | {"both": False}),
        "luong_both": ("luong", NUMBERS | {"both": True}),  # both directions, where the lesson's own has one
    },
    "times": {"luong": ("luong", TIMES), "bahdanau": ("bahdanau", TIMES)},
}
TASKS = {
    "numbers": (translators.NUMBERS, translators.draw_numbers),
    "times": (translators.TIMES, translators.draw_times),
}


def main():
    models = {task: {} for task in MODELS}
    for task, kinds in MODELS.items():
        vocabularies, draw = TASKS[task]
        pairs = clock_times.phrases("validation") if task == "times" else draw(np.random.default_rng(0), 500)
        for name, (kind, how) in kinds.items():
            rng = np.random.default_rng(1)
            params = translators.train(rng, vocabularies, draw, kind, reverse=False, learning_rate=6e-3, **SIZES, **how)
            right, *_ = translators.answers(params, pairs, vocabularies, kind)
            print(f"{task}, {name}: {right.mean():.3f} right", flush=True)
            models[task][name] = tree_map(lambda array: array.astype(np.float16), params)
    save_checkpoint(TARGET, models)
    print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
