"""Columns of dates: are the rows of a table in the order of time?"""

import re
from itertools import pairwise

MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
WORDS = rf"(?i)\b({'|'.join(MONTHS)})[a-z]*\.?"
ORDERS = {"year, month, day": (0, 1, 2), "day, month, year": (2, 1, 0), "month, day, year": (2, 0, 1)}
FORM = r"\d{1,4}(\s?[-/.년월Q ]\s?|,\s)\d{1,4}((\s?[-/.월 ]\s?|,\s?)\d{1,4}(일|\.)?)?([T ,].*)?|\d{4}년\s?\d{1,2}월"
NUMBERED = (
    r"(?i)years?|dates?|time|timestamp|jahr|datum|zeit|연도|년도|년|날짜|일자|일시|시각|시간"  # dates as bare numbers
)


def order_of(columns, rows):
    """How the rows of a table go by each column that holds times: {column: "rises" | "falls" | k}.

    k: "neither", and row k is the first that is earlier than the row before it. A column holds times where each of its
    cells is a date ("2021-05-28", "28.5.2021", "May 28, 2021 10:30", "2021년 5월 28일", …), or where its name says so
    and each is a number. Where 5/6/2021 may be in May or in June, that is taken under which the rows are in order.
    """
    found = {}
    for column in columns:
        readings = _readings(column, [row[column].strip() for row in rows])
        verdicts = [verdict for keys in readings if (verdict := _verdict(keys)) is not None]
        if verdicts:
            found[column] = next((word for word in ("rises", "falls") if word in verdicts), verdicts[0])
    return found


def is_date(cell):
    """Does a cell hold a date, under one of the orders of day, month and year? A bare number is none."""
    return any(_key(cell, order) for order in ORDERS.values())


def _readings(column, cells):
    """The times of a column, once for each order in which all of its cells are dates."""
    if re.fullmatch(NUMBERED, column.strip()):
        try:
            return [[float(cell) for cell in cells]]
        except ValueError:
            pass
    orders = [order for order in ORDERS.values() if cells and _key(cells[0], order)]
    readings = ([_key(cell, order) for cell in cells] for order in orders)
    return [keys for keys in readings if all(keys)]


def _key(cell, order):
    """(year, month, day, hour, …) of a date whose parts stand in this order, None where it is none."""
    cell = re.sub(
        WORDS, lambda word: f" {MONTHS.index(word[1].lower()) + 1} ", cell.replace("오전", "am ").replace("오후", "pm ")
    )
    numbers = re.findall(r"\d+", cell)
    if not re.fullmatch(FORM, re.sub(r"\s+", " ", re.sub(r"^\W*[A-Za-z]{3,9}\.?,? ", "", cell)).strip()) or _number(
        cell
    ):
        return None
    if len(numbers) == 2:  # a month, or a quarter
        numbers = [numbers[0], numbers[1], "1"] if len(numbers[0]) == 4 else ["1", *numbers]
    year, month, day = (numbers[place] for place in order)
    if len(year) not in (2, 4) or not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return None
    hour, *rest = [*map(int, numbers[3:]), 0]
    if half := re.search(r"(?i)(a|p)\.?m\b", cell):
        hour = hour % 12 + 12 * (half[1] in "pP")
    return (int(year), int(month), int(day), hour, *rest)


def _number(cell):
    try:
        return float(cell) is not None
    except ValueError:
        return False


def _verdict(keys):
    steps = [(a < b) - (a > b) for a, b in pairwise(keys)]
    if not any(steps):
        return None
    if min(steps) >= 0:
        return "rises"
    return "falls" if max(steps) <= 0 else steps.index(-1) + 1
