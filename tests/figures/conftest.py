"""Every test of a picture draws in the course's style; whatever Matplotlib has to complain of is a failure."""

import io
import itertools
import warnings

import matplotlib
import numpy as np
import pytest

from unrolled.autodiff.tape import backward, history
from unrolled.figures import plots


@pytest.fixture(autouse=True)
def style(caplog):
    """The style, without a trace of it afterwards; a missing glyph, for one, warns in a text and logs in a formula."""
    with matplotlib.rc_context(), warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("default", "Deprecated in traitlets", DeprecationWarning)  # of an old ipywidgets
        plots.style()
        yield
    assert [record.getMessage() for record in caplog.get_records("call")] == []


@pytest.fixture
def figure():
    """A figure and its one Axes."""
    return plots.figure()


@pytest.fixture
def render():
    """A figure as the pixels (height, width, RGBA) that it is drawn to."""

    def pixels(fig):
        buffer = io.BytesIO()
        fig.savefig(buffer, format="rgba", dpi=fig.dpi)
        width, height = (fig.get_size_inches() * fig.dpi).round().astype(int)
        return np.frombuffer(buffer.getvalue(), np.uint8).reshape(height, width, 4)

    return pixels


@pytest.fixture
def check_apart():
    """check_apart(layout, loss), gradients and all: no box covers another, and a line runs level or upright and crosses
    none."""

    def sides(box):
        return box.x - box.width / 2, box.x + box.width / 2, box.y - box.height / 2, box.y + box.height / 2

    def apart(one, other):
        (left, right, low, high), (west, east, south, north) = one, other
        gaps = west - right, left - east, south - high, low - north
        return max(gaps) >= -1e-9

    def check(layout, loss):
        records = history(loss)
        backward(loss)
        boxes, *_, lines = layout(records, {v: v.grad for record in records for v in (*record.inputs, *record.outputs)})
        places = [sides(box) for box in boxes.values()]
        assert [pair for pair in itertools.combinations(places, 2) if not apart(*pair)] == []
        for way in lines.values():
            for (x0, y0), (x1, y1) in itertools.pairwise(way):
                assert x0 == x1 or y0 == y1
                line = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
                assert [place for place in places if not apart(line, place)] == []

    return check


@pytest.fixture
def check_places():
    """check_places(layout, loss): every value, gradient and use has its place, and each box the numbers of its own."""

    def check(layout, loss):
        records = history(loss)
        backward(loss)
        variables = {v for record in records for v in (*record.inputs, *record.outputs)}
        boxes, heads, arrows, wires, lines = layout(records, {v: v.grad for v in variables})
        assert boxes.keys() == variables | {(v, "gradient") for v in variables}
        assert heads.keys() == variables
        assert lines.keys() == {(record, i) for record in records for i in range(len(record.inputs))}
        assert not arrows
        assert not wires
        numbers = lambda array: "  ".join(plots.decimal(x, 2) for x in np.atleast_2d(array)[-1])
        for v in variables:
            assert boxes[v].text.splitlines()[-1] == numbers(v.value)
            assert boxes[v, "gradient"].text == numbers(v.grad)

    return check
