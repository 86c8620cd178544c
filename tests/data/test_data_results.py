"""The folder is found or missed aloud; a table of results is read with its label, or rejected with a reason."""

import math
from pathlib import Path

import pytest

from unrolled import data

HEAD = "# machine: two cores\n# seeds: 1-5\n# date: 2026-01-31\n# command: make experiments\n"


def test_folder_is_beside_the_package():
    assert data.folder() == Path(data.__file__).resolve().parents[3] / "data"


def test_a_package_without_its_data_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(data, "__file__", str(tmp_path / "site-packages" / "unrolled" / "data" / "__init__.py"))
    with pytest.raises(FileNotFoundError, match=r"must lie in .*pip install -e"):
        data.folder()


def test_a_checkout_comes_first_and_then_what_a_wheel_brings(monkeypatch, tmp_path):
    monkeypatch.setattr(data, "__file__", str(tmp_path / "lib" / "unrolled" / "data" / "__init__.py"))
    wheel, checkout = tmp_path / "lib" / "unrolled" / "_course" / "data", tmp_path / "data"
    for folder in (wheel, checkout):
        folder.mkdir(parents=True)
        (folder / "published.csv").touch()
        assert data.folder() == folder.resolve()


@pytest.fixture
def write(monkeypatch, tmp_path):
    (tmp_path / "results").mkdir()
    monkeypatch.setattr(data, "folder", lambda: tmp_path)
    return lambda name, text: (tmp_path / "results" / f"{name}.csv").write_text(text, encoding="utf-8")


def test_results_round_trip(write):
    write("echo", HEAD + "cell,k,loss\ntanh,3,.69\ngru,12,nan\n")
    rows, label = data.results("echo")
    assert label == "two cores; seeds 1-5; 2026-01-31"
    assert rows[0] == {"cell": "tanh", "k": 3.0, "loss": 0.69}
    assert rows[1]["cell"] == "gru"
    assert math.isnan(rows[1]["loss"])


def test_results_by_seed(write, capsys):
    write("echo", HEAD + "cell,k,seed,loss\ntanh,3,1,.5\ntanh,3,2,.25\ntanh,5,1,9\ngru,3,1,.125\ngru,3,2,nan\n")
    found = data.by_seed("echo", "loss", "cell", k=3.0)
    assert capsys.readouterr().out == ""
    assert list(found) == ["tanh", "gru"]
    assert found["tanh"].tolist() == [0.5, 0.25]
    assert found["gru"][0] == 0.125
    assert math.isnan(found["gru"][1])
    data.by_seed("echo", "loss", "cell", k=3.0, label=True)
    assert capsys.readouterr().out == "[echo: two cores; seeds 1-5; 2026-01-31]\n"
    data.over_seeds("echo", "loss", "cell", label=False, k=3)
    assert capsys.readouterr().out == "k 3:\n  cell tanh: loss 0.5 0.25\n  cell gru: loss 0.125 never\n"
    data.over_seeds("echo", "loss", "cell", label=False)
    assert capsys.readouterr().out == "cell tanh: loss 0.5 0.25 9\ncell gru: loss 0.125 never\n"
    with pytest.raises(ValueError, match="no row of echo has {'k': 4}; the first has {'cell': 'tanh'"):
        data.by_seed("echo", "loss", "cell", k=4)


def test_missing_results_say_what_writes_them(write):
    with pytest.raises(FileNotFoundError, match="`make experiments` writes it. Tables there now: none"):
        data.results("echo")
    write("adding", HEAD + "a\n1\n")
    with pytest.raises(FileNotFoundError, match="Tables there now: adding"):
        data.results("echo")


@pytest.mark.parametrize("key", ["machine", "seeds", "date", "command"])
def test_results_must_say_how_they_were_made(write, key):
    write("echo", "".join(line for line in HEAD.splitlines(True) if key not in line) + "a\n1\n")
    with pytest.raises(ValueError, match=f"got no {key}"):
        data.results("echo")
    write("echo", "".join(f"# {key}: \n" if key in line else line for line in HEAD.splitlines(True)) + "a\n1\n")
    with pytest.raises(ValueError, match=f"got no {key}"):
        data.results("echo")


def test_damaged_results(write):
    write("echo", HEAD + "a,b\n1,2\n3\n")
    with pytest.raises(ValueError, match="echo.csv, line 7: a row must have 2 cells like the header, got 1 cells"):
        data.results("echo")


def test_shipped_results_can_be_read():
    for path in (data.folder() / "results").glob("*.csv"):
        rows, label = data.results(path.stem)
        assert rows, path
        assert label, path
