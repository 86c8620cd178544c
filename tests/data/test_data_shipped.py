"""The shipped files: listed with their sums, complete, and what they claim to be."""

import hashlib
import importlib.util
import math
import re
import unicodedata

import pytest

from unrolled import data
from unrolled.data.series import sunspots
from unrolled.data.tables import read_table

ROW = re.compile(r"^\| `([^`]+)` \| (.+) \| (.+) \| (.+) \| (.+) \| `([0-9a-f]{64})` \|$", re.MULTILINE)


def listed():
    return {row[0]: row[1:] for row in ROW.findall((data.folder() / "README.md").read_text(encoding="utf-8"))}


def shipped():
    """Every file that the README has to list: results/ says by itself how it was made, scripts/ made the rest."""
    folder = data.folder()
    files = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file() and path.name[0] != "."}
    return {path.as_posix() for path in files if path.parts[0] not in ("README.md", "results", "scripts")}


def test_every_shipped_file_is_listed_and_nothing_else():
    assert set(listed()) == shipped()


def test_the_readme_says_once_of_each_table_of_results_what_it_holds():
    text = (data.folder() / "README.md").read_text(encoding="utf-8")
    heads = " ".join(re.findall(r"^- (`.+?):", text, re.MULTILINE))
    tables = [path.stem for path in (data.folder() / "results").glob("*.csv")]
    assert sorted(re.findall(r"`(\w+)\.csv`", heads)) == sorted(tables)


@pytest.mark.parametrize("name", sorted(listed()))
def test_sum_and_script(name):
    *_, script, sha256 = listed()[name]
    assert hashlib.sha256((data.folder() / name).read_bytes()).hexdigest() == sha256, (
        f"{name} is not the file that data/README.md lists; if that is meant, run data/scripts/make_checksums.py"
    )
    assert script == "by hand" or (data.folder() / script.strip("`")).is_file()


def test_make_checksums_leaves_a_fresh_readme_alone_and_mends_a_stale_one(tmp_path, monkeypatch):
    spec = importlib.util.spec_from_file_location("sums", data.folder() / "scripts" / "make_checksums.py")
    sums = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sums)
    readme = (data.folder() / "README.md").read_text(encoding="utf-8")
    for name in listed():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((data.folder() / name).read_bytes())
    (tmp_path / "README.md").write_text(re.sub(r"`[0-9a-f]{64}`", f"`{'0' * 64}`", readme), encoding="utf-8")
    monkeypatch.setattr(sums, "DATA", tmp_path)
    sums.main()
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == readme


def test_sunspots_are_the_classical_series():
    years, values = sunspots()
    assert years.tolist() == list(range(1700, 2009))
    assert years.dtype.kind == "i"
    assert values.shape == (309,)
    by_year = dict(zip(years.tolist(), values.tolist()))
    assert [by_year[year] for year in (1700, 1957, 2008)] == [5.0, 190.2, 2.9]
    assert max(by_year, key=by_year.get) == 1957
    assert min(values) == 0


def rows():
    return read_table(data.folder() / "published.csv").rows


def test_published_rows_are_complete():
    ids = [row["id"] for row in rows()]
    assert len(ids) == len(set(ids))
    for row in rows():
        assert list(row) == ["id", "quantity", "value", "unit", "source", "where", "year"]
        assert all(cell.strip() == cell and cell for cell in row.values()), row
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", row["id"]), row
        assert 1990 <= int(row["year"]) <= 2026, row
        assert len(row["source"].split()) >= 4, f"{row['id']} needs authors and title, got {row['source']}"
        assert not re.search(r"\[[RSDMP]\]|https?:|recalled", " ".join(row.values())), row


@pytest.mark.parametrize(
    "id, value",
    [
        ("adding-baseline", 1 / 6),
        ("copy-baseline-s5-t20", 5 * math.log(8) / 30),
        ("echo-baseline", math.log(2)),
        ("delayed-xor-baseline", math.log(2)),
        ("temporal-order-baseline", math.log(4)),
        ("hello-baseline", 2 * math.log(2)),
        ("pascanu2013-singular-vanish-sigmoid", 4),
        ("truncation-min-char-rnn", 25),
        ("cs231n-embedding-backward", 1e-11),
        ("tallec2017-truncated-bias", "biased"),
    ],
)
def test_published_values(id, value):
    row = data.published(id)
    assert row["value"] == (value if isinstance(value, str) else pytest.approx(value, rel=3e-4, abs=0))  # four digits
    assert row["id"] == id
    assert isinstance(row["year"], int)


def test_published_truncation_lengths():
    lengths = {float(row["value"]) for row in rows() if row["id"].startswith("truncation-")}
    assert {5, 25, 32, 35, 50} <= lengths


def test_unknown_id_names_near_ones():
    with pytest.raises(ValueError, match=r"id must stand in .*, got 'adding-base'; near it: .*adding-baseline"):
        data.published("adding-base")
    with pytest.raises(ValueError, match="none is like it"):
        data.published("€€€")


def test_glossary():
    terms = [row["term"] for row in data.glossary()]
    assert len(terms) == len({term.lower() for term in terms}) >= 80
    for row in data.glossary():
        assert list(row) == ["term", "korean", "note"]
        assert all(cell.strip() == cell and cell for cell in row.values()), row
        assert unicodedata.is_normalized("NFC", row["korean"]), row
        first, *others = row["korean"].split(", ")
        assert re.fullmatch(r"[가-힣]+([ -][가-힣]+)*", first), row
        assert all(re.fullmatch(r"[가-힣]+( [가-힣]+)*|[A-Z][A-Za-z]*[A-Z]", other) for other in others), row
        assert re.fullmatch(r"[A-Za-z][A-Za-z -]*", row["term"]), row


def test_ko():
    assert data.ko("hidden state") == "hidden state (은닉 상태)"
    assert data.ko("recurrent neural network") == "recurrent neural network (순환 신경망)"
    assert data.ko("recursive neural network") == "recursive neural network (재귀 신경망)"
    with pytest.raises(ValueError, match="term must stand in .*, got 'hiden state'; near it: hidden state"):
        data.ko("hiden state")
