"""The still pictures of the widgets are painted here, as for an export."""

import pytest


@pytest.fixture(autouse=True)
def stills(monkeypatch):
    monkeypatch.setenv("UNROLLED_STILLS", "1")
