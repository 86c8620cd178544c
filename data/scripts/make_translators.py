"""Makes translators.npz: trained translators of number words and of times, in float16.

python data/scripts/make_translators.py        about 3 minutes of one core

They are those of the tables `lengths`, `alignment` and `times`, at their sizes, with seed 1, all at one learning rate:
in `lengths` another one is the best for `plain`. All but one: `luong_both`, by which `unrolled.translate` answers,
learns for longer, numbers of up to twelve digits, and round ones too. What is drawn digit by digit hardly ever ends in
zeros: a network that learnt from that alone had nine of ten whole thousands wrong.
"""

from pathlib import Path

import numpy as np

from unrolled.autodiff.trees import tree_map
from unrolled.data import clock_times, number_words
from unrolled.data.translation import part
from unrolled.experiments import translators
from unrolled.experiments.table_translation import SIZES
from unrolled.learning.checkpoints import save_checkpoint

TARGET = Path(__file__).resolve().parents[1] / "translators.npz"
NUMBERS = {"parameters": 30_000, "steps": 800}
TIMES = {"parameters": 40_000, "steps": 700, "both": True}
MODELS = {  # task, and its models: the kind, and how it is trained
    "numbers": {"plain": ("plain", NUMBERS | {"both": False}), "bahdanau": ("bahdanau", NUMBERS | {"both": False})},
    "round numbers": {"luong_both": ("luong", NUMBERS | {"both": True, "steps": 4000})},
    "times": {"luong": ("luong", TIMES), "bahdanau": ("bahdanau", TIMES)},
}


def draw_round_numbers(rng, N):
    """N pairs of the part to train on, numbers of 1 … 12 digits; half of them with zeros from some place on, 0 too."""
    drawn = number_words.draw(rng, N, (1, 12))
    tails = [10 ** int(rng.integers(1, len(str(n)) + 1)) if k % 2 else 1 for k, n in enumerate(drawn)]
    rounded = [n - n % tail for n, tail in zip(drawn, tails)]
    return [number_words.pair(n if part(n) == "train" else whole) for n, whole in zip(rounded, drawn)]


TASKS = {
    "numbers": (translators.NUMBERS, translators.draw_numbers),
    "round numbers": (translators.NUMBERS, draw_round_numbers),
    "times": (translators.TIMES, translators.draw_times),
}


def main():
    models = {"numbers": {}, "times": {}}
    for task, kinds in MODELS.items():
        vocabularies, draw = TASKS[task]
        pairs = clock_times.phrases("validation") if task == "times" else draw(np.random.default_rng(0), 500)
        for name, (kind, how) in kinds.items():
            rng = np.random.default_rng(1)
            params = translators.train(rng, vocabularies, draw, kind, reverse=False, learning_rate=6e-3, **SIZES, **how)
            right, *_ = translators.answers(params, pairs, vocabularies, kind)
            print(f"{task}, {name}: {right.mean():.3f} right", flush=True)
            models[task.removeprefix("round ")][name] = tree_map(lambda array: array.astype(np.float16), params)
    save_checkpoint(TARGET, models)
    print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
