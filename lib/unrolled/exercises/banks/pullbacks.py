"""Three pullbacks, and that of a layer with a bias."""

import numpy as np

from unrolled.exercises.exercise import Exercise, Wrong, describe_type
from unrolled.exercises.mistakes import mutants, slip_gradients, swap, turn_and_drop


def use_pullback(function, *arguments):
    """The value at all arguments but the last, and what its pullback makes of the last, d."""
    *inputs, d = arguments
    made = function(*inputs)
    if not isinstance(made, tuple | list) or len(made) != 2 or not callable(made[1]):
        pair = isinstance(made, tuple | list) and len(made) == 2
        got = describe_type(made) + " without a function in second place" * pair
        raise Wrong(f"it must return two things, the value and the pullback (a function), got {got}")
    gradients = made[1](d)
    if not isinstance(gradients, tuple | list) or len(gradients) != len(inputs):
        tip = " (dx,)" if len(inputs) == 1 else ""
        raise Wrong(f"the pullback must return a tuple of {len(inputs)}{tip}, got {describe_type(gradients)}")
    return made[0], *gradients


def multiply(a, b):
    """a * b, number by number, and its pullback"""
    return a * b, lambda d: (d * b, d * a)


MULTIPLY = Exercise(
    name="multiply",
    statement="Write the product a * b as a value and its pullback: lambda d: (da, db).",
    reference=multiply,
    case=lambda rng, N, M: {name: rng.standard_normal((N, M)) for name in ("a", "b", "d")},
    results=("the value", "da", "db"),
    use=use_pullback,
    hints=(
        "If a moves a little, by how much does a b move? By b times as much.",
        "The chain rule: what arrives, d, times the local derivative. For a that is b.",
        "return a * b, lambda d: (d * b, d * …)",
    ),
    wrong=mutants(
        multiply,
        ("each side gets d times itself: it gets d times the other side", "(d * b, d * a)", "(d * a, d * b)"),
        ("d is handed on unchanged, as by a sum: a product sends each side d times the other",
         "(d * b, d * a)", "(d, d)"),
        ("d is missing: the pullback multiplies what arrives with the local derivative", "(d * b, d * a)", "(b, a)"),
        ("da is b alone, d is missing there", "(d * b,", "(b,"),
        ("db is a alone, d is missing there", ", d * a)", ", a)"),
        ("da is d alone: it is d times b", "(d * b,", "(d,"),
        ("db is d alone: it is d times a", ", d * a)", ", d)"),
        ("the signs of both gradients are turned", "(d * b, d * a)", "(-d * b, -d * a)"),
        ("d is added to the other side: it multiplies it", "(d * b, d * a)", "(d + b, d + a)"),
        ("d is divided by the other side: it multiplies it", "(d * b, d * a)", "(d / b, d / a)"),
        ("both gradients are d times the value: each is d times the other side", "(d * b, d * a)",
         "(d * a * b, d * a * b)"),
        ("both gradients are d b: db is d a", ", d * a)", ", d * b)"),
        ("both gradients are d a: da is d b", "(d * b,", "(d * a,"),
        ("the two gradients are added: each side has its own", "(d * b, d * a)", "(d * b + d * a, d * b + d * a)"),
        ("the pullback is that of a matrix product: here each number has its own, d * b and d * a",
         "(d * b, d * a)", "(d @ b.T, a.T @ d)"),
        ("the value is a + b: a product is asked for", "return a * b", "return a + b"),
        ("the value is summed up: d has the shape of a * b", "return a * b", "return (a * b).sum()"),
        ("the gradients are summed up: each has the shape of its input", "(d * b, d * a)",
         "((d * b).sum(), (d * a).sum())"),
        ("the derivative is that of a square, 2 d times itself", "(d * b, d * a)", "(2 * d * a, 2 * d * b)"),
        *turn_and_drop(da="d * b", db="d * a"),
    ),
)  # fmt: skip


def tanh(x):
    """tanh x, and its pullback"""
    h = np.tanh(x)
    return h, lambda d: (d * (1 - h**2),)


TANH = Exercise(
    name="tanh",
    statement="Write tanh x as a value and its pullback: lambda d: (dx,).",
    reference=tanh,
    case=lambda rng, N, M: {"x": rng.standard_normal((N, M)), "d": rng.standard_normal((N, M))},
    results=("the value", "dx"),
    use=use_pullback,
    hints=(
        "The slope of tanh can be written with its value alone. Where is it 1, where nearly 0?",
        "The slope is 1 - tanh(x)^2. Give the value a name, and use it twice.",
        "h = np.tanh(x); return h, lambda d: (d * (…),), with a comma, because it is a tuple of one.",
    ),
    wrong=mutants(
        tanh,
        ("the slope is 1 - x^2, with the input: it is 1 - h^2, with the value", "1 - h**2", "1 - x**2"),
        ("the slope is h (1 - h), the sigmoid's: tanh has 1 - h^2", "(1 - h**2)", "h * (1 - h)"),
        ("the slope is 1 - h, without the square: it is 1 - h^2", "1 - h**2", "1 - h"),
        ("the slope is 1 - 2 h: h is squared, not doubled", "1 - h**2", "1 - 2 * h"),
        ("the slope is 1 + h^2: it is 1 - h^2", "1 - h**2", "1 + h**2"),
        ("the slope is h^2: it is 1 - h^2", "(1 - h**2)", "h**2"),
        ("the slope is h^2 - 1, with the sign turned: it is 1 - h^2", "(1 - h**2)", "(h**2 - 1)"),
        ("the slope is (1 - h)^2: it is 1 - h^2", "1 - h**2", "(1 - h)**2"),
        ("the slope is missing: dx is d times 1 - h^2", "d * (1 - h**2)", "d"),
        ("d is missing: dx is d times the slope", "d * (1 - h**2)", "1 - h**2"),
        ("d is added to the slope: it multiplies it", "d * (1 - h**2)", "d + (1 - h**2)"),
        ("d is divided by the slope: it is multiplied with it", "d * (1 - h**2)", "d / (1 - h**2)"),
        ("brackets are missing, and this is d - h^2: it is d (1 - h^2)", "d * (1 - h**2)", "d - h**2"),
        ("the slope is taken twice", "(1 - h**2)", "(1 - h**2)**2"),
        ("the slope is the arctangent's, 1 / (1 + x^2): tanh has 1 - h^2", "* (1 - h**2)", "/ (1 + x**2)"),
        ("tanh is taken of d: d is multiplied with the slope", "d * (1 - h**2)", "np.tanh(d)"),
        ("dx is d times the value: it is d times the slope", "(1 - h**2)", "h"),
        ("tanh is taken of h once more: h is tanh(x) already", "1 - h**2", "1 - np.tanh(h) ** 2"),
        ("the slope is taken at d: it belongs to x", "1 - h**2", "1 - np.tanh(d) ** 2"),
        ("the value is x itself: it is tanh(x)", "return h,", "return x,"),
        ("the value is the sigmoid's: tanh is asked for", "return h,", "return 1 / (1 + np.exp(-x)),"),
        ("the mean of d is taken: each number has its own gradient", "d * (", "d.mean() * ("),
    ),
)  # fmt: skip


def matmul(A, B):
    """A @ B, and its pullback"""
    return A @ B, lambda d: (d @ B.T, A.T @ d)


MATMUL = Exercise(
    name="matmul",
    statement="Write the matrix product A @ B as a value and its pullback: lambda d: (dA, dB).",
    reference=matmul,
    case=lambda rng, N, K, M: {
        name: rng.standard_normal(s) for name, s in {"A": (N, K), "B": (K, M), "d": (N, M)}.items()
    },
    results=("the value", "dA", "dB"),
    use=use_pullback,
    hints=(
        "d has the shape of A @ B, (N, M). dA must have A's, (N, K), and dB B's, (K, M).",
        "As with numbers: each side gets d times the other side. The shapes say which is transposed, and where.",
        "dA = d @ B.T; for dB the transpose of A stands on the left of d.",
    ),
    wrong=mutants(
        matmul,
        ("neither A nor B is transposed: d @ B.T and A.T @ d belong there", "(d @ B.T, A.T @ d)", "(d @ B, A @ d)"),
        ("in dA the product is the wrong way round: d @ B.T, not B.T @ d", "d @ B.T", "B.T @ d"),
        ("in dB the product is the wrong way round: A.T @ d, not d @ A.T", "A.T @ d", "d @ A.T"),
        ("both products are the wrong way round: d @ B.T and A.T @ d", "(d @ B.T, A.T @ d)", "(B.T @ d, d @ A.T)"),
        ("dA is made with A: each side gets the other side", "d @ B.T", "d @ A.T"),
        ("dB is made with B: each side gets the other side", "A.T @ d", "B.T @ d"),
        ("d is transposed in dA: it stands as it is", "d @ B.T", "d.T @ B.T"),
        ("d is transposed in dB: it stands as it is", "A.T @ d", "A.T @ d.T"),
        ("dA is multiplied number by number: it is a matrix product", "d @ B.T", "d * B"),
        ("dB is multiplied number by number: it is a matrix product", "A.T @ d", "A * d"),
        ("d is missing in dA, as if it were all ones: it is d @ B.T", "d @ B.T", "np.ones_like(d) @ B.T"),
        ("d is missing in dB, as if it were all ones: it is A.T @ d", "A.T @ d", "A.T @ np.ones_like(d)"),
        ("dA is B.T alone: it is d @ B.T", "d @ B.T", "B.T"),
        ("dB is A.T alone: it is A.T @ d", "A.T @ d", "A.T"),
        ("d is handed on unchanged, as by a sum: a product sends each side d times the other",
         "(d @ B.T, A.T @ d)", "(d, d)"),
        ("the value is A * B, number by number: the matrix product is asked for", "return A @ B", "return A * B"),
        ("the value is B @ A: the order counts", "return A @ B", "return B @ A"),
        ("the value is A @ B.T: B stands as it is", "return A @ B", "return A @ B.T"),
        *slip_gradients(dA="d @ B.T", dB="A.T @ d"),
        *swap(dA="d @ B.T", dB="A.T @ d"),
    ),
)  # fmt: skip


def linear(x, W, b):
    """x @ W + b, the row b added to every row, and its pullback"""
    return x @ W + b, lambda d: (d @ W.T, x.T @ d, d.sum(0))


LINEAR = Exercise(
    name="linear",
    statement="Write x @ W + b as a value and its pullback: lambda d: (dx, dW, db), each of its argument's shape.",
    reference=linear,
    case=lambda rng, N, D, H: {
        name: rng.standard_normal(s) for name, s in {"x": (N, D), "W": (D, H), "b": (H,), "d": (N, H)}.items()
    },
    results=("the value", "dx", "dW", "db"),
    use=use_pullback,
    hints=(
        "dx and dW are those of the product: exercise 1. What of b? It is one row, and every row of x @ W gets it.",
        "b is used N times, once in each row. Where a value is used several times, its gradients add.",
        "return x @ W + b, lambda d: (d @ W.T, x.T @ d, d.sum(…)): the sum over the rows.",
    ),
    wrong=mutants(
        linear,
        ("db is the first row of d alone: every row counts", "d.sum(0)", "d[0]"),
        ("db is the last row of d alone: every row counts", "d.sum(0)", "d[-1]"),
        ("db is summed over everything: one sum for each column", "d.sum(0)", "d.sum()"),
        ("db is all ones, the local derivative: each number of it is a sum of d's", "d.sum(0)", "np.ones_like(b)"),
        ("db is N, as if d were all ones: it is d, summed over the rows", "d.sum(0)", "np.full_like(b, len(d))"),
        ("db is multiplied with b: a sum hands d on as it is", "d.sum(0)", "d.sum(0) * b"),
        ("the bias is taken for a part of the product: dx has no b in it", "d @ W.T", "(d + b) @ W.T"),
        ("dx is made with x: each side gets the other side", "d @ W.T", "d @ x.T"),
        ("dW is made with W: each side gets the other side", "x.T @ d", "W.T @ d"),
        ("d is missing in dx, as if it were all ones: it is d @ W.T", "d @ W.T", "np.ones_like(d) @ W.T"),
        ("d is missing in dW, as if it were all ones: it is x.T @ d", "x.T @ d", "x.T @ np.ones_like(d)"),
        ("b is missing in the value: it is x @ W + b", "x @ W + b,", "x @ W,"),
        ("b is subtracted in the value: it is x @ W + b", "x @ W + b,", "x @ W - b,"),
        ("b is multiplied in the value: it is x @ W + b", "x @ W + b,", "x @ W * b,"),
        ("b is added before the product: it is x @ W + b", "x @ W + b,", "(x + b) @ W,"),
        *slip_gradients(dx="d @ W.T", dW="x.T @ d", db="d.sum(0)"),
        *swap(dx="d @ W.T", dW="x.T @ d"),
    ),
)  # fmt: skip

EXERCISES = MULTIPLY, TANH, MATMUL, LINEAR
