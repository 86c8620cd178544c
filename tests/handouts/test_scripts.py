"""The scripts that pages hold: without npm, or with another file in their place, the tool says what to do."""

import pytest

from tools import page_scripts


def test_without_npm_it_says_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setattr(page_scripts, "CACHE", tmp_path)
    monkeypatch.setattr(page_scripts.shutil, "which", lambda name: None)
    with pytest.raises(page_scripts.Missing, match="apt install npm.*make page-scripts"):
        page_scripts.fetch(page_scripts.PACKAGES["mathjax"])


def test_a_file_without_its_checksum_is_not_used(tmp_path):
    package = page_scripts.PACKAGES["mathjax"]
    with pytest.raises(page_scripts.Missing, match="has not been fetched yet: make page-scripts"):
        page_scripts.read_package(package, tmp_path / "mathjax.tgz")
    (tmp_path / "mathjax.tgz").write_bytes(b"something else")
    with pytest.raises(page_scripts.Missing, match="does not have its checksum: make page-scripts"):
        page_scripts.read_package(package, tmp_path / "mathjax.tgz")
