"""Set up for every test: no window opens, no example has a deadline; notebooks get time, and alt text is asked for."""

import signal

import matplotlib
import pytest
from hypothesis import settings

from tests.patience import patience

matplotlib.use("Agg")
# A shared machine is slow at times, and that is no failure. The same examples each time: red means that code changed.
settings.register_profile("unrolled", settings(), deadline=None, derandomize=True)
settings.load_profile("unrolled")


class Notebooks:
    """For nbval: time as the machine's load asks for it; and a cell that shows a picture without alt text fails."""

    LIMITS = "nbval_cell_timeout", "nbval_kernel_startup_timeout"

    def __init__(self, options):
        self.limits = {name: vars(options)[name] for name in self.LIMITS if name in vars(options)}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item):
        for name, seconds in self.limits.items():
            setattr(item.config.option, name, seconds * patience())
        if hasattr(item, "output_timeout"):  # seconds from a cell's end to what it printed
            item.output_timeout = 5 * patience()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item):
        result = yield
        for output in getattr(item, "test_outputs", None) or []:  # what nbval kept of the run
            pictures = [kind for kind in output.get("data", {}) if kind.startswith("image/")]
            if any(not output["metadata"].get(kind, {}).get("alt") for kind in pictures):
                item.raise_cell_error("Cell shows a picture without alt text: use plots.show(fig, alt=…)")
        return result


def pytest_configure(config):
    # What a script starts by & ignores Ctrl-C, and so would all that a test starts and interrupts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # As a plugin: a hook in this file would not see the notebooks, which stand in another folder.
    config.pluginmanager.register(Notebooks(config.option))
