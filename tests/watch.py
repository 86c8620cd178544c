"""What a page must not do, whatever a test does with it; and what becomes of a test that cannot be run here."""

import os

import pytest

from tests.patience import patience

INSIDE = ("data:", "blob:", "about:")


def unavailable(reason):
    """What cannot be run here is skipped, and says why; under CI it is a failure."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


class Watch:
    """What goes wrong on the pages of a browser context: errors of the console and of scripts, requests elsewhere.

    home  how the addresses begin that may be asked for
    """

    def __init__(self, context, home):
        self.faults, self.home = [], home
        context.set_default_timeout(30_000 * patience())
        context.on("console", lambda message: message.type == "error" and self.add("console error", message.text))
        context.on("weberror", lambda error: self.add("page error", str(error.error)))
        context.on("request", lambda request: self.requested(request.url))
        context.on("page", lambda page: page.on("websocket", lambda socket: self.requested(socket.url)))

    def add(self, what, text):
        self.faults.append(f"{what}: {text}")

    def requested(self, url):
        if not url.startswith((self.home, self.home.replace("http", "ws", 1), *INSIDE)):
            self.add("request", url)

    def check(self):
        """Fail with all that went wrong since the last time."""
        faults, self.faults = self.faults, []
        assert not faults, "\n".join(faults)
