"""Makes strokes.npz: the small letters of two of the Hershey fonts, as strokes of the pen.

python data/scripts/make_strokes.py hershey-fonts-data_0.1-1.1_all/usr/share/hershey-fonts

The folder is that of Debian's package hershey-fonts-data 0.1-1.1 (`apt-get download hershey-fonts-data`, then
`dpkg-deb -x`). Its fonts are in James Hurt's format: of each glyph a line of five digits for its number, three for how
many pairs follow, and the pairs: left and right edge, then points, each a letter's distance from R; " R" lifts the pen.
"""

import hashlib
import string
import sys
from pathlib import Path

import numpy as np

TARGET = Path(__file__).resolve().parents[1] / "strokes.npz"
FONTS = {  # file: what we call its hand, and the sum of the file
    "scripts.jhf": ("script", "6b391b2ea3a0771cf18caff0ed111db3d05681fa586d423a740cc0b2b155a873"),
    "futural.jhf": ("print", "4958a1d06ea04709feb530deaab53d1efa1285d0d3e92a4a3edd74d279871ced"),
}
ACKNOWLEDGEMENT = (
    "The Hershey Fonts were originally created by Dr. A. V. Hershey while working at the U. S. National Bureau "
    "of Standards. The format of the Font data in this distribution was originally created by James Hurt, Cognition, "
    "Inc., 900 Technology Park Drive, Billerica, MA 01821 (mit-eddie!ci-dandelion!hurt)."
)


def glyphs(text):
    """Every glyph's pairs of letters, in the order of ASCII from the space on."""
    lines = text.split("\n")
    while lines and lines[0].strip():
        line = lines.pop(0)
        count = int(line[5:8])
        while len(line) < 8 + 2 * count:  # long glyphs go on in the next line
            line += lines.pop(0)
        yield [line[k : k + 2] for k in range(8, 8 + 2 * count, 2)]


def main(folder):
    arrays = {"acknowledgement": np.array(ACKNOWLEDGEMENT)}
    for file, (hand, wanted) in FONTS.items():
        raw = (Path(folder) / file).read_bytes()
        found = hashlib.sha256(raw).hexdigest()
        assert found == wanted, f"{file} is another file: {found}"
        font = list(glyphs(raw.decode("ascii").replace("\r", "")))
        for letter in string.ascii_lowercase:
            _, *pairs = font[ord(letter) - ord(" ")]
            points = [(ord(x) - ord("R"), ord(y) - ord("R"), 0) for x, y in pairs if x + y != " R"]
            ends = [k for k, pair in enumerate(pairs) if pair == " R"]
            lifted = np.array(points, np.int8)
            lifted[[end - 1 - n for n, end in enumerate(ends)], 2] = 1
            lifted[-1, 2] = 1
            arrays[f"{hand}/{letter}"] = lifted
    np.savez_compressed(TARGET, **arrays)
    print(f"{TARGET.name}: {len(arrays) - 1} letters, {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(sys.argv[1])
