"""What `solution` prints: our answer under the name that the reader's has, below all that it uses besides NumPy."""

import ast
import inspect
import symtable
import sys

from unrolled.exercises.mistakes import source_of


def solution_source(exercise):
    """Source that defines my_<name> as our answer, and runs where NumPy is np.

    Above it stand imports, of what comes from the library; then the values and functions that its bank has for it.
    """
    function = inspect.unwrap(exercise.shown or exercise.reference)
    answer = source_of(function).rstrip().replace(f"def {function.__name__}(", f"def my_{exercise.name}(", 1)
    module = sys.modules[function.__module__]
    ours = module.__name__.startswith("unrolled.exercises.")
    text = inspect.getsource(module)
    lines, body = text.splitlines(), ast.parse(text).body
    sources, names, waiting = {}, {}, [answer]  # of each statement of the module that is needed
    while waiting:
        for name in _find_outer(waiting.pop()) - {"np"}:
            for node in (node for node in body if name in _find_bound(node)):
                if ours and not isinstance(node, ast.ImportFrom) and node not in sources:
                    first = min(part.lineno for part in (node, *getattr(node, "decorator_list", ())))
                    sources[node] = "\n".join(lines[first - 1 : node.end_lineno])
                    waiting.append(sources[node])
                elif node not in sources:
                    names.setdefault(getattr(node, "module", module.__name__), set()).add(name)
    imports = [f"from {origin} import {', '.join(sorted(found))}" for origin, found in sorted(names.items())]
    functions = [sources.pop(node) for node in body if node in sources and isinstance(node, ast.FunctionDef)]
    values = [sources[node] for node in body if node in sources]
    return "\n\n\n".join(filter(None, ("\n".join(imports), "\n".join(values), *functions, answer)))


def _find_outer(source):
    """The names that a piece of source takes from outside."""
    tables = [top := symtable.symtable(source, "source", "exec")]
    for table in tables:
        tables += table.get_children()
    return {s.get_name() for t in tables for s in t.get_symbols() if s.is_referenced() and (t is top or s.is_global())}


def _find_bound(node):
    """The names that a statement of a module binds."""
    if isinstance(node, ast.FunctionDef):
        return {node.name}
    if isinstance(node, ast.ImportFrom):
        return {alias.name for alias in node.names}
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
