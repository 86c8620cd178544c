"""Texts: what is read is what is there, how much of it is said, and every kind of bad file has its sentence."""

import gzip
import hashlib
import sys
import types
import unicodedata

import pytest

from unrolled.data import corpora
from unrolled.data.corpora import corpus, read_text, standard_library, tinyshakespeare


def written(tmp_path, content):
    path = tmp_path / "text.txt"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("text", ["ab", "Once & <script>\n", "나는 사과를\n먹는다", "a\tb 🙂"])
def test_a_text_is_read_as_it_is(tmp_path, text):
    path = written(tmp_path, text.encode())
    assert read_text(path) == (text, str(path))
    assert read_text(str(path)).text == text


def test_ends_of_lines_and_a_byte_order_mark(tmp_path):
    assert read_text(written(tmp_path, b"\xef\xbb\xbfa\r\nb\rc\n")).text == "a\nb\nc\n"


@pytest.mark.parametrize(
    "content, said",
    [
        (b"", "must hold at least 2 characters, one to read and one to predict, got ''"),
        (b"a", "must hold at least 2 characters, one to read and one to predict, got 'a'"),
        ("가".encode(), "must hold at least 2 characters, one to read and one to predict, got '가'"),
        (b"\xef\xbb\xbf", "must hold at least 2 characters"),
        (
            b"ab\ncaf\xe9 noir",
            "0xe9 at position 6 (line 2); it seems to be Windows-1252 (Latin-1), where that line reads",
        ),
        (
            "가나다".encode("cp949"),
            "0xb0 at position 0 (line 1); it seems to be CP949 (EUC-KR), where that line reads '가나다'",
        ),
        (
            "ab\n옛날 옛적에\n".encode("cp949"),
            "position 3 (line 2); it seems to be CP949 (EUC-KR), where that line reads '옛날",
        ),
        (
            "Größe und Höhe".encode("cp1252"),
            "it seems to be Windows-1252 (Latin-1), where that line reads 'Größe und Höhe'",
        ),
        ("日付は、いつ".encode("cp932"), "it seems to be Shift-JIS, where that line reads '日付は、いつ'"),
        ("日付は、いつ".encode("euc_jp"), "it seems to be EUC-JP, where that line reads '日付は、いつ'"),
        ("日期和温度".encode("gbk"), "it seems to be GBK, where that line reads '日期和温度'"),
        ("Дата и время".encode("cp1251"), "it seems to be Windows-1251, where that line reads 'Дата и время'"),
        (b"\x81\x8d\x8f\x90\x9d", "0x81 at position 0 (line 1); save it as UTF-8"),
        ("the old boat\n".encode("utf-16"), "got UTF-16, by the mark at its beginning: save it as UTF-8"),
        ("the old boat\n".encode("utf-16-le"), "got UTF-16, by its zero bytes: save it as UTF-8"),
        ("바다 위로\n".encode("utf-16-be"), "got UTF-16, by its zero bytes"),
        ("ab\n".encode("utf-32"), "got UTF-32, by the mark at its beginning"),
        ("ab\n".encode("utf-32-be"), "got UTF-32, by its zero bytes"),
        (b"a\0b", "got binary data: a zero byte at position 1 (line 1)"),
        (b"\x89PNG\r\n\x1a\n\0\0", "got a picture"),
        (gzip.compress(b"the old boat", mtime=0), "got a packed file (.gz, .7z, …): unpack it"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "got a PDF"),
        (
            b"PK\x03\x04\x14\0\x08mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
            "LibreOffice (.ods): save the sheet",
        ),
        (b"PK\x03\x04\x14\0\xffword/document.xml", "got a document (.docx, .odt): save it as plain text"),
        ("한글".encode()[:-1], "got the byte 0xea at position 3"),
    ],
)
def test_bad_files(tmp_path, content, said):
    path = written(tmp_path, content)
    with pytest.raises(ValueError) as error:
        read_text(path)
    assert str(error.value).startswith(f"{path} must ")
    assert said in str(error.value)


@pytest.mark.parametrize("encoding", ["cp949", "utf-16", "shift_jis", "utf-8"])
def test_a_text_in_the_encoding_that_is_named(tmp_path, encoding):
    said = "ここ\n" if encoding == "shift_jis" else "옛날 옛적에\n"
    path = written(tmp_path, said.replace("\n", "\r\n").encode(encoding))
    assert read_text(path, encoding=encoding).text == said


def test_a_cut_text_in_the_encoding_that_is_named_keeps_whole_characters(tmp_path):
    path = written(tmp_path, "가나다".encode("cp949"))
    assert read_text(path, encoding="cp949", most=5).text == "가나"


@pytest.mark.parametrize(
    "encoding, said",
    [
        ("hangul", "encoding must be one that Python knows"),
        ("ascii", "must be text in ascii, got bytes that are not, in line 2"),
    ],
)
def test_an_encoding_that_does_not_fit(tmp_path, encoding, said):
    with pytest.raises(ValueError) as error:
        read_text(written(tmp_path, "ab\n가나".encode("cp949")), encoding=encoding)
    assert said in str(error.value)


def test_a_folder_and_nothing(tmp_path):
    with pytest.raises(ValueError, match="path must be a text file, got the folder"):
        read_text(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"there is no file '.*missing\.txt'; the current folder is"):
        read_text(tmp_path / "missing.txt")
    with pytest.raises(ValueError, match="most must be a whole number >= 2, got 1"):
        read_text(tmp_path / "missing.txt", most=1)


@pytest.mark.parametrize(
    "path, said",
    [
        (
            "tales.txt ",
            "there is no file 'tales.txt '; the current folder is {here}. The path begins or ends with a space",
        ),
        ("C:\texts\tales.txt", "The path holds the control character '\\t': write r\"…\", or / in place of \\"),
        ('"tales.txt"', "The path begins with a quotation mark"),
        ("https://example.org/tales.txt", "That is an address: download the file, and give its path"),
        ("tale.txt", "Near it: 'tales.txt'"),
        ("tales", "Near it: 'tales.txt'"),
        ("~/nowhere.txt", "there is no file '{here}/own/nowhere.txt'"),
        ("The old boat went out. " * 500, "there is no file 'The old boat went out. "),
    ],
)
def test_a_path_that_leads_nowhere_shows_its_slip(tmp_path, monkeypatch, path, said):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "own"))
    (tmp_path / "tales.txt").write_text("Once", encoding="utf-8")
    with pytest.raises(FileNotFoundError) as error:
        read_text(path)
    assert said.format(here=tmp_path) in str(error.value)
    assert len(str(error.value)) < 600


def test_a_tilde_is_your_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "mine.txt").write_text("Once", encoding="utf-8")
    assert read_text("~/mine.txt").text == "Once"


def test_two_hundred_megabytes_are_read_in_bounds(tmp_path):
    """A file with a hole in it: it is as long as it says, and only its beginning is on the disk."""
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        file.write(b"abcde" * 2_000_000)
        file.truncate(200_000_000)
    text, source = read_text(path)
    assert text == "abcde" * 1_000_000
    assert source == f"{path}, the first 5,000,000 of 200,000,000 bytes"
    assert read_text(path, most=10) == ("abcdeabcde", f"{path}, the first 10 of 200,000,000 bytes")


@pytest.mark.parametrize(
    "most, text", [(4, "가"), (5, "가"), (6, "가나"), (7, "가나"), (8, "가나"), (9, "가나다"), (10, "가나다")]
)
def test_a_cut_leaves_no_half_character(tmp_path, most, text):
    path = written(tmp_path, "가나다".encode())
    if len(text) < 2:
        with pytest.raises(ValueError, match="must hold at least 2 characters"):
            read_text(path, most=most)
    else:
        assert read_text(path, most=most).text == text
        assert ("the first" in read_text(path, most=most).source) == (most < 9)


def test_a_shipped_text(tmp_path, monkeypatch):
    monkeypatch.setattr(corpora, "folder", lambda: tmp_path)
    (tmp_path / "tales.txt").write_text("The ferryman.\n", encoding="utf-8")
    assert corpus("tales") == ("The ferryman.\n", "tales of a harbour town, in English (data/tales.txt)")
    with pytest.raises(ValueError, match=r"the shipped texts are tales, tales_ko, got 'tails'; a file of your own"):
        corpus("tails")


@pytest.mark.parametrize("name, least", [("tales", 80_000), ("tales_ko", 25_000)])
def test_the_shipped_texts_are_there_in_one_form(name, least):
    text, source = corpus(name)
    assert len(text.encode()) >= least
    assert unicodedata.is_normalized("NFC", text)
    assert source.endswith(f"(data/{name}.txt)")


@pytest.mark.slow
def test_the_standard_library_is_the_same_each_time_and_is_python():
    text, source = standard_library(most=300_000)
    assert (text, source) == standard_library(most=300_000)
    assert len(text) == 300_000
    assert "300,000 characters" in source
    assert text.count("\ndef ") > 20
    assert standard_library(most=1000).text == text[:1000]


def test_the_standard_library_without_its_source(tmp_path, monkeypatch):
    monkeypatch.setattr(corpora.sysconfig, "get_path", lambda name: str(tmp_path))
    with pytest.raises(FileNotFoundError, match="this Python came without the source of its standard library"):
        standard_library()


# The download, by a pooch that touches no network


def fake_pooch(retrieve, folder):
    pooch = types.ModuleType("pooch")
    pooch.retrieve, pooch.os_cache = retrieve, lambda name: folder / name
    return pooch


def test_tinyshakespeare_asks_for_one_file_by_its_sum(tmp_path, monkeypatch):
    asked = []

    def retrieve(url, known_hash, fname, path):
        asked.append((url, known_hash, fname, path))
        return written(tmp_path, b"First Citizen:\n")

    monkeypatch.setitem(sys.modules, "pooch", fake_pooch(retrieve, tmp_path))
    text, source = tinyshakespeare()
    assert text == "First Citizen:\n"
    assert corpora.TINYSHAKESPEARE in source
    ((url, known_hash, fname, path),) = asked
    assert url.startswith("https://")
    assert known_hash == f"sha256:{corpora.TINYSHAKESPEARE_SHA256}"
    assert len(corpora.TINYSHAKESPEARE_SHA256) == len(hashlib.sha256().hexdigest())
    assert (fname, path) == ("tinyshakespeare.txt", tmp_path / "unrolled")


def test_without_a_network(tmp_path, monkeypatch):
    def retrieve(*args, **config):
        raise ConnectionRefusedError("no route")

    monkeypatch.setitem(sys.modules, "pooch", fake_pooch(retrieve, tmp_path))
    with pytest.raises(ConnectionError, match=r"could not be fetched \(ConnectionRefusedError\).*corpus\(\"tales\"\)"):
        tinyshakespeare()


def test_another_file_than_the_one_with_the_sum(tmp_path, monkeypatch):
    def retrieve(*args, **config):
        raise ValueError("SHA256 hash of downloaded file does not match")

    monkeypatch.setitem(sys.modules, "pooch", fake_pooch(retrieve, tmp_path))
    with pytest.raises(ValueError, match="does not match"):
        tinyshakespeare()


def test_without_pooch(monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(ModuleNotFoundError, match=r'not installed: python -m pip install "pooch>=1\.8"'):
        tinyshakespeare()
