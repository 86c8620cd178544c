r"""Text with `code` and $formulas$ as trees, from which a widget's script builds elements.

A node is a text, or [tag, attributes, child, …]; the tags of a formula are MathML's, which browsers set by themselves.
So a formula in a widget needs no MathJax, which a widget cannot reach in every place where it is shown.

    formula(r"h_t = \tanh(W_{hh}\,h_{t-1})")
"""

import re
from html import unescape

from latex2mathml.converter import convert_to_element

LETTERS = "∂∞∇⊤ℓ"  # latex2mathml makes operators of some, with room around them
UPRIGHT = "∞∇⊤ΓΔΘΛΞΠΣΦΨΩ"
CHILDREN = {"mfrac": 2, "msub": 2, "msup": 2, "mover": 2, "msubsup": 3}


def to_nodes(text):
    r"""The nodes of a text: `code` and $formulas$ set as such, all else as it stands; \$ is a dollar.

    ValueError: a formula that cannot be set.
    """
    nodes = []
    for code, law, plain in re.findall(r"`([^`]+)`|(?<!\\)\$([^$]+)(?<!\\)\$|((?:\\\$|[^`$])+|[`$])", str(text)):
        nodes.append(["code", {}, code] if code else formula(law) if law else plain.replace("\\$", "$"))
    return nodes


def formula(law):
    """The MathML of a formula, without its dollars. ValueError: a LaTeX command that is unknown, or used wrongly."""
    braces = re.sub(r"\\.", "", law)
    try:
        if braces.count("{") != braces.count("}") or re.search("[&%#~]", braces):
            raise ValueError("an open brace, or a sign that LaTeX takes for itself")
        (row,) = convert_to_element(law)  # <math> holds one row
        return ["math", {}, *_children(row)]
    except Exception as error:  # latex2mathml has a dozen of them, without a common class
        raise ValueError(f"${law}$ cannot be set as MathML: {str(error) or type(error).__name__}") from error


def _children(element):
    nodes = []
    for child in element:
        node = _node(child)
        before = nodes[-1] if nodes else ["mo", {}, "="]
        if node[0] == "mo" and node[2] in "−+" and before[0] == "mo" and before[2] not in ")]}|‖⟩…":
            node[1]["form"] = "prefix"  # a sign, where a browser would set a difference
        if before[0] == "mi" and len(before[2]) > 1 and node[2:3] != ["("]:
            nodes.append(["mspace", {"width": "0.17em"}])  # log p, not logp
        nodes.append(node)
    return nodes


def _node(element):
    tag, text = element.tag, unescape(element.text or "")
    if tag == "mspace":
        return [tag, {"width": element.get("width")}]
    if tag == "mo" and (text in LETTERS or text.isalpha()):
        tag = "mi"
    if tag == "mi" and (not text or text[0] == "\\"):
        raise ValueError(f"{text} is unknown" if text else "a letter is missing")
    if tag == "mi" and len(text) > 1:
        return [tag, {}, text]
    if tag == "mi":
        # Italic by CSS: the letters that a browser would put in their place are missing from many fonts.
        italic = (text.isalpha() or text in LETTERS) and text not in UPRIGHT
        return [tag, {"mathvariant": "normal"} | ({"style": "font-style: italic"} if italic else {}), text]
    if tag in ("mn", "mo", "mtext"):
        return [tag, {}, text]
    if len(element) != CHILDREN.get(tag, len(element)):
        raise ValueError(f"a part of {tag} is missing")
    attributes = {"mfrac": {"displaystyle": "true"}, "mover": {"accent": "true"}}  # as large as the text around it
    return [tag, attributes.get(tag, {}), *_children(element)]
