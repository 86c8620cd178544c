"""What often goes wrong in a line of NumPy, tried in every line of a right answer: one slip at a time.

A slip is told by the formula as it stands there and as it should: "`dz @ W` stands where `dz @ W.T` belongs".
"""

import ast
import copy
import inspect
import sys
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from unrolled.exercises.mistakes import source_of
from unrolled.exercises.slip_rules import EXPRESSIONS, RELU, SIGMOID, orders, parse, put

LONGEST = 90  # a formula of more characters is told by a part of it
IN_WORDS = {SIGMOID: "sigmoid", RELU: "relu"}


class Slip(NamedTuple):
    """One slip: the function in which it is so, and what it is, in words, once somebody asks."""

    function: Callable
    words: Callable


def slips(function):
    """Yields a Slip after the other: copies of a function in which one thing is otherwise."""
    tree = _read(function)
    scope, name = dict(vars(sys.modules[function.__module__])), function.__name__
    names, alike = _find_names(tree.body[0]), {}
    for parent, key, node, context in list(_walk(tree.body[0].body)):
        for new, words in _change(node, names):
            ast.fix_missing_locations(ast.copy_location(new, node))
            change = parent, key, node, new
            if every := words and words.startswith("every"):
                alike.setdefault(words, []).append(change)
                if isinstance(node, ast.Assign):
                    continue  # alone, it is told by the parts that it names
            if made := _make([change], tree, scope, name):
                yield Slip(made, partial(_describe, context, *change, None if every else words))
    for words, changes in alike.items():
        nodes = [node for _, _, node, _ in changes]
        nested = any(inner is not outer and inner in ast.walk(outer) for inner in nodes for outer in nodes)
        if len(changes) > 1 and not nested and (made := _make(changes, tree, scope, name)):
            yield Slip(made, partial(str, words))


def _make(changes, tree, scope, name):
    """The function with some changes, which are taken back."""
    for parent, key, _, new in changes:
        put(parent, key, new)
    made = _compile(tree, scope, name)
    for parent, key, node, _ in changes:
        put(parent, key, node)
    return made


def _read(function):
    """The tree of a function: of one with a pullback, the value alone, which is what it gives to plain arrays."""
    tree = ast.parse(source_of(function).replace("np.empty", "np.zeros"))  # what a slip does not fill is 0
    made = tree.body[0]
    if made.decorator_list:
        made.decorator_list = []
        made.body = [s for s in made.body if "check_" not in ast.unparse(s)]
        returned = made.body[-1]
        if isinstance(returned.value, ast.Tuple):
            made.body = [s for s in made.body if not isinstance(s, ast.FunctionDef)]
            returned.value = returned.value.elts[0]
        else:  # another function joins the value and the pullback
            returned.value = parse("pair[0]", pair=returned.value)
    if ast.get_docstring(made):
        del made.body[0]
    return tree


def plain(function):
    """A function without its pullback and its checks: it raises what NumPy raises."""
    function = inspect.unwrap(function)
    return _compile(_read(function), dict(vars(sys.modules[function.__module__])), function.__name__)


def _compile(tree, scope, name):
    try:
        exec(compile(tree, f"<{name}: a slip>", "exec"), scope)
    except (SyntaxError, ValueError, TypeError):  # such a change makes no Python
        return None
    return scope[name]


def _find_names(function):
    """{name: the line from which on it is there} of the arguments and variables; in a loop, from the first on."""
    inner = [node.args for node in ast.walk(function) if isinstance(node, ast.Lambda)]
    found = {a.arg: 0 for args in (function.args, *inner) for a in args.posonlyargs + args.args}
    loops = any(isinstance(node, ast.For) for node in ast.walk(function))
    lists = [n.id for a in ast.walk(function) if isinstance(a, ast.Assign) for n in _find_lists(a.targets[0], a.value)]
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id not in lists:
            found.setdefault(node.id, 0 if loops else node.lineno)
    return found


def _find_lists(target, value):
    """The names that an assignment makes lists: one that is appended to itself has no end."""
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for t, v in zip(target.elts, value.elts):
            yield from _find_lists(t, v)
    elif isinstance(target, ast.Name) and isinstance(value, ast.List):
        yield target


def _walk(statements):
    """Yields (parent, key, node, the formula around it) for all that may change."""
    for number, statement in enumerate(statements):
        if isinstance(statement, ast.Raise):
            continue
        yield statements, number, statement, statement
        yield from _walk_in(statement, statement)


def _walk_in(node, context):
    for field, value in ast.iter_fields(node):
        many = isinstance(value, list)
        for number, child in enumerate(value if many else [value]):
            if not isinstance(child, ast.AST) or isinstance(child, ast.expr_context | ast.operator | ast.cmpop):
                continue
            parent, key = (value, number) if many else (node, field)
            if isinstance(child, ast.stmt):
                yield from _walk([child])
                yield parent, key, child, child
                continue
            larger = isinstance(child, ast.BinOp | ast.Call | ast.Subscript | ast.Compare | ast.Tuple)
            inner = child if larger and len(ast.unparse(child)) <= LONGEST else context
            around = context if isinstance(context, ast.expr) else inner
            if len(ast.unparse(around)) > LONGEST:
                around = inner
            yield parent, key, child, around
            yield from _walk_in(child, inner)


def _describe(context, parent, key, node, new, words):
    """`new` stands where `old` belongs, in the formula around it; "" where that is too long to be read."""
    if words:
        return words
    right = ast.unparse(context)
    put(parent, key, new)
    now = ast.unparse(new if context is node else context)
    put(parent, key, node)
    if max(len(now), len(right)) > LONGEST:
        now, right = ast.unparse(new), ast.unparse(node)
    for code, word in IN_WORDS.items():
        now = now.replace(code, word)
    now = now.replace(".T.T", "")
    return f"`{now}` stands where `{right}` belongs" if max(len(now), len(right)) <= LONGEST else ""


def _change(node, names):
    """Yields (what may stand in the place of a node, its sentence or None for the usual one)."""
    if rule := (EXPRESSIONS | STATEMENTS).get(type(node).__name__):
        yield from rule(node, names)


def _change_assignment(node, names):
    if isinstance(node.targets[0], ast.Tuple) and "split" in ast.unparse(node.value):
        parts = node.targets[0].elts
        for order in orders(len(parts)):
            new = copy.deepcopy(node)
            new.targets[0].elts = [parts[k] for k in order]
            asked = [ast.unparse(part).rpartition("_")[2] for part in parts]
            got = ", ".join(asked[k] for k in order)
            yield new, f"every split is read in the order {got}, where {', '.join(asked)} belongs"
    if len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        name = node.targets[0].id
        new = copy.deepcopy(node)
        new.value = parse("a + b", a=ast.Name(name, ast.Load()), b=node.value)
        yield new, None
        yield ast.Pass(), f"`{ast.unparse(node)}` is missing"


def _change_augmented(node, names):
    target = copy.deepcopy(node.target)
    if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Tuple) and len(target.slice.elts) == 2:
        first, second = target.slice.elts
        for place in (
            first,
            second,
            ast.Tuple([ast.Slice(), second], ast.Load()),
            ast.Tuple([first, ast.Slice()], ast.Load()),
        ):
            yield ast.AugAssign(ast.Subscript(target.value, place, ast.Store()), node.op, node.value), None
    yield ast.Assign([target], node.value, lineno=0), None
    yield ast.AugAssign(target, ast.Sub() if isinstance(node.op, ast.Add) else ast.Add(), node.value), None
    yield ast.Pass(), f"`{ast.unparse(node)}` is missing"


def _change_return(node, names):
    """A result to which something else is added."""
    results = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
    for k, result in enumerate(results):
        for name in names:
            new = copy.deepcopy(node)
            added = parse("a + b", a=result, b=ast.Name(name, ast.Load()))
            if isinstance(node.value, ast.Tuple):
                new.value.elts[k] = added
            else:
                new.value = added
            text = ast.unparse(result)
            yield (
                new,
                f"`{name}` is added to `{text}`" if len(text) < LONGEST else f"`{name}` is added to result {k + 1}",
            )


def _change_expression(node, names):
    yield ast.Pass(), f"`{ast.unparse(node)}` is missing"


STATEMENTS = {
    "Assign": _change_assignment,
    "AugAssign": _change_augmented,
    "Expr": _change_expression,
    "Return": _change_return,
}
