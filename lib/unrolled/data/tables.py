"""CSV files, read strictly: what is wrong is said with the file and the line, and nothing is mended."""

import csv
import io
from pathlib import Path
from typing import NamedTuple


class Table(NamedTuple):
    """columns: the header; rows: one dict a row, column -> text; lines: where each row stands; comments: the head."""

    columns: list
    rows: list
    lines: list
    comments: list


def read_table(path):
    """A CSV file (UTF-8, commas) with one header line -> Table. Lines before the header that start with # are comments.

    FileNotFoundError: there is no such file. ValueError, with the line: bytes that are not UTF-8, no header, a name
    twice in the header, a blank line, a row with more or fewer cells than the header, a quote that is never closed.
    """
    lines = list(io.StringIO(_read_text(path), newline=""))
    head = next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))
    comments = [line[1:].strip() for line in lines[:head]]
    records = _records(path, lines[head:], first=head + 1)
    line, columns = next(records, (head + 1, []))
    if not columns:
        raise ValueError(f"{path}, line {line}: a header line with the names of the columns must stand here, got none")
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise ValueError(f"{path}, line {line}: each column must have its own name, got {twice[0]!r} more than once")
    table = Table(columns, [], [], comments)
    for line, cells in records:
        if len(cells) != len(columns):
            got = f"{len(cells)} cells" if cells else "a blank line"
            raise ValueError(f"{path}, line {line}: a row must have {len(columns)} cells like the header, got {got}")
        table.rows.append(dict(zip(columns, cells)))
        table.lines.append(line)
    return table


def _read_text(path):
    path = Path(path)
    if path.is_dir():
        raise ValueError(f"path must be a CSV file, got the folder {path}")
    if not path.exists():
        raise FileNotFoundError(f"there is no file {path}; the current folder is {Path.cwd()}")
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")  # a spreadsheet's byte-order mark is no part of the first name
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ValueError(f"{path}, line {line}: text must be UTF-8, got the byte 0x{raw[error.start]:02x}") from None


def _records(path, lines, first):
    """(line, cells) of each record; a quoted cell may run over several lines, the first of them is given."""
    reader, line = csv.reader(lines, strict=True), first
    try:
        for cells in reader:
            yield line, cells
            line = first + reader.line_num
    except csv.Error as error:
        raise ValueError(f"{path}, line {line}: a row must be well-formed CSV, got: {error}") from None
