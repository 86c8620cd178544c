"""What `make handouts` builds, opened from its files with the network off.

The small set, part of `make test`, builds lesson 00 alone, into a folder of its own. `make test-handouts` sets
UNROLLED_HANDOUTS=all: then everything in build/ is looked at. Without Chromium or the pages' scripts the folder is
skipped; under CI that is a failure.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools import page_scripts, print_pdf

ROOT = Path(__file__).parents[2]
ALL = os.environ.get("UNROLLED_HANDOUTS") == "all"
NAMES = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb")) if ALL else ["00_start_here"]
INSIDE = ("file:", "data:", "blob:", "about:")
READY = """async () => {
    await window.pageReady;
    const asked = document.querySelectorAll("script[type='application/vnd.jupyter.widget-view+json']");
    const drawn = (script) => script.parentElement.querySelector(".widget-subarea")?.childElementCount;
    while (![...asked].every(drawn)) await new Promise((go) => setTimeout(go, 50));
}"""


def pytest_generate_tests(metafunc):
    if "name" in metafunc.fixturenames:
        metafunc.parametrize("name", NAMES)


def unavailable(reason):
    """What cannot be run here is skipped, and says why; under CI it is a failure."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


@pytest.fixture(scope="session")
def browser_type_launch_args():
    """For pytest-playwright."""
    try:
        return print_pdf.chromium()
    except print_pdf.NoBrowser as missing:
        unavailable(str(missing))


@pytest.fixture(scope="session")
def scripts_are_there():
    """All scripts of the pages are in their folder: nothing is downloaded while tests run."""
    try:
        for package in page_scripts.PACKAGES.values():
            page_scripts.read_package(package, package.path)
    except page_scripts.Missing as missing:
        unavailable(str(missing))


@pytest.fixture
def serious(scripts_are_there):
    """serious(page): what axe-core finds serious or critical in a page at rest: {rule: first elements}."""

    def find(page):
        page.evaluate("Promise.all(document.getAnimations().map(motion => motion.finished))")  # colours fade for .15 s
        page.evaluate(page_scripts.script("axe"))
        found = page.evaluate("axe.run({ resultTypes: ['violations'], preload: false })")["violations"]
        grave = [rule for rule in found if rule["impact"] in ("serious", "critical")]
        return {rule["id"]: [node["html"][:200] for node in rule["nodes"][:3]] for rule in grave}

    return find


@pytest.fixture(scope="session")
def make(browser_type_launch_args, scripts_are_there):
    """make(folder, *options): run tools.build_handouts, and give what subprocess.run gives."""

    def build(folder, *options):
        command = [sys.executable, "-m", "tools.build_handouts", "--to", folder, *options]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    return build


@pytest.fixture(scope="session")
def built(make, tmp_path_factory):
    """The folder with handouts/, slides/ and site/."""
    if ALL:
        return ROOT / "build"
    folder, progress = tmp_path_factory.mktemp("build"), tmp_path_factory.mktemp("own") / "progress.json"
    progress.write_text('{"first_step": true}', "utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("UNROLLED_PROGRESS", str(progress))
        done = make(folder, "--only", "00")
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


@pytest.fixture
def open_page(new_context):
    """open_page(path, **context): it, offline, once it is alive; at the end, what went wrong fails the test."""
    faults = []

    def show(path, **how):
        context = new_context(offline=True, **{"viewport": {"width": 1360, "height": 900}} | how)
        context.on("console", lambda message: message.type == "error" and faults.append(message.text))
        context.on("weberror", lambda error: faults.append(str(error.error)))
        context.on("request", lambda request: request.url.startswith(INSIDE) or faults.append(request.url))
        context.on("requestfailed", lambda request: faults.append(f"{request.url}: {request.failure}"))
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto(path.as_uri() if isinstance(path, Path) else path)
        page.evaluate(READY)
        return page

    yield show
    assert faults == []
