"""Why a file that should be CSV is none: what it seems to be, and how to mend it, as the end of a message."""

import csv
import re
from collections import Counter
from itertools import pairwise

from unrolled.data.files import kind

SEPARATORS = {";": "';'", "\t": "tab", "|": "'|'", " ": "row of spaces"}
NOTHING = r"(?i)|null|n/?a|#n/?a|nan|none|nil|missing|[-–—.?*]+|결측"
NUMBER = r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?"


def of_table(lines):
    """Of the lines of a file: a web page, JSON, another separator, lines above the header or below the table; or ""."""
    text, said = "".join(lines[:50]), ""
    if known := kind(text.encode()):
        return f". The file seems to be {known}"
    if re.match(r"\s*[\[{]", text):
        return ". The file seems to be JSON: save the table in it as CSV"
    if excel := re.match(r"sep=.\s*\n", text):
        said, lines = f". Line 1, {excel[0].strip()!r}, is for Excel: delete it", ["\n", *lines[1:]]
    separator = next((mark for mark in SEPARATORS if _separates(mark, lines)), ",")
    return said + (_of_separator(separator, lines) if separator != "," else "") + _of_place(_split(lines, separator))


def of_row(cells, width):
    """Of a row that has not as many cells as the header."""
    if not cells:
        return ". Delete it"
    if not any(cell.strip() for cell in cells[width:]) and len(cells) > width:
        return ". Take out the commas at the end of the row"
    halves = next(((a, b) for a, b in pairwise(cells) if re.fullmatch(r"-?\d+", a) and b.isdigit()), None)
    if len(cells) > width and halves:
        thousands = len(halves[1]) == 3 and halves[0].strip("-0")
        return ". A decimal comma" + (
            f", or one for the thousands? Write {'.'.join(halves)} or {''.join(halves)}"
            if thousands
            else f"? Write {'.'.join(halves)}"
        )
    return ""


def of_number(cell, cells):
    """Of a cell that is no finite number, among the cells of its column."""
    cell, commas = cell.strip(), [each.strip() for each in cells if "," in each]
    if re.fullmatch(NOTHING, cell):
        alike = sum(each.strip() == cell for each in cells)
        name = repr(cell) if cell else "empty"
        return (
            f". {alike} of the {len(cells)} cells are {name}: leave their rows out, or write there what you know it was"
        )
    if re.fullmatch(r"[-+]?\d{1,3}(\.\d{3})*,\d+|\d{4,},\d+", cell) and not all(map(_in_thousands, commas)):
        return f". It seems to have a decimal comma: write {cell.replace('.', '').replace(',', '.')}"
    if plain := _in_thousands(cell):
        return f". The thousands seem to be set apart: write {plain}"
    if len(cells) > 2 and cell is cells[0].strip() and all(re.fullmatch(NUMBER, each.strip()) for each in cells[1:]):
        return ". It seems to be a second line of the header: delete it"
    if cell.replace("−", "-") != cell and re.fullmatch(NUMBER, cell.replace("−", "-")):
        return f". Its minus is another character: write {cell.replace('−', '-')}"
    if within := re.fullmatch(rf"([^\d\s.,+-]*)\s*({NUMBER}|[\d,]+(?:\.\d+)?)\s*([^\d\s.,]*[²³]?)", cell):
        unit = within[1] or within[len(within.groups())]
        return f". It seems to be a number with a unit: write {within[2].replace(',', '')}, without {unit!r}"
    return ""


def _in_thousands(cell):
    """The number without what sets its thousands apart (1,154  1 154  1'154  1.154.000), "" where there is none."""
    for mark, point in ((",", "."), ("[ \xa0\u202f]", "[.,]"), ("['’]", "[.,]"), (r"\.", ",")):
        if re.fullmatch(rf"[-+]?\d{{1,3}}({mark}\d{{3}})+({point}\d+)?", cell):
            return re.sub(mark, "", cell).replace(",", ".")
    return ""


def _split(lines, separator):
    lines = [line.strip("\r\n") for line in lines]
    if separator == " ":
        return [line.split() for line in lines]
    try:
        return list(csv.reader(lines, delimiter=separator))
    except csv.Error:  # a cell of 131,072 characters: no table
        return []


def _width(records):
    """(cells, records): how many cells most records have, and how many records those are."""
    return Counter(map(len, filter(None, records))).most_common(1)[0] if any(records) else (0, 0)


def _separates(mark, lines):
    """Do the lines fall into columns at this mark, and not at commas?"""
    lines = [line for line in lines[:500] if line.strip()]
    (cells, alike), (columns, by_commas) = _width(_split(lines, mark)), _width(_split(lines, ","))
    return cells > 1 and alike >= max(2, 0.6 * len(lines)) and (columns == 1 or by_commas < alike)


def _of_separator(mark, lines):
    cells = [cell.strip() for record in _split(lines, mark) for cell in record]
    points = any(re.fullmatch(r"[-+]?\d{1,3}(\.\d{3})+,\d+", cell) for cell in cells)
    commas = any(re.fullmatch(r"[-+]?[\d.]+,\d+", cell) for cell in cells)
    steps = ["take out each '.'"] * points + ["write '.' for each ','"] * commas
    said = f"The cells seem to be separated by {SEPARATORS[mark]}"
    said += ", the numbers to have decimal commas" * commas + " and points for the thousands" * points
    return f". {said}: {', then '.join([*steps, f'write one comma for each {SEPARATORS[mark]}'])}"


def _of_place(records):
    """Lines above the header, empty columns, lines below the table."""
    width, alike = _width(records)
    if width < 2 or 2 * alike < len(records):
        return ""
    first = next(i for i, record in enumerate(records) if len(record) == width)
    last = max(i for i, record in enumerate(records) if len(record) == width)
    named = all(cell.strip() and not re.fullmatch(NUMBER, cell.strip()) for cell in records[first])
    if any(records[:first]) and named:
        return f". The header seems to stand in line {first + 1}: delete the lines above it, or begin each with #"
    if alike == len([record for record in records if record]) and not any(
        record[-1].strip() for record in records if record
    ):
        return ". The last column is empty: take out the separators at the ends of the lines"
    if any(records[last + 1 :]) and alike == last + 1 - first:
        return f". The table seems to end in line {last + 1}: delete the lines below it"
    return ""
