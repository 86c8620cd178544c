"""What often goes wrong in one formula, operator by operator: the rules of `slips`, over Python's own syntax tree.

A rule yields (what may stand in the place of a node, its sentence), with None for "this stands where that belongs".
What may be wrong in every place alike has a sentence that begins with "every".
"""

import ast
import copy
from itertools import combinations, permutations

ACTIVATIONS = {"np.tanh", "sigmoid", "f"}
SIGMOID, RELU = "(lambda q: 1 / (1 + np.exp(-q)))", "(lambda q: np.maximum(q, 0))"
OTHER_CALLS = {
    "np.exp": ("np.exp2", "np.log"),
    "np.log": ("np.log2", "np.log10"),
    "np.zeros_like": ("np.ones_like",),
    "np.zeros": ("np.ones",),
    "np.ones": ("np.zeros",),
    "min": ("max",),
    "np.outer": ("np.multiply",),
}
REDUCED = {"sum": ("mean", "max", "prod"), "prod": ("sum", "mean", "min", "max"), "max": ("min", "mean", "sum")}
COMPARED = {ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Lt: ast.LtE, ast.NotEq: ast.Eq, ast.Eq: ast.NotEq}


def put(parent, key, node):
    """Put a node in the place that a parent, a list or another node, calls key."""
    if isinstance(parent, list):
        parent[key] = node
    else:
        setattr(parent, key, node)


def parse(text, **parts):
    """The expression that a text says, with nodes put in for names."""
    made = ast.parse(text, mode="eval").body
    if isinstance(made, ast.Name) and made.id in parts:
        return copy.deepcopy(parts[made.id])
    for inner in ast.walk(made):
        for field, value in ast.iter_fields(inner):
            many = isinstance(value, list)
            for number, child in enumerate(value if many else [value]):
                if isinstance(child, ast.Name) and child.id in parts:
                    put(value if many else inner, number if many else field, copy.deepcopy(parts[child.id]))
    return made


def _change_product(node, names):
    operator, a, b = type(node.op), node.left, node.right
    texts = {
        ast.Mult: ["a", "b", "a / b", "a + b", "a - b", "-a * b", "a * (1 - b)", "(1 - a) * b", "a * b**2", "a @ b"],
        ast.Div: ["a", "a * b", "a / b**2", "a / b**0.5", "b / a"],
        ast.Add: ["a", "b", "a - b", "b - a", "a * b", "a + 2 * b", "2 * a + b", "(a + b) / 2"],
        ast.Sub: ["a", "-b", "a + b", "b - a", "a * b"],
        ast.MatMult: ["a.T @ b", "a @ b.T", "b @ a", "b.T @ a", "b @ a.T", "b.T @ a.T", "a", "b", "a * b", "-a @ b",
                      "a @ b / len(a)", "a @ b / len(b)", "2 * (a @ b)"],
        ast.Pow: ["a", "2 * a", "1", "a**3"],
    }.get(operator, [])  # fmt: skip
    plain = not isinstance(b, ast.Constant)  # a number is changed on its own
    yield from ((parse(text, a=a, b=b), None) for text in texts if plain or "2 * b" not in text)
    if operator is ast.MatMult:
        yield from ((parse("a @ n.T", a=a, n=ast.Name(name, ast.Load())), None) for name in names)
    if operator is ast.Add and isinstance(a, ast.BinOp) and isinstance(a.op, ast.Add):
        yield from _leave_out(node)
    if operator is ast.Sub and isinstance(a, ast.Constant) and a.value == 1:
        if isinstance(b, ast.BinOp) and isinstance(b.op, ast.Pow):  # tanh's slope, 1 - a**2
            slopes = ["1", "1 - a", "(1 - a)**2", "a * (1 - a)", "1 + a**2", "a**2", "1 - 2 * a", "(1 - a**2)**2",
                      "1 - np.tanh(a)**2", "1 - np.arctanh(a)**2", "1 / (1 - a**2)", "a**2 - 1"]  # fmt: skip
            yield from ((parse(text, a=b.left), f"every slope `1 - a**2` reads `{text}`") for text in slopes)
        else:
            yield from ((parse(text, a=b), None) for text in ("a", "1", "1 - a**2", "(1 - a)**2", "1 + a"))
    if operator is ast.Mult and isinstance(b, ast.BinOp) and isinstance(b.op, ast.Sub):
        tail, gate = b.right, a.right if isinstance(a, ast.BinOp) and isinstance(a.op, ast.Mult) else a
        if ast.unparse(tail) == ast.unparse(gate):  # a sigmoid's slope, a * (1 - a)
            front = "" if gate is a else "d * "
            slopes = ["1 - a**2", "1 - a", "a", "1", "(a * (1 - a))**2", "a * (1 + a)", "a**2", "a * (a - 1)",
                      "sigmoid(a)", "sigmoid(a) * (1 - sigmoid(a))"]  # fmt: skip
            for text in slopes:
                new = parse(f"{front}({text})", a=gate, d=getattr(a, "left", a))
                yield new, f"every slope `a * (1 - a)` reads `{text}`"


def _change_call(node, names):
    called = ast.unparse(node.func)
    if called in ACTIVATIONS and len(node.args) == 1:
        texts = ["z", "np.tanh(z)", f"{SIGMOID}(z)", f"{RELU}(z)", "np.arctan(z)", "np.tan(z)", "np.sin(z)"]
        texts += [
            text.replace("F", called) for text in ("F(F(z))", "-F(z)", "1 - F(z)", "F(-z)", "F(2 * z)", "F(z + 1)")
        ]
        for text in texts:
            told = text.replace(SIGMOID, "sigmoid").replace(RELU, "relu")
            yield parse(text, z=node.args[0]), f"every `{called}(z)` reads `{told}`"
        yield from ((new, None) for new in _regroup(node.func, node.args[0]))
    elif called in OTHER_CALLS:
        yield from ((parse(f"{other}(z)", z=node.args[0]), None) for other in OTHER_CALLS[called])
    if called in {"np.exp", "np.log", "np.sqrt", "reversed", "np.abs"}:
        yield node.args[0], None
    if called == "np.exp":
        yield parse("np.exp(-z)", z=node.args[0]), None
    if called == "np.where":
        yield from ((copy.deepcopy(choice), None) for choice in node.args[1:])
        yield parse("np.where(~c, a, b)", c=node.args[0], a=node.args[1], b=node.args[2]), None
    if called == "range":
        yield from _change_range(node)
    if isinstance(node.func, ast.Attribute) and node.func.attr in REDUCED:
        yield from _change_reduction(node)
    if called == "np.concatenate" and isinstance(node.args[0], ast.List):
        for order in list(permutations(node.args[0].elts))[1:24]:
            new = copy.deepcopy(node)
            new.args[0].elts = list(order)
            yield new, None
    if called in {"np.concatenate", "np.split", "np.stack"}:
        for axis in (0, 1):
            new = copy.deepcopy(node)
            new.keywords = [ast.keyword("axis", ast.Constant(axis))]
            yield new, None


def _find_summands(whole):
    if isinstance(whole, ast.BinOp) and isinstance(whole.op, ast.Add):
        return [*_find_summands(whole.left), whole.right]
    return [whole]


def _leave_out(whole):
    """A sum without two of its summands, or with some alone."""
    summands = _find_summands(whole)
    for kept in range(1, len(summands) - 1):
        for terms in combinations(summands, kept):
            yield parse(" + ".join(f"t{k}" for k in range(kept)), **{f"t{k}": t for k, t in enumerate(terms)}), None


def _regroup(function, whole):
    """Of f(a + b + c): some of the summands left outside, and f taken of each of some alone."""
    summands = _find_summands(whole)
    if not 1 < len(summands) < 5:
        return
    call = lambda text, terms: parse(text, f=function, **{f"t{k}": term for k, term in enumerate(terms)})
    places = range(len(summands))
    for inside in (set(c) for size in range(1, len(summands) + 1) for c in combinations(places, size)):
        outside = [f"t{k}" for k in places if k not in inside]
        if outside:
            yield call(" + ".join([f"f({' + '.join(f't{k}' for k in sorted(inside))})", *outside]), summands)
        if len(inside) > 1:
            yield call(" + ".join(f"f(t{k})" if k in inside else f"t{k}" for k in places), summands)


def _change_range(node):
    for number, bound in enumerate(node.args):
        for step in (1, -1):
            new = copy.deepcopy(node)
            new.args[number] = _add(bound, step)
            yield new, None
    if len(node.args) == 1:
        yield parse("range(1, n)", n=node.args[0]), None
        yield parse("range(1)"), None


def _change_reduction(node):
    whole, how = node.func.value, node.func.attr
    for other in REDUCED[how]:
        new = copy.deepcopy(node)
        new.func.attr = other
        yield new, None
    yield copy.deepcopy(whole), None
    for arguments in ("0", "1", "", "-1", "0, keepdims=True", "1, keepdims=True"):
        yield parse(f"a.{how}({arguments})", a=whole), None
    if how == "sum":
        for text in ("a[0]", "a[-1]", "a.sum(0) / 2", "a[1:].sum(0)", "a[:-1].sum(0)"):
            yield parse(text, a=whole), None


def _change_subscript(node, names):
    if not isinstance(node.ctx, ast.Load):
        return
    index = node.slice
    if isinstance(index, ast.Slice):
        for lower, upper in _shift_slice(index):
            new = copy.deepcopy(node)
            new.slice = ast.Slice(lower, upper, index.step)
            yield new, None
        yield copy.deepcopy(node.value), None
        yield parse("a[::-1]", a=node), None
    elif isinstance(index, ast.Tuple):
        if len(index.elts) == 2:
            yield from (
                (parse(text, a=node.value, i=i), None)
                for i in index.elts
                if not isinstance(i, ast.Slice)
                for text in ("a[i]", "a[:, i]")
            )
    else:
        yield from ((parse(t, a=node.value, t=index), None) for t in ("a[t - 1]", "a[0]", "a[-1]", "a[-2]", "a"))
        yield parse("a[min(t + 1, len(a) - 1)]", a=node.value, t=index), None


def _add(bound, step):
    """A bound and a number, as short as one writes it: 2 for 1 + 1."""
    try:
        return ast.parse(repr(ast.literal_eval(bound) + step), mode="eval").body
    except ValueError:
        return parse(f"b {'+' if step > 0 else '-'} {abs(step)}", b=bound)


def _shift_slice(index):
    """The bounds of a slice, each one place on, one place back, or left out."""
    lower, upper = index.lower, index.upper
    for step in (1, -1):
        if lower is not None:
            yield _add(lower, step), upper
        if upper is not None:
            yield lower, _add(upper, step)
        if lower is not None and upper is not None:
            yield _add(lower, step), _add(upper, step)
    yield None, upper
    yield lower, None
    if (lower is None) != (upper is None):  # a[1:] for a[:-1]
        yield (ast.Constant(1), None) if lower is None else (None, ast.UnaryOp(ast.USub(), ast.Constant(1)))


def _change_name(node, names):
    if isinstance(node.ctx, ast.Load) and node.id in names:
        there = [name for name, line in names.items() if name != node.id and line < node.lineno]
        yield from ((ast.Name(name, ast.Load()), None) for name in there)
        for text in ("a.T", "1 - a", "-a", "2 * a", "0 * a", "np.tanh(a)", "np.abs(a)"):
            yield parse(text, a=node), None


def _change_attribute(node, names):
    if node.attr == "T":
        yield node.value, None
        yield parse("np.linalg.pinv(a)", a=node.value), None


def _change_constant(node, names):
    if type(node.value) in (int, float):
        yield from ((ast.Constant(value), None) for value in (0, 1, 2, node.value + 1) if value != node.value)


def _change_compare(node, names):
    if len(node.ops) == 1 and (other := COMPARED.get(type(node.ops[0]))):
        yield ast.Compare(node.left, [other()], node.comparators), None
        yield from ((ast.Constant(value), None) for value in (True, False))


def _change_tuple(node, names):
    """Two that stand side by side, in each other's place; and parts that are taken in another order."""
    stored = isinstance(node.ctx, ast.Store)
    for order in orders(len(node.elts)):
        new = copy.deepcopy(node)
        new.elts = [node.elts[k] for k in order]
        got, asked = ast.unparse(new).strip("()"), ast.unparse(node).strip("()")
        yield new, f"the parts are taken in the order {got}: it is {asked}" if stored else None


def orders(n):
    """Other orders of n things: every one of a few, else those in which two have changed places."""
    if n <= 4:
        yield from list(permutations(range(n)))[1:]
        return
    for i, j in combinations(range(n), 2):
        order = list(range(n))
        order[i], order[j] = j, i
        yield order


def _change_condition(node, names):
    yield node.body, None
    yield node.orelse, None


EXPRESSIONS = {
    "BinOp": _change_product,
    "Call": _change_call,
    "Subscript": _change_subscript,
    "Name": _change_name,
    "Attribute": _change_attribute,
    "Constant": _change_constant,
    "Compare": _change_compare,
    "Tuple": _change_tuple,
    "IfExp": _change_condition,
}
