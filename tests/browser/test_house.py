"""That the house catches what it should: bad tests, run in a pytest of their own, must fail and say what is wrong."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.patience import patience

HERE = Path(__file__).parent
TRIAL = '''
import anywidget, traitlets

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
    shown = place([TRIAL, "import numpy as np"])
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


def test_a_burst_of_presses_has_reached_the_kernel_when_it_is_asked(lab):
    shown = lab([TRIAL])
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


BAD = [  # the cells, what is done with them, what must be said
    (["print(1)"], "shown.page.evaluate('console.error(\"a broken script\")')", "console error: a broken script"),
    (["print(1)"], "shown.page.evaluate('setTimeout(() => { throw new Error(\"broken\") })')", "page error: broken"),
    (["print(1)"], "shown.page.evaluate('fetch(\"//example.org/\").catch(() => 0)')", "example.org/"),
    (["print(1)"], "shown.page.evaluate('new WebSocket(\"wss://example.org/\") && 0')", "request: wss://example.org/"),
    (["x = 1", "1 / 0"], "", "ZeroDivisionError: division by zero"),
    ([TRIAL], "shown.widget('stepper')", "no widget 'stepper' number 0; there are ['trial']"),
    ([TRIAL], "shown.widget('trial', nth=1)", "no widget 'trial' number 1; there are ['trial']"),
]


def inner(folder, tests, **environment):
    """What a pytest of its own prints when it runs these tests in this house."""
    for name in ("conftest.py", "server.py"):
        text = (HERE / name).read_text("utf-8")
        (folder / name).write_text(
            text.replace("Path(__file__).parents[2]", f"Path({str(HERE.parents[1])!r})"), "utf-8"
        )
    (folder / "test_bad.py").write_text(tests, "utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rA", str(folder)]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        command,
        cwd=folder,
        env=kept | {"PYTHONPATH": str(HERE.parents[1])} | environment,
        capture_output=True,
        text=True,
    )
    return done.stdout


@pytest.mark.parametrize("where", ["lab_again", "offline"])
def test_what_goes_wrong_fails_the_test(where, tmp_path, request):
    request.getfixturevalue("page_scripts" if where == "offline" else "browser_type_launch_args")
    tests = "import json\n\n"
    for number, (cells, act, _) in enumerate(BAD):
        tests += f"def test_{number}({where}):\n    shown = {where}(json.loads({json.dumps(cells)!r}))\n"
        tests += f"    {act}\n    shown.pause(300)\n\n"
    report = inner(tmp_path, tests)
    for number, (_, _, said) in enumerate(BAD):
        assert re.search(rf"^(FAILED|ERROR) .*::test_{number}\b", report, re.M), report
        assert said in report, report


ASKS = "def test_it(lab):\n    pass\n\ndef test_page(offline):\n    pass\n"


def test_without_a_browser_all_is_skipped_with_one_reason_and_ci_fails(tmp_path):
    report = inner(tmp_path, ASKS, UNROLLED_CHROMIUM="no-such-browser", CI="")
    assert re.search(r"^SKIPPED \[[12]\] .*no Chromium was found", report, re.M), report
    assert "failed" not in report
    report = inner(tmp_path, ASKS, UNROLLED_CHROMIUM="no-such-browser", CI="true")
    assert "no Chromium was found" in report, report
    assert "2 errors" in report


def test_without_their_scripts_the_pages_are_skipped_and_ci_fails(tmp_path, browser_type_launch_args):
    asks = ASKS.partition("\n\n")[2]
    report = inner(tmp_path, asks, XDG_CACHE_HOME=str(tmp_path), CI="")
    assert re.search(r"^SKIPPED \[1\] .*make page-scripts", report, re.M), report
    assert "1 error" in inner(tmp_path, asks, XDG_CACHE_HOME=str(tmp_path), CI="true")


def test_when_the_tests_are_killed_the_server_and_its_kernels_end(tmp_path, browser_type_launch_args):
    tests = "import os, signal\n\ndef test_it(lab, jupyter_server):\n    shown = lab(['import os'])\n"
    tests += "    pids = f\"{jupyter_server.process.pid} {shown.kernel('os.getpid()')}\"\n"
    tests += f"    open({str(tmp_path / 'pids')!r}, 'w').write(pids)\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    inner(tmp_path, tests)
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    assert len(pids) == 2
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
