"""Train a character model on a text file: python -m unrolled.train text.txt --cell gru --minutes 5 --out model.npz

The model in --out is the one with the lowest loss on the held-out tail so far. Beside it lies model.run.npz, from which
the same command goes on if it was stopped or killed at any moment; the numbers are those of a run that was not.
"""

import argparse
import hashlib
import re
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits
from tqdm.auto import tqdm

from unrolled.cells import CELLS
from unrolled.data.corpora import read_text
from unrolled.data.text import batches, split, vocabulary
from unrolled.learning.checkpoints import load_checkpoint
from unrolled.learning.fit import fit
from unrolled.learning.optimizers import Adam, Optimizer, clip_by_norm
from unrolled.models import char_lm, ngram
from unrolled.models.files import Model, load, save

SAVE_EVERY = 200  # steps, or between two looks if those are fewer; a kill costs at most what they took
LOOKS = 20  # how often a run is measured on the held-out tail


@dataclass(frozen=True)
class Settings:
    """What makes a run, but for the text and the steps. D None: one-hot vectors.

    threads: on how many BLAS multiplies. On an idle machine two may be faster; where others compute, too, they wait for
    each other, and a step can take fifty times as long.
    """

    cell: str = "gru"
    H: int = 256
    D: int | None = 64
    layers: int = 1
    T: int = 50
    N: int = 32
    learning_rate: float = 4e-3
    dropout: float = 0.3
    weight_decay: float = 0.0
    held_out: float = 0.1
    seed: int = 0
    threads: int = 1


class Look(NamedTuple):
    """A look at the held-out tail: nats per character there, and the lowest so far; loss: the mean since the last look,
    nan where a run that was stopped begins with the look that it did not come to."""

    step: int
    steps: int
    loss: float
    validation: float
    best: float


@dataclass(frozen=True)
class Annealed(Optimizer):
    """Adam with a learning rate that rises in the first 2 % of `steps`, then falls to 0 as half a cosine wave.

    Weights are also drawn towards 0, by learning rate · weight_decay · p (Loshchilov & Hutter, 2019, algorithm 2).
    """

    learning_rate: float = 4e-3
    steps: int = 1000
    weight_decay: float = 0.0
    slots = Adam.slots

    def rate(self, t):
        """The learning rate of update t, from 1 to steps; after the last it stays where it is."""
        done = min(t, self.steps) / (self.steps + 1)
        return self.learning_rate * min(1.0, done / 0.02) * (1 + np.cos(np.pi * done)) / 2

    def change(self, p, g, t, m, v):
        """The law for one array, in place."""
        rate = float(self.rate(t))
        p *= 1 - rate * self.weight_decay
        Adam(rate).change(p, g, t, m, v)


def train(text, out, settings=None, *, steps=None, minutes=None, progress=True):
    """Train on a text, and yield a Look about twenty times and at the end; `out` then holds the best model so far.

    Give steps, or minutes: some steps are then timed first, and so many taken as the time should hold. With steps, the
    numbers depend on the seed alone; with minutes, on the machine, too. Where `out` and its run are there, the run
    goes on. ValueError: a text too short; `out` is another text's, or of other settings, or no model; both or neither
    of steps and minutes.
    """
    settings = settings or Settings()
    if (steps is None) == (minutes is None) or not (minutes if steps is None else steps) > 0:
        raise ValueError(f"give steps or minutes, one of them, above 0, got {steps} and {minutes}")
    out, run = _paths(out)
    symbols, encode, _ = vocabulary(text)
    training, tail = split(encode(text), held_out=settings.held_out)
    params = char_lm.init(
        np.random.default_rng(settings.seed),
        len(symbols),
        settings.H,
        cell=settings.cell,
        D=settings.D,
        layers=settings.layers,
    )
    asked = {"text": hashlib.sha256(text.encode()).hexdigest(), "settings": f"{settings}, {steps=}, {minutes=}"}
    if out.exists():
        best = _same(out, load(out), asked)
    else:
        steps = steps or _steps_in(60 * minutes, params, training, tail, settings)
        facts = asked | {"steps": steps, "step": 0, "validation": _evaluate(params, tail, settings)}
        best = Model(params, "".join(symbols), facts)
        save(out, best)
    yield from _looks(params, training, tail, settings, best, out, run, progress)


def _looks(params, training, tail, settings, best, out, run, progress):
    """Run to the end, or on from where it was, and keep the best."""
    steps, losses = best.facts["steps"], []
    every = max(steps // LOOKS, 1)

    def look(step, params):
        nonlocal best
        validation = _evaluate(params, tail, settings)
        if validation < best.facts["validation"]:
            best = Model(params, best.symbols, best.facts | {"step": step, "validation": validation})
            save(out, best)
        mean = float(np.mean(losses)) if losses else float("nan")
        losses.clear()
        return Look(step, steps, mean, validation, best.facts["validation"])

    def due(step):
        return step == steps or step % every == 0

    if run.exists():
        saved = load_checkpoint(run)
        if due(int(saved["step"])):  # it may have been killed between this step and the look at it
            yield look(int(saved["step"]), saved["params"])
    saving = {"checkpoint": run, "save_every": min(SAVE_EVERY, every)}
    for step in _fit(params, training, settings, steps, **saving, progress=progress):
        losses.append(step.loss)
        if due(step.step):
            yield look(step.step, step.params)


def _fit(params, tokens, settings, steps, **config):
    chunks = batches(tokens, settings.T, settings.N)
    keyed = ((*chunk, np.array([settings.seed, number])) for number, chunk in enumerate(chunks))
    return fit(
        char_lm.loss_with_dropout(settings.dropout),
        params,
        keyed,
        Annealed(settings.learning_rate, steps, settings.weight_decay),
        steps=steps,
        carry=char_lm.start(params, settings.N),
        clip=lambda grads: clip_by_norm(grads, 1.0),
        threads=settings.threads,
        **config,
    )


def _steps_in(seconds, params, training, tail, settings):
    """How many steps, with the looks between them, should take so long on this machine."""
    times = [perf_counter()]
    for _ in _fit(params, training, settings, 30, progress=False):
        times.append(perf_counter())
        if len(times) > 5 and times[-1] - times[0] > seconds / 20:
            break
    a_step, begin = float(np.median(np.diff(times))), perf_counter()
    _evaluate(params, tail, settings)
    a_look = perf_counter() - begin
    return max(int((seconds - (times[-1] - times[0]) - LOOKS * a_look) / a_step), LOOKS)


def _evaluate(params, tail, settings):
    """Nats per character on the tail, in pieces of some 2000 characters side by side: twenty looks take seconds."""
    with threadpool_limits(settings.threads, user_api="blas"):
        return char_lm.evaluate(params, tail, streams=max(len(tail) // 2048, 1))


def _paths(out):
    out = Path(out)
    if out.suffix != ".npz" or not out.parent.is_dir():
        raise ValueError(f"--out must be an .npz file in a folder that exists, got {out}")
    return out, out.with_suffix(".run.npz")


def _same(out, model, asked):
    has, wants = (re.split(r"Settings\(|, |\)", str(facts.get("settings"))) for facts in (model.facts, asked))
    differs = [f"it has {a}, asked is {b}" for a, b in zip_longest(has, wants, fillvalue="nothing") if a != b]
    if model.facts.get("text") != asked["text"]:
        differs.insert(0, "it has learnt another text")
    if differs:
        raise ValueError(
            f"{out} must be of the same text and settings to go on with it: {'; '.join(differs)}. The learning rate "
            "falls to 0 at the end of a run, so a longer one starts anew. "
            f"Choose another --out, or remove {out} and {out.with_suffix('.run.npz')}"
        )
    return model


def baselines(text, held_out=0.1, order=6):
    """Nats per character of the n-grams of order 1, 2, … on the same tail of the same text."""
    symbols, encode, _ = vocabulary(text)
    training, tail = split(encode(text), held_out=held_out)
    counted = ngram.count(training, len(symbols), order)
    return [ngram.evaluate(counted, tail, k + 1) for k in range(order)]


def _parser():
    parser = argparse.ArgumentParser(prog="python -m unrolled.train", description="Train a character model on a text.")
    start = Settings()
    parser.add_argument("text", help="a text file in UTF-8")
    parser.add_argument("--out", default="model.npz", help="where the model goes (default: %(default)s)")
    budget = parser.add_mutually_exclusive_group()
    budget.add_argument("--minutes", type=float, help="about how long, from the time of the first steps (default: 5)")
    budget.add_argument("--steps", type=int, help="how many steps instead: the same numbers on every run")
    parser.add_argument("--most", type=int, default=5_000_000, help="read at most so many bytes (default: %(default)s)")
    parser.add_argument("--cell", choices=CELLS, default=start.cell, help="default: %(default)s")
    of = {"H": "hidden units", "D": "size of the embedding, 0 for one-hot vectors", "T": "time steps", "N": "batch"}
    of |= {"layers": "layers", "seed": "seed", "threads": "threads of BLAS"}
    for name, what in of.items():
        parser.add_argument(f"--{name}", type=int, default=getattr(start, name), help=f"{what} (default: %(default)s)")
    for name in ("learning_rate", "dropout", "weight_decay", "held_out"):
        option = "--" + name.replace("_", "-")
        parser.add_argument(option, type=float, default=getattr(start, name), help="default: %(default)s")
    return parser


def main(arguments=None):
    """The command line."""
    parser = _parser()
    given = parser.parse_args(arguments)
    chosen = {name: getattr(given, name) for name in Settings.__dataclass_fields__}
    settings = Settings(**chosen | {"D": given.D or None})
    minutes = 5 if given.minutes is None and given.steps is None else given.minutes
    bits = lambda nats: f"{nats:.4f} nats = {nats / np.log(2):.4f} bits per character"
    try:
        text, source = read_text(given.text, most=given.most)
        print(f"{source}: {len(text):,} characters, V = {len(set(text))}")
        run = _paths(given.out)[1]
        if run.exists():
            print(f"{run}: the run goes on after step {load_checkpoint(run)['step']}")
        nats = baselines(text, settings.held_out)
        print("n-grams of order 1 to 6, on the tail: " + ", ".join(f"{value:.3f}" for value in nats))
        for look in train(text, given.out, settings, steps=given.steps, minutes=minutes):
            loss = "" if np.isnan(look.loss) else f"loss {look.loss:.4f}, "
            tqdm.write(f"step {look.step} of {look.steps}: {loss}held-out {bits(look.validation)}")
        print(f"{given.out}: {bits(look.best)} on the tail; the best n-gram: {min(nats):.4f} nats")
    except (ValueError, OSError, FloatingPointError) as error:
        parser.exit(2, f"{parser.prog}: {error}\n")
    except KeyboardInterrupt:
        parser.exit(130, "stopped; the same command goes on from here\n")


if __name__ == "__main__":
    main()
