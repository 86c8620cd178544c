"""The course's data: where it lies, the published figures, the tables that experiments wrote, the glossary."""

from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from unrolled.data.tables import read_table


def folder():
    """Path of the course's data/ folder: of the checkout, whose lib/unrolled/data this is, else of the installed wheel.

    FileNotFoundError: the package's files were copied away from the course by hand, so data/ is in neither place.
    """
    here = Path(__file__).resolve()
    places = here.parents[3] / "data", here.parents[1] / "_course" / "data"
    for path in places:
        if (path / "published.csv").is_file():
            return path
    raise FileNotFoundError(
        f"the course's data must lie in {places[0]} (a checkout) or in {places[1]} (an installed wheel), got no "
        "published.csv in either. Install the course from its folder with `pip install -e .` (or `make lab`), or from "
        "its wheel."
    )


def published(id):
    """The published figure with this id -> dict of id, quantity, value, unit, source, where, year.

    value is a float where the source gives a number, else the source's word; unit "1" is a pure number; year is an
    int. Every row of data/published.csv was seen in its source or is derived there. ValueError: no such id.
    """
    row = _find("published.csv", "id", id)
    return row | {"value": _number_or_text(row["value"]), "year": int(row["year"])}


def glossary():
    """The course's terms -> list of dicts of term, korean, note, in data/glossary.csv's order."""
    return read_table(folder() / "glossary.csv").rows


def ko(term):
    """A term with its Korean one: ko("hidden state") -> "hidden state (은닉 상태)". ValueError: no such term."""
    return f"{term} ({_find('glossary.csv', 'term', term)['korean']})"


class Results(NamedTuple):
    """rows: one dict a row, numbers as floats; label: the machine, the seeds and the date, for the figure's caption."""

    rows: list
    label: str


def results(name):
    """data/results/<name>.csv, which `make experiments` wrote -> Results(rows, label); see data/README.md.

    FileNotFoundError: no such table. ValueError: a damaged table, or one that does not say its machine, seeds, date
    and command.
    """
    path = folder() / "results" / f"{name}.csv"
    if not path.is_file():
        there = ", ".join(sorted(p.stem for p in path.parent.glob("*.csv"))) or "none"
        raise FileNotFoundError(f"there is no table {path}: `make experiments` writes it. Tables there now: {there}")
    table = read_table(path)
    said = dict(comment.split(": ", 1) for comment in table.comments if ": " in comment)
    for key in ("machine", "seeds", "date", "command"):
        if not said.get(key, "").strip():
            raise ValueError(f"{path} must begin with lines `# machine: …`, seeds, date and command, got no {key}")
    rows = [{column: _number_or_text(cell) for column, cell in row.items()} for row in table.rows]
    return Results(rows, f"{said['machine']}; seeds {said['seeds']}; {said['date']}")


def by_seed(name, column, by, *, label=False, **where):
    """{value of the column `by`: (seeds,) numbers of `column`} of data/results/<name>.csv, in the table's order.

    label   print the table's machine, seeds and date
    where   column=value: the rows that count
    ValueError: no row is like that.
    """
    import numpy as np  # here, for unrolled.environment reads this module where no package is installed

    rows, made = results(name)
    found = {}
    for row in rows:
        if where.items() <= row.items():
            found.setdefault(row[by], []).append(row[column])
    if not found:
        raise ValueError(f"no row of {name} has {where}; the first has {rows[0]}")
    if label:
        print(f"[{name}: {made}]")
    return {value: np.array(numbers) for value, numbers in found.items()}


def over_seeds(name, column, by, *, label=True, **where):
    """by_seed, with the number of each seed printed, "never" for NaN, below the rows that count."""
    found = by_seed(name, column, by, label=label, **where)
    plain = lambda value: value if isinstance(value, str) else f"{value:g}"
    if where:
        print(*(f"{key} {plain(value)}" for key, value in where.items()), sep=", ", end=":\n")
    for value, numbers in found.items():
        shown = ("never" if number != number else f"{number:.4g}" for number in numbers)
        print("  " * bool(where) + f"{by} {plain(value)}: {column}", *shown)
    return found


def __getattr__(name):
    """coco_folder, when it is asked for: its module needs NumPy, as by_seed does."""
    if name == "coco_folder":
        from unrolled.data.coco import coco_folder

        return coco_folder
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _find(file, key, name):
    """The row of data/<file> whose key is name."""
    rows = {row[key]: row for row in read_table(folder() / file).rows}
    if name not in rows:
        near = get_close_matches(str(name), rows, n=5, cutoff=0.4)
        hint = "near it: " + ", ".join(near) if near else f"the file has {len(rows)}, and none is like it"
        raise ValueError(f"{key} must stand in data/{file}, got {name!r}; {hint}")
    return rows[name]


def _number_or_text(cell):
    try:
        return float(cell)
    except ValueError:
        return cell
