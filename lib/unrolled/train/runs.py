"""A run of training: checked before anything is written, looked at on the held-out tail, stopped and gone on with."""

import hashlib
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from unrolled.data.text import batches, split, vocabulary
from unrolled.learning.checkpoints import load_checkpoint, save_checkpoint
from unrolled.learning.fit import fit
from unrolled.learning.optimizers import Annealed, clip_by_norm
from unrolled.models import char_lm
from unrolled.models.files import Model, load, save
from unrolled.train.settings import LAWS, SUITED, Settings, settings_of

SAVE_EVERY = 200  # steps, or between two looks if those are fewer; a kill costs at most what they took
LOOKS = 20  # how often a run is measured on the held-out tail


class Look(NamedTuple):
    """A look at the held-out tail: nats per character in the part of it that is looked at, and the lowest so far; loss:
    the mean since the last look, nan where a run that was stopped begins with the look that it did not come to.
    steps: how many there will be; with minutes, about."""

    step: int
    steps: int
    loss: float
    validation: float
    best: float


class Clock:
    """The share of its seconds that a run has used, from 0 to 1; `used`, an array, holds the seconds.

    kept: what is left of the seconds for the end, when the whole tail is read.
    """

    def __init__(self, seconds, used):
        self.seconds, self.used, self.kept, self.begin = seconds, np.array(used, float), 0.0, None

    def start(self, kept):
        """From now on it runs, from the seconds used on."""
        self.kept, self.begin = kept, perf_counter() - float(self.used)

    def __call__(self):
        self.used[...] = perf_counter() - self.begin
        return min(float(self.used) / (self.seconds - self.kept), 1.0)


@dataclass(frozen=True)
class Run:
    """A run that is checked, and of which nothing is written yet.

    settings: every one is chosen; facts: what a model of this run says of itself; best: the model so far, and saved:
    what `fit` kept, None where there is none; clock: with minutes, else None
    """

    out: Path
    training: np.ndarray
    tail: np.ndarray
    symbols: str
    settings: Settings
    facts: dict
    steps: int | None
    clock: Clock | None
    best: Model | None
    saved: dict | None


def train(text, out, settings=None, *, steps=None, minutes=None, anew=False, progress=True):
    """Train on a text, and yield a Look about twenty times and at the end; `out` then holds the best model so far.

    Give steps, or minutes. With steps, the numbers depend on the seed alone; with minutes, on the machine, too. Where
    `out` and its run are there, the run goes on; anew=True begins another in their place. At the end the best model has
    read the whole tail: facts["tail"] of the file, in nats per character.
    ValueError, before anything is written: a text too short; `out` or its run is of another text or of other settings,
    or without the other; both or neither of steps and minutes.
    """
    yield from looks(prepare(text, out, settings, steps=steps, minutes=minutes, anew=anew), progress=progress)


def prepare(text, out, settings=None, *, steps=None, minutes=None, anew=False):
    """What `train` is asked, checked -> Run. Nothing is written."""
    settings, out = settings or Settings(), _path(out)
    if (steps is None) == (minutes is None):
        raise ValueError(f"give steps or minutes, one of them, got {steps} and {minutes}")
    name, budget = ("steps", steps) if minutes is None else ("minutes", minutes)
    LAWS[name].check(name, budget)
    symbols, encode, _ = vocabulary(text)
    training, tail = split(encode(text), held_out=settings.held_out)
    sha, symbols = hashlib.sha256(text.encode()).hexdigest(), "".join(symbols)
    best, saved = (None, None) if anew else _earlier(out, sha, asdict(settings) | {"steps": steps, "minutes": minutes})
    if best:
        settings = replace(settings, **{name: settings_of(best.facts)[name] for name in SUITED})
    N = settings.N or SUITED["N"]
    if len(training) <= max(settings.T, N - 1):
        raise ValueError(
            f"the text must have more than T = {settings.T} symbols, and at least N = {N}, to learn from, got "
            f"{len(training)}: of {len(text)}, held_out = {settings.held_out} keeps {len(tail)} for the test"
        )
    clock = Clock(60 * minutes, saved["about"]["used"] if saved and "about" in saved else 0.0) if minutes else None
    if best:
        return Run(out, training, tail, symbols, settings, best.facts, steps, clock, best, saved)
    settings, characters = settings_for_budget(settings, training, len(symbols), steps, clock)
    sample = int(np.clip(0.1 * characters / LOOKS, 256, len(tail)))  # reading costs a third of learning
    facts = {"text": sha, "settings": f"{settings}, {steps=}, {minutes=}", "step": 0, "sample": sample}
    return Run(out, training, tail, symbols, settings, facts, steps, clock, None, None)


def settings_for_budget(settings, tokens, V, steps, clock):
    """Settings in which what was None suits the budget, and about how many characters it lets them learn from.

    With steps, SUITED. With minutes, some steps of H = 256 are timed, which the clock counts. Where there is time for
    few characters, a small model with a high learning rate sees more of them and comes further; with much time a large
    one does. Dropout helps where the text is read many times, and costs where it is not.
    """
    full = replace(settings, **{name: SUITED[name] for name in SUITED if getattr(settings, name) is None})
    if steps:
        characters = steps * full.N * full.T
    else:
        begin, short, times = perf_counter(), replace(full, H=256, dropout=0.0, T=min(full.T, 10)), []
        for _ in _fit(_first(short, V), tokens, short, Annealed(1e-9, 4), steps=4, progress=False):
            times.append(perf_counter())
        characters = clock.seconds / np.diff(times).min() * short.N * short.T
        size = (128, 8e-3) if characters < 1.2e6 else (256, 6e-3) if characters < 4e6 else (384, 4e-3)
        if characters > 20 * len(tokens):  # a short text is soon known by heart
            size = min(size, (256, 4e-3))
        fitting = dict(zip(("H", "learning_rate", "N"), (*size, 16)))
        full = replace(full, **{name: fitting[name] for name in fitting if getattr(settings, name) is None})
        characters *= (256 / full.H) ** 1.5
        clock.used += perf_counter() - begin
    passes = characters / len(tokens)
    if settings.dropout is None:
        full = replace(full, dropout=0.0 if passes < 3 else 0.1 if passes < 8 else SUITED["dropout"])
    return full, characters


def looks(run, *, progress=True):
    """Run to the end, or on from where it was, keep the best, and yield each Look."""
    settings, steps, clock, saved = run.settings, run.steps, run.clock, run.saved
    file, losses = run.out.with_suffix(".run.npz"), []
    params = _first(settings, len(run.symbols))
    sample = run.tail[: run.facts.get("sample", len(run.tail))]
    begin = perf_counter()
    validation = _evaluate(params, sample, settings)
    per_symbol = (perf_counter() - begin) / len(sample)
    affordable = len(run.tail)
    if clock:
        affordable = min(affordable, int(0.15 * clock.seconds / per_symbol))
        clock.start(kept=per_symbol * affordable)
    seen = int(clock() * LOOKS) if clock else 0
    best = run.best
    if best is None:
        best = Model(params, run.symbols, run.facts | {"validation": validation})
        save(run.out, best)
        file.unlink(
            missing_ok=True
        )  # anew=True: a kill before this leaves two that do not belong together, and says so
    about = _about(run)
    if saved and "about" not in saved:  # of an earlier version; that it belongs to the model, its text has told
        save_checkpoint(file, saved | {"about": about})
    every = max(steps // LOOKS, 1) if steps else None

    def over(step):
        return "tail" in best.facts or (step == steps if steps else clock() >= 1)

    def due(step):
        return step % every == 0 if steps else int(clock() * LOOKS) > seen

    def look(step, params, last):
        nonlocal best, seen
        validation = _evaluate(params, sample, settings)
        if validation < best.facts["validation"]:
            best = Model(params, best.symbols, best.facts | {"step": step, "validation": validation})
            save(run.out, best)
        if last and "tail" not in best.facts:
            read = {"tail": _evaluate(best.params, run.tail[:affordable], settings), "read": affordable}
            best = best._replace(facts=best.facts | read)
            save(run.out, best)
        mean = float(np.mean(losses)) if losses else float("nan")
        losses.clear()
        seen = int(clock() * LOOKS) if clock else 0
        return Look(step, steps or round(step / clock()), mean, validation, best.facts["validation"])

    if saved and (due(step := int(saved["step"])) or over(step)):  # killed, perhaps, between this step and its look
        yield look(step, saved["params"], over(step))
    if "tail" in best.facts:
        return
    optimizer = Annealed(settings.learning_rate, steps, settings.weight_decay, clock)
    saving = {"checkpoint": file, "about": about, "save_every": min(SAVE_EVERY, every or SAVE_EVERY)}
    with closing(_fit(params, run.training, settings, optimizer, steps=steps, **saving, progress=progress)) as taken:
        for step in taken:
            losses.append(step.loss)
            last = over(step.step)
            if last or due(step.step):
                yield look(step.step, step.params, last)
            if last:
                break


def _first(settings, V):
    """The first weights of a run."""
    sizes = {name: getattr(settings, name) for name in ("cell", "D", "layers")}
    return char_lm.init(np.random.default_rng(settings.seed), V, settings.H, **sizes)


def _about(run):
    """What is kept with a run, so that it goes on with no other text, settings or alphabet, and within its time."""
    about = {"text": run.facts["text"], "settings": run.facts["settings"]}
    about["symbols"] = np.array([ord(symbol) for symbol in run.symbols], np.uint32)
    return about | ({"used": run.clock.used} if run.clock else {})


def _fit(params, tokens, settings, optimizer, **config):
    chunks = batches(tokens, settings.T, settings.N)
    keyed = ((*chunk, np.array([settings.seed, number])) for number, chunk in enumerate(chunks))
    return fit(
        char_lm.loss_with_dropout(settings.dropout),
        params,
        keyed,
        optimizer,
        carry=char_lm.start(params, settings.N),
        clip=lambda grads: clip_by_norm(grads, 1.0),
        threads=settings.threads,
        **config,
    )


def _evaluate(params, tail, settings):
    """Nats per character, read in pieces of some 2000 characters side by side, or of 512 where that is all there is."""
    streams = max(len(tail) // 2048, 1) if len(tail) > 2**15 else max(len(tail) // 512, 1)
    with threadpool_limits(settings.threads, user_api="blas"):
        return char_lm.evaluate(params, tail, streams=streams)


def _path(out):
    path = Path(out).expanduser()
    if path.suffix != ".npz" or not path.parent.is_dir() or path.is_dir():
        raise ValueError(f"--out must be an .npz file in a folder that exists, got {str(out)!r}")
    return path


def _earlier(out, text, asked):
    """The model in `out` and the run beside it, or None twice; ValueError where they are not those that were asked."""
    file = out.with_suffix(".run.npz")
    saved, anew = load_checkpoint(file) if file.exists() else None, "--anew (anew=True) begins anew in its place"
    if not out.exists():
        if saved:
            raise ValueError(f"{file} is a run whose model, {out}, is not there: move the model back. Or {anew}")
        return None, None
    best = load(out)
    has, facts = settings_of(best.facts), best.facts
    differs = ["it has learnt another text"] if facts.get("text") != text else []
    for name, value in asked.items():
        if name not in has or not (has[name] == value or value is None and name in SUITED):
            differs.append(f"it has {f'{name}={has[name]!r}' if name in has else 'nothing'}, asked is {name}={value!r}")
    if differs:
        raise ValueError(
            f"{out} must be of the same text and settings to go on with it: {'; '.join(differs)}. The learning rate "
            f"falls to 0 at the end of a run, so a longer one starts anew. Choose another --out, or {anew}"
        )
    about = saved and saved.get("about", facts)
    if saved and (
        "step" not in saved or any(str(about.get(name)) != str(facts.get(name)) for name in ("text", "settings"))
    ):
        raise ValueError(f"{file} must be the run of {out}, and is another: move it away. Or {anew}")
    return best, saved
