"""Wrong answers, made from a right one: copies of a function with a part of its source replaced."""

import inspect
import re
import sys
import textwrap
from functools import cache


def mutants(function, *rows):
    """{sentence: a copy of the function with a mistake}, from rows (sentence, old, new, old, new, …) of its source."""
    made = {}
    for sentence, *pairs in rows:
        if sentence in made:
            raise ValueError(f"two wrong answers of {function.__name__} have the sentence {sentence!r}")
        made[sentence] = mutate(function, *pairs, label=sentence)
    return made


def mutate(function, *pairs, label="a mutant"):
    """A copy of a function or class in which each old part of the source reads new; its docstring is no code."""
    source = re.sub('""".*?"""', '"""A mistake."""', source_of(function), count=1, flags=re.DOTALL)
    made = compile_like(function, replace_once(function, source, *pairs), label)
    made.made_of = function, pairs
    return made


def combine(first, second):
    """A mutant with the mistakes of two; None where they cannot stand together, or are no mutants of one function."""
    (function, pairs), (other, more) = (getattr(made, "made_of", (made, ())) for made in (first, second))
    if function is not other or not pairs:
        return None
    try:
        return mutate(function, *pairs, *more)
    except ValueError:
        return None


@cache
def source_of(function):
    """The source of a function, its decorators included, from the left margin on."""
    return textwrap.dedent(inspect.getsource(inspect.unwrap(function)))


def replace_once(function, source, *pairs):
    """The source with each old part replaced by the new one. ValueError: a part that does not stand there once."""
    for old, new in zip(pairs[::2], pairs[1::2], strict=True):
        if source.count(old) != 1:
            raise ValueError(f"{old!r} must stand once in {function.__name__}, not {source.count(old)} times")
        source = source.replace(old, new)
    return source


def compile_like(function, source, label):
    """What the source defines under the function's name, with all that its module knows."""
    scope = dict(vars(sys.modules[function.__module__]))
    exec(compile(source, f"<{function.__name__}: {label}>", "exec"), scope)
    return scope[function.__name__]


# Rules: rows for `mutants` that are the same in every bank. A term is given by its name and its source.


def turn_and_drop(**terms):
    """Each term with its sign turned, and as zero."""
    for name, source in terms.items():
        yield f"the sign of {name} is turned", source, f"-({source})"
        yield f"{name} is zero: {source} belongs there", source, f"0 * ({source})"


def slip_gradients(**terms):
    """What is often wrong with a gradient of the form a @ W.T, a.T @ d or d.sum(0): sign, transpose, sum."""
    yield from turn_and_drop(**terms)
    for name, source in terms.items():
        if source.endswith(".sum(0)"):
            d = source.removesuffix(".sum(0)")
            yield f"{name} takes the mean over the rows: it is their sum", source, f"{d}.mean(0)"
            yield f"{name} is not summed: one bias serves every row, so the rows are added up", source, d
            yield f"{name} sums over the wrong axis: the rows are summed, sum(0)", source, f"{d}.sum(1)"
            continue
        left, right = source.split(" @ ")
        other = f"{_transpose(right)} @ {_transpose(left)}"
        yield f"{name} stands transposed: {source}, not {other}", source, other
        turned = left if left.endswith(".T") else right
        flat = source.replace(turned, _transpose(turned))
        yield f"in {name}, {_transpose(turned)} is not transposed: {source}", source, flat
        if turned == left:
            yield f"{name} takes the mean over the rows: it is their sum", source, f"{source} / len({left[:-2]})"


def transpose_weights(*products):
    """Each product a @ W with the transpose of W."""
    for product in products:
        W = product.split(" @ ")[1]
        yield f"{W} stands transposed: with rows on the left it is {product}", product, f"{product}.T"


def drop_summands(where, **summands):
    """Each summand of a sum left out, and subtracted; where: to what it is added, in words."""
    for name, source in summands.items():
        plus, name = "+ " * source.startswith("+ "), name.replace("__", " ")
        summand = source.removeprefix("+ ")
        yield f"{name} is missing: it is added {where}", source, f"{plus}0 * ({summand})"
        yield f"{name} is subtracted: it is added", source, f"{plus}-({summand})"


def slip_softmax(scores, divided, weights, axis=""):
    """What is often taken for a softmax; scores and divided: the sources of e^z's z and of e^z / sum; weights: e^z."""
    keep = f"{axis}, keepdims=True" if axis else ""
    yield "the sigmoid stands where softmax belongs: the weights add up to 1", divided, f"1 / (1 + np.exp(-({scores})))"
    yield ("all weight is on the largest: softmax shares it out", divided,
           f"(({scores}) == ({scores}).max({keep})) * 1.0")  # fmt: skip
    yield "these are log p, not p", divided, f"np.log({divided})"
    yield "e^z is divided by its mean: it is divided by the sum", divided, f"{weights} / {weights}.mean({keep})"


def swap(**pair):
    """Two results that stand side by side, in each other's place."""
    (first, a), (second, b) = pair.items()
    yield f"{first} and {second} have changed places", f"{a}, {b}", f"{b}, {a}"


def _transpose(source):
    return source.removesuffix(".T") if source.endswith(".T") else f"{source}.T"
