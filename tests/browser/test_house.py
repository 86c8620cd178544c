"""That the house catches what it should: what is bad must fail, and say what is wrong."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.browser.conftest import watching
from tests.patience import patience
from tests.watch import Watch, unavailable

HERE = Path(__file__).parent
TRIAL = '''
import anywidget, traitlets
import numpy as np

class Trial(anywidget.AnyWidget):
    _esm = """export default { render({ model, el }) {
        const root = document.createElement("div"), button = document.createElement("button");
        root.className = "unrolled";
        root.dataset.widget = "trial";
        const show = () => { button.textContent = `pressed ${model.get("count")} times`; };
        button.addEventListener("click", () => { model.set("count", model.get("count") + 1); model.save_changes(); });
        model.on("change:count", show);
        show();
        root.append(button);
        el.append(root);
    } }"""
    count = traitlets.Int(0).tag(sync=True)

trial = Trial()
trial
'''


@pytest.mark.parametrize("by", ["mouse", "keyboard"])
def test_a_widget_works_in_jupyterlab_and_in_a_page(place, by):
    shown = place([TRIAL])
    button = shown.widget("trial").locator("button")
    for count in range(3):
        assert button.text_content() == f"pressed {count} times"
        button.click() if by == "mouse" else button.press("Enter")
    assert button.text_content() == "pressed 3 times"
    if shown.kind == "lab":
        assert shown.kernel("trial.count") == 3
        assert shown.kernel("np.eye(2), {'a': (1, 2.5)}, trial.__class__") == [
            [[1, 0], [0, 1]],
            {"a": [1, 2.5]},
            "<class '__main__.Trial'>",
        ]


def test_a_burst_of_presses_has_reached_the_kernel_when_it_is_asked(lab_again):
    shown = lab_again([TRIAL])
    shown.widget("trial").locator("button").evaluate("(e) => { for (let k = 0; k < 40; k++) e.click(); }")
    assert shown.kernel("trial.count") == 40


def test_a_picture_in_both_themes_is_kept(place):
    shown = place([TRIAL])
    kept = []
    for theme in ("light", "dark"):
        shown.theme(theme)
        kept.append(shown.screenshot("trial"))
    assert [path.stem.rpartition("-")[2] for path in kept] == ["light", "dark"]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in kept)


@pytest.mark.parametrize(
    "act, said",
    [
        ("console.error('a broken script')", "console error: a broken script"),
        ("setTimeout(() => { throw new Error('broken') })", "page error: broken"),
        ("fetch('http://example.org/').catch(() => 0)", "request: http://example.org/"),
        ("new WebSocket('wss://example.org/') && 0", "request: wss://example.org/"),
    ],
)
def test_what_goes_wrong_on_a_page_is_seen(new_context, act, said):
    context = new_context(offline=True)
    watch, page = Watch(context, "file:"), context.new_page()
    page.evaluate(act)
    page.wait_for_timeout(300 * patience())
    with pytest.raises(AssertionError, match=said):
        watch.check()


def test_a_widget_that_is_not_there_is_named(place):
    shown = place([TRIAL])
    for name, nth in (("stepper", 0), ("trial", 1)):
        with pytest.raises(AssertionError, match=rf"no widget '{name}' number {nth}; there are \['trial'\]"):
            shown.widget(name, nth, wait=100)


def test_a_cell_that_fails_is_named(place):
    with pytest.raises(AssertionError, match="ZeroDivisionError: division by zero"):
        place(["x = 1", "1 / 0"])


def test_what_goes_wrong_in_the_window_fails_the_test_at_its_end(window, request):
    with pytest.raises(AssertionError, match="console error: in the window"), window.watched(request.session):
        window.show(["1"], "bad", timeout=120).page.evaluate("console.error('in the window')")


def test_what_goes_wrong_on_a_page_fails_the_test_at_its_end(new_context):
    with pytest.raises(AssertionError, match="console error: on the page"), watching(new_context) as open_context:
        open_context("file:", offline=True).new_page().evaluate("console.error('on the page')")


def test_after_a_test_that_failed_the_window_is_another(window):
    session = SimpleNamespace(testsfailed=0)
    with window.watched(session):
        first = window.show(["1"], "first", timeout=120).page
    with window.watched(session):
        assert window.show(["2"], "second", timeout=120).page is first
        session.testsfailed = 1
    assert first.is_closed()


ASKS = "def test_lab(lab):\n    pass\n\ndef test_page(offline):\n    pass\n"


def test_without_a_browser_or_the_pages_scripts_a_test_is_skipped_and_says_why(tmp_path):
    for name in ("conftest.py", "server.py"):
        text = (HERE / name).read_text("utf-8")
        (tmp_path / name).write_text(
            text.replace("Path(__file__).parents[2]", f"Path({str(HERE.parents[1])!r})"), "utf-8"
        )
    (tmp_path / "test_inner.py").write_text(ASKS, "utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rA", str(tmp_path)]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    missing = {"UNROLLED_CHROMIUM": "no-such-browser", "XDG_CACHE_HOME": str(tmp_path), "CI": ""}
    environment = kept | missing | {"PYTHONPATH": str(HERE.parents[1])}
    report = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True).stdout
    assert re.search(r"^SKIPPED \[1\] .*no Chromium was found", report, re.M), report
    assert re.search(r"^SKIPPED \[1\] .*make page-scripts", report, re.M), report


def test_under_ci_what_is_unavailable_fails(monkeypatch):
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no such thing"):
        unavailable("no such thing")


STARTS = """
import os, signal, sys
from pathlib import Path
from jupyter_client import BlockingKernelClient
from tests.browser.conftest import Server

server = Server(Path(sys.argv[1]))
number = server.request("api/kernels", "POST")["id"]
client = BlockingKernelClient(connection_file=str(server.runtime / f"kernel-{number}.json"))
client.load_connection_file()
client.start_channels()
reply = client.execute("import os", user_expressions={"pid": "os.getpid()"}, reply=True)
print(server.process.pid, reply["content"]["user_expressions"]["pid"]["data"]["text/plain"], flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_when_the_tests_are_killed_the_server_and_its_kernels_end(tmp_path):
    command = [sys.executable, "-c", STARTS, tmp_path]
    done = subprocess.run(command, cwd=HERE.parents[1], capture_output=True, text=True)
    pids = [int(pid) for pid in done.stdout.split()]
    assert len(pids) == 2, done.stderr
    for _ in range(round(100 * patience())):
        if not any(alive(pid) for pid in pids):
            break
        time.sleep(0.2)
    assert [pid for pid in pids if alive(pid)] == []


def alive(pid):
    """Whether a process with this number runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return not Path(f"/proc/{pid}/stat").exists() or Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] != "Z"
