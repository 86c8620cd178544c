"""Writes data/sunspots.csv from the copy that statsmodels ships. Needs only that package's files:

pip install --no-deps statsmodels==0.15.0
python data/scripts/make_sunspots.py
"""

import csv
import hashlib
from importlib.metadata import files, version
from pathlib import Path

SOURCE_SHA256 = "f67889b1d9002cd5227f0e0ef54e35b419cdd85a31279adef6f73fb41e5c0a9b"
TARGET = Path(__file__).resolve().parents[1] / "sunspots.csv"


def main():
    source = next(file for file in files("statsmodels") if file.match("datasets/sunspots/sunspots.csv")).locate()
    found = hashlib.sha256(Path(source).read_bytes()).hexdigest()
    assert found == SOURCE_SHA256, f"statsmodels {version('statsmodels')} ships another file: {found}"
    with open(source, newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["YEAR", "SUNACTIVITY"], header
    assert [int(year) for year, _ in rows] == list(range(1700, 2009))
    with open(TARGET, "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([["year", "sunspots"], *rows])  # the numbers as they stand
    print(f"{TARGET.name}: {len(rows)} years, sha256 {hashlib.sha256(TARGET.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
