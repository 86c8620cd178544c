"""Set up for every test: no window is opened, hypothesis sets no deadline, and pictures in notebooks have alt text."""

import matplotlib
import pytest
from hypothesis import settings

matplotlib.use("Agg")
# A shared machine is slow at times, and that is no failure. The same examples each time: red means that code changed.
settings.register_profile("unrolled", settings(), deadline=None, derandomize=True)
settings.load_profile("unrolled")


class AltText:
    """A cell of a notebook that shows a picture without alt text fails, wherever the picture came from."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item):
        result = yield
        for output in getattr(item, "test_outputs", None) or []:  # what nbval kept of the run
            pictures = [kind for kind in output.get("data", {}) if kind.startswith("image/")]
            if any(not output["metadata"].get(kind, {}).get("alt") for kind in pictures):
                item.raise_cell_error("Cell shows a picture without alt text: use plots.show(fig, alt=…)")
        return result


def pytest_configure(config):
    # As a plugin: a hook in this file would not see the notebooks, which stand in another folder.
    config.pluginmanager.register(AltText())
