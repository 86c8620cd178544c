"""Series of numbers over time: the yearly sunspot numbers, any CSV of the reader's, and what a forecast needs."""

import math
from difflib import get_close_matches

import numpy as np

from unrolled.autodiff.checks import check_count
from unrolled.data import causes, folder
from unrolled.data.dates import order_of
from unrolled.data.tables import lines_of, read_table


def sunspots():
    """Yearly mean sunspot numbers -> years (T,) int, values (T,) float, T = 309: 1700 to 2008.

    Unit: the relative (Wolf) sunspot number, version 1, as it was before the revision of 2015; data/README.md says
    where it comes from.
    """
    path = folder() / "sunspots.csv"
    return load_series(path, "year").astype(int), load_series(path, "sunspots")


def load_series(path, column, *, newest_first=None):
    """The numbers of one column of a CSV file (UTF-8, commas, one header line) -> values (T,) float, T >= 2.

    The rows must go from the oldest to the newest, by every column that holds dates (`dates.order_of`), or a model
    would be trained on what it is to forecast. newest_first=True turns a file round that goes the other way;
    newest_first=False takes the rows as they stand.
    Else nothing is mended or left out. FileNotFoundError: there is no such file. ValueError, with the file and the
    line: no such column, a cell that is no finite number (text, nothing, NaN, infinity), fewer than two rows, rows in
    another order, and all that `read_table` rejects.
    """
    table = read_table(path)
    if column not in table.columns:
        line = len(table.comments) + 1
        raise ValueError(
            f"{path}, line {line}: column must be one of {table.columns}, got {column!r}{_near(column, table, path)}"
        )
    cells = [row[column] for row in table.rows]
    values = [_number(cell, cells, f"{path}, line {line}: {column}") for cell, line in zip(cells, table.lines)]
    if len(values) < 2:
        line = len(table.comments) + 1 + len(values)
        raise ValueError(f"{path} ends at line {line}: a series must have at least 2 rows of data, got {len(values)}")
    if newest_first is not False:
        _check_order(path, table, newest_first)
    return np.array(values)[:: -1 if newest_first else 1].copy()


def _near(column, table, path):
    """The column that was meant, or why the header is not what it should be."""
    alike = [name for name in table.columns if name.strip().casefold() == str(column).strip().casefold()]
    if not alike and (cause := causes.of_table(lines_of(path))):
        return cause
    alike = alike or get_close_matches(str(column), table.columns, 1)
    return f". Did you mean {alike[0]!r}?" if alike else ""


def _check_order(path, table, newest_first):
    """Do the rows go as they are said to go, by every column of dates?"""
    for column, found in order_of(table.columns, table.rows).items():
        cells = [f"{row[column]!r} (line {line})" for row, line in zip(table.rows, table.lines)]
        if found == "falls" and not newest_first:
            raise ValueError(
                f"{path}: the rows must go from the oldest to the newest, but {column} falls from {cells[0]} to "
                f"{cells[-1]}: load_series(…, newest_first=True) turns them round, as values[::-1] does"
            )
        if found == "rises" and newest_first:
            raise ValueError(
                f"{path}: newest_first=True, but {column} rises from {cells[0]} to {cells[-1]}: leave it out"
            )
        if isinstance(found, int):
            raise ValueError(
                f"{path}: the rows must be in the order of time, but by {column} {cells[found]} comes after "
                f"{cells[found - 1]}: sort them, or keep one series of several in the file. newest_first=False takes "
                "them as they stand"
            )


def _number(cell, cells, place):
    try:
        value = float(cell) if "_" not in cell else math.nan  # Python reads 1_000 as a number; a table does not
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(
            f"{place} must be a finite number, got {cell!r}{' (an empty cell)' if not cell else ''}"
            f"{causes.of_number(cell, cells)}"
        )
    return value


def split_by_time(T, validation, test):
    """slice(train), slice(validation), slice(test): the last `test` steps, the `validation` before them, and the rest.

    The parts follow each other in time, share no step and leave none out; a forecast is never trained on its future.
    To forecast every step of a part from T_in steps before it, cut values[part.start - T_in : part.stop] into windows.
    ValueError: a part would be empty.
    """
    check_count(validation=validation, test=test)
    train = T - validation - test
    if train < 1:
        raise ValueError(f"validation + test must leave a training part of T = {T} steps, got {validation} + {test}")
    return slice(0, train), slice(train, train + validation), slice(train + validation, T)


def standardise(values, train):
    """(values - mean) / std, mean and std, where mean and std are the training part's: values (T,), train a slice.

    The later parts say nothing about the scale, so nothing of the future leaks in. Back: scaled * std + mean.
    ValueError: the training part is empty or constant.
    """
    part = np.asarray(values)[train]
    if part.size == 0 or part.min() == part.max():
        raise ValueError(f"the training part must have two different values, got {part.size} steps of {part[:1]}")
    mean, std = part.mean(), part.std()
    return (values - mean) / std, mean, std


def windows(values, T):
    """Every stretch of T steps, and the same stretch one step later: inputs (T, N, 1), targets (T, N, 1), time-major.

    inputs[t, n] = values[n + t], targets[t, n] = values[n + t + 1], N = len(values) - T. The forecast of one number
    from T numbers has the targets targets[-1] (N, 1). ValueError: values are not (L,), or L <= T.
    """
    check_count(T=T)
    values = np.asarray(values)
    if values.ndim != 1 or len(values) <= T:
        raise ValueError(f"values must be (L,) with L > T = {T}, got {values.shape}")
    stretches = np.lib.stride_tricks.sliding_window_view(values, T).T[..., None]  # (T, L - T + 1, 1)
    return stretches[:, :-1].copy(), stretches[:, 1:].copy()
