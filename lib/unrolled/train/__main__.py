"""Train a character model on a text file: python -m unrolled.train text.txt --cell gru --minutes 5 --out model.npz"""

from time import perf_counter

import numpy as np
from tqdm.auto import tqdm

from unrolled.cells import CELLS
from unrolled.data.corpora import read_text
from unrolled.data.text import split, vocabulary
from unrolled.environment.options import Parser, any_console
from unrolled.models import ngram
from unrolled.models.files import load
from unrolled.train.runs import looks, prepare
from unrolled.train.settings import LAWS, SUITED, Settings


def baselines(text, held_out=0.1, order=6):
    """Nats per character of the n-grams of order 1, 2, … on the same tail of the same text, by Kneser and Ney.

    The discount is 0.8 for every text, so that none is chosen on the tail.
    """
    symbols, encode, _ = vocabulary(text)
    training, tail = split(encode(text), held_out=held_out)
    order = min(order, len(training))
    counted = ngram.kneser_ney(ngram.count(training, len(symbols), order), 0.8)
    return [ngram.evaluate(counted, tail, k + 1) for k in range(order)]


def _parser():
    parser = Parser(prog="python -m unrolled.train", description="Train a character model on a text.")
    start = Settings()
    parser.add_argument("text", help="a text file, in UTF-8 or in --encoding")
    parser.add_argument("--encoding", help="of a text that is not in UTF-8: cp949, latin-1, …")
    parser.add_argument("--out", default="model.npz", help="where the model goes (default: %(default)s)")
    parser.add_argument("--anew", action="store_true", help="begin anew, in place of the model and the run in --out")
    budget = parser.add_mutually_exclusive_group()
    budget.add_argument("--minutes", type=LAWS["minutes"].read, help="how long, without the n-grams (default: 5)")
    budget.add_argument(
        "--steps", type=LAWS["steps"].read, help="how many steps instead: the same numbers on every run"
    )
    parser.add_argument("--most", type=LAWS["most"].read, default=5_000_000, help="bytes that are read (%(default)s)")
    parser.add_argument("--cell", choices=CELLS, default=start.cell, help="default: %(default)s")
    of = {"H": "hidden units", "D": "size of the embedding, 0 for one-hot vectors", "T": "time steps", "N": "batch"}
    of |= {"layers": "layers", "seed": "seed", "threads": "threads of BLAS", "held_out": "the share that tests it"}
    for name in (
        "H",
        "D",
        "layers",
        "T",
        "N",
        "learning_rate",
        "dropout",
        "weight_decay",
        "held_out",
        "seed",
        "threads",
    ):
        default = "what suits the budget" if name in SUITED else getattr(start, name)
        about = f"{of.get(name, name.replace('_', ' '))} (default: {default})"
        option = "--" + name.replace("_", "-")
        parser.add_argument(option, type=LAWS[name].read, default=getattr(start, name), help=about)
    return parser


def main(arguments=None):
    """The command line."""
    any_console()
    parser = _parser()
    given = parser.parse_args(arguments)
    settings = Settings(
        **{name: getattr(given, name) for name in Settings.__dataclass_fields__} | {"D": given.D or None}
    )
    minutes = 5 if given.minutes is None and given.steps is None else given.minutes
    bits = lambda nats: f"{nats:.4f} nats = {nats / np.log(2):.4f} bits per character"
    try:
        text, source = read_text(given.text, most=given.most, encoding=given.encoding)
        run = prepare(text, given.out, settings, steps=given.steps, minutes=minutes, anew=given.anew)
        print(f"{source}: {len(text):,} characters, V = {len(run.symbols)}")
        before = int(run.saved["step"]) if run.saved else 0
        if run.saved:
            print(f"{run.out.with_suffix('.run.npz')}: the run goes on after step {before}")
        nats = baselines(text, settings.held_out)
        by_order = ", ".join(f"{value:.3f}" for value in nats)
        print(f"n-grams (Kneser-Ney) of order 1 to {len(nats)}, on the tail: {by_order}")
        chosen, looked_at = run.settings, run.facts.get("sample", len(run.tail))
        sizes = ", ".join(f"{name} = {getattr(chosen, name)}" for name in (*SUITED, "T", "D", "layers"))
        print(f"{chosen.cell}, {sizes}; a look reads {looked_at:,} of the {len(run.tail):,} characters of the tail")
        begin = perf_counter()
        for look in looks(run):
            loss = "" if np.isnan(look.loss) else f"loss {look.loss:.4f}, "
            of = f"step {look.step} of {'' if given.steps else 'about '}{look.steps}"
            tqdm.write(f"{of}: {loss}held-out {bits(look.validation)}")
        _report(run, look, nats, (look.step - before) * chosen.N * chosen.T / (perf_counter() - begin))
    except MemoryError as error:
        parser.exit(2, f"{parser.prog}: there is not memory enough: take a smaller --H, --N or --T ({error})\n")
    except (ValueError, OSError, FloatingPointError) as error:
        parser.exit(2, f"{parser.prog}: {error}\n")
    except KeyboardInterrupt:
        parser.exit(130, "stopped; the same command goes on from here\n")


def _report(run, look, nats, speed):
    """The last lines: what the model came to, beside the n-grams, and what may be wrong where it came to nothing."""
    facts = load(run.out).facts
    part = "" if facts["read"] == len(run.tail) else f"the first {facts['read']:,} of {len(run.tail):,} characters of "
    said = f"{facts['tail']:.4f} nats = {facts['tail'] / np.log(2):.4f} bits per character on {part}the tail"
    read = f"; {speed:,.0f} characters a second" if speed else ""
    print(f"{run.out}: {said}; the best n-gram (Kneser-Ney): {min(nats):.4f} nats{read}")
    rose = look.validation > 1.2 * look.best
    if rose and look.loss < look.best:
        learnt = f"the training loss fell to {look.loss:.4f} nats, and the held-out loss rose from {look.best:.4f} to"
        known = f"the model learns these {len(run.training):,} characters by heart, and needs more text, or less time"
        print(f"{learnt} {look.validation:.4f}: {known}. {run.out} holds the best look")
    elif rose or look.best > np.log(len(run.symbols)):
        print(f"the held-out loss has risen on the way: try a learning rate below {run.settings.learning_rate:g}")
    elif facts["tail"] > nats[0]:
        print("that is no better than single letters by their frequency: give it more time, or more steps")


if __name__ == "__main__":
    main()
