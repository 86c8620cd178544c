"""Series of numbers over time: the yearly sunspot numbers, any CSV of the reader's, and what a forecast needs."""

import math

import numpy as np

from unrolled.autodiff.checks import check_count
from unrolled.data import folder
from unrolled.data.tables import read_table


def sunspots():
    """Yearly mean sunspot numbers -> years (T,) int, values (T,) float, T = 309: 1700 to 2008.

    Unit: the relative (Wolf) sunspot number, version 1, as it was before the revision of 2015; data/README.md says
    where it comes from.
    """
    path = folder() / "sunspots.csv"
    return load_series(path, "year").astype(int), load_series(path, "sunspots")


def load_series(path, column):
    """The numbers of one column of a CSV file (UTF-8, commas, one header line) -> values (T,) float, T >= 2.

    Nothing is mended or left out. FileNotFoundError: there is no such file. ValueError, with the file and the line:
    no such column, a cell that is no finite number (text, nothing, NaN, infinity), fewer than two rows, and all
    that `read_table` rejects.
    """
    table = read_table(path)
    if column not in table.columns:
        line = len(table.comments) + 1
        raise ValueError(f"{path}, line {line}: column must be one of {table.columns}, got {column!r}")
    values = [_number(row[column], f"{path}, line {line}: {column}") for row, line in zip(table.rows, table.lines)]
    if len(values) < 2:
        line = len(table.comments) + 1 + len(values)
        raise ValueError(f"{path} ends at line {line}: a series must have at least 2 rows of data, got {len(values)}")
    return np.array(values)


def _number(cell, place):
    try:
        value = float(cell) if "_" not in cell else math.nan  # Python reads 1_000 as a number; a table does not
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"{place} must be a finite number, got {cell!r}" + (" (an empty cell)" if not cell else ""))
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
