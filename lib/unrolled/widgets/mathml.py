r"""Text with `code` and $formulas$ as trees, from which a widget's script builds elements.

A node is a text, or [tag, attributes, child, …]; the tags of a formula are MathML's, which browsers set by themselves.
So a formula in a widget needs no MathJax, which a widget cannot reach in every place where it is shown.
It reads the LaTeX that a question needs, and says so where it is asked for more:

    formula(r"h_t = \tanh(W_{hh}\,h_{t-1})")
"""

import re


def _pairs(table):
    words = table.split()
    return dict(zip(words[::2], words[1::2]))


GREEK = _pairs("""
    alpha α beta β gamma γ delta δ epsilon ϵ zeta ζ eta η theta θ iota ι kappa κ lambda λ mu μ nu ν xi ξ pi π rho ρ
    sigma σ tau τ upsilon υ phi ϕ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Phi Φ Psi Ψ
    Omega Ω""")
LETTERS = GREEK | _pairs("partial ∂ infty ∞ nabla ∇ top ⊤ ell ℓ")
OPERATORS = _pairs("""
    cdot ⋅ times × odot ⊙ otimes ⊗ oplus ⊕ pm ± circ ∘ sum ∑ prod ∏ leq ≤ geq ≥ ne ≠ neq ≠ approx ≈ equiv ≡ sim ∼ ll ≪
    gg ≫ propto ∝ in ∈ to → rightarrow → leftarrow ← Rightarrow ⇒ ldots … dots … cdots ⋯ mid ∣ | ‖ langle ⟨ rangle ⟩
    { { } }""")
FUNCTIONS = ("tanh", "sinh", "cosh", "sin", "cos", "tan", "exp", "log", "ln", "max", "min", "det", "Pr")
SPACES = {",": "0.17em", ":": "0.22em", ";": "0.28em", " ": "0.25em", "quad": "1em", "qquad": "2em"}
ACCENTS = {"hat": "^", "bar": "¯", "tilde": "~", "dot": "˙"}
TOKEN = re.compile(
    r"\\(?:text|mathrm|operatorname)\{(?P<upright>[^{}]*)\}|\\mathbf\{(?P<bold>[^{}]*)\}|\\(?P<command>[A-Za-z]+|.)"
    r"|(?P<number>\d+(?:\.\d+)?)|\s+|(?P<other>.)",
    re.S,
)


def to_nodes(text):
    r"""The nodes of a text: `code` and $formulas$ set as such, all else as it stands; \$ is a dollar.

    ValueError: a formula that `formula` does not know.
    """
    nodes = []
    for code, law, plain in re.findall(r"`([^`]+)`|(?<!\\)\$([^$]+)(?<!\\)\$|((?:\\\$|[^`$])+|[`$])", str(text)):
        nodes.append(["code", {}, code] if code else formula(law) if law else plain.replace("\\$", "$"))
    return nodes


def formula(law):
    r"""The MathML of a formula, without its dollars.

    Letters, numbers, operators, _ and ^, ', \frac, \sqrt, Greek, functions such as \tanh, accents such as \hat, \text,
    \mathrm, \mathbf and the symbols above.
    ValueError: a command that is none of these, a brace that is not closed, a _ or ^ without what it lifts.
    """
    reader = _Reader(law)
    return ["math", {}, *reader.row(None)]


class _Reader:
    """Walks over the tokens of a formula: (kind, text), the kind a name of TOKEN's."""

    def __init__(self, law):
        self.law = law
        self.tokens = [(found.lastgroup, found[found.lastgroup]) for found in TOKEN.finditer(law) if found.lastgroup]

    def wrong(self, what):
        return ValueError(
            f"${self.law}$ must be made of what widgets can set (see unrolled.widgets.mathml), got {what}"
        )

    def peek(self):
        return self.tokens[0] if self.tokens else (None, None)

    def row(self, end):
        """The nodes up to the token `end`, which is taken away; None: up to the end of the formula."""
        nodes = []
        while self.peek() != (None, None) and self.peek() != end:
            nodes.append(self.with_scripts(nodes))
        if end:
            if not self.tokens:
                raise self.wrong(f"no {end[1]!r} for its partner")
            self.tokens.pop(0)
        return nodes

    def with_scripts(self, before):
        """One atom with what stands below and above it."""
        base, scripts = self.atom(before), {}
        while self.peek() in (("other", "_"), ("other", "^"), ("other", "'")):
            _, sign = self.tokens.pop(0)
            node = ["mo", {}, "′"] if sign == "'" else self.atom([])
            place = "_" if sign == "_" else "^"
            if place in scripts and sign != "'":
                raise self.wrong(f"two {sign!r} on one letter")
            scripts[place] = ["mrow", {}, scripts[place], node] if place in scripts else node
        if not scripts:
            return base
        tag = {"_": "msub", "^": "msup"}[next(iter(scripts))] if len(scripts) == 1 else "msubsup"
        return [tag, {}, base, *(scripts[place] for place in "_^" if place in scripts)]

    def atom(self, before):
        if not self.tokens:
            raise self.wrong("an end where a letter should be")
        kind, text = self.tokens.pop(0)
        if kind == "command":
            return self.command(text)
        if kind == "number":
            return ["mn", {}, text]
        if kind in ("upright", "bold"):
            return ["mtext", {"style": "font-weight: bold"} if kind == "bold" else {}, text.replace(" ", "\u00a0")]
        if text == "{":
            return ["mrow", {}, *self.row(("other", "}"))]
        if text in "_^'}&#%~$":
            raise self.wrong(f"{text!r} where a letter should be")
        if text.isalpha():
            return _letter(text)
        sign = {"-": "−", "*": "∗"}.get(text, text)
        first = not before or (before[-1][0] == "mo" and before[-1][2] not in ")]}|‖⟩…")
        return ["mo", {"form": "prefix"} if sign in "−+" and first else {}, sign]

    def command(self, name):
        if name in LETTERS:
            return _letter(LETTERS[name])
        if name in OPERATORS:
            return ["mo", {}, OPERATORS[name]]
        if name in SPACES:
            return ["mspace", {"width": SPACES[name]}]
        if name in FUNCTIONS:
            apart = self.peek()[0] in ("command", "number") or (self.peek()[1] or "(").isalpha()
            function = ["mi", {}, name]
            return ["mrow", {}, function, ["mspace", {"width": "0.17em"}]] if apart else function
        if name == "frac":
            return ["mfrac", {"displaystyle": "true"}, self.atom([]), self.atom([])]  # as large as the text around it
        if name == "sqrt":
            return ["msqrt", {}, self.atom([])]
        if name in ACCENTS:
            return ["mover", {"accent": "true"}, self.atom([]), ["mo", {"stretchy": "false"}, ACCENTS[name]]]
        if name in ("left", "right"):
            return self.atom([])
        raise self.wrong(f"\\{name}")


def _letter(text):
    """Italic by CSS: the letters that a browser would put in their place are missing from many fonts."""
    italic = not (text.isupper() and text in GREEK.values()) and text not in "∞∇⊤"
    return ["mi", {"mathvariant": "normal"} | ({"style": "font-style: italic"} if italic else {}), text]
