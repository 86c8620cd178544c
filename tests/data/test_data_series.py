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
        ("y\n1\n2\n".encode("utf-16"), r"line 1: text must be UTF-8, got the byte 0xff"),
        (b"y\n1\n\xb0\xa1\n", r"line 3: text must be UTF-8, got the byte 0xb0"),
        (b"\x00\x01\x02PK\n\x00", r"column must be one of|must have"),
    ],
)
def test_bad_files(csv_file, content, law):
    path = csv_file(content)
    with pytest.raises(ValueError, match=law) as caught:
        load_series(path, "y")
    assert str(path) in str(caught.value)


def test_no_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no file .*absent\.csv; the current folder is"):
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
