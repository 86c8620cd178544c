"""Every test of a picture draws in the course's style; whatever Matplotlib has to complain of is a failure."""

import io
import warnings

import matplotlib
import numpy as np
import pytest

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
