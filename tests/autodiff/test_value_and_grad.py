"""value_and_grad: the gradients stand where the parameters stood."""

from typing import NamedTuple

import numpy as np
import pytest

from unrolled.autodiff import ops
from unrolled.autodiff.tape import value_and_grad

RNG = np.random.default_rng(0)
PARAMS = {"net": {"W": RNG.standard_normal((3, 2)), "b": RNG.standard_normal(2)}, "pair": (np.ones(2), np.array(0.5))}
X = RNG.standard_normal((4, 3))


def loss(params, x, *, scale=1.0):
    y = x @ params["net"]["W"] + params["net"]["b"]
    return ops.sum(y * y * params["pair"][0]) * scale + params["pair"][1]


def test_gradients_stand_in_the_nest_of_the_parameters():
    value, grads = value_and_grad(loss)(PARAMS, X, scale=2.0)
    y = X @ PARAMS["net"]["W"] + PARAMS["net"]["b"]
    np.testing.assert_allclose(value, 2 * (y * y).sum() + 0.5)
    assert type(value) is np.ndarray
    assert grads.keys() == PARAMS.keys()
    np.testing.assert_allclose(grads["net"]["W"], 4 * X.T @ y)
    np.testing.assert_allclose(grads["net"]["b"], 4 * y.sum(0))
    np.testing.assert_allclose(grads["pair"][0], 2 * (y * y).sum(0))
    assert isinstance(grads["pair"], tuple)
    assert grads["pair"][1] == 1.0


def test_parameters_may_be_one_array_or_a_number():
    assert value_and_grad(lambda w: ops.sum(w * w))(np.array([3.0]))[1] == [6.0]
    assert value_and_grad(lambda w: w * w)(3.0) == (9.0, 6.0)


def test_an_unused_parameter_gets_zeros():
    params = {"used": np.ones(2, "f"), "unused": np.ones((2, 3), "f")}
    _, grads = value_and_grad(lambda p: ops.sum(p["used"]))(params)
    np.testing.assert_array_equal(grads["unused"], np.zeros((2, 3), "f"), strict=True)


def test_parameters_are_named_by_their_path():
    names = []
    value_and_grad(lambda p: (names.extend([p["net"]["W"].name, p["pair"][1].name]), p["pair"][1])[1])(PARAMS)
    assert names == ["net.W", "pair.1"]


def test_parameters_are_not_changed():
    before = PARAMS["net"]["W"].copy()
    value_and_grad(loss)(PARAMS, X)
    np.testing.assert_array_equal(PARAMS["net"]["W"], before)


class State(NamedTuple):
    h: object
    c: object


def test_what_leaves_beside_the_loss_is_plain():
    """Else a carried state would drag the tape of the step before along, and truncate nothing."""

    def with_aux(p):
        h = ops.tanh(p)
        return ops.sum(h), {"h": h, "all": [h, (h, State(h, 1.5))], "n": 3, "none": None, "array": np.ones(2)}

    (value, aux), grad = value_and_grad(with_aux, has_aux=True)(np.array([0.5]))
    assert (type(value), type(grad)) == (np.ndarray, np.ndarray)
    (h, (again, state)) = aux["all"]
    assert isinstance(state, State)
    for array in (aux["h"], h, again, state.h):
        np.testing.assert_array_equal(array, np.tanh([0.5]), strict=True)
        assert type(array) is np.ndarray
    assert (state.c, aux["n"], aux["none"]) == (1.5, 3, None)


def test_the_loss_keeps_its_name():
    assert value_and_grad(loss).__name__ == "loss"


@pytest.mark.parametrize(
    "wrong, has_aux, error, said",
    [
        (lambda p: p, False, ValueError, "backward needs a scalar, or a gradient of y's shape (2,)"),
        (lambda p: 3.0, False, ValueError, "the loss must be a Var made from the parameters, got float"),
        (lambda p: ops.sum(p).value, False, ValueError, "the loss must be a Var made from the parameters, got ndarray"),
        (lambda p: (ops.sum(p), 1), False, ValueError, "the loss must be a Var made from the parameters, got tuple"),
        (lambda p: ops.sum(p), True, ValueError, "with has_aux the loss must return (loss, aux), got Var"),
        (lambda p: (ops.sum(p), 1, 2), True, ValueError, "with has_aux the loss must return (loss, aux), got tuple"),
        (lambda p: (1.0, p), True, ValueError, "the loss must be a Var made from the parameters, got float"),
        (lambda p: ops.sum(np.tanh(p)), False, TypeError, "NumPy's tanh takes no Var"),
    ],
)
def test_a_wrong_loss_is_named(wrong, has_aux, error, said):
    with pytest.raises(error) as raised:
        value_and_grad(wrong, has_aux=has_aux)(np.ones(2))
    assert said in str(raised.value)


def test_an_integer_parameter_is_named():
    with pytest.raises(TypeError, match="net.W must hold floats, got dtype int64"):
        value_and_grad(loss)({"net": {"W": np.ones((3, 2), int), "b": np.ones(2)}, "pair": (1.0, 1.0)}, X)


def test_the_value_of_a_parameter_is_the_array_itself():
    """No copy of the parameters is made at each step."""
    W = np.ones(3)
    seen = []
    value_and_grad(lambda p: (seen.append(p.value), ops.sum(p))[1])(W)
    assert seen[0] is W
