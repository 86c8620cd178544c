"""Make the font of the course's figures, lib/unrolled/figures/fonts/UnrolledSansKR.otf, from Noto Sans CJK (OFL 1.1).

    pip install fonttools
    python -m tools.make_font NotoSansCJK-Regular.ttc

Kept are ASCII, Latin-1, Greek, the symbols below, all 11,172 syllables of modern Korean and the jamo: whatever a reader
types can be drawn. The symbols stand in a full em in a Korean font, which tears formulas apart: here they get the side
bearings of a letter. A modified version goes by another name, so a machine that has Noto Sans CJK itself never mixes
the two up.
"""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont

FAMILY = "Unrolled Sans KR"
TARGET = Path(__file__).parents[1] / "lib/unrolled/figures/fonts/UnrolledSansKR.otf"
SYMBOLS = "←↑→↓↔⇐⇒⇔∂∇∈∏∑√∝∞∥‖∫≈≠≡≤≥⊕⊗⊙±×÷…•°†‡′″ℓ■□●○▲△▼▽◆◇★☆✓−–—‘’“”½¼¾"
SIDE_BEARING = 60  # thousandths of an em
ELLIPSIS_DROP = 327  # Korean centres the three dots on the line; Latin text, which ours mostly is, has them at its foot


def characters() -> set[int]:
    latin_and_greek = [*range(0x20, 0x7F), *range(0xA0, 0x100), *range(0x391, 0x3CA)]
    jamo_and_syllables = [*range(0x3131, 0x3164), *range(0xAC00, 0xD7A4)]
    return {*latin_and_greek, *map(ord, SYMBOLS), *jamo_and_syllables}


def korean_face(path: str) -> TTFont:
    """The face for Korean among those of the collection."""
    faces = (TTFont(path, fontNumber=number) for number in range(10))
    return next(face for face in faces if face["name"].getDebugName(1) == "Noto Sans CJK KR")


def narrow(font: TTFont, code: int) -> None:
    """Redraw a full-em glyph with the side bearings of a letter."""
    glyphs, name = font.getGlyphSet(), font.getBestCmap()[code]
    if glyphs[name].width != font["head"].unitsPerEm:
        return
    bounds = BoundsPen(glyphs)
    glyphs[name].draw(bounds)
    left, _, right, _ = bounds.bounds
    width = round(right - left) + 2 * SIDE_BEARING
    drop = ELLIPSIS_DROP if code == ord("…") else 0
    pen = T2CharStringPen(width, glyphs)
    glyphs[name].draw(TransformPen(pen, (1, 0, 0, 1, SIDE_BEARING - left, -drop)))
    strings = font["CFF "].cff.topDictIndex[0].CharStrings
    strings[name] = pen.getCharString(strings[name].private, strings[name].globalSubrs)
    font["hmtx"][name] = (width, SIDE_BEARING)


def rename(font: TTFont) -> None:
    names = font["name"]
    credit = f"{names.getDebugName(0)} Subset with narrower symbols, made from {names.getDebugName(4)} for Unrolled."
    postscript = FAMILY.replace(" ", "") + "-Regular"
    texts = {0: credit, 1: FAMILY, 2: "Regular", 3: f"1.0;{postscript}", 4: FAMILY, 6: postscript}
    names.names = [record for record in names.names if record.nameID in (5, 13, 14)]
    for name_id, text in texts.items():
        names.setName(text, name_id, 3, 1, 0x409)
    cff = font["CFF "].cff
    cff.fontNames = [postscript]
    cff.topDictIndex[0].FullName, cff.topDictIndex[0].FamilyName = FAMILY, FAMILY


def main(source: str) -> None:
    font = korean_face(source)
    options = subset.Options(layout_features=[], hinting=False, name_IDs=["*"], notdef_outline=True)
    options.drop_tables += ["BASE", "GDEF", "GPOS", "GSUB", "VORG", "vhea", "vmtx"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters())
    subsetter.subset(font)
    for code in map(ord, SYMBOLS):
        narrow(font, code)
    rename(font)
    font["head"].modified = font["head"].created  # the same bytes at every run
    font.recalcTimestamp = False
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    font.save(TARGET)
    print(f"{TARGET.name}: {len(font.getBestCmap())} characters, {TARGET.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main(*sys.argv[1:])
