"""What functions ask of their arrays: each mistake names the law and the value."""

import numpy as np
import pytest

from unrolled.autodiff.checks import check_arrays, check_integers

XS, H0 = np.zeros((5, 3, 2)), np.zeros((3, 4))


def test_sizes_are_returned_by_letter():
    assert check_arrays("xs T N D, h0 N H, b H", XS, H0, np.zeros(4)) == {"T": 5, "N": 3, "D": 2, "H": 4}


@pytest.mark.parametrize(
    "shape, axes, said",
    [
        ((4, 3), "N H", r"h0 must be (N, H) = (3, 3), got (4, 3)"),
        ((3, 4, 1), "N H", "h0 must be (N, H) = (3, 4), got (3, 4, 1)"),
        ((3,), "N H", "h0 must be (N, H) = (3, H), got (3,)"),
        ((4,), "N", "h0 must be (N,) = (3,), got (4,)"),
        ((4, 5), "H H", "h0 must be (H, H) = (4, 4), got (4, 5)"),
        ((), "N", "h0 must be (N,) = (3,), got ()"),
    ],
)
def test_a_shape_that_breaks_the_law(shape, axes, said):
    with pytest.raises(ValueError) as error:
        check_arrays(f"xs T N D, h0 {axes}", XS, np.zeros(shape))
    assert str(error.value) == said


@pytest.mark.parametrize(
    "h0, said",
    [
        (H0.astype(int), "h0 must be an array of floats, got dtype int64"),
        (H0 > 0, "h0 must be an array of floats, got dtype bool"),
        (H0.tolist(), "h0 must be an array of floats, got list"),
        (None, "h0 must be an array of floats, got NoneType"),
        (H0.astype(np.float32), "all arrays must have one dtype: xs is float64, h0 is float32"),
    ],
)
def test_what_is_no_array_of_the_one_dtype(h0, said):
    with pytest.raises(TypeError) as error:
        check_arrays("xs T N D, h0 N H", XS, h0)
    assert str(error.value) == said


def test_integers_are_let_through_in_any_shape_and_width():
    for tokens in ([0, 4], np.zeros((2, 0), int), np.uint8(4), np.array([[4, 0]], np.int16)):
        np.testing.assert_array_equal(check_integers("tokens", tokens, 5), tokens)


@pytest.mark.parametrize("tokens, wrong", [([0, 5], 5), ([[0], [-1]], -1), (7, 7)])
def test_an_integer_out_of_range_is_named(tokens, wrong):
    with pytest.raises(ValueError, match=f"^tokens must be integers from 0 to 4, got {wrong}$"):
        check_integers("tokens", tokens, 5)


@pytest.mark.parametrize("tokens, dtype", [([0.0], "float64"), ([True], "bool"), (["a"], "<U1")])
def test_what_is_no_integer_is_rejected(tokens, dtype):
    with pytest.raises(TypeError, match=f"^tokens must be integers from 0 to 4, got dtype {dtype}$"):
        check_integers("tokens", tokens, 5)
