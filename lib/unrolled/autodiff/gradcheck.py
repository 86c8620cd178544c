"""One sentence that checks any gradient: gradcheck(f, *args).

The directional derivative of L = <v, f(args)>, v a random cotangent, is taken twice for each argument: analytically,
<dL/darg, u>, and numerically, (L(arg + h u) - L(arg - h u)) / 2h, along random directions u, in float64.
"""

import inspect
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from unrolled.autodiff.tape import Var, backward
from unrolled.autodiff.trees import leaves, tree_map

STEP = 1e-5  # h: the truncation error grows as h^2, the round-off as 1/h; near 1e-5 both stay below 1e-9
DIRECTIONS = 4


class GradientError(AssertionError):
    """The analytic gradient and the finite differences disagree; .report, where there is one, has every argument."""

    report = None


class KinkError(GradientError):
    """The function has a kink at this point: its slope jumps, and no gradient is right on both sides."""


@dataclass(frozen=True)
class Check:
    """One argument's verdict. analytic and numeric are the pair of slopes that lie furthest apart."""

    name: str
    shape: tuple
    analytic: float
    numeric: float
    error: float


@dataclass(frozen=True)
class Report:
    """What gradcheck found: a Check for each argument, a note on what was converted or held fixed, what is wrong."""

    checks: tuple
    notes: tuple = ()
    wrong: tuple = ()  # names of arguments

    @property
    def worst(self):
        """The largest relative error over all arguments."""
        return max(check.error for check in self.checks)

    def __str__(self):
        rows = [f"{'argument':<18}{'shape':<16}{'analytic':>14}{'numeric':>14}{'relative error':>17}"]
        for c in self.checks:
            mark = "  wrong" if c.name in self.wrong else ""
            rows.append(f"{c.name:<18}{c.shape!s:<16}{c.analytic:>14.6g}{c.numeric:>14.6g}{c.error:>17.1e}{mark}")
        return "\n".join([*rows, *self.notes])

    __repr__ = __str__


def relative_error(x, y):
    """max |x - y| / max(1e-8, |x| + |y|), element by element. Source: CS231n, "Gradient checks".

    ValueError: two shapes.
    """
    x, y = np.asarray(x), np.asarray(y)
    if x.shape != y.shape:
        raise ValueError(f"x and y must have one shape, got {x.shape} and {y.shape}")
    return float(np.max(np.abs(x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y)), initial=0.0))


def gradcheck(f, *args, tolerance=1e-6, rng=None, names=None, **config):
    """Check the gradient of f for every floating argument; return a Report, or raise GradientError.

    f          a differentiable function (its pullback is checked), or any function of Vars (the tape is)
    args       arrays, or nested dicts and tuples of them; float32 is converted to float64, integers and masks are held
               fixed. Keywords that name arguments of a differentiable function are arguments; others are handed on
    tolerance  of the relative error max |a - n| / max(1e-8, max (|a| + |n|)) of the slopes along the directions;
               CS231n's `relative_error` is that of single numbers, each divided by its own size
    names      for the arguments, where f's signature has no better ones
    GradientError names the first argument that fails and shows both slopes. Its report, shown below, has all arguments:
    which are wrong and which are right says where the mistake is. KinkError, a GradientError, says that the point lies
    on a kink. TypeError: an integer where f has a gradient. ValueError: no floating argument, or
    one that is not finite.
    """
    rng = np.random.default_rng(0) if rng is None else rng
    if hasattr(f, "with_pullback"):
        bound = inspect.signature(f).bind(*args, **config)
        bound.apply_defaults()
        args, config = bound.args, bound.kwargs
    names = [*(names or ()), *_parameter_names(f, len(args))[len(names or ()) :]]
    tree, notes = _prepare(dict(zip(names, args, strict=True)))
    analytic, evaluate = (_by_pullback if hasattr(f, "with_pullback") else _by_tape)(f, tree, config)
    values = evaluate(tree)
    cotangents = [rng.standard_normal(np.shape(value)) for value in values]
    gradients = analytic(cotangents)
    checks, failed = [], {}
    for path, leaf in leaves(tree):
        name, gradient = ".".join(path), gradients[path]
        if not _floating(leaf):
            _refuse_integer(name, leaf, gradient)
            continue
        if gradient is None or np.shape(gradient) != np.shape(leaf):
            got = "None" if gradient is None else np.shape(gradient)
            raise GradientError(f"the gradient of {name} must have its shape {np.shape(leaf)}, got {got}")

        def along(direction, h, path=path):
            paths = iter(gradients)  # in the order of the leaves
            moved = tree_map(lambda x: x + h * direction if next(paths) == path else x, tree)
            return sum(np.vdot(v, value) for v, value in zip(cotangents, evaluate(moved), strict=True))

        check, error = _compare(name, leaf, gradient, along, rng, tolerance)
        checks.append(check)
        if error:
            failed[name] = error
        elif check.error > tolerance:
            notes += (f"{name}: too small for finite differences to see",)
    if not checks:
        raise ValueError(f"nothing to check: no argument of {_name(f)} is floating")
    report = Report(tuple(checks), notes, tuple(failed))
    if failed:  # one that a kink does not explain goes first
        error = min(failed.values(), key=lambda error: isinstance(error, KinkError))
        error.report = report
        error.add_note(str(report))
        raise error
    return report


def _compare(name, leaf, gradient, along, rng, tolerance):
    """The Check of one argument by both slopes along each direction, and what is wrong with it, None or an error."""
    directions = rng.standard_normal((DIRECTIONS, *np.shape(leaf)))
    a = np.array([np.vdot(gradient, u) for u in directions])
    n = np.array([(along(u, STEP) - along(u, -STEP)) / (2 * STEP) for u in directions])
    here = along(directions[0], 0.0)
    difference, scale = np.abs(a - n), np.max(np.abs(a) + np.abs(n))
    worst = int(np.argmax(difference))
    round_off = 4 * np.finfo(float).eps * max(1.0, abs(here)) / STEP  # of the difference: below it nothing is seen
    error = float(difference[worst] / max(1e-8, scale))
    check = Check(name, np.shape(leaf), float(a[worst]), float(n[worst]), error)
    if error <= tolerance or difference[worst] <= round_off:
        return check, None

    def jump(h):  # between the slopes on the two sides: of order h where f is smooth, constant across a kink
        u = directions[worst]
        return abs(along(u, h) - 2 * here + along(u, -h)) / h

    sentence = f"analytic {check.analytic:.6g}, numeric {check.numeric:.6g}, relative error {error:.1e}"
    if jump(STEP) > 0.01 * difference[worst] and jump(STEP) > 0.3 * jump(10 * STEP):
        kink = f"{name} lies on a kink, where the slope jumps by {jump(STEP):.2g}: move it ({sentence})"
        return check, KinkError(kink)
    return check, GradientError(f"the gradient of {name} is wrong: {sentence} > {tolerance:.0e}")


def _by_pullback(f, tree, config):
    """(gradients for cotangents, values) of a differentiable function, with a watch on in-place damage."""
    if any(isinstance(branch, dict | tuple) for branch in tree.values()):
        raise TypeError(f"{_name(f)} takes arrays, got a dict or a tuple")

    def run(tree):
        with _watch(f"{_name(f)} writes into its arguments", *tree.values()):
            return f.with_pullback(*tree.values(), **config)

    def evaluate(tree):
        return _several(run(tree)[0])

    def analytic(cotangents):
        values, pullback = run(tree)
        sentence = f"the pullback of {_name(f)} writes into its arguments or results"
        with _watch(sentence, *tree.values(), *_several(values), *cotangents):
            gradients = pullback(*cotangents)
        if not isinstance(gradients, tuple) or len(gradients) != len(tree):
            raise GradientError(f"the pullback of {_name(f)} must return a tuple of {len(tree)} gradients")
        return {(name,): gradient for name, gradient in zip(tree, gradients, strict=True)}

    return analytic, evaluate


@contextmanager
def _watch(sentence, *values):
    """GradientError with this sentence where one of the arrays has changed."""
    arrays = [x for x in values if isinstance(x, np.ndarray)]
    before = [x.copy() for x in arrays]
    yield
    if not all(np.array_equal(x, y, equal_nan=x.dtype.kind == "f") for x, y in zip(arrays, before, strict=True)):
        raise GradientError(sentence)


def _by_tape(f, tree, config):
    """(gradients for cotangents, values) of any function of Vars."""

    def run(tree, wrap):
        return _several(f(*tree_map(wrap, tree).values(), **config))

    def evaluate(tree):  # on the tape too, so that f may use the operators and methods of a Var
        values = run(tree, lambda x: Var(x) if _floating(x) else x)
        return [value.value if isinstance(value, Var) else np.asarray(value) for value in values]

    def analytic(cotangents):
        variables = tree_map(lambda x: Var(x) if _floating(x) else x, tree)
        gradients = {path: np.zeros(np.shape(leaf)) for path, leaf in leaves(tree)}
        for value, cotangent in zip(_several(f(*variables.values(), **config)), cotangents, strict=True):
            if not isinstance(value, Var):
                continue
            backward(value, cotangent)
            for path, v in leaves(variables):
                if isinstance(v, Var) and v.grad is not None:
                    gradients[path] = gradients[path] + v.grad
                    v.grad = None
        return {
            path: g if _floating(leaf) else None
            for (path, leaf), g in zip(leaves(tree), gradients.values(), strict=True)
        }

    return analytic, evaluate


def _prepare(tree):
    """The arguments in float64, and what was done to them."""
    notes = []

    def convert(path, leaf):
        if _floating(leaf):
            if np.asarray(leaf).dtype != np.float64:
                notes.append(f"{path}: {np.asarray(leaf).dtype} converted to float64")
            if not np.isfinite(leaf).all():
                raise ValueError(f"{path} must be finite, got {np.ravel(leaf)[~np.isfinite(leaf).ravel()][0]}")
            return np.array(leaf, np.float64)
        if leaf is not None:
            notes.append(f"{path}: {_kind(leaf)} held fixed")
        return leaf

    paths = iter([".".join(path) for path, _ in leaves(tree)])
    return tree_map(lambda leaf: convert(next(paths), leaf), tree), tuple(notes)


def _refuse_integer(name, leaf, gradient):
    if gradient is not None:
        raise TypeError(f"finite differences need floats, and {name}, which has a gradient, is {_kind(leaf)}")


def _floating(x):
    return isinstance(x, float) or (isinstance(x, np.ndarray | np.generic) and x.dtype.kind == "f")


def _kind(leaf):
    return getattr(leaf, "dtype", type(leaf).__name__)


def _several(values):
    return values if isinstance(values, tuple | list) else (values,)


def _name(f):
    return getattr(f, "__name__", type(f).__name__)


def _parameter_names(f, count):
    """The positional names of f, as far as it has them."""
    parameters = inspect.signature(f).parameters.values()
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return (names + [f"argument {i}" for i in range(len(names), count)])[:count]
