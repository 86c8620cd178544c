"""The zip of a release: whole, with checksums that hold, and the same each time."""

import hashlib
import zipfile

import pytest

from tools import release


def test_it_holds_what_was_built_with_checksums(tmp_path):
    with pytest.raises(FileNotFoundError, match="make handouts"):
        release.release(tmp_path, "unrolled-1")
    (tmp_path / "site" / "slides").mkdir(parents=True)
    for place in ("index.html", "slides/a.html"):
        (tmp_path / "site" / place).write_text(place, "utf-8")
    target = release.release(tmp_path, "unrolled-1")
    first = target.read_bytes()
    assert release.release(tmp_path, "unrolled-1").read_bytes() == first
    assert (tmp_path / "release/unrolled-1.zip.sha256").read_text("utf-8").split()[0] == hashlib.sha256(
        first
    ).hexdigest()
    with zipfile.ZipFile(target) as archive:
        sums = archive.read("unrolled-1/SHA256SUMS").decode().splitlines()
        assert [line.split("  ")[1] for line in sums] == ["site/index.html", "site/slides/a.html"]
        for line in sums:
            checksum, place = line.split("  ")
            assert hashlib.sha256(archive.read(f"unrolled-1/{place}")).hexdigest() == checksum
