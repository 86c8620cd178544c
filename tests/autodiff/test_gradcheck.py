"""gradcheck: it finds a wrong gradient, says which and by how much, and says what it could not see."""

import re

import numpy as np
import pytest

from unrolled.autodiff import ops
from unrolled.autodiff.gradcheck import GradientError, KinkError, Report, gradcheck, relative_error
from unrolled.autodiff.tape import Var, differentiable
from unrolled.cells.rnn import rnn, rnn_step
from unrolled.layers.dense import embedding
from unrolled.layers.losses import cross_entropy

RNG = np.random.default_rng(0)


def normal(*shape):
    return RNG.standard_normal(shape)


@differentiable
def product(a, b, *, off_by=0.0):
    """a b; its gradient for b is wrong by a factor of 1 + off_by."""
    return a * b, lambda d: (d * b, d * a * (1 + off_by))


# Right gradients


def test_a_right_gradient_gives_a_report():
    report = gradcheck(product, normal(3), normal(3))
    assert isinstance(report, Report)
    assert [(c.name, c.shape) for c in report.checks] == [("a", (3,)), ("b", (3,))]
    assert report.worst == max(c.error for c in report.checks) < 1e-9
    for check in report.checks:
        assert abs(check.analytic - check.numeric) < 1e-9 < abs(check.numeric)


def test_the_report_prints_as_a_table():
    lines = str(gradcheck(product, normal(3).astype(np.float32), normal(3))).splitlines()
    assert lines[0].split() == ["argument", "shape", "analytic", "numeric", "relative", "error"]
    name, shape, analytic, numeric, error = lines[1].split()
    assert (name, shape) == ("a", "(3,)")
    assert abs(float(analytic) - float(numeric)) < 1e-5
    assert re.fullmatch(r"\d\.\de-\d\d", error)
    assert lines[3] == "a: float32 converted to float64"
    assert repr(gradcheck(product, normal(3), normal(3))).startswith("argument ")


def test_a_function_of_vars_is_checked_by_the_tape():
    def f(x, w):
        return ops.tanh(x @ w) * 2 + x.shape[0]

    assert [c.name for c in gradcheck(f, normal(3, 2), normal(2, 2)).checks] == ["x", "w"]


def test_a_function_of_nested_dicts_and_tuples():
    def loss(params, x):
        hs = x @ params["net"]["W"] + params["net"]["b"]
        return ops.sum(ops.tanh(hs) * params["pair"][0]), params["pair"][1] * 2

    params = {"net": {"W": normal(3, 2), "b": normal(2)}, "pair": (normal(2), normal(4)), 7: normal(1)}
    report = gradcheck(loss, params, normal(4, 3))
    names = ["params.net.W", "params.net.b", "params.pair.0", "params.pair.1", "params.7", "x"]
    assert [c.name for c in report.checks] == names
    assert report.checks[4].analytic == report.checks[4].numeric == 0, "an argument that is not used has gradient 0"


def test_numbers_are_checked_like_arrays():
    assert gradcheck(product, 2.0, np.float64(3)).worst < 1e-9
    assert gradcheck(lambda a: a * a, 2.0).worst < 1e-9


def test_several_outputs_are_checked_together():
    @differentiable
    def both(x, *, wrong=1.0):
        return (x * 2, x * x), lambda a, b: (2 * a + 2 * x * b * wrong,)

    gradcheck(both, normal(3))
    with pytest.raises(GradientError):
        gradcheck(both, normal(3), wrong=0.9)
    gradcheck(ops.unstack, normal(3, 2))
    gradcheck(lambda x: (ops.tanh(x), x * x, ops.sum(x)), normal(3))


def test_configuration_is_handed_on():
    report = gradcheck(rnn, normal(2, 1, 3), normal(1, 2), normal(3, 2), normal(2, 2), normal(2), activation="identity")
    assert report.worst < 1e-7
    gradcheck(lambda x, n: x * n, normal(2), n=3)


def test_arguments_given_by_keyword_are_checked_too():
    weights = {"b_h": normal(2), "W_xh": normal(3, 2), "W_hh": normal(2, 2)}
    report = gradcheck(rnn, normal(2, 1, 3), normal(1, 2), **weights)
    assert [c.name for c in report.checks] == ["xs", "h0", "W_xh", "W_hh", "b_h"]
    with pytest.raises(GradientError, match="of b is wrong"):
        gradcheck(product, normal(3), b=normal(3), off_by=0.01)


def test_the_same_numbers_at_each_call_unless_a_generator_says_otherwise():
    a, b = normal(3), normal(3)
    assert str(gradcheck(product, a, b)) == str(gradcheck(product, a, b))
    assert str(gradcheck(product, a, b)) != str(gradcheck(product, a, b, rng=np.random.default_rng(9)))


def test_the_arguments_are_not_changed():
    arguments = [normal(3).astype(np.float32), normal(3)]
    before = [a.copy() for a in arguments]
    gradcheck(product, *arguments)
    for argument, copy in zip(arguments, before):
        np.testing.assert_array_equal(argument, copy, strict=True)


# Wrong gradients


def test_a_wrong_gradient_names_the_argument_and_shows_both_numbers():
    with pytest.raises(GradientError) as error:
        gradcheck(product, normal(3), normal(3), off_by=1.0)
    said = re.fullmatch(
        r"the gradient of b is wrong: analytic (\S+), numeric (\S+), relative error (\S+) > 1e-06", str(error.value)
    )
    analytic, numeric, relative = map(float, said.groups())
    np.testing.assert_allclose(analytic, 2 * numeric, rtol=1e-4)
    assert 0.01 < relative <= 1 / 3 + 1e-3
    assert isinstance(error.value, AssertionError)


def test_every_argument_is_reported_when_one_is_wrong():
    """Which are wrong and which are right says where the mistake is."""

    @differentiable
    def sums(a, b, c, d):
        return a + b + c + d, lambda dy: (dy, 2 * dy, dy, 3 * dy)

    with pytest.raises(GradientError, match="^the gradient of b is wrong") as error:
        gradcheck(sums, *(normal(3) for _ in range(4)))
    report = error.value.report
    assert report.wrong == ("b", "d")
    assert [check.name for check in report.checks] == ["a", "b", "c", "d"]
    assert [check.name for check in report.checks if check.error > 1e-6] == ["b", "d"]
    (shown,) = error.value.__notes__
    assert shown == str(report)
    rows = shown.splitlines()[1:]
    assert [row.endswith("wrong") for row in rows] == [False, True, False, True]
    assert gradcheck(product, normal(3), normal(3)).wrong == ()


def test_a_wrong_gradient_goes_before_a_kink():
    @differentiable
    def both(a, b):
        return np.abs(a) + b, lambda d: (d * np.where(a < 0, -1, 1), 2 * d)

    with pytest.raises(GradientError, match="^the gradient of b is wrong") as error:
        gradcheck(both, np.zeros(3), normal(3))
    assert type(error.value) is GradientError
    assert error.value.report.wrong == ("a", "b")


@pytest.mark.parametrize("off_by, passes", [(1e-8, True), (1e-7, True), (1e-5, False), (-1e-4, False), (-2.0, False)])
def test_the_tolerance_is_relative(off_by, passes):
    for scale in (1e-3, 1.0, 1e6):
        if passes:
            gradcheck(product, scale * normal(3), normal(3), off_by=off_by)
        else:
            with pytest.raises(GradientError):
                gradcheck(product, scale * normal(3), normal(3), off_by=off_by)
    with pytest.raises(GradientError, match="> 1e-10"):
        gradcheck(product, normal(3), normal(3), off_by=1e-7, tolerance=1e-10)


def test_one_wrong_number_in_a_large_gradient_is_found():
    @differentiable
    def total(x):
        def pullback(d):
            dx = np.full(x.shape, d)
            dx[3, 7] = 0
            return (dx,)

        return x.sum(), pullback

    with pytest.raises(GradientError):
        gradcheck(total, normal(20, 20))


def test_a_wrong_gradient_on_the_tape_is_found_under_its_path():
    def f(params):
        return product(params["a"], params["inner"]["b"], off_by=0.1)

    with pytest.raises(GradientError, match=r"the gradient of params\.inner\.b is wrong"):
        gradcheck(f, {"a": normal(2), "inner": {"b": normal(2)}})


def test_leaving_the_tape_is_found():
    with pytest.raises(GradientError, match="the gradient of x is wrong: analytic 0, numeric"):
        gradcheck(lambda x: np.tanh(x.value), normal(3))


def test_names_may_be_given():
    with pytest.raises(GradientError, match="the gradient of second is wrong"):
        gradcheck(lambda *xs: product(*xs, off_by=1.0), normal(3), normal(3), names=["first", "second"])
    report = gradcheck(ops.concatenate, normal(2), normal(3))
    assert [c.name for c in report.checks] == ["argument 0", "argument 1"]


@pytest.mark.parametrize(
    "pullback, said",
    [
        (lambda d: (d, d[:2]), r"the gradient of b must have its shape (3,), got (2,)"),
        (lambda d: (d.sum(), d), r"the gradient of a must have its shape (3,), got ()"),
        (lambda d: (d, None), "the gradient of b must have its shape (3,), got None"),
        (lambda d: (d,), "the pullback of wrong must return a tuple of 2 gradients"),
        (lambda d: (d, d, d), "the pullback of wrong must return a tuple of 2 gradients"),
        (lambda d: d, "the pullback of wrong must return a tuple of 2 gradients"),
    ],
)
def test_a_gradient_of_another_shape_or_number_is_named(pullback, said):
    @differentiable
    def wrong(a, b):
        return a + b, pullback

    with pytest.raises(GradientError) as error:
        gradcheck(wrong, normal(3), normal(3))
    assert str(error.value) == said


def damage(where):
    """A function with a right gradient that writes where it may not."""

    @differentiable
    def wrong(x):
        y = np.tanh(x)
        if where == "argument":
            x *= 0.5

        def pullback(d):
            slope = 1 - y**2
            target = {"cotangent": d, "result": y, "argument of pullback": x}.get(where)
            dx = d * slope
            if target is not None:
                target *= 0.5
            return (dx,)

        return y, pullback

    return wrong


@pytest.mark.parametrize("where", ["cotangent", "result", "argument of pullback"])
def test_a_pullback_that_writes_into_its_arguments_or_results_is_found(where):
    with pytest.raises(GradientError, match="^the pullback of wrong writes into its arguments or results$"):
        gradcheck(damage(where), normal(3))


def test_a_function_that_writes_into_its_arguments_is_found():
    with pytest.raises(GradientError, match="^wrong writes into its arguments$"):
        gradcheck(damage("argument"), normal(3))
    gradcheck(damage("nowhere"), normal(3))


def test_nan_is_no_right_gradient():
    @differentiable
    def wrong(x):
        return x * 1, lambda d: (d * np.nan,)

    with pytest.raises(GradientError, match="analytic nan"):
        gradcheck(wrong, normal(3))


# Kinks, and slopes too small to see


@pytest.mark.parametrize("f", [ops.relu, lambda x: ops.relu(x) * 2.0])
def test_relu_at_0_is_named_as_a_kink(f):
    with pytest.raises(KinkError, match="x lies on a kink, where the slope jumps by .*: move it .analytic .*, numeric"):
        gradcheck(f, np.array([0.0, 1.0, -1.0]))
    assert issubclass(KinkError, GradientError)


def test_a_kink_inside_a_network_is_named():
    x, h = normal(2, 3), normal(2, 2)
    W_xh, W_hh = normal(3, 2), normal(2, 2)
    b_h = -(x @ W_xh + h @ W_hh)[0]  # the first sequence stands exactly on relu's kink
    with pytest.raises(KinkError):
        gradcheck(rnn_step, x, h, W_xh, W_hh, b_h, activation="relu")
    gradcheck(rnn_step, x, h, W_xh, W_hh, b_h + 0.1, activation="relu")


def test_a_wrong_gradient_beside_a_kink_is_no_kink():
    @differentiable
    def wrong(x):
        return np.maximum(x, 0), lambda d: (d * (x < 0),)

    with pytest.raises(GradientError) as error:
        gradcheck(wrong, np.array([0.5, -0.5]))
    assert type(error.value) is GradientError


def test_a_steep_curve_is_no_kink():
    @differentiable
    def wrong(x):
        return np.sin(300 * x), lambda d: (d * 299 * np.cos(300 * x),)

    with pytest.raises(GradientError) as error:
        gradcheck(wrong, normal(3))
    assert type(error.value) is GradientError


def test_what_finite_differences_cannot_see_is_said():
    """A slope of 1e-13 beside a value of 1 drowns in round-off: neither right nor wrong can be told."""

    @differentiable
    def tiny(x):
        return 1 + 1e-13 * x.sum(), lambda d: (np.full(x.shape, d * 3e-13),)

    report = gradcheck(tiny, normal(3))
    assert report.notes == ("x: too small for finite differences to see",)
    assert report.worst > 1e-6
    assert gradcheck(product, normal(3), normal(3)).notes == ()


# Kinds of input


def test_float32_is_converted_and_noted():
    x = normal(3, 2).astype(np.float32)
    report = gradcheck(ops.tanh, x)
    assert report.notes == ("x: float32 converted to float64",)
    assert report.worst < 1e-8


def test_integers_and_masks_are_held_fixed_and_noted():
    tokens = np.array([0, 2, 2])
    assert gradcheck(embedding, tokens, normal(3, 2)).notes == ("tokens: int64 held fixed",)
    mask = np.array([True, False, True])
    report = gradcheck(cross_entropy, normal(3, 4), tokens, mask)
    assert report.notes == ("targets: int64 held fixed", "mask: bool held fixed")
    assert [c.name for c in report.checks] == ["logits"]
    assert gradcheck(cross_entropy, normal(3, 4), tokens).notes == ("targets: int64 held fixed",)
    report = gradcheck(lambda x, n: x * n, normal(3), 3)
    assert report.notes == ("n: int held fixed",)


@pytest.mark.parametrize(
    "call, error, said",
    [
        (
            lambda: gradcheck(ops.tanh, np.array([1, 2])),
            TypeError,
            "finite differences need floats, and x, which has a gradient, is int64",
        ),
        (lambda: gradcheck(product, 1.0, 2), TypeError, "and b, which has a gradient, is int"),
        (lambda: gradcheck(product, [1.0], 2.0), TypeError, "and a, which has a gradient, is list"),
        (
            lambda: gradcheck(lambda x: x * x, np.array([1, 2])),
            ValueError,
            "nothing to check: no argument of <lambda> is floating",
        ),
        (lambda: gradcheck(product, {"a": np.ones(2)}, 1.0), TypeError, "product takes arrays, got a dict or a tuple"),
        (lambda: gradcheck(product, np.ones(2)), TypeError, "missing a required argument: 'b'"),
        (lambda: gradcheck(rnn_step, *[np.ones((2, 2))] * 5), ValueError, "b_h must be (H,) = (2,), got (2, 2)"),
        (lambda: relative_error(np.ones(3), np.ones((3, 1))), ValueError, "must have one shape, got (3,) and (3, 1)"),
    ],
)
def test_what_cannot_be_checked_is_named(call, error, said):
    with pytest.raises(error) as raised:
        call()
    assert said in str(raised.value)


def test_the_tape_is_used_with_a_vars_own_methods():
    """A function that uses what only a Var has can be evaluated at the moved points, too."""
    gradcheck(lambda x: x * len(x) + (2.0 if isinstance(x, Var) else np.nan), normal(3))


# The relative error


@pytest.mark.parametrize(
    "x, y, error",
    [
        (1.0, 1.0, 0.0),
        (1.0, 3.0, 0.5),
        (1.0, -1.0, 1.0),
        ([1.0, 1.0], [1.0, 3.0], 0.5),
        (0.0, 0.0, 0.0),
        (0.0, 1e-9, 0.1),
        ([], [], 0.0),
    ],
)
def test_the_relative_error_is_cs231ns(x, y, error):
    assert relative_error(x, y) == relative_error(y, x)
    np.testing.assert_allclose(relative_error(x, y), error)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_an_argument_that_is_not_finite_is_named(bad):
    with pytest.raises(ValueError, match=f"^x must be finite, got {bad}$"):
        gradcheck(ops.tanh, np.array([1.0, bad]))
