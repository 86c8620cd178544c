"""CSV files, read strictly: what is wrong is said with the file and the line, and nothing is mended."""

import csv
import io
import re
from typing import NamedTuple

from unrolled.data import causes
from unrolled.data.dates import is_date
from unrolled.data.files import decode, existing


class Table(NamedTuple):
    """columns: the header; rows: one dict a row, column -> text; lines: where each row stands; comments: the head."""

    columns: list
    rows: list
    lines: list
    comments: list


def read_table(path):
    """A CSV file (UTF-8, commas) with one header line -> Table. Lines before the header that start with # are comments.

    FileNotFoundError: there is no such file. ValueError, with the line: bytes that are not UTF-8, no header, one that
    holds a number or a date, a name twice in it, a blank line, a row with more or fewer cells than the header, a quote
    that is never closed. Where the file shows what it is instead, the message says that, too, and how to mend it.
    """
    lines = lines_of(path)
    head = next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))
    table = Table([], [], [], [line[1:].strip() for line in lines[:head]])
    try:
        _fill(table, _records(lines[head:], first=head + 1), head + 1)
    except _Fault as fault:
        line, law = fault.args
        raise ValueError(f"{path}, line {line}: {law}{causes.of_table(lines) or fault.hint}") from None
    return table


def lines_of(path):
    """The lines of a text file in UTF-8, with their ends. Errors as `read_table`."""
    path = existing(path, "a CSV file")
    return list(io.StringIO(decode(path, path.read_bytes()), newline=""))


class _Fault(Exception):
    """The line, and the law that it breaks; hint: what to say where the whole file does not show the cause."""

    def __init__(self, line, law, hint=""):
        super().__init__(line, law)
        self.hint = hint


def _fill(table, records, first):
    line, columns = next(records, (first, []))
    if not columns:
        raise _Fault(line, "a header line with the names of the columns must stand here, got none")
    for name in columns:
        if re.fullmatch(causes.NUMBER, name.strip()) or is_date(name):
            mend = ". If the table begins here, write a line of names above it; if it is a name, begin it with a letter"
            raise _Fault(line, f"the header must hold names, got {name!r}", mend)
        if columns.count(name) > 1:
            raise _Fault(
                line, f"each column must have its own name, got {name!r} more than once", ". Rename one of them"
            )
    table.columns.extend(columns)
    for line, cells in records:
        if len(cells) != len(columns):
            got = f"{len(cells)} cells" if cells else "a blank line"
            hint = causes.of_row(cells, len(columns))
            raise _Fault(line, f"a row must have {len(columns)} cells like the header, got {got}", hint)
        table.rows.append(dict(zip(columns, cells)))
        table.lines.append(line)


def _records(lines, first):
    """(line, cells) of each record; a quoted cell may run over several lines, the first of them is given."""
    reader, line = csv.reader(lines, strict=True), first
    try:
        for cells in reader:
            yield line, cells
            line = first + reader.line_num
    except csv.Error as error:
        raise _Fault(line, f"a row must be well-formed CSV, got: {error}") from None
