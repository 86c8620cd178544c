"""Where a recurrence's time goes, line by line:  python benchmarks/lines.py lstm 32,50,64,128

A copy of it is run in which each statement is followed by a look at the clock; of many calls the least counts.
"""

import ast
import inspect
import sys
import time
from importlib import import_module

import sides


class Clocked(ast.NodeTransformer):
    """Puts `_tick(line)` after every statement that holds no others, and before what a return computes."""

    def generic_visit(self, node):
        super().generic_visit(node)
        for field in ("body", "orelse"):
            block = getattr(node, field, None)
            if isinstance(block, list):
                setattr(node, field, [part for statement in block for part in self.add_tick(statement)])
        return node

    def add_tick(self, statement):
        """The statement, and the tick beside it: a list of statements."""
        tick = ast.parse(f"_tick({getattr(statement, 'lineno', 0)})").body[0]
        if isinstance(statement, ast.Return):
            kept = ast.parse("_kept = 0").body[0]
            kept.value, statement.value = statement.value, ast.parse("_kept", mode="eval").body
            return [kept, tick, statement]
        return [statement] if isinstance(statement, ast.For | ast.FunctionDef | ast.If) else [statement, tick]


def clock_lines(function):
    """A copy of the function, and {line: seconds}, which every call adds to."""
    source, first = inspect.getsourcelines(function)
    seconds, last, clock = {}, [0.0], time.perf_counter

    def tick(line):
        seconds[line] = seconds.get(line, 0.0) + clock() - last[0]
        last[0] = clock()

    module = import_module(function.__module__)
    scope = vars(module) | {"_tick": tick}
    tree = ast.fix_missing_locations(Clocked().visit(ast.parse("".join(source))))
    exec(compile(tree, module.__file__, "exec"), scope)
    return scope[function.__name__], seconds, source


def main(cell, shape):
    recurrence, seconds, source = clock_lines(getattr(import_module(f"unrolled.cells.{cell}"), f"{cell}_recurrence"))
    xs, states, (W_xh, W_hh, b_h, *more), dhs = sides.arrays(cell, tuple(map(int, shape.split(","))))
    zs = xs @ W_xh + b_h
    least = {}
    for _ in range(30):
        seconds.clear()
        _, pullback = recurrence.with_pullback(zs, *states, W_hh, *more)
        pullback(*(dhs for _ in states))
        least = {line: min(s, least.get(line, s)) for line, s in seconds.items()}
    total = sum(least.values())
    for line, s in sorted(least.items()):
        if s > 0.004 * total:
            print(f"{1e3 * s:8.2f} ms {s / total:6.1%}  {source[line - 1].strip()}")
    print(f"{1e3 * total:8.2f} ms")


if __name__ == "__main__":
    main(*sys.argv[1:])
