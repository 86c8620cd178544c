"""text_heat: a text coloured by a number per character."""

import warnings

import numpy as np
import pytest

from unrolled.figures import plots
from unrolled.widgets import text_heat

TEXT = 'a "q"\n\t한글 e\u0301 😀\x01'
rng = np.random.default_rng(1)
VALUES = rng.normal(size=(len(TEXT), 3))


@pytest.fixture(autouse=True)
def _style():
    plots.style()


def sent(widget):
    series = widget.scene["series"]
    return np.frombuffer(series["data"], "<f4").reshape(series["shape"])


def test_the_scene_holds_a_series_in_one_piece_and_its_limits():
    widget = text_heat(TEXT, VALUES, title="States", names=["c_0", "c_1", "c_2"])
    assert widget.scene["text"] == TEXT
    assert np.array_equal(sent(widget), VALUES.T.astype(np.float32))
    assert np.array_equal(widget.scene["limits"], np.abs(VALUES).max(axis=0))
    assert widget.scene["names"] == ["c_0", "c_1", "c_2"]


def test_a_single_series_a_fixed_limit_and_names_of_their_own():
    widget = text_heat(TEXT, np.zeros(len(TEXT)), title="Zero")
    assert (sent(widget).shape, widget.scene["limits"], widget.scene["names"]) == ((1, len(TEXT)), [1], ["cell 0"])
    assert text_heat(TEXT, VALUES, title="t", limit=2).scene["limits"] == [2, 2, 2]


def test_of_a_long_text_the_first_5000_characters_go_over():
    text, values = "ab" * 3000, np.arange(6000.0)
    widget = text_heat(text, values, title="Long")
    assert (len(widget.scene["text"]), widget.scene["length"]) == (5000, 6000)
    assert sent(widget).shape == (1, 5000)
    assert widget.scene["limits"] == [4999]
    assert repr(widget) == "text_heat(6000 characters, cell 0)"


def test_five_hundred_cells_over_five_thousand_characters_go_over():
    widget = text_heat("x" * 5000, np.ones((5000, 500), np.float32), title="Many")
    assert sent(widget).shape == (500, 5000)


def test_the_still_shows_the_first_lines_with_marks_and_the_signs():
    values = np.where(np.arange(len(TEXT)) % 2, -1.0, 2.0)
    widget = text_heat(TEXT, values, title="States", names=["c_7"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a glyph that no font has would warn in the reader's notebook
        data, metadata = widget._repr_mimebundle_()
    figure, words = widget.still()
    ax = figure.axes[0]
    assert "".join(text.get_text() for text in ax.texts) == 'a "q"↵⇥한글 e\u0301 □□'
    assert len(ax.lines) == (values < 0).sum()
    T = len(TEXT)
    assert (
        words == f"States. The first {T} of {T} characters, coloured by c_7 (from −1 to 2, negative ones underlined)."
    )
    assert data["text/plain"] == repr(widget)
    assert metadata["image/png"]["alt"] == words


def test_the_still_of_a_probability_has_no_signs():
    figure, words = text_heat(TEXT, np.linspace(0, 1, len(TEXT)), title="p", limit=1, colours="sequential").still()
    assert not figure.axes[0].lines
    assert "underlined" not in words
    assert figure.axes[0].texts[0].get_color() == "white"


@pytest.mark.parametrize(
    "text, values, options, kind, law",
    [
        (b"ab", [1, 2], {}, TypeError, "text must be a str, got bytes"),
        ("", [], {}, ValueError, "at least one number"),
        ("ab", [1], {}, ValueError, r"shape \(T,\) or \(T, K\), T = 2 as the text, got \(1,\)"),
        ("ab", np.zeros((3, 2)), {}, ValueError, "T = 2"),
        ("ab", np.zeros((2, 2, 2)), {}, ValueError, "T = 2"),
        ("ab", [1, np.nan], {}, ValueError, "finite"),
        ("ab", [[1, 2], [3]], {}, ValueError, "rows of one length"),
        ("ab", ["x", "y"], {}, TypeError, "real numbers"),
        ("ab", np.zeros((2, 513)), {}, ValueError, "at most 512 series, got 513"),
        ("ab", [1, 2], {"names": ["a", "b"]}, ValueError, "one for each of the 1 series, got 2"),
        ("ab", [1, 2], {"colours": "red"}, ValueError, "\"sequential\", got 'red'"),
        ("ab", [-1, 2], {"colours": "sequential"}, ValueError, "must not be negative .* got -1"),
        ("ab", [1, 2], {"limit": 0}, ValueError, "limit must be a number above zero"),
        ("ab", [1, 2], {"limit": np.nan}, ValueError, "limit must be"),
    ],
)
def test_bad_input_is_refused_with_the_law(text, values, options, kind, law):
    with pytest.raises(kind, match=law):
        text_heat(text, values, title="bad", **options)
