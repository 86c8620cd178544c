"""mathml: the LaTeX of a question, as a tree of MathML."""

import pytest
from matplotlib.mathtext import MathTextParser

from unrolled.widgets import mathml
from unrolled.widgets.mathml import formula, to_nodes


def flat(node):
    """A tree as (tag child …), a letter as it is."""
    if isinstance(node, str):
        return node
    tag, _, *children = node
    return children[0] if tag in ("mi", "mn", "mo", "mtext") else f"({' '.join([tag, *map(flat, children)])})"


@pytest.mark.parametrize(
    "law, tree",
    [
        ("h_t", "(math (msub h t))"),
        ("h_{t-1}", "(math (msub h (mrow t − 1)))"),
        ("W_{hh}^\\top", "(math (msubsup W (mrow h h) ⊤))"),
        ("x^2_i", "(math (msubsup x i 2))"),
        ("f'", "(math (msup f ′))"),
        ("y_t'", "(math (msubsup y t ′))"),
        (r"\tanh(2.5\,x)", "(math tanh ( 2.5 (mspace) x ))"),
        (r"\log p", "(math (mrow log (mspace)) p)"),
        (r"\frac{\partial L}{\partial h_1}", "(math (mfrac (mrow ∂ L) (mrow ∂ (msub h 1))))"),
        (r"\sqrt2 \hat{y}", "(math (msqrt 2) (mover (mrow y) ^))"),
        (r"\text{all of it} \mathbf{W}", "(math all\u00a0of\u00a0it W)"),
        (r"\left(a\right) \|x\| 기", "(math ( a ) ‖ x ‖ 기)"),
    ],
)
def test_a_formula_becomes_its_tree(law, tree):
    assert flat(formula(law)) == tree


def test_a_minus_binds_to_the_number_where_nothing_stands_before_it():
    signs = [node[1] for node in formula("-a = -b - (c) - d")[2:] if node[-1] == "−"]
    assert signs == [{"form": "prefix"}, {"form": "prefix"}, {}, {}]


def test_letters_are_italic_by_style_and_not_by_rare_letters():
    assert formula("a")[2] == ["mi", {"mathvariant": "normal", "style": "font-style: italic"}, "a"]
    assert formula(r"\Gamma")[2] == ["mi", {"mathvariant": "normal"}, "Γ"]


@pytest.mark.parametrize("name", [*mathml.LETTERS, *mathml.OPERATORS, *mathml.SPACES, *mathml.FUNCTIONS])
def test_all_that_a_widget_can_set_its_still_picture_can_set(name):
    MathTextParser("agg").parse(f"$\\{name} x$")
    assert formula(f"\\{name} x")[0] == "math"


@pytest.mark.parametrize(
    "law, got",
    [
        (r"\begin{x}", r"got \\begin"),
        ("{a", "no '}' for its partner"),
        ("a}", "'}' where a letter should be"),
        ("a_", "an end where a letter should be"),
        ("a_b_c", "two '_' on one letter"),
        ("a & b", "'&' where a letter should be"),
        (r"\frac{a}", "an end"),
    ],
)
def test_what_it_does_not_know_is_named(law, got):
    with pytest.raises(ValueError, match=f"widgets can set .*{got}"):
        formula(law)


def test_a_text_is_cut_into_code_formulas_and_the_rest():
    nodes = to_nodes(r"If `a$b$` is $c$, it costs \$5 or \$6; <b>")
    assert nodes[1] == ["code", {}, "a$b$"]
    assert flat(nodes[3]) == "(math c)"
    assert "".join(node for node in nodes if isinstance(node, str)) == "If  is , it costs $5 or $6; <b>"
    assert "".join(to_nodes("a lone $ or ` stays")) == "a lone $ or ` stays"
    assert to_nodes("") == []
