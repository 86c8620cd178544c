"""The style: the palette, its contrasts for every kind of eye, and the font that comes with the package."""

import subprocess
import sys
import warnings

import matplotlib
import numpy as np
import pytest
from matplotlib import font_manager
from matplotlib.colors import to_hex, to_rgb

from unrolled.figures import plots

PALETTE = {  # Okabe and Ito (2008), by role as in the design
    "x": "#D55E00",
    "h": "#009E73",
    "y": "#0072B2",
    "c": "#E69F00",
    "gate": "#56B4E9",
    "gradient": "#CC79A7",
    "weight": "#000000",
    "target": "#F0E442",
}
# How a colour looks without one of the three cones: Viénot, Brettel & Mollon (1999), on linear RGB.
BLIND = {
    "none": np.eye(3),
    "protan": [[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]],
    "deutan": [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]],
}
TEXTS = [
    "나는 사과를 먹는다",
    "뷁 똠 햏 ㄱㅏ: no syllable is missing",
    "은닉 상태 $h_t$, 기울기 소실",
    "‖∂L/∂h_t‖ → 0 − 1.5 × 10 ± 2 ≤ ρ ≥ σ ≠ τ ≈ √2 ∞ ⊙ ∈ ∇ Σ … “x” – — · °",
    "→ − × ≤ ∂ ‖ ρ beside $W_{hh}^\\top$: of such a text only the first font counts",
]


def test_the_colours_are_the_designs():
    assert plots.COLOURS == PALETTE
    assert [to_hex(plots.DIVERGING(v)).upper() for v in (0.0, 1.0)] == [PALETTE["y"], PALETTE["x"]]
    assert to_hex(plots.DIVERGING(0.5)) == "#ffffff"
    assert plots.SEQUENTIAL.name == "cividis"


@pytest.mark.parametrize("eye", BLIND)
def test_the_roles_that_stand_beside_each_other_differ_for_every_eye(eye):
    """At least 15 apart in CIELAB, which is far above what is just noticed (about 2.3)."""
    colours = {role: lab(PALETTE[role], BLIND[eye]) for role in ("x", "h", "y", "c", "gate", "gradient", "weight")}
    pairs = [(a, b) for a in colours for b in colours if a < b]
    distances = {(a, b): np.linalg.norm(colours[a] - colours[b]) for a, b in pairs}
    assert min(distances.values()) > 15, min(distances, key=distances.get)


def test_the_measure_of_colours_finds_a_bad_pair():
    """Pure red and a dark green are far apart for most eyes, and one colour for some."""
    red, green = "#B40000", "#5C6600"
    far = np.linalg.norm(lab(red, BLIND["none"]) - lab(green, BLIND["none"]))
    near = np.linalg.norm(lab(red, BLIND["deutan"]) - lab(green, BLIND["deutan"]))
    assert far > 60 > 30 > near


def lab(colour, vision):
    """CIELAB of a colour as an eye with this vision sees it (sRGB, white point D65)."""
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = to_xyz @ np.clip(vision @ linear, 0, 1) / [0.9505, 1, 1.089]
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_curves_are_told_apart_without_colour():
    styles = [style["linestyle"] for style in matplotlib.rcParams["axes.prop_cycle"]]
    assert len(set(map(str, styles))) == len(styles) == 7


def test_type_is_legible():
    """No type smaller than 14 points on a figure 9 inches wide."""
    sizes = ["font.size", "axes.titlesize", "axes.labelsize", "xtick.labelsize", "ytick.labelsize", "legend.fontsize"]
    assert min(matplotlib.rcParams[size] for size in sizes) >= 14
    assert tuple(matplotlib.rcParams["figure.figsize"]) == (9, 4.5)


def test_the_font_is_the_packages_and_comes_first():
    assert matplotlib.rcParams["font.family"][0] == plots.FONT
    assert font_manager.findfont(plots.FONT, fallback_to_default=False) == str(plots.FONT_FILE)
    assert plots.FONT_FILE.stat().st_size < 1_500_000
    assert set(range(0xAC00, 0xD7A4)) <= font_manager.get_font(plots.FONT_FILE).get_charmap().keys()  # 11,172 syllables
    licence = (plots.FONT_FILE.parent / "OFL.txt").read_text("utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert plots.FONT in licence


@pytest.mark.parametrize("text", TEXTS)
def test_no_glyph_is_missing(text, figure, render):
    fig, ax = figure
    ax.set_title(text)
    render(fig)  # a glyph that no font has is a warning, and so a failure


def test_a_missing_glyph_is_noticed(figure, render, caplog):
    fig, ax = figure
    ax.set_title("안 𠀀")
    with pytest.raises(UserWarning, match="missing"):
        render(fig)
    ax.set_title("𠀀 $h_t$")
    render(fig)
    assert "does not have a glyph" in caplog.text
    caplog.clear()


def test_hangul_is_drawn_and_not_a_box(render):
    """Two syllables look different, and neither looks like the box of a missing glyph."""
    pictures = []
    for text in ("가", "힣", "\uffff"):
        fig = plots.Figure(figsize=(1, 1))
        fig.text(0.1, 0.1, text, fontsize=40)
        with warnings.catch_warnings(action="ignore"):
            pictures.append(render(fig))
    first, second, box = pictures
    assert (first != 255).any()
    assert (first != second).any()
    assert (first != box).any()
    assert (second != box).any()


@pytest.mark.slow
def test_figures_need_no_font_of_the_machine():
    """Where matplotlib knows none but its own fonts, Hangul is drawn all the same."""
    code = """
import io, warnings
from matplotlib import font_manager
from unrolled.figures import plots
warnings.simplefilter("error")
manager = font_manager.fontManager
manager.ttflist = [font for font in manager.ttflist if "mpl-data" in font.fname]
plots.style()
fig, ax = plots.figure()
ax.set_title("은닉 상태 $h_t$ − 1")
fig.savefig(io.BytesIO())
print("drawn")
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout == "drawn\n", run.stderr
