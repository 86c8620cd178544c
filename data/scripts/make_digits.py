"""Makes digits.npz from the copy of the digits that scikit-learn ships. Needs only that package's files:

pip install --no-deps scikit-learn==1.9.1
python data/scripts/make_digits.py
"""

import gzip
import hashlib
from importlib.metadata import files, version
from pathlib import Path

import numpy as np

SOURCE_SHA256 = "09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22"
TARGET = Path(__file__).resolve().parents[1] / "digits.npz"


def main():
    source = next(file for file in files("scikit-learn") if file.match("datasets/data/digits.csv.gz")).locate()
    found = hashlib.sha256(Path(source).read_bytes()).hexdigest()
    assert found == SOURCE_SHA256, f"scikit-learn {version('scikit-learn')} ships another file: {found}"
    with gzip.open(source, "rt") as file:
        table = np.loadtxt(file, delimiter=",").astype(np.uint8)
    assert table.shape == (1797, 65)
    assert table[:, :64].max() == 16
    np.savez_compressed(TARGET, images=table[:, :64].reshape(-1, 8, 8), labels=table[:, 64])
    print(f"{TARGET.name}: {len(table)} images, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
