"""Writes data/seattle.csv from the copy that vega_datasets ships. Needs only that package's files:

pip install --no-deps vega_datasets==0.9.0
python data/scripts/make_seattle.py
"""

import csv
import hashlib
from importlib.metadata import files, version
from pathlib import Path

SOURCE_SHA256 = "62f0609f787158128aa2bd102967173a4953122dd4f872bf1d502cae1037df0b"
TARGET = Path(__file__).resolve().parents[1] / "seattle.csv"
COLUMNS = ("temp_max", "temp_min", "precipitation", "wind")


def main():
    source = next(file for file in files("vega_datasets") if file.match("_data/seattle-weather.csv")).locate()
    found = hashlib.sha256(Path(source).read_bytes()).hexdigest()
    assert found == SOURCE_SHA256, f"vega_datasets {version('vega_datasets')} ships another file: {found}"
    with open(source, newline="") as file:
        rows = [[row["date"].replace("/", "-"), *(row[name] for name in COLUMNS)] for row in csv.DictReader(file)]
    assert (len(rows), rows[0][0], rows[-1][0]) == (1461, "2012-01-01", "2015-12-31")
    with open(TARGET, "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([["date", *COLUMNS], *rows])  # the numbers as they stand
    print(f"{TARGET.name}: {len(rows)} days, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
