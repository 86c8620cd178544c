"""Makes char_lstm.npz: the LSTM of lesson 04 at its full length, in float16.

python data/scripts/make_char_lstm.py          about 2 minutes of one core

It learns from the first 80 % of tales.txt. Every 500 steps it reads the next 10 %, and the weights that read them best
are kept. The last 10 % are read once, at the end, with the weights as they are stored.
"""

from pathlib import Path

import numpy as np

from unrolled.autodiff.trees import tree_map
from unrolled.data import corpora, text
from unrolled.experiments.char_models import learn, parts
from unrolled.models import char_lm
from unrolled.models.files import Model, save

TARGET = Path(__file__).resolve().parents[1] / "char_lstm.npz"
SETTING = {
    "cell": "lstm", "parameters": 150_000, "D": 32, "T": 50, "N": 16, "learning_rate": 5e-3, "dropout": 0.3,
    "max_norm": 1.0, "steps": 5000,
}  # fmt: skip


def main():
    V, train, validation, test = parts()
    symbols, _, _ = text.vocabulary(corpora.corpus("tales").text)
    best, kept, facts = np.inf, None, {}
    for step in learn(np.random.default_rng(1), train, V, **SETTING):
        if step.step % 500 == 0:
            nats = char_lm.evaluate(step.params, validation)
            print(f"step {step.step}: validation {nats:.4f} nats", flush=True)
            if nats < best:
                best, kept = nats, tree_map(lambda array: array.astype(np.float16), step.params)
                facts = {"step": step.step, "validation": nats, "seed": 1}
    stored = tree_map(lambda array: array.astype(np.float32), kept)
    facts["test"] = char_lm.evaluate(stored, test)
    save(TARGET, Model(kept, "".join(symbols), facts))
    print(f"{TARGET.name}: {facts}, {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
