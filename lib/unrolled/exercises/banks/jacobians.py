"""The Jacobians of one step and of many: what a gradient meets on its way back."""

from itertools import accumulate

import numpy as np

from unrolled.exercises.exercise import Exercise, Wrong


def jacobian(h, W_hh):
    """J (H, H) of one step back, dh_prev = dh @ J: diag(1 - h^2) W_hh^T. h (H,) is the state after the step."""
    return np.diag(1 - h**2) @ W_hh.T


JACOBIAN = Exercise(
    name="jacobian",
    statement="The Jacobian J of one step back, with dh_prev = dh @ J: diag(1 - h^2) times W_hh, transposed.",
    reference=jacobian,
    case=lambda rng, H: {"h": np.tanh(rng.standard_normal(H)), "W_hh": rng.standard_normal((H, H))},
    results=("J",),
    hints=(
        "A gradient passes tanh first, then the product with W_hh: so J is a product of two matrices.",
        "Behind tanh each number meets its own 1 - h^2: that is a diagonal matrix, and it stands on the left.",
        "np.diag(1 - h**2) @ W_hh.T",
    ),
    wrong={
        "W_hh stands as it is: on the way back it is transposed": lambda h, W_hh: np.diag(1 - h**2) @ W_hh,
        "the slope stands on the right: dh meets tanh first, so diag(1 - h^2) is on the left":
            lambda h, W_hh: W_hh.T @ np.diag(1 - h**2),
        "the slope of tanh is missing: diag(1 - h^2)": lambda h, W_hh: W_hh.T,
        "h is a state already: the slope is 1 - h^2, without another tanh":
            lambda h, W_hh: np.diag(1 - np.tanh(h) ** 2) @ W_hh.T,
        "the square is missing: the slope is 1 - h^2": lambda h, W_hh: np.diag(1 - h) @ W_hh.T,
        "that is the slope of the sigmoid: tanh has 1 - h^2": lambda h, W_hh: np.diag(h * (1 - h)) @ W_hh.T,
        "h stands where its slope belongs: 1 - h^2": lambda h, W_hh: np.diag(h) @ W_hh.T,
        "the diagonal alone is left: multiply the matrices, not number by number":
            lambda h, W_hh: np.diag(1 - h**2) * W_hh.T,
    },
)  # fmt: skip


def singular_values(Js):
    """Those of J_T, of J_T J_(T-1), and so on -> (T, H), the largest first.        Js (T, H, H), the last step first"""
    product, found = np.eye(Js.shape[1]), []
    for J in Js:
        product = product @ J
        found.append(np.linalg.svd(product, compute_uv=False))
    return np.array(found)


_eigenvalues = np.linalg.eigvals
_values = lambda W: np.linalg.svd(W, compute_uv=False)


def _products(multiply):
    """An answer whose product is made by multiply(product, J)."""

    def answer(Js):
        product, found = np.eye(Js.shape[1]), []
        for J in Js:
            product = multiply(product, J)
            found.append(_values(product))
        return np.array(found)

    return answer


def _before(Js):
    """Those of the product before each step: the first row is that of np.eye."""
    return np.concatenate([np.ones((1, Js.shape[1])), singular_values(Js)[:-1]])


_THREE = "np.linalg.svd gives three arrays: with compute_uv=False it gives the singular values alone"


def _use_singular_values(function, Js):
    try:
        found = function(Js)
    except ValueError as error:
        if "inhomogeneous" in str(error):
            raise Wrong(f"its rows are no array: {_THREE}") from None
        raise
    rows = found if isinstance(found, list | tuple) else ()
    if any(isinstance(row, tuple) and len(row) == 3 for row in rows):
        raise Wrong(_THREE)
    return found


SINGULAR_VALUES = Exercise(
    name="singular_values",
    statement="Multiply the Jacobians step by step; the singular values of the product after each step, (T, H).",
    reference=singular_values,
    case=lambda rng, T, H: {"Js": rng.standard_normal((T, H, H))},
    results=("the array of singular values",),
    use=_use_singular_values,
    hints=(
        "Begin with np.eye(H), and multiply one J after the other to it. After each, its singular values are a row.",
        "dh_T stands on the left and meets J_T first: so each further J stands on the right of the product.",
        "product = product @ J, then np.linalg.svd(product, compute_uv=False) is the next row.",
    ),
    wrong={
        "each J stands on the left, or is transposed: dh meets J_T first, so the product grows to the right":
            _products(lambda product, J: J @ product),
        "those are each J's own singular values: take those of the product so far":
            lambda Js: np.array([_values(J) for J in Js]),
        "each J's own singular values are multiplied: a step turns, too, so take those of the product":
            lambda Js: np.cumprod([_values(J) for J in Js], axis=0),
        "the Jacobians are multiplied number by number: it is the matrix product":
            lambda Js: np.array([_values(P) for P in np.cumprod(Js, axis=0)]),
        "the Jacobians are added: they are multiplied": _products(lambda product, J: product + J),
        "the product begins at the other end: Js[0] is the last step's, and comes first":
            lambda Js: singular_values(Js[::-1]),
        "those are absolute eigenvalues: the half-axes of the ellipse are the singular values":
            lambda Js: np.array([
                sorted(np.abs(_eigenvalues(P)), reverse=True) for P in accumulate(Js, np.matmul)
            ]),
        "they are taken before the multiplication: each row is that of the product with this step's J": _before,
        "np.eye has a row, too: the first row is that of J_T, so there are T rows":
            lambda Js: np.concatenate([_before(Js), singular_values(Js)[-1:]]),
        "those are the lengths of the product's columns: take its singular values":
            lambda Js: np.array([np.linalg.norm(P, axis=0) for P in accumulate(Js, np.matmul)]),
        "those are the lengths of the product's rows: take its singular values":
            lambda Js: np.array([np.linalg.norm(P, axis=1) for P in accumulate(Js, np.matmul)]),
        _THREE:
            lambda Js: [np.linalg.svd(P) for P in accumulate(Js, np.matmul)],
        "they are squared: the singular values are the roots of product.T @ product's eigenvalues":
            lambda Js: singular_values(Js) ** 2,
        "the smallest comes first: np.linalg.svd gives the largest first": lambda Js: singular_values(Js)[:, ::-1],
        "the rows stand the other way round: the first is that of J_T alone": lambda Js: singular_values(Js)[::-1],
    },
)  # fmt: skip

EXERCISES = JACOBIAN, SINGULAR_VALUES
