"""What `make handouts` builds, opened from its files with the network off.

The small set, part of `make test`, builds lesson 00 alone, into a folder of its own. `make test-handouts` sets
UNROLLED_HANDOUTS=all: then everything in build/ is looked at. `make test-lessons` sets UNROLLED_LESSONS=all, too: then
every control of every page is tried, and each page is read by keys, not those of 00 and the GRU alone. Without Chromium
or the pages' scripts the folder is skipped; under CI that is a failure.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import patience
from tests.watch import Watch, unavailable
from tools import page_scripts, print_pdf

ROOT = Path(__file__).parents[2]
ALL = os.environ.get("UNROLLED_HANDOUTS") == "all"
NAMES = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb")) if ALL else ["00_start_here"]
PLAIN = {"14_to_pytorch", "source_notes"}  # no lessons: no question, no exercise, no widget, no figure and no minutes
NO_CODE = {"before_and_after", "source_notes"}  # hardly any code of their own, and no exercise
ALL_CONTROLS = os.environ.get("UNROLLED_LESSONS") == "all"
PRESSED = [name for name in NAMES if ALL_CONTROLS or name.endswith(("_start_here", "_gru"))]
READY = """async () => {
    await window.pageReady;
    const asked = document.querySelectorAll("script[type='application/vnd.jupyter.widget-view+json']");
    const drawn = (script) => script.parentElement.querySelector(".widget-subarea .unrolled")?.childElementCount;
    const height = () => document.documentElement.scrollHeight, later = () => new Promise((go) => setTimeout(go, 50));
    while (![...asked].every(drawn)) await later();
    await document.fonts.ready;
    for (let before = 0, still = 0; still < 4; ) { // a widget that is drawn late moves all below it
        still = before === height() ? still + 1 : 0;
        before = height();
        for (let k = 0; k < 3; k++) await new Promise((go) => requestAnimationFrame(go));
        await later();
    }
}"""


def pytest_generate_tests(metafunc):
    """All tests of a lesson run one after the other, in one process: they share its open page."""
    for argument, names in {"name": NAMES, "pressed": PRESSED}.items():
        if argument in metafunc.fixturenames:
            groups = [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in names]
            metafunc.parametrize(argument, groups, scope="session")


@pytest.fixture(scope="session")
def browser_type_launch_args():
    """For pytest-playwright."""
    try:
        return print_pdf.chromium() | {"timeout": 60_000 * patience()}
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
    """serious(page): what axe-core finds serious or critical in a page at rest: {rule: first elements}.

    rules   "all", or those of "contrast" alone, which a theme changes and which take most of the time, or "structure",
            the others, which a width may change
    """
    asked = {
        "all": "",
        "contrast": "runOnly: ['color-contrast']",
        "structure": "rules: { 'color-contrast': { enabled: false } }",
    }

    def find(page, rules="all"):
        page.evaluate("Promise.all(document.getAnimations().map(motion => motion.finished))")  # colours fade for .15 s
        page.evaluate(page_scripts.script("axe"))
        options = f"resultTypes: ['violations'], preload: false, {asked[rules]}"
        found = page.evaluate(f"axe.run({{ {options} }})")["violations"]
        grave = [rule for rule in found if rule["impact"] in ("serious", "critical")]
        return {rule["id"]: [node["html"][:200] for node in rule["nodes"][:3]] for rule in grave}

    return find


@pytest.fixture(scope="session")
def make(browser_type_launch_args, scripts_are_there):
    """make(folder, *options): run tools.build_handouts, and give what subprocess.run gives."""

    def build(folder, *options):
        command = [sys.executable, "-m", "tools.build_handouts", "--to", folder, *options]
        command += ["--timeout", f"{300 * patience():.0f}"]
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


WINDOW = {"width": 1360, "height": 900}


def opened(browser, path, **how):
    """A page in a context of its own, offline, once it is alive -> (what goes wrong there, the page)."""
    context = browser.new_context(offline=True, **{"viewport": WINDOW} | how)
    watch = Watch(context, "file:")
    context.on("requestfailed", lambda request: watch.add(f"request failed ({request.failure})", request.url))
    context.set_default_timeout(60_000 * patience())
    page = context.new_page()
    page.goto(path.as_uri() if isinstance(path, Path) else path)
    page.evaluate(READY)
    return watch, page


@pytest.fixture
def open_page(browser):
    """open_page(path, **context): it, offline, once it is alive; at the end, what went wrong fails the test."""
    found = []

    def show(path, **how):
        found.append(opened(browser, path, **how))
        return found[-1][1]

    yield show
    for _, page in found:
        page.context.close()
    for watch, _ in found:
        watch.check()


@pytest.fixture(scope="session")
def shared():
    """{path: (what goes wrong there, its page)} of one lesson."""
    pages = {}
    yield pages
    for _, page in pages.values():
        page.context.close()


@pytest.fixture
def look_at(browser, shared):
    """look_at(path): like open_page, but one page for all tests that only look, and leave it as it was."""
    looked = []

    def show(path):
        for old in [old for old in shared if old.name != path.name]:  # another lesson's
            shared.pop(old)[1].context.close()
        if path not in shared:
            shared[path] = opened(browser, path)
        looked.append(shared[path])
        return shared[path][1]

    yield show
    for watch, page in looked:
        page.emulate_media(media="null")
        page.set_viewport_size(WINDOW)
        watch.check()
