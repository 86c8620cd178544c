"""Notebook 7: each widget, and a lesson from its first cell to its last control, as in JupyterLab.

Notebook is an extra of its own. `make test NOTEBOOK=1` installs it; .ci/run does.
"""

import importlib.util
import json

import pytest

from tests.browser.conftest import LISTEN, READY, Lab, Place, Server, notebook
from tests.browser.test_every_widget import ACTS, ONE, SEEN, act
from tests.browser.test_lessons import NOTEBOOKS, OTHERS, SECONDS, SHOWN
from tests.controls import idle
from tests.patience import patience
from tests.watch import Watch

# Notebook's own, before it opens anything (7.6.5): it reads the settings of a plugin before they are there.
LOADING = "page error: Cannot read properties of undefined (reading 'schema')"
LESSON = NOTEBOOKS / "07_gradient_flow.ipynb"
INSTALLED = importlib.util.find_spec("notebook")
pytestmark = pytest.mark.skipif(not INSTALLED, reason="Notebook 7 is not installed: make test NOTEBOOK=1")


class Notebook7(Lab):
    """A notebook in Notebook 7, run to its end: what its page can do is asked of the same commands as JupyterLab's."""

    def __init__(self, page, test, server, path, timeout):
        Place.__init__(self, page, test)
        page.goto(f"{server.url}notebooks/{path.relative_to(server.root).as_posix()}?token={server.token}")
        page.wait_for_function(READY, timeout=60_000 * patience())
        page.evaluate(LISTEN)
        self.run(timeout)


@pytest.fixture(scope="module")
def server(browser_type_launch_args, tmp_path_factory):
    """A server that shows a notebook in Notebook 7, which hands out its application as the tests' JupyterLab does."""
    folder = tmp_path_factory.mktemp("notebook7")
    (folder / "own").mkdir()
    settings = {"JupyterNotebookApp": {"expose_app_in_browser": True}}
    (folder / "own/jupyter_server_config.json").write_text(json.dumps(settings), "utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("JUPYTER_CONFIG_PATH", str(folder / "own"))
        server = Server(folder)
    yield server
    server.stop()


@pytest.fixture
def opened(server, new_context, test_name):
    """opened(cells, timeout=120): these cells, or the notebook at this path, run to the end in Notebook 7."""

    context = new_context()
    watch = Watch(context, server.url)

    def show(cells, timeout=120):
        path = notebook(cells, server.folder(test_name))
        return Notebook7(context.new_page(), test_name, server, path, timeout)

    yield show
    server.end_kernels()
    assert [fault for fault in watch.faults if fault != LOADING] == []


def test_every_widget_answers_and_its_kernel_hears_it(opened):
    shown = opened(ONE)
    assert shown.page.evaluate("document.body.dataset.notebook") == "notebooks"  # it is Notebook, and not JupyterLab
    for name in ACTS:
        widget = shown.widget(name)
        before = widget.evaluate(SEEN)
        act(widget, name)
        assert widget.evaluate(SEEN) != before, name
    assert shown.kernel("explore.numbers") == {"a": 1.0}
    assert shown.kernel("predict.chosen") == "one"
    assert shown.kernel("sketchpad.array.max()") == 1
    for theme in ("light", "dark"):
        shown.theme(theme)
        shown.screenshot()


def test_a_lesson_runs_keeps_what_it_shows_and_every_widget_answers(opened):
    shown = opened(LESSON, timeout=SECONDS)
    assert shown.page.locator(OTHERS).count() == 0
    shown.scroll_through()
    before = shown.page.evaluate(SHOWN)
    shown.scroll_through()
    assert shown.page.evaluate(SHOWN) == before
    assert idle(shown.page, kernel=True, which=".unrolled:not([data-widget=predict])") == {}
    for question in shown.page.locator("[data-widget=predict]").all():
        question.locator("[data-name=A]").press("Enter")
        question.get_by_text("You chose A.").wait_for()
