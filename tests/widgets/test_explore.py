"""explore: the picture shows what compute gives for the controls' values, and mistakes are said in words."""

import gc
import io
import warnings
import weakref
from base64 import b64decode

import matplotlib
import numpy as np
import pytest
from ipywidgets import SelectionSlider, ToggleButtons
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from unrolled import plots
from unrolled.widgets import explore

ALT = "A curve that falls from 1 to 0."


@pytest.fixture(autouse=True)
def style():
    with matplotlib.rc_context(), warnings.catch_warnings():
        warnings.simplefilter("error")
        plots.style()
        yield


def compute(rho, T=3, activation="identity"):
    if rho > 2:
        raise ValueError(f"rho must be at most 2, got {rho}")
    f = {"identity": lambda h: h, "tanh": np.tanh}[activation]
    return {"norms": f(rho ** np.arange(T))}


def draw(ax, norms):
    plots.lines(ax, {"norm": norms}, xlabel="t", ylabel="norm")
    ax.set_title("Norms")


class Recorder:
    """draw, and what it was given."""

    def __init__(self):
        self.given, self.figures = [], []

    def __call__(self, ax, norms):
        self.given.append(norms)
        self.figures.append(weakref.ref(ax.figure))
        draw(ax, norms)


def test_the_picture_follows_every_control():
    drawn = Recorder()
    grids = {"rho": [0.5, 1.0, 1.5], "T": np.array([3, 6]), "activation": ["identity", "tanh"]}
    w = explore(compute, drawn, alt=ALT, **grids)
    assert np.array_equal(drawn.given[-1], [1, 0.5, 0.25])
    w.controls["rho"].value = 1.5
    assert np.array_equal(drawn.given[-1], [1, 1.5, 2.25])
    w.controls["T"].value = 6
    assert np.array_equal(drawn.given[-1], 1.5 ** np.arange(6))
    w.controls["activation"].value = "tanh"
    assert np.array_equal(drawn.given[-1], np.tanh(1.5 ** np.arange(6)))
    assert np.array_equal(w.arrays["norms"], drawn.given[-1])
    assert len(drawn.given) == 4  # once at the start, and once for each change
    assert w.children == (*w.controls.values(), w.picture)


def test_numbers_get_a_slider_and_texts_get_buttons():
    w = explore(compute, draw, alt=ALT, rho=np.linspace(0.5, 1.5, 3), activation=["identity", "tanh"])
    slider, buttons = w.controls["rho"], w.controls["activation"]
    assert isinstance(slider, SelectionSlider)
    assert isinstance(buttons, ToggleButtons)
    assert [label for label, _ in slider.options] == ["0.5", "1", "1.5"]
    assert (slider.description, buttons.description) == ("rho", "activation")
    assert type(slider.value) is float


def test_start_sets_the_first_value():
    w = explore(compute, draw, alt=ALT, start={"rho": 0.3}, rho=np.arange(1, 6) / 10)
    assert w.controls["rho"].value == pytest.approx(0.3)
    w = explore(compute, draw, alt=ALT, start={"rho": 0.3}, rho=[0.1, 0.1 + 0.2])  # 0.30000000000000004
    assert np.array_equal(w.arrays["norms"], (0.1 + 0.2) ** np.arange(3))


def test_the_picture_is_the_drawing_with_its_alt_text():
    w = explore(compute, draw, alt=lambda rho: f"The norm at rho = {rho} over three steps.", rho=[0.5, 1.5])
    first = w.picture.value
    assert 'alt="The norm at rho = 0.5 over three steps."' in first
    w.controls["rho"].value = 1.5
    assert 'alt="The norm at rho = 1.5 over three steps."' in w.picture.value
    fig, ax = plots.figure()
    draw(ax, **compute(1.5))
    assert np.array_equal(pixels(w.picture.value), pixels(plots.bundle(fig, alt=ALT)[0]["text/html"]))
    assert not np.array_equal(pixels(w.picture.value), pixels(first))


def pixels(html):
    return plt.imread(io.BytesIO(b64decode(html.partition("base64,")[2].partition('"')[0])))


def test_where_no_script_runs_the_picture_stands():
    w = explore(compute, draw, alt=ALT, rho=[0.5, 1.5])
    data, metadata = w._repr_mimebundle_()
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == w.model_id
    assert data["image/png"].startswith(b"\x89PNG")
    assert metadata["image/png"]["alt"] == ALT
    assert data["text/html"] == w.picture.value
    assert data["text/plain"] == repr(w) == "explore(rho = 0.5 … 1.5)"


def test_a_mistake_at_a_later_value_is_one_sentence_and_the_controls_go_on():
    w = explore(compute, draw, alt=ALT, rho=[1.0, 3.0])
    good = w.picture.value
    w.controls["rho"].value = 3.0
    assert "ValueError: rho must be at most 2, got 3.0" in w.picture.value
    assert "Traceback" not in w.picture.value
    assert "<img" not in w.picture.value
    w.controls["rho"].value = 1.0
    assert w.picture.value == good


def test_a_message_is_set_as_text():
    def angry(rho):
        if rho > 1:
            raise ValueError("<script>")
        return compute(rho)

    w = explore(angry, draw, alt=ALT, rho=[1.0, 3.0])
    w.controls["rho"].value = 3.0
    assert "<script>" not in w.picture.value
    assert "&lt;script&gt;" in w.picture.value


def test_a_number_that_is_not_finite_is_named():
    def overflows(rho, T):
        return {"norms": np.where(np.arange(T) == 2, np.inf if rho > 1 else 1.0, 0.0)}

    w = explore(overflows, draw, alt=ALT, rho=[1.0, 1.5], T=[4])
    w.controls["rho"].value = 1.5
    assert "compute(rho=1.5, T=4) must return finite numbers, got norms[2] = inf" in w.picture.value
    with pytest.raises(ValueError, match=r"compute\(rho=1.5, T=4\) must return finite numbers, got norms\[2\] = inf"):
        explore(overflows, draw, alt=ALT, rho=[1.5], T=[4])


def test_no_figure_is_left_behind():
    drawn = Recorder()
    w = explore(compute, drawn, alt=ALT, rho=np.linspace(0.1, 1, 10))
    for value in np.linspace(0.1, 1, 10)[1:].tolist():
        w.controls["rho"].value = value
    assert len(drawn.figures) == 10
    assert plt.get_fignums() == []
    gc.collect()
    assert [figure for figure in drawn.figures if figure() is not None] == []
    assert len(w.children) == 2


def test_two_of_them_are_independent():
    one, two = (explore(compute, draw, alt=ALT, rho=[0.5, 1.5]) for _ in range(2))
    before = two.picture.value
    one.controls["rho"].value = 1.5
    assert two.controls["rho"].value == 0.5
    assert two.picture.value == before


@pytest.mark.parametrize(
    "change, error, law",
    [
        ({"compute": 3}, TypeError, "compute must be a function, got int"),
        ({"draw": "plot"}, TypeError, "draw must be a function, got str"),
        ({"rho": []}, ValueError, r"rho must be a list of values, at least one, got \[\]"),
        ({"rho": 3}, ValueError, "rho must be a list of values"),
        ({"rho": "abc"}, ValueError, "rho must be a list of values"),
        ({"rho": [[1, 2]]}, ValueError, "rho must be a list of values"),
        ({"rho": [1.0, np.nan]}, ValueError, r"rho must hold finite numbers or texts, got \[1.0, nan\]"),
        ({"rho": [1, None]}, ValueError, "rho must hold finite numbers or texts"),
        ({"rho": [1.0, 1.0]}, ValueError, "rho must hold each value once"),
        ({"start": {"T": 3}}, ValueError, r"start must name one of \['rho'\], got 'T'"),
        ({"start": {"rho": 0.7}}, ValueError, r"start must be a value of the grid rho = \[0.5, 1.0\], got 0.7"),
        ({"alt": ""}, ValueError, "alt must say in a sentence"),
        ({"compute": lambda rho: [rho]}, TypeError, r"compute\(rho=0.5\) must return a dict .* got list"),
        ({"compute": lambda rho: {}}, TypeError, "must return a dict"),
        ({"rho": [3.0]}, ValueError, "rho must be at most 2, got 3.0"),
        ({"draw": lambda ax, norms: ax.plot(norms)}, ValueError, "must have a title"),
    ],
)
def test_bad_input_stops_the_cell_before_anything_is_shown(change, error, law):
    good = {"compute": compute, "draw": draw, "alt": ALT, "rho": [0.5, 1.0]}
    with pytest.raises(error, match=law):
        explore(**(good | change))


def test_it_needs_at_least_one_grid():
    with pytest.raises(ValueError, match="the values of at least one argument"):
        explore(compute, draw, alt=ALT)


def test_the_size_is_that_of_the_figure():
    sizes = []

    def measure(ax, norms):
        assert isinstance(ax.figure, Figure)
        sizes.append(tuple(ax.figure.get_size_inches()))
        draw(ax, norms)

    explore(compute, measure, alt=ALT, size=(5, 3), rho=[0.5])
    explore(compute, measure, alt=ALT, rho=[0.5])
    assert sizes == [(5, 3), (9, 4.5)]
