"""mathml: the LaTeX of a question, as a tree of MathML."""

import pytest
from matplotlib.mathtext import MathTextParser

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
        (r"x \le \operatorname{softmax}(y)", "(math x ≤ softmax ( y ))"),
        ("y_t'", "(math (msubsup y t ′))"),
        (r"\tanh(2.5\,x)", "(math tanh ( 2.5 (mspace) x ))"),
        (r"\log p", "(math log (mspace) p)"),
        (r"\frac{\partial L}{\partial h_1}", "(math (mfrac (mrow ∂ L) (mrow ∂ (msub h 1))))"),
        (r"\sqrt2 \hat{y}", "(math (msqrt 2) (mover (mrow y) ^))"),
        (r"\text{all of it}", "(math all\u00a0of\u00a0it)"),
        (r"\left(a\right) \|x\| 기", "(math (mrow ( a )) ‖ x ‖ 기)"),
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


@pytest.mark.parametrize("law", [r"\partial", r"W^\top", r"\infty", r"\nabla", r"\ell"])
def test_a_letter_is_no_operator_and_so_has_no_room_around_it(law):
    assert "mo" not in str(formula(law))


SIGNS = """
    alpha beta gamma sigma tau rho theta Gamma Delta Sigma partial infty nabla top ell cdot times odot otimes oplus
    pm sum prod leq geq neq approx sim ll gg propto in to leftarrow Rightarrow dots cdots mid langle tanh sin
    exp log max min"""


@pytest.mark.parametrize("name", SIGNS.split())
def test_what_a_widget_can_set_its_still_picture_can_set(name):
    MathTextParser("agg").parse(f"$\\{name} x$")
    assert formula(f"\\{name} x")[-1][-1] == "x"


@pytest.mark.parametrize(
    "law, got",
    [
        (r"\begin{x}", "NoAvailableTokensError"),
        (r"\foo x", r"\\foo is unknown"),
        ("{a", "an open brace"),
        ("a}", "an open brace"),
        ("a_", "MissingSuperScriptOrSubscriptError"),
        ("_2", "a letter is missing"),
        ("a_b_c", "DoubleSubscriptsError"),
        ("a & b", "a sign that LaTeX takes for itself"),
        (r"\frac{a}", "a part of mfrac is missing"),
    ],
)
def test_what_it_cannot_set_is_named(law, got):
    with pytest.raises(ValueError, match=f"cannot be set as MathML: .*{got}"):
        formula(law)


def test_a_text_is_cut_into_code_formulas_and_the_rest():
    nodes = to_nodes(r"If `a$b$` is $c$, it costs \$5 or \$6; <b>")
    assert nodes[1] == ["code", {}, "a$b$"]
    assert flat(nodes[3]) == "(math c)"
    assert "".join(node for node in nodes if isinstance(node, str)) == "If  is , it costs $5 or $6; <b>"
    assert "".join(to_nodes("a lone $ or ` stays")) == "a lone $ or ` stays"
    assert to_nodes("") == []
