"""explore: the whole grid is computed first and goes over exactly; mistakes are said before anything is shown."""

import numpy as np
import pytest
from traitlets import TraitError

from unrolled.figures import plots
from unrolled.widgets import charts, explore

ALT = "A curve that falls from 1 to {last}."
CHART = charts.lines("norms", xlabel="t", ylabel="norm", title="Norms at {rho}")


@pytest.fixture(autouse=True)
def style():
    plots.style()


def compute(rho, T=3, activation="identity"):
    f = {"identity": lambda h: h, "tanh": np.tanh}[activation]
    norms = f(float(rho) ** np.arange(T))
    return {"norms": norms, "last": norms[-1]}


def sent(widget, name, at):
    """The array of one grid point, as the browser reads it."""
    array = widget.scene["arrays"][name]
    shapes = array["shapes"]
    sizes = [int(np.prod(shape)) for shape in shapes]
    start, shape = (sum(sizes[:at]), shapes[at]) if len(shapes) > 1 else (at * sizes[0], shapes[0])
    values = np.frombuffer(array["data"], "<f8" if array["wide"] else "<f4")
    return values[start : start + int(np.prod(shape))].reshape(shape)


def test_every_point_of_the_grid_goes_over():
    grids = {"rho": [0.5, 1.0, 1.5], "T": np.array([3, 6]), "activation": ["identity", "tanh"]}
    w = explore(compute, CHART, alt=ALT, **grids)
    points = [(rho, T, f) for rho in grids["rho"] for T in (3, 6) for f in grids["activation"]]
    for at, point in enumerate(points):
        expected = compute(*point)
        assert np.array_equal(sent(w, "norms", at), expected["norms"].astype(np.float32))
        assert sent(w, "last", at) == np.float32(expected["last"])
        assert w.scene["titles"][0][at] == f"Norms at {point[0]:.4g}"
    assert len(w.scene["arrays"]["norms"]["data"]) == 4 * (3 + 6) * 6
    kinds = [(control["kind"], control["texts"]) for control in w.scene["controls"]]
    assert kinds[0] == ("slider", ["0.5", "1", "1.5"])
    assert kinds[2] == ("choice", ["identity", "tanh"])


def test_numbers_beyond_float32_go_over_as_float64():
    w = explore(compute, CHART, alt=ALT, rho=[1e-12, 1e3], T=[20])
    assert sent(w, "norms", 0)[-1] == 1e-12**19
    assert sent(w, "norms", 1)[-1] == pytest.approx(1e57)


def test_complex_numbers_become_pairs():
    chart = charts.scatter("z", xlabel="real part", ylabel="imaginary part", title="Two eigenvalues", circle=True)
    w = explore(lambda k: {"z": np.array([1 + 2j, 3 - 4j]) * k}, chart, alt="Two points in the plane.", k=[1, 2])
    assert np.array_equal(sent(w, "z", 1), [[2, 4], [6, -8]])


def test_eigenvalues_that_are_all_real_at_one_point_stay_points_of_the_plane():
    def spectrum(turn):
        return {"z": np.linalg.eigvals(np.array([[1.0, turn], [-turn, 0.5]]))}

    chart = charts.scatter("z", xlabel="real part", ylabel="imaginary part", title="Two eigenvalues", circle=True)
    w = explore(spectrum, chart, alt="Two points in the plane.", turn=[0.0, 1.0])
    assert np.array_equal(sent(w, "z", 0), [[1, 0], [0.5, 0]])
    assert np.allclose(sent(w, "z", 1)[:, 1], spectrum(1.0)["z"].imag)


@pytest.mark.parametrize("live", [False, True])
def test_places_lead_numbers_and_arrays(live):
    w = explore(compute, CHART, alt=ALT, start={"rho": 1.5}, live=live, rho=[0.5, 1.5], T=[3, 4])
    assert w.numbers == {"rho": 1.5, "T": 3}
    w.places = [0, 1]
    assert w.numbers == {"rho": 0.5, "T": 4}
    assert np.array_equal(w.arrays["norms"], [1, 0.5, 0.25, 0.125])
    assert w.shown.get("words") == (["A curve that falls from 1 to 0.125."] if live else None)
    for wrong in ([0], [0, 2], [-1, 0]):
        with pytest.raises(TraitError, match="places must hold one for each control, 0 to 1, 0 to 1, got"):
            w.places = wrong
    assert w.numbers == {"rho": 0.5, "T": 4}


def test_start_sets_the_first_value():
    w = explore(compute, CHART, alt=ALT, start={"rho": 0.3}, rho=[0.1, 0.1 + 0.2])  # 0.30000000000000004
    assert w.places == [1]
    assert np.array_equal(w.arrays["norms"], (0.1 + 0.2) ** np.arange(3))


def test_compute_runs_once_for_each_point_and_not_afterwards():
    calls = []
    w = explore(lambda rho: calls.append(rho) or compute(rho), CHART, alt=ALT, start={"rho": 2}, rho=[1, 2, 3])
    assert sorted(calls) == [1, 2, 3]
    w.places = [0]
    w._repr_mimebundle_()
    assert len(calls) == 3


def test_live_computes_only_what_is_asked_for():
    calls = []
    grid = np.arange(1, 1000) / 500
    chart = charts.lines("norms", xlabel="t", ylabel="norm", title="Norms")
    many = {"a": grid, "b": grid, "c": grid}
    w = explore(lambda a, b, c: calls.append(a) or compute(a), chart, alt=ALT, live=True, **many)
    assert len(calls) == 1
    w.places = [4, 0, 0]
    assert calls[1:] == [0.01]
    assert repr(w) == "explore(a = 0.002 … 1.998, b = 0.002 … 1.998, c = 0.002 … 1.998, live)"


def test_a_mistake_in_a_live_one_is_a_sentence_and_it_goes_on():
    def angry(rho):
        if rho > 1:
            raise ValueError("<b>no</b>")
        return compute(rho)

    w = explore(angry, CHART, alt=ALT, live=True, rho=[0.5, 2.0, 1.0])
    w.places = [1]
    assert w.shown == {"places": [1], "error": "compute(rho=2) raised ValueError: <b>no</b>"}
    assert w.arrays["norms"][1] == 0.5  # the last that could be computed
    w.places = [2]
    assert "error" not in w.shown
    assert w.arrays["norms"][1] == 1


def test_axes_hold_the_whole_grid_unless_they_follow_each_picture():
    fixed = explore(compute, CHART, alt=ALT, rho=[0.5, 2.0]).scene["limits"][0]
    assert len(fixed) == 1
    assert fixed[0]["y"][0] < 0.25 < 4 < fixed[0]["y"][1]
    free = charts.lines("norms", xlabel="t", ylabel="norm", title="Norms", fixed=False)
    each = explore(compute, free, alt=ALT, rho=[0.5, 2.0]).scene["limits"][0]
    assert each[0]["y"][1] < 1.2 < 4 < each[1]["y"][1]
    given = charts.lines("norms", xlabel="t", ylabel="norm", title="Norms", ylim=(0, 9), xlim=(1, 2))
    assert explore(compute, given, alt=ALT, rho=[0.5, 2.0]).scene["limits"][0] == [{"x": [1, 2], "y": [0, 9]}]


def test_a_log_axis_holds_what_is_above_zero():
    chart = charts.lines("v", xlabel="t", ylabel="norm", title="Norms", log=True)
    w = explore(lambda k: {"v": np.array([0, 1e-3, -5, 10.0]) * k}, chart, alt="Four values fall to zero.", k=[1, 0])
    low, high = w.scene["limits"][0][0]["y"]
    assert 0 < low < 1e-3 < 10 < high
    figure, _ = w.still()
    assert figure.axes[0].get_yscale() == "log"


def test_words_and_titles_follow_the_point():
    def words(rho, norms):
        return f"At {rho} the norms end at {norms[-1]:.2f}."

    chart = charts.lines("norms", xlabel="t", ylabel="norm", title="{norms[2]:.1f} after {rho:.0%}: {T}")
    w = explore(compute, chart, alt=words, rho=[0.5, -1.5], T=[3])
    assert w.scene["words"] == ["At 0.5 the norms end at 0.25.", "At -1.5 the norms end at 2.25."]
    assert w.scene["titles"] == [["0.2 after 50%: 3", "2.2 after −150%: 3"]]
    with pytest.raises(ValueError, match=r"a title '\{nix\}' may hold \['rho', 'T', 'norms', 'last'\]"):
        explore(compute, charts.lines("norms", xlabel="t", ylabel="n", title="{nix}"), alt=ALT, rho=[1], T=[3])


@pytest.mark.slow
@pytest.mark.parametrize(
    "chart, axes",
    [
        (charts.lines({"a": "v", "b": "v"}, x="x", xlabel="t", ylabel="v", title="10^−3", levels={"l": 1, "m": "s"},
                      ordered=True, log=True), 1),
        (charts.lines({"a": "v", "b": "v"}, xlabel="t", ylabel="v", title="Title", roles={"a": "gradient"}), 1),
        (charts.bars("v", xlabel="t", ylabel="v", title="Title", names="abc"), 1),
        (charts.heat("m", xlabel="column", ylabel="row", title="Title", rows="abc"), 2),
        (charts.scatter({"p": "m", "q": "m"}, xlabel="x", ylabel="y", title="Title", circle=True), 1),
        (charts.scatter({"a": "m", "b": "m"}, xlabel="x", ylabel="y", title="Title", roles={"a": "gradient"}), 1),
        (charts.path("m", xlabel="h_1", ylabel="h_2", title="Title"), 1),
        (charts.image("rgb", title="Title"), 1),
    ],
)  # fmt: skip
def test_every_kind_has_its_still_picture(chart, axes):
    def three(k):
        matrix = np.arange(-3, 3).reshape(3, 2) * k
        return {
            "v": np.arange(1, 4) * k,
            "x": np.array([1, 5, 9]),
            "m": matrix,
            "s": k,
            "rgb": np.full((2, 4, 3), k / 4),
        }

    w = explore(three, chart, alt="Three values at {k} of them.", start={"k": 2}, k=[1, 2])
    figure, words = w.still()
    assert words == "Three values at 2 of them. (k = 2)"
    assert len(figure.axes) == axes
    data, metadata = w._repr_mimebundle_()
    assert data["image/png"].startswith(b"\x89PNG")
    assert metadata["image/png"]["alt"] == words
    assert data["text/plain"] == repr(w) == "explore(k = 1 … 2)"
    if chart.kind == "lines":
        assert np.array_equal(figure.axes[0].lines[0].get_ydata(), [2, 4, 6])
    if chart.roles.get("a"):
        drawn, named = figure.axes[0].lines, figure.axes[0].get_legend().legend_handles
        assert drawn[0].get_color() == plots.COLOURS["gradient"]
        assert [line.get_color() for line in named] == [line.get_color() for line in drawn]


def raises_half_way(rho):
    if rho > 0.7:
        raise KeyError("W_hh")
    return compute(rho)


@pytest.mark.parametrize(
    "change, error, law",
    [
        ({"compute": 3}, TypeError, "compute must be a function, got int"),
        ({"chart": "plot"}, TypeError, "chart must be a chart, as charts.lines"),
        ({"chart": []}, TypeError, "chart must be a chart"),
        ({"rho": []}, ValueError, r"rho must be a list of values, at least one, got \[\]"),
        ({"rho": "abc"}, ValueError, "rho must be a list of values"),
        ({"rho": [[1, 2]]}, ValueError, "rho must be a list of values"),
        ({"rho": [1.0, np.nan]}, ValueError, r"rho must hold finite numbers or texts, got \[1.0, nan\]"),
        ({"rho": [1, None]}, ValueError, "rho must hold finite numbers or texts"),
        ({"rho": [1.0, 1.0]}, ValueError, "rho must hold each value once"),
        ({"start": {"T": 3}}, ValueError, r"start must name one of \['rho'\], got 'T'"),
        ({"start": {"rho": 0.7}}, ValueError, r"start must be a value of the grid rho = \[0.5, 1.0\], got 0.7"),
        ({"alt": ""}, ValueError, "alt must be a sentence, got ''"),
        ({"compute": lambda rho: [rho]}, TypeError, r"compute\(rho=0.5\) must return a dict .* got list"),
        ({"compute": lambda rho: {}}, TypeError, "must return a dict"),
        ({"compute": raises_half_way}, RuntimeError, r"compute\(rho=1\) raised KeyError: 'W_hh'"),
        ({"compute": lambda rho: {"norms": np.where(np.arange(3) > 1, 1 / (rho - 1 or np.inf) + np.nan, 0)}},
         ValueError, r"compute\(rho=0.5\): norms must hold finite numbers, got norms\[2\] = nan"),
        ({"compute": lambda rho: {"norms": [[1], [1, 2]], "last": 1}}, ValueError, "rows of one length, got a ragged"),
        ({"compute": lambda rho: {"norms": ["a"], "last": 1}}, TypeError, "norms must hold real numbers"),
        ({"compute": lambda rho: compute(rho) | ({"more": 1} if rho == 1 else {})}, ValueError,
         r"compute\(rho=1\) must return arrays with these names: axes .*, got .*more"),
        ({"compute": lambda rho: {"norms": np.ones([3] if rho < 1 else [3, 1]), "last": 1}}, ValueError, "axes"),
        ({"compute": lambda rho: {"other": np.ones(3), "last": 1}}, ValueError, "lines draws 'norms', compute"),
        ({"compute": lambda rho: {"norms": 1.0, "last": 1}}, ValueError, r"lines draws an array \(n,\), .* norms \(\)"),
        ({"rho": np.arange(700_001)}, ValueError, "700,001 points of 4 numbers: thin it, or use live=True"),
        ({"compute": lambda rho: {"norms": np.ones(1_000_001)}}, ValueError, "norms must hold at most 200,000 "),
    ],
)  # fmt: skip
def test_bad_input_stops_the_cell_before_anything_is_shown(change, error, law):
    good = {"compute": compute, "chart": CHART, "alt": ALT, "rho": [0.5, 1.0]}
    with pytest.raises(error, match=law):
        explore(**(good | change))


def test_the_cause_of_a_mistake_is_kept():
    with pytest.raises(RuntimeError) as caught:
        explore(raises_half_way, CHART, alt=ALT, rho=[0.5, 1.0])
    assert isinstance(caught.value.__cause__, KeyError)


def test_it_needs_at_least_one_grid():
    with pytest.raises(ValueError, match="the values of at least one argument"):
        explore(compute, CHART, alt=ALT)


@pytest.mark.parametrize(
    "make, error, law",
    [
        (lambda: charts.lines({}, xlabel="x", ylabel="y", title="t"), TypeError, "lines takes the name of an array"),
        (lambda: charts.lines("v", xlabel="", ylabel="y", title="t"), ValueError, "an xlabel with its unit, got ''"),
        (lambda: charts.lines("v", xlabel="x", ylabel="y", title=" "), ValueError, "a title that says its message"),
        (lambda: charts.lines("v", xlabel="x", ylabel="y", title="t", ylim=(2, 1)), ValueError, "low < high"),
        (lambda: charts.lines("v", xlabel="x", ylabel="y", title="t", log=True, ylim=(0, 1)), ValueError, "above 0"),
        (lambda: charts.lines("v", xlabel="x", ylabel="y", title="t", zlim=(0, 1)), TypeError, "got zlim"),
        (lambda: charts.bars("v", xlabel="x", ylabel="y", title="t", role="red"), ValueError, "got 'red'"),
    ],
)
def test_a_chart_says_what_it_lacks(make, error, law):
    with pytest.raises(error, match=law):
        make()


@pytest.mark.parametrize(
    "chart, law",
    [
        (charts.bars("v", xlabel="x", ylabel="y", title="t", names="ab"), r"v \(3,\) must have 3 names, got 2"),
        (charts.lines("v", x="s", xlabel="x", ylabel="y", title="t"), r"v must be \(1,\) like s"),
        (charts.lines("v", levels={"l": "v"}, xlabel="x", ylabel="y", title="t"), "a level must be one number"),
        (charts.heat("v", xlabel="x", ylabel="y", title="t"), r"\(rows, columns\)"),
        (charts.path("m", xlabel="x", ylabel="y", title="t"), r"path draws an array \(T, N, 2\), .* m \(2, 3\)"),
        (charts.scatter("m", xlabel="x", ylabel="y", title="t"), r"\(n, 2\)"),
        (charts.image("m", title="t"), r"\(rows, columns, 3\)"),
        (charts.image("bright", title="t"), "from 0 to 1, got 2.0 to 2.0"),
    ],
)
def test_a_chart_says_what_does_not_fit_it(chart, law):
    with pytest.raises(ValueError, match=law):
        explore(
            lambda k: {"v": [1, 2, 3], "m": np.ones((2, 3)), "s": [1], "bright": np.full((2, 2, 3), 2)},
            chart,
            alt="Nothing of it.",
            k=[1],
        )
