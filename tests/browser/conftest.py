"""For tests in a real browser: `lab` (JupyterLab), `offline` (an exported page), `place` (the one, then the other).

    def test_a_widget(place):
        shown = place(["from unrolled.widgets import explore", "explore(…)"])    # or the path of a notebook
        shown.widget("explore").get_by_role("slider").press("ArrowRight")

After each test: no console error, no error of a script, and no request to anything but this server (this file).
Without Chromium the folder is skipped, and so are its pages without their scripts; under CI both are failures. An
environment variable UNROLLED_CHROMIUM names another browser.
"""

import ast
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from urllib.error import URLError
from urllib.request import Request, urlopen

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tests.patience import patience
from tests.watch import Watch, unavailable
from tools.execute import execute
from tools.export import page, write
from tools.page_scripts import Missing, scripts

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "build" / "screenshots"
BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]
NO_BROWSER = "no Chromium was found on PATH (UNROLLED_CHROMIUM may name one)"
QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-gpu"]
AM_ROOT = getattr(os, "geteuid", lambda: 1)() == 0
# As `make lab` starts it: with no flag that its reader would not get. The tests' server is always on loopback.
LAB_OPTIONS = ["--no-browser", *(["--allow-root"] if AM_ROOT else []), "--ip=127.0.0.1"]
LAB_SETTINGS = {  # no news, no look for updates; all else, as scrolling, as readers have it
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False}
}
PANEL = "window.jupyterapp?.shell.currentWidget"
READY = f"{PANEL}?.context?.isReady && {PANEL}.sessionContext?.session?.kernel?.status === 'idle'"
NO_SPLASH = "!document.querySelector('#jupyterlab-splash')"  # it lies over the window, and takes the clicks
# One notebook at a time. It is not asked whether it should be saved; but JupyterLab's debugger has asked its kernel
# something when it was opened, and reports an error where the answer never comes. Answers come in order.
CLOSE = """async () => {
    await jupyterapp.restored;
    for (const panel of [...jupyterapp.shell.widgets("main")]) {
        const kernel = panel.sessionContext?.session?.kernel;
        const asked = kernel?.requestDebug({ type: "request", command: "debugInfo" }).done;
        await Promise.race([asked, new Promise((go) => setTimeout(go, 5000))]);
        panel.dispose();
    }
}"""
OPEN = """async (path) => { await jupyterapp.commands.execute("docmanager:open", { path }); }"""
# What the kernel was sent and has not dealt with yet; with it, a widget's last change can be waited for.
LISTEN = f"""() => {{
    const waiting = (window.waitingForKernel = new Set());
    {PANEL}.sessionContext.session.kernel.anyMessage.connect((_, {{ msg, direction }}) => {{
        if (direction === "send" && msg.channel === "shell") waiting.add(msg.header.msg_id);
        else if (msg.content.execution_state === "idle") waiting.delete(msg.parent_header.msg_id);
    }});
}}"""
RUN = """async () => {
    window.ranAll = false;
    await jupyterapp.commands.execute("notebook:clear-all-cell-outputs");
    jupyterapp.commands.execute("notebook:run-all-cells").finally(() => { window.ranAll = true; });
}"""
SCROLL = """async () => {
    const panel = document.querySelector(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-WindowedPanel-outer");
    const drawn = () => new Promise((go) => requestAnimationFrame(() => setTimeout(go)));
    for (const way of [1, -1])
        for (let before = -1; before !== panel.scrollTop; await drawn()) {
            before = panel.scrollTop;
            panel.scrollTop += way * 0.9 * panel.clientHeight;
        }
}"""
EVALUATE = f"""async (code) => {{
    const kernel = {PANEL}.sessionContext.session.kernel;
    const reply = await kernel.requestExecute({{ code: "", silent: true, user_expressions: {{ value: code }} }}).done;
    return reply.content.user_expressions.value;
}}"""
# In a page, every view of a widget has been drawn beside the script that asks for it.
ALIVE = """() => {
    const asked = document.querySelectorAll("script[type='application/vnd.jupyter.widget-view+json']");
    return [...asked].every((script) => script.parentElement.querySelector(".widget-subarea")?.childElementCount);
}"""
AS_JSON = "__import__('json').dumps({}, default=lambda o: o.tolist() if hasattr(o, 'tolist') else repr(o))"


class Place:
    """What both places share. .page is Playwright's page, .kind is "lab" or "page"."""

    kind = None

    def __init__(self, page, test):
        self.page, self._test, self._theme = page, test, "light"

    def widget(self, name, nth=0, wait=15_000):
        """The widget `name`, number nth on the page; fails where none has come after so many milliseconds."""
        found = self.page.locator(f".unrolled[data-widget={json.dumps(name)}]").nth(nth)
        try:
            found.wait_for(state="attached", timeout=wait * patience())
        except Exception:
            there = self.page.locator(".unrolled").evaluate_all("all => all.map((e) => e.dataset.widget)")
            raise AssertionError(f"no widget {name!r} number {nth}; there are {there}") from None
        return found

    def screenshot(self, name=None):
        """Keep a picture in build/screenshots: of the first widget `name`, or of what the window shows."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        kind = None if self.kind in self._test.split("-") else self.kind
        parts = [part for part in (self._test, kind, name, self._theme) if part]
        path = SCREENSHOTS / f"{'-'.join(parts)}.png"
        (self.widget(name) if name else self.page).screenshot(path=path)
        return path

    def pause(self, milliseconds):
        """Let so much time pass, or more where the machine is busy: for what may not come, or comes unseen."""
        self.page.wait_for_timeout(milliseconds * patience())


class Lab(Place):
    """A notebook of this server's in the JupyterLab of this page, run to its end."""

    kind = "lab"

    def __init__(self, page, test, server, path, timeout):
        super().__init__(page, test)
        if not page.url.startswith(server.url):
            page.goto(f"{server.url}lab?reset&token={server.token}")
            page.wait_for_function(f"window.jupyterapp && {NO_SPLASH}", timeout=60_000 * patience())
        page.evaluate(CLOSE)
        server.end_kernels()
        page.evaluate(OPEN, path.relative_to(server.root).as_posix())
        page.wait_for_function(READY, timeout=60_000 * patience())
        page.evaluate(LISTEN)
        self.run(timeout)

    def run(self, timeout):
        """Run All; where it was run before, all names, widgets and outputs are made anew."""
        self.theme("light")
        self.page.evaluate(RUN)
        self.page.wait_for_function("window.ranAll", timeout=1000 * timeout * patience())
        for number, cell in enumerate(self.cells()):
            for output in cell.get("outputs", []):
                if output["output_type"] == "error":
                    raise AssertionError(f"cell {number} failed:\n{plain(chr(10).join(output['traceback']))}")
        self.settle()

    def cells(self):
        """The cells of the notebook with their outputs, as they would be stored."""
        return self.page.evaluate(f"{PANEL}.content.model.toJSON().cells")

    def settle(self):
        """Wait until the kernel has dealt with all that it was sent."""
        self.page.wait_for_function("window.waitingForKernel.size === 0")

    def kernel(self, expression):
        """The value of a Python expression in the notebook's kernel, after all that the widgets sent was dealt with.

        It comes as JSON: arrays and tuples as lists, what JSON does not know as its repr.
        """
        self.settle()
        reply = self.page.evaluate(EVALUATE, AS_JSON.format(f"({expression})"))
        if reply["status"] == "error":
            raise AssertionError(f"{expression}: {reply['ename']}: {reply['evalue']}")
        return json.loads(ast.literal_eval(reply["data"]["text/plain"]))

    def scroll_through(self):
        """From the top of the notebook to its end and back, nearly a window's height at a time."""
        self.page.evaluate(SCROLL)

    def theme(self, name):
        """JupyterLab in its "dark" or "light" theme."""
        light = "true" if name == "light" else "false"
        self.page.evaluate(
            """async ([title, light]) => {
                if (document.body.dataset.jpThemeLight !== light)
                    await jupyterapp.commands.execute("apputils:change-theme", { theme: title });
            }""",
            [f"JupyterLab {name.capitalize()}", light],
        )
        self.page.wait_for_function(f"document.body.dataset.jpThemeLight === '{light}' && {NO_SPLASH}")
        self._theme = name


class Page(Place):
    """An exported page, opened from its file with the network off."""

    kind = "page"

    def __init__(self, page, test, path):
        super().__init__(page, test)
        page.goto(path.as_uri())
        page.wait_for_function(ALIVE, timeout=60_000 * patience())
        page.evaluate("window.MathJax.startup.promise")

    def kernel(self, expression):
        raise AssertionError("a page has no kernel: what is on the page is all there is")

    def theme(self, name):
        """The page as it is marked for a dark or a light theme."""
        self.page.evaluate("(light) => { document.body.dataset.jpThemeLight = light; }", str(name == "light").lower())
        self._theme = name


def plain(text):
    """The text of a traceback without the colours of a terminal."""
    return re.sub(r"\x1b\[[\d;]*m", "", text)


def notebook(cells, folder):
    """A notebook's file in the folder: of these cells' sources, or a copy of the notebook at this path."""
    if isinstance(cells, str | Path):
        content = nbformat.read(cells, as_version=4)
        path = folder / Path(cells).name
    else:
        content = new_notebook(cells=[new_code_cell(source) for source in cells])
        content.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        path = folder / "cells.ipynb"
    nbformat.write(content, path)
    return path


def chromium():
    """How Playwright starts the Chromium that is installed here, never a download of its own; None: there is none."""
    named = os.environ.get("UNROLLED_CHROMIUM")
    found = [path for name in ([named] if named else BROWSERS) if (path := shutil.which(name))]
    sandbox = ["--no-sandbox"] if AM_ROOT else []  # it does not start for root
    return {"executable_path": found[0], "args": [*QUIET, *sandbox]} if found else None


@pytest.fixture(scope="session")
def browser_type_launch_args():
    """For pytest-playwright."""
    return (chromium() or unavailable(NO_BROWSER)) | {"timeout": 60_000 * patience()}


@pytest.fixture(scope="session")
def browser_context_args():
    """For pytest-playwright: the window of each test."""
    return {"viewport": {"width": 1360, "height": 1000}}


class Server:
    """A JupyterLab of our own: on loopback, at a fresh port, with a random token and folders of its own."""

    def __init__(self, folder):
        self.root, self.runtime = folder / "root", folder / "runtime"
        self.root.mkdir()
        for name, settings in LAB_SETTINGS.items():
            path = folder / f"config/lab/user-settings/@jupyterlab/{name}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(settings), "utf-8")
        own = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime"}
        own = {name: str(folder / part) for name, part in {**own, "IPYTHONDIR": "ipython"}.items()}
        self.token = secrets.token_hex(16)
        options = [*LAB_OPTIONS, "--port=0", f"--ServerApp.root_dir={self.root}"]
        options += ["--LabApp.expose_app_in_browser=True", "--LabApp.extension_manager=readonly"]
        self.log = folder / "server.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, Path(__file__).with_name("server.py"), *options],
                env={**os.environ, **own, "JUPYTER_TOKEN": self.token},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the tests: they end the server
            )
        self.url = self._started()

    def _started(self):
        """The server's address, once it answers there."""
        for _ in range(round(600 * patience())):
            for path in self.runtime.glob("jpserver-*.json"):
                try:
                    self.url = json.loads(path.read_text("utf-8"))["url"]
                    self.request("api")
                except (json.JSONDecodeError, URLError):  # the file is being written; nobody listens yet
                    continue
                return self.url
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise RuntimeError(f"JupyterLab did not start:\n{self.log.read_text('utf-8')[-3000:]}")

    def folder(self, name):
        """A new folder for a notebook."""
        return Path(mkdtemp(prefix=f"{name}-", dir=self.root))

    def request(self, path, method="GET"):
        """What the server's REST interface answers."""
        request = Request(f"{self.url}{path}", method=method, headers={"Authorization": f"token {self.token}"})
        with urlopen(request, timeout=30 * patience()) as reply:
            return json.loads(reply.read() or "null")

    def end_kernels(self):
        """No test finds the kernels of another."""
        for kernel in self.request("api/kernels"):
            self.request(f"api/kernels/{kernel['id']}", "DELETE")

    def stop(self):
        """End the server, and with it its kernels."""
        self.process.stdin.close()
        try:
            self.process.wait(timeout=30 * patience())
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@pytest.fixture(scope="session")
def jupyter_server(browser_type_launch_args, tmp_path_factory):
    """One JupyterLab for all tests of this process."""
    server = Server(tmp_path_factory.mktemp("jupyter"))
    yield server
    server.stop()


@pytest.fixture
def test_name(request):
    """The test's name and its parameters, as a file may be called."""
    return re.sub(r"\W+", "-", request.node.name.replace("chromium", "")).strip("-")


@contextmanager
def watching(new_context):
    """open(home, offline=…): a browser context; what goes wrong in it is an error at the end."""
    watches = []

    def open_context(home, **how):
        context = new_context(**how)
        watches.append(Watch(context, home))
        return context

    yield open_context
    for watch in watches:
        watch.check()


@pytest.fixture
def watched(new_context):
    """watched(home, offline=…): a browser context; what goes wrong in it fails the test at its end."""
    with watching(new_context) as open_context:
        yield open_context


class Window:
    """A window with JupyterLab, which the tests of this process share until one of them fails."""

    def __init__(self, server, browser, options):
        self.server, self.browser, self.options = server, browser, options
        self.context = self.page = self.watch = self.cells = self.lab = None

    def show(self, cells, test, timeout, again=False):
        """The Lab of these cells, run from the top; again: in the notebook that is open, if it has the same ones."""
        if not self.context:
            self.context = self.browser.new_context(**self.options)
            self.watch = Watch(self.context, self.server.url)
            self.page = self.context.new_page()
        self.page.set_viewport_size(self.options["viewport"])
        self.page.emulate_media(reduced_motion="null")
        self.page.mouse.move(0, 0)
        if again and self.cells == cells:
            self.lab._test = test
            self.lab.run(timeout)
        else:
            self.cells = None
            self.lab = Lab(self.page, test, self.server, notebook(cells, self.server.folder(test)), timeout)
            self.cells = cells if again else None  # what a test does to a notebook of its own, no other finds
        return self.lab

    @contextmanager
    def watched(self, session):
        """What goes wrong in it meanwhile is an error at the end; if a test fails, the next has another window."""
        failed = session.testsfailed
        yield
        if session.testsfailed > failed:
            self.close()
        if self.watch:
            self.watch.check()

    def close(self):
        """Close the window, and end its kernel."""
        if self.context:
            self.context.close()
            self.server.end_kernels()
        self.context = self.cells = None


@pytest.fixture(scope="session")
def window(jupyter_server, browser, browser_context_args):
    """The window of this process."""
    window = Window(jupyter_server, browser, browser_context_args)
    yield window
    window.close()


@pytest.fixture
def watched_window(window, request):
    """The window, in which nothing may go wrong; after a test that failed, the next one gets another."""
    with window.watched(request.session):
        yield window


@pytest.fixture
def lab(watched_window, test_name):
    """lab(cells, timeout=120): these cells, or the notebook at this path, in a kernel of their own, run: a Lab."""
    return lambda cells, timeout=120: watched_window.show(cells, test_name, timeout)


@pytest.fixture
def lab_again(watched_window, test_name):
    """Like lab, in the kernel of the test before, if that asked for the same cells."""
    return lambda cells, timeout=120: watched_window.show(cells, test_name, timeout, again=True)


@pytest.fixture(scope="session")
def page_scripts():
    """The scripts of the pages: nothing is downloaded while tests run."""
    try:
        return scripts()
    except Missing as missing:
        unavailable(str(missing))


@pytest.fixture(scope="session")
def exported(page_scripts, tmp_path_factory):
    """exported(cells, timeout): the page of these cells, or of the notebook at this path. Each is made once.

    Its widgets paint no still pictures: those are looked at on the handouts.
    """
    folder, pages = tmp_path_factory.mktemp("pages"), {}

    def export(cells, timeout):
        if (key := str(cells)) not in pages:
            executed, _, error = execute(notebook(cells, folder), timeout, {"UNROLLED_STILLS": "0"})
            assert error is None, plain(str(error))
            pages[key] = folder / f"{len(pages)}.html"
            write(pages[key], page(executed, "cells", page_scripts))
        return pages[key]

    return export


@pytest.fixture
def offline(exported, watched, test_name):
    """offline(cells, timeout=120): the same as a page, opened from its file with the network off: a Page."""

    def show(cells, timeout=120):
        path = exported(cells, round(timeout * patience()))
        return Page(watched(path.as_uri(), offline=True).new_page(), test_name, path)

    return show


@pytest.fixture(params=["lab", "page"])
def place(request, browser_name):
    """JupyterLab, then an exported page: the same operations must work in both.

    browser_name is a parameter of every test that asks for a browser: without it here, pytest would start another one.
    """
    return request.getfixturevalue({"lab": "lab_again", "page": "offline"}[request.param])
