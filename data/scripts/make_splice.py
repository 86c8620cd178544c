"""Makes splice.npz from the copy of the splice junctions that Debian's package r-cran-mlbench ships:

apt-get download r-cran-mlbench && dpkg-deb -x r-cran-mlbench_*.deb mlbench
pip install rdata==1.1.0
python data/scripts/make_splice.py mlbench/usr/lib/R/site-library/mlbench/data/DNA.rda
"""

import hashlib
import sys
from pathlib import Path

import numpy as np
import rdata

SOURCE_SHA256 = "df941ad89a49f705a29bf38e52c91dc34029539cedb13fa24f803f1224278c9e"
TARGET = Path(__file__).resolve().parents[1] / "splice.npz"
KINDS = ("n", "ei", "ie")  # no junction; exon to intron, a donor; intron to exon, an acceptor


def main():
    source = Path(sys.argv[1]).read_bytes()
    found = hashlib.sha256(source).hexdigest()
    assert found == SOURCE_SHA256, f"this is another file: {found}"
    table = rdata.read_rda(sys.argv[1])["DNA"]
    # Three columns of 0 and 1 for each base: A is 100, C 010, G 001 and T 000; the consensus GT … AG tells so.
    columns = table.iloc[:, :-1].to_numpy().astype(int).reshape(len(table), 60, 3)
    bases = np.where(columns.any(-1), columns.argmax(-1), 3).astype(np.uint8)
    labels = np.array([KINDS.index(kind) for kind in table["Class"]], np.uint8)
    assert (bases[labels == 1, 30] == 2).mean() > 0.98 < (bases[labels == 1, 31] == 3).mean()
    np.savez_compressed(TARGET, bases=bases, labels=labels)
    print(f"{TARGET.name}: {len(bases)} sequences, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
