"""The scripts that pages hold: without npm, or with another file in their place, the tool says what to do."""

import pytest


def test_without_npm_it_says_how_to_get_it(make_tool, monkeypatch, tmp_path):
    scripts = make_tool("page_scripts")
    monkeypatch.setattr(scripts, "CACHE", tmp_path)
    monkeypatch.setattr(scripts.shutil, "which", lambda name: None)
    with pytest.raises(scripts.Missing, match="apt install npm.*make page-scripts"):
        scripts.fetch(scripts.PACKAGES["mathjax"])


def test_a_file_without_its_checksum_is_not_used(make_tool, tmp_path):
    scripts = make_tool("page_scripts")
    package = scripts.PACKAGES["mathjax"]
    with pytest.raises(scripts.Missing, match="has not been fetched yet: make page-scripts"):
        scripts.checked(package, tmp_path / "mathjax.tgz")
    (tmp_path / "mathjax.tgz").write_bytes(b"something else")
    with pytest.raises(scripts.Missing, match="does not have its checksum: make page-scripts"):
        scripts.checked(package, tmp_path / "mathjax.tgz")
