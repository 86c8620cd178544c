"""Write with a trained character model: python -m unrolled.sample model.npz --prime "Once" --temperature .8"""

import numpy as np

from unrolled.environment.options import Law, Parser, any_console, at_least, note_on_console
from unrolled.models import char_lm
from unrolled.models.decoding import greedy, sample
from unrolled.models.files import load

LAWS = {
    "temperature": Law(float, "at least 0 and finite", lambda x: 0 <= x < np.inf),
    "top_p": Law(float, "above 0 and at most 1", lambda x: 0 < x <= 1),
}


def write(model, rng, n, *, prime="", temperature=0.8, top_k=None, top_p=None):
    """n characters that the model writes after `prime` -> text, without it. Temperature 0: the likeliest each time.

    An empty prime is a line break, or the first symbol where the vocabulary has none.
    ValueError: a character of the prime that the model does not know; as `unrolled.models.decoding.probabilities`.
    """
    LAWS["temperature"].check("temperature", temperature)
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
    any_console()
    parser = Parser(prog="python -m unrolled.sample", description="Write with a character model.")
    parser.add_argument("model", help="the .npz file that unrolled.train wrote")
    parser.add_argument("--prime", default="", help="what it reads first (default: a line break)")
    add = lambda option, law, about, default=None: parser.add_argument(
        option, type=law.read, help=about, default=default
    )
    add("-n", at_least(0), "how many characters (default: %(default)s)", 500)
    add("--temperature", LAWS["temperature"], "0: the likeliest each time (default: %(default)s)", 0.8)
    add("--top-k", at_least(1), "draw from the k likeliest alone")
    add("--top-p", LAWS["top_p"], "draw from the likeliest that have together this probability")
    add("--seed", at_least(0), "the same text again, or another (default: %(default)s)", 0)
    given = parser.parse_args(arguments)
    try:
        chosen = {"prime": given.prime, "temperature": given.temperature, "top_k": given.top_k, "top_p": given.top_p}
        text = given.prime + write(load(given.model), np.random.default_rng(given.seed), given.n, **chosen)
        print(text)
        note_on_console(text)
    except (ValueError, OSError) as error:
        parser.exit(2, f"{parser.prog}: {error}\n")


if __name__ == "__main__":
    main()
