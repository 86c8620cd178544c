"""Write with a trained character model: python -m unrolled.sample model.npz --prime "Once" --temperature .8"""

import argparse

import numpy as np

from unrolled.models import char_lm
from unrolled.models.decoding import greedy, sample
from unrolled.models.files import load


def write(model, rng, n, *, prime="", temperature=0.8, top_k=None, top_p=None):
    """n characters that the model writes after `prime` -> text, without it. Temperature 0: the likeliest each time.

    An empty prime is a line break, or the first symbol where the vocabulary has none.
    ValueError: a character of the prime that the model does not know; as `unrolled.models.decoding.probabilities`.
    """
    if temperature < 0:
        raise ValueError(f"temperature must be 0 or more, got {temperature:g}")
    prime = prime or ("\n" if "\n" in model.symbols else model.symbols[0])
    for position, symbol in enumerate(prime):
        if symbol not in model.symbols:
            raise ValueError(f"the model knows {model.symbols!r}, and not {symbol!r}, which is at {position} of prime")
    first = [model.symbols.index(symbol) for symbol in prime]
    step = lambda token, state: char_lm.step(model.params, token, state)
    state = char_lm.start(model.params)
    if temperature == 0:
        tokens = greedy(step, state, first, n)
    else:
        tokens = sample(step, state, first, rng, n, temperature=temperature, top_k=top_k, top_p=top_p)
    return "".join(model.symbols[token] for token in tokens)


def main(arguments=None):
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m unrolled.sample", description="Write with a character model.")
    parser.add_argument("model", help="the .npz file that unrolled.train wrote")
    parser.add_argument("--prime", default="", help="what it reads first (default: a line break)")
    parser.add_argument("-n", type=int, default=500, help="how many characters (default: %(default)s)")
    parser.add_argument("--temperature", type=float, default=0.8, help="0: the likeliest each time (%(default)s)")
    parser.add_argument("--top-k", type=int, help="draw from the k likeliest alone")
    parser.add_argument("--top-p", type=float, help="draw from the likeliest that have together this probability")
    parser.add_argument("--seed", type=int, default=0, help="the same text again, or another (default: %(default)s)")
    given = parser.parse_args(arguments)
    try:
        if given.n < 0:
            raise ValueError(f"-n must be at least 0, got {given.n}")
        chosen = {"prime": given.prime, "temperature": given.temperature, "top_k": given.top_k, "top_p": given.top_p}
        print(given.prime + write(load(given.model), np.random.default_rng(given.seed), given.n, **chosen))
    except (ValueError, OSError) as error:
        parser.exit(2, f"{parser.prog}: {error}\n")


if __name__ == "__main__":
    main()
