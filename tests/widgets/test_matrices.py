"""numbers: small coloured tables, before and after."""

import numpy as np
import pytest

from unrolled.figures import plots
from unrolled.widgets import numbers

W = np.array([[1.0, -2.0], [0.5, 4.0]])


@pytest.fixture(autouse=True)
def _style():
    plots.style()


def test_the_scene_holds_the_numbers_their_shapes_and_the_strongest_of_both_states():
    scene = numbers(
        {"W_hh": W, "b": [1, 2, 3], "L": 0.25}, {"W_hh": 2 * W, "b": [0, 0, 0], "L": 0}, title="A step"
    ).scene
    first, b, L = scene["tables"]
    assert first["states"] == [W.tolist(), (2 * W).tolist()]
    assert (first["name"], first["shape"], first["role"]) == ("W_hh", "(2, 2)", "weight")
    assert (b["shape"], b["states"][0]) == ("(3,)", [[1, 2, 3]])
    assert (L["shape"], L["states"][1]) == ("()", [[0]])
    assert (scene["title"], scene["digits"], scene["limit"]) == ("A step", 2, 8)


def test_of_a_large_array_the_first_corner_goes_over_and_its_limit_is_that_of_the_whole():
    large = np.arange(20 * 30.0).reshape(20, 30)
    scene = numbers({"W": large}, title="large").scene
    [table] = scene["tables"]
    assert np.array(table["states"][0]).tolist() == large[:12, :12].tolist()
    assert (table["whole"], scene["limit"]) == ([20, 30], 599)


def test_an_array_of_zeros_has_a_colour_scale():
    assert numbers({"h0": np.zeros(3)}, title="zero").scene["limit"] == 1


def test_the_still_shows_the_first_state_and_says_it():
    widget = numbers({"W": W, "b": -0.004}, {"W": 9 * W, "b": 1}, title="A step")
    figure, words = widget.still()
    drawn = [text.get_text() for text in figure.axes[0].texts]
    assert drawn == ["W (2, 2)", "1.00", "−2.00", "0.50", "4.00", "b ()", "0.00"]
    assert words == "A step. Tables of numbers: W from −2 to 4; b from −0.004 to −0.004."
    data, metadata = widget._repr_mimebundle_()
    assert data["text/plain"] == repr(widget) == "numbers(W (2, 2), b (), before and after)"
    assert metadata["image/png"]["alt"] == words


def test_the_widget_keeps_what_it_was_given():
    mine = W.copy()
    widget = numbers({"W": mine}, title="A step")
    mine[:] = 7
    assert widget.scene["tables"][0]["states"][0] == W.tolist()
    assert "4.00" in [text.get_text() for text in widget.still()[0].axes[0].texts]


@pytest.mark.parametrize(
    "arrays, after, options, kind, law",
    [
        (W, None, {}, TypeError, "arrays must be a dict .* got ndarray"),
        ({}, None, {}, TypeError, "with at least one"),
        ({"W": W}, W, {}, TypeError, "after must be a dict .* got ndarray"),
        ({"W": [[1, 2], [3]]}, None, {}, ValueError, "rows of one length"),
        ({"W": []}, None, {}, ValueError, "at least one number"),
        ({"W": [1, np.nan]}, None, {}, ValueError, r"finite numbers, got W\[1\] = nan"),
        ({"W": ["a"]}, None, {}, TypeError, "real numbers"),
        ({"W": np.zeros((2, 2, 2))}, None, {}, ValueError, r"at most two axes, got shape \(2, 2, 2\)"),
        ({"W": W}, {"V": W}, {}, ValueError, "the same names and shapes"),
        ({"W": W}, {"W": W[:1]}, {}, ValueError, r"got W \(2, 2\) and \(1, 2\)"),
        ({"W": W}, None, {"digits": 7}, ValueError, "digits must be a whole number from 0 to 6, got 7"),
        ({"W": W}, None, {"digits": 1.5}, ValueError, "digits must be"),
    ],
)
def test_bad_input_is_refused_with_the_law(arrays, after, options, kind, law):
    with pytest.raises(kind, match=law):
        numbers(arrays, after, title="bad", **options)
