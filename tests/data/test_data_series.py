"""Series: any CSV of the reader's is read or rejected with file and line; windows, split and scale keep their laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unrolled.data.series import load_series, split_by_time, standardise, sunspots, windows


@pytest.fixture
def csv_file(tmp_path):
    def write(content):
        path = tmp_path / "mine.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    return write


@pytest.mark.parametrize(
    "content, column, values",
    [
        ("year,y\n1,2.5\n2,-3e2\n", "y", [2.5, -300]),
        ("y\n1\n2", "y", [1, 2]),
        ("y\r\n1\r\n2\r\n", "y", [1, 2]),
        ("\ufeffy\n1\n2\n", "y", [1, 2]),
        ("# from a thermometer\ny\n1\n2\n", "y", [1, 2]),
        ('연도,"값, 도"\n1,2\n2,4\n', "값, 도", [2, 4]),
    ],
    ids=["two columns", "one column, no last newline", "Windows", "byte-order mark", "comment", "Hangul and quotes"],
)
def test_good_files(csv_file, content, column, values):
    assert load_series(csv_file(content), column).tolist() == values


@pytest.mark.parametrize(
    "content, law",
    [
        ("", r"line 1: a header line .* got none"),
        ("# nothing\n", r"line 2: a header line .* got none"),
        ("\ny\n1\n2\n", r"line 1: a header line .* got none"),
        ("year,y,y\n1,2,3\n", r"line 1: each column must have its own name, got 'y' more than once"),
        ("# c\nyear,t\n1,2\n", r"line 2: column must be one of \['year', 't'\], got 'y'"),
        ("y\n", r"ends at line 1: a series must have at least 2 rows of data, got 0"),
        ("y\n5\n", r"ends at line 2: a series must have at least 2 rows of data, got 1"),
        ("y\n1\ntwo\n3\n", r"line 3: y must be a finite number, got 'two'"),
        ("y\n1\n1_000\n", r"line 3: y must be a finite number, got '1_000'"),
        ("t,y\n1,\n2,3\n", r"line 2: y must be a finite number, got '' \(an empty cell\)"),
        ("y\n1\n2\nNaN\n", r"line 4: y must be a finite number, got 'NaN'"),
        ("y\n1\n-inf\n", r"line 3: y must be a finite number, got '-inf'"),
        ("y\n1\n1e999\n", r"line 3: y must be a finite number, got '1e999'"),
        ("t,y\n1,2\n3\n", r"line 3: a row must have 2 cells like the header, got 1 cells"),
        ("t,y\n1,2,5\n", r"line 2: a row must have 2 cells like the header, got 3 cells"),
        ("y\n1\n\n2\n", r"line 3: a row must have 1 cells like the header, got a blank line"),
        ("y\n1\n2\n\n", r"line 4: a row must have 1 cells like the header, got a blank line"),
        ('t,y\n"1\n",2\n3,x\n', r"line 4: y must be a finite number, got 'x'"),
        ('y\n1\n"2\n3\n', r"line 3: a row must be well-formed CSV"),
        ("y\n1\n2\n".encode("utf-16"), r"must be text in UTF-8, got UTF-16, by the mark at its beginning: save it as"),
        (b"y\n1\n\xb0\xa1\n", r"got the byte 0xb0 at position 4 \(line 3\); .* CP949 .*reads '가': save it as UTF-8"),
        (b"PK\x03\x04\x14\0xl/workbook.xml\xff", r"got a spreadsheet of Excel \(\.xlsx\): save the sheet as CSV"),
        (b"\x00\x01\x02PK\n\x00", r"got binary data: a zero byte at position 0 \(line 1\)"),
    ],
)
def test_bad_files(csv_file, content, law):
    path = csv_file(content)
    with pytest.raises(ValueError, match=law) as caught:
        load_series(path, "y")
    assert str(path) in str(caught.value)


DAYS = [f"2021-05-{day:02}" for day in range(1, 29)]


@pytest.mark.parametrize(
    "content, column, said",
    [
        ("t;y\n2021-05-01;21,5\n2021-05-02;21,75\n", "y", "by ';', the numbers to have decimal commas: write '.'"),
        ("t;y\na;1.021,5\nb;21,75\n", "y", "commas and points for the thousands: take out each '.', then"),
        ("t\ty\na\t1\nb\t2\n", "y", "separated by tab: write one comma for each tab"),
        ("t    y\na    1\nb    2\n", "y", "separated by row of spaces"),
        ("t|y\na|1\nb|2\n", "y", "separated by '|'"),
        ("t;y;;\n1;2.5;;\n2;3.5;;\n", "y", "by ';': write one comma for each ';'. The last column is empty"),
        ("t,y,,\n1,2.5,,\n2,3.5,,\n", "y", "The last column is empty: take out the separators"),
        ("t,y\n1,2.5,,\n2,3.5,,\n", "y", "Take out the commas at the end of the row"),
        ("y\n0,5\n0,75\n", "y", "A decimal comma? Write 0.5"),
        ("t,y\na,1,154\nb,0,75\n", "y", "A decimal comma, or one for the thousands? Write 1.154 or 1154"),
        ("Place: H\nUnit: mm\n\nt,y\na,1.5\nb,1.6\n", "y", "The header seems to stand in line 4: delete"),
        ("# c\nPlace: H\nt,y\na,1.5\nb,1.6\nc,1\n", "y", "The header seems to stand in line 3"),
        ("Place: H\n\nt;y\na;1,5\nb;1,6\nc;1,7\n", "y", "each ';'. The header seems to stand in line 3"),
        ("sep=;\nt;y\na;1\nb;2\n", "y", "'sep=;', is for Excel: delete it. The cells seem"),
        ("t,y\na,1\nb,2\nc,3\n\nSource: me\n", "y", "The table seems to end in line 4: delete the lines below it"),
        ("t,y\n,mm\na,2\nb,3\n", "y", "a second line of the header: delete it"),
        ('t,y\na,"1,154"\nb,"1,230"\n', "y", "got '1,154'. The thousands seem to be set apart: write 1154"),
        ('t,y\na,"1,154"\nb,"0,75"\n', "y", "got '1,154'. It seems to have a decimal comma: write 1.154"),
        ('t,y\na,"1.154,5"\nb,2\n', "y", "set apart: write 1154.5"),
        ("y\n1 154\n2\n", "y", "set apart: write 1154"),
        ("y\n1'154.5\n2\n", "y", "set apart: write 1154.5"),
        ("y\n1.154.000\n2\n", "y", "set apart: write 1154000"),
        ("y\n21.5 °C\n2\n", "y", "a number with a unit: write 21.5, without '°C'"),
        ('y\n"₩1,200"\n2\n', "y", "a number with a unit: write 1200, without '₩'"),
        ("y\n12%\n2\n", "y", "a number with a unit: write 12, without '%'"),
        ("y\n−5\n2\n", "y", "Its minus is another character: write -5"),
        ("y\n1\nnull\n2\nnull\n", "y", "got 'null'. 2 of the 4 cells are 'null': leave their rows out"),
        ("t,y\na,1\nb,\n", "y", "(an empty cell). 1 of the 2 cells are empty"),
        ("t, y\n1,2\n2,3\n", "y", "got 'y'. Did you mean ' y'?"),
        ("t,Close\n1,2\n2,3\n", "close", "Did you mean 'Close'?"),
        ("<!DOCTYPE html>\n<p>\n", "y", "The file seems to be a web page: download the file itself"),
        ('{"y": [1, 2]}\n', "y", "The file seems to be JSON"),
        ("1.5\n1.6\n", "1.5", "the header must hold names, got '1.5'. If the table begins here"),
        ("2021-05-01,1.5\n2021-05-02,1.6\n", "1.5", "the header must hold names, got '2021-05-01'"),
        ("Seoul,1.5\nBusan,1.6\n", "1.5", "the header must hold names, got '1.5'"),
    ],
)  # fmt: skip
def test_the_cause_is_named_with_its_mend(csv_file, content, column, said):
    with pytest.raises(ValueError) as caught:
        load_series(csv_file(content), column)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "days",
    [
        DAYS,
        [f"{day[8:]}.05.2021" for day in DAYS],
        [f"05/{day[8:]}/2021" for day in DAYS],
        [f'"May {int(day[8:])}, 2021"' for day in DAYS],
        [f"{int(day[8:])}-May-21" for day in DAYS],
        [f"2021년 5월 {int(day[8:])}일" for day in DAYS],
        [f"2021. 5. {int(day[8:])}." for day in DAYS],
        [f"{day}T23:59:59+09:00" for day in DAYS],
        [f"2021-05-01 {hour}:{minute} {half}" for half in ("AM", "PM") for hour in (12, 1, 11) for minute in (10, 40)],
        [f"{month} {year}" for year in (2020, 2021) for month in ("Jan", "Feb", "Nov")],
        [f"{year}Q{quarter}" for year in (2020, 2021) for quarter in (1, 2, 4)],
    ],
)
def test_rows_against_the_order_of_time_are_refused_and_can_be_turned_round(csv_file, days):
    lines = [f"{day},{value}" for value, day in enumerate(days)]
    table = lambda lines: csv_file("\n".join(["Date,y", *lines, ""]))
    values = [float(value) for value in range(len(days))]
    assert load_series(table(lines), "y").tolist() == values
    with pytest.raises(
        ValueError, match=r"oldest to the newest, but Date falls from .* \(line 2\) to .*newest_first=True"
    ):
        load_series(table(lines[::-1]), "y")
    assert load_series(table(lines[::-1]), "y", newest_first=True).tolist() == values
    assert load_series(table(lines[::-1]), "y", newest_first=False).tolist() == values[::-1]
    with pytest.raises(ValueError, match="newest_first=True, but Date rises"):
        load_series(table(lines), "y", newest_first=True)
    mixed = [*lines[1:], lines[0]]
    with pytest.raises(ValueError, match=rf"by Date .* \(line {len(days) + 1}\) comes after .*: sort them"):
        load_series(table(mixed), "y")
    assert load_series(table(mixed), "y", newest_first=False).tolist() == [*values[1:], 0]


def test_years_as_numbers_have_an_order_and_other_numbers_have_none(csv_file):
    with pytest.raises(ValueError, match="but year falls from '2003' \\(line 2\\) to '2001'"):
        load_series(csv_file("year,y\n2003,1\n2002,2\n2001,3\n"), "y")
    assert load_series(csv_file("power,y\n2003,1\n2002,2\n2001,3\n"), "y").tolist() == [1, 2, 3]
    assert load_series(csv_file("version,y\n1.5,1\n1.4,2\n"), "version").tolist() == [1.5, 1.4]
    hours = "Date,Hour,y\n2021-05-06,23,1\n2021-05-07,0,2\n"
    assert load_series(csv_file(hours), "y").tolist() == [1, 2]


def test_a_day_or_a_month_first_is_whichever_is_in_order(csv_file):
    """5/6, 6/6, 7/6: days in June, or months."""
    assert load_series(csv_file("t,y\n05/06/2021,1\n06/06/2021,2\n07/06/2021,3\n"), "y").tolist() == [1, 2, 3]
    with pytest.raises(ValueError, match="falls"):
        load_series(csv_file("t,y\n07/06/2021,1\n06/06/2021,2\n05/06/2021,3\n"), "y")


def test_no_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no file '.*absent\.csv'; the current folder is"):
        load_series(tmp_path / "absent.csv", "y")
    with pytest.raises(ValueError, match="path must be a CSV file, got the folder"):
        load_series(tmp_path, "y")


@given(st.integers(2, 12), st.integers(1, 11))
def test_windows_by_a_slow_loop(L, T):
    values = np.arange(L) ** 2.0
    if L <= T:
        with pytest.raises(ValueError, match=rf"values must be \(L,\) with L > T = {T}, got \({L},\)"):
            windows(values, T)
        return
    inputs, targets = windows(values, T)
    assert inputs.shape == targets.shape == (T, L - T, 1)
    for n in range(L - T):
        for t in range(T):
            assert inputs[t, n, 0] == values[n + t]
            assert targets[t, n, 0] == values[n + t + 1]


def test_windows_are_copies_and_reject():
    values = np.arange(5.0)
    inputs, targets = windows(values, 2)
    inputs[:], targets[:] = -1, -2
    assert values.tolist() == [0, 1, 2, 3, 4]
    assert (inputs == -1).all()
    with pytest.raises(ValueError, match=r"got \(5, 1\)"):
        windows(values[:, None], 2)
    with pytest.raises(ValueError, match="T must be a whole number >= 1, got 0"):
        windows(values, 0)


@given(st.integers(1, 30), st.integers(1, 10), st.integers(1, 10))
def test_split_covers_time_once_and_in_order(T, validation, test):
    if validation + test >= T:
        with pytest.raises(ValueError, match=rf"T = {T} steps, got {validation} \+ {test}"):
            split_by_time(T, validation, test)
        return
    parts = split_by_time(T, validation, test)
    steps = [list(range(T))[part] for part in parts]
    assert sum(steps, []) == list(range(T))
    assert [len(part) for part in steps] == [T - validation - test, validation, test]


def test_split_rejects():
    with pytest.raises(ValueError, match="test must be a whole number >= 1, got 0"):
        split_by_time(10, 1, 0)
    with pytest.raises(ValueError, match=r"validation must be a whole number >= 1, got 0\.2"):
        split_by_time(10, 0.2, 3)


def test_scale_is_the_training_parts_only():
    _, values = sunspots()
    train, validation, test = split_by_time(len(values), 40, 40)
    scaled, mean, std = standardise(values, train)
    assert scaled[train].mean() == pytest.approx(0, abs=1e-12)
    assert scaled[train].std() == pytest.approx(1)
    assert abs(scaled[test].mean()) > 0.1  # the later years are not centred by their own mean
    np.testing.assert_allclose(scaled * std + mean, values, rtol=0, atol=1e-12)
    changed = values.copy()
    changed[validation.start :] *= 7
    assert standardise(changed, train)[1:] == (mean, std)


def test_scale_rejects_a_constant_or_empty_part():
    with pytest.raises(ValueError, match="two different values, got 3 steps of"):
        standardise(np.array([0.1, 0.1, 0.1, 5]), slice(0, 3))
    with pytest.raises(ValueError, match="two different values, got 0 steps"):
        standardise(np.arange(4.0), slice(0, 0))
