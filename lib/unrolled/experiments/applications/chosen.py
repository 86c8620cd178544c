"""What a card's table says of each row at the settings that were best on validation."""

import numpy as np

from unrolled.data import results
from unrolled.experiments.applications.table import EXPERIMENTS


def chosen(name, column, by, *, best=max, show=True, **where):
    """{value of the column `by`: (seeds,) numbers of `column`} of data/results/<name>.csv, at the settings whose mean
    `validation` is best (max or min), for each value its own.

    where   column=value: the rows that count; show: print a line for each value
    ValueError: no row is like that.
    """
    rows, label = results(name)
    others = [key for key in EXPERIMENTS[name].settings[0] if key != by and key not in where]
    found = {}
    for row in rows:
        if where.items() <= row.items():
            setting = tuple(row[key] for key in others)
            found.setdefault(row[by], {}).setdefault(setting, []).append((row["validation"], row[column]))
    if not found:
        raise ValueError(f"no row of {name} has {where}; the first has {rows[0]}")
    taken = {
        value: best(settings.values(), key=lambda pairs: np.mean(pairs, 0)[0]) for value, settings in found.items()
    }
    taken = {value: np.array(pairs)[:, 1] for value, pairs in taken.items()}
    if show:
        print(f"[{name}: {label}]")  # a line of its own: a page has room for it, and for little more
        print(*(f"{key} {value}" for key, value in where.items()), column, sep=", ", end=":\n")
        for value, numbers in taken.items():
            print(f"  {value:21}", *(f"{number:.3f}" for number in numbers))
    return taken
