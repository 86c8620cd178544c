"""A file of the reader's own: its bytes, its text, and, where it is of another kind, which, and what to do about it."""

import re
from difflib import get_close_matches
from pathlib import Path

AS_CSV, AS_PNG, UNPACK = (
    "save the sheet as CSV",
    "open it and export it as JPEG or PNG",
    "unpack it, and take what is in it",
)

# How a file begins -> what it is, and what to do. The first that fits.
KINDS = {
    rb"PK\x03\x04[\0-\xff]{0,4000}?xl/": f"a spreadsheet of Excel (.xlsx): {AS_CSV}",
    rb"PK\x03\x04[\0-\xff]{0,100}?opendocument.spreadsheet": f"a spreadsheet of LibreOffice (.ods): {AS_CSV}",
    rb"PK\x03\x04[\0-\xff]{0,4000}?(word/|opendocument.text)": "a document (.docx, .odt): save it as plain text",
    rb"PK\x03\x04": f"an archive (.zip) or a spreadsheet (.xlsx, .ods): {UNPACK}, or {AS_CSV}",
    rb"\xd0\xcf\x11\xe0": f"an old file of Excel or Word (.xls, .doc): {AS_CSV}, a document as plain text",
    rb"\x1f\x8b|BZh\d|\xfd7zXZ|\x28\xb5\x2f\xfd|7z\xbc\xaf|Rar!|.{257}ustar": f"a packed file (.gz, .7z, …): {UNPACK}",
    rb"%PDF": "a PDF: take out the text or the table, or export a page as PNG",
    rb"PAR1|\x89HDF|SQLite format 3|\x93NUMPY": "a file of data (.parquet, .h5, .db, .npy): save it as CSV",
    rb".{4}ftyp(hei|hev|mif1|msf1)": f"a photo in HEIC, as an iPhone takes it: {AS_PNG}",
    rb".{4}ftypavi": f"a picture in AVIF: {AS_PNG}",
    rb".{4}ftypcrx|.{8}CR\x02|FUJIFILMCCD|IIRO|IIRS|MMOR|IIU\0": f"a camera's raw picture: {AS_PNG}",
    rb".{4}ftyp|\x1a\x45\xdf\xa3|RIFF.{4}AVI ": "a film: save one of its pictures as PNG",
    rb"RIFF.{4}WAVE|ID3|\xff[\xfb\xf3]|OggS|fLaC": "a recording of sound",
    rb"\x89PNG|\xff\xd8\xff|GIF8|RIFF.{4}WEBP": "a picture",
    rb"II\*\0|MM\0\*|II\+\0|MM\0\+": f"a picture in TIFF or a camera's raw picture: {AS_PNG}",
    rb"8BPS|\xff\x0a|\0\0\0\x0cJXL |\0\0\0\x0cjP  ": f"a picture in a format of its own: {AS_PNG}",
    rb"%!PS|\xc5\xd0\xd3\xc6|\s*(<\?xml.{0,1000}?)?<svg": f"a drawing of lines (SVG, EPS): {AS_PNG}",
    rb"(?i)\s*(<!doctype html|<html|<head)": "a web page: download the file itself, not the page that shows it",
}
MARKS = {b"\xff\xfe\0\0": "UTF-32", b"\0\0\xfe\xff": "UTF-32", b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
TO_UTF_8 = 'save it as UTF-8 ("Save as" in your editor has a choice of encodings; Excel has "CSV UTF-8")'

# What text was written in before UTF-8: its encoding, the letters that come out where it was that, and those of which
# one must be among them. Korean is looked for in EUC-KR, whose 2,350 syllables are nearly all that is written.
LEGACY = {
    "CP949 (EUC-KR)": ("euc_kr", "[가-힣]", "."),
    "Shift-JIS": ("cp932", "[ぁ-ヿ一-鿿]", "[ぁ-ヿ]"),
    "EUC-JP": ("euc_jp", "[ぁ-ヿ一-鿿]", "[ぁ-ヿ]"),
    "GBK": ("gbk", "[一-鿿]", "."),
    "Windows-1251": ("cp1251", "[А-яЁё]", "."),
}


def existing(path, what):
    """The Path of a file that is there; a ~ at its beginning is your home.

    ValueError: a folder. FileNotFoundError: nothing is there, with the path as Python has it, and what may be the slip.
    """
    given, path = str(path), Path(path).expanduser()
    try:
        folder, found = path.is_dir(), path.exists()
    except OSError:  # a name that no file can have, such as the text itself in place of its path
        folder = found = False
    if folder:
        raise ValueError(f"path must be {what}, got the folder {str(path)!r}")
    if not found:
        said = str(path)[:200] + "…" * (len(str(path)) > 200)
        raise FileNotFoundError(f"there is no file {said!r}; the current folder is {Path.cwd()}{_slip(given, path)}")
    return path


def kind(raw):
    """What a file is by its beginning, with the mend; "" where that does not say it."""
    return next((said for pattern, said in KINDS.items() if re.match(pattern, raw[:8192], re.DOTALL)), "")


def decode(path, raw, *, cut=False):
    """Bytes in UTF-8 as text, without an editor's byte-order mark.

    cut: raw is only the beginning of a file; the last character, which may be cut too, is left out. ValueError: another
    encoding, which is named where its bytes tell, or no text at all.
    """
    if wide := _wide(raw):
        raise ValueError(f"{path} must be text in UTF-8, got {wide}: {TO_UTF_8}")
    at = raw.find(0)
    if at < 0:
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            if cut and error.reason == "unexpected end of data":
                return raw[: error.start].decode("utf-8-sig")
            at = error.start
    got = f"the byte 0x{raw[at]:02x}" if raw[at] else "binary data: a zero byte"
    got += f" at position {at} (line {raw[:at].count(10) + 1})" + (_legacy(raw, at) if raw[at] else "")
    raise ValueError(f"{path} must be text in UTF-8, got {kind(raw) or got}")


def _slip(given, path):
    """What a path that leads nowhere may have gone wrong by."""
    if re.match(r"\w+://", given):
        return ". That is an address: download the file, and give its path"
    if control := next((c for c in given if c < " "), ""):
        return f'. The path holds the control character {control!r}: write r"…", or / in place of \\'
    if given != given.strip():
        return ". The path begins or ends with a space"
    if given[:1] in "\"'“”‘’" and given:
        return ". The path begins with a quotation mark"
    try:
        names = [each.name for each in path.parent.iterdir()]
    except OSError:
        return ""
    near = get_close_matches(path.name, names, 3) or [name for name in names if Path(name).stem == path.name]
    return f". Near it: {', '.join(map(repr, near))}" if near else ""


def _wide(raw):
    """UTF-16 or UTF-32, by the mark at its beginning, or because it reads as text with its zero bytes."""
    for mark, name in MARKS.items():
        if raw.startswith(mark):
            return f"{name}, by the mark at its beginning"
    for encoding in ("UTF-32-LE", "UTF-32-BE", "UTF-16-LE", "UTF-16-BE") if 0 in raw else ():
        try:
            text = raw[:4096].decode(encoding)
        except UnicodeDecodeError:
            continue
        if any(c.isascii() for c in text) and all(c.isprintable() or c in "\r\n\t" for c in text):
            return f"{encoding[:6]}, by its zero bytes"
    return ""


def _legacy(raw, at):
    """The older encoding that the text seems to be in, and how the line of this byte reads in it."""
    runs = re.findall(rb"([A-Za-z]?)([\x80-\xff]+)([A-Za-z]?)", raw)
    accents = sum(len(run) < 3 and bool(before or after) for before, run, after in runs)
    names = {"Windows-1252 (Latin-1)": ("cp1252", ".", "")} if 2 * accents > len(runs) else LEGACY
    for name, (encoding, letters, one) in names.items():
        if encoding == "gbk" and any(len(run) % 2 for _, run, _ in runs):
            continue
        text = raw.decode(encoding, "replace")
        foreign = "".join(c for c in text if not c.isascii() and (c.isalpha() or c == "\ufffd"))
        if len(re.findall(letters, foreign)) >= 0.85 * len(foreign) and re.search(one, foreign):
            line = raw[raw.rfind(b"\n", 0, at) + 1 :].partition(b"\n")[0].decode(encoding, "replace").strip()
            return f"; it seems to be {name}, where that line reads {line[:60]!r}: {TO_UTF_8}"
    return f"; {TO_UTF_8}"
